//! `type = "http"` against answers that violate the standards, but that curl and browsers read:
//! such a page is up.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use futures_util::future::join_all;
use up_core::{CheckResult, Value};
use up_tests::check_source::{FolderFiles, build_with, check_source, verdict};
use up_tests::hostile::scripts::{Encoding, answer, exactly, packed, prose};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Cue, Hostile, ServerScript, ServerStep};

const TIMEOUT: Duration = Duration::from_secs(20);

/// The key that expects the text that all good bodies contain.
const FINE: &str = "expect = { contains = \"fine\" }";

async fn judge(name: &str, script: ServerScript, keys: &str, expected: &str) -> Option<String> {
    let server = Hostile::play(script).await;
    let keys = format!("url = {:?}\n{keys}", server.url("/"));
    let answer = check_source("http", &keys, TIMEOUT).await;
    (verdict(&answer) != expected).then(|| format!("{name}: not {expected:?}, but {answer:?}"))
}

async fn check_all(cases: impl IntoIterator<Item = (&str, ServerScript, &str)>) {
    let judged = cases
        .into_iter()
        .map(|(name, script, expected)| judge(name, script, FINE, expected));
    let wrong: Vec<_> = join_all(judged).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An answer with those header lines, each of which ends as given.
fn with(lines: &str) -> ServerScript {
    exactly(format!(
        "HTTP/1.1 200 OK\r\n{lines}content-length: 4\r\n\r\nfine"
    ))
}

/// That many header lines.
fn lines(count: usize) -> String {
    (0..count).fold(String::new(), |mut lines, n| {
        let _ = write!(lines, "link: </{n}.js>\r\n");
        lines
    })
}

#[tokio::test]
async fn odd_heads_are_read() {
    check_all([
        ("folded line", with("x: one\r\n two\r\n\tthree\r\n"), "up"),
        ("space before the colon", with("server : old\r\n"), "up"),
        ("control character", with("set-cookie: a=\x01b\r\n"), "up"),
        ("delete character", with("x: a\x7fb\r\n"), "up"),
        ("carriage return within", with("x: a\rb\r\n"), "up"),
        ("name with spaces", with("x bad name: 1\r\n"), "up"),
        ("name with a quote", with("\"x\": 1\r\n"), "up"),
        ("no colon", with("garbage\r\n"), "up"),
        ("empty name", with(": 1\r\n"), "up"),
        ("line feeds only", with("x: 1\n"), "up"),
        (
            "all at once",
            with("x : 1\r\n 2\r\ny\r\nz z: \x02\r\n"),
            "up",
        ),
        ("101 lines", with(&lines(101)), "up"),
        ("10,000 lines", with(&lines(10_000)), "up"),
        (
            "one long line",
            with(&format!("x: {}\r\n", "a".repeat(200_000))),
            "up",
        ),
        ("25,000 lines", with(&lines(25_000)), "down too_large"),
        (
            "40,000 short lines",
            with(&"a:\r\n".repeat(40_000)),
            "down too_large",
        ),
        ("300 KiB of lines", with(&lines(20_000)), "down too_large"),
    ])
    .await;
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    let interim = |count: usize| {
        let hints = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n".repeat(count);
        exactly(format!(
            "{hints}HTTP/1.1 200 OK\r\nx : a\rb\r\ncontent-length: 4\r\n\r\nfine"
        ))
    };
    check_all([
        ("one", interim(1), "up"),
        ("a hundred", interim(100), "up"),
        ("a thousand", interim(1_000), "down protocol"),
    ])
    .await;
}

/// 200 with a body that is declared with that coding.
fn coded(coding: &str, body: &[u8]) -> ServerScript {
    let header = format!("content-encoding: {coding}\r\n");
    answer("200 OK", &header, body)
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes it all");
    encoder.finish().expect("memory takes it all")
}

#[tokio::test]
async fn codings_are_undone_by_whatever_name() {
    let text = [prose(), b"fine".to_vec()].concat();
    let gzip = Encoding::Gzip.pack(&text);
    let twice = Encoding::Brotli.pack(&gzip);
    let raw = raw_deflate(&text);
    let members = [Encoding::Gzip.pack(b"fi"), Encoding::Gzip.pack(b"ne")].concat();
    check_all([
        ("gzip", packed(Encoding::Gzip, &gzip), "up"),
        ("x-gzip", coded("x-gzip", &gzip), "up"),
        ("capitals", coded("GZip", &gzip), "up"),
        ("members", coded("gzip", &members), "up"),
        (
            "deflate",
            packed(Encoding::Deflate, &Encoding::Deflate.pack(&text)),
            "up",
        ),
        ("raw deflate", coded("deflate", &raw), "up"),
        (
            "raw deflate, cut",
            coded("deflate", &raw[..raw.len() / 2]),
            "down body",
        ),
        ("one over the other", coded("gzip, br", &twice), "up"),
        ("identity", coded("identity", b"fine"), "up"),
        ("unknown", coded("utf-8", b"fine"), "up"),
        ("not gzip at all", coded("x-gzip", b"fine"), "down body"),
        ("nothing", coded("gzip", b""), "down expect"),
    ])
    .await;
}

/// The result for a TLS server that sends no closing alert.
async fn unannounced(body: &str) -> CheckResult {
    let tls = Authority::new().tls_http1(&["127.0.0.1"]);
    let mut script = exactly(format!("HTTP/1.1 200 OK\r\n{body}"));
    script.push(ServerStep::Vanish);
    let server = Hostile::secure(tls, script).await;
    let url = server.https("127.0.0.1", "/");
    check_source("http", &format!("url = {url:?}\ninsecure = true"), TIMEOUT).await
}

#[tokio::test]
async fn tls_that_is_not_closed_is_down_only_where_something_is_missing() {
    let check = async |body: &str, expected: &str| {
        let answer = unannounced(body).await;
        assert_eq!(verdict(&answer), expected, "{body:?}: {answer:?}");
        answer
    };
    let answer = check("\r\nuntil the end", "up").await;
    let closed = answer.detail.get("tls_closed");
    assert_eq!(closed, Some(&Value::from(false)), "{answer:?}");
    let answer = check("content-length: 4\r\n\r\nfine", "up").await;
    assert_eq!(
        answer.detail.get("tls_closed"),
        None,
        "nobody waited for it"
    );
    check("content-length: 40\r\n\r\nfine", "down truncated").await;
    let chunked = "transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n";
    check(chunked, "down truncated").await;
    check(&format!("{chunked}0\r\n\r\n"), "up").await;
    check("content-encoding: gzip\r\n\r\n\x1f", "down body").await;
    check("x: ", "down reset").await;
}

/// A server that answers well only to that value of `Host`.
async fn only_as(host: &'static str) -> Hostile {
    Hostile::route(move |request| {
        let asked = request.to_ascii_lowercase();
        let status = if asked.contains(&format!("host: {host}\r\n")) {
            "200 OK"
        } else {
            "421 Misdirected Request"
        };
        answer(status, "", "fine")
    })
    .await
}

#[tokio::test]
async fn one_node_is_asked_by_the_name_of_all() {
    let node = only_as("site.invalid:81").await;
    let port = node.address().port();
    let check = async |keys: String, expected: &str| {
        let answer = check_source("http", &keys, TIMEOUT).await;
        assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
        answer
    };
    let url = "url = \"http://site.invalid:81/\"";
    let answer = check(format!("{url}\nconnect_to = \"127.0.0.1:{port}\""), "up").await;
    let remote = format!("127.0.0.1:{port}");
    let told = answer.detail.get("remote");
    assert_eq!(told, Some(&Value::from(remote)), "the node is told");
    check(format!("{url}\nconnect_to = \"localhost:{port}\""), "up").await;
    check(url.to_owned(), "down dns").await;
    // The port is that of the URL unless another is given.
    let url = format!("url = \"http://site.invalid:{port}/\"\nconnect_to = \"127.0.0.1\"");
    check(url, "down http_status").await;
}

#[tokio::test]
async fn a_redirect_to_another_site_is_not_sent_to_the_node() {
    let there = only_as("127.0.0.1").await;
    let elsewhere = Hostile::play(answer("200 OK", "", "fine")).await;
    let (own, other) = ("http://site.invalid/again", elsewhere.url("/"));
    drop(there);
    let node = Hostile::route(move |request| {
        let to = match request.split(' ').nth(1) {
            Some("/own") => own,
            Some("/again") => return answer("200 OK", "", "fine"),
            _ => &other,
        };
        answer("302 Found", &format!("location: {to}\r\n"), "")
    })
    .await;
    let keys = |path: &str| {
        let port = node.address().port();
        format!("url = \"http://site.invalid{path}\"\nconnect_to = \"127.0.0.1:{port}\"")
    };
    for path in ["/own", "/other"] {
        let answer = check_source("http", &keys(path), TIMEOUT).await;
        assert_eq!(verdict(&answer), "up", "{path}: {answer:?}");
    }
    assert_eq!(elsewhere.connections(), 1, "only what leads there");
}

#[tokio::test]
async fn the_certificate_is_for_the_name_that_is_asked_for() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).expect("a file in it");
    let files = FolderFiles(folder.path().to_owned());
    let script = |_: &str| answer("200 OK", "", "fine");
    let server = Hostile::start(
        Cue::Request,
        Some(authority.tls_http1(&["site.invalid"])),
        script,
    )
    .await;
    let port = server.address().port();
    let here = format!("url = \"https://127.0.0.1:{port}/\"");
    let there = "url = \"https://site.invalid/\"".to_owned();
    let node = format!("connect_to = \"127.0.0.1:{port}\"");
    for (url, keys, expected) in [
        (&here, "", "down tls"),
        (&here, "server_name = \"site.invalid\"", "up"),
        (&here, "server_name = \"other.invalid\"", "down tls"),
        (&there, node.as_str(), "up"),
        (
            &there,
            &format!("{node}\nserver_name = \"x.invalid\""),
            "down tls",
        ),
    ] {
        let keys = format!("{url}\nca = \"ca.pem\"\n{keys}");
        let built = build_with(&files, "http", &keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
        let probe = up_source::CheckContext::starting_now(TIMEOUT);
        let answer = built.source.check(&probe).await;
        assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_in_whatever_charset_it_is_written() {
    for location in [&b"/caf\xe9"[..], "/caf\u{e9}".as_bytes(), b"/caf%E9"] {
        let location = location.to_vec();
        let server = Hostile::route(move |request| {
            if request.starts_with("GET /caf%") {
                return answer("200 OK", "", "fine");
            }
            let head = [
                &b"HTTP/1.1 302 Found\r\nlocation: "[..],
                &location,
                b"\r\n\r\n",
            ];
            exactly(head.concat())
        })
        .await;
        let answer = check_source("http", &format!("url = {:?}", server.url("/")), TIMEOUT).await;
        assert_eq!(verdict(&answer), "up", "{answer:?}");
    }
}
