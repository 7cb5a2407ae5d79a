//! What happens to the file while it is open: moved, replaced, removed, damaged, or in the way of a
//! fold. Samples go on being kept, and each is reported.

use std::fs;

use rusqlite::Connection;

use super::*;

async fn sample(store: &Embedded, second: u32) {
    let one = record("/a", NOON + f64::from(second), Some(1.0), 0.1);
    store.append(vec![one]).await.expect("kept");
}

fn said(store: &Embedded, kind: UpkeepKind) -> Option<String> {
    store.troubles().borrow().get(&kind).cloned()
}

/// How many samples the file alone has, as it would be found on another machine.
fn count_in(file: &Path) -> i64 {
    let alone = tempfile::tempdir().expect("a folder");
    let copy = alone.path().join("copy.db");
    fs::copy(file, &copy).expect("copied");
    let connection = Connection::open(copy).expect("a file");
    let count = connection.query_row("SELECT count(*) FROM recent", [], |row| row.get(0));
    count.unwrap_or_default()
}

#[tokio::test]
async fn a_file_that_is_moved_is_whole_and_a_new_one_is_begun() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for second in 0..20 {
        sample(&store, second).await;
    }
    let moved = dir.path().join("moved.db");
    fs::rename(dir.path().join(FILE), &moved).expect("moved");
    sample(&store, 20).await;
    assert_eq!(count_in(&moved), 20, "its log went into it");
    assert_eq!(everything(&store, "/a").await.count, 1, "a new file");
    let text = said(&store, UpkeepKind::Moved).expect("it is reported");
    assert!(text.contains("was moved or replaced"), "{text}");
    store.close().await;
    let store = Embedded::open(dir.path()).expect("the new file");
    assert_eq!(everything(&store, "/a").await.count, 1);
    assert_eq!(said(&store, UpkeepKind::Moved), None);
}

#[tokio::test]
async fn a_file_that_is_moved_before_the_end_is_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for second in 0..20 {
        sample(&store, second).await;
    }
    let moved = dir.path().join("moved.db");
    fs::rename(dir.path().join(FILE), &moved).expect("moved");
    store.close().await;
    assert_eq!(count_in(&moved), 20);
}

#[tokio::test]
async fn a_file_that_is_replaced_or_removed_is_noticed() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let other = Embedded::open(dirs[1].path()).expect("a new store");
    for second in 100..107 {
        sample(&other, second).await;
    }
    other.close().await;
    let store = Embedded::open(dirs[0].path()).expect("a new store");
    for second in 0..20 {
        sample(&store, second).await;
    }
    fs::rename(dirs[1].path().join(FILE), dirs[0].path().join(FILE)).expect("replaced");
    sample(&store, 20).await;
    assert_eq!(everything(&store, "/a").await.count, 7 + 1, "the other's");
    fs::remove_file(dirs[0].path().join(FILE)).expect("removed");
    sample(&store, 21).await;
    sample(&store, 22).await;
    assert_eq!(everything(&store, "/a").await.count, 2, "a new file");
}

