//! `type = "tls"`: good and bad certificates, STARTTLS dialogues, and servers that never switch to
//! TLS.

use std::time::{Duration, Instant};

use up_core::{CheckResult, Value};
use up_source::{CheckContext, Shared, SourceConfig};
use up_tests::check_source::{PemText, build, check_source, verdict};
use up_tests::hostile::tls::{Authority, self_signed};
use up_tests::hostile::{FullQueue, Hostile, ServerStep, scripts};
use up_tests::starttls::{StartTlsServer, StarttlsTurn};

const TIMEOUT: Duration = Duration::from_secs(1);
const HERE: [&str; 2] = ["127.0.0.1", "localhost"];
const DAY: Duration = Duration::from_hours(24);

/// Checks a `tls` source with those keys, trusting `pem` as `ca`.
async fn ask_trusting(pem: &str, keys: &str) -> CheckResult {
    let table = toml::de::Deserializer::parse(keys).expect("the test's own TOML");
    let config = SourceConfig::read("tls", table).expect("a known type");
    let secrets = PemText(pem);
    let shared = Shared::new(&secrets);
    let built = config
        .expect("keys of tls")
        .build(&shared)
        .expect("usable keys");
    built
        .source
        .check(&CheckContext::starting_now(TIMEOUT))
        .await
}

/// Checks. The deadline must hold, and the cause must contain `words`.
async fn check(name: &str, pem: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let began = Instant::now();
    let answer = ask_trusting(pem, keys).await;
    assert!(began.elapsed() < TIMEOUT * 2, "{name}: in time");
    assert_eq!(verdict(&answer), expected, "{name}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{name}: {text:?} says {words:?}");
    answer
}

/// A server with that certificate, and the keys to check it while trusting `ca`.
async fn server(tls: tokio_rustls::TlsAcceptor) -> (Hostile, String) {
    let server = Hostile::secure(tls, scripts::ok()).await;
    let port = server.address().port();
    let keys = format!("host = \"127.0.0.1\"\nport = {port}\nca = \"ca.pem\"\n");
    (server, keys)
}

#[tokio::test]
async fn a_certificate_is_judged_by_issuer_name_and_dates() {
    let authority = Authority::new();
    let pem = authority.pem();

    let (_server, keys) = server(authority.tls(&HERE)).await;
    let answer = check("good", pem, &keys, "up", "").await;
    let told: Vec<_> = answer.detail.iter().map(|(name, _)| name).collect();
    assert_eq!(
        told,
        [
            "tls_version",
            "tls_cipher",
            "certificate_names",
            "certificate_chain",
            "certificate_expires",
            "certificate_days",
            "certificate_issuer",
            "remote",
            "timing"
        ]
    );
    let version = answer.detail.get("tls_version");
    assert_eq!(version, Some(&Value::from("TLSv1.3")));
    let names = Value::List(HERE.map(Value::from).into());
    assert_eq!(answer.detail.get("certificate_names"), Some(&names));
    let keys = format!("{keys}server_name = \"localhost\"\n");
    check("other SNI", pem, &keys, "up", "").await;
    let keys = keys.replace("localhost", "other.example");
    let words = "not other.example";
    check("wrong SNI", pem, &keys, "down tls", words).await;

    let (_server, keys) = server(authority.tls(&["a.example", "b.example"])).await;
    let words = "certificate is for a.example, b.example, not 127.0.0.1";
    check("wrong name", pem, &keys, "down tls", words).await;

    let (_server, keys) = server(authority.expired_tls(&HERE)).await;
    let answer = check("expired", pem, &keys, "down tls", "certificate expired").await;
    let Some(Value::Number(days)) = answer.detail.get("certificate_days") else {
        panic!("{answer:?} tells the days");
    };
    assert!(*days < -9_000.0, "expired in 2001: {days}");

    let (_server, keys) = server(Authority::new().tls(&HERE)).await;
    check("stranger", pem, &keys, "down tls", "certificate").await;
    let trusting_all = keys.replace("ca = \"ca.pem\"", "insecure = true");
    check("stranger, insecure", "", &trusting_all, "up", "").await;
    let system = keys.replace("ca = \"ca.pem\"\n", "");
    let words = "issuer is unknown here: Up Test Authority (the server shows no certificate but";
    check("stranger, system", "", &system, "down tls", words).await;

    let (tls, _) = self_signed(&HERE);
    let (_server, keys) = server(tls).await;
    let system = keys.replace("ca = \"ca.pem\"\n", "");
    let words = "certificate is self-signed";
    check("self-signed", "", &system, "down tls", words).await;
}

