//! Servers that request a client certificate, for the types `tls` and `http`: OpenSSL and nginx,
//! with TLS 1.2 and 1.3, with no certificate, the right one and a wrong one.

use std::time::Duration;

use tempfile::TempDir;
use up_core::{CheckResult, Value};
use up_source::CheckContext;
use up_tests::check_source::{FolderFiles, build_with, verdict};
use up_tests::hostile::tls::Authority;
use up_tests::nginx::Nginx;
use up_tests::openssl::{CertificateRequest, Made, P256, RSA_2048};
use up_tests::s_server::SServer;

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);
const HERE: [&str; 1] = ["127.0.0.1"];
const VERSIONS: [&str; 2] = ["-tls1_2", "-tls1_3"];

const NONE: &str = "";
const RIGHT: &str = "client_certificate = \"client.pem\"\nclient_key = \"client.key\"\n";
const WRONG: &str = "client_certificate = \"stranger.pem\"\nclient_key = \"stranger.key\"\n";
const FORGED: &str = "client_certificate = \"impostor.pem\"\nclient_key = \"impostor.key\"\n";

/// The server's and the clients' certificates, and a folder with the files of both.
struct Parties {
    servers: Authority,
    clients: Authority,
    folder: TempDir,
}

impl Parties {
    fn new() -> Self {
        let (servers, clients) = (Authority::new(), Authority::new());
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file in the new folder");
        };
        write("ca.pem", servers.pem());
        let (certificate, key) = clients.pair(&["up.example"]);
        write("client.pem", &certificate);
        write("client.key", &key);
        // As `openssl x509 -req` makes them by default: of version 1.
        let stranger = CertificateRequest {
            name: "stranger.example",
            ..CertificateRequest::PLAIN
        };
        let stranger = stranger.self_signed();
        write("stranger.pem", &stranger.certificate);
        write("stranger.key", &stranger.key);
        // An authority with the same name as the real one.
        let (certificate, key) = Authority::new().pair(&["up.example"]);
        write("impostor.pem", &certificate);
        write("impostor.key", &key);
        Self {
            servers,
            clients,
            folder,
        }
    }

    fn server(&self, pair: &(String, String), arguments: &[&str]) -> SServer {
        let arguments = [arguments, &["-CAfile", "clients.pem"]].concat();
        let files = [("clients.pem", self.clients.pem())];
        SServer::start_with(pair, "", &arguments, &files)
    }

    /// Checks a source of that type at `port`. The cause must contain `words`.
    async fn check(
        &self,
        kind: &str,
        port: u16,
        keys: &str,
        expected: &str,
        words: &str,
    ) -> CheckResult {
        let target = match kind {
            "tls" => format!("host = \"127.0.0.1\"\nport = {port}"),
            _ => format!("url = \"https://127.0.0.1:{port}/\""),
        };
        let trust = if keys.contains("insecure") {
            ""
        } else {
            "ca = \"ca.pem\"\n"
        };
        let keys = format!("{target}\n{trust}{keys}");
        let files = FolderFiles(self.folder.path().to_owned());
        let built = build_with(&files, kind, &keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
        let answer = built
            .source
            .check(&CheckContext::starting_now(PATIENT))
            .await;
        assert_eq!(verdict(&answer), expected, "{kind} {keys}: {answer:?}");
        let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
        assert!(
            text.contains(words),
            "{kind} {keys}: {text:?} says {words:?}"
        );
        answer
    }
}

const OPTIONAL: &[&str] = &["-verify", "1", "-verify_return_error"];
const MANDATORY: &[&str] = &["-Verify", "1", "-verify_return_error"];

const UNKNOWN: &str = "does not accept our client certificate: it does not know the issuer";
const FORGERY: &str = "does not accept our client certificate: a signature is wrong";
const WANTED: &str = "wants a client certificate: name one in client_certificate";

