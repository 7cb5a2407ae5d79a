//! `type = "snmp"` against networks that lose, double and delay datagrams, and against agents that
//! are absent, silent, or violate the protocol.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use up_tests::check_source::{build, check_source, verdict};
use up_tests::port::Port;
use up_tests::snmpd::{Snmpd, auth_password, privacy_password};
use up_tests::udp::{DatagramFate, Direction, Peer};

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);
/// A short timeout, for requests that nobody answers.
const BRIEF: Duration = Duration::from_millis(600);
/// How much longer than its deadline a check may take.
const SLACK: Duration = Duration::from_secs(5);

fn keys(port: u16, more: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {port}\n{more}")
}

fn encrypted() -> String {
    let name = "sha1-aes128";
    format!(
        "version = \"3\"\nuser = {name:?}\nauth = \"sha1\"\nauth_password = {:?}\n\
         privacy = \"aes128\"\nprivacy_password = {:?}",
        auth_password(name),
        privacy_password(name)
    )
}

fn askers() -> [String; 4] {
    let plain = "version = \"3\"\nuser = \"plain\"".into();
    ["version = \"1\"".into(), String::new(), plain, encrypted()]
}

async fn check(port: u16, more: &str, timeout: Duration, expected: &str) {
    let start = Instant::now();
    let answer = check_source("snmp", &keys(port, more), timeout).await;
    assert_eq!(verdict(&answer), expected, "{more}\n{answer:?}");
    let took = start.elapsed();
    assert!(took < timeout + SLACK, "the deadline held: {took:?}");
}

/// Checks in every way through relays with those fates, all at once.
async fn check_relayed<F>(fates: &[F])
where
    F: Fn(Direction, usize) -> DatagramFate + Clone + Send + 'static,
{
    let snmpd = Snmpd::start();
    let server = snmpd.port();
    let relayed = fates.iter().flat_map(|fate| {
        askers().into_iter().map(move |more| async move {
            let fate = fate.clone();
            let relay = Peer::relay(server, move |way, count, _| fate(way, count)).await;
            check(relay.port(), &more, PATIENT, "up").await;
        })
    });
    join_all(relayed).await;
}

#[tokio::test]
async fn no_single_lost_datagram_is_a_failure() {
    // The second is lost for v3, whose first request discovers the engine.
    let lost = [
        (Direction::There, 0),
        (Direction::There, 1),
        (Direction::Back, 0),
        (Direction::Back, 1),
    ];
    let fate = |lost| {
        move |way, count| {
            if (way, count) == lost {
                DatagramFate::Lost
            } else {
                DatagramFate::Pass
            }
        }
    };
    check_relayed(&lost.map(fate)).await;
}

#[tokio::test]
async fn doubled_and_late_answers_are_answers() {
    let doubled = |_, _| DatagramFate::Twice;
    check_relayed(&[doubled]).await;
    // Every answer comes later than the request is sent again.
    let late = |way, _| match way {
        Direction::There => DatagramFate::Pass,
        Direction::Back => DatagramFate::Late(Duration::from_millis(1_500)),
    };
    check_relayed(&[late]).await;
}

#[tokio::test]
async fn an_agent_that_says_nothing_is_down_by_the_deadline() {
    let peer = Peer::silent().await;
    for more in askers() {
        check(peer.port(), &more, BRIEF, "down timeout").await;
    }
    let mut snmpd = Snmpd::start();
    let built = build("snmp", &keys(snmpd.port(), &encrypted())).unwrap();
    let ask = async |timeout| {
        let probe = up_source::CheckContext::starting_now(timeout);
        verdict(&built.source.check(&probe).await)
    };
    assert_eq!(ask(PATIENT).await, "up");
    snmpd.freeze();
    assert_eq!(ask(BRIEF).await, "down timeout", "frozen");
    snmpd.thaw();
    assert_eq!(ask(PATIENT).await, "up", "thawed");
}

#[tokio::test]
async fn a_closed_port_is_refused_at_once() {
    let port = Port::claim();
    let start = Instant::now();
    for _ in 0..5 {
        for more in askers() {
            check(port.number(), &more, Duration::from_mins(1), "down refused").await;
        }
    }
    // A client that sees the refusal only when it sends again takes a second each time.
    assert!(start.elapsed() < Duration::from_secs(10), "no waiting");
}

