//! The alert sinks (webhook and command): what they deliver of an outage and its recovery.

use std::net::{Ipv4Addr, TcpListener};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::Sha256;
use up_tests::hook::Hook;
use up_tests::nginx::Nginx;
use up_tests::up::{Up, eventually};

/// An up.toml with one source with a short interval, and these sinks.
fn site(url: &str, sinks: &str) -> String {
    format!(
        "name = \"Site\"\nagent = \"tester\"\ninterval = \"1s\"\ntimeout = \"2s\"\n\
         [alert]\nretry = \"200ms\"\ngroup_within = \"1s\"\n\
         [[source]]\ntype = \"http\"\nname = \"web\"\nurl = {url:?}\n{sinks}"
    )
}

#[test]
fn a_webhook_is_told_of_an_outage_and_its_end() {
    let mut nginx = Nginx::start();
    let hook = Hook::start(&[]);
    let sinks = format!(
        "[[sink]]\ntype = \"webhook\"\nurl = {:?}\nsecret = \"k3y\"\n\
         headers = {{ \"X-Token\" = \"t0k3n\" }}\n",
        hook.url()
    );
    let up = Up::with(site(&nginx.url("/ok"), &sinks));
    let mut watch = up.start(["watch", "-v"]);
    watch.out_until("web: UP");
    nginx.stop();
    let down = hook.next();
    let notice: Value = serde_json::from_str(&down.body).expect("JSON");
    assert_eq!(down.headers["x-token"], "t0k3n");
    assert_eq!(down.headers["content-type"], "application/json");
    let told = |key: &str| notice[key].clone();
    assert_eq!(told("schema"), json!(1));
    assert_eq!(told("kind"), json!("down"));
    assert_eq!(told("agent"), json!("tester"));
    assert_eq!(told("path"), json!("/Site/web"));
    assert_eq!(told("title"), json!("web: DOWN"));
    let cause = told("cause").to_string();
    assert!(cause.starts_with("\"connection refused"), "{cause}");
    assert_eq!(told("sources")[0]["cause"]["code"], json!("refused"));
    assert_eq!(told("sources")[0]["until"], Value::Null);
    let signed = [
        &down.headers["webhook-id"],
        &down.headers["webhook-timestamp"],
        &down.body,
    ];
    let signed = signed.map(String::as_str).join(".");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"k3y").expect("a key");
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(down.headers["webhook-signature"], expected);
    nginx.start_again();
    let back: Value = serde_json::from_str(&hook.next().body).expect("JSON");
    assert_eq!(back["kind"], json!("recovered"));
    assert_eq!(back["id"], told("id"), "it is the same outage");
    assert!(back["sources"][0]["until"].is_number(), "{back}");
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn what_a_webhook_does_not_take_is_offered_again() {
    let mut nginx = Nginx::start();
    let hook = Hook::start(&["503 Service Unavailable"]);
    let body = "body = { text = \"{title}: \\\"{cause}\\\"\", n = \"{count}\" }";
    let sinks = format!(
        "[[sink]]\ntype = \"webhook\"\nurl = {:?}\n{body}\n",
        hook.url()
    );
    let up = Up::with(site(&nginx.url("/ok"), &sinks));
    let mut watch = up.start(["watch", "-v"]);
    watch.out_until("web: UP");
    nginx.stop();
    let (first, second) = (hook.next(), hook.next());
    assert_eq!(
        first.body, second.body,
        "nothing is lost, nothing is another"
    );
    let sent: Value = serde_json::from_str(&first.body).expect("JSON");
    assert_eq!(sent["n"], json!(1), "a field alone keeps its type");
    let text = sent["text"].as_str().expect("a text");
    assert!(
        text.starts_with("web: DOWN: \"connection refused"),
        "{text}"
    );
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let said = watch.err_now().join("\n");
    assert!(
        said.contains("answered 503; it is sent again in 5 s"),
        "{said}"
    );
    assert!(
        !said.contains("s3cr3t"),
        "the path of a webhook is a secret: {said}"
    );
}

#[test]
fn no_failure_of_a_webhook_tells_its_path() {
    let mut nginx = Nginx::start();
    let redirects = Hook::start(&["302 Found\r\nlocation: http://127.0.0.1/x/s3cr3t?key=s3cr3t"]);
    let broken = Hook::start(&["s3cr3t /hook/s3cr3t"]);
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    let nobody = format!("http://u:s3cr3t@127.0.0.1:{port}/hook/s3cr3t?key=s3cr3t#s3cr3t");
    let urls = [redirects.url(), broken.url(), nobody];
    let sinks = urls.map(|url| format!("[[sink]]\ntype = \"webhook\"\nurl = {url:?}\n"));
    let up = Up::with(site(&nginx.url("/ok"), &sinks.concat()));
    let mut watch = up.start(["watch", "-v"]);
    watch.out_until("web: UP");
    nginx.stop();
    let (_, _) = (redirects.next(), broken.next());
    let mut said = String::new();
    eventually("all three are said to have failed", || {
        for line in watch.err_now() {
            said.push_str(&line);
            said.push('\n');
        }
        let all = [
            "a redirect, which is not followed",
            "invalid HTTP",
            "refused",
        ];
        all.iter().all(|part| said.contains(part))
    });
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert!(!said.contains("s3cr3t"), "{said}");
}

#[test]
fn a_command_is_handed_the_notice() {
    let mut nginx = Nginx::start();
    let sinks = "[[sink]]\ntype = \"command\"\n\
         command = [\"sh\", \"-c\", \"cat >> told.json; echo $UP_KIND $UP_TITLE >> told.txt\"]\n";
    let up = Up::with(site(&nginx.url("/ok"), sinks));
    let mut watch = up.start(["watch", "-v"]);
    watch.out_until("web: UP");
    nginx.stop();
    let told = up.dir().join("told.txt");
    let lines = || std::fs::read_to_string(&told).unwrap_or_default();
    eventually("it is told", || lines() == "down web: DOWN\n");
    nginx.start_again();
    eventually("it is told of the end", || lines().lines().count() == 2);
    assert!(
        lines().contains("recovered web: UP again after "),
        "{}",
        lines()
    );
    let json = std::fs::read_to_string(up.dir().join("told.json")).expect("a file");
    let kinds: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON a line")["kind"].clone())
        .collect();
    assert_eq!(kinds, [json!("down"), json!("recovered")]);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn a_command_that_fails_is_said() {
    let mut nginx = Nginx::start();
    let dead = nginx.url("/ok");
    nginx.stop();
    let sinks = "[[sink]]\ntype = \"command\"\n\
         command = [\"sh\", \"-c\", \"echo no such room >&2; exit 3\"]\n";
    let up = Up::with(site(&dead, sinks));
    let mut watch = up.start(["watch"]);
    let said = watch.err_until("command to sh");
    assert!(
        said.contains("it ended with status 3: no such room"),
        "{said}"
    );
    assert_eq!(watch.end(Signal::TERM), Some(0));
}
