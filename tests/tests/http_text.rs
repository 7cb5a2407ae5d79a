//! Conditions on the text of an answer: in every charset, of every length, compared as a whole.

use std::time::Duration;

use up_tests::check_source::{check_source, verdict};
use up_tests::hostile::{Hostile, ServerScript, scripts};

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);

/// Checks a server that plays `script`, with those keys beside its URL.
async fn check(script: ServerScript, keys: &str, expected: &str, words: &str) {
    let server = Hostile::play(script).await;
    let keys = format!("url = {:?}\n{keys}", server.url("/"));
    let answer = check_source("http", &keys, PATIENT).await;
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{keys}: {text:?} says {words:?}");
}

#[tokio::test]
async fn bodies_are_decoded_before_they_are_judged() {
    let page = |header: &str, body: &[u8]| scripts::answer("200 OK", header, body);
    let html = |charset: &str| format!("content-type: text/html; charset={charset}\r\n");
    let utf16 = |text: &str| -> Vec<u8> {
        let marked = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        marked.flat_map(u16::to_le_bytes).collect()
    };
    let normal = "expect = { contains = '\u{6b63}\u{5e38}', regex = '^\u{6b63}.$' }";
    let gbk = b"\xd5\xfd\xb3\xa3";
    check(page(&html("GBK"), gbk), normal, "up", "").await;
    check(
        page(&html("x-unheard-of"), gbk),
        normal,
        "down expect",
        "found 4 bytes",
    )
    .await;
    let large = "expect = { contains = 'gr\u{f6}\u{df}e', not_contains = 'gr\u{f6}sse' }";
    check(page(&html("iso-8859-1"), b"gr\xf6\xdfe"), large, "up", "").await;
    let within = b"<html><head><meta charset=latin1></head>gr\xf6\xdfe";
    check(page("content-type: text/html\r\n", within), large, "up", "").await;
    check(page("", &utf16("gr\u{f6}\u{df}e")), large, "up", "").await;
    let state = "status_from = { json = '/state', map = { '\u{fc}bel' = 0.5 } }";
    let json = utf16("{\"state\": \"\u{fc}bel\"}");
    check(
        page("content-type: application/json\r\n", &json),
        state,
        "0.5 reported",
        "",
    )
    .await;
    let read = "status_from = { regex = 'state: (\\S+)', map = { '\u{fc}bel' = 0.5 } }";
    check(
        page(&html("latin1"), b"state: \xfcbel"),
        read,
        "0.5 reported",
        "",
    )
    .await;
    let wanted = "expect.json = { '/state' = { regex = '^\u{fc}' } }";
    check(
        page(&html("latin1"), b"{\"state\": \"\xfcbel\"}"),
        wanted,
        "up",
        "",
    )
    .await;
}

#[tokio::test]
async fn headers_of_all_kinds_are_held_to_what_is_expected() {
    let with = |headers: Vec<u8>| {
        let head = [
            b"HTTP/1.1 200 OK\r\n",
            &*headers,
            b"content-length: 0\r\n\r\n",
        ]
        .concat();
        scripts::exactly(head)
    };
    let latin = || with(b"x-city: Z\xfcrich\r\n".to_vec());
    check(
        latin(),
        "expect.headers.x-city = { is = 'Z\u{fc}rich' }",
        "up",
        "",
    )
    .await;
    check(
        latin(),
        "expect.headers.x-city = { regex = '^Z.rich$' }",
        "up",
        "",
    )
    .await;
    check(
        latin(),
        "expect.headers.x-city = 'X'",
        "down expect",
        "found \"Z\u{fc}rich\"",
    )
    .await;
    let utf8 = || with("x-city: Z\u{fc}rich\r\n".into());
    check(
        utf8(),
        "expect.headers.x-city = { is = 'Z\u{fc}rich' }",
        "up",
        "",
    )
    .await;
    // The whole text is compared, while only a part is shown.
    let long = "a".repeat(30_000);
    let huge = |end: &str| with(format!("x-long: {long}{end}\r\n").into_bytes());
    let is = format!("expect.headers.x-long = {{ is = '{long}b' }}");
    check(huge("b"), &is, "up", "").await;
    check(huge("c"), &is, "down expect", "found \"aaaa").await;
    check(
        huge("b"),
        "expect.headers.x-long = { regex = 'ab$' }",
        "up",
        "",
    )
    .await;
    check(
        huge("b"),
        "expect.headers.x-long = { regex = 'ac$' }",
        "down expect",
        "a\u{2026}\"",
    )
    .await;
    let many = |last: &str| {
        let mut headers = "x-n: same\r\n".repeat(90);
        headers.push_str(last);
        with(headers.into_bytes())
    };
    check(
        many("x-n: last\r\n"),
        "expect.headers.x-n = { regex = 'st$' }",
        "up",
        "",
    )
    .await;
    let none = "found \"same\" and 89 more";
    check(
        many(""),
        "expect.headers.x-n = { is = 'last' }",
        "down expect",
        none,
    )
    .await;
}

#[tokio::test]
async fn sizes_that_are_told_are_those_of_the_body() {
    let body = vec![0xff; 300_000];
    for charset in ["utf-8", "gbk", "latin1", "utf-16le"] {
        let header = format!("content-type: text/plain; charset={charset}\r\n");
        let script = || scripts::answer("200 OK", &header, &body);
        let words = "found 300000 bytes without it";
        check(script(), "expect.contains = 'fine'", "down expect", words).await;
        let words = "found no match in 300000 bytes";
        check(script(), "expect.regex = 'fine'", "down expect", words).await;
    }
}