#[tokio::test]
async fn an_end_that_is_near_is_half_up() {
    let authority = Authority::new();
    let pem = authority.pem();
    let (_server, keys) = server(authority.tls_for(&HERE, DAY * 5 + DAY / 2)).await;
    let words = "certificate expires in 5 days (days_left = 14)";
    let answer = check("5 days", pem, &keys, "0.5 expect", words).await;
    let days = answer.detail.get("certificate_days");
    assert_eq!(days, Some(&Value::Number(5.0)));
    let fewer = format!("{keys}days_left = 5\n");
    check("5 days are enough", pem, &fewer, "up", "").await;

    let (_server, keys) = server(authority.expired_tls(&HERE)).await;
    let insecure = keys.replace("ca = \"ca.pem\"", "insecure = true");
    let words = "certificate expired";
    check(
        "expired counts all the same",
        "",
        &insecure,
        "down tls",
        words,
    )
    .await;
}

#[tokio::test]
async fn what_is_no_tls_is_told_apart() {
    let far_side = |port: u16| format!("host = \"127.0.0.1\"\nport = {port}\n");
    for (name, script, expected, words) in [
        (
            "plain",
            scripts::ok(),
            "down tls",
            "does it want `starttls`?",
        ),
        (
            "hang up",
            scripts::hang_up(),
            "down tls",
            "broke off the TLS handshake",
        ),
        (
            "silent",
            scripts::silent(),
            "down timeout",
            "the TLS handshake did not end",
        ),
        (
            "dripping",
            vec![ServerStep::Drip(
                vec![22; 5000].into(),
                Duration::from_millis(20),
            )],
            "down t",
            "",
        ),
        (
            "endless",
            vec![ServerStep::Repeat(vec![22; 5000].into())],
            "down tls",
            "",
        ),
    ] {
        let server = Hostile::blurt(script).await;
        let began = Instant::now();
        let answer = check_source("tls", &far_side(server.address().port()), TIMEOUT).await;
        assert!(began.elapsed() < TIMEOUT * 2, "{name}: in time");
        assert!(verdict(&answer).starts_with(expected), "{name}: {answer:?}");
        let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
        assert!(text.contains(words), "{name}: {text:?} says {words:?}");
    }
    let full = FullQueue::start().await;
    let keys = far_side(full.address().port());
    check("full", "", &keys, "down timeout", "did not accept").await;
}

/// A protocol with its dialogue, and one in which the server refuses TLS.
type DialogueCase = (
    &'static str,
    &'static [StarttlsTurn],
    &'static [StarttlsTurn],
    &'static str,
);

const LDAP_REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

