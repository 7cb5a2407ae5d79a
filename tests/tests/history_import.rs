//! `up history import` and `export`: what is exported comes back as it was, a file may be imported
//! again and again, and a file with a mistake changes nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use up_core::{Kind, Record, Sample, Status};
use up_history::import::{ImportRequest, ImportedSample, stage};
use up_history::{Embedded, HistorySummary, Point, Store};
use up_tests::hostile::{Hostile, scripts};
use up_tests::up::Up;

const DAY: f64 = 86_400.0;
const HEADER: &str = "date,status,duration,cause_code,cause\r\n";

/// Midnight some days ago.
fn days_ago(days: f64) -> f64 {
    ((up_engine::clock::now() / DAY).floor() - days) * DAY
}

fn run(up: &Up, args: &[&str]) -> String {
    let outcome = up.run(args);
    assert_eq!(outcome.code, Some(0), "{args:?}: {outcome:?}");
    outcome.out
}

fn json(up: &Up, args: &[&str]) -> Value {
    serde_json::from_str(&run(up, args)).expect("JSON")
}

/// A row a minute, with outages, unknown samples, and texts that need quoting, in random order.
fn rows(begin: f64, count: u32, random: &mut fastrand::Rng) -> Vec<String> {
    let row = |number: u32| {
        let date = begin + 60.0 * f64::from(number) + f64::from(number % 1_000) / 1e3;
        match number % 97 {
            0..3 => format!("{date},0,0.123,refused,\"connection refused, \"\"really\"\"\"\r\n"),
            3 => format!("{date},,0,internal,'=1+1\r\n"),
            4 => format!("{date},0.25,2.5,,\"says \n no code\"\r\n"),
            _ => format!("{date},1,0.0{},,\r\n", 10 + number % 80),
        }
    };
    let mut rows: Vec<_> = (0..count).map(row).collect();
    random.shuffle(&mut rows);
    rows
}

fn csv(rows: &[String]) -> String {
    format!("{HEADER}{}", rows.concat())
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let mut random = fastrand::Rng::with_seed(11);
    let up = Up::new();
    let rows = rows(days_ago(4.0), 4_000, &mut random);
    up.write("first.csv", csv(&rows));
    let import = |file: &str, path: &str| run(&up, &["history", "import", file, "--path", path]);
    let export = |path: &str| run(&up, &["history", path, "--csv", "--since", "30d"]);
    assert_eq!(
        import("first.csv", "/Old/A"),
        "added 4000 samples of /Old/A; 0 were there already\n"
    );
    let first = export("/Old/A");
    assert_eq!(first.lines().count(), 4_001);
    assert!(first.contains(",'=1+1\r\n"), "guarded against spreadsheets");
    up.write("second.csv", &first);
    import("second.csv", "/New/B");
    assert_eq!(export("/New/B"), first);
    // Repeated, in parts and as a whole.
    up.write("part.csv", csv(&rows[..100]));
    for (file, count) in [
        ("part.csv", 100),
        ("first.csv", 4_000),
        ("second.csv", 4_000),
    ] {
        assert_eq!(
            import(file, "/New/B"),
            format!("added 0 samples of /New/B; {count} were there already\n")
        );
    }
    assert_eq!(export("/New/B"), first);
    let history = json(&up, &["history", "/New/B", "--json", "--since", "30d"]);
    assert_eq!(
        history["count"].as_u64(),
        Some(4_000 - 42),
        "{}",
        history["unknown"]
    );
    // Three failed checks in a row, by the default rules, each time.
    let incidents = history["incidents"].as_array().expect("incidents");
    assert_eq!(incidents.len(), 42);
    assert_eq!(incidents[41]["from"].as_f64(), Some(days_ago(4.0)));
    assert_eq!(incidents[41]["cause"]["code"], "refused");

    // All of it, into another history, and below another tree.
    let all = run(&up, &["history", "export"]);
    assert_eq!(all.lines().count(), 8_001, "a cause is one line");
    let other = Up::new();
    other.write("all.csv", &all);
    assert_eq!(
        run(&other, &["history", "import", "all.csv"]),
        "added 8000 samples of 2 paths; 0 were there already\n"
    );
    assert_eq!(run(&other, &["history", "export"]), all);
    run(
        &other,
        &["history", "import", "all.csv", "--path", "/Below"],
    );
    let below = run(&other, &["history", "export", "/Below"]);
    assert_eq!(below.replace("/Below/", "/"), all);
    let lines = run(&other, &["history", "export", "/Old", "--json"]);
    assert_eq!(lines.lines().count(), 4_000);
    let line: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&line["path"], &line["status"]),
        (&"/Old/A".into(), &0.0.into())
    );
}

