//! Every file that up.toml can name is among those that a running Up watches.

use std::collections::BTreeSet;

use serde_json::Value;
use up_config::{ConfigFile, Loader, schema};

/// Each key that can name a file, as the schema has it, and a table in which it does.
const NAMING: [(&str, &str); 25] = [
    (
        "source_http/headers",
        "url = \"http://h/\"\nheaders = { A = { file = \"wanted\" } }",
    ),
    (
        "source_http/username",
        "url = \"http://h/\"\nusername = { file = \"wanted\" }\npassword = \"x\"",
    ),
    (
        "source_http/password",
        "url = \"http://h/\"\nusername = \"x\"\npassword = { file = \"wanted\" }",
    ),
    (
        "source_http/token",
        "url = \"http://h/\"\ntoken = { file = \"wanted\" }",
    ),
    (
        "source_http/proxy",
        "url = \"http://h/\"\nproxy = { file = \"wanted\" }",
    ),
    ("source_http/ca", "url = \"https://h/\"\nca = \"wanted\""),
    (
        "source_http/client_certificate",
        "url = \"https://h/\"\nclient_certificate = \"wanted\"",
    ),
    (
        "source_http/client_key",
        "url = \"https://h/\"\nclient_certificate = \"there\"\nclient_key = { file = \"wanted\" }",
    ),
    ("source_tls/ca", "host = \"h\"\nca = \"wanted\""),
    (
        "source_tls/client_certificate",
        "host = \"h\"\nclient_certificate = \"wanted\"",
    ),
    (
        "source_tls/client_key",
        "host = \"h\"\nclient_certificate = \"there\"\nclient_key = { file = \"wanted\" }",
    ),
    (
        "source_dns/client_certificate",
        "host = \"h\"\ntransport = \"tls\"\nresolver = \"192.0.2.1\"\n\
         client_certificate = \"wanted\"",
    ),
    (
        "source_dns/client_key",
        "host = \"h\"\ntransport = \"tls\"\nresolver = \"192.0.2.1\"\n\
         client_certificate = \"there\"\nclient_key = { file = \"wanted\" }",
    ),
    (
        "source_dns/ca",
        "host = \"h\"\ntransport = \"tls\"\nresolver = \"192.0.2.1\"\nca = \"wanted\"",
    ),
    (
        "source_command/env",
        "command = [\"a\"]\nenv = { A = { file = \"wanted\" } }",
    ),
    (
        "source_snmp/community",
        "host = \"h\"\ncommunity = { file = \"wanted\" }",
    ),
    (
        "source_snmp/auth_password",
        "host = \"h\"\nversion = \"3\"\nuser = \"u\"\nauth = \"sha256\"\nauth_password = { file = \"wanted\" }",
    ),
    (
        "source_snmp/privacy_password",
        "host = \"h\"\nversion = \"3\"\nuser = \"u\"\nauth = \"sha256\"\nauth_password = \"authauthauth\"\n\
         privacy = \"aes128\"\nprivacy_password = { file = \"wanted\" }",
    ),
    ("source_mongo/uri", "uri = { file = \"wanted\" }"),
    ("sink_mongo/uri", "uri = { file = \"wanted\" }"),
    ("sink_webhook/url", "url = { file = \"wanted\" }"),
    (
        "sink_webhook/headers",
        "url = \"http://h/\"\nheaders = { A = { file = \"wanted\" } }",
    ),
    (
        "sink_webhook/secret",
        "url = \"http://h/\"\nsecret = { file = \"wanted\" }",
    ),
    (
        "sink_command/env",
        "command = [\"a\"]\nenv = { A = { file = \"wanted\" } }",
    ),
    ("up.toml", ""),
];

/// The keys that name files by the schema: those that hold a secret, and those that say that they
/// are a PEM file.
fn keys() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    let mut keys = BTreeSet::new();
    for (table, of) in schema["$defs"].as_object().expect("it has parts") {
        for (key, of) in of["properties"].as_object().into_iter().flatten() {
            let refers = |of: &Value| {
                of["$ref"]
                    .as_str()
                    .is_some_and(|to| to.ends_with("/SecretRef"))
            };
            let says = of["description"].as_str().unwrap_or_default();
            if refers(of) || refers(&of["additionalProperties"]) || says.contains("PEM file") {
                keys.insert(format!("{table}/{key}"));
            }
        }
    }
    keys
}

#[test]
fn no_key_that_names_a_file_is_forgotten() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("up.toml");
    std::fs::write(folder.path().join("there"), "text").expect("a file");
    let mut known = keys();
    known.insert("up.toml".into());
    let named: BTreeSet<String> = NAMING.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(named, known, "each key that names a file is tried here");
    for (key, table) in NAMING {
        let (kind, _) = key.split_once('/').unwrap_or((key, ""));
        let text = match kind.split_once('_') {
            Some((array, kind)) => format!("[[{array}]]\ntype = \"{kind}\"\n{table}\n"),
            None => String::new(),
        };
        std::fs::write(&path, &text).expect("a file");
        let loaded = Loader::new(ConfigFile::named(&path)).load();
        let wanted = if text.is_empty() { "up.toml" } else { "wanted" };
        let seen = |name: &str| {
            loaded
                .files
                .iter()
                .any(|file| file.path == folder.path().join(name))
        };
        assert!(seen(wanted), "{key}: {:?}", loaded.files);
        let told = loaded.plan.expect_err("it is not there").to_string();
        assert!(text.is_empty() || told.contains("wanted"), "{key}: {told}");
    }
}

#[test]
fn the_certificates_that_a_uri_names_are_among_them() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let (config, ca) = (folder.path().join("up.toml"), folder.path().join("ca.pem"));
    let text = format!(
        "[[source]]\ntype = \"github\"\n[[sink]]\ntype = \"mongo\"\n\
         uri = \"mongodb://h/?tls=true&tlsCAFile={}\"\n",
        ca.display().to_string().replace('/', "%2F")
    );
    std::fs::write(&config, text).expect("a file");
    let loader = Loader::new(ConfigFile::named(&config));
    let with = |text: &str| {
        std::fs::write(&ca, text).expect("a file");
        let read = loader.load();
        assert!(read.files.iter().any(|file| file.path == ca));
        let sinks = read.plan.expect("it can be read").sinks;
        sinks[0].replica().expect("a mongo sink is a replica").files
    };
    assert_eq!(with("one"), with("one"));
    assert_ne!(with("one"), with("two"), "the sink is another one then");
    std::fs::remove_file(&ca).expect("it is removed");
    let told = loader.load().plan.expect_err("it is gone").to_string();
    assert!(told.contains("up.toml:5:"), "{told}");
}
