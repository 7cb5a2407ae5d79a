//! What the checks of real sources measured, from the check to `up history metrics`: a command with
//! performance data, and nginx.

use rustix::process::Signal;
use serde_json::Value;
use up_tests::nginx::Nginx;
use up_tests::up::{Up, eventually};

/// A plugin that reports a value with thresholds and a counter, and a page.
fn site(nginx: &Nginx, more: &str) -> String {
    let url = nginx.url("/ok");
    let plugin = "echo \"OK | '/home'=71%;80;~:90;0;100 read=1500MB\"";
    format!(
        "name = \"Site\"\n{more}\n[[source]]\ntype = \"command\"\nname = \"disk\"\n\
         command = [\"sh\", \"-c\", {plugin:?}]\n\
         [[source]]\ntype = \"http\"\nname = \"web\"\nurl = {url:?}\n"
    )
}

/// The metrics of a path as JSON.
fn metrics(up: &Up, path: &str) -> Vec<Value> {
    let ran = up.run(["history", "metrics", path, "--json"]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{}", ran.out);
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        (&found["schema"], &found["path"]),
        (&Value::from(1), &Value::from(path))
    );
    found["metrics"].as_array().expect("metrics").clone()
}

fn count(metric: &Value) -> u64 {
    metric["count"].as_u64().expect("a count")
}

#[test]
fn what_one_check_measured_is_listed_with_units_and_thresholds() {
    let nginx = Nginx::start();
    let up = Up::with(site(&nginx, "[[sink]]\ntype = \"history\""));
    for _ in 0..2 {
        up.run(["--color", "never"]);
    }
    let disk = metrics(&up, "/Site/disk");
    let check = |metric: &Value, expected: [Value; 7]| {
        let keys = [
            "name",
            "label",
            "unit",
            "last",
            "warn",
            "crit",
            "most_possible",
        ];
        assert_eq!(keys.map(|key| metric[key].clone()), expected, "{metric}");
        assert_eq!(count(metric), 2);
        assert_eq!(metric["points"].as_array().map(Vec::is_empty), Some(false));
    };
    let texts = ["perfdata./home", "/home", "%"].map(Value::from);
    let [name, label, unit] = texts;
    let (warn, crit) = (Value::from("80"), Value::from("~:90"));
    check(
        &disk[0],
        [name, label, unit, 71.0.into(), warn, crit, 100.0.into()],
    );
    let [name, label, unit] = ["perfdata.read", "read", "MB"].map(Value::from);
    let none = || Value::Null;
    check(
        &disk[1],
        [name, label, unit, 1_500.0.into(), none(), none(), none()],
    );

    let lines = up.run(["history", "metrics", "/Site/disk"]).out;
    assert!(lines.starts_with("METRIC "), "{lines}");
    assert!(
        lines.contains("71%") && lines.contains("warn 80, crit ~:90"),
        "{lines}"
    );
    let table = up.run(["history", "metrics", "/Site/disk", "--csv"]).out;
    let mut rows = table.lines();
    assert_eq!(rows.next(), Some("name,unit,from,to,count,min,mean,max"));
    assert!(
        rows.next()
            .is_some_and(|row| row.starts_with("perfdata./home,%,")),
        "{table}"
    );

    let web = metrics(&up, "/Site/web");
    let names: Vec<_> = web
        .iter()
        .map(|metric| metric["name"].as_str().unwrap_or(""))
        .collect();
    for part in ["timing.connect", "timing.first_byte", "timing.body"] {
        assert!(names.contains(&part), "{names:?}");
    }
    assert!(
        web.iter()
            .all(|metric| metric["mean"].as_f64().is_some_and(|mean| mean >= 0.0))
    );
    let none = up.run(["history", "metrics", "/Site"]);
    assert_eq!(
        (none.code, &*none.out),
        (Some(0), "/Site: no metrics in this span\n")
    );
}

/// A metric is committed with its sample, so that neither is lost without the other.
#[test]
fn a_kill_costs_no_metric_of_a_sample_that_is_kept() {
    let nginx = Nginx::start();
    let up = Up::with(site(&nginx, "interval = \"1s\""));
    for _ in 0..2 {
        let before = metrics(&up, "/Site/disk").first().map_or(0, count);
        let mut watch = up.start(["watch"]);
        eventually("checks are kept", || {
            metrics(&up, "/Site/disk").first().map_or(0, count) >= before + 3
        });
        watch.end(Signal::KILL);
        let samples = up.run(["history", "/Site/disk", "--json"]);
        let samples: Value = serde_json::from_str(&samples.out).expect("JSON");
        for metric in metrics(&up, "/Site/disk") {
            assert_eq!(metric["count"], samples["count"], "{metric}");
        }
    }
}
