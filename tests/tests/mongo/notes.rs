//! Notes about everything or one path, changed and removed in a MongoDB that others write to.

use std::sync::Arc;

use bson::doc;
use serde_json::Value;
use tempfile::TempDir;
use up_core::{Note, NoteEdit};
use up_history::mongo::{Feed, FeedState, FleetHistory, FleetScope, MongoStore};
use up_history::{Store as _, note_id};
use up_tests::mongod::Mongod;
use up_tests::up::Up;

use crate::site::{
    NOON, append, check_exactly_once, collection, count, feed, open, series, until,
    until_all_is_there,
};
use crate::users::Users;

/// A configuration that writes to a MongoDB.
fn config(uri: &str) -> String {
    format!(
        "name = \"Site\"\n[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = [\"true\"]\n\
         [[sink]]\ntype = \"mongo\"\nuri = \"{uri}\"\n"
    )
}

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

/// A user who may add documents and not remove them leaves a removed note there. What waits behind it is
/// written all the same, and it is said for as long as no note could be removed.
#[tokio::test]
async fn a_note_that_may_not_be_removed_is_said_and_holds_up_nothing() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let feed = feed(&store, &users.uri("writer"));
    let note = Note::new("it stays", NOON);
    let edits = [
        NoteEdit::add(note.clone(), NOON),
        NoteEdit::remove(note.clone(), NOON),
    ];
    for edit in edits {
        store.edit_notes(edit).await.expect("kept");
    }
    append(&store, series("/behind", 0, 5)).await;
    let unremoved = |state: &FeedState| match state {
        FeedState::Ok { lag: 0, unremoved } => unremoved.clone(),
        _ => None,
    };
    until(&feed, "it is said", |state| unremoved(state).is_some()).await;
    let said = unremoved(&feed.state().borrow()).unwrap_or_default();
    assert!(said.contains("still has the note “it stays”"), "{said}");
    check_exactly_once(&users.uri("root"), "/behind", 5).await;
    feed.stop().await;

    // Another user may remove it.
    let feed = Feed::spawn(store.clone(), &users.uri("root"), "up", "agent").expect("a target");
    let again = NoteEdit::remove(note, NOON);
    store.edit_notes(again).await.expect("kept");
    until_all_is_there(&feed).await;
    assert_eq!(unremoved(&feed.state().borrow()), None);
    let left = count(&users.uri("root"), "annotations", doc! {}).await;
    assert_eq!(left, 0);
    feed.stop().await;
}

/// `up note` says it too, and the note is listed for as long as the MongoDB has it.
#[tokio::test]
async fn a_note_that_may_not_be_removed_is_said_on_the_command_line() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let up = Up::with(config(&users.uri("writer")));
    assert_eq!(up.run(["note", "it stays"]).err, "");
    let listed = || up.run(["history", "notes"]).out;
    let before = listed();
    let (id, _) = before.split_once(' ').expect("a note with its ID");
    let ran = up.run(["note", "--remove", id]);
    let said = "still has the note “it stays”: its user may not remove documents";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert_eq!(listed(), before);
}

/// What waits for one MongoDB is for that one. It is not among the notes of another, and not lost.
#[tokio::test]
async fn what_waits_for_a_mongodb_is_not_among_the_notes_of_another() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let annotations = collection(&uri, "annotations").await;
    let theirs = doc! { "message": "theirs", "date": NOON };
    annotations.insert_one(theirs).await.expect("written");
    let up = Up::with(config("mongodb://127.0.0.1:1"));
    let ran = up.run(["note", "it waits"]);
    assert!(ran.err.contains("not being written"), "{}", ran.err);
    let messages = || {
        let listed = up.run(["history", "notes", "--json"]).out;
        let listed: Value = serde_json::from_str(&listed).expect("JSON");
        let listed = listed["notes"].as_array().expect("notes").iter();
        let messages = listed.map(|note| note["message"].as_str().expect("a message").to_owned());
        messages.collect::<Vec<_>>()
    };
    assert_eq!(messages(), ["it waits"]);
    up.write("up.toml", config(&uri));
    assert_eq!(messages(), ["theirs"]);
    up.write("up.toml", config("mongodb://127.0.0.1:1"));
    assert_eq!(messages(), ["it waits"]);
}

