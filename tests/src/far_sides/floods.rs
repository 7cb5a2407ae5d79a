//! Hostile peers that send as fast as they can, and only what a client must parse and may not pass
//! on. Each could keep the thread of its reader busy for ever.

use bytes::Bytes;

use super::FarSideCase;
use crate::hostile::tls::Authority;
use crate::hostile::{Cue, Hostile, ServerScript, ServerStep};

/// An HTTP/2 frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const END_HEADERS: u8 = 4;

/// Sends settings and `first`, then `again` for ever. Bytes of the client are not read.
fn http2(first: &[u8], again: &[u8]) -> ServerScript {
    let greeting = [frame(SETTINGS, 0, 0, &[]), first.to_vec()].concat();
    vec![ServerStep::Send(greeting.into()), repeated(again)]
}

fn repeated(bytes: &[u8]) -> ServerStep {
    ServerStep::Repeat(Bytes::from(bytes.repeat(4_000)))
}

/// `:status: 200` in HPACK's static table (RFC 7541), then a body of empty frames.
fn head() -> Vec<u8> {
    frame(HEADERS, END_HEADERS, 1, &[0x88])
}

fn scripts() -> Vec<(&'static str, bool, ServerScript)> {
    let text = |text: &'static str| vec![repeated(text.as_bytes())];
    vec![
        ("1xx", false, text("HTTP/1.1 102 \r\n\r\n")),
        (
            "1xx with lines",
            false,
            text("HTTP/1.1 103 \r\na: b\r\nc: d\r\n\r\n"),
        ),
        (
            "head lines",
            false,
            vec![
                ServerStep::Send("HTTP/1.1 200 OK\r\n".into()),
                repeated(b"a:\r\n"),
            ],
        ),
        (
            "tiny chunks",
            false,
            vec![
                ServerStep::Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".into()),
                repeated(b"1\r\nx\r\n"),
            ],
        ),
        (
            "chunk extensions",
            false,
            vec![
                ServerStep::Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;".into()),
                repeated(b"a=b;"),
            ],
        ),
        (
            "trailers",
            false,
            vec![
                ServerStep::Send(
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n".into(),
                ),
                repeated(b"a: b\r\n"),
            ],
        ),
        ("pings", true, http2(&[], &frame(PING, 0, 0, b"12345678"))),
        ("settings", true, http2(&[], &frame(SETTINGS, 0, 0, &[]))),
        (
            "window updates",
            true,
            http2(&[], &frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ),
        ("unknown frames", true, http2(&[], &frame(0xfa, 0, 0, b"x"))),
        (
            "pings in a body",
            true,
            http2(&head(), &frame(PING, 0, 0, b"12345678")),
        ),
        ("empty data", true, http2(&head(), &frame(DATA, 0, 1, &[]))),
        (
            "interim heads",
            true,
            http2(
                &[],
                // `:status: 103`, a literal with the name of the eighth entry of the static table.
                &frame(HEADERS, END_HEADERS, 1, &[0x08, 0x03, b'1', b'0', b'3']),
            ),
        ),
    ]
}

/// HTTP servers that flood, plain and over TLS.
pub async fn floods() -> Vec<FarSideCase> {
    let authority = Authority::new();
    let mut cases = Vec::new();
    for (manner, is_http2, script) in scripts() {
        for secure in [false, true] {
            let tls = secure.then(|| {
                if is_http2 {
                    authority.tls(&["127.0.0.1"])
                } else {
                    authority.tls_http1(&["127.0.0.1"])
                }
            });
            let script = script.clone();
            // The HTTP/2 preface ends like an HTTP/1 head.
            let server = Hostile::start(Cue::Request, tls, move |_| script.clone()).await;
            let scheme = if secure { "https" } else { "http" };
            let version = if is_http2 { "2" } else { "1.1" };
            let keys = format!(
                "url = \"{scheme}://{}/\"\ninsecure = {secure}\nhttp = \"{version}\"\n\
                 max_body = \"1000 GiB\"",
                server.address()
            );
            let way = if secure { "flood over TLS" } else { "flood" };
            cases.push(FarSideCase::new(("http", way), manner, keys, server));
        }
    }
    cases.extend(proxies().await);
    cases
}

/// Proxies that flood, asked to pass on a request or to open a tunnel.
async fn proxies() -> Vec<FarSideCase> {
    let mut cases = Vec::new();
    for (manner, scheme, url) in [
        ("1xx", "http", "http://far.invalid/"),
        ("1xx before a tunnel", "http", "https://far.invalid/"),
        ("1xx before a tunnel", "socks5h", "http://far.invalid/"),
    ] {
        let script = vec![repeated(b"HTTP/1.1 102 \r\n\r\n")];
        let server = Hostile::start(Cue::Connection, None, move |_| script.clone()).await;
        let keys = format!("url = {url:?}\nproxy = \"{scheme}://{}\"", server.address());
        cases.push(FarSideCase::new(
            ("http", "flooding proxy"),
            manner,
            keys,
            server,
        ));
    }
    cases
}
