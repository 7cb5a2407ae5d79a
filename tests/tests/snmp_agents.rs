//! `type = "snmp"` and agents that cannot return all requested objects together, or return them in
//! an unusual way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use up_core::CheckResult;
use up_core::detail::Value;
use up_tests::check_source::{check_source, verdict};
use up_tests::snmp_agent::{self, AgentReply, element};
use up_tests::snmpd::Snmpd;
use up_tests::udp::Peer;

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);

/// An object with the value 3.
const GOOD: &str = "1.3.6.1.4.1.9999.1.0";
/// An object with the value -42.
const COLD: &str = "1.3.6.1.4.1.9999.2.0";
/// An object that does not exist.
const GONE: &str = "1.3.6.1.4.1.9999.9.0";

fn objects() -> Vec<(&'static str, Vec<u8>)> {
    vec![(GOOD, element(2, &[3])), (COLD, element(2, &[0xd6]))]
}

async fn ask_for(peer: &Peer, version: &str, oids: &[&str]) -> CheckResult {
    let oids: Vec<String> = oids
        .iter()
        .map(|oid| format!("{{ oid = {oid:?}, crit = \"-40:\" }}"))
        .collect();
    let keys = format!(
        "host = \"127.0.0.1\"\nport = {}\nversion = {version:?}\noid = [{}]",
        peer.port(),
        oids.join(", ")
    );
    check_source("snmp", &keys, PATIENT).await
}

fn cause(answer: &CheckResult) -> String {
    let cause = answer.cause.as_ref();
    cause
        .map(|cause| cause.text.to_string())
        .unwrap_or_default()
}

/// An agent that returns an error for the first of those objects that is requested.
async fn minding(status: u8, bad: &'static [&'static str], index: fn(usize) -> u8) -> Peer {
    let say = move |_, asked: &[String]| {
        let at = asked
            .iter()
            .position(|number| bad.contains(&number.as_str()));
        match at {
            Some(at) => AgentReply::Error(status, index(at)),
            None => AgentReply::Values(asked.to_vec()),
        }
    };
    snmp_agent::start(&objects(), say).await
}

#[tokio::test]
async fn one_missing_object_hides_no_other() {
    // The index of RFC 1157, no index, always the first, and one beyond the request.
    let indices: [fn(usize) -> u8; 4] = [|at| at as u8 + 1, |_| 0, |_| 1, |_| 99];
    for index in indices {
        let peer = minding(2, &[GONE], index).await;
        // A v2c agent should not answer like this, but some do.
        for version in ["1", "2c"] {
            for oids in [[GONE, GOOD, COLD], [GOOD, GONE, COLD], [GOOD, COLD, GONE]] {
                let answer = ask_for(&peer, version, &oids).await;
                assert_eq!(
                    verdict(&answer),
                    "down expect",
                    "{version} {oids:?}: {answer:?}"
                );
                assert!(cause(&answer).contains("is -42"), "{answer:?}");
                assert!(cause(&answer).contains("9.0: noSuchName"), "{answer:?}");
            }
            let answer = ask_for(&peer, version, &[GONE, GOOD]).await;
            assert_eq!(verdict(&answer), "unknown missing", "{answer:?}");
            let answer = ask_for(&peer, version, &[GONE]).await;
            assert_eq!(verdict(&answer), "unknown missing", "{answer:?}");
        }
    }
}

#[tokio::test]
async fn an_object_that_the_agent_cannot_tell_hides_no_other() {
    let peer = minding(5, &[GONE], |at| at as u8 + 1).await;
    let answer = ask_for(&peer, "2c", &[GONE, COLD]).await;
    assert_eq!(verdict(&answer), "down expect", "{answer:?}");
    let answer = ask_for(&peer, "2c", &[GONE, GOOD]).await;
    assert_eq!(verdict(&answer), "unknown agent", "{answer:?}");
    let answer = ask_for(&peer, "2c", &[GONE]).await;
    assert_eq!(verdict(&answer), "down agent", "{answer:?}");
}

#[tokio::test]
async fn what_is_too_big_for_one_answer_comes_in_several() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let say = move |_, asked: &[String]| {
        counted.fetch_add(1, Ordering::Relaxed);
        match asked.len() {
            0..=2 => AgentReply::Values(asked.to_vec()),
            _ => AgentReply::Error(1, 0),
        }
    };
    let numbers: Vec<String> = (0..60)
        .map(|at| format!("1.3.6.1.4.1.9999.3.{at}"))
        .collect();
    let mut objects: Vec<_> = numbers
        .iter()
        .map(|n| (n.as_str(), element(2, &[3])))
        .collect();
    objects.push((COLD, element(2, &[0xd6])));
    let peer = snmp_agent::start(&objects, say).await;
    let mut oids: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let answer = ask_for(&peer, "2c", &oids).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    oids.push(COLD);
    let answer = ask_for(&peer, "1", &oids).await;
    assert_eq!(verdict(&answer), "down expect", "{answer:?}");
    assert!(
        count.load(Ordering::Relaxed) < 4 * 61,
        "bounded by the objects"
    );
}

