//! `type = "dns"` against a real unbound: each transport, DNSSEC, and the resolver of the system.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use up_core::{CheckResult, Value};
use up_source::CheckContext;
use up_tests::check_source::{PemText, build_with, verdict};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Hostile, scripts};
use up_tests::unbound::{Unbound, command};
use up_tests::up::{Up, program};

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(20);

/// Queries with those keys, trusting `pem` as `ca`. The cause must contain `words`.
async fn check(pem: &str, keys: &str, expected: &str, words: &str) -> CheckResult {
    let built = build_with(&PemText(pem), "dns", keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
    let answer = built
        .source
        .check(&CheckContext::starting_now(PATIENT))
        .await;
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{keys}: {text:?} says {words:?}");
    answer
}

/// The keys of each transport.
fn ways(unbound: &Unbound) -> [String; 4] {
    let trusted = |transport: &str, resolver: &str| {
        format!("transport = \"{transport}\"\nresolver = \"{resolver}\"\nca = \"ca.pem\"\n")
    };
    let plain = unbound.plain();
    [
        format!("resolver = \"{plain}\"\n"),
        format!("transport = \"tcp\"\nresolver = \"{plain}\"\n"),
        trusted("tls", &unbound.tls()),
        trusted("https", &unbound.https()),
    ]
}

#[tokio::test]
async fn unbound_answers_each_way_it_is_asked() {
    let unbound = Unbound::start();
    for (way, name) in ways(&unbound).iter().zip(["udp", "tcp", "tls", "https"]) {
        let check = async |keys: &str, expected: &str, words: &str| {
            check(unbound.pem(), &format!("{way}{keys}"), expected, words).await
        };
        let keys = "host = \"www.up.example\"\nexpect = [\"192.0.2.7\", \"192.0.2.1\"]";
        let answer = check(keys, "up", "").await;
        let told = answer.detail.get("transport");
        assert_eq!(told, Some(&Value::from(name)), "{answer:?}");
        assert!(answer.detail.get("timing").is_some(), "{answer:?}");
        let keys = "host = \"up.example\"\nrecord = \"MX\"\nexpect = [\"10 mail.up.example\"]";
        check(keys, "up", "").await;
        let keys = "host = \"www.up.example\"\nexpect = [\"192.0.2.1\"]";
        let words = "expected 192.0.2.1, got 192.0.2.1, 192.0.2.7";
        check(keys, "down expect", words).await;
        let keys = "host = \"none.plain.example\"";
        check(keys, "down missing", "NXDOMAIN").await;
        let keys = "host = \"www.plain.example\"\nrecord = \"AAAA\"";
        check(keys, "down missing", "has no AAAA record").await;
    }
}

#[tokio::test]
async fn signatures_are_verified_by_the_resolver() {
    let unbound = Unbound::start();
    for way in ways(&unbound) {
        for (keys, expected, words) in [
            ("host = \"www.up.example\"\ndnssec = true", "up", ""),
            ("host = \"www.plain.example\"", "up", ""),
            (
                "host = \"www.plain.example\"\ndnssec = true",
                "down expect",
                "did not verify the signatures of www.plain.example (no AD flag)",
            ),
            ("host = \"www.bogus.example\"", "down dns", "(SERVFAIL)"),
        ] {
            check(unbound.pem(), &format!("{way}{keys}"), expected, words).await;
        }
    }
}

#[tokio::test]
async fn a_url_that_is_no_good_resolver_is_told_apart() {
    let unbound = Unbound::start();
    let keys = |url: &str, more: &str| {
        format!("host = \"www.up.example\"\ntransport = \"https\"\nresolver = \"{url}\"\n{more}")
    };
    let trusting = |url: &str| keys(url, "ca = \"ca.pem\"");
    let check = async |keys: &str, expected: &str, words: &str| {
        check(unbound.pem(), keys, expected, words).await;
    };
    let elsewhere = unbound.https().replace("dns-query", "elsewhere");
    check(
        &trusting(&elsewhere),
        "down http_status",
        "answered with HTTP 404",
    )
    .await;
    let words = "issuer is unknown here";
    check(&keys(&unbound.https(), ""), "down tls", words).await;
    check(&keys(&unbound.https(), "insecure = true"), "up", "").await;
    check(&trusting("https://127.0.0.1:1/"), "down refused", "").await;

    let authority = Authority::new();
    let as_dns = |body: &[u8]| {
        let header = "content-type: application/dns-message\r\n";
        scripts::answer("200 OK", header, body)
    };
    for (script, expected, words) in [
        (
            scripts::ok(),
            "down protocol",
            "not application/dns-message",
        ),
        (
            as_dns(b"garbage"),
            "down protocol",
            "something that is not DNS",
        ),
        (
            as_dns(&vec![0; 70_000]),
            "down too_large",
            "more than a DNS message",
        ),
        (scripts::redirect("/ok"), "down http_status", "HTTP 302"),
        (scripts::short_body(), "down truncated", ""),
    ] {
        let server = Hostile::secure(authority.tls_http1(&["127.0.0.1"]), script).await;
        let url = server.https("127.0.0.1", "/dns-query");
        check(&keys(&url, "insecure = true"), expected, words).await;
    }
}

/// The output of `up` for www.up.example, by the system's resolver at that address and by a
/// resolver that is named. The system is a network namespace with an unbound.
fn by_the_systems(address: &str, keys: &str) -> String {
    let source = format!(
        "timeout = \"5s\"\n[[source]]\ntype = \"dns\"\nhost = \"www.up.example\"\n\
         expect = [\"192.0.2.1\", \"192.0.2.7\"]\n{keys}\n"
    );
    let up = Up::with(source);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let unbound = command(
        folder.path(),
        "interface: 127.0.0.1@53\ninterface: ::1@53\n",
    );
    write(
        folder.path(),
        "resolv.conf",
        &format!("nameserver {address}\n"),
    );
    // The script is root in its namespace, whoever runs the tests. unbound may take a moment until
    // it answers.
    let script = "ip link set lo up && mount --bind resolv.conf /etc/resolv.conf && \
                  { \"$1\" -d -p -c unbound.conf & } && unbound=$! && cd \"$2\" && \
                  for i in $(seq 100); do \"$0\" --json >answer && break; sleep 0.1; done; \
                  cat answer; kill $unbound";
    let began = Instant::now();
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c", script])
        .arg(program())
        .arg(unbound.get_program())
        .arg(up.dir())
        .current_dir(folder.path())
        .env("UP_DATA_DIR", up.data())
        .output()
        .expect("unshare is there");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.is_empty(), "after {:?}: {output:?}", began.elapsed());
    text
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file in the new folder");
}

#[test]
fn the_systems_resolver_and_ones_at_ipv6_addresses_are_asked() {
    for (system, keys, asked) in [
        ("127.0.0.1", "", "127.0.0.1:53"),
        ("::1", "", "[::1]:53"),
        ("192.0.2.53", "resolver = \"::1\"", "[::1]:53"),
        (
            "192.0.2.53",
            "resolver = \"[::1]:53\"\ntransport = \"tcp\"",
            "[::1]:53",
        ),
    ] {
        let text = by_the_systems(system, keys);
        for words in ["\"status\":1.0", &format!("\"resolver\":\"{asked}\"")] {
            assert!(text.contains(words), "{system}, {keys}: {words} in {text}");
        }
    }
}
