//! `type = "ping"`: this machine over both protocols, an absent host, and a system that does not
//! permit ICMP sockets.
//!
//! The tests expect success if their user may ping (as root, or by `net.ipv4.ping_group_range`),
//! and otherwise that the missing permission is reported.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::time::{Duration, Instant};

use up_core::{CheckResult, Value};
use up_tests::aloud::aloud;
use up_tests::check_source::{build, check_source, verdict};
use up_tests::up::{Up, program};

const TIMEOUT: Duration = Duration::from_secs(1);

/// True if the user of the tests may ping: by the group range, or as root.
fn is_permitted() -> bool {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ping_group_range");
    let range = range.expect("Linux says who may ping");
    let mut ends = range
        .split_whitespace()
        .filter_map(|end| end.parse::<u64>().ok());
    let (first, last) = (ends.next().unwrap_or(1), ends.next().unwrap_or(0));
    let group = u64::from(rustix::process::getegid().as_raw());
    (first..=last).contains(&group) || rustix::process::geteuid().is_root()
}

/// Checks with those keys. If pinging is not permitted, that must be the result.
async fn check(keys: &str, expected: &str, words: &str) -> Option<CheckResult> {
    let began = Instant::now();
    let answer = check_source("ping", keys, TIMEOUT).await;
    assert!(began.elapsed() < TIMEOUT * 2, "{keys}: in time");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    if !is_permitted() {
        assert_eq!(verdict(&answer), "unknown permission", "{keys}: {answer:?}");
        assert!(
            text.contains("ping_group_range"),
            "{text:?} says what to do"
        );
        return None;
    }
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    assert!(text.contains(words), "{keys}: {text:?} says {words:?}");
    Some(answer)
}

#[tokio::test]
async fn this_machine_answers_by_both_protocols() {
    for keys in [
        "host = \"127.0.0.1\"",
        "host = \"::1\"",
        "host = \"localhost\"\nip = \"4\"",
        "host = \"127.0.0.1\"\ncount = 5\nloss = { warn = 0 }\nrtt = { crit = \"1s\" }",
    ] {
        let Some(answer) = check(keys, "up", "").await else {
            continue;
        };
        let count = if keys.contains("count") { 5.0 } else { 3.0 };
        for key in ["sent", "received"] {
            let number = answer.detail.get(key);
            assert_eq!(number, Some(&Value::Number(count)), "{answer:?}");
        }
        assert!(answer.detail.get("rtt").is_some(), "{answer:?}");
        // The duration is the round trip, and not the pauses between the requests.
        let took = answer.took.expect("a round trip was measured");
        assert!(took < Duration::from_millis(100), "{keys}: {took:?}");
    }
}

#[tokio::test]
async fn a_round_trip_that_takes_too_long_is_told() {
    let keys = "host = \"127.0.0.1\"\nrtt = { warn = \"0ms\" }";
    check(keys, "0.5 expect", "more than rtt.warn allows").await;
    let keys = "host = \"127.0.0.1\"\nrtt = { crit = \"0ms\" }";
    check(keys, "down expect", "more than rtt.crit allows").await;
}

#[tokio::test]
async fn a_name_that_cannot_be_is_down() {
    let answer = check_source("ping", "host = \"name.invalid\"", TIMEOUT * 5).await;
    assert_eq!(verdict(&answer), "down dns", "{answer:?}");
}

/// The output of `up` with a source for that host. The shell script starts it as `"$0"`, as root in
/// a network namespace, whoever runs the tests. `None` if the system permits no namespace, as in
/// most containers, which is noted aloud.
fn alone(host: &str, script: &str) -> Option<String> {
    const OWN: [&str; 2] = ["--map-root-user", "--net"];
    let permitted = Command::new("unshare").args(OWN).arg("true").output();
    let permitted = permitted.expect("unshare is there");
    if !permitted.status.success() {
        let why = String::from_utf8_lossy(&permitted.stderr);
        aloud(&format!(
            "a ping is not shown to fail here: {}, so there is no network of its own",
            why.trim()
        ));
        return None;
    }
    let source = format!("timeout = \"1s\"\n[[source]]\ntype = \"ping\"\nhost = \"{host}\"\n");
    let up = Up::with(source);
    let began = Instant::now();
    let output = Command::new("unshare")
        .args(OWN)
        .args(["sh", "-c", script])
        .arg(program())
        .current_dir(up.dir())
        .env("UP_DATA_DIR", up.data())
        .output()
        .expect("unshare is there");
    assert!(began.elapsed() < TIMEOUT * 5, "in time");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.is_empty(), "{output:?}");
    Some(text)
}

#[test]
fn who_does_not_answer_is_down_in_time() {
    let script = "ip link add hole type veth peer name end && ip link set end up && ip addr add 192.0.2.2/24 dev hole && \
                  ip link set hole arp off up && exec \"$0\" --json";
    let Some(text) = alone("192.0.2.1", script) else {
        return;
    };
    for words in [
        "no reply from 192.0.2.1 to 3 requests within 1s",
        "\"timeout\"",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn who_may_not_ping_learns_how_to() {
    let script = "exec setpriv --bounding-set -net_raw \"$0\" --json";
    let Some(text) = alone("127.0.0.1", script) else {
        return;
    };
    for words in ["\"permission\"", "net.ipv4.ping_group_range", "cap_net_raw"] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn keys_that_cannot_be_are_refused() {
    let check = |keys: &str, expected: Result<&str, &str>| {
        let built = build("ping", keys);
        let found = built.as_ref().map(|built| built.target.as_str());
        assert_eq!(found.map_err(|problem| problem.key), expected, "{keys}");
    };
    check("host = \"a.example\"", Ok("a.example"));
    check("host = \"[::1]\"\nip = \"6\"", Ok("::1"));
    check("host = \"::1\"\nip = \"4\"", Err("ip"));
    check("host = \"two words\"", Err("host"));
    check("host = \"a\"\ncount = 21", Err("count"));
    let rtt = |warn: &str, crit: &str| {
        format!("host = \"a.example\"\nrtt = {{ warn = \"{warn}\", crit = \"{crit}\" }}")
    };
    check(&rtt("100ms", "1m"), Ok("a.example"));
    check(&rtt("1m", "1m30s"), Ok("a.example"));
    check(&rtt("1m", "59s"), Err("rtt"));
}
