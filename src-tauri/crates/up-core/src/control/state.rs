//! The desk: where people's controls lie while Up runs. It holds nodes as they ask and as the
//! windows open, and says whose news is told to nobody.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Control, Controls, EffectiveControls, Standings, Window, is_at_or_below};
use crate::change::Change;
use crate::judge::Verdict;
use crate::moment::Moment;
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::status::Level;
use crate::world::World;

/// The wall's clock may be set: what waits for it looks at it at least so often.
const LOOK: Duration = Duration::from_secs(30);

/// Where people's controls lie while Up runs.
#[derive(Clone, Debug, Default)]
pub struct ControlState {
    controls: Controls,
    windows: Vec<Window>,
    standings: Standings,
    /// The paths of the leaves whose present outage somebody knows of.
    acknowledged: BTreeSet<Arc<str>>,
    /// For which shape of the world, and when, the standings were made; `None`: they are stale.
    made: Option<(u64, Timestamp)>,
    due: Option<Duration>,
    revision: u64,
}

impl ControlState {
    /// Takes up a plan's windows, and a world made anew.
    pub fn take_up(&mut self, windows: Vec<Window>) {
        self.windows = windows;
        self.made = None;
    }

    /// What is in force, as far as it has not ended by itself.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Takes what a person asks.
    pub fn control(&mut self, world: &World, control: &Control, now: Moment) {
        let mut controls = self.controls.clone();
        controls.apply(control, now.wall);
        self.replace(world, controls);
    }

    /// Takes all that is in force, as it was kept.
    pub fn replace(&mut self, world: &World, controls: Controls) {
        if controls == self.controls {
            return;
        }
        let fresh: Vec<&String> = controls
            .acknowledged
            .iter()
            .filter(|(path, given)| self.controls.acknowledged.get(*path) != Some(given))
            .map(|(path, _)| path)
            .collect();
        let is_trouble = |id: NodeId| match world.verdict(id) {
            Verdict::Unasked => false,
            verdict => verdict != Verdict::At(Level::Up),
        };
        for (id, node) in world.outline().iter().filter(|(_, node)| !node.is_tree()) {
            let is_meant = fresh.iter().any(|path| is_at_or_below(&node.path, path));
            if is_meant && is_trouble(id) {
                self.acknowledged.insert(Arc::clone(&node.path));
            }
        }
        self.acknowledged
            .retain(|path| controls.acknowledgement(path).is_some());
        self.controls = controls;
        self.made = None;
    }

    /// Hears of a change. `recovered`: what is left behind was to be told of, and this is not.
    /// True when that changed whether somebody knows of it.
    pub fn hear(&mut self, change: &Change, recovered: bool) -> bool {
        let is_first = change.from == Verdict::Unasked;
        let changed = if recovered || change.to == Verdict::At(Level::Up) {
            self.acknowledged.remove(&change.path)
        } else {
            // Acknowledged before this Up was started: it goes on.
            is_first
                && self.controls.acknowledgement(&change.path).is_some()
                && self.acknowledged.insert(Arc::clone(&change.path))
        };
        if changed {
            self.made = None;
        }
        changed
    }

    /// Takes off the desk what was acknowledged and is over; says the paths, and since when each
    /// had been acknowledged.
    pub fn over(&mut self, world: &World) -> Vec<(String, Timestamp)> {
        let is_over = |path: &str| {
            let Some(id) = world.outline().find(path) else {
                // Another Up's, perhaps: its configuration may differ.
                return false;
            };
            let mut below = world.outline().subtree(id).map(NodeId::at);
            below.all(|id| {
                let node = world.outline().node(id);
                node.is_tree()
                    || !(self.acknowledged.contains(&node.path)
                        || world.verdict(id) == Verdict::Unasked)
            })
        };
        let given = self.controls.acknowledged.iter();
        let over: Vec<(String, Timestamp)> = given
            .filter(|(path, _)| is_over(path))
            .map(|(path, given)| (path.clone(), given.since))
            .collect();
        for (path, _) in &over {
            self.controls.acknowledged.remove(path);
            self.made = None;
        }
        over
    }

    /// Finds out anew how all nodes stand, when that may have changed; false when it has not.
    pub fn settle(&mut self, world: &World, now: Moment) -> bool {
        let is_fresh = self.made.is_some_and(|(shape, at)| {
            let next = self.standings.next();
            shape == world.shape() && at <= now.wall && next.is_none_or(|next| now.wall < next)
        });
        if !is_fresh {
            self.standings =
                Standings::of(world.outline(), &self.controls, &self.windows, now.wall);
            self.made = Some((world.shape(), now.wall));
            self.revision += 1;
        }
        self.due = self.standings.next().map(|next| {
            let left = Duration::try_from_secs_f64(next - now.wall).unwrap_or_default();
            now.steady + left.min(LOOK)
        });
        !is_fresh
    }

    /// Counts up with every change of what is in force.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// When [`ControlState::settle`] is wanted, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        self.due
    }

    /// How a node stands.
    pub fn standing(&self, id: NodeId) -> EffectiveControls {
        self.standings.at(id)
    }

    /// True while nothing is told of a node.
    pub fn is_silent(&self, id: NodeId) -> bool {
        self.standings.is_silent(id)
    }

    /// True of a leaf whose present outage somebody knows of: it needs no reminder.
    pub fn is_acknowledged(&self, path: &str) -> bool {
        self.acknowledged.contains(path)
    }
}
