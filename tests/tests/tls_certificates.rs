//! Old and unusual certificates, made and served by OpenSSL, for the types `tls` and `http`: which
//! of them `insecure` accepts, which `ca` makes trusted, and the causes for the others.

use std::time::Duration;

use up_core::{CheckResult, Value};
use up_source::CheckContext;
use up_tests::check_source::{PemText, build_with, verdict};
use up_tests::openssl::{CertificateRequest, ED448, Made, P256, P521, RSA_1024, RSA_2048};
use up_tests::postfix::Postfix;
use up_tests::s_server::SServer;

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);

const V1: CertificateRequest = CertificateRequest::PLAIN;
const V3: CertificateRequest = CertificateRequest {
    extensions: Some("subjectAltName=IP:127.0.0.1"),
    ..V1
};
const AUTHORITY: CertificateRequest = CertificateRequest {
    name: "Up Test Authority",
    extensions: Some("basicConstraints=critical,CA:true"),
    ..V1
};
const OLD_AUTHORITY: CertificateRequest = CertificateRequest {
    extensions: None,
    ..AUTHORITY
};

async fn ask(pem: &str, kind: &str, keys: &str) -> CheckResult {
    let built = build_with(&PemText(pem), kind, keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
    built
        .source
        .check(&CheckContext::starting_now(PATIENT))
        .await
}

/// A server with that certificate and those further arguments. It accepts what OpenSSL considers
/// too weak.
fn server(shown: &Made, arguments: &[&str]) -> SServer {
    let arguments = [&["-cipher", "DEFAULT@SECLEVEL=0"], arguments].concat();
    SServer::start_with(&shown.pair(), "", &arguments, &[])
}

/// Checks a server with both source types and those keys. The causes must contain `words`.
async fn check(name: &str, server: &SServer, pem: &str, keys: &str, expected: &str, words: &str) {
    let port = server.port();
    for (kind, target) in [
        ("tls", format!("host = \"127.0.0.1\"\nport = {port}")),
        ("http", format!("url = \"https://127.0.0.1:{port}/\"")),
    ] {
        let answer = ask(pem, kind, &format!("{target}\n{keys}")).await;
        assert_eq!(verdict(&answer), expected, "{name}, {kind}: {answer:?}");
        let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
        assert!(
            text.contains(words),
            "{name}, {kind}: {text:?} says {words:?}"
        );
    }
}

#[tokio::test]
async fn whoever_trusts_anyone_takes_any_certificate() {
    let authority = AUTHORITY.self_signed();
    let unknown_extension = CertificateRequest {
        extensions: Some("1.2.3.4=critical,ASN1:UTF8String:x"),
        ..V1
    };
    let both: &[&str] = &["-tls1_2", "-tls1_3"];
    let of = |key| CertificateRequest { key, ..V1 };
    let hashed = |hash| CertificateRequest {
        key: RSA_2048,
        hash: Some(hash),
        ..V3
    };
    let ed448 = CertificateRequest {
        key: ED448,
        hash: None,
        ..V1
    };
    for (name, shown, versions) in [
        ("version 1", V1.self_signed(), both),
        ("version 1 of an authority", V1.signed_by(&authority), both),
        ("RSA 1024", of(RSA_1024).self_signed(), both),
        ("P-521", of(P521).self_signed(), both),
        // rustls has no TLS 1.2 cipher suite for it.
        ("Ed448", ed448.self_signed(), &["-tls1_3"]),
        ("SHA-1", hashed("-sha1").signed_by(&authority), both),
        ("MD5", hashed("-md5").self_signed(), both),
        ("unknown extension", unknown_extension.self_signed(), both),
        ("an authority's", authority.clone(), both),
    ] {
        for version in versions {
            let server = server(&shown, &[version]);
            let name = format!("{name}, {version}");
            check(&name, &server, "", "insecure = true", "up", "").await;
        }
    }
    let old = ["-tls1_2", "-sigalgs", "RSA+SHA1"];
    let server = server(&of(RSA_2048).self_signed(), &old);
    check("signs by SHA-1", &server, "", "insecure = true", "up", "").await;
}

#[tokio::test]
async fn what_an_old_certificate_says_is_told() {
    let server = server(&V1.self_signed(), &[]);
    let keys = format!(
        "host = \"127.0.0.1\"\nport = {}\ninsecure = true",
        server.port()
    );
    let answer = ask("", "tls", &keys).await;
    let issuer = answer.detail.get("certificate_issuer");
    assert_eq!(issuer, Some(&Value::from("127.0.0.1 (Up Tests)")));
    let names = answer.detail.get("certificate_names");
    assert_eq!(names, Some(&Value::List(vec!["127.0.0.1".into()])));
    let Some(Value::Number(days)) = answer.detail.get("certificate_days") else {
        panic!("{answer:?} tells the days");
    };
    assert!((364.0..=365.0).contains(days), "{days}");
    let expired = CertificateRequest { days: -1, ..V1 }.self_signed();
    let server = self::server(&expired, &[]);
    let keys = keys_of(&server, "insecure = true");
    let answer = ask("", "tls", &keys).await;
    assert_eq!(verdict(&answer), "down tls", "dates count: {answer:?}");
}

fn keys_of(server: &SServer, keys: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {}\n{keys}", server.port())
}

#[tokio::test]
async fn what_is_insecure_holds_before_starttls_too() {
    let shown = V1.self_signed();
    let server = Postfix::start(Some(&shown.pair()));
    let keys = format!(
        "host = \"127.0.0.1\"\nport = {}\nstarttls = \"smtp\"\ninsecure = true",
        server.port()
    );
    let answer = ask("", "tls", &keys).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
}

#[tokio::test]
async fn a_certificate_that_ca_names_may_be_of_any_version() {
    let old = OLD_AUTHORITY.self_signed();
    let impostor = OLD_AUTHORITY.self_signed();
    let large = CertificateRequest {
        key: P521,
        ..AUTHORITY
    }
    .self_signed();
    let large_leaf = CertificateRequest { key: P521, ..V3 };
    let common_name_only = CertificateRequest {
        extensions: Some("basicConstraints=critical,CA:true"),
        ..V1
    };
    let elsewhere = CertificateRequest {
        name: "*.shop.example",
        ..V1
    };
    let own = |wanted: &CertificateRequest<'_>| {
        let made = wanted.self_signed();
        (made.certificate.clone(), made)
    };
    let by = |authority: &Made, wanted: &CertificateRequest<'_>| {
        (authority.certificate.clone(), wanted.signed_by(authority))
    };
    let for_other = "certificate is for *.shop.example, not 127.0.0.1";
    for (name, (pem, shown), expected, words) in [
        ("version 1", own(&V1), "up", ""),
        (
            "version 1, RSA",
            own(&CertificateRequest {
                key: RSA_2048,
                ..V1
            }),
            "up",
            "",
        ),
        (
            "version 1, P-521",
            own(&CertificateRequest { key: P521, ..V1 }),
            "up",
            "",
        ),
        ("common name only", own(&common_name_only), "up", ""),
        ("other name", own(&elsewhere), "down tls", for_other),
        (
            "expired",
            own(&CertificateRequest { days: -1, ..V1 }),
            "down tls",
            "certificate",
        ),
        ("version 3 of version 1", by(&old, &V3), "up", ""),
        ("version 1 of version 1", by(&old, &V1), "up", ""),
        (
            "other name of version 1",
            by(&old, &elsewhere),
            "down tls",
            for_other,
        ),
        (
            "version 1 of an impostor",
            (old.certificate.clone(), V1.signed_by(&impostor)),
            "down tls",
            "certificate's signature is wrong",
        ),
        ("P-521", by(&large, &large_leaf), "up", ""),
        (
            "P-521, SHA-256",
            by(&large, &CertificateRequest { key: P256, ..V3 }),
            "up",
            "",
        ),
    ] {
        for version in ["-tls1_2", "-tls1_3"] {
            let server = server(&shown, &[version]);
            let name = format!("{name}, {version}");
            check(&name, &server, &pem, "ca = \"ca.pem\"", expected, words).await;
        }
    }
}