/// Up was killed, and the file moved away without its log.
#[tokio::test]
async fn a_log_that_was_left_is_not_taken_for_the_new_files() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    sample(&store, 0).await;
    let log = fs::read(dir.path().join("history.db-wal")).expect("a log");
    store.close().await;
    fs::remove_file(dir.path().join(FILE)).expect("moved away");
    fs::write(dir.path().join("history.db-wal"), &log).expect("left");
    let store = Embedded::open(dir.path()).expect("a new store");
    assert_eq!(everything(&store, "/a").await, Series::default());
    let left = fs::read(dir.path().join("history.left-1.db-wal")).expect("set aside");
    assert!(left == log, "nothing is lost");
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    for names in 1..=2 {
        let dir = tempfile::tempdir().expect("a folder");
        for number in 1..=names {
            let store = Embedded::open(dir.path()).expect("a store");
            sample(&store, 0).await;
            store.close().await;
            let file = dir.path().join(FILE);
            let mut torn = fs::read(&file).expect("its bytes");
            torn[100] = 0xff;
            fs::write(&file, &torn).expect("written");
            let store = Embedded::open(dir.path()).expect("a new store");
            let text = said(&store, UpkeepKind::SetAside).expect("it is reported");
            let aside = dir.path().join(format!("history.damaged-{number}.db"));
            assert!(text.contains(&aside.display().to_string()), "{text}");
            assert!(fs::read(aside).expect("set aside") == torn, "as it was");
            assert_eq!(everything(&store, "/a").await.count, 0);
            sample(&store, 1).await;
            assert_eq!(everything(&store, "/a").await.count, 1);
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_file_that_is_found_damaged_later_is_set_aside_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    sample(&store, 0).await;
    store.close().await;
    let file = dir.path().join(FILE);
    let connection = Connection::open(&file).expect("the file");
    let number = |query: &str| -> usize {
        let found = connection.query_row(query, [], |row| row.get::<_, i64>(0));
        usize::try_from(found.expect("a number")).expect("a number")
    };
    let page = number("SELECT rootpage FROM sqlite_schema WHERE name = 'recent'");
    let size = number("PRAGMA page_size");
    drop(connection);
    let mut bytes = fs::read(&file).expect("its bytes");
    bytes[(page - 1) * size..page * size].fill(0x55);
    fs::write(&file, bytes).expect("written");

    let store = Embedded::open(dir.path()).expect("nothing is noticed yet");
    let one = || vec![record("/a", NOON, Some(1.0), 0.1)];
    let error = store.append(one()).await.expect_err("it is noticed");
    assert_eq!(error.code, StoreErrorCode::Format, "{error}");
    store.append(one()).await.expect("kept in a new file");
    let text = said(&store, UpkeepKind::SetAside).expect("it is reported");
    assert!(text.contains("history.damaged-1.db"), "{text}");
    assert_eq!(everything(&store, "/a").await.count, 1);
}

#[tokio::test]
async fn a_commit_reaches_the_file_itself_soon() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open_syncing(dir.path(), Duration::from_millis(50));
    let store = store.expect("a new store");
    sample(&store, 0).await;
    let file = dir.path().join(FILE);
    while count_in(&file) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Changes the file beside the store, as somebody else would.
fn beside(store: &Embedded, change: &str) {
    let other = Connection::open(store.file()).expect("the file");
    other.execute_batch(change).expect("changed");
}

#[tokio::test]
async fn a_fold_that_fails_is_reported_and_tried_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    beside(
        &store,
        "CREATE TRIGGER stuck BEFORE INSERT ON blocks BEGIN SELECT RAISE(ABORT, 'stuck'); END",
    );
    sample(&store, 0).await;
    assert_eq!(said(&store, UpkeepKind::Fold), None);
    sample(&store, 4_000).await;
    sample(&store, 4_001).await;
    let text = said(&store, UpkeepKind::Fold).expect("it is reported");
    assert!(text.contains("stuck"), "{text}");
    assert_eq!(everything(&store, "/a").await.count, 3, "all are kept");
    beside(&store, "DROP TRIGGER stuck");
    let mut second = 4_002;
    while said(&store, UpkeepKind::Fold).is_some() {
        sample(&store, second).await;
        second += 1;
        assert!(second < 4_200, "it is tried again");
    }
    let count = u64::from(second) - 4_000 + 1;
    assert_eq!(everything(&store, "/a").await.count, count);
}

#[tokio::test]
async fn what_comes_at_once_is_folded_at_once_unless_that_fails() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let count = async |table: &'static str| {
        let count = store.inner.shared.readers.query(move |c| {
            let count = format!("SELECT count(*) FROM {table}");
            c.query_row(&count, [], |row| row.get::<_, i64>(0))
        });
        count.await.expect("a count")
    };
    // One by one, then four hours of two paths at once, which end in the middle of an hour.
    sample(&store, 1).await;
    let bulk = |from: u32| {
        let one = move |second: u32| {
            let date = NOON + f64::from(from + second) + 0.5;
            [("/a", 1.0), ("/b", 0.0)].map(|(path, status)| record(path, date, Some(status), 0.1))
        };
        (0..4 * 3_600 - 1_800).flat_map(one).collect::<Vec<_>>()
    };
    store.append(bulk(0)).await.expect("kept");
    assert_eq!(count("blocks").await, 3, "one of each hour that is over");
    assert_eq!(count("recent").await, 2 * 1_800, "the hour that lasts");
    let a = everything(&store, "/a").await;
    assert_eq!((a.count, a.points.len()), (12_601, 12_601));
    assert!(a.points.is_sorted_by(|a, b| a.date < b.date));

    beside(
        &store,
        "CREATE TRIGGER stuck BEFORE INSERT ON blocks BEGIN SELECT RAISE(ABORT, 'stuck'); END",
    );
    store.append(bulk(4 * 3_600)).await.expect("kept");
    assert_eq!(count("blocks").await, 3);
    assert_eq!(everything(&store, "/a").await.count, 25_201);
    assert_eq!(everything(&store, "/b").await.count, 25_200);
}

