//! Who is held and who is let go, by people's controls and by dependencies. The holds of our own
//! network are the guard's.

use super::{Watch, WatchOutput};
use crate::control::EffectiveControls;
use crate::hold::Hold;
use crate::journal::DecisionKind;
use crate::moment::Moment;
use crate::outline::NodeId;
use crate::world::World;

impl Watch {
    /// Does as people asked, where what they asked, or the time, is another.
    pub(super) fn obey(&mut self, world: &mut World, now: Moment, output: &mut WatchOutput) {
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
                self.heard_of(node, now);
            }
        }
    }

    /// Holds a source for a reason of our own, or lets it go.
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
            self.held(world, now, node);
        } else {
            self.recheck(world, vec![node], output);
        }
        self.turned(world, now, node, output);
    }

    /// It is not scored any more.
    pub(super) fn held(&mut self, world: &mut World, now: Moment, node: NodeId) {
        self.doubted.remove(&node);
        if self.dispatcher.held(node, now) {
            self.unsaved.leaf(node);
            self.decisions.record(node, DecisionKind::Forgotten);
            self.forget(world, node);
        }
    }

    /// What is believed of a source has changed: holds whoever depends on it, or lets them go.
    pub(super) fn turned(
        &mut self,
        world: &mut World,
        now: Moment,
        node: NodeId,
        output: &mut WatchOutput,
    ) {
        for node in self.depends.turned(world, node) {
            // Asked now: whoever was let go before may have cut it off again.
            let blocked = self.depends.is_inhibited(node);
            self.hold(world, node, (now, Hold::Unreachable, blocked), output);
        }
    }
}
