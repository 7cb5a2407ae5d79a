//! `up history import` and `export`: what is exported comes back as it was, a file may be imported
//! again and again, and a file with a mistake changes nothing.

mod judged;
mod lists;
mod mistakes;
mod mongo;
mod rollups;

use std::fmt::Write as _;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use up_tests::hostile::{Hostile, scripts};
use up_tests::up::{Up, eventually};

pub(crate) const DAY: f64 = 86_400.0;
pub(crate) const HEADER: &str = "date,status,duration,cause_code,cause\r\n";

/// Midnight some days ago.
pub(crate) fn days_ago(days: f64) -> f64 {
    ((up_engine::clock::now() / DAY).floor() - days) * DAY
}

pub(crate) fn run(up: &Up, args: &[&str]) -> String {
    let outcome = up.run(args);
    assert_eq!(outcome.code, Some(0), "{args:?}: {outcome:?}");
    outcome.out
}

pub(crate) fn json(up: &Up, args: &[&str]) -> Value {
    serde_json::from_str(&run(up, args)).expect("JSON")
}

/// A row a minute, with outages, unknown samples, and texts that need quoting, in random order.
pub(crate) fn rows(begin: f64, count: u32, random: &mut fastrand::Rng) -> Vec<String> {
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

pub(crate) fn csv(rows: &[String]) -> String {
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

/// An up with a file of 200,000 rows in random order.
fn with_large_file() -> Up {
    let up = Up::new();
    let begin = days_ago(300.0);
    let mut numbers: Vec<u32> = (0..200_000).collect();
    fastrand::Rng::with_seed(15).shuffle(&mut numbers);
    let mut text = HEADER.to_owned();
    for number in numbers {
        writeln!(text, "{},1,0.05,,\r", begin + 120.0 * f64::from(number)).expect("a string");
    }
    up.write("f.csv", &text);
    up
}

const IMPORT: [&str; 5] = ["history", "import", "f.csv", "--path", "/A"];

#[test]
fn a_large_file_takes_little_memory() {
    let up = with_large_file();
    let (code, peak) = up.start(IMPORT).peak();
    assert_eq!(code, Some(0));
    // A build without optimization takes some 15 MB more than one with it.
    assert!(peak < 65 << 20, "{peak}");
    assert_eq!(run(&up, &["history", "export"]).lines().count(), 200_001);
}

#[test]
fn an_import_that_is_stopped_can_be_taken_up_again() {
    let up = with_large_file();
    let mut import = up.start(IMPORT);
    let has_begun = || !run(&up, &["history", "paths"]).is_empty();
    eventually("the first samples are there", has_begun);
    // It may be quicker than the signal.
    if import.end(Signal::INT) == Some(2) {
        let told = import.err_rest().join("\n");
        assert!(
            told.contains("added ") && told.contains(" not added"),
            "{told}"
        );
        assert!(
            told.contains("importing the file again adds the rest"),
            "{told}"
        );
    }
    run(&up, &IMPORT);
    let rows = run(&up, &["history", "export"]);
    assert_eq!(rows.lines().count(), 200_001);
}
