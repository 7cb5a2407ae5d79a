//! `expect`, `warn` and `status_from` of `type = "http"` against real answers, and against servers
//! that misbehave: a condition never judges what it did not read, and never exceeds the deadline.

use std::time::{Duration, Instant};

use up_core::CheckResult;
use up_source::http::HttpConfig;
use up_source::{CheckContext, Configure, Shared};
use up_tests::check_source::{PemText, build, check_source, verdict};
use up_tests::hostile::scripts::{self, Encoding};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Hostile, ServerScript};

const TIMEOUT: Duration = Duration::from_secs(5);

/// A tolerance for loaded machines. A check that hangs takes for ever.
const SLACK: Duration = Duration::from_secs(4);

const JSON: &str = "content-type: application/json\r\nx-node: a\r\n";
const HEALTH: &str =
    r#"{"queue": 231, "state": "degraded", "ratio": 0.75, "nodes": [{"up": true}]}"#;

fn health(status: &str) -> ServerScript {
    scripts::answer(status, JSON, HEALTH)
}

/// Checks a server that plays `script`, with those keys beside its URL.
async fn check(script: ServerScript, keys: &str, expected: &str, words: &str) -> CheckResult {
    let server = Hostile::play(script).await;
    let keys = format!("url = {:?}\n{keys}", server.url("/"));
    let answer = check_source("http", &keys, TIMEOUT).await;
    judge(&keys, &answer, expected, words);
    answer
}

fn judge(name: &str, answer: &CheckResult, expected: &str, words: &str) {
    assert_eq!(verdict(answer), expected, "{name}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{name}: {text:?} says {words:?}");
}

#[tokio::test]
async fn conditions_that_hold_are_up_and_others_say_what_was_found() {
    let ok = || health("200 OK");
    check(
        ok(),
        "expect.json = { '/queue' = '< 300', '/nodes/0/up' = true }",
        "up",
        "",
    )
    .await;
    check(
        ok(),
        "expect.headers = { X-Node = 'a', content-type = { regex = 'json$' } }",
        "up",
        "",
    )
    .await;
    check(
        ok(),
        "expect = { contains = 'queue', not_contains = 'error', time = '5s' }",
        "up",
        "",
    )
    .await;
    check(
        ok(),
        "expect.json = { '/queue' = '< 100', '/state' = 'ok' }",
        "down expect",
        "expected /queue < 100, found 231; expected /state == \"ok\", found \"degraded\"",
    )
    .await;
    check(
        ok(),
        "expect = { headers = { x-node = { is = 'b' } }, regex = 'queue.: 0' }",
        "down expect",
        "expected header x-node to be \"b\", found \"a\"; expected the body to match",
    )
    .await;
    check(
        ok(),
        "expect = { certificate_days = 1 }",
        "down expect",
        "found no TLS",
    )
    .await;
}

#[tokio::test]
async fn a_status_among_the_conditions_is_told_beside_the_others() {
    let sick = || health("503 Service Unavailable");
    check(
        sick(),
        "expect.json = { '/queue' = 231 }",
        "down http_status",
        "HTTP 503",
    )
    .await;
    check(sick(), "expect.status = ['500-599']", "up", "").await;
    check(
        sick(),
        "expect = { status = [200], contains = 'fine' }",
        "down expect",
        "expected status 200, found 503; expected the body to contain \"fine\"",
    )
    .await;
    // Both are checked if both are given.
    check(
        sick(),
        "status = [200]\nexpect.status = [503]",
        "down http_status",
        "",
    )
    .await;
}

#[tokio::test]
async fn a_warning_is_half_up_unless_it_is_worse_already() {
    let ok = || health("200 OK");
    let warn = "warn.json = { '/queue' = '<= 20' }";
    check(ok(), warn, "0.5 expect", "expected /queue <= 20, found 231").await;
    check(ok(), "warn.json = { '/queue' = '<= 300' }", "up", "").await;
    let both = format!("{warn}\nexpect.contains = 'fine'");
    check(ok(), &both, "down expect", "to contain \"fine\"").await;
    let mapped = |value: &str| {
        format!("{warn}\nstatus_from = {{ json = '/state', map = {{ degraded = {value} }} }}")
    };
    check(
        ok(),
        &mapped("0.25"),
        "0.25 reported",
        "/state is \"degraded\"",
    )
    .await;
    check(ok(), &mapped("0.9"), "0.5 expect", "/queue").await;
    let lost = format!("{warn}\nstatus_from = {{ json = '/lost' }}");
    check(ok(), &lost, "unknown missing", "/lost").await;
}

#[tokio::test]
async fn a_status_is_read_out_of_the_body() {
    let ok = || health("200 OK");
    check(
        ok(),
        "status_from = { json = '/ratio' }",
        "0.75 reported",
        "/ratio is 0.75",
    )
    .await;
    check(
        ok(),
        "status_from = { json = '/state', map = { fine = 1.0 } }",
        "unknown word",
        "\"degraded\", which `map` does not know",
    )
    .await;
    check(
        ok(),
        "status_from = { regex = 'queue.: (\\d+)', percent = true }",
        "unknown word",
        "is \"231\", which is no number from 0 to 100",
    )
    .await;
    // Only an answer with an expected status is read. This one says nothing about the service.
    let failed = health("500 Internal Server Error");
    check(
        failed,
        "status_from = { json = '/ratio' }",
        "down http_status",
        "",
    )
    .await;
    let page = scripts::ok();
    check(
        page,
        "status_from = { json = '/ratio' }",
        "unknown body",
        "no JSON",
    )
    .await;
}

