//! What the `http` source sends, and what of it follows a redirect.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use up_tests::ask::{ask, verdict};
use up_tests::hostile::{Hostile, Script, scripts};

const TIMEOUT: Duration = Duration::from_secs(5);

/// A server that keeps the heads of what it was asked.
struct Listener {
    server: Hostile,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    async fn start(script: impl Fn(&str) -> Script + Send + Sync + 'static) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = heard.clone();
        let server = Hostile::route(move |request| {
            hearing
                .lock()
                .expect("no test panics while it holds this")
                .push(request.to_ascii_lowercase());
            script(request)
        })
        .await;
        Self { server, heard }
    }

    /// The head of the last request, in lower case.
    fn last(&self) -> String {
        let heard = self
            .heard
            .lock()
            .expect("no test panics while it holds this");
        heard.last().cloned().unwrap_or_default()
    }
}

/// Asks a server with those keys; sees that the head it gets has all of `sent` and none of `unsent`.
async fn check_sent(path: &str, keys: &str, sent: &[&str], unsent: &[&str]) {
    let listener = Listener::start(|_| scripts::ok()).await;
    let url = listener.server.url(path);
    let answer = ask("http", &format!("url = {url:?}\n{keys}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{keys}: {answer:?}");
    let head = listener.last();
    for part in sent {
        assert!(head.contains(part), "{keys}: {head:?} has {part:?}");
    }
    for part in unsent {
        assert!(!head.contains(part), "{keys}: {head:?} has no {part:?}");
    }
}

#[tokio::test]
async fn questions_are_sent_as_configured() {
    let host = "\r\nhost: 127.0.0.1:";
    let agent = "\r\nuser-agent: up/";
    let plain = ["get /a?b=c http/1.1\r\n", host, "\r\naccept: */*\r\n"];
    let unsent = ["authorization", "#d", "content-length"];
    check_sent("/a?b=c#d", "", &plain, &unsent).await;
    check_sent("/", "", &["\r\nconnection: close\r\n"], &[]).await;
    let packed = ["\r\naccept-encoding: ", "gzip", "br", "deflate", "zstd"];
    check_sent("/", "", &packed, &[]).await;
    check_sent("/", "method = \"put\"", &["put / http/1.1", agent], &[]).await;
    let body = "method = \"POST\"\nbody = \"12345\"";
    check_sent("/", body, &["post / ", "content-length: 5"], &[]).await;
    let headers = "headers = { X-Key = \"abc\", User-Agent = \"me\" }";
    check_sent(
        "/",
        headers,
        &["\r\nx-key: abc\r\n", "\r\nuser-agent: me\r\n"],
        &[agent],
    )
    .await;
    check_sent(
        "/",
        "headers = { Host = \"other\" }",
        &["\r\nhost: other\r\n"],
        &[host],
    )
    .await;
    // `me:pass word` in base64, which the head in lower case blurs.
    let basic = "authorization: basic bwu6cgfzcyb3b3jk\r\n";
    check_sent(
        "/",
        "username = \"me\"\npassword = \"pass word\"",
        &[basic],
        &[],
    )
    .await;
    check_sent(
        "/",
        "token = \"abc\"",
        &["authorization: bearer abc\r\n"],
        &[],
    )
    .await;
}

#[tokio::test]
async fn a_user_in_the_url_is_sent_as_authorization() {
    let listener = Listener::start(|_| scripts::ok()).await;
    let url = format!("http://me:pass%20word@{}/", listener.server.address());
    let answer = ask("http", &format!("url = {url:?}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let head = listener.last();
    assert!(
        head.contains("authorization: basic bwu6cgfzcyb3b3jk\r\n"),
        "{head}"
    );
    assert!(head.starts_with("get / http/1.1\r\n"), "{head}");
}

#[tokio::test]
async fn secrets_do_not_follow_a_redirect_to_another_site() {
    const KEYS: &str = "token = \"hunter2\"\nheaders = { X-Key = \"hunter2\" }";
    let other = Listener::start(|_| scripts::ok()).await;
    // The same host, but another port: another site.
    let away = other.server.url("/away");
    let first = Listener::start(move |request| match request.split(' ').nth(1) {
        Some("/near") => scripts::redirect("/here"),
        Some("/here") => scripts::ok(),
        _ => scripts::redirect(&away),
    })
    .await;
    let near = first.server.url("/near");
    let answer = ask("http", &format!("url = {near:?}\n{KEYS}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let head = first.last();
    assert!(head.starts_with("get /here"), "it was followed: {head}");
    assert_eq!(
        head.matches("hunter2").count(),
        2,
        "the same site hears them: {head}"
    );

    let far = first.server.url("/far");
    let answer = ask("http", &format!("url = {far:?}\n{KEYS}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let head = other.last();
    assert!(head.starts_with("get /away"), "it was followed: {head}");
    assert!(!head.contains("hunter2"), "another site does not: {head}");
}

#[tokio::test]
async fn methods_change_on_the_way_as_they_do_in_browsers() {
    for (status, method, expected) in [
        ("301 Moved Permanently", "POST", "get"),
        ("302 Found", "POST", "get"),
        ("303 See Other", "PUT", "get"),
        ("303 See Other", "HEAD", "head"),
        ("307 Temporary Redirect", "POST", "post"),
        ("308 Permanent Redirect", "PUT", "put"),
        ("302 Found", "PUT", "put"),
    ] {
        let listener = Listener::start(move |request| match request.split(' ').nth(1) {
            Some("/") => scripts::answer(status, "location: /next\r\n", ""),
            _ => scripts::ok(),
        })
        .await;
        let url = listener.server.url("/");
        let keys = format!("url = {url:?}\nmethod = {method:?}\nbody = \"12345\"");
        let answer = ask("http", &keys, TIMEOUT).await;
        assert_eq!(verdict(&answer), "up", "{status}: {answer:?}");
        let head = listener.last();
        let line = format!("{expected} /next ");
        assert!(head.starts_with(&line), "{method} after {status}: {head}");
        let kept = method.eq_ignore_ascii_case(expected);
        let has_body = head.contains("content-length: 5");
        assert_eq!(
            has_body, kept,
            "{method} after {status} and its body: {head}"
        );
    }
}
