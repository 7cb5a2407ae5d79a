//! What leaves the store, and when.

use super::*;
use crate::embedded::outbox::PendingSample;

const DAY: f64 = 86_400.0;

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}

#[tokio::test]
async fn pruning_forgets_what_is_too_old_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut records = Vec::new();
    for day in 0..60 {
        let date = NOON - f64::from(day) * DAY;
        records.push(record("/young", date, Some(1.0), 0.1));
        if day > 40 {
            records.push(record("/old", date, Some(0.0), 0.1));
        }
    }
    // More of one moment than one step removes.
    for i in 0..12_000 {
        records.push(record(
            &format!("/many/{i}"),
            NOON - 50.0 * DAY,
            Some(1.0),
            0.1,
        ));
    }
    store.append(records).await.expect("kept");
    // What comes later folds what was there; half of it stays recent.
    for part in ["/young", "/old", "/many/0"] {
        let date = NOON - 50.0 * DAY;
        store
            .append(vec![record(part, date - DAY, Some(1.0), 0.1)])
            .await
            .expect("kept");
        store
            .append(vec![record("/young", NOON, Some(1.0), 0.1)])
            .await
            .expect("kept");
    }
    for days in [0.0, 399.0, 401.0] {
        let message = format!("{days} days ago");
        let date = NOON - days * DAY;
        store
            .import_note(Note::new(message, date))
            .await
            .expect("kept");
        let given = KeptAcknowledgement {
            path: "/young".into(),
            date,
            note: None,
            by: None,
        };
        store.acknowledged(vec![given]).await.expect("kept");
    }
    // The row that an unreachable target waits for outlives `raw`.
    let fed = store.feed("target", "agent");
    let waiting = record("/waiting", NOON - 50.0 * DAY, Some(0.0), 0.1);
    store.append(vec![waiting]).await.expect("kept");

    drop(fed);

    store
        .prune(NOON, days(30), days(400))
        .await
        .expect("pruned");
    let young = everything(&store, "/young").await;
    assert_eq!(young.points.len(), 31 + 3);
    assert_eq!(young.count, 60 + 4, "rollups count what is gone");
    let old = everything(&store, "/old").await;
    assert_eq!(old.points, [], "its samples are gone");
    assert_eq!(old.count, 19 + 1, "what they came to is not");
    assert!(old.uptime.is_some_and(|uptime| uptime < 0.1), "{old:?}");
    assert_eq!(store.paths().await.expect("paths"), ["/young"]);
    let notes = async || store.notes(None, (0.0, 4e9)).await.expect("notes").len();
    assert_eq!(notes().await, 3, "the history is not as old as `keep` yet");
    let pending = store.pending("target", 10).await.expect("rows");
    let [
        Pending {
            what: OutboxContent::Sample(PendingSample { path, cause, .. }),
            ..
        },
    ] = &pending[..]
    else {
        panic!("one sample waits: {pending:?}");
    };
    assert_eq!(path, "/waiting");
    assert!(cause.is_some(), "its cause has been kept for it");

    store.prune(NOON, days(30), days(45)).await.expect("pruned");
    assert_eq!(notes().await, 1);
    let given = store.acknowledgements(0.0, 4e9).await.expect("an answer");
    assert_eq!(given.len(), 1, "{given:?}");
    let left = async || store.left("target").await.expect("a number");
    assert_eq!(left().await, 1, "it has just come, whatever its date is");
    for day in 1..=46 {
        let date = NOON + f64::from(day) * DAY;
        let one = record("/young", date, Some(1.0), 0.1);
        store.append(vec![one]).await.expect("kept");
        store.prune(date, days(30), days(45)).await.expect("pruned");
        assert_eq!(
            left().await,
            u64::from(day < 45),
            "keep is the bound: {day}"
        );
    }
    let again = record("/old", NOON, Some(0.0), 0.1);
    store.append(vec![again]).await.expect("kept");
    let series = everything(&store, "/old").await;
    assert!(
        series.points[0].cause.is_some(),
        "names that were forgotten come back"
    );
}

