//! Hostile far sides of every source type, each with the source that asks it: the silent, the
//! dripping, the endless, and those that do not even accept.

mod datagrams;
mod floods;
mod streams;

use std::time::Duration;

use up_source::KINDS;

pub use datagrams::datagrams;
pub use floods::floods;
pub use streams::streams;

/// How far apart is what drips.
const DRIP: Duration = Duration::from_millis(20);

/// A far side that behaves in one way, and the source that asks it.
pub struct FarSideCase {
    /// The source's type.
    pub kind: &'static str,
    /// Which way it is asked, where there are several.
    pub way: &'static str,
    /// What the far side does.
    pub manner: &'static str,
    /// The source's keys.
    pub keys: String,
    /// Gone with the case.
    _far_side: Box<dyn Send>,
}

impl FarSideCase {
    /// A case of that type, asked that way.
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

    /// What it is called in messages.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.kind, self.way, self.manner)
    }
}

/// Far sides that are programs.
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

/// The source types that have no far side here, ping aside, which needs a network of its own.
pub fn forgotten() -> Vec<&'static str> {
    let streams = streams::STREAMS.iter().map(|(name, ..)| name.0);
    let known: Vec<_> = streams.chain(["dns", "snmp", "command", "ping"]).collect();
    let all = KINDS.iter().copied();
    all.filter(|kind| !known.contains(kind)).collect()
}
