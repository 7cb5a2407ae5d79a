//! Connections of `type = "http"` to a real nginx: with a client certificate, and kept open for the
//! next check.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use up_core::{CheckResult, Value};
use up_source::{Built, CheckContext};
use up_tests::check_source::{FolderFiles, build, build_with, verdict};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Hostile, scripts};
use up_tests::nginx::Nginx;

const TIMEOUT: Duration = Duration::from_secs(20);

async fn check(built: &Built) -> CheckResult {
    built
        .source
        .check(&CheckContext::starting_now(TIMEOUT))
        .await
}

/// An nginx that requests a client certificate of `clients`, and a folder with the files of its
/// clients.
struct ClientCertificateSite {
    nginx: Nginx,
    folder: TempDir,
}

const WANTS_CLIENT: &str = "ssl_certificate server.pem; ssl_certificate_key server.key;
    ssl_client_certificate clients.pem; ssl_verify_client on;";

impl ClientCertificateSite {
    fn start() -> Self {
        let (servers, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
        let (certificate, key) = servers.pair(&["127.0.0.1"]);
        let nginx = Nginx::secure(
            WANTS_CLIENT,
            &[
                ("server.pem", &certificate),
                ("server.key", &key),
                ("clients.pem", clients.pem()),
            ],
        );
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file in the new folder");
        };
        let (certificate, key) = clients.pair(&["up.example"]);
        write("ca.pem", servers.pem());
        write("client.pem", &certificate);
        write("client.key", &key);
        write("both.pem", &format!("{key}{certificate}"));
        let (certificate, key) = strangers.pair(&["up.example"]);
        write("stranger.pem", &certificate);
        write("stranger.key", &key);
        write("empty.pem", "\n");
        write("locked.key", &key.replace("PRIVATE", "ENCRYPTED PRIVATE"));
        Self { nginx, folder }
    }
}

fn keys(url: &str, more: &str) -> String {
    format!("url = {url:?}\nca = \"ca.pem\"\n{more}")
}

fn in_folder(folder: &Path) -> FolderFiles {
    FolderFiles(folder.to_owned())
}

