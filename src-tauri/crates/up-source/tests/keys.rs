//! What can be wrong with a source's keys beyond their types: each problem names its key.

use serde_json::{Value, json};
use up_source::{Built, ConfigProblem, PlainSecrets, Shared, SourceConfig};

fn build(kind: &str, keys: &Value) -> Result<Built, ConfigProblem> {
    let config = SourceConfig::read(kind, keys)
        .expect("a known type")
        .unwrap_or_else(|e| panic!("{keys}: {e}"));
    config.build(&Shared::new(&PlainSecrets))
}

/// These keys make a source called `name`, which asks `target`.
fn check(kind: &str, keys: &Value, name: &str, target: &str) {
    let built = build(kind, keys).unwrap_or_else(|e| panic!("{keys}: {e}"));
    assert_eq!(built.default_name, name, "name of {keys}");
    assert_eq!(built.target, target, "target of {keys}");
}

/// These keys make a problem with `key` whose message has those words.
fn check_problem(kind: &str, keys: &Value, key: &str, words: &str) {
    let Err(problem) = build(kind, keys) else {
        panic!("{keys} makes a source");
    };
    assert_eq!(problem.key, key, "{keys}: {problem}");
    assert!(problem.message.contains(words), "{keys}: {problem}");
    let told = format!("{problem:?}");
    assert!(!told.contains("hunter2"), "a secret is told: {told}");
}

/// These keys are not even of the right types; the message has those words.
fn check_unread(kind: &str, keys: &Value, words: &str) {
    let read = SourceConfig::read(kind, keys).expect("a known type");
    let error = read.map_or_else(|e| e.to_string(), |_| "nothing".to_owned());
    assert!(error.contains(words), "{keys}: {error}");
}

#[test]
fn targets_tell_no_secret() {
    let http = |url: &str, name, target| check("http", &json!({ "url": url }), name, target);
    http("https://example.com", "example.com", "https://example.com/");
    http("http://[::1]:81/a", "[::1]", "http://[::1]:81/a");
    http("http://me:hunter2@h/a#b", "h", "http://h/a");
    http("http://h/?key=hunter2&q=&x", "h", "http://h/?key=…&q=…&…");
    let tcp = json!({ "host": "::1", "port": 22 });
    check("tcp", &tcp, "[::1]:22", "[::1]:22");
    let page = json!({ "url": "https://me:hunter2@status.example.com/" });
    let target = "https://status.example.com/";
    check("statuspage", &page, "status.example.com", target);
    let target = "https://www.githubstatus.com/";
    check("github", &json!({}), "GitHub", target);
}

#[test]
fn only_web_urls_can_be_asked() {
    for kind in ["http", "statuspage", "github"] {
        let url = |url: &str, words| check_problem(kind, &json!({ "url": url }), "url", words);
        url("", "no usable URL");
        url("example.com", "no usable URL");
        url("http://", "no usable URL");
        url("http://h:99999/", "no usable URL");
        url(
            "file:///etc/passwd",
            "only http and https URLs can be requested, not file:",
        );
        url("ftp://example.com/", "not ftp:");
        url("data:text/plain,up", "not data:");
        url("https://{{host}}/", "a request cannot hold");
    }
}

#[test]
fn each_key_is_checked() {
    let problem = |keys: Value, key, words| {
        let mut all = json!({ "url": "http://127.0.0.1/" });
        let more = keys.as_object().expect("keys").clone();
        all.as_object_mut().expect("keys").extend(more);
        check_problem("http", &all, key, words);
    };
    problem(json!({ "method": "GE T" }), "method", "not a method");
    problem(json!({ "method": "connect" }), "method", "not a method");
    problem(
        json!({ "status": [] }),
        "status",
        "no response could ever be up",
    );
    problem(json!({ "status": [99] }), "status", "99 is no HTTP status");
    problem(
        json!({ "status": ["300-200"] }),
        "status",
        "\"300-200\" is no",
    );
    problem(json!({ "status": ["2xx"] }), "status", "\"2xx\" is no");
    problem(json!({ "max_body": "16 lumps" }), "max_body", "no size");
    problem(json!({ "max_body": "MiB" }), "max_body", "no size");
    problem(
        json!({ "max_body": "99999999999 GiB" }),
        "max_body",
        "no size",
    );
    problem(
        json!({ "headers": { "a b": "x" } }),
        "headers",
        "no header name",
    );
    problem(
        json!({ "headers": { "content-length": "1" } }),
        "headers",
        "by the HTTP client",
    );
    problem(
        json!({ "headers": { "x": "hunter2\n" } }),
        "headers",
        "x: the value has a line break",
    );
    problem(json!({ "token": "hunter2\n" }), "token", "line break");
    problem(
        json!({ "token": "hunter2", "username": "me" }),
        "token",
        "a username or password",
    );
    let twice = json!({ "token": "hunter2", "headers": { "Authorization": "hunter2" } });
    problem(twice, "headers", "given twice");
    problem(json!({ "password": { "env": "X" } }), "password", "plain");
    problem(json!({ "ip": "6" }), "ip", "of the other IP version");
    problem(json!({ "ca": "ca.pem" }), "ca", "plain");
    problem(
        json!({ "ca": "ca.pem", "insecure": true }),
        "insecure",
        "`ca`",
    );
    problem(json!({ "proxy": "hunter2" }), "proxy", "no URL of a proxy");
    problem(
        json!({ "proxy": "ftp://me:hunter2@h/" }),
        "proxy",
        "no URL of a proxy",
    );
}

#[test]
fn unread_keys_say_what_could_stand_there() {
    let unread = |keys, words| check_unread("http", &keys, words);
    unread(json!({}), "missing field `url`");
    unread(json!({ "url": "http://h", "redirects": 256 }), "256");
    unread(
        json!({ "url": "http://h", "http": "3" }),
        "expected one of `auto`, `1.1`, `2`",
    );
    unread(json!({ "url": "http://h", "ip": "5" }), "`4` or `6`");
    unread(
        json!({ "url": "http://h", "status": [true] }),
        "a range like \"200-299\"",
    );
    unread(
        json!({ "url": "http://h", "max_body": true }),
        "a string like \"16 MiB\"",
    );
    unread(
        json!({ "url": "http://h", "token": 1 }),
        "{ env = \"NAME\" }",
    );
    unread(
        json!({ "url": "http://h", "uri": "" }),
        "unknown field `uri`",
    );
}

#[test]
fn another_place_to_connect_to_is_a_host_with_or_without_a_port() {
    let keys = |key: &str, value: &str| json!({ "url": "https://h/", key: value });
    for place in ["10.0.0.7", "node-3:8443", "::1", "[::1]", "[::1]:8443"] {
        check("http", &keys("connect_to", place), "h", "https://h/");
    }
    for place in [
        "",
        ":80",
        "node:",
        "node:0",
        "node:65536",
        "a b",
        "http://h",
        "h/p",
    ] {
        check_problem("http", &keys("connect_to", place), "connect_to", "no host");
    }
    for (name, words) in [("", "not a valid"), ("a b", "not a valid")] {
        check_problem("http", &keys("server_name", name), "server_name", words);
    }
    let plain = json!({ "url": "http://h/", "server_name": "x" });
    check_problem("http", &plain, "server_name", "without TLS");
    let both = json!({ "url": "http://h/", "connect_to": "x", "proxy": "http://p" });
    check_problem(
        "http",
        &both,
        "connect_to",
        "the proxy opens the connection",
    );
}
