//! The effect of people's controls and maintenance windows on each node: paused, under maintenance,
//! snoozed. It is computed when something changes or ends, so that a query for one node costs
//! nothing.

use crate::control::{Controls, Window};
use crate::hold::Hold;
use crate::outline::{NodeId, Outline};
use crate::sample::Timestamp;
use crate::world::World;

/// The controls in effect for one node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EffectiveControls {
    /// True when the node is not checked.
    pub paused: bool,
    /// The end of the node's maintenance, Unix seconds.
    pub maintenance: Option<Timestamp>,
    /// The time until which no notices are sent about the node, Unix seconds.
    pub snoozed: Option<Timestamp>,
}

/// The controls in effect for all nodes of an outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standings {
    /// The controls of each node, by the index of its key.
    nodes: Vec<EffectiveControls>,
    muted: bool,
    next: Option<Timestamp>,
}

impl Standings {
    /// Computes the controls in effect at `now`.
    pub fn of(outline: &Outline, controls: &Controls, windows: &[Window], now: Timestamp) -> Self {
        let open: Vec<(&Window, Timestamp)> = windows
            .iter()
            .filter_map(|window| Some((window, window.open(now)?)))
            .collect();
        let mut nodes = vec![EffectiveControls::default(); outline.slots()];
        for (id, node) in outline.iter() {
            let above = node.parent.map(|parent| nodes[parent.index()]);
            let above = above.unwrap_or_default();
            let path = &*node.path;
            let snooze = controls.snoozed.get(path).map(|snooze| snooze.until);
            // A window's path may belong to a tree that is not in the outline, so every node is
            // compared.
            let windows = open.iter().filter(|(window, _)| window.covers(path));
            nodes[id.index()] = EffectiveControls {
                paused: above.paused || controls.paused.contains_key(path),
                maintenance: latest(windows.map(|(_, until)| *until)),
                snoozed: latest(
                    snooze
                        .into_iter()
                        .chain(above.snoozed)
                        .filter(|until| *until > now),
                ),
            };
        }
        let turns = windows.iter().filter_map(|window| window.next_turn(now));
        Self {
            nodes,
            muted: controls.mute(now).is_some(),
            next: turns.chain(controls.next_end(now)).min_by(f64::total_cmp),
        }
    }

    /// Sets the holds of all nodes in `world`, whose outline must be the same.
    pub fn hold(&self, world: &mut World) {
        for id in world.outline().ids() {
            let standing = self.at(id);
            world.hold(id, Hold::Paused, standing.paused);
            world.hold(id, Hold::Maintenance, standing.maintenance.is_some());
        }
    }

    /// The controls in effect for a node; none for a node that the outline did not have.
    pub fn at(&self, id: NodeId) -> EffectiveControls {
        self.nodes.get(id.index()).copied().unwrap_or_default()
    }

    /// True while no notices are sent about the node.
    pub fn is_silent(&self, id: NodeId) -> bool {
        self.muted || self.at(id).snoozed.is_some()
    }

    /// When the controls in effect next change, in Unix seconds.
    pub fn next(&self) -> Option<Timestamp> {
        self.next
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True when there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn latest(times: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    times.max_by(f64::total_cmp)
}