#[tokio::test]
async fn who_asks_for_a_client_certificate_is_shown_ours() {
    let site = ClientCertificateSite::start();
    let files = in_folder(site.folder.path());
    for (more, expected) in [
        ("", "down http_status"),
        (
            "client_certificate = \"client.pem\"\nclient_key = \"client.key\"",
            "up",
        ),
        (
            "client_certificate = \"client.pem\"\nclient_key = { file = \"client.key\" }",
            "up",
        ),
        ("client_certificate = \"both.pem\"", "up"),
        ("client_certificate = \"both.pem\"\nkeep_alive = true", "up"),
        (
            "client_certificate = \"stranger.pem\"\nclient_key = \"stranger.key\"",
            "down http_status",
        ),
    ] {
        let keys = keys(&site.nginx.https("/ok"), more);
        let built = build_with(&files, "http", &keys).expect("usable keys");
        for time in 1..=2 {
            let answer = check(&built).await;
            assert_eq!(
                verdict(&answer),
                expected,
                "{more}, time {time}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn another_site_is_not_shown_who_we_are() {
    let site = ClientCertificateSite::start();
    let files = in_folder(site.folder.path());
    let there = site.nginx.https("/ok");
    let server = Hostile::route(move |_| scripts::redirect(&there)).await;
    let more = "client_certificate = \"both.pem\"";
    // The same host by another name is another site.
    let url = format!("http://localhost:{}/", server.address().port());
    let built = build_with(&files, "http", &keys(&url, more));
    let answer = check(&built.expect("usable keys")).await;
    // nginx gets no certificate.
    assert_eq!(verdict(&answer), "down http_status", "{answer:?}");
    let text = answer.cause.expect("a cause").text;
    assert!(text.contains("HTTP 400"), "{text}");
}

#[test]
fn what_cannot_be_who_we_are_is_told_with_its_file() {
    let site = ClientCertificateSite::start();
    let files = in_folder(site.folder.path());
    let check = |more: &str, key: &str, words: &str| {
        let built = build_with(&files, "http", &keys("https://h/", more));
        let problem = built.expect_err(more);
        assert_eq!(problem.key, key, "{more}: {problem}");
        assert!(problem.message.contains(words), "{more}: {problem}");
    };
    let certificate = |file: &str| format!("client_certificate = {file:?}\n");
    check(
        "client_key = \"client.key\"",
        "client_key",
        "without `client_certificate`",
    );
    check(&certificate("none.pem"), "client_certificate", "none.pem");
    let words = "empty.pem: there is no certificate in this file";
    check(&certificate("empty.pem"), "client_certificate", words);
    let words = "client.pem: there is no private key in PEM here";
    check(&certificate("client.pem"), "client_certificate", words);
    let with = |key: &str| format!("{}client_key = {key}", certificate("client.pem"));
    check(&with("\"none.key\""), "client_key", "none.key");
    let words = "ca.pem: there is no private key";
    check(&with("\"ca.pem\""), "client_key", words);
    let words = "stranger.key: this key is not the one of the certificate in client.pem";
    check(&with("{ file = \"stranger.key\" }"), "client_key", words);
    let words = "locked.key: the private key is encrypted";
    check(&with("\"locked.key\""), "client_key", words);
    let words = "the text given: this is no PEM";
    let cut = with("\"-----BEGIN PRIVATE KEY-----\\nhunter2\"");
    check(&cut, "client_key", words);
}

/// The number of this request on its connection to nginx.
async fn request_number(built: &Built) -> (String, bool) {
    let answer = check(built).await;
    let kept = answer.detail.get("kept_alive") == Some(&Value::from(true));
    let connects = match answer.detail.get("timing") {
        Some(Value::Map(timing)) => timing.get("connect").is_some(),
        _ => false,
    };
    assert_ne!(
        kept, connects,
        "a kept connection is not opened: {answer:?}"
    );
    let text = answer
        .cause
        .map_or_else(String::new, |cause| cause.text.to_string());
    (text, kept)
}

#[tokio::test]
async fn a_connection_is_kept_only_where_that_is_wanted() {
    let mut nginx = Nginx::start();
    let url = nginx.url("/connection");
    // The cause says what was found.
    let keys = format!(
        "url = {url:?}\nstatus_from = {{ regex = 'request (.*)', map = {{ none = 1.0 }} }}"
    );
    let each_new = build("http", &keys).expect("usable keys");
    let kept = build("http", &format!("{keys}\nkeep_alive = true")).expect("usable keys");
    let check = async |built: &Built, number: &str, expected: bool| {
        let (text, kept) = request_number(built).await;
        assert!(text.contains(&format!("is \"{number}\"")), "{text}");
        assert_eq!(kept, expected, "{text}");
    };
    for _ in 0..3 {
        check(&each_new, "1", false).await;
    }
    check(&kept, "1", false).await;
    check(&kept, "2", true).await;
    check(&kept, "3", true).await;
    nginx.stop();
    let answer = self::check(&kept).await;
    assert_eq!(verdict(&answer), "down refused", "{answer:?}");
    nginx.start_again();
    check(&kept, "1", false).await;
    check(&kept, "2", true).await;
}

/// Answers the first request of each connection, and closes it after the second.
async fn forgetful() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free loopback port");
    let address = listener.local_addr().expect("a bound socket's address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                request(&mut stream).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                // The client may leave early on purpose.
                let _ = stream.write_all(answer).await;
                request(&mut stream).await;
            });
        }
    });
    address
}

/// Reads a whole request without a body.
async fn request(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

#[tokio::test]
async fn a_kept_connection_that_is_closed_says_nothing_of_the_server() {
    for (method, expected) in [("GET", "up"), ("HEAD", "up"), ("POST", "down reset")] {
        let address = forgetful().await;
        let keys = format!("url = \"http://{address}/\"\nmethod = {method:?}\nkeep_alive = true");
        let built = build("http", &keys).expect("usable keys");
        let answer = check(&built).await;
        assert_eq!(verdict(&answer), "up", "{method}, first: {answer:?}");
        let answer = check(&built).await;
        // A request that may have had an effect must not be sent again.
        assert_eq!(verdict(&answer), expected, "{method}, again: {answer:?}");
    }
}