#[test]
fn a_file_with_a_mistake_changes_nothing() {
    let now = up_engine::clock::now();
    let check = |text: &str, expected: &str| {
        let up = Up::new();
        up.write("f.csv", text);
        let outcome = up.run(["history", "import", "f.csv", "--path", "/A"]);
        assert_eq!(outcome.code, Some(2), "{text}: {outcome:?}");
        assert!(outcome.err.contains(expected), "{text}: {outcome:?}");
        assert_eq!(outcome.out, "");
        assert_eq!(run(&up, &["history", "paths"]), "", "{text}");
    };
    let good = format!("{HEADER}1795000000,1,0.1,,\r\n");
    let row = |row: &str| format!("{good}{row}\r\n1795000060,1,0.1,,\r\n");
    check(
        &row("x,1,0.1,,"),
        "f.csv, line 3, column 1 (date): \"x\" is not a number",
    );
    check(
        &row(",1,0.1,,"),
        "line 3, column 1 (date): there is no date",
    );
    check(&row("NaN,1,0.1,,"), "line 3, column 1 (date)");
    check(&row("-1,1,0.1,,"), "line 3, column 1 (date)");
    check(&row("1795000000123,1,0.1,,"), "line 3, column 1 (date)");
    check(
        &row(&format!("{},1,0.1,,", now + 2.0 * DAY)),
        "more than a day after now",
    );
    check(
        &row("1795000030,2,0.1,,"),
        "line 3, column 2 (status): 2 is not from 0 to 1",
    );
    check(&row("1795000030,up,0.1,,"), "line 3, column 2 (status)");
    check(&row("1795000030,1,-1,,"), "line 3, column 3 (duration)");
    check(
        &row("1795000030,0,1,nope,"),
        "line 3, column 4 (cause_code): \"nope\" is not a cause code",
    );
    check(
        &row("1795000030,0,1"),
        "line 3, column 4 (cause_code): the row has 3 fields",
    );
    check(&row("1795000030,0,1,,a,b"), "the row has 6 fields");
    check(
        &row("1795000030,0,1,,\"two\nlines\"\r\nx,1,1,,"),
        "line 5, column 1",
    );
    check(
        &format!("{good}{}", "x".repeat(100_000)),
        "line 3 is too long",
    );
    check("", "it is empty");
    check("when,status\n", "line 1, column 1 (when)");
    check("date,duration\n", "names no column status");
    check(
        "date,status,date\n",
        "line 1, column 3 (date): the column is there twice",
    );
    check(
        "path,date,status\nA,1795000000,1\n",
        "line 2, column 1 (path): \"A\" is not a path",
    );
    check("SQLite format 3\0", "f.csv");
    let up = Up::new();
    up.write("f.csv", &good);
    let refused = |args: &[&str], expected: &str| {
        let outcome = up.run(args);
        assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
        assert!(outcome.err.contains(expected), "{args:?}: {outcome:?}");
    };
    refused(
        &["history", "import", "f.csv"],
        "name the path of its samples by --path",
    );
    refused(
        &["history", "import", "f.csv", "--path", "A"],
        "is not a path",
    );
    refused(
        &["history", "import", "no.csv", "--path", "/A"],
        "no.csv: it cannot be read",
    );
    refused(&["history", "/A", "paths"], "behind the command");
    refused(
        &["history", "--since", "3d", "incidents"],
        "behind the command",
    );
    refused(&["history"], "PATH");
}

