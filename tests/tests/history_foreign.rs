//! `up history import` of other monitors' databases, made by their documented schemas.

use rusqlite::{Connection, params};
use serde_json::Value;
use up_tests::up::Up;

/// 2026-11-22 12:00:00 UTC.
const NOON: f64 = 1_795_348_800.0;

fn import(up: &Up, args: &[&str]) -> (String, String) {
    let mut all = vec!["history", "import"];
    all.extend(args);
    let outcome = up.run(all);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    (outcome.out, outcome.err)
}

fn samples(up: &Up, path: &str) -> Value {
    let since = ["--json", "--since", "2026-11-01", "--until", "2026-11-27"];
    let outcome = up.run(["history", path].iter().chain(&since));
    let json: Value = serde_json::from_str(&outcome.out).expect("JSON");
    json["samples"].clone()
}

fn paths(up: &Up) -> Vec<String> {
    let outcome = up.run(["history", "paths", "--json"]);
    let json: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let paths = json["paths"].as_array().expect("paths").iter();
    let path = |path: &Value| path["path"].as_str().expect("a path").to_owned();
    paths.map(path).collect()
}

/// As version 1 makes it with its patches, and version 2 with its migrations.
fn kuma(up: &Up, version: u32) {
    let db = Connection::open(up.dir().join("kuma.db")).expect("a file");
    db.execute_batch(
        "CREATE TABLE monitor(
             id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(150),
             active BOOLEAN NOT NULL DEFAULT 1, user_id INTEGER, interval INTEGER NOT NULL DEFAULT 20,
             url TEXT, type VARCHAR(20));
         CREATE TABLE heartbeat(
             id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, important BOOLEAN NOT NULL DEFAULT 0,
             monitor_id INTEGER NOT NULL, status SMALLINT NOT NULL, msg TEXT, time DATETIME NOT NULL,
             ping INTEGER, duration INTEGER NOT NULL DEFAULT 0, down_count INTEGER DEFAULT 0 NOT NULL);
         CREATE INDEX monitor_time_index ON heartbeat(monitor_id, time);
         INSERT INTO monitor(id, name) VALUES(1, 'Group'), (2, 'Web/Site'), (3, 'Web/Site'), (4, ' ');",
    )
    .expect("a schema");
    if version == 2 {
        db.execute_batch(
            "ALTER TABLE monitor ADD parent INTEGER NULL REFERENCES monitor(id);
             ALTER TABLE heartbeat ADD end_time DATETIME NULL;
             ALTER TABLE heartbeat ADD retries INTEGER NOT NULL DEFAULT 0;
             CREATE TABLE stat_minutely(id INTEGER PRIMARY KEY, monitor_id INTEGER NOT NULL,
                 timestamp INTEGER NOT NULL, ping FLOAT NOT NULL, up SMALLINT NOT NULL,
                 down SMALLINT NOT NULL);
             UPDATE monitor SET parent = 1 WHERE id IN (2, 3);
             UPDATE monitor SET parent = 4 WHERE id = 4;",
        )
        .expect("migrations");
    }
    let beats = [
        (2, 1, "2026-11-22 12:00:00.123", Some(250), "200 - OK"),
        (
            2,
            2,
            "2026-11-22 12:01:00.000",
            None,
            "connect ECONNREFUSED 127.0.0.1:80",
        ),
        (
            2,
            0,
            "2026-11-22 12:02:00",
            None,
            "Request failed with status code 500",
        ),
        (
            2,
            3,
            "2026-11-22 12:03:00",
            None,
            "Monitor under maintenance",
        ),
        (2, 1, "2026-11-22 12:04:00", Some(-5), ""),
        (2, 7, "2026-11-22 12:05:00", None, ""),
        (2, 1, "soon", None, ""),
        (3, 0, "2026-11-22 12:00:00", None, ""),
        (4, 1, "2026-11-22 12:00:00", Some(1), ""),
        (9, 1, "2026-11-22 12:00:00", Some(1), "deleted"),
    ];
    for (monitor, status, time, ping, msg) in beats {
        db.execute(
            "INSERT INTO heartbeat(monitor_id, status, time, ping, msg, duration)
             VALUES(?1, ?2, ?3, ?4, ?5, 60)",
            params![monitor, status, time, ping, msg],
        )
        .expect("a row");
    }
}