#[tokio::test]
async fn bodies_of_all_kinds_are_read_as_text() {
    let fine = "expect.contains = 'fine'";
    check(scripts::not_utf8(), fine, "up", "").await;
    check(scripts::until_close(), fine, "up", "").await;
    for encoding in Encoding::ALL {
        let script = scripts::packed(encoding, &encoding.pack(HEALTH.as_bytes()));
        check(script, "expect.json = { '/queue' = 231 }", "up", "").await;
    }
    let marked = format!("\u{feff}{HEALTH}");
    let script = scripts::answer("200 OK", "", marked);
    check(script, "expect.json = { '/queue' = 231 }", "up", "").await;
    check(
        scripts::no_content(),
        fine,
        "down expect",
        "found 0 bytes without it",
    )
    .await;
}

#[tokio::test]
async fn what_does_not_arrive_whole_is_never_judged() {
    let none = "expect.not_contains = 'error'\nstatus_from = { regex = '(.)', map = { o = 1 } }";
    check(scripts::short_body(), none, "down truncated", "").await;
    check(scripts::short_packed_body(), none, "down truncated", "").await;
    let bound = format!("max_body = '1 MiB'\n{none}");
    check(
        scripts::endless_body(),
        &bound,
        "down too_large",
        "max_body",
    )
    .await;
    let bomb = scripts::bomb(Encoding::Gzip, 8 << 20);
    check(bomb, &bound, "down too_large", "max_body").await;
}

#[tokio::test]
async fn hostile_bodies_cost_no_deadline() {
    let large = |unit: &str| scripts::answer("200 OK", "", unit.repeat((4 << 20) / unit.len()));
    let mut seed = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'0' + u8::from(seed > u32::MAX / 2)
    })
    .take(4 << 20)
    .collect();
    let cases = [
        (large("["), "expect.json = { '/0/0' = 1 }", "down expect"),
        (
            large("{\"a\":"),
            "status_from = { json = '/a/a/a' }",
            "unknown body",
        ),
        (large("0,"), "expect.json = { '/0' = 1 }", "down expect"),
        // No engine is fast with this many states at once. No result is better than a late one, and
        // than a wrong one.
        (
            scripts::answer("200 OK", "", noise),
            "expect.regex = '([01]*1[01]{300}){2}[2-9a-w]'",
            "unknown resource",
        ),
    ];
    for (script, keys, expected) in cases {
        let server = Hostile::play(script).await;
        let keys = format!("url = {:?}\n{keys}", server.url("/"));
        let built = build("http", &keys).expect("a usable configuration");
        let timeout = Duration::from_secs(2);
        let begun = Instant::now();
        let answer = built
            .source
            .check(&CheckContext::starting_now(timeout))
            .await;
        let took = begun.elapsed();
        assert!(took < timeout + SLACK, "{keys}: late, after {took:?}");
        let verdict = verdict(&answer);
        // A fast machine may be finished in time.
        let through = expected == "unknown resource" && verdict == "down expect";
        assert!(through || verdict == expected, "{keys}: {answer:?}");
    }
}

#[tokio::test]
async fn the_days_left_of_a_certificate_are_counted() {
    let authority = Authority::new();
    let (tls, pem) = (authority.tls_http1(&["127.0.0.1"]), authority.pem());
    let server = Hostile::secure(tls, scripts::ok()).await;
    let ask = async |keys: &str| {
        let keys = format!(
            "url = {:?}\nca = 'ca.pem'\n{keys}",
            server.https("127.0.0.1", "/")
        );
        let config: HttpConfig = toml::from_str(&keys).expect("the test's own TOML");
        let pem = PemText(pem);
        let shared = Shared::new(&pem);
        let built = config.build(&shared).expect("a usable configuration");
        built
            .source
            .check(&CheckContext::starting_now(TIMEOUT))
            .await
    };
    judge("few", &ask("expect.certificate_days = 1").await, "up", "");
    let answer = ask("warn.certificate_days = 4000000").await;
    let words = "expected 4000000 days left of the certificate, found ";
    judge("many", &answer, "0.5 expect", words);
}

#[test]
fn what_cannot_be_asked_for_is_a_problem_of_its_key() {
    let check = |keys: &str, key: &str, words: &str| {
        let keys = format!("url = 'http://127.0.0.1/'\n{keys}");
        let problem = build("http", &keys).expect_err(&keys);
        assert_eq!(problem.key, key, "{keys}: {problem}");
        assert!(problem.message.contains(words), "{keys}: {problem}");
    };
    check("expect = {}", "expect", "no condition");
    check(
        "warn.regex = '('",
        "warn",
        "`regex`: \"(\" is no regular expression",
    );
    check("expect.json = { queue = 1 }", "expect", "no JSON Pointer");
    check(
        "expect.json = { '/queue' = '=> 1' }",
        "expect",
        "/queue: \"=> 1\" is no comparison",
    );
    check(
        "expect.status = [99]",
        "expect",
        "`status`: 99 is no HTTP status",
    );
    check(
        "status_from = { percent = true }",
        "status_from",
        "one of `json` and `regex`",
    );
    check("method = 'HEAD'\nwarn.contains = 'x'", "warn", "HEAD");
    check(
        "method = 'HEAD'\nstatus_from.json = ''",
        "status_from",
        "HEAD",
    );
}
