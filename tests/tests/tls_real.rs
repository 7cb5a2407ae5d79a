//! `type = "tls"` against OpenSSL, Postfix and `postgres`: good and bad certificates, and the
//! STARTTLS dialogues of real servers.

use std::time::{Duration, SystemTime};

use up_core::{CheckResult, Value};
use up_source::CheckContext;
use up_tests::check_source::{PemText, build_with, verdict};
use up_tests::hostile::tls::{Authority, self_signed_pair};
use up_tests::postfix::Postfix;
use up_tests::postgres::Postgres;
use up_tests::s_server::SServer;

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const HERE: [&str; 1] = ["127.0.0.1"];

/// Checks a source of that type, which trusts `pem`. The cause must contain `words`.
async fn check(pem: &str, kind: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let keys = format!("{keys}\nca = \"ca.pem\"");
    let built = build_with(&PemText(pem), kind, &keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
    let answer = built
        .source
        .check(&CheckContext::starting_now(PATIENT))
        .await;
    assert_eq!(verdict(&answer), expected, "{kind} {keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{kind}: {text:?} says {words:?}");
    answer
}

fn far_side(port: u16, more: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {port}\n{more}")
}

#[tokio::test]
async fn openssls_certificates_are_judged_by_tls_and_by_http() {
    let root = Authority::new();
    let now = SystemTime::now();
    let middle = root.intermediate(now + 300 * DAY);
    let over = root.intermediate(now - HOUR);
    let cases = [
        ("good", root.pair(&HERE), "", "up", ""),
        (
            "short-lived",
            root.pair_until(&HERE, now + 5 * DAY + DAY / 2),
            "",
            "0.5 expect",
            "certificate expires in 5 days (days_left = 14)",
        ),
        (
            "expired",
            root.pair_until(&HERE, now - 3 * DAY - HOUR),
            "",
            "down tls",
            "certificate expired 3 days ago",
        ),
        (
            "wrong name",
            root.pair(&["shop.example"]),
            "",
            "down tls",
            "certificate is for shop.example, not 127.0.0.1",
        ),
        (
            "self-signed",
            self_signed_pair(&HERE),
            "",
            "down tls",
            "certificate is self-signed",
        ),
        (
            "with its intermediate",
            middle.pair(&HERE),
            middle.pem(),
            "up",
            "",
        ),
        (
            "without its intermediate",
            middle.pair(&HERE),
            "",
            "down tls",
            "issuer is unknown here: Up Test Intermediate (the server shows no certificate but",
        ),
        (
            "expired intermediate",
            over.pair(&HERE),
            over.pem(),
            "down tls",
            "an authority's certificate expired 1",
        ),
    ];
    for (name, pair, chain, expected, words) in cases {
        let server = SServer::start(&pair, chain);
        println!("{name}");
        let answer = check(
            root.pem(),
            "tls",
            &far_side(server.port(), ""),
            expected,
            words,
        )
        .await;
        if expected == "up" {
            let certificates = if chain.is_empty() { 1 } else { 2 };
            let Some(Value::List(shown)) = answer.detail.get("certificate_chain") else {
                panic!("{name}: {answer:?} tells the chain");
            };
            assert_eq!(shown.len(), certificates, "{name}: {answer:?}");
        }
        // `type = "http"` does not judge the remaining validity.
        let (expected, words) = if name == "short-lived" {
            ("up", "")
        } else {
            (expected, words)
        };
        let url = format!("url = \"https://127.0.0.1:{}/\"", server.port());
        check(root.pem(), "http", &url, expected, words).await;
    }
}

/// The results for a real server of a protocol with a good certificate, a bad one, and none.
async fn check_starttls(
    protocol: &str,
    start: impl Fn(Option<&(String, String)>) -> (Box<dyn std::any::Any>, u16),
) {
    let authority = Authority::new();
    let pem = authority.pem();
    let expired = SystemTime::now() - 3 * DAY - HOUR;
    for (pair, expected, words) in [
        (Some(authority.pair(&HERE)), "up", ""),
        (
            Some(authority.pair_until(&HERE, expired)),
            "down tls",
            "certificate expired 3 days ago",
        ),
        (None, "down tls", "does not offer TLS"),
    ] {
        let (_server, port) = start(pair.as_ref());
        let keys = far_side(port, &format!("starttls = \"{protocol}\""));
        let answer = check(pem, "tls", &keys, expected, words).await;
        if expected == "up" {
            let version = answer.detail.get("tls_version");
            assert_eq!(version, Some(&Value::from("TLSv1.3")), "{answer:?}");
            let words = ": does it want `starttls`?";
            check(pem, "tls", &far_side(port, ""), "down tls", words).await;
        }
    }
}

#[tokio::test]
async fn postfix_comes_to_tls() {
    check_starttls("smtp", |pair| {
        let server = Postfix::start(pair);
        let port = server.port();
        (Box::new(server), port)
    })
    .await;
}

#[tokio::test]
async fn postgresql_comes_to_tls() {
    check_starttls("postgres", |pair| {
        let server = Postgres::start(pair);
        let port = server.port();
        (Box::new(server), port)
    })
    .await;
}