#[tokio::test]
async fn the_servers_certificate_is_judged_all_the_same() {
    let parties = Parties::new();
    let pair = parties.servers.pair(&HERE);
    for version in VERSIONS {
        for (asks, keys, expected, words, told) in [
            (&[][..], NONE, "up", "", None),
            (&[], RIGHT, "up", "", None),
            (OPTIONAL, NONE, "up", "", Some("wanted")),
            (OPTIONAL, RIGHT, "up", "", Some("shown")),
            (OPTIONAL, WRONG, "down tls", UNKNOWN, Some("shown")),
            (MANDATORY, NONE, "up", "", Some("required")),
            (MANDATORY, RIGHT, "up", "", Some("shown")),
            (MANDATORY, WRONG, "down tls", UNKNOWN, Some("shown")),
            (MANDATORY, FORGED, "down tls", FORGERY, Some("shown")),
        ] {
            let server = parties.server(&pair, &[asks, &[version]].concat());
            println!("{version} {asks:?} {keys}");
            let answer = parties.check("tls", server.port(), keys, expected, words);
            let answer = answer.await;
            let found = answer.detail.get("client_certificate");
            assert_eq!(found, told.map(Value::from).as_ref(), "{answer:?}");
            let names = answer.detail.get("certificate_names");
            let here = Value::List(vec!["127.0.0.1".into()]);
            assert_eq!(names, Some(&here), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_bad_certificate_is_not_saved_by_asking_for_another() {
    let parties = Parties::new();
    let elsewhere = parties.servers.pair(&["shop.example"]);
    let strange = Authority::new().pair(&HERE);
    let expired = CertificateRequest {
        days: -1,
        ..CertificateRequest::PLAIN
    };
    for version in VERSIONS {
        let arguments = [MANDATORY, &[version]].concat();
        for (pair, keys, words) in [
            (
                &elsewhere,
                "",
                "certificate is for shop.example, not 127.0.0.1",
            ),
            (&strange, "", "certificate"),
            (
                &expired.self_signed().pair(),
                "insecure = true",
                "certificate expired",
            ),
        ] {
            let server = parties.server(pair, &arguments);
            parties
                .check("tls", server.port(), keys, "down tls", words)
                .await;
        }
    }
}

#[tokio::test]
async fn http_says_what_the_server_wants() {
    let parties = Parties::new();
    let pair = parties.servers.pair(&HERE);
    for version in VERSIONS {
        for (asks, keys, expected, words) in [
            (OPTIONAL, NONE, "up", ""),
            (OPTIONAL, WRONG, "down tls", UNKNOWN),
            (MANDATORY, NONE, "down tls", WANTED),
            (MANDATORY, RIGHT, "up", ""),
            (MANDATORY, WRONG, "down tls", UNKNOWN),
            (MANDATORY, FORGED, "down tls", FORGERY),
        ] {
            let server = parties.server(&pair, &[asks, &[version]].concat());
            println!("{version} {asks:?} {keys}");
            parties
                .check("http", server.port(), keys, expected, words)
                .await;
        }
    }
}

#[tokio::test]
async fn why_a_client_certificate_is_refused_is_told() {
    let parties = Parties::new();
    let pair = parties.servers.pair(&HERE);
    let authority = CertificateRequest {
        name: "Up Test Clients",
        extensions: Some("basicConstraints=critical,CA:true"),
        ..CertificateRequest::PLAIN
    };
    let authority = authority.self_signed();
    let client = |days: i32, extensions: Option<&str>| -> Made {
        CertificateRequest {
            key: if days < 0 { P256 } else { RSA_2048 },
            name: "up.example",
            extensions,
            days,
            ..CertificateRequest::PLAIN
        }
        .signed_by(&authority)
    };
    let for_clients = client(9, Some("extendedKeyUsage=clientAuth"));
    let for_servers = client(9, Some("extendedKeyUsage=serverAuth"));
    let refused = "does not accept our client certificate";
    let purpose = "not of a kind or for a purpose that the server takes";
    for (made, expected, words) in [
        (client(9, None), "up", ""),
        (for_clients, "up", ""),
        (client(-1, None), "down tls", refused),
        (for_servers, "down tls", purpose),
    ] {
        for (name, text) in [("own.pem", &made.certificate), ("own.key", &made.key)] {
            std::fs::write(parties.folder.path().join(name), text).expect("a file in the folder");
        }
        for version in VERSIONS {
            let arguments = [MANDATORY, &[version, "-CAfile", "their.pem"]].concat();
            let files = [("their.pem", &*authority.certificate)];
            let server = SServer::start_with(&pair, "", &arguments, &files);
            let keys = "client_certificate = \"own.pem\"\nclient_key = \"own.key\"";
            for kind in ["tls", "http"] {
                parties
                    .check(kind, server.port(), keys, expected, words)
                    .await;
            }
        }
    }
}

#[tokio::test]
async fn what_there_is_not_in_common_is_named() {
    let parties = Parties::new();
    let made = CertificateRequest {
        key: RSA_2048,
        extensions: Some("subjectAltName=IP:127.0.0.1"),
        ..CertificateRequest::PLAIN
    };
    let pair = made.self_signed().pair();
    for arguments in [
        &["-tls1_2", "-cipher", "AES256-SHA"][..],
        &["-tls1_3", "-groups", "X448"],
    ] {
        let server = parties.server(&pair, arguments);
        let words = "it has no cipher, key exchange or signature algorithm in common with us";
        for kind in ["tls", "http"] {
            parties
                .check(kind, server.port(), "insecure = true", "down tls", words)
                .await;
        }
    }
}

#[tokio::test]
async fn nginx_asks_for_one_and_goes_on_without() {
    let parties = Parties::new();
    let (certificate, key) = parties.servers.pair(&HERE);
    for (version, mode) in [
        ("TLSv1.2", "on"),
        ("TLSv1.2", "optional"),
        ("TLSv1.3", "on"),
        ("TLSv1.3", "optional"),
    ] {
        let nginx = Nginx::secure(
            &format!(
                "ssl_certificate server.pem; ssl_certificate_key server.key;
                 ssl_client_certificate clients.pem; ssl_verify_client {mode};
                 ssl_protocols {version};"
            ),
            &[
                ("server.pem", &certificate),
                ("server.key", &key),
                ("clients.pem", parties.clients.pem()),
            ],
        );
        println!("{version} {mode}");
        for (keys, told) in [(NONE, "wanted"), (RIGHT, "shown"), (WRONG, "shown")] {
            let answer = parties.check("tls", nginx.port(), keys, "up", "").await;
            let found = answer.detail.get("client_certificate");
            assert_eq!(found, Some(&Value::from(told)), "{answer:?}");
        }
        parties.check("http", nginx.port(), RIGHT, "up", "").await;
        // nginx requests the certificate in HTTP, and refuses a wrong one even if it requires none.
        let refused = "HTTP 400 Bad Request (the server was shown our client certificate";
        let (expected, words) = match mode {
            "on" => ("down http_status", "asked for a client certificate"),
            _ => ("up", ""),
        };
        for (keys, expected, words) in [
            (NONE, expected, words),
            (WRONG, "down http_status", refused),
        ] {
            parties
                .check("http", nginx.port(), keys, expected, words)
                .await;
        }
    }
}
