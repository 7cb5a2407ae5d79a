//! The plan: a configuration made ready to run. Everything in it has been checked.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use up_core::alert::NotifyPolicy;
use up_core::connectivity::{GuardedSource, GuardedSources};
use up_core::control::Window;
use up_core::{Mood, NodeId, Outline};
use up_files::SeenFile;
use up_sink::{BuiltSink, SinkRole};
use up_source::Source;
use up_source::reference::Reference;

/// A configuration made ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file it was read from.
    pub file: PathBuf,
    /// This running Up's name.
    pub agent: String,
    /// The mood that the file asks for.
    pub mood: Mood,
    /// How people are told.
    pub manner: NotifyPolicy,
    /// The tree.
    pub outline: Outline,
    /// Its leaves, in the outline's order.
    pub probes: Vec<PlannedProbe>,
    /// Its trees, in the outline's order.
    pub trees: Vec<PlannedTree>,
    /// The sinks that the file names, in its order; empty when it names none.
    pub sinks: Vec<BuiltSink>,
    /// What is kept how long.
    pub history: HistoryPlan,
    /// How to tell that it is our own network that is gone.
    pub network: NetworkPlan,
    /// When what is under maintenance.
    pub maintenance: Vec<Window>,
    /// Whose references stand for whose network; the first circle is `[network]`'s.
    pub circles: Vec<PlannedCircle>,
    /// What is allowed but unwise, as `FILE:LINE:COL: …` lines.
    pub warnings: Vec<String>,
    /// Every file that was read for it, as it was then: up.toml first, then those that it names.
    pub files: Vec<SeenFile>,
}

impl Plan {
    /// How many sources there are that are asked: the leaves of the tree.
    pub fn sources(&self) -> usize {
        self.probes.len()
    }

    /// Its sources as the guard of our own network sees them.
    pub fn seats(&self) -> GuardedSources {
        let seat = |probe: &PlannedProbe| GuardedSource {
            node: probe.node,
            reach: probe.source.reach(),
            group: probe.circle,
            own: probe.own_reference,
        };
        let circles = self.circles.iter().map(|circle| circle.urls.clone());
        GuardedSources {
            sources: self.probes.iter().map(seat).collect(),
            groups: circles.collect(),
        }
    }

    /// The probe that a node is, or is a part of, as an index into `probes`.
    pub fn probe_of(&self, node: NodeId) -> Option<usize> {
        // Probes stand in the outline's order, and before their parts.
        let behind = self.probes.partition_point(|probe| probe.node <= node);
        let entry = behind.checked_sub(1)?;
        let below = self.outline.subtree(self.probes[entry].node);
        below.contains(&node.index()).then_some(entry)
    }

    /// True if the tree and its changes are printed on standard output: a sink asks for it, or no
    /// other sink receives them. Alert sinks never receive the printed tree.
    pub fn prints(&self) -> bool {
        let mut others = self.sinks.iter().filter(|sink| sink.alert().is_none());
        let prints = |sink: &BuiltSink| sink.role == SinkRole::Print;
        self.sinks.iter().any(prints) || others.next().is_none()
    }
}

/// A leaf and how it is asked.
#[derive(Clone, Debug)]
pub struct PlannedProbe {
    /// Where it stands in the outline.
    pub node: NodeId,
    /// The path that the configuration gives it. Its own may be another, once it says its name.
    pub origin: Arc<str>,
    /// How often it is asked.
    pub interval: Duration,
    /// How long it may take.
    pub timeout: Duration,
    /// Whom to ask.
    pub source: Arc<dyn Source>,
    /// What it asks, for a person; without secrets.
    pub target: Arc<str>,
    /// Whose references stand for its network: an index into [`Plan::circles`]. `None` of one that
    /// needs no network.
    pub circle: Option<usize>,
    /// True when they are its own or its tree's, and not `[network]`'s.
    pub own_reference: bool,
    /// Equal for two plans' probes when they are the same source: kind, keys as written, interval
    /// and timeout. Every Up makes the same one.
    pub fingerprint: u64,
    /// A hash over what was read for it from files, the environment and the keyring. A source with
    /// a new password is the same source, but what it answered before is worth asking again.
    pub secrets: u64,
}

/// A tree, how its sources are asked, and how often its folded status goes into the history.
#[derive(Clone, Copy, Debug)]
pub struct PlannedTree {
    /// Where it stands in the outline.
    pub node: NodeId,
    /// Its interval, as inherited.
    pub interval: Duration,
    /// No more of the sources in it, at any depth, are asked at once; `None` for as many as there
    /// are. 1 of a tree that is not parallel.
    pub at_once: Option<NonZeroU32>,
}

/// Sources that share their references.
#[derive(Clone)]
pub struct PlannedCircle {
    /// The references' URLs, as the file has them.
    pub urls: Box<[String]>,
    /// The same, made ready to be asked.
    pub references: Vec<Arc<Reference>>,
}

up_core::opaque_debug!(PlannedCircle, NetworkPlan);

/// What is kept how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlan {
    /// Raw samples.
    pub raw: Duration,
    /// Anything.
    pub keep: Duration,
}

impl Default for HistoryPlan {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            raw: Duration::from_secs(30 * DAY),
            keep: Duration::from_secs(400 * DAY),
        }
    }
}

/// How to tell that it is our own network that is gone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NetworkPlan {
    /// What always answers while it is there: `http`, `https` and `tcp` URLs.
    pub reference: Vec<String>,
}
