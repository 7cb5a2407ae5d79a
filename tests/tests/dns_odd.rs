//! `type = "dns"`: answers that are long or truncated, and servers from before EDNS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::{A, TXT};
use up_core::{CheckResult, Value};
use up_tests::check_source::{check_source, verdict};
use up_tests::dns_server::{Carrier, DnsReply, DnsServer, answer};

const TIMEOUT: Duration = Duration::from_secs(2);

/// Queries `resolver` for www.example.com with those keys. The cause must contain `words`.
async fn check(resolver: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let keys = format!("host = \"www.example.com\"\nresolver = \"{resolver}\"\n{keys}");
    let began = Instant::now();
    let answer = check_source("dns", &keys, TIMEOUT).await;
    assert!(began.elapsed() < TIMEOUT * 2, "{keys}: in time");
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{keys}: {text:?} says {words:?}");
    answer
}

fn addresses() -> Vec<RData> {
    vec![
        RData::A(A::new(192, 0, 2, 1)),
        RData::A(A::new(192, 0, 2, 7)),
    ]
}

/// A datagram that is truncated in the middle of a record, as some servers do.
#[tokio::test]
async fn a_datagram_that_is_cut_anywhere_is_asked_again_over_tcp() {
    for keep in [12, 20, 60] {
        let reply: DnsReply = Arc::new(move |query, carrier| {
            let mut message = answer(query, addresses());
            message.metadata.truncation = carrier == Carrier::Datagram;
            let mut bytes = message.to_vec().ok()?;
            if carrier == Carrier::Datagram {
                bytes.truncate(keep);
            }
            Some(bytes)
        });
        let server = DnsServer::start(reply).await;
        let answer = check(&server.address(), "", "up", "").await;
        let told = answer.detail.get("transport");
        assert_eq!(told, Some(&Value::from("tcp")), "cut at {keep}");
    }
}

#[tokio::test]
async fn a_text_is_compared_whole_however_long_it_is() {
    let long = format!("v=DKIM1; k=rsa; p={}", "q7Xz".repeat(300));
    let parts: Vec<String> = long
        .as_bytes()
        .chunks(255)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    let data = parts.clone();
    let reply: DnsReply = Arc::new(move |query, carrier| {
        let mut message = answer(query, vec![RData::TXT(TXT::new(data.clone()))]);
        if carrier == Carrier::Datagram {
            message.answers.clear();
            message.metadata.truncation = true;
        }
        message.to_vec().ok()
    });
    let server = DnsServer::start(reply).await;
    let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
    let words = "(they differ from character 1219 on)";
    for (expect, expected, words) in [
        (long.clone(), "up", ""),
        (quoted.join(" "), "up", ""),
        (format!("{long}x"), "down expect", words),
    ] {
        let keys = format!("record = \"TXT\"\nexpect = ['{expect}']");
        let answer = check(&server.address(), &keys, expected, words).await;
        let Some(Value::List(shown)) = answer.detail.get("answers") else {
            panic!("{answer:?} tells the answers");
        };
        let [Value::Text(shown)] = &shown[..] else {
            panic!("{shown:?} is one text");
        };
        assert!(shown.len() <= 500, "it is cut to be shown");
    }
}

/// What happens to a query with EDNS.
#[derive(Clone, Copy, Debug)]
enum Dislike {
    /// It is answered with that code, with the question or without anything.
    Code(ResponseCode),
    Bare(u8),
    /// It is answered with a head that announces a question, and no question.
    Garbled,
    /// It is dropped.
    Drop,
    /// The connection is closed.
    Close,
}

#[tokio::test]
async fn a_server_that_does_not_take_edns_is_asked_without() {
    use Dislike::{Bare, Close, Code, Drop, Garbled};
    for dislike in [
        Code(ResponseCode::FormErr),
        Code(ResponseCode::NotImp),
        Code(ResponseCode::BADVERS),
        Code(ResponseCode::ServFail),
        Bare(1),
        Bare(4),
        Garbled,
        Drop,
        Close,
    ] {
        let reply: DnsReply = Arc::new(move |query, carrier| {
            if query.edns.is_none() {
                return answer(query, addresses()).to_vec().ok();
            }
            let head = |code: u8, questions: u8| {
                let [high, low] = query.metadata.id.to_be_bytes();
                vec![high, low, 0x81, 0x80 | code, 0, questions, 0, 0, 0, 0, 0, 0]
            };
            match dislike {
                Code(code) => {
                    let mut message = answer(query, Vec::new());
                    message.metadata.response_code = code;
                    message.to_vec().ok()
                }
                Bare(code) => Some(head(code, 0)),
                Garbled => Some(head(1, 1)),
                // An answer of no bytes ends a TCP connection.
                Close if carrier == Carrier::Stream => Some(Vec::new()),
                Drop | Close => None,
            }
        });
        let server = DnsServer::start(reply).await;
        for transport in ["udp", "tcp"] {
            println!("{dislike:?} {transport}");
            let keys =
                format!("transport = \"{transport}\"\nexpect = [\"192.0.2.1\", \"192.0.2.7\"]");
            check(&server.address(), &keys, "up", "").await;
        }
    }
    // The answer without EDNS is the one that counts.
    let reply: DnsReply = Arc::new(|query, _| {
        let mut message = answer(query, Vec::new());
        message.metadata.response_code = ResponseCode::FormErr;
        message.to_vec().ok()
    });
    let server = DnsServer::start(reply).await;
    let words = "answered with an error for www.example.com: Form Error";
    check(&server.address(), "", "down dns", words).await;
}
