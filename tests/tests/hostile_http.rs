//! `type = "http"` against servers that misbehave: each has its cause, and none delays a result
//! past the deadline.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::timeout;
use up_core::{CheckResult, Value};
use up_source::CheckContext;
use up_tests::check_source::{build, check_source, verdict};
use up_tests::hostile::scripts::{self, Encoding};
use up_tests::hostile::{FullQueue, Hostile, ServerScript};
use up_tests::port::Port;

const TIMEOUT: Duration = Duration::from_secs(1);

/// A tolerance for loaded machines. A check that hangs takes for ever.
const SLACK: Duration = Duration::from_secs(4);

/// Checks `url` with those further keys, within `deadline`. The error says in what the result
/// differs, or that it is late.
async fn judge(
    (name, url): (&str, &str),
    keys: &str,
    deadline: Duration,
    (expected, words): (&str, &str),
) -> Result<CheckResult, String> {
    let begun = Instant::now();
    let answer = check_source("http", &format!("url = {url:?}\n{keys}"), deadline).await;
    let took = begun.elapsed();
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    if took > deadline + SLACK {
        return Err(format!("{name}: late, after {took:?}: {answer:?}"));
    }
    if verdict(&answer) != expected || !text.contains(words) {
        return Err(format!(
            "{name}: not {expected:?} with {words:?}, but {answer:?}"
        ));
    }
    Ok(answer)
}

