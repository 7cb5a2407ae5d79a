//! The commands that list what there is.

use std::fmt::Write as _;

use serde_json::Value;
use up_tests::mongod::Mongod;
use up_tests::up::Up;

use crate::{days_ago, json, run};

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
    what_is_looked_for_is_found(&up, &all, &list);

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

type IncidentsAndMore = (Vec<(String, f64)>, u64);

/// The options of a search, and the table.
fn what_is_looked_for_is_found(
    up: &Up,
    all: &[(String, f64)],
    list: &dyn Fn(&[&str]) -> IncidentsAndMore,
) {
    let check = |args: &[&str], expected: &dyn Fn(&str) -> bool| {
        let wanted = all.iter().filter(|(path, _)| expected(path)).cloned();
        assert_eq!(list(args), (wanted.collect(), 0), "{args:?}");
    };
    check(&["--text", "Nobody"], &|_| true);
    check(&["--text", "nobody", "--text", "/ab"], &|path| {
        path == "/R/AB"
    });
    check(
        &["--text", "refused", "--longer", "5m", "--shorter", "5m"],
        &|_| true,
    );
    check(&["--longer", "301s"], &|_| false);
    check(&["--shorter", "4m"], &|_| false);
    check(&["--level", "down"], &|_| true);
    check(&["--level", "degraded"], &|_| false);
    check(&["--tag", "db"], &|_| false);
    let refused = up.run(["history", "incidents", "--longer", "soon"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let table = run(up, &["history", "incidents", "--csv", "--limit", "1"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("path,from,until,level,code,cause,told,"));
    assert!(lines[0].contains(",acknowledged,acknowledged_by,note,"));
    assert!(lines[1].contains(",0,refused,nobody,,,,,,,"), "{table}");
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
fn imported_samples_reach_a_mongodb_once() {
    let mongod = Mongod::start();
    let up = Up::with(format!(
        "[[source]]\ntype = \"tcp\"\nhost = \"127.0.0.1\"\nport = 1\n\
         [[sink]]\ntype = \"mongo\"\nuri = {:?}\n",
        mongod.uri()
    ));
    let begin = days_ago(2.0);
    up.write(
        "f.csv",
        format!("date,status\n{begin},1\n{},\n", begin + 60.0),
    );
    for added in [2, 0] {
        let out = run(&up, &["history", "import", "f.csv", "--path", "/A"]);
        assert!(out.starts_with(&format!("added {added} sample")), "{out}");
    }
    let found = json(&up, &["history", "paths", "--json"]);
    let store = found["store"].as_str().expect("a name");
    assert!(store.starts_with("MongoDB 127.0.0.1"), "{found}");
    let only = &found["paths"][0];
    assert_eq!((&only["path"], &only["count"]), (&"/A".into(), &1.into()));
    assert_eq!(
        (&only["unknown"], &only["first"]),
        (&1.into(), &begin.into())
    );
    assert_eq!(only["last"], begin + 60.0);
    assert!(run(&up, &["history", "status"]).contains("/up: 0 rows behind;"));
}
