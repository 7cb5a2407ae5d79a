//! Finds out which rows of the persistent state changed. A source without changes costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use up_config::{Plan, PlannedProbe};
use up_core::state::{SavedAlerts, SavedLeaf, SavedTree};
use up_core::{Kind, Moment, NodeId, Timestamp, Watch, World};
use up_history::state::{Batch, StateRow};

/// The kind of a leaf's row.
pub(super) const LEAF: &str = "leaf";
/// The kind of a tree's row.
pub(super) const TREE: &str = "tree";
/// The kind of an incident's row.
pub(super) const INCIDENT: &str = "incident";
/// The kind of the row of a source that is in an incident or waits to be in one.
pub(super) const MEMBER: &str = "member";
/// The kind of the row of a source whose recovery was notified of.
pub(super) const FORMER: &str = "former";
/// The kind of the row of a silenced source.
pub(super) const SILENCED: &str = "silenced";
/// The kind of the single row for everything else.
pub(super) const REST: &str = "rest";

/// The row of a leaf, and the source that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LeafRow {
    #[serde(flatten)]
    pub(super) leaf: SavedLeaf,
    /// The configured path of the source that this leaf is, or is a component of.
    pub(super) origin: String,
    /// The source's fingerprint, in hexadecimal digits.
    pub(super) source: String,
    /// True of a component.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) part: bool,
}

/// The single row for everything else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RestRow {
    pub(super) told: Vec<Timestamp>,
    pub(super) last: u64,
}

/// The rows as they were last written.
#[derive(Debug, Default)]
pub struct Tracker {
    leaves: BTreeMap<Arc<str>, LeafRow>,
    trees: BTreeMap<Arc<str>, SavedTree>,
    alerts: SavedAlerts,
    /// The version of the world's shape at that time. A source may have reported its name since.
    shape: u64,
    /// True when the rows on the disk are not known. All rows are then written anew.
    whole: bool,
}

impl Tracker {
    /// Forgets what was written, so that everything is written anew.
    pub fn forget(&mut self) {
        *self = Self {
            whole: true,
            ..Self::default()
        };
    }

    /// The rows that changed since the last call. They count as written from then on.
    pub fn changes(
        &mut self,
        watch: &mut Watch,
        (world, plan): (&World, &Plan),
        now: Moment,
    ) -> Batch {
        let unsaved = watch.take_unsaved();
        let mut batch = Batch {
            whole: std::mem::take(&mut self.whole),
            ..Batch::default()
        };
        let moved = std::mem::replace(&mut self.shape, world.shape()) != world.shape();
        let all = unsaved.outline || moved || batch.whole;
        if all {
            self.all_leaves(world, plan, &mut batch);
        } else {
            for node in unsaved.leaves {
                let probe = plan.probe_of(world.outline(), node);
                self.leaf(world, plan, node, probe, &mut batch);
            }
        }
        let trees = trees(world, plan);
        of_kind(TREE, &self.trees, &trees, ToString::to_string, &mut batch);
        self.trees = trees;
        if unsaved.alerts || all {
            let alerts = watch.saved(world, now);
            differences(&self.alerts, &alerts, &mut batch);
            self.alerts = alerts;
        }
        batch
    }

    fn all_leaves(&mut self, world: &World, plan: &Plan, batch: &mut Batch) {
        let mut paths: BTreeSet<Arc<str>> = BTreeSet::new();
        for (probe, planned) in plan.probes.iter().enumerate() {
            let below = world.outline().below(planned.node);
            for node in std::iter::once(planned.node).chain(below) {
                self.leaf(world, plan, node, Some(probe), batch);
                paths.insert(Arc::clone(&world.outline().node(node).path));
            }
        }
        self.leaves.retain(|path, _| {
            let is_there = paths.contains(path);
            if !is_there {
                batch.gone.push((LEAF, path.to_string()));
            }
            is_there
        });
    }

    fn leaf(
        &mut self,
        world: &World,
        plan: &Plan,
        node: NodeId,
        probe: Option<usize>,
        batch: &mut Batch,
    ) {
        let of = world.outline().node(node);
        let saved = world.saved(node).filter(|_| of.is_leaf());
        let Some((leaf, probe)) = saved.zip(probe) else {
            if self.leaves.remove(&of.path).is_some() {
                batch.gone.push((LEAF, of.path.to_string()));
            }
            return;
        };
        let planned = &plan.probes[probe];
        let row = LeafRow {
            leaf,
            origin: planned.origin.to_string(),
            source: source(planned),
            part: of.kind == Kind::PART,
        };
        if self.leaves.get(&of.path) != Some(&row) {
            batch.set.extend(written(LEAF, &of.path, &row));
            self.leaves.insert(Arc::clone(&of.path), row);
        }
    }
}

/// Every tree of the plan that has a level.
fn trees(world: &World, plan: &Plan) -> BTreeMap<Arc<str>, SavedTree> {
    let trees = plan.trees.iter().map(|tree| tree.node);
    let known = trees.filter_map(|node| {
        let path = Arc::clone(&world.outline().node(node).path);
        Some((path, world.saved_tree(node)?))
    });
    known.collect()
}

/// The identity of a source as it is written.
pub(super) fn source(planned: &PlannedProbe) -> String {
    format!("{:016x}", planned.fingerprint)
}

/// Adds the rows that differ between two states.
fn differences(old: &SavedAlerts, new: &SavedAlerts, batch: &mut Batch) {
    let id = |id: &u64| id.to_string();
    let path = |path: &Arc<str>| path.to_string();
    of_kind(INCIDENT, &old.incidents, &new.incidents, id, batch);
    of_kind(MEMBER, &old.members, &new.members, path, batch);
    of_kind(FORMER, &old.former, &new.former, path, batch);
    let gone = old.silenced.difference(&new.silenced);
    batch.gone.extend(gone.map(|gone| (SILENCED, path(gone))));
    for silenced in new.silenced.difference(&old.silenced) {
        batch.set.extend(written(SILENCED, silenced, &()));
    }
    let rest = |alerts: &SavedAlerts| RestRow {
        told: alerts.told.clone(),
        last: alerts.last,
    };
    if rest(old) != rest(new) {
        batch.set.extend(written(REST, "", &rest(new)));
    }
}

fn of_kind<K: Ord, V: PartialEq + Serialize>(
    kind: &'static str,
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    key: impl Fn(&K) -> String,
    batch: &mut Batch,
) {
    for gone in old.keys().filter(|gone| !new.contains_key(gone)) {
        batch.gone.push((kind, key(gone)));
    }
    for (at, value) in new.iter().filter(|(at, value)| old.get(at) != Some(value)) {
        batch.set.extend(written(kind, &key(at), value));
    }
}

fn written(kind: &'static str, key: &str, value: &impl Serialize) -> Option<StateRow> {
    // This cannot fail: the row is plain data with text keys.
    let value = serde_json::to_string(value).ok()?;
    let key = key.to_owned();
    Some(StateRow { kind, key, value })
}
