//! The requests of `type = "http"`, and what of them follows a redirect.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use up_source::CheckContext;
use up_tests::check_source::{FolderFiles, build, build_with, check_source, verdict};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Cue, Hostile, ServerScript, scripts};

const TIMEOUT: Duration = Duration::from_secs(5);

/// A server that keeps the heads of its requests.
struct Listener {
    server: Hostile,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    async fn start(script: impl Fn(&str) -> ServerScript + Send + Sync + 'static) -> Self {
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

    /// The heads of all requests.
    fn all(&self) -> Vec<String> {
        self.heard
            .lock()
            .expect("no test panics while it holds this")
            .clone()
    }

    /// Forgets all requests.
    fn forget(&self) {
        self.heard
            .lock()
            .expect("no test panics while it holds this")
            .clear();
    }
}

/// Checks a server with those keys. The head of the request must contain all of `sent` and none of
/// `unsent`.
async fn check_sent(path: &str, keys: &str, sent: &[&str], unsent: &[&str]) {
    let listener = Listener::start(|_| scripts::ok()).await;
    let url = listener.server.url(path);
    let answer = check_source("http", &format!("url = {url:?}\n{keys}"), TIMEOUT).await;
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
    // `me:pass word` in base64, in the lower case of the head.
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
    let answer = check_source("http", &format!("url = {url:?}"), TIMEOUT).await;
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
    // The same host with another port is another site.
    let away = other.server.url("/away");
    let first = Listener::start(move |request| match request.split(' ').nth(1) {
        Some("/near") => scripts::redirect("/here"),
        Some("/here") => scripts::ok(),
        _ => scripts::redirect(&away),
    })
    .await;
    let near = first.server.url("/near");
    let answer = check_source("http", &format!("url = {near:?}\n{KEYS}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let head = first.last();
    assert!(head.starts_with("get /here"), "it was followed: {head}");
    assert_eq!(
        head.matches("hunter2").count(),
        2,
        "the same site hears them: {head}"
    );

    let far = first.server.url("/far");
    let answer = check_source("http", &format!("url = {far:?}\n{KEYS}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let head = other.last();
    assert!(head.starts_with("get /away"), "it was followed: {head}");
    assert!(!head.contains("hunter2"), "another site does not: {head}");
}

#[tokio::test]
async fn what_every_site_may_know_follows_anywhere() {
    const KEYS: &str = "headers = { User-Agent = \"me\", Accept = \"text/x\", \
        Accept-Language = \"de\", X-Api-Key = \"hunter2\", Cookie = \"s=hunter2\", \
        Proxy-Authorization = \"hunter2\", Referer = \"hunter2\", \
        Cache-Control = { file = \"secret\" } }\nusername = \"hunter2\"";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), "hunter2").expect("a file");
    let other = Listener::start(|_| scripts::ok()).await;
    let away = other.server.url("/away");
    let first = Listener::start(move |request| match request.split(' ').nth(1) {
        Some("/back") => scripts::ok(),
        _ => scripts::redirect(&away),
    })
    .await;
    let keys = format!("url = {:?}\n{KEYS}", first.server.url("/"));
    let built = build_with(&FolderFiles(folder.path().into()), "http", &keys).expect("usable keys");
    let answer = built
        .source
        .check(&CheckContext::starting_now(TIMEOUT))
        .await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let (here, there) = (first.last(), other.last());
    // The user is in base64.
    assert_eq!(here.matches("hunter2").count(), 5, "{here}");
    assert!(here.contains("\r\nauthorization: basic "), "{here}");
    for name in ["user-agent: me", "accept: text/x", "accept-language: de"] {
        let line = format!("\r\n{name}\r\n");
        assert!(here.contains(&line) && there.contains(&line), "{there}");
    }
    assert!(!there.contains("hunter2"), "{there}");
    assert!(!there.contains("authorization"), "{there}");
}

#[tokio::test]
async fn what_is_secret_is_told_at_home_again() {
    let home = Arc::new(Mutex::new(String::new()));
    let back = home.clone();
    let other = Listener::start(move |_| {
        scripts::redirect(&back.lock().expect("no test panics while it holds this"))
    })
    .await;
    let away = other.server.url("/");
    let first = Listener::start(move |request| match request.split(' ').nth(1) {
        Some("/back") => scripts::ok(),
        _ => scripts::redirect(&away),
    })
    .await;
    *home.lock().expect("no test panics while it holds this") = first.server.url("/back");
    let keys = format!("url = {:?}\ntoken = \"hunter2\"", first.server.url("/"));
    let answer = check_source("http", &keys, TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    assert!(!other.last().contains("hunter2"), "{}", other.last());
    assert!(first.last().starts_with("get /back"), "{}", first.last());
    assert!(first.last().contains("hunter2"), "{}", first.last());
}

/// A page that sets a cookie, and shows its content once it gets the cookie.
fn login(request: &str) -> ServerScript {
    let set = |cookie: &str| {
        let headers = format!("location: /page\r\nset-cookie: {cookie}\r\n");
        scripts::answer("302 Found", &headers, "")
    };
    let path = request.split(' ').nth(1).unwrap_or_default();
    let has = |cookie: &str| request.contains(cookie);
    match path {
        "/page" if has("\r\ncookie: seen=1; theme=dark\r\n") => scripts::ok(),
        "/page" if has("\r\ncookie: seen=1\r\n") => set("theme=dark; path=/; httponly"),
        "/page" => set("seen=1"),
        // It sets the same cookie each time.
        "/same" => scripts::answer("302 Found", "location: /same\r\nset-cookie: a=b\r\n", ""),
        // It sets another cookie each time.
        "/more" => {
            let count = request.matches('x').count();
            let cookie = "x".repeat(count + 1);
            let headers = format!("location: /more\r\nset-cookie: n={cookie}\r\n");
            scripts::answer("302 Found", &headers, "")
        }
        _ => scripts::redirect("/page"),
    }
}

#[tokio::test]
async fn cookies_are_kept_within_a_check_and_no_longer() {
    let site = Listener::start(|request| login(&request.to_ascii_lowercase())).await;
    let check = async |path: &str, keys: &str, expected: &str, words: &str| {
        let url = site.server.url(path);
        let answer = check_source("http", &format!("url = {url:?}\n{keys}"), TIMEOUT).await;
        assert_eq!(verdict(&answer), expected, "{path}: {answer:?}");
        let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
        assert!(text.contains(words), "{path}: {text:?} says {words:?}");
        assert!(!format!("{answer:?}").contains("dark"), "{answer:?}");
    };
    check("/page", "", "up", "").await;
    check("/", "", "up", "").await;
    // The loop is detected when the second request equals the first.
    check("/same", "", "down redirect", "redirect loop").await;
    check("/more", "", "down redirect", "more than 10 redirects").await;

    let built = build("http", &format!("url = {:?}", site.server.url("/page")));
    let built = built.expect("a usable configuration");
    for _ in 0..2 {
        site.forget();
        let answer = built
            .source
            .check(&CheckContext::starting_now(TIMEOUT))
            .await;
        assert_eq!(verdict(&answer), "up", "{answer:?}");
        let heads = site.all();
        assert_eq!(heads.len(), 3, "{heads:?}");
        assert!(
            !heads[0].contains("cookie"),
            "each check begins without: {heads:?}"
        );
    }
}

#[tokio::test]
async fn cookies_of_one_host_are_not_told_to_another() {
    let other = Listener::start(|_| scripts::ok()).await;
    let port = other.server.address().port();
    let first = Listener::start(move |request| match request.split(' ').nth(1) {
        Some("/far") => scripts::answer(
            "302 Found",
            &format!("location: http://localhost:{port}/\r\nset-cookie: s=hunter2; path=/\r\n"),
            "",
        ),
        _ => scripts::answer(
            "302 Found",
            &format!("location: http://127.0.0.1:{port}/\r\nset-cookie: s=hunter2; path=/\r\n"),
            "",
        ),
    })
    .await;
    for (path, told) in [("/far", false), ("/near", true)] {
        let url = first.server.url(path);
        let answer = check_source("http", &format!("url = {url:?}"), TIMEOUT).await;
        assert_eq!(verdict(&answer), "up", "{answer:?}");
        let head = other.last();
        // Cookies do not distinguish ports (RFC 6265, section 8.5).
        assert_eq!(head.contains("cookie: s=hunter2"), told, "{path}: {head}");
    }
}

#[tokio::test]
async fn secrets_follow_from_http_to_https_of_the_same_host_and_never_back() {
    const KEYS: &str = "token = \"hunter2\"\ninsecure = true";
    let heard = Arc::new(Mutex::new(Vec::new()));
    let authority = Authority::new();
    let hearing = heard.clone();
    let plain = Listener::start(|_| scripts::ok()).await;
    let down = plain.server.url("/down");
    let secure = Hostile::start(
        Cue::Request,
        Some(authority.tls_http1(&["127.0.0.1", "localhost"])),
        move |request: &str| {
            hearing
                .lock()
                .expect("no test panics while it holds this")
                .push(request.to_owned());
            match request.split(' ').nth(1) {
                Some("/down") => scripts::redirect(&down),
                _ => scripts::ok(),
            }
        },
    )
    .await;
    let last = || {
        let heard = heard.lock().expect("no test panics while it holds this");
        heard.last().cloned().unwrap_or_default()
    };
    for (host, told) in [("127.0.0.1", true), ("localhost", false)] {
        let up = secure.https(host, "/up");
        let first = Listener::start(move |_| scripts::redirect(&up)).await;
        let url = first.server.url("/");
        let answer = check_source("http", &format!("url = {url:?}\n{KEYS}"), TIMEOUT).await;
        assert_eq!(verdict(&answer), "up", "{answer:?}");
        assert_eq!(last().contains("hunter2"), told, "{host}: {}", last());
    }
    let url = secure.https("127.0.0.1", "/down");
    let answer = check_source("http", &format!("url = {url:?}\n{KEYS}"), TIMEOUT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    assert!(last().contains("hunter2"), "{}", last());
    assert!(plain.last().starts_with("get /down"), "{}", plain.last());
    assert!(!plain.last().contains("hunter2"), "{}", plain.last());
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
        let keys = format!(
            "url = {url:?}\nmethod = {method:?}\nbody = \"12345\"\n\
            headers = {{ Content-Type = \"a/b\" }}"
        );
        let answer = check_source("http", &keys, TIMEOUT).await;
        assert_eq!(verdict(&answer), "up", "{status}: {answer:?}");
        let head = listener.last();
        let line = format!("{expected} /next ");
        assert!(head.starts_with(&line), "{method} after {status}: {head}");
        let kept = method.eq_ignore_ascii_case(expected);
        assert_eq!(head.contains("content-type: a/b"), kept, "{head}");
        let has_body = head.contains("content-length: 5");
        assert_eq!(
            has_body, kept,
            "{method} after {status} and its body: {head}"
        );
    }
}
