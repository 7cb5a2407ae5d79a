//! Hostile peers over streams, and the sources that check them.

use super::{DRIP, FarSideCase};
use crate::hostile::tls::Authority;
use crate::hostile::{Cue, FullQueue, Hostile, ServerScript, ServerStep, scripts};

/// Makes the script that a peer plays when a client connects or sends a request.
type StreamAnswer = fn() -> ServerScript;

fn endless(bytes: &'static [u8]) -> ServerScript {
    vec![ServerStep::Repeat(bytes.repeat(1_000).into())]
}

fn dripping(bytes: &'static [u8]) -> ServerScript {
    vec![ServerStep::Drip(bytes.repeat(1_000).into(), DRIP)]
}

/// Scripts for HTTP: hostile heads, bodies, and both.
const HTTP: [(&str, StreamAnswer); 6] = [
    ("silent", scripts::silent),
    ("dripping head", scripts::dripping_head),
    ("dripping body", scripts::dripping_body),
    ("endless interim answers", scripts::endless_interim),
    ("endless body", scripts::endless_body),
    ("huge promise", scripts::huge_promise),
];

const TEXT: [(&str, StreamAnswer); 3] = [
    ("silent", scripts::silent),
    ("dripping", || dripping(b".")),
    ("endless", || endless(b".\n")),
];

/// Scripts with a greeting whose lines never end.
const GREETING: [(&str, StreamAnswer); 3] = [
    ("silent", scripts::silent),
    ("dripping", || dripping(b"220-more\r\n")),
    ("endless", || endless(b"220-more\r\n")),
];

/// Scripts with a TLS handshake record of 16 KiB that never ends.
const HANDSHAKE: [(&str, StreamAnswer); 3] = [
    ("silent", scripts::silent),
    ("dripping", || {
        let mut script = vec![ServerStep::Send(
            (&b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"[..]).into(),
        )];
        script.extend(dripping(b"\0"));
        script
    }),
    ("endless", || endless(b"\x16\x03\x03\0\x01\x02")),
];

/// Scripts with a message of 64 KiB that never ends.
const MESSAGE: [(&str, StreamAnswer); 3] = [
    ("silent", scripts::silent),
    ("dripping", || dripping(b"\xff\xff")),
    ("endless", || endless(b"\0\x01\0")),
];

/// Makes the keys of a source for that port.
type KeysForPort = fn(u16) -> String;

/// A source type and its transport, the scripts, whether over TLS, and the keys.
type StreamCase = (
    (&'static str, &'static str),
    &'static [(&'static str, StreamAnswer)],
    bool,
    KeysForPort,
);

/// All source types that use streams.
pub(super) const STREAMS: [StreamCase; 10] = [
    (("http", "plain"), &HTTP, false, |port| {
        format!("url = \"http://127.0.0.1:{port}/\"\nmax_body = \"1000 GiB\"")
    }),
    (("http", "TLS"), &HTTP, true, |port| {
        format!(
            "url = \"https://127.0.0.1:{port}/\"\ninsecure = true\nmax_body = \"1000 GiB\"\nexpect = {{ contains = \"x\" }}"
        )
    }),
    (("statuspage", ""), &HTTP, false, |port| {
        format!("url = \"http://127.0.0.1:{port}/\"")
    }),
    (("github", ""), &HTTP, false, |port| {
        format!("url = \"http://127.0.0.1:{port}/\"")
    }),
    (("tcp", ""), &TEXT, false, |port| {
        format!("address = \"127.0.0.1:{port}\"\nexpect = \"ready\"")
    }),
    (("mongo", ""), &TEXT, false, |port| {
        format!("uri = \"mongodb://127.0.0.1:{port}\"")
    }),
    (("tls", ""), &HANDSHAKE, false, |port| {
        format!("host = \"127.0.0.1\"\nport = {port}")
    }),
    (("tls", "smtp"), &GREETING, false, |port| {
        format!("host = \"127.0.0.1\"\nport = {port}\nstarttls = \"smtp\"")
    }),
    (("dns", "tcp"), &MESSAGE, false, |port| {
        dns("tcp", &format!("127.0.0.1:{port}"))
    }),
    (("dns", "tls"), &MESSAGE, true, |port| {
        dns("tls", &format!("127.0.0.1:{port}"))
    }),
];

pub(super) fn dns(transport: &str, resolver: &str) -> String {
    let secure = ["tls", "https"].contains(&transport);
    let insecure = if secure { "insecure = true" } else { "" };
    format!("host = \"up.example\"\ntransport = {transport:?}\nresolver = {resolver:?}\n{insecure}")
}

/// The cases over streams: the scripts, and a queue in which no connection is ever accepted.
pub async fn streams() -> Vec<FarSideCase> {
    let authority = Authority::new();
    let mut cases = Vec::new();
    for (name, plays, secure, keys) in STREAMS {
        for (manner, script) in plays {
            // A server that speaks before a request is another case for HTTP and TLS.
            let cue = if plays.len() == HTTP.len() {
                Cue::Request
            } else {
                Cue::Connection
            };
            let tls = secure.then(|| authority.tls_http1(&["127.0.0.1"]));
            let server = Hostile::start(cue, tls, move |_| script()).await;
            let port = server.address().port();
            cases.push(FarSideCase::new(name, manner, keys(port), server));
        }
        let full = FullQueue::start().await;
        let port = full.address().port();
        cases.push(FarSideCase::new(name, "not accepting", keys(port), full));
    }
    for (manner, script) in HTTP {
        let tls = authority.tls_http1(&["127.0.0.1"]);
        let server = Hostile::start(Cue::Request, Some(tls), move |_| script()).await;
        let keys = dns("https", &server.https("127.0.0.1", "/dns-query"));
        cases.push(FarSideCase::new(("dns", "https"), manner, keys, server));
    }
    cases
}
