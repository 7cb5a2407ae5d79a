//! Texts that a person or the panel writes.

use std::path::Path;

use super::texts;
use crate::grown::grown;
use crate::{FuzzTarget, Grown};

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        words: &[
            "[[source]]\n",
            "[[source.source]]\n",
            "type = ",
            "name = ",
            "url = ",
            "\"\"\"",
            "'''",
            "= ",
            "{ ",
            "[ ",
            "\n",
            "\\u",
            "http",
            "tree",
            "1979-05-27",
        ],
        grown: LONG_FILES,
        largest: 1 << 20,
        // For clients with their certificates, and for a hundred diagnostics.
        spare: 64 << 20,
        factor: 512,
        ..FuzzTarget::new("config", config, || {
            texts(&[
                include_str!("../../../../config/up.toml"),
                include_str!("../../../../config/examples/http.toml"),
                include_str!("../../../../config/examples/snmp.toml"),
                "name = \"x\"\n[[source]]\ntype = \"tree\"\nname = \"y\"\n[[source.source]]\ntype = \"tcp\"\naddress = \"127.0.0.1:1\"\n",
                "interval = 30\n[[source]]\nurl = \"http://u:p@h/\"\n",
            ])
        })
    },
    FuzzTarget {
        words: &[
            "\"ask\":",
            "\"path\":",
            "null",
            "\\u0000",
            "\"history\"",
            "1e999",
        ],
        grown: &[
            grown("{\"ask\":\"note\",\"message\":\"", "x", "\"}"),
            grown("{\"ask\":\"tree\",", "\"#\":[],", "\"z\":0}"),
            grown("{\"ask\":\"tree\",\"z\":", "[", ""),
        ],
        ..FuzzTarget::new("wire", wire, || {
            texts(&[
                r#"{"ask":"tree"}"#,
                r#"{"ask":"history","path":"/Root/a","from":1.7e9,"to":1700086400}"#,
                r#"{"ask":"check_now","path":null}"#,
                r#"{"ask":"note","message":"moved"}"#,
                r#"{"ask":"mood","mood":"optimist"}"#,
            ])
        })
    },
];

const LONG_FILES: &[Grown] = &[
    grown(
        "",
        "[[source]]\ntype = \"tcp\"\naddress = \"127.0.0.1:#\"\n",
        "",
    ),
    grown("", "a# = 1\n", ""),
    grown("a = ", "[", ""),
    grown("a = \"", "\\u00e9", "\""),
    grown("", "a", ""),
    grown("", "\"a://", ""),
];

fn config(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    // These would be read from the keyring of the system, which is another program.
    if text.contains("keyring") {
        return;
    }
    if let Err(error) = up_config::load_text(text, Path::new("up.toml")) {
        assert!(error.to_string().len() < 200_000, "a bounded message");
    }
}

fn wire(input: &[u8]) {
    let _ = serde_json::from_slice::<up_wire::PanelRequest>(input);
}