async fn check(name: &str, url: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let judged = judge((name, url), keys, TIMEOUT, (expected, words)).await;
    judged.unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Checks each script at once, each within `deadline`, and reports all differences together.
async fn check_all(cases: Vec<(&str, ServerScript, &str, &str)>, deadline: Duration) {
    let judged = cases
        .into_iter()
        .map(|(name, script, expected, words)| async move {
            let server = Hostile::play(script).await;
            let url = server.url("/");
            let judged = judge((name, &url), "", deadline, (expected, words)).await;
            judged.err()
        });
    let wrong: Vec<_> = join_all(judged).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_way_to_misbehave_has_its_cause() {
    use scripts as s;
    #[rustfmt::skip]
    let cases = vec![
        ("ok", s::ok(), "up", ""),
        ("not UTF-8", s::not_utf8(), "up", ""),
        ("until close", s::until_close(), "up", ""),
        ("HTTP/1.0", s::old_http(), "up", ""),
        ("204", s::no_content(), "up", ""),
        ("slow", s::slow(Duration::from_millis(100)), "up", ""),
        ("404", s::answer("404 Not Found", "", "no"), "down http_status", "HTTP 404 Not Found"),
        ("503", s::answer("503 Busy", "", ""), "down http_status", "HTTP 503 Service Unavailable"),
        ("599", s::answer("599 Odd", "", ""), "down http_status", "HTTP 599"),
        ("304", s::answer("304 Not Modified", "", ""), "down http_status", "HTTP 304"),
        ("short body", s::short_body(), "down truncated", "after 31 bytes of 100 bytes"),
        ("short chunk", s::short_chunk(), "down truncated", "before it was whole"),
        ("short gzip", s::short_packed_body(), "down truncated", "before it was whole"),
        ("no last chunk", s::no_last_chunk(), "down truncated", "before it was whole"),
        ("mangled chunk", s::mangled_chunk(), "down protocol", "chunk"),
        ("mangled status", s::mangled_status(), "down protocol", "not HTTP"),
        ("another protocol", s::another_protocol(), "down protocol", "not HTTP"),
        ("cut head", s::cut_head(), "down reset", "before the head of an answer was whole"),
        ("unended head", s::unended_head(), "down reset", "before the head"),
        ("hang up", s::hang_up(), "down reset", "before the head"),
        ("reset", s::reset(), "down reset", "reset"),
        ("reset in body", s::reset_in_body(), "down reset", "after 10 bytes of the body"),
        ("silent", s::silent(), "down timeout", "no answer within 1s: connected, but no"),
        ("dripping head", s::dripping_head(), "down timeout", "no whole head of an answer"),
        ("dripping body", s::dripping_body(), "down timeout", "body was still coming"),
        ("endless head", s::endless_head(), "down too_large", "head is too large"),
        ("endless line", s::endless_line(), "down too_large", "head is too large"),
        ("huge promise", s::huge_promise(), "down too_large", "larger than 16 MiB (max_body)"),
        ("endless interim", s::endless_interim(), "down protocol", "more than 100 interim answers"),
        ("nowhere", s::redirect_nowhere(), "down redirect", "without a Location header"),
        ("to a file", s::redirect("file:///etc/passwd"), "down redirect", "a file: URL"),
        ("to no URL", s::redirect("http://[/"), "down redirect", "not a URL"),
        ("to itself", s::redirect("/"), "down redirect", "redirect loop"),
    ];
    check_all(cases, TIMEOUT).await;
}

#[tokio::test]
async fn a_refused_status_is_the_cause_whatever_becomes_of_its_body() {
    use scripts as s;
    let most = (16 << 20) + (1 << 20);
    for (name, script, size) in [
        ("whole", s::answer("200 OK", "", "busy"), Some(4..=4)),
        ("short body", s::short_body(), Some(31..=31)),
        ("reset in body", s::reset_in_body(), Some(10..=10)),
        ("dripping body", s::dripping_body(), Some(1..=999)),
        ("endless body", s::endless_body(), Some(65_536..=most)),
        ("huge promise", s::huge_promise(), None),
    ] {
        let server = Hostile::play(s::unavailable(script)).await;
        let words = "HTTP 503 Service Unavailable";
        let answer = check(name, &server.url("/"), "", "down http_status", words).await;
        let bytes = answer.detail.get("bytes");
        let is_expected = match (bytes, &size) {
            (Some(Value::Number(bytes)), Some(size)) => size.contains(&(*bytes as u64)),
            (bytes, size) => bytes.is_none() && size.is_none(),
        };
        assert!(is_expected, "{name}: {bytes:?} bytes, expected {size:?}");
    }
}

#[tokio::test]
async fn a_refused_status_does_not_wait_for_its_body() {
    for script in [scripts::dripping_body(), scripts::endless_body()] {
        let server = Hostile::play(scripts::unavailable(script)).await;
        let keys = format!("url = {:?}\nmax_body = \"2000 GB\"", server.url("/"));
        let built = build("http", &keys).expect("a source");
        // Far more than the verdict takes.
        let probe = CheckContext::starting_now(Duration::from_hours(1));
        let answer = timeout(Duration::from_secs(20), built.source.check(&probe)).await;
        let answer = answer.expect("the verdict waits for no body");
        assert_eq!(verdict(&answer), "down http_status");
        assert!(answer.detail.get("bytes").is_some(), "{answer:?}");
        until("closed after the check", || server.open() == 0).await;
    }
}

#[tokio::test]
async fn compressed_bodies_are_read_to_their_end() {
    const BROKEN: &str = "compression is broken or cut short";
    for encoding in Encoding::ALL {
        let whole = encoding.pack(&scripts::prose());
        let half = &whole[..whole.len() / 2];
        let twice = [whole.as_slice(), &whole].concat();
        let mut cut = whole.clone();
        cut.pop();
        // The bytes where gzip and deflate have their checksum.
        let mut mangled = whole.clone();
        let sum = whole.len() - if encoding == Encoding::Gzip { 6 } else { 3 };
        mangled[sum] ^= 1;
        let lie = b"this is not compressed at all, not even a bit";
        let packed = |body: &[u8]| scripts::packed(encoding, body);
        let bomb = scripts::bomb(encoding, 64 << 20);
        println!("{encoding:?}");
        let mut cases = vec![
            ("whole", packed(&whole), "up", ""),
            ("of nothing", packed(&encoding.pack(b"")), "up", ""),
            ("not there", packed(b""), "up", ""),
            ("twice over", packed(&twice), "up", ""),
            ("cut in half", packed(half), "down body", BROKEN),
            ("without its end", packed(&cut), "down body", BROKEN),
            ("of three bytes", packed(&whole[..3]), "down body", BROKEN),
            ("that is a lie", packed(lie), "down body", BROKEN),
            ("bomb", bomb, "down too_large", "16 MiB"),
        ];
        if matches!(encoding, Encoding::Gzip | Encoding::Deflate) {
            cases.push(("with a wrong sum", packed(&mangled), "down body", BROKEN));
        }
        // None of them waits for the deadline, and unpacking takes the processor.
        check_all(cases, Duration::from_secs(30)).await;
    }
}

#[tokio::test]
async fn redirects_are_followed_so_far_and_no_further() {
    let server = Hostile::route(scripts::countdown).await;
    check("three", &server.url("/3"), "", "up", "").await;
    let answer = check("ten", &server.url("/10"), "", "up", "").await;
    let expected = server.url("/0");
    assert_eq!(
        answer.detail.get("url"),
        Some(&Value::from(expected)),
        "where it led"
    );
    check(
        "eleven",
        &server.url("/11"),
        "",
        "down redirect",
        "more than 10 redirects",
    )
    .await;
    check(
        "fewer",
        &server.url("/3"),
        "redirects = 2",
        "down redirect",
        "more than 2",
    )
    .await;
    check(
        "none",
        &server.url("/3"),
        "redirects = 0",
        "down http_status",
        "HTTP 302",
    )
    .await;
    let keys = "redirects = 0\nstatus = [302]";
    check("wanted", &server.url("/3"), keys, "up", "").await;
}

#[tokio::test]
async fn what_refuses_or_swallows_connections_is_told_apart() {
    let port = Port::claim();
    let words = format!("connection refused: nothing listens on {}", port.address());
    let url = format!("http://{}/", port.address());
    check("closed", &url, "", "down refused", &words).await;
    let url = format!("http://localhost:{}/", port.number());
    check("closed", &url, "", "down refused", "connection refused").await;
    let full = FullQueue::start().await;
    let url = format!("http://{}/", full.address());
    check(
        "full",
        &url,
        "",
        "down timeout",
        "did not accept the connection",
    )
    .await;
    check(
        "unknown name",
        "http://name.invalid/",
        "",
        "down dns",
        "cannot resolve name.inv",
    )
    .await;
}

#[tokio::test]
async fn a_body_is_read_up_to_its_bound() {
    let endless = Hostile::play(scripts::endless_body()).await;
    let url = endless.url("/");
    let words = "larger than 256 KiB (max_body)";
    check(
        "endless",
        &url,
        "max_body = \"256 KiB\"",
        "down too_large",
        words,
    )
    .await;
    let ok = Hostile::play(scripts::ok()).await;
    check("just fits", &ok.url("/"), "max_body = 5", "up", "").await;
    check(
        "does not",
        &ok.url("/"),
        "max_body = 4",
        "down too_large",
        "4 bytes",
    )
    .await;
}

#[tokio::test]
async fn each_check_opens_a_connection_of_its_own() {
    let server = Hostile::play(scripts::ok()).await;
    let built = build("http", &format!("url = {:?}", server.url("/"))).unwrap();
    for _ in 0..3 {
        let answer = built
            .source
            .check(&CheckContext::starting_now(TIMEOUT))
            .await;
        assert_eq!(verdict(&answer), "up", "{answer:?}");
    }
    assert_eq!(server.connections(), 3, "none is kept");
}

/// Waits until `condition` holds, which may take a while on a loaded machine.
async fn until(what: &str, condition: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < patience, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_check_that_is_over_or_called_off_leaves_no_connection() {
    for script in [
        scripts::silent(),
        scripts::dripping_body(),
        scripts::huge_promise(),
    ] {
        let server = Hostile::play(script).await;
        let keys = format!("url = {:?}\nmax_body = \"2000 GB\"", server.url("/"));
        let built = build("http", &keys).unwrap();
        let late = built
            .source
            .check(&CheckContext::starting_now(Duration::from_millis(300)))
            .await;
        assert_ne!(verdict(&late), "up", "{late:?}");
        until("closed after the check", || server.open() == 0).await;
        let probe = CheckContext::starting_now(Duration::from_mins(1));
        let asking = built.source.check(&probe);
        let connected = until("connected again", || server.open() > 0);
        tokio::select! {
            answer = asking => panic!("answered at once: {answer:?}"),
            () = connected => {}
        }
        until("closed after it was called off", || server.open() == 0).await;
    }
}
