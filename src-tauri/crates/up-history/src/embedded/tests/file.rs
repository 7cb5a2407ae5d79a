//! The file: foreign, damaged, private, full, shared, closed.

use std::fs;

use super::*;

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
}

/// Another process is between its first write and its schema, or lost power there.
#[tokio::test]
async fn what_was_only_begun_is_made_whole() {
    let begun = database(|c| c.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM"));
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join(FILE), begun).expect("written");
    let store = Embedded::open(dir.path()).expect("a history");
    let one = record("/a", NOON, Some(1.0), 0.1);
    store.append(vec![one]).await.expect("kept");
    assert_eq!(everything(&store, "/a").await.count, 1);
}

fn database(make: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("other.db");
    let connection = Connection::open(&file).expect("a database");
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
    for path in ["/b/0", "/b/19999"] {
        let count = everything(&store, path).await.count;
        assert_eq!(count, 1, "nothing was half kept: {path}");
    }
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
        let _fed = store.feed("target", path);
        for i in 0..200_u32 {
            let one = record(path, NOON + f64::from(i), Some(1.0), 0.1);
            store.append(vec![one]).await.expect("kept");
        }
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let children = ["/one", "/two"].map(|path| {
        std::process::Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "--nocapture",
                "embedded::tests::file::two_processes_write_at_once",
            ])
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
