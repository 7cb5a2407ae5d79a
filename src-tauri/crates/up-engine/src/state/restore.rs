//! Restores the saved state: finds out which saved source is which source of the plan, and restores
//! its components, its name and what was believed of it. A source that was changed or removed is
//! not restored.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use up_config::Plan;
use up_core::component::MAX_COMPONENTS;
use up_core::state::{SavedAlerts, SavedTree};
use up_core::{Controls, Kind, Moment, Node, NodeId, Outline, Timestamp, Watch, World};

use super::track::{self, FORMER, INCIDENT, LEAF, LeafRow, MEMBER, REST, RestRow, SILENCED, TREE};

/// The saved state.
#[derive(Clone, Debug, Default)]
pub struct Saved {
    leaves: BTreeMap<Arc<str>, LeafRow>,
    trees: BTreeMap<Arc<str>, SavedTree>,
    alerts: SavedAlerts,
    stopped: Timestamp,
}

impl Saved {
    /// An empty saved state of an Up that stopped at `stopped`.
    pub fn new(stopped: Timestamp) -> Self {
        Self {
            stopped,
            ..Self::default()
        }
    }

    /// Parses the saved rows, each a kind, a key and a value. The error says what is wrong with a
    /// row.
    pub fn read(rows: &[(String, String, String)], stopped: Timestamp) -> Result<Self, String> {
        let mut saved = Self::new(stopped);
        let alerts = &mut saved.alerts;
        for (kind, key, value) in rows {
            let id = || key.parse().map_err(|_| format!("{key:?} is no id"));
            let path = || Arc::from(key.as_str());
            match kind.as_str() {
                LEAF => drop(saved.leaves.insert(path(), of(value)?)),
                TREE => drop(saved.trees.insert(path(), of(value)?)),
                INCIDENT => drop(alerts.incidents.insert(id()?, of(value)?)),
                MEMBER => drop(alerts.members.insert(path(), of(value)?)),
                FORMER => drop(alerts.former.insert(path(), of(value)?)),
                SILENCED => drop(alerts.silenced.insert(path())),
                REST => {
                    let RestRow { told, last } = of(value)?;
                    (alerts.told, alerts.last) = (told, last);
                }
                other => return Err(format!("{other:?} is nothing that this Up knows")),
            }
        }
        Ok(saved)
    }
}

fn of<T: DeserializeOwned>(value: &str) -> Result<T, String> {
    serde_json::from_str(value).map_err(|error| error.to_string())
}

/// Restores the saved state and the controls into a new watch over a new world of that plan. The
/// components of unchanged sources are added to the world. Call [`Watch::take_up`] afterwards.
pub fn restore(
    (saved, controls): (&Saved, Controls),
    plan: &Plan,
    (world, watch): (&mut World, &mut Watch),
    now: Moment,
) {
    let mut by_source: BySource<'_> = HashMap::new();
    for (path, row) in &saved.leaves {
        let source = (row.origin.clone(), row.source.clone());
        by_source.entry(source).or_default().push((path, row));
    }
    for (probe, planned) in plan.probes.iter().enumerate() {
        let components = component_outline(rows_of(plan, probe, &by_source));
        if components.len() > 1 {
            world.restore_components(planned.node, &components);
        }
    }
    let mut nodes: HashMap<Arc<str>, NodeId> = HashMap::new();
    for probe in 0..plan.probes.len() {
        let node = plan.probes[probe].node;
        let rows = rows_of(plan, probe, &by_source);
        if let Some((path, _)) = rows.iter().find(|(_, row)| !row.part) {
            let name = path.rsplit('/').next().unwrap_or_default();
            world.rename(node, name);
        }
        let below: HashMap<Arc<str>, NodeId> = std::iter::once(node)
            .chain(world.outline().below(node))
            .map(|id| (Arc::clone(&world.outline().node(id).path), id))
            .collect();
        for (path, row) in rows {
            if let Some(id) = below.get(*path) {
                world.restore(*id, row.leaf, saved.stopped, now.wall);
                nodes.insert(Arc::clone(path), *id);
            }
        }
    }
    for tree in &plan.trees {
        let path = &world.outline().node(tree.node).path;
        if let Some(kept) = saved.trees.get(path) {
            world.restore_tree(tree.node, *kept, now.wall);
        }
    }
    let kept = (&saved.alerts, controls);
    watch.restore(world, kept, now, |path| nodes.get(path).copied());
}

/// The rows of each source, by the source's origin and fingerprint.
type BySource<'s> = HashMap<(String, String), Vec<(&'s Arc<str>, &'s LeafRow)>>;

fn rows_of<'s, 'r>(
    plan: &Plan,
    probe: usize,
    by_source: &'r BySource<'s>,
) -> &'r [(&'s Arc<str>, &'s LeafRow)] {
    let probe = &plan.probes[probe];
    let source = (probe.origin.to_string(), track::source(probe));
    by_source.get(&source).map_or(&[], Vec::as_slice)
}

/// The saved components of a source: a node for each, and the groups between.
fn component_outline(rows: &[(&Arc<str>, &LeafRow)]) -> Outline {
    let mut outline = Outline::default();
    let own = rows.iter().find(|(_, row)| !row.part);
    let Some(above) = own.map(|(path, _)| &***path) else {
        return outline;
    };
    let name = above.rsplit('/').next().unwrap_or_default();
    let root = outline.push(None, Node::new(Kind(""), name));
    let names = |path: &str| -> Option<Vec<String>> {
        let below = path.strip_prefix(above)?.strip_prefix('/')?;
        Some(below.split('/').map(str::to_owned).collect())
    };
    let components = rows.iter().filter(|(_, row)| row.part);
    let mut components: Vec<Vec<String>> = components.filter_map(|(path, _)| names(path)).collect();
    // Sorted by name, so that the members of a group are together.
    components.sort();
    components.truncate(MAX_COMPONENTS);
    let mut trail: Vec<(String, NodeId)> = Vec::new();
    for names in components {
        let shared = trail.iter().zip(&names).take_while(|((a, _), b)| a == *b);
        let shared = shared.count().min(names.len() - 1);
        trail.truncate(shared);
        for (depth, name) in names.iter().enumerate().skip(shared) {
            let is_leaf = depth + 1 == names.len();
            let kind = if is_leaf { Kind::PART } else { Kind::TREE };
            let parent = trail.last().map_or(root, |(_, id)| *id);
            let id = outline.push(Some(parent), Node::new(kind, name));
            if !is_leaf {
                trail.push((name.clone(), id));
            }
        }
    }
    outline
}