#[test]
fn uptime_kuma_of_both_versions_is_imported() {
    for (version, group) in [(1, ""), (2, "/Group")] {
        let up = Up::new();
        kuma(&up, version);
        let (out, err) = import(&up, &["kuma.db", "--path", "/Kuma"]);
        assert_eq!(out, "added 6 samples of 3 paths; 0 were there already\n");
        for remark in [
            "left out 2 samples whose date or status cannot be one",
            "left out 1 heartbeats of maintenance",
            "left out 1 heartbeats of monitors that were deleted",
        ] {
            assert!(err.contains(remark), "{remark}: {err}");
        }
        let site = format!("/Kuma{group}/Web∕Site");
        assert_eq!(
            paths(&up),
            ["/Kuma/4".to_owned(), site.clone(), format!("{site} (3)")]
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        let samples = samples(&up, &site);
        let row = |number: usize| {
            let sample = &samples[number];
            (
                sample["date"].as_f64().expect("a date") - NOON,
                sample["status"].as_f64(),
                sample["duration"].as_f64(),
                sample["cause"]["code"].as_str(),
            )
        };
        let (date, status, duration, code) = row(0);
        assert!((date - 0.123).abs() < 1e-5, "{date}");
        assert_eq!((status, duration, code), (Some(1.0), Some(0.25), None));
        assert_eq!(row(1), (60.0, Some(0.0), Some(0.0), Some("refused")));
        assert_eq!(row(2), (120.0, Some(0.0), Some(0.0), Some("http_status")));
        assert_eq!(row(3), (240.0, Some(1.0), Some(0.0), None));
        assert_eq!(samples.as_array().map(Vec::len), Some(4));
        let (out, _) = import(&up, &["kuma.db", "--path", "/Kuma"]);
        assert_eq!(out, "added 0 samples of 3 paths; 6 were there already\n");
    }
}

#[test]
fn gatus_is_imported() {
    let up = Up::new();
    let db = Connection::open(up.dir().join("data.db")).expect("a file");
    db.execute_batch(
        "CREATE TABLE endpoints(endpoint_id INTEGER PRIMARY KEY, endpoint_key TEXT UNIQUE,
             endpoint_name TEXT, endpoint_group TEXT, UNIQUE(endpoint_name, endpoint_group));
         CREATE TABLE endpoint_events(endpoint_event_id INTEGER PRIMARY KEY, endpoint_id INTEGER,
             event_type TEXT, event_timestamp TIMESTAMP);
         CREATE TABLE endpoint_results(endpoint_result_id INTEGER PRIMARY KEY, endpoint_id INTEGER,
             success INTEGER, errors TEXT, connected INTEGER, status INTEGER, dns_rcode TEXT,
             certificate_expiration INTEGER, domain_expiration INTEGER, hostname TEXT, ip TEXT,
             duration INTEGER, timestamp TIMESTAMP);
         CREATE TABLE endpoint_result_conditions(endpoint_result_condition_id INTEGER PRIMARY KEY,
             endpoint_result_id INTEGER, condition TEXT, success INTEGER);
         INSERT INTO endpoints VALUES(1, 'core_front', 'front', 'core'), (2, 'core_back', 'back', 'core'),
             (3, '_alone', 'alone', '');
         INSERT INTO endpoint_results(endpoint_result_id, endpoint_id, success, errors, duration, timestamp)
         VALUES(1, 1, 1, '', 250000000, '2026-11-22 12:00:00.5 +0000 UTC'),
             (2, 1, 0, 'dial tcp: connection refused|~|and more', 1000000, '2026-11-22 12:01:00 +0000 UTC'),
             (3, 1, 0, '', 1000000, '2026-11-22T12:02:00Z'),
             (4, 2, 1, '', 1000000, 1795348800),
             (5, 3, 1, '', 1000000, '2026-11-22 13:00:00+01:00'),
             (6, 7, 1, '', 1000000, '2026-11-22 13:00:00+01:00');
         INSERT INTO endpoint_result_conditions VALUES(1, 3, '[BODY] == ok', 1), (2, 3, '[STATUS] == 200', 0);",
    )
    .expect("a database");
    drop(db);
    let (out, err) = import(&up, &["data.db"]);
    assert_eq!(out, "added 5 samples of 3 paths; 0 were there already\n");
    assert!(
        err.contains("left out 1 results of endpoints that were deleted"),
        "{err}"
    );
    assert_eq!(paths(&up), ["/alone", "/core/back", "/core/front"]);
    let samples = samples(&up, "/core/front");
    assert_eq!(samples[0]["duration"], 0.25);
    assert_eq!(samples[0]["date"], NOON + 0.5);
    assert_eq!(samples[1]["cause"]["code"], "refused");
    assert_eq!(
        samples[1]["cause"]["text"],
        "dial tcp: connection refused; and more"
    );
    assert_eq!(samples[2]["cause"]["code"], "expect");
    assert_eq!(
        samples[2]["cause"]["text"],
        "the condition [STATUS] == 200 was not met"
    );
}

#[test]
fn other_databases_are_refused() {
    let up = Up::new();
    let db = Connection::open(up.dir().join("other.db")).expect("a file");
    db.execute_batch("CREATE TABLE heartbeat(x)")
        .expect("a table");
    let check = |file: &str, expected: &str| {
        let outcome = up.run(["history", "import", file, "--path", "/A"]);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.err.contains(expected), "{outcome:?}");
    };
    check("other.db", "neither of Uptime Kuma nor of Gatus");
    // The refusal opened no history. This one is made by the query.
    up.run(["history", "/A"]);
    check("data/history.db", "it is a history of Up");
    up.write("torn.db", "SQLite format 3\0 and then nothing of the kind");
    check("torn.db", "it cannot be read");
}