#[tokio::test]
async fn objects_left_out_or_in_another_order_are_found() {
    let turned = |_, asked: &[String]| AgentReply::Values(asked.iter().rev().cloned().collect());
    let peer = snmp_agent::start(&objects(), turned).await;
    let answer = ask_for(&peer, "2c", &[GOOD, COLD, GONE]).await;
    assert_eq!(verdict(&answer), "down expect", "{answer:?}");
    let one = |_, asked: &[String]| AgentReply::Values(asked[asked.len() - 1..].to_vec());
    let peer = snmp_agent::start(&objects(), one).await;
    let answer = ask_for(&peer, "2c", &[COLD, GOOD, GONE]).await;
    assert_eq!(verdict(&answer), "down expect", "{answer:?}");
    let others = |_, asked: &[String]| {
        let there = asked.iter().filter(|number| *number != GONE);
        AgentReply::Values(there.cloned().collect())
    };
    let peer = snmp_agent::start(&objects(), others).await;
    let answer = ask_for(&peer, "1", &[GONE, GOOD]).await;
    assert_eq!(verdict(&answer), "unknown protocol", "{answer:?}");
    let answer = ask_for(&peer, "1", &[GONE, COLD]).await;
    assert_eq!(verdict(&answer), "down expect", "{answer:?}");
}

#[tokio::test]
async fn an_agent_that_falls_silent_is_judged_by_what_it_told() {
    let say = |_, asked: &[String]| match asked {
        [_] => AgentReply::Values(asked.to_vec()),
        [_, _, _] => AgentReply::Error(5, 1),
        _ => AgentReply::Silence,
    };
    let peer = snmp_agent::start(&objects(), say).await;
    let keys = |first: &str| {
        format!(
            "host = \"127.0.0.1\"\nport = {}\noid = [{{ oid = {first:?}, crit = \"-40:\" }}, \
             {{ oid = \"sysName\" }}, {{ oid = \"sysDescr\" }}]",
            peer.port()
        )
    };
    let timeout = Duration::from_secs(1);
    let answer = check_source("snmp", &keys(COLD), timeout).await;
    assert_eq!(verdict(&answer), "down expect", "{answer:?}");
    let answer = check_source("snmp", &keys(GOOD), timeout).await;
    assert_eq!(verdict(&answer), "unknown timeout", "{answer:?}");
}

#[tokio::test]
async fn numbers_in_an_opaque_are_compared_and_charted() {
    let opaque = |kind: u8, content: &[u8]| {
        let inner = [&[0x9f, kind, content.len() as u8], content].concat();
        element(0x44, &inner)
    };
    let check = async |value: Vec<u8>, expected: &str, charted: Option<Value>| {
        let all = |_, asked: &[String]| AgentReply::Values(asked.to_vec());
        let peer = snmp_agent::start(&[(GOOD, value.clone())], all).await;
        let keys = format!(
            "host = \"127.0.0.1\"\nport = {}\n\
             oid = [{{ oid = {GOOD:?}, label = \"it\", warn = \"20\", crit = \"40\" }}]",
            peer.port()
        );
        let answer = check_source("snmp", &keys, PATIENT).await;
        assert_eq!(verdict(&answer), expected, "{value:02x?}: {answer:?}");
        let told = match answer.detail.get("values") {
            Some(Value::Map(values)) => values.get("it").cloned(),
            _ => None,
        };
        assert_eq!(told, charted, "{value:02x?}");
    };
    let float = |number: f32| opaque(0x78, &number.to_be_bytes());
    let double = |number: f64| opaque(0x79, &number.to_be_bytes());
    check(float(2.5), "up", Some(2.5.into())).await;
    check(float(25.3), "0.5 expect", Some(25.3.into())).await;
    check(double(99.25), "down expect", Some(99.25.into())).await;
    check(opaque(0x76, &[7]), "up", Some(7.0.into())).await;
    check(opaque(0x7a, &[0xff]), "down expect", Some((-1.0).into())).await;
    check(opaque(0x7b, &[21]), "0.5 expect", Some(21.0.into())).await;
    check(element(0x44, &[2, 1, 41]), "down expect", Some(41.0.into())).await;
    check(float(f32::NAN), "unknown expect", Some("NaN".into())).await;
    check(double(f64::INFINITY), "unknown expect", Some("inf".into())).await;
    check(element(0x44, &[0x9f, 0x78, 4, 0]), "unknown missing", None).await;
}

#[tokio::test]
async fn the_load_that_snmpd_tells_as_a_float_is_read() {
    let snmpd = Snmpd::start();
    let keys = format!(
        "host = \"127.0.0.1\"\nport = {}\n\
         oid = [{{ oid = \"1.3.6.1.4.1.2021.10.1.6.1\", label = \"load\", crit = \"1e6\" }}]",
        snmpd.port()
    );
    let answer = check_source("snmp", &keys, PATIENT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    let Some(Value::Map(values)) = answer.detail.get("values") else {
        panic!("{answer:?}")
    };
    assert!(matches!(values.get("load"), Some(Value::Number(load)) if *load >= 0.0));
}

#[tokio::test]
async fn a_silent_address_does_not_use_up_the_time_of_the_others() {
    let snmpd = Snmpd::start();
    // The first address of localhost. There is nothing to test on a machine without IPv6.
    let silent = std::net::UdpSocket::bind(("::1", snmpd.port()));
    let start = Instant::now();
    let keys = format!("host = \"localhost\"\nport = {}", snmpd.port());
    let answer = check_source("snmp", &keys, PATIENT).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
    assert!(start.elapsed() < PATIENT / 2);
    drop(silent);
}
