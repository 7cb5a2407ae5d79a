//! What a state keeps, and what becomes of one that cannot be read.

use std::fs;
use std::path::{Path, PathBuf};

use up_core::state::SavedNotice;

use super::*;

const NOW: Timestamp = 2_000.0;

fn clock() -> Timestamp {
    NOW
}

fn owner() -> Owner {
    Owner::new("watch", Path::new("/nowhere/up.toml"))
}

fn open(data: &Path) -> Opened {
    StateStore::open(data, &owner(), clock).expect("a state that can be opened")
}

fn row(key: &str) -> StateRow {
    StateRow {
        kind: "leaf",
        key: key.into(),
        value: "{}".into(),
    }
}

fn notice(id: u64, kind: &str, date: f64, until: Option<f64>) -> SavedNotice {
    let until = until.map(|until| format!(r#","until":{until}"#));
    let member = format!(
        r#"["/R/a",{{"verdict":"down","since":{date}{}}}]"#,
        until.unwrap_or_default()
    );
    let text = format!(
        r#"{{"id":{id},"kind":"{kind}","path":"/R/a","members":[{member}],"urgency":2,
            "since":{date},"date":{date}}}"#
    );
    serde_json::from_str(&text).expect("a notice")
}

fn telling(notice: SavedNotice, sinks: &[&str]) -> OutgoingNotice {
    let sinks = sinks.iter().map(|sink| (*sink).to_owned()).collect();
    OutgoingNotice { notice, sinks }
}

fn receipt(sink: &str, id: u64, date: f64, fate: DeliveryState) -> Receipt {
    let sink = sink.into();
    Receipt {
        sink,
        id,
        date,
        fate,
        place: None,
    }
}

fn file(data: &Path, end: &str) -> PathBuf {
    owner().file(data).with_extension(end)
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let first = open(data.path());
    assert_eq!((first.rows.len(), first.waiting.len()), (0, 0));
    assert_eq!(first.stopped, None, "it never ran before");
    let batch = Batch {
        set: vec![row("/R/a"), row("/R/b")],
        ..Batch::default()
    };
    let told = vec![telling(
        notice(7, "down", 1_000.0, None),
        &["hook", "bubbles"],
    )];
    first
        .store
        .commit(batch, told)
        .await
        .expect("it is written");
    let delivered = receipt("bubbles", 7, 1_000.0, DeliveryState::Delivered);
    first.store.note(Receipt {
        place: Some("bubble 3".into()),
        ..delivered
    });
    first.store.close().await;

    let second = open(data.path());
    let keys: Vec<&str> = second.rows.iter().map(|row| &*row.1).collect();
    assert_eq!(keys, ["/R/a", "/R/b"]);
    assert_eq!(second.stopped, Some(NOW));
    let waiting: Vec<(&str, u64)> = (second.waiting.iter())
        .map(|waits| (&*waits.sink, waits.notice.id()))
        .collect();
    assert_eq!(waiting, [("hook", 7)], "only what the sink does not have");
    let shown = second
        .shown
        .iter()
        .map(|shown| (&*shown.sink, &*shown.place));
    assert_eq!(shown.collect::<Vec<_>>(), [("bubbles", "bubble 3")]);
    let batch = Batch {
        whole: true,
        set: vec![row("/R/c")],
        ..Batch::default()
    };
    second
        .store
        .commit(batch, vec![])
        .await
        .expect("it is written");
    second.store.close().await;
    assert_eq!(open(data.path()).rows.len(), 1, "all of before is gone");
}

#[tokio::test]
async fn one_owner_at_a_time_and_others_have_their_own() {
    let data = tempfile::tempdir().expect("a folder");
    let first = open(data.path());
    let again = StateStore::open(data.path(), &owner(), clock).expect_err("it is owned");
    assert_eq!(again.code, StoreErrorCode::Unavailable);
    for other in [
        Owner::new("tray", Path::new("/nowhere/up.toml")),
        Owner::new("watch", Path::new("/nowhere/other.toml")),
    ] {
        let other = StateStore::open(data.path(), &other, clock).expect("a state of its own");
        assert_eq!(other.rows, []);
    }
    first.store.close().await;
    open(data.path());
}

#[tokio::test]
async fn what_cannot_be_read_is_set_aside_and_said() {
    let check = async |damage: &dyn Fn(&Path), end: &str| {
        let data = tempfile::tempdir().expect("a folder");
        let first = open(data.path());
        let batch = Batch {
            set: vec![row("/R/a")],
            ..Batch::default()
        };
        let told = vec![telling(notice(7, "down", 1_000.0, None), &["hook"])];
        first
            .store
            .commit(batch, told)
            .await
            .expect("it is written");
        first.store.close().await;
        damage(&file(data.path(), "db"));
        let before = fs::read(file(data.path(), "db")).expect("it is there");
        let second = open(data.path());
        assert_eq!((second.rows.len(), second.waiting.len()), (0, 0));
        let said = second.set_aside.expect("it is said");
        let aside = file(data.path(), end);
        assert!(said.contains(&aside.display().to_string()), "{said}");
        let after = fs::read(&aside).expect("it is set aside");
        assert!(after == before, "as it was");
        second.store.close().await;
        assert_eq!(open(data.path()).set_aside, None, "it is said once");
    };
    let sql = |text: &'static str| {
        move |file: &Path| {
            let connection = rusqlite::Connection::open(file).expect("it is SQLite");
            connection.execute_batch(text).expect("it can be changed");
        }
    };
    check(
        &|file| fs::write(file, "not at all").expect("it is written"),
        "damaged.db",
    )
    .await;
    check(
        &|file| {
            let mut bytes = fs::read(file).expect("it is there");
            for byte in bytes.iter_mut().skip(100) {
                *byte ^= 0x5a;
            }
            fs::write(file, bytes).expect("it is written");
        },
        "damaged.db",
    )
    .await;
    check(&sql("PRAGMA application_id = 1"), "damaged.db").await;
    check(&sql("DROP TABLE rows"), "damaged.db").await;
    check(&sql("UPDATE rows SET value = x'ff'"), "damaged.db").await;
    check(&sql("UPDATE notices SET row = '{'"), "damaged.db").await;
    check(&sql("PRAGMA user_version = 99"), "newer.db").await;
}

