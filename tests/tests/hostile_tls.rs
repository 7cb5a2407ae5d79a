//! `type = "http"` against invalid TLS, and against TLS that needs the right keys.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use up_core::{CheckResult, Value};
use up_source::http::{HttpConfig, HttpVersion};
use up_source::{CheckContext, Configure, Shared};
use up_tests::check_source::{PemText, verdict};
use up_tests::hostile::tls::{Authority, self_signed, self_signed_authority};
use up_tests::hostile::{Cue, Hostile, scripts};

const TIMEOUT: Duration = Duration::from_secs(1);
const HERE: [&str; 2] = ["127.0.0.1", "localhost"];

async fn ask(config: HttpConfig, pem: &str) -> CheckResult {
    let secrets = PemText(pem);
    let shared = Shared::new(&secrets);
    let built = config.build(&shared).expect("a usable configuration");
    built
        .source
        .check(&CheckContext::starting_now(TIMEOUT))
        .await
}

/// Checks with the certificates that the system trusts, which include none of these servers.
async fn check(name: &str, server: &Hostile, expected: &str, words: &str) {
    let url = server.https("127.0.0.1", "/");
    judge(name, &ask(HttpConfig::new(url), "").await, expected, words);
}

/// Checks while trusting only `pem`.
async fn check_trusting(pem: &str, url: String, expected: &str, words: &str) -> CheckResult {
    let config = HttpConfig {
        ca: Some("ca.pem".into()),
        ..HttpConfig::new(url.as_str())
    };
    let answer = ask(config, pem).await;
    judge(&url, &answer, expected, words);
    answer
}

fn judge(name: &str, answer: &CheckResult, expected: &str, words: &str) {
    assert_eq!(verdict(answer), expected, "{name}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{name}: {text:?} says {words:?}");
}

#[tokio::test]
async fn what_is_no_tls_is_told_apart() {
    let play = Hostile::blurt;
    let garbage = scripts::exactly(vec![0x16, 3, 3, 0, 4, 9, 9, 9, 9]);
    let plain = play(scripts::ok()).await;
    check(
        "plain http",
        &plain,
        "down tls",
        "does not speak TLS: is it plain http?",
    )
    .await;
    check("garbage", &play(garbage).await, "down tls", "TLS").await;
    let gone = play(scripts::hang_up()).await;
    check("hang up", &gone, "down tls", "broke off the TLS handshake").await;
    let silent = play(scripts::silent()).await;
    check(
        "silent",
        &silent,
        "down timeout",
        "the TLS handshake did not end",
    )
    .await;
}

#[tokio::test]
async fn whom_nobody_vouches_for_is_down_unless_told_otherwise() {
    let (lonely, _) = self_signed(&HERE);
    let (proud, _) = self_signed_authority(&HERE);
    let strange = Authority::new().tls_http1(&HERE);
    for (name, tls, words) in [
        ("self-signed", lonely, "certificate is self-signed"),
        ("self-signed authority", proud, "certificate is self-signed"),
        (
            "stranger",
            strange,
            "issuer is unknown here: Up Test Authority",
        ),
    ] {
        let server = Hostile::secure(tls, scripts::ok()).await;
        check(name, &server, "down tls", words).await;
        let config = HttpConfig {
            insecure: true,
            ..HttpConfig::new(server.https("127.0.0.1", "/"))
        };
        judge(name, &ask(config, "").await, "up", "");
    }
}

#[tokio::test]
async fn the_trusted_are_still_held_to_name_and_dates() {
    let authority = Authority::new();
    let pem = authority.pem();
    let play = |tls| Hostile::secure(tls, scripts::ok());
    let good = play(authority.tls_http1(&HERE)).await;
    let answer = check_trusting(pem, good.https("localhost", "/"), "up", "").await;
    let issuer = answer.detail.get("certificate_issuer");
    assert_eq!(
        issuer,
        Some(&Value::from("Up Test Authority")),
        "{answer:?}"
    );
    assert!(
        answer.detail.get("certificate_expires").is_some(),
        "{answer:?}"
    );

    let other = play(authority.tls_http1(&["example.org", "www.example.org"])).await;
    let words = "certificate is for example.org, www.example.org, not localhost";
    check_trusting(pem, other.https("localhost", "/"), "down tls", words).await;
    let words = "not 127.0.0.1";
    check_trusting(pem, other.https("127.0.0.1", "/"), "down tls", words).await;

    let expired = play(authority.expired_tls(&HERE)).await;
    let words = "certificate expired";
    check_trusting(pem, expired.https("localhost", "/"), "down tls", words).await;
    let early = play(authority.early_tls(&HERE)).await;
    let words = "will be valid only in";
    check_trusting(pem, early.https("localhost", "/"), "down tls", words).await;

    let stranger = play(Authority::new().tls_http1(&HERE)).await;
    check_trusting(
        pem,
        stranger.https("localhost", "/"),
        "down tls",
        "certificate",
    )
    .await;
}

