//! The embedded store as its users see it, on real files.

use std::fs;

use up_core::{Cause, CauseCode, Detail, Kind, Sample, Status};

use super::*;
use crate::{KeptCause, Point};

const NOON: f64 = 1_795_348_800.0;
const DAY: f64 = 86_400.0;

fn record(path: &str, date: f64, status: Option<f64>, duration: f64) -> Arc<Record> {
    let cause = (status != Some(1.0)).then(|| Cause::new(CauseCode::Refused, "connection refused"));
    let sample = Sample {
        status: status.and_then(Status::new),
        date,
        duration,
        cause,
        detail: Detail::default(),
    };
    Arc::new(Record {
        path: path.into(),
        kind: Kind("http"),
        sample,
    })
}

fn query(path: &str, from: f64, to: f64, most: usize) -> Query {
    Query {
        path: path.into(),
        from,
        to,
        most,
    }
}

async fn everything(store: &Embedded, path: &str) -> Series {
    let all = query(path, 0.0, 4e9, usize::MAX);
    store.series(all).await.expect("the store answers")
}

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}

#[tokio::test]
async fn what_is_appended_comes_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    // Out of order, across an hour's border, and twice the same.
    let records = vec![
        record("/Site/b", NOON + 1.0, Some(1.0), 0.1),
        record("/Site/a", NOON + 3600.25, Some(0.0), 9.5),
        record("/Site/a", NOON + 1.5, Some(1.0), 0.012_345),
        record("/Site/a", NOON + 2.5, None, 0.0),
        record("/Site/a", NOON + 2.5, None, 0.0),
        record("/Site/a", NOON + 3.0, Some(0.777_777), 0.2),
    ];
    store.append(records).await.expect("kept");
    let cause = Some(KeptCause {
        code: Some(CauseCode::Refused),
        text: "connection refused".into(),
    });
    let point = |date, status, duration, cause: &Option<KeptCause>| Point {
        date,
        status,
        duration,
        cause: cause.clone(),
    };
    let expected = Series {
        points: vec![
            point(NOON + 1.5, Some(1.0), 0.012_345, &None),
            point(NOON + 2.5, None, 0.0, &cause),
            point(NOON + 3.0, Some(0.777_777), 0.2, &cause),
            point(NOON + 3600.25, Some(0.0), 9.5, &cause),
        ],
        count: 3,
        uptime: Some((1.0 + 0.777_777) / 3.0),
        thinned: false,
    };
    assert_eq!(everything(&store, "/Site/a").await, expected);
    store.close().await;

    let store = Embedded::open(dir.path()).expect("the same store again");
    assert_eq!(
        everything(&store, "/Site/a").await,
        expected,
        "after a restart"
    );
    assert_eq!(everything(&store, "/Site/c").await, Series::default());
    assert_eq!(store.paths().await.expect("paths"), ["/Site/a", "/Site/b"]);
    let part = store
        .series(query("/Site/a", NOON + 2.5, NOON + 3600.25, 9))
        .await;
    let dates: Vec<_> = part
        .expect("a part")
        .points
        .iter()
        .map(|p| p.date)
        .collect();
    assert_eq!(dates, [NOON + 2.5, NOON + 3.0], "from is in, to is out");
}

#[tokio::test]
async fn any_sample_is_taken_and_any_question_answered() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for date in [f64::NAN, f64::INFINITY, -1e300, 0.0, 1e300] {
        let record = record("/odd", date, Some(1.0), date);
        store.append(vec![record]).await.expect("kept");
    }
    for (from, to) in [
        (f64::NAN, f64::NAN),
        (5.0, 1.0),
        (-1e300, 1e300),
        (NOON, NOON),
    ] {
        for most in [0, 1, 3, usize::MAX] {
            let series = store.series(query("/odd", from, to, most)).await;
            assert!(series.expect("an answer").points.len() <= most);
        }
    }
}