#[tokio::test]
async fn what_stays_refused_is_refused_in_true_words() {
    let authority = AUTHORITY.self_signed();
    let weak = CertificateRequest {
        key: RSA_1024,
        ..AUTHORITY
    }
    .self_signed();
    let rsa = CertificateRequest {
        key: RSA_2048,
        ..AUTHORITY
    }
    .self_signed();
    let short = CertificateRequest {
        key: RSA_1024,
        ..V3
    };
    let old_hash = CertificateRequest {
        hash: Some("-sha1"),
        ..V3
    };
    let not_for_servers = CertificateRequest {
        extensions: Some("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth"),
        ..V1
    };
    let unknown_extension = CertificateRequest {
        extensions: Some("subjectAltName=IP:127.0.0.1\n1.2.3.4=critical,ASN1:UTF8String:x"),
        ..V1
    };
    let too_short = "has an RSA key of 1024 bits: only 2048 to 8192 are supported";
    let (own, authoritys) = (
        format!("certificate {too_short}"),
        format!("an authority's certificate {too_short}"),
    );
    let trust = "ca = \"ca.pem\"";
    for (name, pem, shown, keys, words) in [
        (
            "RSA 1024",
            &authority,
            short.signed_by(&authority),
            trust,
            &*own,
        ),
        (
            "by RSA 1024",
            &weak,
            V3.signed_by(&weak),
            trust,
            &authoritys,
        ),
        (
            "SHA-1",
            &rsa,
            old_hash.signed_by(&rsa),
            trust,
            "certificate is signed by sha1WithRSAEncryption, which is not supported",
        ),
        (
            "ECDSA, SHA-1",
            &authority,
            old_hash.signed_by(&authority),
            trust,
            "certificate is signed by ecdsa-with-SHA1, which is not supported",
        ),
        (
            "version 1, system",
            &authority,
            V1.self_signed(),
            "",
            "certificate is of X.509 version 1",
        ),
        (
            "version 1, other authority",
            &authority,
            V1.self_signed(),
            trust,
            "certificate is of X.509 version 1",
        ),
        (
            "of a client",
            &authority,
            not_for_servers.signed_by(&authority),
            trust,
            "certificate is not meant for a server",
        ),
        (
            "unknown extension",
            &authority,
            unknown_extension.signed_by(&authority),
            trust,
            "certificate has a critical extension that is not supported",
        ),
    ] {
        let server = server(&shown, &[]);
        check(name, &server, &pem.certificate, keys, "down tls", words).await;
    }
}

#[tokio::test]
async fn a_named_certificate_that_cannot_be_verified_is_refused_in_true_words() {
    let trust = "ca = \"ca.pem\"";
    let own = CertificateRequest {
        key: RSA_1024,
        ..V1
    }
    .self_signed();
    let server = server(&own, &["-tls1_3"]);
    let words = "certificate has an RSA key of 1024 bits";
    check(
        "own RSA 1024",
        &server,
        &own.certificate,
        trust,
        "down tls",
        words,
    )
    .await;
    // A server with two certificates must not choose the one that cannot be verified.
    let ed448 = CertificateRequest {
        key: ED448,
        hash: None,
        ..V1
    };
    let ed448 = ed448.self_signed();
    let server = self::server(&ed448, &[]);
    let words = "signature algorithm in common with us";
    check(
        "Ed448",
        &server,
        &ed448.certificate,
        trust,
        "down tls",
        words,
    )
    .await;
}
