//! The memory of a source between two checks: how much the heap grows with each source that was
//! built and checked once. The test has a process of its own, because the allocator counts for the
//! whole process.

#![cfg(target_os = "linux")]

use std::alloc::System;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bson::doc;
use cap::Cap;
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;
use up_source::{Built, CheckContext, KINDS, Shared, SourceConfig};
use up_tests::check_source::{FolderFiles, verdict};
use up_tests::hostile::tls::Authority;
use up_tests::mongod::Mongod;
use up_tests::nginx::Nginx;
use up_tests::snmpd::{Snmpd, auth_password, privacy_password};
use up_tests::unbound::Unbound;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// The largest memory of a source, in bytes.
const MOST: usize = 4 << 10;
/// The largest memory of a component in bytes. The report of a status page is kept, because the
/// page is not requested at each check.
const MOST_A_PART: usize = 1 << 10;
const PARTS: usize = 20;
/// The number of sources that are built first and not counted. They make what all share.
const FIRST: usize = 20;
const COUNTED: usize = 1_000;
/// The number of counted sources whose setup computes for long (a key for each).
const FEWER: usize = 100;
const AT_ONCE: usize = 20;
/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_mins(2);

/// A source type, the verdict of its sources, how many of them are counted, and their keys by
/// number.
type RestCase = (
    &'static str,
    &'static str,
    usize,
    Box<dyn Fn(usize) -> String>,
);

fn build((kind, _, _, keys): &RestCase, numbers: Range<usize>, shared: &Shared<'_>) -> Vec<Built> {
    let one = |number| {
        let keys = keys(number);
        let table = toml::de::Deserializer::parse(&keys).expect("the test's own TOML");
        let config = SourceConfig::read(kind, table).expect("a known source type");
        let config = config.unwrap_or_else(|e| panic!("{kind}: {e}\n{keys}"));
        let built = config.build(shared);
        built.unwrap_or_else(|e| panic!("{kind}: {e}\n{keys}"))
    };
    let mut built = Vec::with_capacity(numbers.len());
    built.extend(numbers.map(one));
    built
}

async fn ask((kind, expected, ..): &RestCase, built: &[Built]) {
    let asked = stream::iter(built).map(async |one| {
        let answer = one.source.check(&CheckContext::starting_now(PATIENT)).await;
        let found = verdict(&answer);
        assert!(
            found.starts_with(expected),
            "{kind} {}: {answer:?}",
            one.target
        );
    });
    asked.buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// The bytes of heap for each source.
async fn measure(case: &RestCase, shared: &Shared<'_>) -> usize {
    let first = build(case, 0..FIRST, shared);
    ask(case, &first).await;
    let before = HEAP.allocated();
    let built = build(case, FIRST..FIRST + case.2, shared);
    ask(case, &built).await;
    HEAP.allocated().saturating_sub(before) / case.2
}

/// The JSON of a status page with that many components.
fn page(parts: usize) -> String {
    let component = |number: usize| {
        format!(
            r#"{{"id":"{number}","name":"Part {number}","status":"operational","group":false}}"#
        )
    };
    let components: Vec<_> = (0..parts).map(component).collect();
    format!(
        r#"{{"page":{{"id":"x","name":"X","url":"https://x.example"}},
        "status":{{"indicator":"none","description":"All Systems Operational"}},
        "components":[{}],"incidents":[],"scheduled_maintenances":[]}}"#,
        components.join(",")
    )
}

/// The servers that the sources check.
struct RestSite {
    nginx: Nginx,
    secure: Nginx,
    unbound: Unbound,
    snmpd: Snmpd,
    mongod: Mongod,
    /// The folder with the certificates of their authorities.
    folder: TempDir,
}

