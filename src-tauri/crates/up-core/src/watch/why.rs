//! `up why`: the explanation why people were notified of a node, or were not.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Watch;
use crate::decisions::{ExplainedControls, Explanation, ReaderContext, SourceReading};
use crate::depends::leaves;
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::world::World;

impl Watch {
    /// Explains why people were notified of that node, or were not. Times are given as a reader at
    /// that time in that zone needs them.
    pub fn why(&self, world: &World, node: NodeId, now: Timestamp, zone: &TimeZone) -> Explanation {
        let reader = ReaderContext {
            mood: self.dispatcher.mood_now(),
            now,
            zone: zone.clone(),
        };
        let reading = |node: NodeId| {
            let of = world.outline().node(node);
            SourceReading {
                path: &of.path,
                state: world.state(node),
                rules: of.rules,
                decisions: self.decisions.of(world, node),
                standing: self.standing(world, node, now),
                reader: &reader,
            }
        };
        let read = |node: NodeId| reading(node).source();
        if world.outline().node(node).is_leaf() {
            return Explanation::of_source(read(node));
        }
        let all = leaves(world.outline(), node);
        let all = all.map(|leaf| (reading(leaf).summary().code, leaf));
        Explanation::of_tree(world, node, all.collect(), read)
    }

    fn standing(&self, world: &World, node: NodeId, now: Timestamp) -> ExplainedControls {
        let of = world.outline().node(node);
        let (controls, own) = (self.controls.controls(), self.controls.standing(node));
        let mute = controls.mute(now).map(|mute| (true, mute.until));
        let snooze = own.snoozed.map(|until| (false, Some(until)));
        let silenced = self.dispatcher.is_silenced(node);
        let blocker = self.depends.blocking(world.outline(), node);
        let verdict = world.state(node).judge.verdict();
        ExplainedControls {
            is_told: self.dispatcher.is_open(node),
            is_waiting: self.dispatcher.is_waiting(node),
            silenced: mute.or(snooze).filter(|_| silenced),
            is_known: self.controls.is_acknowledged(&of.path),
            paused: controls.pause(&of.path).map(|(_, pause)| pause.since),
            maintenance: own.maintenance,
            blocker: blocker.map(|on| Arc::clone(&world.outline().node(on).path)),
            alertable: self.dispatcher.is_alertable(of.rules, verdict),
        }
    }
}
