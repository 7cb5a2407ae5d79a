//! `up validate --explain PATH`: the settings that apply to one source, and where they come from.

use serde_json::{Value, json};
use up_tests::up::Up;

const CONFIG: &str = r#"name = "Site"
interval = "1m"
concurrency = 8
alert = { retry = "1s" }

[network]
reference = ["tcp://192.0.2.1:443"]

[[source]]
type = "tree"
name = "Office"
timeout = "5s"
policy = { at_least = 1 }
[source.alert]
down_after = 3

[[source.source]]
type = "snmp"
name = "router"
host = "192.0.2.1"
community = "hunter2"
interval = "10s"
weight = 2

[[source.source]]
type = "http"
name = "web"
url = "https://me:hunter2@example.com/"
headers = { X-Trace = "hunter2", Cookie = { env = "PATH" } }
expect = { headers = { X-Token = "hunter2" }, json = { "/queue" = "< 100" } }
"#;

/// The lines of the output, without the spaces that align them.
fn explain(path: &str) -> Vec<String> {
    let outcome = Up::with(CONFIG).run(["validate", "--explain", path]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(!outcome.out.contains("hunter2"), "{}", outcome.out);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    outcome.out.lines().map(words).collect()
}

/// Checks that the output contains those lines in that order.
fn check(path: &str, expected: &[&str]) {
    let said = explain(path);
    let mut rest = said.iter();
    for line in expected {
        assert!(rest.any(|said| said == line), "{line} in {said:#?}");
    }
}

#[test]
fn each_setting_says_where_it_comes_from() {
    check(
        "/Site/Office/router",
        &[
            "/Site/Office/router: snmp, checks 192.0.2.1:161",
            "interval = \"10s\" up.toml:22",
            "timeout = \"5s\" up.toml:12",
            "weight = 2 up.toml:23",
            "alert.down_after = 3 up.toml:15",
            "alert.up_after = 1 default",
            "alert.retry = \"1s\" up.toml:4",
            "alert.level = 1 default",
            "network.reference = [\"tcp://192.0.2.1:443\"] up.toml:7",
            "host = \"192.0.2.1\" up.toml:20",
            "community = \"•••\" up.toml:21",
        ],
    );
    check(
        "/Site/Office/web",
        &[
            "interval = \"1m\" up.toml:2",
            "weight = 1 default",
            "alert.down_after = 3 up.toml:15",
            "url = \"https://•••@example.com/\" up.toml:28",
            "headers = { X-Trace = \"•••\", Cookie = { env = \"PATH\" } } up.toml:29",
            "expect = { headers = { X-Token = \"•••\" }, json = { \"/queue\" = \"< 100\" } } up.toml:30",
        ],
    );
    check(
        "/Site/Office",
        &[
            "/Site/Office: tree",
            "interval = \"1m\" up.toml:2",
            "timeout = \"5s\" up.toml:12",
            "weight = 1 default",
            "parallel = true default",
            "policy = { at_least = 1 } up.toml:13",
        ],
    );
    check(
        "/Site",
        &[
            "/Site: tree",
            "timeout = \"10s\" default",
            "alert.down_after = 2 default",
            "alert.per_minute = 6 default",
            "concurrency = 8 up.toml:3",
            "policy = \"mean\" default",
        ],
    );
    assert!(
        !explain("/Site")
            .iter()
            .any(|line| line.starts_with("weight")),
        "the root stands in no tree"
    );
}

#[test]
fn the_same_in_json() {
    let outcome = Up::with(CONFIG).run(["validate", "--explain", "/Site/Office/router", "--json"]);
    let said: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!(
        (&said["schema"], &said["kind"], &said["target"]),
        (&json!(1), &json!("snmp"), &json!("192.0.2.1:161"))
    );
    let settings = said["settings"].as_array().expect("settings");
    for expected in [
        json!({ "key": "interval", "value": "10s", "from": "up.toml:22" }),
        json!({ "key": "alert.up_after", "value": 1, "from": "default" }),
        json!({ "key": "community", "value": "•••", "from": "up.toml:21" }),
    ] {
        assert!(settings.contains(&expected), "{expected} in {settings:#?}");
    }
}

#[test]
fn a_path_that_is_not_there_is_refused_with_a_suggestion() {
    let check = |path: &str, help: &str| {
        let outcome = Up::with(CONFIG).run(["validate", "--explain", path]);
        assert_eq!(
            (outcome.code, outcome.out.as_str()),
            (Some(2), ""),
            "{path}"
        );
        let told = format!("up.toml: there is no source {path:?}\nhelp: {help}\n");
        // The warnings about secrets in the file come before it.
        assert!(
            outcome.err.ends_with(&told),
            "{} ends with {told}",
            outcome.err
        );
    };
    check(
        "/Site/Ofice/router",
        "did you mean \"/Site/Office/router\"?",
    );
    check("router", "did you mean \"/Site/Office/router\"?");
    check(
        "nothing like it",
        "a path has all names from the root down, as in \"/Root/Tree/source\"",
    );
}

#[test]
fn a_file_that_is_wrong_explains_nothing() {
    let outcome = Up::with("nmae = 1").run(["validate", "--explain", "/x"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.starts_with("up.toml:1:1: "), "{}", outcome.err);
}