#[test]
fn parts_of_time_have_their_uptime() {
    let up = Up::new();
    // Sunday 2026-11-22, 22:00 to 02:00 UTC: down from 23:30 to 00:30.
    let mut text = "date,status,duration\n".to_owned();
    for minute in 0..240 {
        let (date, status) = (
            1_795_384_800 + minute * 60,
            u8::from(!(90..150).contains(&minute)),
        );
        writeln!(text, "{date},{status},0.{}", 1 + minute / 60).expect("a string");
    }
    up.write("f.csv", text);
    run(&up, &["history", "import", "f.csv", "--path", "/A"]);
    let check = |by: &str, zone: &str, expected: &[(&str, f64, f64)]| {
        let span = [
            "--since",
            "2026-11-01",
            "--until",
            "2026-11-23T02:00Z",
            "--json",
        ];
        let args = ["history", "/A", "--by", by, "--timezone", zone];
        let found = json(&up, &[&args[..], &span].concat());
        let parts = found["parts"].as_array().expect("parts");
        let known: Vec<_> = parts
            .iter()
            .filter(|part| part["count"] != 0)
            .map(|part| {
                let number = |name: &str| (part[name].as_f64().expect(name) * 1e3).round() / 1e3;
                (
                    part["part"].as_str().expect("a name"),
                    number("uptime"),
                    number("duration"),
                )
            })
            .collect();
        assert_eq!(known, expected, "{by} {zone}");
    };
    let hours = [
        ("00", 0.5, 0.3),
        ("01", 1.0, 0.4),
        ("22", 1.0, 0.1),
        ("23", 0.5, 0.2),
    ];
    check("hour", "UTC", &hours);
    let berlin = [
        ("00", 0.5, 0.2),
        ("01", 0.5, 0.3),
        ("02", 1.0, 0.4),
        ("23", 1.0, 0.1),
    ];
    check("hour", "Europe/Berlin", &berlin);
    check(
        "weekday",
        "UTC",
        &[("Monday", 0.75, 0.35), ("Sunday", 0.75, 0.15)],
    );
    check("month", "UTC", &[("11", 0.75, 0.25)]);
    let outcome = up.run(["history", "/A", "--by", "hour", "--timezone", "Nowhere"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    // The last sample stands for five minutes, without an end before.
    let lines = run(
        &up,
        &["history", "/A", "--by", "month", "--since", "2026-11-01"],
    );
    assert!(
        lines.contains("11  75.41% up (0.25s) over 240 samples\n"),
        "{lines}"
    );
}

#[test]
fn paths_incidents_and_status_tell_what_there_is() {
    let up = Up::new();
    let begin = days_ago(3.0);
    let outages = |first: f64| {
        let mut text = "date,status,cause_code,cause\n".to_owned();
        for minute in 0..300_u32 {
            let is_down = minute % 100 < 5;
            let cause = if is_down { "0,refused,nobody" } else { "1,," };
            writeln!(text, "{},{cause}", first + 60.0 * f64::from(minute)).expect("a string");
        }
        writeln!(text, "{},,,", first + 18_000.0).expect("a string");
        text
    };
    for (path, first) in [("/R/A", begin), ("/R/A/B", begin + 600.0), ("/R/AB", begin)] {
        up.write("f.csv", outages(first));
        run(&up, &["history", "import", "f.csv", "--path", path]);
    }
    let paths = json(&up, &["history", "paths", "--json"]);
    assert_eq!(paths["store"], "the embedded history");
    let second = &paths["paths"][1];
    assert_eq!(
        (&second["path"], &second["count"]),
        (&"/R/A/B".into(), &300.into())
    );
    assert_eq!(
        (&second["unknown"], &second["first"]),
        (&1.into(), &(begin + 600.0).into())
    );
    assert_eq!(second["last"], begin + 18_600.0);
    let lines = run(&up, &["history", "paths"]);
    assert!(lines.contains("  301  /R/A/B\n"), "{lines}");

    let list = |args: &[&str]| {
        let found = json(&up, &[&["history", "incidents", "--json"], args].concat());
        let incidents = found["incidents"].as_array().expect("incidents");
        let one = |incident: &Value| {
            let from = incident["from"].as_f64().expect("a date") - begin;
            (
                incident["path"].as_str().expect("a path").to_owned(),
                from / 60.0,
            )
        };
        (
            incidents.iter().map(one).collect::<Vec<_>>(),
            found["more"].as_u64().expect("a number"),
        )
    };
    let (all, more) = list(&[]);
    assert_eq!((all.len(), more), (9, 0));
    assert!(all.is_sorted_by(|a, b| a.1 >= b.1), "newest first: {all:?}");
    let (below, _) = list(&["/R/A"]);
    assert_eq!(below.len(), 6, "not those of /R/AB: {below:?}");
    // Two begin at the same time, and stay on one page.
    let (page, more) = list(&["--limit", "2"]);
    assert_eq!((page.as_slice(), more), (&all[..3], 6));
    let text = run(&up, &["history", "incidents", "--limit", "2"]);
    let next = text.lines().last().expect("a line");
    let (more, before) = next.split_once(" more: --before ").expect(next);
    assert_eq!(more, "6");
    assert!(text.contains(" (5 min) /R/A/B: DOWN — nobody\n"), "{text}");
    let (page, more) = list(&["--limit", "2", "--before", before]);
    assert_eq!((page.as_slice(), more), (&all[3..6], 3));

    let status = json(&up, &["history", "status", "--json"]);
    assert_eq!(
        (&status["samples"], &status["paths"]),
        (&900.into(), &3.into())
    );
    assert_eq!(
        (&status["first"], &status["last"]),
        (&begin.into(), &(begin + 18_600.0).into())
    );
    assert_eq!(status["targets"].as_array().map(Vec::len), Some(0));
    assert!(status["bytes"].as_u64() > Some(0));
    let before = run(&up, &["history", "export"]);
    run(&up, &["history", "rebuild"]);
    assert_eq!(run(&up, &["history", "export"]), before);
}

#[test]
fn paths_that_are_named_like_commands_stay_paths() {
    let up = Up::new();
    up.write("f.csv", "status,date\n1,1795000000\n");
    for path in ["/paths", "/import", "/status"] {
        run(&up, &["history", "import", "f.csv", "--path", path]);
        let found = json(&up, &["history", path, "--json", "--since", "2026-01-01"]);
        assert_eq!((&found["path"], &found["count"]), (&path.into(), &1.into()));
    }
}

#[test]
fn old_samples_are_announced_to_be_removed() {
    let up = Up::new();
    let text = format!(
        "date,status\n{},1\n{},1\n{},1\n",
        days_ago(1.0),
        days_ago(40.0),
        days_ago(500.0)
    );
    up.write("f.csv", text);
    let outcome = up.run(["history", "import", "f.csv", "--path", "/A"]);
    assert_eq!(outcome.out, "added 3 samples of /A; 0 were there already\n");
    assert!(
        outcome
            .err
            .contains("1 sample is older than `raw` in [history] (30 days)"),
        "{outcome:?}"
    );
    assert!(
        outcome
            .err
            .contains("1 sample is older than `keep` in [history] (400 days)"),
        "{outcome:?}"
    );
    up.write("up.toml", "[history]\nraw = \"600d\"\nkeep = \"600d\"\n[[source]]\ntype = \"tcp\"\nhost = \"127.0.0.1\"\nport = 1\n");
    let outcome = up.run(["history", "import", "f.csv", "--path", "/B"]);
    assert_eq!(
        (outcome.code, outcome.err.as_str()),
        (Some(0), ""),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_beside_a_running_up_loses_nothing_of_either() {
    let server = Hostile::play(scripts::ok()).await;
    let up = Up::with(format!(
        "name = \"R\"\n[[source]]\ntype = \"http\"\nname = \"A\"\nurl = {:?}\ninterval = \"1s\"\n",
        server.url("/")
    ));
    let mut random = fastrand::Rng::with_seed(12);
    let rows = rows(days_ago(6.0), 8_000, &mut random);
    up.write("f.csv", csv(&rows));
    let count = |path: &str| {
        let found = json(&up, &["history", path, "--json", "--since", "30d"]);
        found["count"].as_u64().unwrap_or(0) + found["unknown"].as_u64().unwrap_or(0)
    };
    let watch = up.start(["watch"]);
    while count("/R/A") == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // To the path that is watched, too.
    for path in ["/R/A", "/Old"] {
        run(&up, &["history", "import", "f.csv", "--path", path]);
    }
    let before = count("/R/A");
    assert!(before > 8_000);
    while count("/R/A") == before {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(watch);
    assert_eq!(count("/Old"), 8_000);
}

fn staged(file: &Path, path: &str) -> Vec<ImportedSample> {
    let request = ImportRequest {
        file,
        path: Some(path),
        now: up_engine::clock::now(),
    };
    let mut staged = stage(&request, &mut |_| {}).expect("a good file");
    staged.sort(0.0).expect("room for a temporary file");
    let mut all = Vec::new();
    loop {
        let step = staged.next_step().expect("they are there");
        if step.is_empty() {
            return all;
        }
        all.extend(step);
    }
}

fn record(sample: &ImportedSample) -> Arc<Record> {
    let Point {
        date,
        status,
        duration,
        ..
    } = sample.point;
    Arc::new(Record {
        path: Arc::clone(&sample.path),
        kind: Kind("http"),
        sample: Sample {
            status: status.and_then(Status::new),
            date,
            duration,
            cause: None,
            detail: up_core::Detail::new(),
        },
    })
}

async fn summaries(store: &Embedded, begin: f64) -> Vec<HistorySummary> {
    let spans = (0..6).map(|day| (begin + DAY * f64::from(day), begin + DAY * 7.0));
    let odd = [
        (begin + 5_000.0, begin + 2.3 * DAY),
        (0.0, begin + 400.0 * DAY),
    ];
    store
        .summaries("/A".into(), spans.chain(odd).collect())
        .await
        .expect("an answer")
}

/// Uptime is a sum of fractions, whose last digit depends on the order.
fn same(found: &[HistorySummary], expected: &[HistorySummary]) {
    for (found, expected) in found.iter().zip(expected) {
        let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (a, b) => a == b,
        };
        assert!(
            close(found.uptime, expected.uptime),
            "{found:?} {expected:?}"
        );
        assert!(close(found.mean, expected.mean), "{found:?} {expected:?}");
        let found = HistorySummary {
            uptime: expected.uptime,
            mean: expected.mean,
            ..*found
        };
        assert_eq!(&found, expected);
    }
}

#[tokio::test]
async fn rollups_of_imported_samples_are_those_of_recorded_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = fastrand::Rng::with_seed(13);
    let begin = days_ago(6.0);
    let file = folder.path().join("f.csv");
    let rows = rows(begin, 7_000, &mut random);
    std::fs::write(&file, csv(&rows)).expect("a file");
    let all = staged(&file, "/A");
    assert!(all.is_sorted_by_key(|sample| sample.point.date as i64));
    let recorded = Embedded::open(&folder.path().join("recorded")).expect("a store");
    let records: Vec<_> = all.iter().map(record).collect();
    for records in records.chunks(500) {
        recorded.append(records.to_vec()).await.expect("kept");
    }
    while recorded.roll_up_step().await.expect("rolled up") {}
    let expected = summaries(&recorded, begin).await;
    assert_eq!(expected[7].count + expected[7].unknown, 7_000);

    // Imported: alone, and around samples that were recorded and rolled up before.
    for recorded in [0, 3_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(folder.path()).expect("a store");
        let from = 2_000;
        for records in records[from..from + recorded].chunks(500) {
            store.append(records.to_vec()).await.expect("kept");
        }
        while store.roll_up_step().await.expect("rolled up") {}
        let (mut added, mut present) = (0, 0);
        for step in all.chunks(900) {
            let step = store.import(step.to_vec()).await.expect("kept");
            added += step.added;
            present += step.present;
        }
        assert_eq!((added, present), (7_000 - recorded as u64, recorded as u64));
        same(&summaries(&store, begin).await, &expected);
        while store.roll_up_step().await.expect("rolled up") {}
        same(&summaries(&store, begin).await, &expected);
        store.rebuild(|_| {}).await.expect("made anew");
        same(&summaries(&store, begin).await, &expected);
    }
}

#[tokio::test]
async fn an_import_is_not_doubled_when_its_samples_were_removed_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = fastrand::Rng::with_seed(14);
    let begin = days_ago(6.0);
    let file = folder.path().join("f.csv");
    std::fs::write(&file, csv(&rows(begin, 7_000, &mut random))).expect("a file");
    let all = staged(&file, "/A");
    let store = Embedded::open(folder.path()).expect("a store");
    store.import(all.clone()).await.expect("kept");
    while store.roll_up_step().await.expect("rolled up") {}
    let expected = summaries(&store, begin).await;
    // Samples are removed only when as many later days have been recorded.
    for day in 0..4 {
        let mut sample = all[0].clone();
        sample.path = "/R".into();
        sample.point.date = days_ago(f64::from(day));
        store.append(vec![record(&sample)]).await.expect("kept");
    }
    let day = Duration::from_secs(86_400);
    let now = up_engine::clock::now();
    store.prune(now, 2 * day, 400 * day).await.expect("pruned");
    let pruned = store.pruned_before().await.expect("a mark");
    assert!(pruned > begin, "samples were removed");
    let step = store.import(all.clone()).await.expect("an answer");
    assert_eq!((step.added, step.present + step.rolled_up), (0, 7_000));
    assert!(step.rolled_up > 2_000, "{step:?}");
    let whole = summaries(&store, begin).await;
    same(&whole[7..], &expected[7..]);
    // Another path has no rollups there: its samples are added to them.
    let other: Vec<_> = all
        .iter()
        .map(|sample| ImportedSample {
            path: "/B".into(),
            ..sample.clone()
        })
        .collect();
    let step = store.import(other.clone()).await.expect("kept");
    assert_eq!((step.added, step.rolled_up), (7_000, 0));
    let step = store.import(other).await.expect("an answer");
    assert_eq!((step.added, step.present), (0, 7_000));
}

#[test]
fn a_large_file_takes_little_memory() {
    let up = Up::new();
    let begin = days_ago(300.0);
    let mut random = fastrand::Rng::with_seed(15);
    let mut rows: Vec<u32> = (0..200_000).collect();
    random.shuffle(&mut rows);
    let mut text = HEADER.to_owned();
    for number in rows {
        writeln!(text, "{},1,0.05,,\r", begin + 120.0 * f64::from(number)).expect("a string");
    }
    up.write("f.csv", &text);
    // Kilobytes of addresses: the program itself, its threads, and what it holds.
    let mut limited = up;
    limited.through(&["prlimit".into(), "--data=100000000".into()]);
    let out = run(&limited, &["history", "import", "f.csv", "--path", "/A"]);
    assert_eq!(out, "added 200000 samples of /A; 0 were there already\n");
    let exported = run(&limited, &["history", "export"]);
    assert_eq!(exported.lines().count(), 200_001);
}
