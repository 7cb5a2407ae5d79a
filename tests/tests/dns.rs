//! `type = "dns"`: each record type, each transport, and resolvers that do not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CAA, CNAME, MX, NS, SOA, SRV, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use up_core::{CheckResult, Value};
use up_source::{CheckContext, Shared, SourceConfig};
use up_tests::check_source::{PemText, build, verdict};
use up_tests::dns_server::{Carrier, DnsReply, DnsServer, answer};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Hostile, ServerStep};
use up_tests::port::Port;

const TIMEOUT: Duration = Duration::from_secs(2);

/// Queries `resolver` for www.example.com with those keys. The cause must contain `words`.
async fn check(resolver: &str, pem: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let keys = format!("host = \"www.Example.com\"\nresolver = \"{resolver}\"\n{keys}");
    let table = toml::de::Deserializer::parse(&keys).expect("the test's own TOML");
    let config = SourceConfig::read("dns", table).expect("a known type");
    let secrets = PemText(pem);
    let shared = Shared::new(&secrets);
    let built = config
        .expect("keys of dns")
        .build(&shared)
        .expect("usable keys");
    let began = Instant::now();
    let answer = built
        .source
        .check(&CheckContext::starting_now(TIMEOUT))
        .await;
    assert!(began.elapsed() < TIMEOUT * 2, "{keys}: in time");
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{keys}: {text:?} says {words:?}");
    answer
}

fn name(text: &str) -> Name {
    Name::from_utf8(text).expect("a name")
}

/// The records of each type in a small zone.
fn records(record: RecordType) -> Vec<RData> {
    let host = name("Mail.example.com.");
    match record {
        RecordType::A => vec![
            RData::CNAME(CNAME(name("web.example.com."))),
            RData::A(A::new(192, 0, 2, 7)),
            RData::A(A::new(192, 0, 2, 1)),
        ],
        RecordType::AAAA => vec![RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))],
        RecordType::CNAME => vec![RData::CNAME(CNAME(name("web.example.com.")))],
        RecordType::MX => vec![RData::MX(MX::new(10, host))],
        RecordType::NS => vec![RData::NS(NS(name("ns1.example.com.")))],
        RecordType::TXT => vec![RData::TXT(TXT::new(vec!["v=spf1 ".into(), "-all".into()]))],
        RecordType::SOA => vec![RData::SOA(SOA::new(host.clone(), host, 7, 1, 2, 3, 4))],
        RecordType::SRV => vec![RData::SRV(SRV::new(1, 2, 5060, host))],
        RecordType::CAA => vec![RData::CAA(CAA::new_issue(
            false,
            Some(name("ca.example")),
            vec![],
        ))],
        _ => Vec::new(),
    }
}

fn zone() -> DnsReply {
    Arc::new(|query, _| {
        let data = records(query.queries[0].query_type());
        answer(query, data).to_vec().ok()
    })
}

/// Answers everything with an empty answer that `change` has changed.
fn always(change: impl Fn(&mut Message) + Send + Sync + 'static) -> DnsReply {
    Arc::new(move |query, _| {
        let mut message = answer(query, Vec::new());
        change(&mut message);
        message.to_vec().ok()
    })
}

