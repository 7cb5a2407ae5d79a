//! Which sources are held and released, by people's controls and by dependencies. Holds for our own
//! network are the connectivity guard's.

use super::{Watch, WatchOutput};
use crate::control::EffectiveControls;
use crate::hold::Hold;
use crate::journal::DecisionKind;
use crate::moment::Moment;
use crate::outline::NodeId;
use crate::world::World;

impl Watch {
    /// Applies the controls, if they changed or a time in them has come.
    pub(super) fn apply_controls(
        &mut self,
        world: &mut World,
        now: Moment,
        output: &mut WatchOutput,
    ) {
        output.over = self.controls.over(world);
        if !self.controls.settle(world, now) {
            return;
        }
        self.unsaved.alerts = true;
        for node in world.outline().ids() {
            let EffectiveControls {
                paused,
                maintenance,
                ..
            } = self.controls.standing(node);
            let holds = [
                (Hold::Paused, paused),
                (Hold::Maintenance, maintenance.is_some()),
            ];
            if world.outline().node(node).is_tree() {
                for (hold, held) in holds {
                    world.hold(node, hold, held);
                }
                continue;
            }
            let is_known = self
                .controls
                .is_acknowledged(&world.outline().node(node).path);
            self.note_controls(world, node, is_known, now);
            self.dispatcher.acknowledge(node, is_known);
            self.dispatcher
                .silence(node, self.controls.is_silent(node), now);
            for (hold, held) in holds {
                self.hold(world, node, (now, hold, held), output);
            }
            if paused {
                self.mark_checked(node, now);
            }
        }
    }

    /// Holds a source for that reason, or releases it.
    pub(super) fn hold(
        &mut self,
        world: &mut World,
        node: NodeId,
        (now, reason, held): (Moment, Hold, bool),
        output: &mut WatchOutput,
    ) {
        if !world.hold(node, reason, held) {
            return;
        }
        self.note_hold(world, node, reason, held);
        if held {
            self.suspend(world, now, node);
        } else {
            self.recheck(world, vec![node], output);
        }
        self.verdict_changed(world, now, node, output);
    }

    /// Ends the doubt about a source that is not scored any more. A verdict that nobody was notified
    /// of is forgotten.
    pub(super) fn suspend(&mut self, world: &mut World, now: Moment, node: NodeId) {
        self.doubted.remove(&node);
        if self.dispatcher.held(node, now) {
            self.unsaved.leaf(node);
            self.decisions.record(node, DecisionKind::Forgotten);
            self.forget(world, node);
        }
    }

    /// Holds or releases the sources that depend on one whose verdict changed.
    pub(super) fn verdict_changed(
        &mut self,
        world: &mut World,
        now: Moment,
        node: NodeId,
        output: &mut WatchOutput,
    ) {
        for node in self.depends.turned(world, node) {
            // Evaluated anew for each: releasing one source may have inhibited the next again.
            let blocked = self.depends.is_inhibited(node);
            self.hold(world, node, (now, Hold::Unreachable, blocked), output);
        }
    }
}
