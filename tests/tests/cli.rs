//! `up`: its output, records and exit status, as section 3.1 of the design fixes them.

use serde_json::Value;
use up_tests::hostile::{Hostile, scripts};
use up_tests::port::Port;
use up_tests::up::{RunOutcome, Up};

fn http(name: &str, url: &str) -> String {
    format!("[[source]]\ntype = \"http\"\nname = {name:?}\nurl = {url:?}\ntimeout = \"2s\"\n")
}

/// A URL where nothing listens while the port is claimed.
fn nowhere() -> (Port, String) {
    let port = Port::claim();
    let url = format!("http://{}/", port.address());
    (port, url)
}

fn run(up: &Up, args: &[&str]) -> RunOutcome {
    up.run(args)
}

/// The lines without their durations, which differ from run to run.
fn timeless(text: &str) -> String {
    let line = |line: &str| {
        let mut rest = line;
        let mut kept = String::new();
        while let Some((before, after)) = rest.split_once(" (") {
            let (figure, after) = after.split_once(')').expect("a closed figure");
            kept.push_str(before);
            if !figure.ends_with('s') {
                kept.extend([" (", figure, ")"]);
            }
            rest = after;
        }
        kept + rest
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_whether_all_is_up() {
    let good = Hostile::play(scripts::ok()).await;
    let (good, (_port, bad)) = (good.url("/"), nowhere());
    let check = |config: String, status, lines: &str, told: &str| {
        let up = Up::with(config);
        let outcome = run(&up, &["-v"]);
        assert_eq!(outcome.code, Some(status), "{outcome:?}");
        assert_eq!(timeless(&outcome.out), lines);
        assert_eq!(outcome.err, told);
        assert!(!up.data().exists(), "no sink asks for a history");
    };
    let address = bad.trim_start_matches("http://").trim_end_matches('/');
    let refused = format!("connection refused: nothing listens on {address}");
    check(http("Example", &good), 0, "Example: UP", "");
    check(
        http("Example", &bad),
        1,
        &format!("Example: DOWN — {refused}"),
        "",
    );
    check(
        format!(
            "name = \"Root\"\n{}{}",
            http("PROD", &good),
            http("QA", &bad)
        ),
        1,
        &format!("Root: HALF UP (50%)\n    PROD: UP\n    QA: DOWN — {refused}"),
        "",
    );
    check(
        "name = \"Root\"\n[[source]]\ntype = \"tree\"\nname = \"Empty\"\n".into(),
        1,
        "Root: DOWN\n    Empty: DOWN",
        "up.toml:2:1: this tree has no sources: it is always down\n",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_moods_and_colours() {
    let good = Hostile::play(scripts::ok()).await;
    let up = Up::with(format!(
        "name = \"Root\"\nmood = \"pessimist\"\n{}",
        http("A", &good.url("/"))
    ));
    let check = |args: &[&str], expected: &str| {
        let outcome = run(&up, args);
        assert_eq!(timeless(&outcome.out), expected, "{args:?}");
        assert_eq!(outcome.code, Some(0));
    };
    check(&[], "Root: WHATEVER");
    check(&["--realist"], "Root: UP");
    check(
        &["--optimist", "--note", "deploy 42"],
        "deploy 42\n\nRoot: UP",
    );
    check(&["-vvv"], "Root: WHATEVER\n    A: WHATEVER");
    let coloured = run(&up, &["--color", "always", "--note", "hi"]).out;
    assert!(coloured.starts_with("\x1b[37mhi\x1b[0m\n\nRoot: \x1b[32mWHATEVER\x1b[0m\x1b[37m ("));
    let both = run(&up, &["--realist", "--optimist"]);
    assert_eq!(both.code, Some(2), "moods exclude each other");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_fixed_shape() {
    let good = Hostile::play(scripts::ok()).await;
    let (_port, bad) = nowhere();
    let config = format!(
        "name = \"Root\"\n{}{}",
        http("A", &good.url("/")),
        http("B", &bad)
    );
    let outcome = run(&Up::with(config), &["--json"]);
    assert_eq!(outcome.code, Some(1));
    let document: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!(document["schema"], 1);
    assert_eq!(document["mood"], "realist");
    let root = &document["root"];
    let keys: Vec<_> = root
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let mut expected = vec![
        "name", "path", "kind", "status", "level", "word", "hold", "date", "duration", "cause",
        "detail", "children",
    ];
    let mut keys_sorted = keys.clone();
    keys_sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys_sorted, expected);
    assert_eq!((&root["status"], &root["level"]), (&0.5.into(), &2.into()));
    assert_eq!(root["kind"], "tree");
    let [a, b] = [&root["children"][0], &root["children"][1]];
    assert_eq!(
        (&a["path"], &a["cause"], &a["hold"]),
        (&"/Root/A".into(), &Value::Null, &Value::Null)
    );
    assert!(a["date"].as_f64().expect("Unix seconds") > 1.7e9);
    assert_eq!(
        (&b["word"], &b["cause"]["code"]),
        (&"DOWN".into(), &"refused".into())
    );
}

#[test]
fn a_wrong_configuration_polls_nothing_and_exits_2() {
    let check = |config: &[u8], expected: &str| {
        let up = Up::with(config);
        for args in [&[][..], &["validate"], &["watch"]] {
            let outcome = run(&up, args);
            assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
            assert_eq!(outcome.out, "", "{args:?}");
            assert!(
                outcome.err.starts_with(expected),
                "{args:?}: {}",
                outcome.err
            );
            assert!(!up.data().exists(), "nothing is written");
        }
    };
    check(b"", "up.toml:1:1: ");
    check(b"interval = 30\n", "up.toml:1:12: ");
    check(b"nmae = \"x\"\n", "up.toml:1:1: ");
    check(b"name = \"\xff\"\n", "up.toml:1:9: ");
    check(
        b"[[source]]\ntype = \"http\"\nname = \"a/b\"\nurl = \"http://x/\"\n",
        "up.toml:3:8: ",
    );
    check(
        b"[[source]]\ntype = \"http\"\nurl = \"file:///etc/passwd\"\n",
        "up.toml:3:7: ",
    );
}

#[test]
fn without_a_configuration_it_says_where_it_looked() {
    let up = Up::new();
    let outcome = run(&up, &[]);
    assert_eq!(outcome.code, Some(2));
    // What it says to do writes a file that is found from every folder.
    let (_, told) = outcome.err.split_once("`up init ").expect("what to do");
    let (file, _) = told.split_once('`').expect("which file to write");
    assert!(
        outcome.err.contains(&format!(", {file}\n")),
        "{}",
        outcome.err
    );
    assert_eq!(run(&up, &["init", file]).code, Some(0));
    assert_eq!(run(&up, &["validate"]).code, Some(0), "{file} is found");
    let missing = run(&up, &["-c", "gone.toml"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.starts_with("gone.toml"), "{}", missing.err);
}

#[test]
fn the_configuration_is_looked_for_in_order() {
    let mut up = Up::new();
    let source = |name: &str| format!("[[source]]\ntype = \"tree\"\nname = {name:?}\n");
    let name = |up: &Up, args: &[&str]| {
        let out = run(up, args).out;
        out.split(':').next().map(str::to_owned).unwrap_or_default()
    };
    std::fs::create_dir_all(up.dir().join("config/up")).expect("a folder");
    up.write("config/up/up.toml", source("user's"));
    assert_eq!(name(&up, &[]), "user's");
    up.write("up.toml", source("working directory's"));
    assert_eq!(name(&up, &[]), "working directory's");
    up.write("variable.toml", source("variable's"));
    up.env("UP_CONFIG", "variable.toml");
    assert_eq!(name(&up, &[]), "variable's");
    up.write("named.toml", source("named"));
    assert_eq!(name(&up, &["-c", "named.toml"]), "named");
}

#[test]
fn init_writes_a_valid_starter_and_never_overwrites() {
    let up = Up::new();
    assert_eq!(run(&up, &["init"]).code, Some(0));
    let validated = run(&up, &["validate"]);
    assert_eq!(validated.code, Some(0), "{validated:?}");
    assert!(validated.out.starts_with("ok: "), "{}", validated.out);
    up.write("up.toml", "mine");
    assert_eq!(run(&up, &["init"]).code, Some(2));
    assert_eq!(
        std::fs::read_to_string(up.dir().join("up.toml")).expect("it is there"),
        "mine"
    );
    assert_eq!(run(&up, &["init", "other.toml"]).code, Some(0));
    // What the message about a missing file says to do puts it where it was looked for.
    let missing = run(&up, &["-c", "its/own folder/up.toml", "validate"]);
    let told = "`up init 'its/own folder/up.toml'`";
    assert!(missing.err.contains(told), "{missing:?}");
    assert_eq!(run(&up, &["init", "its/own folder/up.toml"]).code, Some(0));
    let there = run(&up, &["-c", "its/own folder/up.toml", "validate"]);
    assert_eq!(there.code, Some(0), "{there:?}");
}

#[test]
fn validate_counts_the_sources() {
    let up = Up::with(format!(
        "name = \"R\"\n{}{}",
        http("a", "http://x/"),
        http("b", "http://x/")
    ));
    assert_eq!(run(&up, &["validate"]).out, "ok: 2 sources\n");
}

#[test]
fn texts_for_machines() {
    let up = Up::new();
    let schema: Value = serde_json::from_str(&run(&up, &["schema"]).out).expect("JSON");
    assert!(
        schema["properties"]["source"].is_object(),
        "the schema describes sources"
    );
    assert!(run(&up, &["man"]).out.contains(".TH up 1"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(
            run(&up, &["completions", shell]).out.contains("up"),
            "{shell}"
        );
    }
    assert_eq!(run(&up, &["--no-such-flag"]).code, Some(2));
    assert!(run(&up, &["--version"]).out.starts_with("up "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_sink_keeps_samples_and_notes() {
    let good = Hostile::play(scripts::ok()).await;
    let (_port, bad) = nowhere();
    let sources = format!("{}{}", http("A", &good.url("/")), http("B", &bad));
    let up = Up::with(format!(
        "name = \"R\"\n{sources}[[sink]]\ntype = \"history\"\n"
    ));
    let checked = run(&up, &["--note", "deploy, \"42\""]);
    assert_eq!(
        (checked.code, checked.out.as_str()),
        (Some(1), ""),
        "stdout is no sink here"
    );
    assert_eq!(run(&up, &["note", "later"]).code, Some(0));
    assert_eq!(run(&up, &["note", " "]).code, Some(2));
    let text = run(&up, &["history", "/R/B"]).out;
    assert!(
        text.contains("DOWN") && text.contains("connection refused"),
        "{text}"
    );
    assert!(text.contains("note: later"), "{text}");
    assert!(
        text.ends_with("/R/B: 0% up over 1 sample, from the embedded history\n"),
        "{text}"
    );
    let json: Value =
        serde_json::from_str(&run(&up, &["history", "/R", "--json"]).out).expect("JSON");
    assert_eq!((&json["uptime"], &json["count"]), (&0.5.into(), &1.into()));
    assert_eq!(json["notes"][0]["message"], "deploy, \"42\"");
    assert_eq!((&json["schema"], &json["unknown"]), (&1.into(), &0.into()));
    assert_eq!(
        (&json["path"], &json["store"]),
        (&"/R".into(), &"the embedded history".into())
    );
    for field in ["from", "to", "p50", "p95", "p99"] {
        assert!(json[field].is_number(), "{field}: {json}");
    }
    for field in ["incidents", "samples"] {
        assert!(json[field].is_array(), "{field}: {json}");
    }
    let csv = run(&up, &["history", "/R/B", "--csv"]).out;
    assert!(
        csv.starts_with("date,status,duration,cause_code,cause\r\n"),
        "{csv}"
    );
    assert!(csv.contains(",refused,connection refused"), "{csv}");
    assert_eq!(
        run(&up, &["history", "/R/B", "--since", "yesterday"]).code,
        Some(2)
    );
}