#[tokio::test]
async fn thinning_loses_no_outage_and_counts_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut records = Vec::new();
    for i in 0..10_000_u32 {
        let status = if i == 4_321 { 0.0 } else { 1.0 };
        let duration = if i == 8_765 { 7.0 } else { 0.1 };
        let date = NOON + f64::from(i) * 30.0;
        records.push(record("/Site/a", date, Some(status), duration));
        records.push(record("/Site/b", date, Some(1.0), 0.1));
    }
    store.append(records).await.expect("kept");
    // Far wider than what there is: the spans follow what is there.
    let series = store
        .series(query("/Site/a", 0.0, 4e9, 400))
        .await
        .expect("a series");
    assert!(series.thinned, "10,000 are more than 400");
    assert!(
        (150..=400).contains(&series.points.len()),
        "{}",
        series.points.len()
    );
    assert_eq!(series.count, 10_000);
    assert_eq!(series.uptime, Some(0.9999));
    let has = |date: f64| {
        series
            .points
            .iter()
            .any(|p| p.date.to_bits() == date.to_bits())
    };
    assert!(has(NOON + 4_321.0 * 30.0), "the outage is there");
    assert!(has(NOON + 8_765.0 * 30.0), "the slow answer is there");
    assert!(
        has(NOON) && has(NOON + 9_999.0 * 30.0),
        "both ends are there"
    );
    assert!(
        series.points.is_sorted_by(|a, b| a.date < b.date),
        "oldest first, none twice"
    );
}

#[tokio::test]
async fn notes_and_small_values_are_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for i in 0..1_100 {
        let note = Note {
            message: format!("note {i}"),
            date: NOON + f64::from(i),
        };
        store.note(note).await.expect("kept");
    }
    let notes = store.notes(NOON, NOON + 1_050.0).await.expect("notes");
    assert_eq!(notes.len(), 1_000, "the newest thousand");
    assert_eq!(notes[0].message, "note 50", "oldest first");
    assert_eq!(
        notes[999].message, "note 1049",
        "up to, but without, the end"
    );

    assert_eq!(store.state_get("mood").await.expect("nothing"), None);
    store.state_set("mood", "optimist").await.expect("kept");
    store.state_set("mood", "pessimist").await.expect("kept");
    let mood = store.state_get("mood").await.expect("something");
    assert_eq!(mood.as_deref(), Some("pessimist"));
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
    for days in [0.0, 399.0, 401.0] {
        let message = format!("{days} days ago");
        let date = NOON - days * DAY;
        store.note(Note { message, date }).await.expect("kept");
    }
    // The row that an unreachable target waits for outlives `raw`.
    store.feed("target", "agent");
    let waiting = record("/waiting", NOON - 50.0 * DAY, Some(0.0), 0.1);
    store.append(vec![waiting]).await.expect("kept");

    store
        .prune(NOON, days(30), days(400))
        .await
        .expect("pruned");
    assert_eq!(everything(&store, "/young").await.count, 31);
    assert_eq!(everything(&store, "/old").await, Series::default());
    assert_eq!(store.paths().await.expect("paths"), ["/young"]);
    assert_eq!(store.notes(0.0, 4e9).await.expect("notes").len(), 2);
    let pending = store.pending("target", 10).await.expect("rows");
    let [
        Pending {
            what: What::Sample { path, cause, .. },
            ..
        },
    ] = &pending[..]
    else {
        panic!("one sample waits: {pending:?}");
    };
    assert_eq!(path, "/waiting");
    assert!(cause.is_some(), "its cause has been kept for it");

    store.prune(NOON, days(30), days(45)).await.expect("pruned");
    assert_eq!(
        store.left("target").await.expect("a number"),
        0,
        "keep is the bound"
    );
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
    store.feed("first", "here");
    store.append(one(1)).await.expect("kept");
    store.feed("second", "there");
    store.append(one(2)).await.expect("kept");
    let message = "a note".to_owned();
    store
        .note(Note {
            message,
            date: NOON,
        })
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
    assert_eq!(rows[0].what, What::Note("a note".into()));
    store
        .acknowledge("first", rows[0].seq)
        .await
        .expect("removed");

    store.stop_feeding("second");
    store.append(one(3)).await.expect("kept");
    let rows = store.pending("first", 9).await.expect("rows");
    assert_eq!(rows[0].seq, 4, "a number is never used twice");
    assert_eq!(left("second").await, 2, "what waited still waits");
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_left_as_it_is() {
    let check = |content: &[u8], word: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join(FILE);
        fs::write(&file, content).expect("written");
        let error = Embedded::open(dir.path()).expect_err("refused");
        assert_eq!(error.code, StoreErrorCode::Format, "{error}");
        assert!(error.message.contains(word), "{error}");
        assert_eq!(fs::read(&file).expect("still there"), content, "{error}");
        let files = fs::read_dir(dir.path()).expect("a folder").count();
        assert_eq!(files, 1, "nothing beside it: {error}");
    };
    check(b"not a database at all", "not a history of Up");

    let other = database(|c| c.execute_batch("CREATE TABLE t(x)"));
    check(&other, "not a history of Up");
    let newer = database(|c| {
        c.pragma_update(None, "application_id", 0x5570_4869)?;
        c.pragma_update(None, "user_version", 99)
    });
    check(&newer, "newer Up");
    let mut torn = other;
    torn[68..72].copy_from_slice(&0x5570_4869_u32.to_be_bytes());
    torn[100] = 0xff;
    check(&torn, "damaged");
}