impl RestSite {
    fn start() -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.pair(&["127.0.0.1"]);
        let tls = "ssl_certificate server.pem; ssl_certificate_key server.key;";
        let nginx = Nginx::start();
        for number in 0..FIRST + COUNTED {
            nginx.put(&format!("{number}.json"), page(1));
            nginx.put(&format!("large-{number}.json"), page(PARTS));
        }
        let unbound = Unbound::start();
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, pem) in [("ca.pem", authority.pem()), ("dns.pem", unbound.pem())] {
            std::fs::write(folder.path().join(name), pem).expect("a file in the new folder");
        }
        Self {
            secure: Nginx::secure(tls, &[("server.pem", &certificate), ("server.key", &key)]),
            nginx,
            unbound,
            snmpd: Snmpd::start(),
            mongod: Mongod::start(),
            folder,
        }
    }

    /// Writes a sample of each path that a source reads.
    async fn fill_mongod(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("after 1970").as_secs_f64();
        let sample = |number| {
            doc! { "path": format!("/Rest/{number}"), "up": 1.0, "date": now, "duration": 0.1 }
        };
        let client = mongodb::Client::with_uri_str(self.mongod.uri()).await;
        let database = client.expect("a URI").database("up");
        let statuses = database.collection::<bson::Document>("statuses");
        let samples: Vec<_> = (0..FIRST + COUNTED).map(sample).collect();
        statuses.insert_many(samples).await.expect("samples");
    }

    /// A source type, the verdict of its sources, how many are counted, and their keys, in which
    /// NUMBER is replaced.
    fn texts(&self) -> Vec<(&'static str, &'static str, usize, String)> {
        let Self {
            nginx,
            secure,
            unbound,
            snmpd,
            ..
        } = self;
        let (http, https) = (nginx.url("/ok?NUMBER"), secure.https("/ok?NUMBER"));
        let file = nginx.url("/files/NUMBER.json");
        let large = nginx.url("/files/large-NUMBER.json");
        let user = "sha256-aes128";
        let (auth, privacy) = (auth_password(user), privacy_password(user));
        let agent = format!("host = \"127.0.0.1\"\nport = {}\n", snmpd.port());
        let dns = |transport: &str, resolver: &str, ca: &str| {
            format!(
                "host = \"www.up.example\"\ntransport = {transport:?}\nresolver = {resolver:?}\n\
             expect = [\"192.0.2.1\", \"192.0.2.7\"]\n{ca}"
            )
        };
        let ca = "ca = \"dns.pem\"";
        vec![
            ("http", "up", COUNTED, format!("url = {http:?}")),
            (
                "http",
                "up",
                COUNTED,
                format!(
                    "url = {https:?}\nca = \"ca.pem\"\nheaders = {{ x-up = \"NUMBER\" }}\n\
                 expect = {{ contains = \"up\", regex = \"^up\", time = \"1m\" }}"
                ),
            ),
            ("statuspage", "up", COUNTED, format!("url = {file:?}")),
            ("github", "up", COUNTED, format!("url = {large:?}")),
            (
                "tcp",
                "up",
                COUNTED,
                format!(
                    "address = \"127.0.0.1:{}\"\nsend = 'GET /ok?NUMBER HTTP/1.0\\r\\n\\r\\n'\n\
                 expect = \"200 OK\"",
                    nginx.port()
                ),
            ),
            (
                "tls",
                "up",
                COUNTED,
                format!(
                    "host = \"127.0.0.1\"\nport = {}\nca = \"ca.pem\"",
                    secure.port()
                ),
            ),
            ("dns", "up", COUNTED, dns("udp", &unbound.plain(), "")),
            ("dns", "up", COUNTED, dns("tls", &unbound.tls(), ca)),
            ("dns", "up", COUNTED, dns("https", &unbound.https(), ca)),
            // Unknown if this system does not permit ICMP sockets, which is a result as well.
            (
                "ping",
                "u",
                COUNTED,
                "host = \"127.0.0.1\"\ncount = 1".to_owned(),
            ),
            (
                "command",
                "up",
                COUNTED,
                "command = [\"true\", \"NUMBER\"]".to_owned(),
            ),
            (
                "mongo",
                "up",
                COUNTED,
                format!("uri = \"{}\"\npath = \"/Rest/NUMBER\"", self.mongod.uri()),
            ),
            ("snmp", "up", COUNTED, agent.clone()),
            (
                "snmp",
                "up",
                COUNTED,
                format!(
                    "{agent}oid = [{{ oid = \"sysName\" }}, {{ oid = \"ifInOctets.1\", rate = true }}]"
                ),
            ),
            (
                "snmp",
                "up",
                FEWER,
                format!(
                    "{agent}version = \"3\"\nuser = {user:?}\nauth = \"sha256\"\n\
                 auth_password = {auth:?}\nprivacy = \"aes128\"\nprivacy_password = {privacy:?}"
                ),
            ),
        ]
    }
}

#[tokio::test]
async fn a_source_at_rest_is_small() {
    let site = RestSite::start();
    site.fill_mongod().await;
    let texts = site.texts();
    let keys = |text: String| move |number: usize| text.replace("NUMBER", &number.to_string());
    let forgotten: Vec<_> = KINDS
        .iter()
        .filter(|kind| texts.iter().all(|(known, ..)| known != *kind))
        .collect();
    assert!(forgotten.is_empty(), "nothing is measured of {forgotten:?}");

    let files = FolderFiles(site.folder.path().to_owned());
    let shared = Shared::new(&files);
    let mut too_large = Vec::new();
    for (kind, expected, count, text) in texts {
        let line = text.lines().last().unwrap_or_default().to_owned();
        let case: RestCase = (kind, expected, count, Box::new(keys(text)));
        let bytes = measure(&case, &shared).await;
        println!("{bytes:>6} bytes: {kind}, {line}");
        // The page of `github` is the one with many components.
        let parts = if kind == "github" { PARTS } else { 0 };
        if bytes >= MOST + parts * MOST_A_PART {
            too_large.push(format!("{kind} ({line}): {bytes}"));
        }
    }
    assert!(too_large.is_empty(), "{MOST} bytes or more: {too_large:?}");
}