#[tokio::test]
async fn each_type_of_record_is_asked_and_compared() {
    let server = DnsServer::start(zone()).await;
    let resolver = server.address();
    for (record, expect) in [
        ("A", "[\"192.0.2.1\", \"192.0.2.7\"]"),
        ("AAAA", "[\"2001:DB8::1\"]"),
        ("CNAME", "[\"WEB.example.com\"]"),
        ("MX", "[\"10 mail.example.com.\"]"),
        ("NS", "[\"ns1.example.com\"]"),
        ("TXT", "[\"v=spf1 -all\"]"),
        ("SOA", "[\"mail.example.com mail.example.com 7 1 2 3 4\"]"),
        ("SRV", "[\"1 2 5060 mail.example.com\"]"),
        ("CAA", "['0 issue \"ca.example\"']"),
    ] {
        for transport in ["udp", "tcp"] {
            let keys =
                format!("record = \"{record}\"\ntransport = \"{transport}\"\nexpect = {expect}");
            let answer = check(&resolver, "", &keys, "up", "").await;
            let told = answer.detail.get("transport");
            assert_eq!(told, Some(&Value::from(transport)), "{answer:?}");
        }
    }
    let words = "expected 192.0.2.1, got 192.0.2.1, 192.0.2.7";
    check(
        &resolver,
        "",
        "expect = [\"192.0.2.1\"]",
        "down expect",
        words,
    )
    .await;
    let answer = check(&resolver, "", "", "up", "").await;
    let found = Value::List(vec!["192.0.2.1".into(), "192.0.2.7".into()]);
    assert_eq!(answer.detail.get("answers"), Some(&found));
}

#[tokio::test]
async fn what_the_resolver_says_instead_is_named() {
    for (code, expected, words) in [
        (
            ResponseCode::NXDomain,
            "down missing",
            "does not exist (NXDOMAIN)",
        ),
        (ResponseCode::ServFail, "down dns", "(SERVFAIL)"),
        (
            ResponseCode::Refused,
            "down dns",
            "refuses to answer for www.example.com",
        ),
        (ResponseCode::NotImp, "down dns", "answered with an error"),
        (
            ResponseCode::NoError,
            "down missing",
            "www.example.com has no A record",
        ),
    ] {
        let reply = always(move |message| message.metadata.response_code = code);
        let server = DnsServer::start(reply).await;
        check(&server.address(), "", "", expected, words).await;
    }
}

#[tokio::test]
async fn signatures_must_be_verified_where_that_is_asked() {
    for (verified, expected, words) in [(true, "up", ""), (false, "down expect", "no AD flag")] {
        let reply: DnsReply = Arc::new(move |query, _| {
            let wants = query
                .edns
                .as_ref()
                .is_some_and(|edns| edns.flags().dnssec_ok);
            assert!(wants, "the question asks for it");
            let mut message = answer(query, records(RecordType::A));
            message.metadata.authentic_data = verified;
            message.to_vec().ok()
        });
        let server = DnsServer::start(reply).await;
        check(&server.address(), "", "dnssec = true", expected, words).await;
    }
}

#[tokio::test]
async fn what_does_not_fit_is_asked_again_over_tcp() {
    let reply: DnsReply = Arc::new(|query, carrier| {
        let mut message = answer(query, records(RecordType::A));
        if carrier == Carrier::Datagram {
            message.answers.clear();
            message.metadata.truncation = true;
        }
        message.to_vec().ok()
    });
    let server = DnsServer::start(reply).await;
    let answer = check(&server.address(), "", "", "up", "").await;
    let told = answer.detail.get("transport");
    assert_eq!(told, Some(&Value::from("tcp")));
    let reply = always(|message| message.metadata.truncation = true);
    let server = DnsServer::start(reply).await;
    check(
        &server.address(),
        "",
        "",
        "down truncated",
        "truncated answer",
    )
    .await;
}

#[tokio::test]
async fn over_tls_the_resolver_must_be_trusted() {
    let authority = Authority::new();
    let server = DnsServer::secure(authority.tls(&["127.0.0.1"]), zone()).await;
    let resolver = server.address();
    let keys = "transport = \"tls\"\nca = \"ca.pem\"";
    check(&resolver, authority.pem(), keys, "up", "").await;
    check(
        &resolver,
        "",
        "transport = \"tls\"\ninsecure = true",
        "up",
        "",
    )
    .await;
    let words = "issuer is unknown here";
    check(&resolver, "", "transport = \"tls\"", "down tls", words).await;
    let other = DnsServer::secure(authority.tls(&["dns.example"]), zone()).await;
    let words = "certificate is for dns.example, not 127.0.0.1";
    check(&other.address(), authority.pem(), keys, "down tls", words).await;
}

