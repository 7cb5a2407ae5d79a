//! `type = "http"` against a real nginx.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use up_core::{CheckResult, Value};
use up_tests::check_source::{check_source, verdict};
use up_tests::nginx::Nginx;

const TIMEOUT: Duration = Duration::from_secs(20);

async fn get(nginx: &Nginx, path: &str) -> CheckResult {
    check_source("http", &format!("url = {:?}", nginx.url(path)), TIMEOUT).await
}

async fn check(nginx: &Nginx, path: &str, expected: &str) {
    let answer = get(nginx, path).await;
    assert_eq!(verdict(&answer), expected, "{path}: {answer:?}");
}

/// The body that nginx sends at `path`, as a client of its own sees it.
fn plain_body(nginx: &Nginx, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", nginx.port())).expect("nginx listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: up\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .expect("a request sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    body.to_owned()
}

#[tokio::test]
async fn what_nginx_answers_is_up_when_its_final_status_is_2xx() {
    let nginx = Nginx::start();
    nginx.put("page.txt", "a static page");
    nginx.put("latin1.txt", b"no UTF-8: \xe9\xff");
    nginx.put("empty.txt", "");
    nginx.put("large.bin", vec![7; 3 * 1024 * 1024]);
    for (path, expected) in [
        ("/ok", "up"),
        ("/204", "up"),
        ("/gzip", "up"),
        ("/redirect", "up"),
        ("/files/page.txt", "up"),
        ("/files/latin1.txt", "up"),
        ("/files/empty.txt", "up"),
        ("/files/large.bin", "up"),
        ("/404", "down http_status"),
        ("/500", "down http_status"),
        ("/503", "down http_status"),
        ("/files/none.txt", "down http_status"),
        ("/redirect-404", "down http_status"),
        ("/redirect-loop", "down redirect"),
    ] {
        check(&nginx, path, expected).await;
    }
}

#[tokio::test]
async fn the_size_of_a_body_is_said_whatever_the_status() {
    let nginx = Nginx::start();
    nginx.put("page.txt", "a static page");
    for (path, expected) in [
        ("/files/page.txt", "a static page".len()),
        ("/503", plain_body(&nginx, "/503").len()),
        ("/404", plain_body(&nginx, "/404").len()),
        ("/204", 0),
    ] {
        let answer = get(&nginx, path).await;
        let bytes = answer.detail.get("bytes");
        assert_eq!(bytes, Some(&Value::from(expected as f64)), "{path}");
    }
}

#[test]
fn nginx_compresses_for_who_takes_gzip() {
    let nginx = Nginx::start();
    let check = |accept: &str, expected: bool| {
        let mut stream = TcpStream::connect(("127.0.0.1", nginx.port())).unwrap();
        write!(
            stream,
            "GET /gzip HTTP/1.1\r\nHost: up\r\nConnection: close\r\n{accept}\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let compressed = answer.contains("Content-Encoding: gzip");
        assert_eq!(compressed, expected, "{accept:?}: {answer}");
    };
    check("", false);
    check("Accept-Encoding: gzip\r\n", true);
}

#[tokio::test]
async fn stopped_it_refuses_and_started_again_it_is_up() {
    let mut nginx = Nginx::start();
    check(&nginx, "/ok", "up").await;
    nginx.stop();
    check(&nginx, "/ok", "down refused").await;
    nginx.start_again();
    check(&nginx, "/ok", "up").await;
}

#[tokio::test]
async fn frozen_it_is_down_by_the_deadline_and_thawed_it_is_up() {
    let mut nginx = Nginx::start();
    // It listens already, but may not yet answer.
    check(&nginx, "/ok", "up").await;
    nginx.freeze();
    let start = std::time::Instant::now();
    let keys = format!("url = {:?}", nginx.url("/ok"));
    let answer = check_source("http", &keys, Duration::from_millis(500)).await;
    assert_eq!(verdict(&answer), "down timeout", "{answer:?}");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "the deadline held"
    );
    nginx.thaw();
    check(&nginx, "/ok", "up").await;
}