#[tokio::test]
async fn the_outbox_is_emptied_by_acknowledgement_only() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let one = |i: u32| vec![record("/a", NOON + f64::from(i), Some(1.0), 0.1)];
    store.append(one(0)).await.expect("kept");
    let _first = store.feed("first", "here");
    store.append(one(1)).await.expect("kept");
    let second = store.feed("second", "there");
    store.append(one(2)).await.expect("kept");
    store
        .import_note(Note::new("a note", NOON))
        .await
        .expect("kept");
    let left = async |key: &str| store.left(key).await.expect("a number");
    assert_eq!(
        (left("first").await, left("second").await),
        (3, 2),
        "from when each was named"
    );

    let rows = store.pending("first", 2).await.expect("rows");
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].agent.as_str(), rows[0].date), ("here", NOON + 1.0));
    store
        .acknowledge("first", rows[1].seq)
        .await
        .expect("removed");
    assert_eq!((left("first").await, left("second").await), (1, 2));
    let rows = store.pending("first", 9).await.expect("rows");
    assert_eq!(rows[0].what, OutboxContent::Note(Note::new("a note", NOON)));
    store
        .acknowledge("first", rows[0].seq)
        .await
        .expect("removed");

    drop(second);
    store.append(one(3)).await.expect("kept");
    let rows = store.pending("first", 9).await.expect("rows");
    assert_eq!(rows[0].seq, 4, "a number is never used twice");
    assert_eq!(left("second").await, 2, "what waited still waits");
}

/// Recent, folded by the hour, folded because many have come: a reader sees no difference.
#[tokio::test]
async fn folding_changes_nothing_that_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let recent = async || {
        let rows = store.inner.shared.readers.query(|c| {
            c.query_row("SELECT count(*) FROM recent", [], |row| {
                row.get::<_, i64>(0)
            })
        });
        rows.await.expect("a count")
    };
    let (mut kept, mut most) = (0, 0);
    for round in 0..240_u32 {
        // Four hours: an empty beginning, then far more than are left to gather.
        let paths = if round < 120 { 2 } else { 1_000 };
        // A moment before each full minute, and so before each full hour.
        let date = NOON - 0.25 + f64::from(round) * 60.0;
        let one = |i| record(&format!("/{i}"), date + f64::from(i) / 1e3, Some(1.0), 0.1);
        store
            .append((0..paths).map(one).collect())
            .await
            .expect("kept");
        kept += 1;
        let rows = recent().await;
        most = most.max(rows);
        // Since round 61 another hour runs; what came before is not recent any more.
        assert!(
            round != 100 || rows == 2 * 40,
            "an hour is folded when it is over: {rows}"
        );
        let series = everything(&store, "/1").await;
        assert_eq!(series.count, kept, "round {round}, {rows} of them recent");
        assert!(
            series.points.is_sorted_by(|a, b| a.date < b.date),
            "round {round}"
        );
    }
    assert!(
        (50_000..52_000).contains(&most),
        "they are folded when many: {most}"
    );
    let part = query("/999", NOON + 121.5 * 60.0, NOON + 200.5 * 60.0, 1_000);
    assert_eq!(store.series(part).await.expect("a part").count, 79);
}

/// A file of version 8, with an acknowledgement that names nobody.
#[tokio::test]
async fn who_acknowledged_is_kept_beside_what_an_older_file_has() {
    let dir = tempfile::tempdir().expect("a folder");
    let given = |date: f64, by: Option<&str>| KeptAcknowledgement {
        path: "/young".into(),
        date,
        note: Some("the vendor knows".into()),
        by: by.map(str::to_owned),
    };
    let store = Embedded::open(dir.path()).expect("a new store");
    let old = given(NOON, None);
    store.acknowledged(vec![old.clone()]).await.expect("kept");
    store.close().await;
    let connection = Connection::open(dir.path().join(FILE)).expect("the file");
    connection
        .execute_batch(&format!("{AS_VERSION_8} PRAGMA user_version = 8"))
        .expect("as version 8 had it");
    drop(connection);
    let store = Embedded::open(dir.path()).expect("an older file");
    let new = given(NOON + 1.0, Some("anna@desk"));
    store.acknowledged(vec![new.clone()]).await.expect("kept");
    let kept = store.acknowledgements(0.0, 4e9).await.expect("an answer");
    assert_eq!(kept, [old, new]);
    store.close().await;
}