#[tokio::test]
async fn an_agent_on_one_of_several_addresses_is_found() {
    let snmpd = Snmpd::start();
    for more in askers() {
        // The first address is ::1, where the agent does not listen.
        let keys = format!("host = \"localhost\"\nport = {}\n{more}", snmpd.port());
        let answer = check_source("snmp", &keys, PATIENT).await;
        assert_eq!(verdict(&answer), "up", "{more}\n{answer:?}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_said_to() {
    let answer = check_source("snmp", "host = \"no-such-host.invalid\"", PATIENT).await;
    assert_eq!(verdict(&answer), "down dns", "{answer:?}");
}

/// The request turned into a response, with a null as its value.
fn echo(question: &[u8]) -> Vec<u8> {
    let mut answer = question.to_vec();
    let at = answer.iter().position(|&byte| byte == 0xa0);
    answer[at.expect("a GET in the question")] = 0xa2;
    answer
}

#[tokio::test]
async fn what_an_agent_answers_is_told_apart() {
    type HostileReply = fn(&[u8]) -> Vec<Vec<u8>>;
    // The error status is 20 bytes before the end, and the value is in the last two bytes.
    let cases: [(&str, HostileReply, &str); 12] = [
        ("a null", |q| vec![echo(q)], "up"),
        ("genErr", |q| vec![put(&echo(q), 20, 5)], "down agent"),
        (
            "noSuchName",
            |q| vec![put(&echo(q), 20, 2)],
            "unknown missing",
        ),
        (
            "noSuchObject",
            |q| vec![put(&echo(q), 2, 0x80)],
            "unknown missing",
        ),
        (
            "noSuchInstance",
            |q| vec![put(&echo(q), 2, 0x81)],
            "unknown missing",
        ),
        (
            "endOfMibView",
            |q| vec![put(&echo(q), 2, 0x82)],
            "unknown missing",
        ),
        (
            "another object",
            |q| vec![put(&echo(q), 4, 6)],
            "down protocol",
        ),
        (
            "no answer but a question",
            |q| vec![q.to_vec()],
            "down protocol",
        ),
        (
            "nothing in a datagram",
            |_| vec![Vec::new()],
            "down protocol",
        ),
        (
            "prose",
            |_| vec![b"hello, world\r\n".to_vec()],
            "down protocol",
        ),
        (
            "a huge datagram",
            |_| vec![vec![0x30; 60_000]],
            "down protocol",
        ),
        (
            "garbage, then the answer",
            |q| vec![vec![0x30, 0x84], echo(q)],
            "up",
        ),
    ];
    for (what, reply, expected) in cases {
        let peer = Peer::answering(reply).await;
        let answer = check_source("snmp", &keys(peer.port(), ""), PATIENT).await;
        assert_eq!(verdict(&answer), expected, "{what}: {answer:?}");
    }
}

/// A copy with another byte at that distance from the end.
fn put(bytes: &[u8], from_end: usize, byte: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.len() - from_end;
    bytes[at] = byte;
    bytes
}

#[tokio::test]
async fn answers_to_other_questions_are_not_taken_and_end() {
    // The request id is before the error status.
    let stranger = |q: &[u8]| put(&echo(q), 23, q[q.len() - 23] ^ 1);
    let peer = Peer::answering(move |q| vec![stranger(q)]).await;
    check(peer.port(), "", BRIEF, "down timeout").await;
    let peer = Peer::answering(move |q| vec![stranger(q); 200]).await;
    check(peer.port(), "", PATIENT, "down protocol").await;
    let peer = Peer::answering(move |q| vec![stranger(q), echo(q)]).await;
    check(peer.port(), "", PATIENT, "up").await;
}

#[tokio::test]
async fn no_changed_byte_of_an_answer_does_harm() {
    let snmpd = Snmpd::start();
    for more in askers() {
        for at in (0..160).step_by(if more.contains("privacy") { 7 } else { 1 }) {
            let fate = move |way, _, bytes: &[u8]| match way {
                Direction::Back if at < bytes.len() => {
                    DatagramFate::Changed(put(bytes, bytes.len() - at, 0xff))
                }
                _ => DatagramFate::Pass,
            };
            let relay = Peer::relay(snmpd.port(), fate).await;
            // A datagram with a changed id is no answer, so that some of these checks take until
            // the deadline.
            let answer = check_source("snmp", &keys(relay.port(), &more), BRIEF / 4).await;
            assert!(answer.status.is_none_or(|s| s.value() == 0.0 || s.is_up()));
        }
    }
}
