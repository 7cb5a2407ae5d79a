//! The rules of the layering as tables, with the reason of each rule.

/// Our crates, and which of our crates each may have in `[dependencies]`.
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
        "up-history",
        &["up-core", "up-files"],
        "keeps samples, wherever they come from",
    ),
    (
        "up-source",
        &["up-core", "up-history"],
        "asks, and knows nothing of who wants to hear the answer; of up-history only the MongoDB \
         that other agents write to, which is tested below",
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

/// Packages that only some of our crates may have in `[dependencies]`.
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

/// Crates that may depend on everything, because nothing that people run contains them.
pub(crate) const AT_LIBERTY: [&str; 3] = ["up-tests", "up-fuzz", "xtask"];

/// Packages that must not be anywhere below a crate, on any platform. A name that ends in `*`
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

/// All dependencies of up-core. Another one is a decision, and therefore a line here. (jiff: a
/// maintenance window in a time zone is judgement, while the zone is passed in.)
pub(crate) const CORE_NAMES: [&str; 2] = ["serde", "jiff"];

/// What up-source may use of up-history: what other agents wrote to a `MongoDB`.
pub(crate) const SOURCE_TAKES: [&str; 14] = [
    "AGENT_NODE",
    "AgentContact",
    "ChangesEnd",
    "FleetChange",
    "FleetReport",
    "FleetScope",
    "KeptCause",
    "LatestSample",
    "MongoStore",
    "NO_AGENT",
    "Point",
    "Store",
    "StoreError",
    "StoreErrorCode",
];

/// What up-sink may use of up-source: how a secret is referred to, read, and reported, durations, and the HTTP
/// client and the child process that sinks share with sources.
pub(crate) const SINK_TAKES: [&str; 7] = [
    "ConfigProblem",
    "Program",
    "Secret",
    "SecretRef",
    "Secrets",
    "TlsClients",
    "WrittenDuration",
];