/// An Up was killed when the MongoDB had a batch and had not been heard to have it. What another Up did to the
/// notes meanwhile stays when the batch is written again.
#[tokio::test]
async fn a_batch_that_is_written_again_undoes_nothing() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let asked = MongoStore::open(&uri, "up").expect("a store");
    let other_dir = tempfile::tempdir().expect("a folder");
    let other = open(other_dir.path());
    let other_feed = Feed::spawn(other.clone(), &uri, "up", "other").expect("a target");
    let (first, second) = (Note::new("first", NOON), Note::new("second", NOON + 1.0));
    other
        .edit_notes(NoteEdit::add(second.clone(), NOON))
        .await
        .expect("kept");
    until_all_is_there(&other_feed).await;

    let [before, killed] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let store = open(before.path());
    let named = Feed::prepare(&store, &uri, "up", "agent").expect("a target");
    let edits = [
        NoteEdit::add(first.clone(), NOON),
        NoteEdit::remove(second.clone(), NOON),
    ];
    for edit in edits {
        store.edit_notes(edit).await.expect("kept");
    }
    drop(named);
    store.close().await;
    let kept = |dir: &TempDir| dir.path().join("history.db");
    std::fs::copy(kept(&before), kept(&killed)).expect("copied");

    let edits = [
        NoteEdit::remove(first, NOON),
        NoteEdit::add(second, NOON + 1.0),
    ];
    for (dir, then) in [(&killed, &edits[..]), (&before, &[])] {
        let store = open(dir.path());
        let feed = feed(&store, &uri);
        until_all_is_there(&feed).await;
        feed.stop().await;
        for edit in then {
            other.edit_notes(edit.clone()).await.expect("kept");
        }
        until_all_is_there(&other_feed).await;
        let found = asked.notes(None, (0.0, 4e9)).await.expect("notes");
        let found: Vec<_> = found.iter().map(Note::message).collect();
        assert_eq!(found, ["second"]);
    }
    other_feed.stop().await;
}

/// What was removed from the MongoDB is not copied there from a history of before.
#[tokio::test]
async fn the_backfill_brings_nothing_back_that_was_removed_there() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [old, new] = [open(dirs[0].path()), open(dirs[1].path())];
    let (kept, gone) = (Note::new("kept", NOON), Note::new("gone", NOON));
    for note in [&kept, &gone] {
        old.edit_notes(NoteEdit::add(note.clone(), NOON))
            .await
            .expect("kept");
    }
    let other = Feed::spawn(new.clone(), &uri, "up", "other").expect("a target");
    let removal = NoteEdit::remove(gone, NOON);
    new.edit_notes(removal).await.expect("kept");
    until_all_is_there(&other).await;
    let mut feed = Feed::prepare(&old, &uri, "up", "agent").expect("a target");
    for now in [NOON + 10.0, NOON + 1_000.0, NOON + 1_000.0] {
        feed.backfill(now).await.expect("a page");
    }
    let asked = MongoStore::open(&uri, "up").expect("a store");
    let found = asked.notes(None, (0.0, 4e9)).await.expect("notes");
    assert_eq!(found, [kept]);
    other.stop().await;
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

/// The list says whose a note of a fleet is, and a change of it is refused with the reason.
#[tokio::test]
async fn a_note_of_another_agent_is_listed_as_theirs() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let note = Note::new("of one", NOON).about(Some("/Site/web".into()));
    let there =
        doc! { "message": note.message(), "date": NOON, "agent": "one", "path": "/Site/web" };
    let annotations = collection(&uri, "annotations").await;
    annotations.insert_one(there).await.expect("written");
    let fleet = |sink: &str| {
        format!(
            "name = \"Desk\"\n[[source]]\ntype = \"mongo\"\nname = \"Fleet\"\nuri = \"{uri}\"\n\
             [[sink]]\n{sink}\n"
        )
    };
    let up = Up::with(fleet("type = \"history\""));
    let path = "/Desk/Fleet/one/Site/web";
    let id = format!("one:{}", note_id(&note));
    let listed = up.run(["history", "notes", path]).out;
    assert!(listed.starts_with(&format!("{id} ")), "{listed}");
    assert!(listed.ends_with(&format!(" of one ({path})\n")), "{listed}");
    let listed = up.run(["history", "notes", path, "--json"]).out;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let found = (&listed["notes"][0]["id"], &listed["notes"][0]["agent"]);
    assert_eq!(found, (&Value::from(&*id), &Value::from("one")));
    for change in [&["--remove", &*id][..], &["--edit", &id, "mine"]] {
        let ran = up.run(["note"].iter().chain(change));
        assert_eq!(ran.code, Some(2), "{change:?}");
        let why = "is of the agent one, and not in a MongoDB to which this Up writes";
        assert!(ran.err.contains(why), "{change:?}: {}", ran.err);
    }
    // An Up that writes to the same MongoDB may change it.
    up.write(
        "up.toml",
        fleet(&format!("type = \"mongo\"\nuri = \"{uri}\"")),
    );
    let ran = up.run(["note", "--remove", &id]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
    assert_eq!(count(&uri, "annotations", doc! {}).await, 0);
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