#[tokio::test]
async fn what_was_told_is_listed_with_its_end() {
    let data = tempfile::tempdir().expect("a folder");
    let state = open(data.path());
    let told = vec![
        telling(notice(1, "down", 1_000.0, None), &["hook"]),
        telling(notice(2, "down", 1_100.0, None), &[]),
        telling(notice(1, "recovered", 1_200.0, Some(1_190.0)), &["hook"]),
        telling(notice(1, "down", 1_300.0, None), &["hook"]),
    ];
    let batch = Batch::default();
    state
        .store
        .commit(batch, told)
        .await
        .expect("it is written");
    for (date, fate) in [
        (1_000.0, DeliveryState::Delivered),
        (1_200.0, DeliveryState::Refused("answered 404".into())),
        (1_300.0, DeliveryState::Superseded),
    ] {
        state.store.note(receipt("hook", 1, date, fate));
    }
    // While it runs; the receipts are in before this commit.
    let batch = Batch::default();
    state
        .store
        .commit(batch, vec![])
        .await
        .expect("it is written");
    let asked = AlertQuery {
        config: Some("/nowhere/up.toml".into()),
        from: 0.0,
        most: 10,
    };
    let listed = alerts(data.path(), &asked).expect("it can be read");
    let listed: Vec<_> = (listed.iter())
        .map(|alert| {
            let end = alert.end.map(|end| end.date);
            let fate = alert.deliveries.first().map(|delivery| &delivery.fate);
            (alert.notice.id, alert.notice.date, end, fate)
        })
        .collect();
    let refused = DeliveryState::Refused("answered 404".into());
    assert_eq!(
        listed,
        [
            (1, 1_300.0, None, Some(&DeliveryState::Superseded)),
            (1, 1_200.0, Some(1_190.0), Some(&refused)),
            (2, 1_100.0, None, None),
            (1, 1_000.0, Some(1_190.0), Some(&DeliveryState::Delivered)),
        ]
    );
    let check = |asked: AlertQuery, expected: usize| {
        let listed = alerts(data.path(), &asked).expect("it can be read");
        assert_eq!(listed.len(), expected, "{asked:?}");
    };
    let all = |from, most| AlertQuery {
        config: None,
        from,
        most,
    };
    check(all(1_100.0, 10), 3);
    check(all(0.0, 1), 1);
    let other = Some("/nowhere/other.toml".into());
    check(
        AlertQuery {
            config: other,
            ..all(0.0, 10)
        },
        0,
    );
}

#[tokio::test]
async fn what_was_told_keeps_its_order_when_the_clock_is_set_back() {
    let data = tempfile::tempdir().expect("a folder");
    let state = open(data.path());
    let told = [
        notice(1, "down", 1_500.0, None),
        notice(2, "down", 600.0, None),
        notice(1, "recovered", 700.0, Some(690.0)),
    ];
    let told = told.map(|notice| telling(notice, &[])).into();
    let written = state.store.commit(Batch::default(), told);
    written.await.expect("it is written");
    state.store.close().await;
    let asked = AlertQuery {
        config: None,
        from: 1_000.0,
        most: 10,
    };
    let listed = alerts(data.path(), &asked).expect("it can be read");
    let listed = listed.iter().map(|alert| {
        let end = alert.end.map(|end| end.date);
        (alert.notice.id, alert.notice.date, end)
    });
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [
            (1, 700.0, Some(690.0)),
            (2, 600.0, None),
            (1, 1_500.0, Some(690.0)),
        ]
    );
}

#[tokio::test]
async fn what_is_too_old_is_forgotten() {
    let data = tempfile::tempdir().expect("a folder");
    let state = open(data.path());
    let told =
        [100.0, 900.0, 1_500.0].map(|date| telling(notice(1, "down", date, None), &["hook"]));
    let batch = Batch::default();
    state
        .store
        .commit(batch, told.into())
        .await
        .expect("it is written");
    state.store.prune(Duration::from_mins(20));
    state.store.close().await;
    let state = open(data.path());
    let dates: Vec<f64> = state
        .waiting
        .iter()
        .map(|waits| waits.notice.date())
        .collect();
    assert_eq!(dates, [900.0, 1_500.0]);
}