#[tokio::test]
async fn a_servers_own_certificate_can_be_trusted() {
    for (tls, pem) in [self_signed(&HERE), self_signed_authority(&HERE)] {
        let server = Hostile::secure(tls, scripts::ok()).await;
        check_trusting(&pem, server.https("localhost", "/"), "up", "").await;
    }
    let (tls, pem) = self_signed_authority(&["example.org"]);
    let server = Hostile::secure(tls, scripts::ok()).await;
    let words = "certificate is for example.org, not localhost";
    check_trusting(&pem, server.https("localhost", "/"), "down tls", words).await;
}

#[tokio::test]
async fn timing_has_the_parts_that_took_place() {
    let authority = Authority::new();
    let server = Hostile::secure(authority.tls_http1(&HERE), scripts::ok()).await;
    let url = server.https("localhost", "/");
    let answer = check_trusting(authority.pem(), url, "up", "").await;
    let Some(Value::Map(timing)) = answer.detail.get("timing") else {
        panic!("{answer:?} has a timing");
    };
    let parts: Vec<_> = timing.iter().map(|(name, _)| name).collect();
    assert_eq!(parts, ["resolve", "connect", "tls", "first_byte", "body"]);
}

#[tokio::test]
async fn a_version_that_the_server_does_not_speak_is_down() {
    let authority = Authority::new();
    let server = Hostile::secure(authority.tls_http1(&HERE), scripts::ok()).await;
    let config = HttpConfig {
        ca: Some("ca.pem".into()),
        http: HttpVersion::Two,
        ..HttpConfig::new(server.https("localhost", "/"))
    };
    let answer = ask(config, authority.pem()).await;
    judge(
        "HTTP/2 only",
        &answer,
        "down tls",
        "does not speak that version of HTTP",
    );
}

/// Speaks HTTP/2 with one client, and returns whether the connection ended in good order.
async fn speak_http2(tls: TlsAcceptor) -> (SocketAddr, JoinHandle<hyper::Result<()>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free loopback port");
    let address = listener.local_addr().expect("a bound socket's address");
    let speaking = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let stream = tls.accept(stream).await.expect("a handshake");
        let fine = service_fn(async |_: Request<hyper::body::Incoming>| {
            Ok::<_, Infallible>(Response::new(Full::new(&b"fine"[..])))
        });
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), fine)
            .await
    });
    (address, speaking)
}

#[tokio::test]
async fn http2_is_spoken_where_both_can_and_leaves_no_connection() {
    let authority = Authority::new();
    for http in [HttpVersion::Auto, HttpVersion::Two] {
        let (address, speaking) = speak_http2(authority.tls(&HERE)).await;
        let config = HttpConfig {
            ca: Some("ca.pem".into()),
            http,
            ..HttpConfig::new(format!("https://{address}/"))
        };
        let answer = ask(config, authority.pem()).await;
        judge("HTTP/2", &answer, "up", "");
        let version = Some(&Value::from("HTTP/2.0"));
        assert_eq!(answer.detail.get("version"), version, "{answer:?}");
        let ended = tokio::time::timeout(Duration::from_secs(10), speaking).await;
        let ended = ended.expect("the connection is closed after the check");
        assert!(ended.unwrap().is_ok(), "and in good order");
    }
}

#[tokio::test]
async fn http2_that_goes_wrong_is_told_apart() {
    let authority = Authority::new();
    for (script, expected, words) in [
        (scripts::silent(), "down timeout", "no whole head"),
        (scripts::hang_up(), "down reset", "the connection"),
        (scripts::ok(), "down protocol", "127.0.0.1"),
    ] {
        let tls = Some(authority.tls(&HERE));
        let server = Hostile::start(Cue::Connection, tls, move |_| script.clone()).await;
        let url = server.https("127.0.0.1", "/");
        check_trusting(authority.pem(), url, expected, words).await;
    }
}