#[rustfmt::skip]
const DIALOGUES: [DialogueCase; 5] = {
    use StarttlsTurn::{Hear, Say, Tls};
    [
        (
            "smtp",
            &[
                Say(b"220-mail.example\r\n220 ready\r\n"), Hear(b"EHLO"),
                Say(b"250-mail.example\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 HELP\r\n"),
                Hear(b"STARTTLS"), Say(b"220 go ahead\r\n"), Tls,
            ],
            &[Say(b"220 mail.example\r\n"), Hear(b"EHLO"), Say(b"250-mail.example\r\n250 SIZE\r\n")],
            "does not offer TLS in SMTP",
        ),
        (
            "imap",
            &[
                Say(b"* OK [CAPABILITY IMAP4rev1] ready\r\n"), Hear(b"up"),
                Say(b"* CAPABILITY STARTTLS\r\nup OK begin\r\n"), Tls,
            ],
            &[Say(b"* OK hello\r\n"), Hear(b"up"), Say(b"up BAD what\r\n")],
            "does not offer TLS in IMAP: BAD what",
        ),
        (
            "pop3",
            &[Say(b"+OK ready <1@mail>\r\n"), Hear(b"STLS"), Say(b"+OK\r\n"), Tls],
            &[Say(b"+OK\r\n"), Hear(b"STLS"), Say(b"-ERR no such thing\r\n")],
            "does not offer TLS in POP3: no such thing",
        ),
        (
            "ldap",
            &[
                Hear(LDAP_REQUEST),
                Say(b"\x30\x84\0\0\0\x10\x02\x01\x01\x78\x84\0\0\0\x07\x0a\x01\0\x04\0\x04\0"), Tls,
            ],
            &[Hear(LDAP_REQUEST), Say(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\0\x04\0")],
            "does not offer TLS in LDAP: protocolError (2)",
        ),
        (
            "postgres",
            &[Hear(&[0, 0, 0, 8, 4, 210, 22, 47]), Say(b"S"), Tls],
            &[Hear(&[0, 0, 0, 8, 4, 210, 22, 47]), Say(b"N")],
            "does not offer TLS in PostgreSQL",
        ),
    ]
};

fn in_protocol(protocol: &str, server: &StartTlsServer) -> String {
    let port = server.port();
    format!("host = \"127.0.0.1\"\nport = {port}\nca = \"ca.pem\"\nstarttls = \"{protocol}\"\n")
}

#[tokio::test]
async fn each_protocol_comes_to_tls_or_says_why_not() {
    let authority = Authority::new();
    let pem = authority.pem();
    for (protocol, agree, decline, words) in DIALOGUES {
        let server = StartTlsServer::play(authority.tls(&HERE), agree).await;
        let answer = check(protocol, pem, &in_protocol(protocol, &server), "up", "").await;
        let Some(Value::Map(timing)) = answer.detail.get("timing") else {
            panic!("{answer:?} has a timing");
        };
        let parts: Vec<_> = timing.iter().map(|(name, _)| name).collect();
        assert_eq!(parts, ["resolve", "connect", "starttls", "tls"]);
        let server = StartTlsServer::play(authority.tls(&HERE), decline).await;
        check(
            protocol,
            pem,
            &in_protocol(protocol, &server),
            "down tls",
            words,
        )
        .await;
    }
}

#[tokio::test]
async fn a_dialogue_that_goes_wrong_is_told_apart() {
    use StarttlsTurn::{Babble, Hang, Hear, Say};
    let authority = Authority::new();
    let turns: [(&str, &[StarttlsTurn], &str, &str); 9] = [
        (
            "smtp",
            &[Hang],
            "down timeout",
            "connected, but SMTP did not switch to TLS",
        ),
        (
            "smtp",
            &[],
            "down reset",
            "closed the connection before SMTP switched to TLS",
        ),
        (
            "smtp",
            &[Say(b"554 go away\r\n")],
            "down reported",
            "refuses the connection: go away",
        ),
        (
            "smtp",
            &[Say(b"SSH-2.0-x\r\n")],
            "down protocol",
            "does not speak SMTP",
        ),
        (
            "smtp",
            &[Babble(b"220-more\r\n")],
            "down too_large",
            "sends too much",
        ),
        (
            "imap",
            &[Babble(b"no line's end")],
            "down too_large",
            "sends too much",
        ),
        (
            "pop3",
            &[
                Say(b"+OK\r\n"),
                Hear(b"STLS"),
                Say(b"+OK\r\n+OK injected\r\n"),
                Hang,
            ],
            "down protocol",
            "sent more bytes after agreeing",
        ),
        (
            "ldap",
            &[Babble(b"\x30\x84\x7f\xff\xff\xff")],
            "down too_large",
            "sends too much",
        ),
        (
            "postgres",
            &[Babble(b"S")],
            "down protocol",
            "sent more bytes after agreeing",
        ),
    ];
    for (protocol, turns, expected, words) in turns {
        let server = StartTlsServer::play(authority.tls(&HERE), turns).await;
        let keys = in_protocol(protocol, &server);
        check(protocol, authority.pem(), &keys, expected, words).await;
    }
}

#[test]
fn keys_that_cannot_be_are_refused() {
    let check = |keys: &str, expected: Result<&str, &str>| {
        let built = build("tls", keys);
        let found = built.as_ref().map(|built| built.target.as_str());
        assert_eq!(found.map_err(|problem| problem.key), expected, "{keys}");
    };
    check("host = \"a.example\"", Ok("a.example:443"));
    check("host = \"::1\"\nstarttls = \"smtp\"", Ok("[::1]:25"));
    check("host = \"two words\"", Err("host"));
    check("host = \"a\"\nserver_name = \"b c\"", Err("server_name"));
    check("host = \"a\"\nca = \"x\"\ninsecure = true", Err("insecure"));
}