#[tokio::test]
async fn a_row_in_another_form_stops_no_fold() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    sample(&store, 0).await;
    beside(
        &store,
        "INSERT INTO recent(path, at, status, duration) VALUES('x', 1, 1.0, 'y');
         INSERT INTO recent(path, at, status, duration) VALUES(1 << 40, 2, 'up', 0)",
    );
    sample(&store, 4_000).await;
    sample(&store, 4_001).await;
    assert_eq!(said(&store, UpkeepKind::Fold), None);
    assert_eq!(everything(&store, "/a").await.count, 3);
    let recent = Connection::open(store.file()).expect("the file").query_row(
        "SELECT count(*) FROM recent",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert_eq!(recent, Ok(2), "the others are folded");
}

#[tokio::test]
async fn a_prune_that_fails_is_reported_until_it_succeeds() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    sample(&store, 0).await;
    beside(
        &store,
        "CREATE TRIGGER stuck BEFORE UPDATE ON retention BEGIN SELECT RAISE(ABORT, 'stuck'); END",
    );
    let day = Duration::from_hours(24);
    store.prune(NOON, day, day).await.expect_err("it fails");
    let text = said(&store, UpkeepKind::Prune).expect("it is reported");
    assert!(text.contains("stuck"), "{text}");
    beside(&store, "DROP TRIGGER stuck");
    store.prune(NOON, day, day).await.expect("pruned");
    assert_eq!(said(&store, UpkeepKind::Prune), None);
}

/// Bits that rot in a run are noticed, and cost the samples of that run only.
#[tokio::test]
async fn a_run_that_rots_costs_only_itself() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for hour in 0..4 {
        for minute in 0..60 {
            sample(&store, hour * 3_600 + minute * 60).await;
        }
    }
    beside(
        &store,
        "UPDATE runs SET samples = cast(substr(samples, 1, 20) || x'00' || substr(samples, 22) AS blob)
         WHERE id = (SELECT min(id) FROM runs)",
    );
    let series = everything(&store, "/a").await;
    assert_eq!((series.count, series.damaged), (180, 1));
    assert_eq!(series.points.len(), 180);
}

/// One sample a minute of 50 paths for two days: what each takes on disk, all in.
#[tokio::test]
async fn a_sample_takes_at_most_four_bytes_on_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut random = fastrand::Rng::with_seed(41);
    let (paths, minutes) = (50, 2 * 1_440);
    for minute in 0..minutes {
        let one = |path: i32| {
            let date = NOON + f64::from(minute) * 60.0 + f64::from(path) + random.f64() / 100.0;
            let spread: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
            let duration = 0.12 * (1.0 + spread / 6.0);
            record(&format!("/{path}"), date, Some(1.0), duration)
        };
        store
            .append((0..paths).map(one).collect())
            .await
            .expect("kept");
    }
    // The last hour is folded too.
    for second in [0, 1] {
        let date = NOON + f64::from(minutes) * 60.0 + 8_000.0 + f64::from(second);
        let one = record("/0", date, Some(1.0), 0.1);
        store.append(vec![one]).await.expect("kept");
    }
    store.close().await;
    let connection = Connection::open(dir.path().join(FILE)).expect("the file");
    let bytes: f64 = connection
        .query_row(
            "SELECT sum(pgsize) FROM dbstat WHERE name IN ('runs', 'blocks')",
            [],
            |row| row.get(0),
        )
        .expect("the sizes of tables");
    let each = bytes / f64::from(paths * minutes);
    assert!(each <= 4.0, "{each} bytes a sample");
}
