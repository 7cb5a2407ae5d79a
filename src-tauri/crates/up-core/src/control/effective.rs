//! Where each node stands: paused, under maintenance, snoozed. Made anew when something changes or
//! ends, so that asking for one node costs nothing.

use crate::control::{Controls, Window};
use crate::hold::Hold;
use crate::outline::{NodeId, Outline};
use crate::sample::Timestamp;
use crate::world::World;

/// How one node stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EffectiveControls {
    /// Not to be asked.
    pub paused: bool,
    /// Under maintenance until then, Unix seconds.
    pub maintenance: Option<Timestamp>,
    /// Nothing is told of it until then, Unix seconds.
    pub snoozed: Option<Timestamp>,
}

/// How all nodes of an outline stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standings {
    nodes: Vec<EffectiveControls>,
    muted: bool,
    next: Option<Timestamp>,
}

impl Standings {
    /// How they stand now.
    pub fn of(outline: &Outline, controls: &Controls, windows: &[Window], now: Timestamp) -> Self {
        let open: Vec<(&Window, Timestamp)> = windows
            .iter()
            .filter_map(|window| Some((window, window.open(now)?)))
            .collect();
        let mut nodes: Vec<EffectiveControls> = Vec::with_capacity(outline.len());
        for (_, node) in outline.iter() {
            let above = node.parent.map(|parent| nodes[parent.index()]);
            let above = above.unwrap_or_default();
            let path = &*node.path;
            let snooze = controls.snoozed.get(path).map(|snooze| snooze.until);
            // A path may lead through a tree that is not in the outline, so each is asked in full.
            let windows = open.iter().filter(|(window, _)| window.covers(path));
            nodes.push(EffectiveControls {
                paused: above.paused || controls.paused.contains_key(path),
                maintenance: latest(windows.map(|(_, until)| *until)),
                snoozed: latest(
                    snooze
                        .into_iter()
                        .chain(above.snoozed)
                        .filter(|until| *until > now),
                ),
            });
        }
        let turns = windows.iter().filter_map(|window| window.next_turn(now));
        Self {
            nodes,
            muted: controls.mute(now).is_some(),
            next: turns.chain(controls.next_end(now)).min_by(f64::total_cmp),
        }
    }

    /// Holds the nodes of that outline as they stand.
    pub fn hold(&self, world: &mut World) {
        for id in world.outline().ids() {
            let standing = self.at(id);
            world.hold(id, Hold::Paused, standing.paused);
            world.hold(id, Hold::Maintenance, standing.maintenance.is_some());
        }
    }

    /// How a node stands; as if nothing had been asked, of one that the outline did not have.
    pub fn at(&self, id: NodeId) -> EffectiveControls {
        self.nodes.get(id.index()).copied().unwrap_or_default()
    }

    /// True while nothing is told of a node.
    pub fn is_silent(&self, id: NodeId) -> bool {
        self.muted || self.at(id).snoozed.is_some()
    }

    /// When they are to be made anew, by the wall's clock.
    pub fn next(&self) -> Option<Timestamp> {
        self.next
    }

    /// For how many nodes they were made.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True when they were made for no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn latest(times: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    times.max_by(f64::total_cmp)
}
