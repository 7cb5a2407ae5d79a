//! Notes: about everything or one path, changed and removed.

use up_core::NoteEdit;

use super::*;

fn note(message: &str, date: f64, path: Option<&str>) -> Note {
    Note::new(message, date).about(path.map(str::to_owned))
}

async fn there(store: &Embedded, path: Option<&str>) -> Vec<String> {
    let found = store.notes(path.map(str::to_owned), (0.0, 4e9)).await;
    let found = found.expect("notes").into_iter();
    found.map(Note::into_message).collect()
}

#[tokio::test]
async fn a_path_has_its_notes_and_those_of_what_is_above_and_below() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let abouts = [
        None,
        Some("/R"),
        Some("/R/a"),
        Some("/R/a/b"),
        Some("/R/ab"),
        Some("/R/a%"),
        Some("/R/_"),
    ];
    for (at, about) in abouts.into_iter().enumerate() {
        let given = note(about.unwrap_or("all"), NOON + at as f64, about);
        store.import_note(given).await.expect("kept");
    }
    for path in [
        "/R", "/R/a", "/R/a/b", "/R/ab", "/R/a%", "/R/_", "/R/x", "/Q",
    ] {
        let expected: Vec<&str> = abouts
            .into_iter()
            .filter(|about| note("", 0.0, *about).concerns(path))
            .map(|about| about.unwrap_or("all"))
            .collect();
        assert_eq!(there(&store, Some(path)).await, expected, "{path}");
    }
    assert_eq!(there(&store, None).await.len(), abouts.len());
}

#[tokio::test]
async fn a_note_is_changed_removed_and_put_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let lease = store.feed("target", "here");
    let first = note("frist", NOON, None);
    let second = note("first", NOON - 60.0, Some("/R/a"));
    let steps = [
        (NoteEdit::add(first.clone(), NOON), vec!["frist"]),
        // It is put before the target again: another Up may have removed it there.
        (NoteEdit::add(first.clone(), NOON + 1.0), vec!["frist"]),
        (
            NoteEdit::replace(first.clone(), second.clone(), NOON + 2.0),
            vec!["first"],
        ),
        (NoteEdit::remove(second.clone(), NOON + 3.0), vec![]),
        (NoteEdit::add(second.clone(), NOON + 4.0), vec!["first"]),
    ];
    for (edit, expected) in steps {
        store.edit_notes(edit.clone()).await.expect("kept");
        assert_eq!(there(&store, None).await, expected, "{edit:?}");
    }
    let pending = store.pending("target", 99).await.expect("rows");
    let pending: Vec<_> = pending.into_iter().map(|row| row.what).collect();
    let expected = [
        OutboxContent::Note(first.clone()),
        OutboxContent::Note(first.clone()),
        OutboxContent::RemovedNote(first.clone()),
        OutboxContent::Note(second.clone()),
        OutboxContent::RemovedNote(second.clone()),
        OutboxContent::Note(second.clone()),
    ];
    assert_eq!(pending, expected, "in the order in which it was done");
    drop(lease);
}

#[tokio::test]
async fn an_import_brings_nothing_back_that_a_person_removed() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let (kept, gone) = (note("kept", NOON, None), note("gone", NOON, None));
    for _ in 0..2 {
        for given in [&kept, &gone] {
            store.import_note(given.clone()).await.expect("kept");
        }
        let removal = NoteEdit::remove(gone.clone(), NOON + 1.0);
        store.edit_notes(removal).await.expect("kept");
        assert_eq!(there(&store, None).await, ["kept"]);
    }
}

#[tokio::test]
async fn a_note_of_long_ago_stays_when_it_was_written_now() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let long_ago = note("long ago", NOON - 900.0 * 86_400.0, None);
    store
        .append(vec![record("/a", NOON, Some(1.0), 0.1)])
        .await
        .expect("kept");
    let edit = NoteEdit::add(long_ago, NOON);
    store.edit_notes(edit).await.expect("kept");
    let (raw, keep) = (Duration::from_hours(720), Duration::from_hours(9_600));
    store.prune(NOON, raw, keep).await.expect("pruned");
    assert_eq!(there(&store, None).await, ["long ago"]);
}

#[tokio::test]
async fn what_was_done_lately_or_waits_for_a_target_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let edits = async |since: Option<f64>, targets: &[&str]| {
        let targets = targets.iter().map(|key| (*key).to_owned()).collect();
        store.note_edits(since, targets).await.expect("edits")
    };
    let old = note("old", NOON - 900.0, None);
    let waits = note("waits", NOON - 800.0, None);
    let new = note("new", NOON - 700.0, None);
    let never = note("of a MongoDB alone", NOON - 600.0, Some("/R/a"));
    let add = |note: &Note, at: f64| NoteEdit::add(note.clone(), at);
    // Of the same time as what waits.
    let beside = note("beside", NOON - 800.0, None);
    let done = [add(&old, NOON), add(&waits, NOON + 1.0)];
    store.edit_notes(done[0].clone()).await.expect("kept");
    let before = add(&beside, NOON + 0.5);
    store.edit_notes(before).await.expect("kept");
    let lease = store.feed("target", "here");
    store.edit_notes(done[1].clone()).await.expect("kept");
    drop(lease);
    let late = Some(NOON + 2.0);
    assert_eq!(edits(late, &["target"]).await, done[1..], "it waits");
    assert_eq!(edits(None, &["other", "target"]).await, done[1..]);
    assert_eq!(edits(late, &["other"]).await, [], "it waits for another");
    let lately = [
        add(&new, NOON + 3.0),
        NoteEdit::remove(never, NOON + 4.0),
        NoteEdit::remove(new.clone(), NOON + 5.0),
    ];
    for edit in &lately {
        store.edit_notes(edit.clone()).await.expect("kept");
    }
    let expected = [done[1].clone(), lately[1].clone(), lately[2].clone()];
    assert_eq!(edits(late, &["target"]).await, expected);
    let rows = store.pending("target", 9).await.expect("rows");
    let acknowledged = store.acknowledge("target", rows[0].seq);
    acknowledged.await.expect("removed");
    assert_eq!(edits(late, &["target"]).await, lately[1..]);
    assert_eq!(edits(None, &["target"]).await, []);
}

#[tokio::test]
async fn notes_of_a_file_of_version_8_are_about_everything() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    store.close().await;
    {
        let file = Connection::open(dir.path().join("history.db")).expect("the file");
        let made = file.execute_batch(&format!(
            "{AS_VERSION_8} PRAGMA user_version = 8;
             INSERT INTO notes VALUES(1795348800000000, 'kept');"
        ));
        made.expect("as version 8 had it");
    }
    let store = Embedded::open(dir.path()).expect("it is brought to this version");
    let kept = store.notes(None, (0.0, 4e9)).await.expect("notes");
    assert_eq!(kept, [note("kept", NOON, None)]);
    let path = Some("/R/a".to_owned());
    assert_eq!(store.notes(path, (0.0, 4e9)).await.expect("notes"), kept);
}
