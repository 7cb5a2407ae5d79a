//! `statuspage`, `github` and `tcp` sources, and proxies, against servers that misbehave.

use std::time::{Duration, Instant};

use up_core::{CheckResult, Value};
use up_tests::check_source::{check_source, verdict};
use up_tests::hostile::scripts::{self, Encoding, answer};
use up_tests::hostile::{FullQueue, Hostile, ServerScript};
use up_tests::port::Port;

const TIMEOUT: Duration = Duration::from_secs(1);

/// A tolerance for loaded machines. A check that hangs takes for ever.
const SLACK: Duration = Duration::from_secs(4);

async fn check(kind: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let begun = Instant::now();
    let answer = check_source(kind, keys, TIMEOUT).await;
    let took = begun.elapsed();
    assert!(
        took < TIMEOUT + SLACK,
        "{kind} {keys} took {took:?}: {answer:?}"
    );
    assert_eq!(verdict(&answer), expected, "{kind} {keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(
        text.contains(words),
        "{kind} {keys}: {text:?} says {words:?}"
    );
    answer
}

/// Checks that both types of page read `script` in the same way.
async fn check_page(script: ServerScript, expected: &str, words: &str) {
    let server = Hostile::play(script).await;
    let url = format!("url = {:?}", server.url("/"));
    check("github", &url, expected, words).await;
    check("statuspage", &url, expected, words).await;
}

fn page(body: &str) -> ServerScript {
    answer("200 OK", "content-type: application/json\r\n", body)
}

#[tokio::test]
async fn what_a_page_reports_is_its_status() {
    let body = r#"{"status":{"indicator":"none","description":"All Systems Operational"}}"#;
    check_page(page(body), "up", "").await;
    let body = r#"{"status":{"indicator":"minor","description":"Partially Degraded Service"}}"#;
    check_page(
        page(body),
        "0.5 reported",
        "minor: Partially Degraded Service",
    )
    .await;
    let body = r#"{"status":{"indicator":"critical","description":"Major Outage"}}"#;
    check_page(page(body), "down reported", "critical: Major Outage").await;
    let body = r#"{"status":{"indicator":"maintenance","description":"Moving"}}"#;
    check_page(page(body), "unknown reported", "under maintenance: Moving").await;
    check_page(page(r#"{"status":"good"}"#), "up", "").await;
    check_page(page(r#"{"status":"major"}"#), "down reported", "major").await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_unknown_and_what_does_not_answer_is_down() {
    check_page(page(r#"{"status":"purple"}"#), "unknown word", "purple").await;
    check_page(
        page("<html>we moved</html>"),
        "unknown body",
        "not a status page's",
    )
    .await;
    check_page(page("{\"status\":\"go\u{fe}"), "unknown body", "").await;
    let lie = scripts::packed(Encoding::Gzip, br#"{"status":"good"}"#);
    check_page(lie, "unknown body", "compression is broken").await;
    check_page(
        scripts::bomb(Encoding::Gzip, 8 << 20),
        "unknown too_large",
        "2 MiB",
    )
    .await;
    check_page(scripts::short_body(), "down truncated", "").await;
    check_page(answer("503 Busy", "", ""), "down http_status", "HTTP 503").await;
    check_page(scripts::redirect("/"), "down redirect", "loop").await;
    check_page(scripts::silent(), "down timeout", "").await;
    check_page(scripts::dripping_body(), "down timeout", "").await;
}

#[tokio::test]
async fn a_page_is_asked_where_it_keeps_its_status() {
    let server = Hostile::route(|request| match request.split(' ').nth(1) {
        Some("/base/api/v2/status.json" | "/my.json") => page(r#"{"status":"good"}"#),
        _ => answer("404 Not Found", "", ""),
    })
    .await;
    for path in ["/base", "/base/", "/my.json"] {
        let url = format!("url = {:?}", server.url(path));
        check("statuspage", &url, "up", "").await;
    }
    let url = format!("url = {:?}", server.url("/elsewhere"));
    check("statuspage", &url, "down http_status", "HTTP 404").await;
}

#[tokio::test]
async fn ports_are_up_when_they_accept() {
    let silent = Hostile::play(scripts::silent()).await;
    let keys = format!("address = \"{}\"", silent.address());
    let answer = check("tcp", &keys, "up", "").await;
    let remote = Value::from(silent.address().to_string());
    assert_eq!(answer.detail.get("remote"), Some(&remote), "{answer:?}");
    assert!(answer.detail.get("timing").is_some(), "{answer:?}");
    let by_name = format!("host = \"localhost\"\nport = {}", silent.address().port());
    check("tcp", &by_name, "up", "").await;

    let closed = Port::claim();
    let words = format!(
        "connection refused: nothing listens on localhost:{}",
        closed.number()
    );
    let keys = format!("address = \"localhost:{}\"", closed.number());
    check("tcp", &keys, "down refused", &words).await;
    let full = FullQueue::start().await;
    let keys = format!("address = \"{}\"", full.address());
    let words = "no answer within 1s: 127.0.0.1:";
    check("tcp", &keys, "down timeout", words).await;
    check(
        "tcp",
        "address = \"name.invalid:80\"",
        "down dns",
        "cannot resolve",
    )
    .await;
}

/// Checks `url` through `proxy`.
async fn check_by(proxy: &str, url: &str, expected: &str, words: &str) {
    let keys = format!("url = {url:?}\nproxy = {proxy:?}");
    check("http", &keys, expected, words).await;
}

#[tokio::test]
async fn proxies_are_asked_in_place_of_the_far_side() {
    let proxy = Hostile::route(|request| {
        // `hunter2` as user and password, in base64.
        let authorized = request.contains("Basic aHVudGVyMjpodW50ZXIy");
        match request.split(' ').nth(1) {
            Some("http://far.invalid/") if authorized => scripts::ok(),
            Some("http://far.invalid/") => answer("407 Who?", "", ""),
            _ => answer("403 Forbidden", "", ""),
        }
    })
    .await;
    let proxy_demanding_names = Hostile::play(answer("407 Who?", "", "")).await;
    let url = "http://far.invalid/";
    let known = format!("http://hunter2:hunter2@{}", proxy.address());
    check_by(&known, url, "up", "").await;
    check_by(&proxy.url("/"), url, "down http_status", "HTTP 407").await;
    check_by(
        &known,
        "https://far.invalid/",
        "down unreachable",
        "the proxy",
    )
    .await;
    let closed = Port::claim();
    let closed = format!("http://{}", closed.address());
    let stranger = proxy_demanding_names.url("/");
    check_by(
        &stranger,
        "https://far.invalid/",
        "down credentials",
        "the proxy refused",
    )
    .await;
    check_by(&closed, url, "down refused", "the proxy").await;
    check_by(&closed, "https://far.invalid/", "down refused", "the proxy").await;
    let socks = closed.replace("http:", "socks5h:");
    check_by(&socks, url, "down refused", "the proxy").await;
    let silent = Hostile::play(scripts::silent()).await;
    check_by(
        &silent.url("/"),
        "https://far.invalid/",
        "down timeout",
        "the proxy",
    )
    .await;
}
