//! Answers of web servers: heads, bodies with conditions, and statuses from bodies.

use std::sync::LazyLock;

use up_source::fuzzing::{FuzzedConditions, StatusReader, headers, pointer, redirects, urls};

use super::texts;
use crate::grown::grown;
use crate::sound::sound;
use crate::{FuzzTarget, Grown};

/// The default bound for a body.
const LARGEST_BODY: usize = 16 << 20;

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        words: &[
            "location:",
            "http://",
            "//",
            "../",
            "#",
            "?",
            "@",
            "set-cookie:",
            "\n",
        ],
        grown: &[
            grown("", "x-#: y\n", "location: /\n"),
            grown("location: /", "../", "\n"),
            grown("location: //", "a.", "\n"),
            grown("location: ?", "a=#&", "\n"),
        ],
        // Each run makes a client.
        spare: 16 << 20,
        ..FuzzTarget::new("http_head", head, || {
            texts(&[
                "location: https://u:p@other.example/x?y=z#w\ncontent-type: text/html\n",
                "location: ../c\nx-node: a\nx-node: b\nset-cookie: id=s\n",
                "location: javascript:alert(1)\n",
                "location: //[::1]:8080/\n",
            ])
        })
    },
    FuzzTarget {
        words: &[
            "http://",
            "[::1]",
            "@",
            ":80",
            "%41",
            "xn--",
            "?a=b&c",
            "socks5h://",
        ],
        grown: &[
            grown("http://", "a.", "/"),
            grown("http://x/?", "a#=b&", ""),
            grown("http://x/", "%", ""),
            grown("http://x/", "../", ""),
        ],
        ..FuzzTarget::new(
            "url",
            |text| urls(&String::from_utf8_lossy(text)),
            || {
                texts(&[
                    "https://user:password@example.com:8443/a/b?token=x&y#z",
                    "http://[2001:db8::1]/{a}",
                    "socks5h://127.0.0.1:1080",
                    "http://b\u{fc}cher.example/",
                ])
            },
        )
    },
    FuzzTarget {
        words: JSON,
        grown: LONG_JSON,
        largest: LARGEST_BODY,
        ..FuzzTarget::new("json_pointer", pointed, || {
            texts(&[
                "/queue\n{\"queue\":231,\"state\":\"ok\"}",
                "/a~1b/0\n{\"a/b\":[1.5e300,null],\"a/b\":[true]}",
                "\n\"whole\"",
            ])
        })
    },
    FuzzTarget {
        words: JSON,
        grown: LONG_BODIES,
        largest: LARGEST_BODY,
        // Patterns are compiled for each body, and take up to 1 MiB each.
        spare: 8 << 20,
        ..FuzzTarget::new("expect", expect, || {
            texts(&[
                "{\"queue\":231,\n\"state\":\"degraded\",\"parts\":[{\"up\":true}],\"a/b\":1}",
                "<html>fine</html>",
                "\u{feff}{}",
            ])
        })
    },
    FuzzTarget {
        words: JSON,
        grown: LONG_BODIES,
        largest: LARGEST_BODY,
        spare: 8 << 20,
        ..FuzzTarget::new("status_from", status_from, || {
            texts(&[
                "{\"status\":0.75}",
                "{\"status\":\"75\"}",
                "{\"status\":\"minor\"}",
                "status: ok",
            ])
        })
    },
];

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "1e999",
    "-0",
    "18446744073709551615",
    "\"status\"",
    "\"state\"",
    "/",
    "~1",
];

const LONG_JSON: &[Grown] = &[
    grown("/z\n{", "\"#\":0,", "}"),
    grown("/0/0\n", "[", ""),
    grown("/99999999\n[", "0,", "]"),
    grown("\n\"", "a", "\""),
    grown("\n\"", "\\u00e9", "\""),
    grown("", "/a", "\n{}"),
];

const LONG_BODIES: &[Grown] = &[
    grown("{\"status\":\"", "a", "\"}"),
    grown("{", "\"#\":0,", "}"),
    grown("", "\n", ""),
    grown("", "queue\"", ""),
    grown("status: ", "ok ", ""),
    grown("", "[", ""),
];

fn head(head: &[u8]) {
    static EXPECTED: LazyLock<FuzzedConditions> = LazyLock::new(|| {
        expected(
            r#"{"headers":{"content-type":"json","x-node":{"regex":"^[ab]$"},"set-cookie":"u="}}"#,
        )
    });
    sound([EXPECTED.answer(&headers(head), b"")]);
    sound(redirects(head));
}

fn expected(keys: &str) -> FuzzedConditions {
    FuzzedConditions::new(&serde_json::from_str(keys).expect("conditions as up.toml has them"))
}

/// The first line of the input is the JSON pointer.
fn pointed(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (at, body) = text.split_once('\n').unwrap_or((&text, ""));
    pointer(at, body);
}

fn expect(body: &[u8]) {
    static EXPECTED: LazyLock<FuzzedConditions> = LazyLock::new(|| {
        expected(
            r#"{"contains":"fine","not_contains":["error","degraded"],"regex":"queue\":\\d+(a|b)*$",
            "json":{"/queue":"< 100","/parts/0/up":true,"/state":{"regex":"^(o|k)+$"},
            "/a~1b":{"exists":true},"":"!= null"},"certificate_days":400,"time":"1ms"}"#,
        )
    });
    sound([EXPECTED.answer(&headers(b""), body)]);
}

fn status_from(body: &[u8]) {
    static READERS: LazyLock<[StatusReader; 3]> = LazyLock::new(|| {
        [
            r#"{"json":"/status"}"#,
            r#"{"json":"/status","map":{"ok":1,"minor":0.5}}"#,
            r#"{"regex":"status: *(\\w+)","percent":true}"#,
        ]
        .map(|keys| StatusReader::new(&serde_json::from_str(keys).expect("keys of up.toml")))
    });
    sound(READERS.iter().map(|reader| reader.answer(body)));
}
