//! The state of people's controls while Up runs. It holds nodes that are paused or under
//! maintenance, and says which nodes are silent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Control, Controls, EffectiveControls, Standings, Window};
use crate::change::Change;
use crate::judge::Verdict;
use crate::moment::Moment;
use crate::outline::NodeId;
use crate::path::is_at_or_below;
use crate::sample::Timestamp;
use crate::status::Level;
use crate::world::World;

/// The wall clock may be set at any time, so whatever waits for a wall time looks at it at least
/// this often.
const LOOK: Duration = Duration::from_secs(30);

/// The state of people's controls while Up runs.
#[derive(Clone, Debug, Default)]
pub struct ControlState {
    controls: Controls,
    windows: Vec<Window>,
    standings: Standings,
    /// The paths of the leaves whose present outage is acknowledged.
    acknowledged: BTreeSet<Arc<str>>,
    /// The version of the world's shape and the time for which `standings` was computed; `None`
    /// when it is out of date.
    made: Option<(u64, Timestamp)>,
    due: Option<Duration>,
    revision: u64,
}

impl ControlState {
    /// Uses the maintenance windows of a new plan, whose world is new too.
    pub fn take_up(&mut self, windows: Vec<Window>) {
        self.windows = windows;
        self.made = None;
    }

    /// The controls. Those that have ended by themselves may be missing.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Applies a control of a person.
    pub fn control(&mut self, world: &World, control: &Control, now: Moment) {
        let mut controls = self.controls.clone();
        controls.apply(control, now.wall);
        self.replace(world, controls);
    }

    /// Goes on with the controls from before the start. The outages in `world` that they acknowledge
    /// stay acknowledged, even if the file was read before there was a world.
    pub fn restore(&mut self, world: &World, controls: Controls) {
        self.controls = Controls::default();
        self.made = None;
        self.replace(world, controls);
    }

    /// Replaces all controls by those that were read from the file.
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

    /// Processes a change of verdict. `recovered` is true when the verdict was alertable and is not
    /// any more. Returns true when that ended or began an acknowledgement of the outage.
    pub fn on_verdict_change(&mut self, change: &Change, recovered: bool) -> bool {
        let is_first = change.from == Verdict::Unasked;
        let changed = if recovered || change.to == Verdict::At(Level::Up) {
            self.acknowledged.remove(&change.path)
        } else {
            // An outage that was acknowledged before this Up was started goes on.
            is_first
                && self.controls.acknowledgement(&change.path).is_some()
                && self.acknowledged.insert(Arc::clone(&change.path))
        };
        if changed {
            self.made = None;
        }
        changed
    }

    /// Removes acknowledgements whose outages are over. Returns their paths, and when each was
    /// given.
    pub fn over(&mut self, world: &World) -> Vec<(String, Timestamp)> {
        let is_over = |path: &str| {
            let Some(id) = world.outline().find(path) else {
                // The acknowledgement may belong to another Up with another configuration.
                return false;
            };
            let mut below = world.outline().at_and_below(id);
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

    /// Computes the controls in effect again if they may have changed. Returns false when they have
    /// not.
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

    /// Grows with every change of the controls.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// When [`ControlState::settle`] is due, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        self.due
    }

    /// The controls in effect for a node.
    pub fn standing(&self, id: NodeId) -> EffectiveControls {
        self.standings.at(id)
    }

    /// True while no notices are sent about the node.
    pub fn is_silent(&self, id: NodeId) -> bool {
        self.standings.is_silent(id)
    }

    /// True of a leaf whose present outage is acknowledged, so that it needs no reminder.
    pub fn is_acknowledged(&self, path: &str) -> bool {
        self.acknowledged.contains(path)
    }
}