fn database(make: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()>) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("other.db");
    let connection = rusqlite::Connection::open(&file).expect("a database");
    make(&connection).expect("made");
    drop(connection);
    fs::read(file).expect("its bytes")
}

#[cfg(unix)]
#[tokio::test]
async fn history_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("deep").join("up");
    let store = Embedded::open(&data).expect("a new store");
    store
        .append(vec![record("/a", NOON, Some(1.0), 0.1)])
        .await
        .expect("kept");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in fs::read_dir(&data).expect("a folder") {
        let path = file.expect("a file").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_gets_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let limit = async |pages: i64| {
        let done = store.write(move |w| {
            w.outside(|c| c.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())))
        });
        done.await.expect("limited");
    };
    store
        .append(vec![record("/a", NOON, Some(1.0), 0.1)])
        .await
        .expect("kept");
    limit(1).await;
    let many = || {
        (0..20_000)
            .map(|i| record(&format!("/b/{i}"), NOON, Some(1.0), 0.1))
            .collect()
    };
    let error = store.append(many()).await.expect_err("no room");
    assert_eq!(error.code, StoreErrorCode::Refused);
    assert!(error.message.contains("full"), "{error}");
    assert_eq!(
        everything(&store, "/a").await.count,
        1,
        "what was there can be read"
    );
    limit(1_000_000).await;
    store.append(many()).await.expect("kept");
    assert_eq!(
        everything(&store, "/b/19999").await.count,
        1,
        "nothing was half kept"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_read_while_one_writes() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for i in 0..100_u32 {
                let date = NOON + f64::from(i);
                let both = vec![
                    record("/a", date, Some(1.0), 0.1),
                    record("/b", date, Some(0.0), 0.1),
                ];
                store.append(both).await.expect("kept");
            }
        }
    });
    let readers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut seen = 0;
            while seen < 100 {
                let count = everything(&store, "/a").await.count;
                assert!(count >= seen, "history never shrinks by itself");
                seen = count;
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.expect("read to the end");
    }
    writer.await.expect("wrote to the end");
}

#[tokio::test]
async fn after_closing_everyone_is_told_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let waiting = store.append(vec![record("/a", NOON, Some(1.0), 0.1)]);
    store.close().await;
    waiting.await.expect("what came before is written");
    let late = store.append(vec![record("/a", NOON, Some(1.0), 0.1)]).await;
    assert_eq!(late.expect_err("closed").code, StoreErrorCode::Closed);
    let asked = store.paths().await;
    assert_eq!(asked.expect_err("closed").code, StoreErrorCode::Closed);
    let wal = dir.path().join("history.db-wal");
    assert!(!wal.exists(), "the log has been folded into the file");
}

/// Plays both parts: started plainly it starts itself twice more, and those two write.
#[tokio::test]
async fn two_processes_write_at_once() {
    const PART: &str = "UP_TEST_HISTORY_PART";
    if let Ok(part) = std::env::var(PART) {
        let (path, dir) = part.split_once('|').expect("a path and a folder");
        let store = Embedded::open(Path::new(dir)).expect("a shared store");
        store.feed("target", path);
        for i in 0..200_u32 {
            let one = record(path, NOON + f64::from(i), Some(1.0), 0.1);
            store.append(vec![one]).await.expect("kept");
        }
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let children = ["/one", "/two"].map(|path| {
        std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "embedded::tests::two_processes_write_at_once"])
            .env(PART, format!("{path}|{}", dir.path().display()))
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("started")
    });
    for mut child in children {
        assert!(
            child.wait().expect("ended").success(),
            "each wrote all of its own"
        );
    }
    let store = Embedded::open(dir.path()).expect("what they wrote");
    for path in ["/one", "/two"] {
        assert_eq!(everything(&store, path).await.count, 200, "{path}");
    }
    assert_eq!(store.left("target").await.expect("a number"), 400);
    let rows = store.pending("target", 1_000).await.expect("rows");
    assert_eq!(rows.len(), 400, "no number was given twice");
}
