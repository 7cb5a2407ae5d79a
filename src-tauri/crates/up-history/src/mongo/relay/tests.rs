//! Tests of the relay's parts, as bytes and documents.

use std::collections::BTreeSet;

use bson::spec::BinarySubtype;
use bson::{Binary, RawDocumentBuf, rawdoc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::{handshake, socks};

/// A message's body with this document.
fn body(document: &RawDocumentBuf) -> Vec<u8> {
    [&[0; 5], document.as_bytes()].concat()
}

#[test]
fn what_a_server_says_of_itself() {
    let check = |document: RawDocumentBuf, expected: Option<&str>| {
        let said = handshake::check(&body(&document), &mut BTreeSet::new()).err();
        match expected {
            None => assert_eq!(said, None, "{document:?}"),
            Some(expected) => {
                let said = said.unwrap_or_else(|| panic!("{document:?} is let through"));
                assert!(said.contains(expected), "{said}");
            }
        }
    };
    let hosts = |count: usize| -> Vec<String> { (0..count).map(|i| format!("h{i}:1")).collect() };
    let list = |hosts: Vec<String>| {
        let mut list = bson::RawArrayBuf::new();
        for host in hosts {
            list.push(host);
        }
        list
    };
    let login = |payload: &str| Binary {
        subtype: BinarySubtype::Generic,
        bytes: payload.into(),
    };
    check(rawdoc! { "ok": 1.0 }, None);
    check(rawdoc! { "hosts": list(hosts(50)) }, None);
    check(rawdoc! { "hosts": list(hosts(51)) }, Some("51 hosts"));
    check(
        rawdoc! { "hosts": list(hosts(20)), "passives": list(hosts(20)), "arbiters": list(hosts(20)) },
        Some("60 hosts"),
    );
    let one = |host: &str| rawdoc! { "hosts": [host] };
    check(one("[::1]:27017"), None);
    check(one("db-1.example.org:27017"), None);
    check(one("/tmp/mongodb-27017.sock"), Some("cannot be one"));
    check(one("x.sock"), Some("cannot be one"));
    check(one(".sock"), Some("cannot be one"));
    check(one("%2Ftmp%2Fx.sock"), Some("cannot be one"));
    check(one("a\u{1b}[31m"), Some("cannot be one"));
    check(one(&"a".repeat(300)), Some("cannot be one"));
    check(rawdoc! { "hosts": [7] }, Some("cannot be one"));
    check(rawdoc! { "maxMessageSizeBytes": i32::MAX }, None);
    check(
        rawdoc! { "maxMessageSizeBytes": -1 },
        Some("maxMessageSizeBytes"),
    );
    check(
        rawdoc! { "maxWriteBatchSize": 0 },
        Some("maxWriteBatchSize"),
    );
    check(
        rawdoc! { "maxBsonObjectSize": "big" },
        Some("maxBsonObjectSize"),
    );
    check(rawdoc! { "payload": login("r=x,s=y,i=15000") }, None);
    check(
        rawdoc! { "payload": login("r=x,s=y,i=2000000000") },
        Some("rounds"),
    );
    let begun = rawdoc! { "payload": login("r=x,s=y,i=+2000000000") };
    check(rawdoc! { "speculativeAuthenticate": begun }, Some("rounds"));
}

#[test]
fn other_hosts_each_time_come_to_an_end() {
    let mut hosts = BTreeSet::new();
    let mut turns = 0_usize;
    let said = loop {
        let named = rawdoc! { "hosts": [format!("h{turns}:1"), "same:1"] };
        if let Err(said) = handshake::check(&body(&named), &mut hosts) {
            break said;
        }
        turns += 1;
        assert!(turns < 1_000, "it is never too many");
    };
    assert!(said.contains("other hosts each time"), "{said}");
    assert_eq!(turns, 99);
}

#[test]
fn bodies_that_could_hide_a_second_document() {
    let plain = body(&rawdoc! { "ok": 1.0 });
    let check = |body: &[u8], ok: bool| {
        let checked = handshake::check(body, &mut BTreeSet::new());
        assert_eq!(checked.is_ok(), ok, "{body:?}");
    };
    check(&plain, true);
    check(&[&plain[..], &[1, 2, 3, 4]].concat(), true);
    check(&[&plain[..], &[0]].concat(), false);
    check(&[&plain[..], &plain[4..]].concat(), false);
    let mut sequence = plain.clone();
    sequence[4] = 1;
    check(&sequence, false);
    for end in 0..plain.len() {
        check(&plain[..end], false);
    }
}

/// What the relay makes of a greeting: where it leads, and what it answered.
async fn greeted(greeting: &[u8]) -> (Option<(String, u16)>, Vec<u8>) {
    let (mut driver, mut relay) = duplex(1_000);
    driver.write_all(greeting).await.expect("there is room");
    driver.shutdown().await.expect("nothing more comes");
    let where_to = socks::accept(&mut relay, "word").await.ok();
    drop(relay);
    let mut answers = Vec::new();
    driver.read_to_end(&mut answers).await.expect("it is read");
    (where_to, answers)
}

#[tokio::test]
async fn only_who_knows_the_password_is_carried() {
    let login = |password: &str| {
        let mut bytes = vec![5, 1, 2, 1, 2];
        bytes.extend(b"up");
        bytes.push(password.len() as u8);
        bytes.extend(password.as_bytes());
        bytes
    };
    let named = [&login("word")[..], &[5, 1, 0, 3, 1, b'a', 0x69, 0x89]].concat();
    let (where_to, answers) = greeted(&named).await;
    assert_eq!(where_to, Some(("a".into(), 27_017)));
    assert_eq!(answers, [5, 2, 1, 0]);
    let by_number = [&login("word")[..], &[5, 1, 0, 1, 127, 0, 0, 1, 0, 1]].concat();
    assert_eq!(greeted(&by_number).await.0, Some(("127.0.0.1".into(), 1)));
    let wrong = [&login("guess")[..], &[5, 1, 0, 3, 1, b'a', 0x69, 0x89]].concat();
    assert_eq!(greeted(&wrong).await, (None, vec![5, 2, 1, 1]));
    assert_eq!(
        greeted(&[5, 1, 0]).await,
        (None, vec![5, 0xff]),
        "without any"
    );
    assert_eq!(greeted(b"GET / HTTP/1.1\r\n\r\n").await.0, None);
    assert_eq!(greeted(&[]).await.0, None);
}
