//! `type = "tcp"`: what is sent and what comes back, also from peers that never finish.

use std::time::{Duration, Instant};

use up_core::Value;
use up_tests::check_source::{build, check_source, verdict};
use up_tests::hostile::{FullQueue, Hostile, ServerStep, scripts};

const TIMEOUT: Duration = Duration::from_secs(1);

/// Checks `server` with those keys beside its address. The deadline must hold, and the cause must
/// contain `words`.
async fn check(server: &Hostile, keys: &str, expected: &str, words: &str) -> Option<Value> {
    let keys = format!("address = \"{}\"\n{keys}", server.address());
    let began = Instant::now();
    let answer = check_source("tcp", &keys, TIMEOUT).await;
    assert!(began.elapsed() < TIMEOUT * 2, "{keys}: in time");
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{keys}: {text:?} says {words:?}");
    answer.detail.get("banner").cloned()
}

#[tokio::test]
async fn a_greeting_is_held_to_what_is_expected() {
    let greeting: &[u8] = b"220 mail.example ESMTP\r\n";
    let server = Hostile::blurt(vec![ServerStep::Send(greeting.into()), ServerStep::Hang]).await;
    let banner = check(&server, "expect = \"220 \"", "up", "").await;
    assert_eq!(banner, Some(Value::from("220 mail.example ESMTP")));
    check(&server, "expect = \"\"", "up", "").await;
    check(&server, "expect = { regex = '^220 .*ESMTP' }", "up", "").await;
    let words = "expected \"554\", got \"220 mail.example ESMTP\" within 1s";
    check(&server, "expect = \"554\"", "down expect", words).await;
    let words = "expected a match of ^554";
    check(&server, "expect = { regex = '^554' }", "down expect", words).await;
    assert_eq!(check(&server, "", "up", "").await, None, "nobody listened");
}

#[tokio::test]
async fn what_is_sent_is_answered() {
    let server = Hostile::route(|head| {
        let answer: &[u8] = match head {
            "PING \u{1}\r\n\r\n" => b"+PO",
            _ => b"-ERR",
        };
        let drip = ServerStep::Drip("NG\r\n".into(), Duration::from_millis(20));
        vec![ServerStep::Send(answer.into()), drip]
    })
    .await;
    let keys = r"send = 'PING \x01\r\n\r\n'";
    check(
        &server,
        &format!("{keys}\nexpect = '+PONG\\r\\n'"),
        "up",
        "",
    )
    .await;
    let words = "expected \"other\", got \"+PONG\"";
    check(
        &server,
        &format!("{keys}\nexpect = 'other'"),
        "down expect",
        words,
    )
    .await;
    check(&server, keys, "up", "").await;
}

#[tokio::test]
async fn who_never_comes_to_the_point_is_down_in_time() {
    let keys = "expect = \"ready\"";
    let silent = Hostile::blurt(scripts::silent()).await;
    check(
        &silent,
        keys,
        "down timeout",
        "connected, but nothing was received",
    )
    .await;
    let dripping = ServerStep::Drip(vec![b'.'; 5000].into(), Duration::from_millis(20));
    let dripping = Hostile::blurt(vec![dripping]).await;
    check(&dripping, keys, "down expect", "within 1s").await;
    let endless = Hostile::blurt(vec![ServerStep::Repeat(vec![b'.'; 5000].into())]).await;
    check(
        &endless,
        keys,
        "down too_large",
        "sent 64 KiB without \"ready\"",
    )
    .await;
    let gone = Hostile::blurt(scripts::hang_up()).await;
    check(&gone, keys, "down reset", "").await;
    let full = FullQueue::start().await;
    let answer = check_source("tcp", &format!("address = \"{}\"", full.address()), TIMEOUT).await;
    assert_eq!(verdict(&answer), "down timeout", "{answer:?}");
}

#[test]
fn keys_that_cannot_be_are_refused() {
    let check = |keys: &str, expected: Result<(), &str>| {
        let built = build("tcp", &format!("address = \"a:1\"\n{keys}"));
        let found = built.map(drop).map_err(|problem| problem.key);
        assert_eq!(found, expected, "{keys}");
    };
    check("send = 'a\\r\\n'\nexpect = 'b'", Ok(()));
    check("send = 'a\\q'", Err("send"));
    check("expect = '\\'", Err("expect"));
    check("expect = { regex = '(' }", Err("expect"));
}
