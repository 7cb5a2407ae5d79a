//! Who may know whom, as tables, with the reason of each rule.

/// Our crates, and which of ours each may name in `[dependencies]`: all others it may not.
pub(crate) const LAYERS: [(&str, &[&str], &str); 13] = [
    (
        "up-core",
        &[],
        "the vocabulary: everybody speaks it, so it knows nobody",
    ),
    (
        "up-files",
        &[],
        "opens and makes files; what stands in them is its users' affair",
    ),
    (
        "up-wire",
        &["up-core"],
        "shapes only; who fills them is the shell's affair",
    ),
    (
        "up-source",
        &["up-core"],
        "asks, and knows nothing of who wants to hear the answer",
    ),
    (
        "up-history",
        &["up-core", "up-files"],
        "keeps samples, wherever they come from",
    ),
    (
        "up-sink",
        &["up-core", "up-history", "up-source"],
        "tells; of up-source only how a secret is named, which is tested below",
    ),
    (
        "up-config",
        &["up-core", "up-files", "up-source", "up-history", "up-sink"],
        "reads the configuration of sources and sinks, each kept beside its component",
    ),
    (
        "up-engine",
        &[
            "up-core",
            "up-files",
            "up-source",
            "up-history",
            "up-sink",
            "up-config",
        ],
        "moves everything, so it knows everything but the shells",
    ),
    (
        "up-cli",
        &[
            "up-core",
            "up-files",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
        ],
        "a shell: what is asked and how is none of its business",
    ),
    (
        "up-tray",
        &[
            "up-core",
            "up-files",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
            "up-wire",
        ],
        "a shell: the only one with a panel on its wire",
    ),
    (
        "xtask",
        &[],
        "builds Up from outside, and has to compile where nothing else does yet",
    ),
    (
        "up-tests",
        &[
            "up-core",
            "up-source",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
            "up-wire",
        ],
        "may look into every library; it starts the shells as programs",
    ),
    (
        "up-fuzz",
        &[
            "up-core",
            "up-source",
            "up-history",
            "up-config",
            "up-engine",
            "up-wire",
        ],
        "gives bytes to whatever library parses some",
    ),
];

/// Packages that only some of ours may name in `[dependencies]`.
pub(crate) const SPEAKERS: [(&[&str], &[&str], &str); 7] = [
    (
        &[
            "snmp2",
            "rustls-platform-verifier",
            "hyper",
            "hyper-util",
            "async-compression",
        ],
        &["up-source"],
        "one room speaks to the watched world, with its deadlines and bounds",
    ),
    (
        &["reqwest"],
        &["up-sink"],
        "a webhook is told by HTTP; checks own their connections, which reqwest does not hand out",
    ),
    (
        &["rusqlite", "mongodb"],
        &["up-history"],
        "both stores answer through one trait, so nobody else needs to know either",
    ),
    (
        &["toml", "toml_parser", "toml_edit", "toml_datetime"],
        &["up-config"],
        "up.toml is read in one place, which gives every error its line",
    ),
    (
        &["clap", "clap_complete", "clap_mangen"],
        &["up-cli", "up-tray"],
        "a shell has a command line",
    ),
    (
        &[
            "tauri",
            "tauri-build",
            "tauri-plugin-single-instance",
            "ksni",
            "notify-rust",
        ],
        &["up-tray"],
        "the desktop is the shell's",
    ),
    (
        &["up-cli", "up-tray", "xtask", "up-tests", "up-fuzz"],
        &[],
        "programs are not libraries",
    ),
];

/// May name everything: what tests use is in nothing that people run.
pub(crate) const AT_LIBERTY: [&str; 3] = ["up-tests", "up-fuzz", "xtask"];

/// What must be nowhere beneath a package, however far down, on any platform. A name ending in `*`
/// stands for all names with that beginning.
pub(crate) const ABSENT: [(&[&str], &[&str], &str); 2] = [
    (
        &["up-core"],
        &[
            "tokio*", "futures*", "async-*", "mio", "reqwest", "hyper*", "rustix", "libc",
        ],
        "core is pure: it never waits and never asks the system",
    ),
    (
        &[
            "up-core",
            "up-files",
            "up-wire",
            "up-source",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
            "up-cli",
        ],
        &[
            "tauri*",
            "wry",
            "tao",
            "gtk*",
            "gdk*",
            "glib*",
            "gio*",
            "webkit2gtk*",
            "ksni",
            "tray-icon",
            "muda",
            "notify-rust",
            "objc2-app-kit",
            "webview2-com*",
        ],
        "`up` runs on servers, and links no GUI library",
    ),
];

/// up-core's whole world. A crate more is a decision, so it is one line here.
/// (jiff: a maintenance window in a time zone is judgement; the zone itself is passed in.)
pub(crate) const CORE_NAMES: [&str; 2] = ["serde", "jiff"];

/// What up-sink may take from up-source: how a secret is named in up.toml, read, and complained of,
/// and the HTTP client and the child process that telling shares with asking.
pub(crate) const SINK_TAKES: [&str; 6] = [
    "ConfigProblem",
    "Program",
    "Secret",
    "SecretRef",
    "Secrets",
    "TlsClients",
];