#[tokio::test]
async fn a_lost_datagram_is_sent_again_and_a_forged_one_ignored() {
    let count = AtomicUsize::new(0);
    let reply: DnsReply = Arc::new(move |query, _| {
        let mut message = answer(query, records(RecordType::A));
        // The first answer has the id of another query.
        if count.fetch_add(1, Ordering::Relaxed) == 0 {
            message.metadata.id = message.metadata.id.wrapping_add(1);
        }
        message.to_vec().ok()
    });
    let server = DnsServer::start(reply).await;
    check(&server.address(), "", "", "up", "").await;
}

#[tokio::test]
async fn a_resolver_that_is_no_good_is_down_in_time() {
    let silent: DnsReply = Arc::new(|_, _| None);
    let server = DnsServer::start(silent).await;
    for transport in ["udp", "tcp"] {
        let keys = format!("transport = \"{transport}\"");
        let words = "no answer from the resolver 127.0.0.1:";
        check(&server.address(), "", &keys, "down timeout", words).await;
    }
    let garbage: DnsReply = Arc::new(|_, _| Some(b"\x00\x01garbage".to_vec()));
    let server = DnsServer::start(garbage).await;
    check(&server.address(), "", "", "down timeout", "").await;
    let words = "answered with something that is not DNS";
    check(
        &server.address(),
        "",
        "transport = \"tcp\"",
        "down protocol",
        words,
    )
    .await;

    let drip = ServerStep::Drip(vec![1; 5000].into(), Duration::from_millis(20));
    let dripping = Hostile::blurt(vec![drip]).await;
    let endless = Hostile::blurt(vec![ServerStep::Repeat(vec![1; 5000].into())]).await;
    let tcp = "transport = \"tcp\"";
    check(&dripping.address().to_string(), "", tcp, "down timeout", "").await;
    check(&endless.address().to_string(), "", tcp, "down protocol", "").await;

    let port = Port::claim();
    let nobody = port.address().to_string();
    for keys in ["", tcp, "transport = \"tls\""] {
        check(&nobody, "", keys, "down refused", "nothing listens on").await;
    }
    check(
        "name.invalid",
        "",
        "",
        "down dns",
        "cannot resolve name.invalid",
    )
    .await;
}

#[test]
fn keys_that_cannot_be_are_refused() {
    let check = |keys: &str, expected: Result<&str, &str>| {
        let built = build("dns", keys);
        let found = built.as_ref().map(|built| built.target.as_str());
        assert_eq!(found.map_err(|problem| problem.key), expected, "{keys}");
    };
    check("host = \"a.example\"", Ok("a.example A"));
    let whole = "host = \"_sip._tcp.a\"\nrecord = \"SRV\"\nresolver = \"::1\"";
    check(whole, Ok("_sip._tcp.a SRV at ::1"));
    check("host = \"\"", Err("host"));
    check("host = \"a..b\"", Err("host"));
    check("host = \"a\"\nexpect = []", Err("expect"));
    check("host = \"a\"\nresolver = \"x y\"", Err("resolver"));
    check("host = \"a\"\nresolver = \"b:0\"", Err("resolver"));
    check("host = \"a\"\ntransport = \"tls\"", Err("resolver"));
    check("host = \"a\"\nca = \"b\"", Err("ca"));
    let secure = "host = \"a\"\ntransport = \"https\"";
    check(secure, Err("resolver"));
    check(
        &format!("{secure}\nresolver = \"9.9.9.9\""),
        Err("resolver"),
    );
    let plain = format!("{secure}\nresolver = \"http://dns.example/dns-query\"");
    check(&plain, Err("resolver"));
    check("host = \"a\"\nresolver = \"https://b/\"", Err("resolver"));
    let whole = format!("{secure}\nresolver = \"https://dns.example/dns-query\"");
    check(&whole, Ok("a A at https://dns.example/dns-query"));
}
