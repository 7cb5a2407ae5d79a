//! Hostile peers for every source type, each with a source that checks it: silent ones, dripping
//! ones, endless ones, and those that do not even accept.

mod datagrams;
mod floods;
mod streams;

use std::time::Duration;

use up_source::KINDS;

pub use datagrams::datagrams;
pub use floods::floods;
pub use streams::streams;

/// The pause between the bytes of a dripping peer.
const DRIP: Duration = Duration::from_millis(20);

/// A peer that behaves in one way, and a source that checks it.
pub struct FarSideCase {
    /// The source type.
    pub kind: &'static str,
    /// The protocol or transport, if the type has several.
    pub way: &'static str,
    /// What the peer does.
    pub manner: &'static str,
    /// The keys of the source.
    pub keys: String,
    /// The peer, which ends with the case.
    _far_side: Box<dyn Send>,
}

impl FarSideCase {
    /// A case of that type and transport.
    pub fn new(
        (kind, way): (&'static str, &'static str),
        manner: &'static str,
        keys: String,
        far_side: impl Send + 'static,
    ) -> Self {
        Self {
            kind,
            way,
            manner,
            keys,
            _far_side: Box::new(far_side),
        }
    }

    /// The name of the case in messages.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.kind, self.way, self.manner)
    }
}

/// The cases of `type = "command"`, whose peers are programs.
pub fn commands() -> Vec<FarSideCase> {
    let shell = |script: &str| format!("command = [\"sh\", \"-c\", {script:?}]");
    [
        ("silent", shell("sleep 1000")),
        ("dripping", shell("while :; do echo more; sleep 0.02; done")),
        ("endless", "command = [\"yes\"]".to_owned()),
        (
            "deaf",
            shell("trap '' TERM INT HUP; while :; do sleep 1; done"),
        ),
        ("left behind", shell("sleep 1000 & sleep 1000 & wait")),
    ]
    .map(|(manner, keys)| FarSideCase::new(("command", ""), manner, keys, ()))
    .into()
}

/// The source types without a case here, except `ping`, which needs a network of its own.
pub fn forgotten() -> Vec<&'static str> {
    let streams = streams::STREAMS.iter().map(|(name, ..)| name.0);
    let known: Vec<_> = streams.chain(["dns", "snmp", "command", "ping"]).collect();
    let all = KINDS.iter().copied();
    all.filter(|kind| !known.contains(kind)).collect()
}
