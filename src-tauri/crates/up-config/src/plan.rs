//! The plan: a checked configuration that the engine can run.

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

use crate::labels::SourceLabels;

/// A checked configuration that the engine can run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The configuration file.
    pub file: PathBuf,
    /// The name of this running Up.
    pub agent: String,
    /// The mood in the file.
    pub mood: Mood,
    /// When the dispatcher sends notices: the time to group them, and the limit per minute.
    pub manner: NotifyPolicy,
    /// The tree of all configured sources. The components that sources have reported since are in
    /// the world's outline only.
    pub outline: Outline,
    /// The leaves of the tree, in the order of the outline.
    pub probes: Vec<PlannedProbe>,
    /// The trees, in the order of the outline.
    pub trees: Vec<PlannedTree>,
    /// The sinks in the file, in its order.
    pub sinks: Vec<BuiltSink>,
    /// How long the history is kept.
    pub history: HistoryPlan,
    /// The references that show whether the own network works.
    pub network: NetworkPlan,
    /// The maintenance windows.
    pub maintenance: Vec<Window>,
    /// The reference groups. The first one has the references of `[network]`.
    pub reference_groups: Vec<PlannedReferenceGroup>,
    /// Warnings about the file, as lines `FILE:LINE:COL: …`.
    pub warnings: Vec<String>,
    /// Every file that was read for the plan, with its state at that time: up.toml first, then the
    /// files that it names.
    pub files: Vec<SeenFile>,
}

impl Plan {
    /// The number of sources that are checked: the leaves of the tree.
    pub fn sources(&self) -> usize {
        self.probes.len()
    }

    /// The sources and reference groups in the form that the connectivity guard uses.
    pub fn guarded_sources(&self) -> GuardedSources {
        let guarded = |probe: &PlannedProbe| GuardedSource {
            node: probe.node,
            reach: probe.source.reach(),
            group: probe.group,
            own: probe.own_reference,
        };
        let groups = self.reference_groups.iter().map(|group| group.urls.clone());
        GuardedSources {
            sources: self.probes.iter().map(guarded).collect(),
            groups: groups.collect(),
        }
    }

    /// Gives unchanged probes (by their index in `probes`) the keys that they have in the outline
    /// that was in use before, and takes over their components.
    pub fn keep_keys(&mut self, old: &Outline, same: impl IntoIterator<Item = (usize, NodeId)>) {
        let same = same.into_iter();
        let same = same.map(|(probe, key)| (self.probes[probe].node, key));
        let keys = self.outline.succeed(old, same);
        for probe in &mut self.probes {
            probe.node = keys[&probe.node];
        }
        for tree in &mut self.trees {
            tree.node = keys[&tree.node];
        }
    }

    /// The index in `probes` of the source that a node of the world's outline is, or is a component
    /// of.
    pub fn probe_of(&self, outline: &Outline, node: NodeId) -> Option<usize> {
        let above = |id: &NodeId| outline.node(*id).parent;
        std::iter::successors(Some(node), above).find_map(|id| self.probe_at(id))
    }

    /// The index in `probes` of the source that a node is.
    pub fn probe_at(&self, node: NodeId) -> Option<usize> {
        let position = |id| self.outline.position(id);
        let wanted = self.outline.has(node).then(|| position(node))?;
        let found = self
            .probes
            .binary_search_by_key(&wanted, |probe| position(probe.node));
        found.ok()
    }

    /// The labels of a node of the world's outline. A component has the tags of the source that
    /// reports it.
    pub fn labels(&self, outline: &Outline, node: NodeId) -> Option<&SourceLabels> {
        if let Some(probe) = self.probe_of(outline, node) {
            return Some(&self.probes[probe].labels);
        }
        let tree = self.trees.iter().find(|tree| tree.node == node);
        tree.map(|tree| &tree.labels)
    }

    /// The indices in `probes` of the sources at or below a node of the world's outline. For a
    /// component, that is the source that reports it.
    pub fn probes_at(&self, outline: &Outline, node: NodeId) -> Vec<usize> {
        let below = outline.at_and_below(node);
        let itself = self.probe_of(outline, node);
        let below = below.filter_map(|id| self.probe_at(id));
        below.chain(itself).collect()
    }

    /// True if the tree and its changes are printed on standard output: a sink asks for it, or no
    /// other sink receives them. Alert sinks never receive the printed tree.
    pub fn prints(&self) -> bool {
        let mut others = self.sinks.iter().filter(|sink| sink.alert().is_none());
        let prints = |sink: &BuiltSink| sink.role == SinkRole::Print;
        self.sinks.iter().any(prints) || others.next().is_none()
    }
}

/// A leaf of the tree, and how it is checked.
#[derive(Clone, Debug)]
pub struct PlannedProbe {
    /// The node of the source in the outline.
    pub node: NodeId,
    /// The path of the source by the configuration. The source has another path after a check has
    /// reported its name.
    pub origin: Arc<str>,
    /// The time between the starts of two checks.
    pub interval: Duration,
    /// The time limit of a check.
    pub timeout: Duration,
    /// The source itself.
    pub source: Arc<dyn Source>,
    /// The target of the checks, for a person, without secrets.
    pub target: Arc<str>,
    /// The reference group of the source: an index into [`Plan::reference_groups`]. `None` if the
    /// source needs no network.
    pub group: Option<usize>,
    /// True if the references are those of the source or of a tree around it, not of `[network]`.
    pub own_reference: bool,
    /// Equal for the same source in two plans: its type and its own keys as written. What every
    /// source has (interval, timeout, alert, tags …) may differ. Every Up computes the same number.
    pub fingerprint: u64,
    /// A hash over the secrets that the source reads from files, the environment and the keyring. A
    /// source with a new password is the same source, but must be checked again.
    pub secrets: u64,
    /// What people find the source by, and what the panel opens for it.
    pub labels: SourceLabels,
}

/// A tree: how its sources are checked, and how often its status is recorded.
#[derive(Clone, Debug)]
pub struct PlannedTree {
    /// The node of the tree in the outline.
    pub node: NodeId,
    /// The time between two records of its status: the interval that its sources inherit.
    pub interval: Duration,
    /// The largest number of its sources, at any depth, that are checked at the same time: 1 for a
    /// tree that is not parallel, `None` for no limit.
    pub at_once: Option<NonZeroU32>,
    /// What people find the tree by, and what the panel opens for it.
    pub labels: SourceLabels,
}

/// A reference group: the references that a set of sources shares.
#[derive(Clone)]
pub struct PlannedReferenceGroup {
    /// The URLs of the references, as written in the file.
    pub urls: Box<[String]>,
    /// The references themselves.
    pub references: Vec<Arc<Reference>>,
}

up_core::opaque_debug!(PlannedReferenceGroup, NetworkPlan);

/// How long the history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlan {
    /// The time for samples.
    pub raw: Duration,
    /// The time for everything else.
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

/// The table `[network]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NetworkPlan {
    /// Targets that answer whenever the own network works: `http`, `https` and `tcp` URLs.
    pub reference: Vec<String>,
}
