//! Notes about everything or one path, changed and removed in a MongoDB that others write to.

use std::sync::Arc;

use bson::doc;
use up_core::{Note, NoteEdit};
use up_history::Store as _;
use up_history::mongo::{FleetHistory, FleetScope, MongoStore};
use up_tests::mongod::Mongod;

use crate::site::{
    NOON, append, check_exactly_once, collection, feed, open, series, until_all_is_there,
};
use crate::users::Users;

/// Notes are changed and removed in the MongoDB whoever wrote them: this Up, another one or the original.
#[tokio::test]
async fn notes_are_changed_and_removed_whoever_wrote_them() {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let uri = mongod.uri();
    let annotations = collection(&uri, "annotations").await;
    let of_original = doc! { "message": "line one\nline two", "date": NOON + 0.123_456_7 };
    let of_another = doc! { "message": "theirs", "date": NOON + 1.0, "agent": "other" };
    let elsewhere = doc! { "message": "theirs", "date": NOON + 1.0, "path": "/Site/b" };
    let there = [of_original, of_another, elsewhere];
    annotations.insert_many(there).await.expect("written");
    let feed = feed(&store, &uri);
    let asked = MongoStore::open(&uri, "up").expect("a store");
    let told = async |path: Option<&str>| {
        let notes = asked.notes(path.map(str::to_owned), (0.0, 4e9)).await;
        let notes = notes.expect("notes").into_iter();
        notes.map(Note::into_message).collect::<Vec<_>>()
    };
    assert_eq!(told(None).await, ["line one line two", "theirs", "theirs"]);
    assert_eq!(told(Some("/Site/a")).await, ["line one line two", "theirs"]);

    // As the notes were read, they are removed; their dates were doubles.
    let read = asked.notes(None, (0.0, 4e9)).await.expect("notes");
    let note =
        |message: &str, path: &str| Note::new(message, NOON + 2.0).about(Some(path.to_owned()));
    let edits = [
        NoteEdit::remove(read[0].clone(), NOON),
        NoteEdit::remove(Note::new("theirs", NOON + 1.0), NOON),
        NoteEdit::add(note("frist", "/Site/a"), NOON),
        NoteEdit::add(note("frist", "/Site/a/x"), NOON),
        // Written, taken back and written again: the order counts.
        NoteEdit::remove(note("frist", "/Site/a"), NOON),
        NoteEdit::add(note("frist", "/Site/a"), NOON),
        NoteEdit::replace(note("frist", "/Site/a/x"), note("first", "/Site/a"), NOON),
    ];
    for edit in edits {
        store.edit_notes(edit).await.expect("kept");
    }
    until_all_is_there(&feed).await;
    let mut after = told(None).await;
    after.sort();
    assert_eq!(after, ["first", "frist", "theirs"]);
    assert_eq!(told(Some("/Site/b")).await, ["theirs"]);
    assert_eq!(told(Some("/Site/a/y")).await.len(), 2, "a tree above");
    assert_eq!(told(Some("/Site")).await.len(), 3, "what is below");
    feed.stop().await;
}

/// A user who may add documents and not remove them leaves a removed note there, and what waits behind
/// it is written all the same.
#[tokio::test]
async fn a_note_that_may_not_be_removed_holds_up_nothing() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let feed = feed(&store, &users.uri("writer"));
    let note = Note::new("it stays", NOON);
    let edits = [
        NoteEdit::add(note.clone(), NOON),
        NoteEdit::remove(note, NOON),
    ];
    for edit in edits {
        store.edit_notes(edit).await.expect("kept");
    }
    append(&store, series("/behind", 0, 5)).await;
    until_all_is_there(&feed).await;
    check_exactly_once(&users.uri("root"), "/behind", 5).await;
    feed.stop().await;
}

/// A viewer of a fleet sees the notes of an agent at the agent's nodes.
#[tokio::test]
async fn a_fleet_shows_the_notes_of_an_agent_where_its_paths_are() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let annotations = collection(&uri, "annotations").await;
    let note = |message: &str, agent: &str, path: Option<&str>| {
        doc! { "message": message, "date": NOON, "agent": agent, "path": path }
    };
    let there = [
        note("for all", "one", None),
        note("of one", "one", Some("/Site/web")),
        note("of two", "two", Some("/Site/web")),
        note("elsewhere", "one", Some("/Site/db")),
    ];
    annotations.insert_many(there).await.expect("written");
    let store = Arc::new(MongoStore::open(&uri, "up").expect("a store"));
    let fleet = FleetHistory::new(store, FleetScope::default(), "/Desk/Fleet");
    let path = "/Desk/Fleet/one/Site/web";
    let agent = fleet.agent(path).expect("the agent");
    let found = agent.notes(Some(path.to_owned()), (0.0, 4e9)).await;
    let found: Vec<_> = found.expect("notes").into_iter().collect();
    let mut found: Vec<_> = found
        .iter()
        .map(|note| (note.message(), note.path.as_deref()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [("for all", None), ("of one", Some(path))]);
}

/// Two Ups with one MongoDB change the same note in turn. Each sees what the other did, and undoes it.
#[tokio::test]
async fn two_ups_change_one_note_in_turn() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let stores = [open(dirs[0].path()), open(dirs[1].path())];
    let feeds = [feed(&stores[0], &uri), feed(&stores[1], &uri)];
    let asked = MongoStore::open(&uri, "up").expect("a store");
    let (first, second) = (Note::new("first", NOON), Note::new("second", NOON));
    let replace = |old: &Note, new: &Note| NoteEdit::replace(old.clone(), new.clone(), NOON);
    let steps = [
        (0, NoteEdit::add(first.clone(), NOON), Some("first")),
        (1, replace(&first, &second), Some("second")),
        (0, replace(&second, &first), Some("first")),
        (0, NoteEdit::remove(first.clone(), NOON), None),
        (1, NoteEdit::add(first.clone(), NOON), Some("first")),
        (0, NoteEdit::add(first.clone(), NOON), Some("first")),
        (0, NoteEdit::remove(first.clone(), NOON), None),
        (1, NoteEdit::remove(first.clone(), NOON), None),
    ];
    for (at, (who, edit, expected)) in steps.into_iter().enumerate() {
        stores[who].edit_notes(edit).await.expect("kept");
        until_all_is_there(&feeds[who]).await;
        let found = asked.notes(None, (0.0, 4e9)).await.expect("notes");
        let found: Vec<_> = found.iter().map(Note::message).collect();
        assert_eq!(found, Vec::from_iter(expected), "step {at}");
    }
}
