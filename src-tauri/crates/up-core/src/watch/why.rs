//! Answering why people were told of a path, or were not.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Watch;
use super::depends::leaves;
use crate::decisions::{Reader, Reading, Standing, Why};
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::world::World;

impl Watch {
    /// Why people were told of that node, or were not, for somebody who asks at that time in that
    /// zone.
    pub fn why(&self, world: &World, node: NodeId, now: Timestamp, zone: &TimeZone) -> Why {
        let reader = Reader {
            mood: self.herald.mood_now(),
            now,
            zone: zone.clone(),
        };
        let reading = |node: NodeId| {
            let of = world.outline().node(node);
            Reading {
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
            return Why::of_source(read(node));
        }
        let all = leaves(world.outline(), node);
        let all = all.map(|leaf| (reading(leaf).summary().code, leaf));
        Why::of_tree(world, node, all.collect(), read)
    }

    fn standing(&self, world: &World, node: NodeId, now: Timestamp) -> Standing {
        let of = world.outline().node(node);
        let (controls, own) = (self.desk.controls(), self.desk.standing(node));
        let mute = controls.mute(now).map(|mute| (true, mute.until));
        let snooze = own.snoozed.map(|until| (false, Some(until)));
        let silenced = self.herald.is_hushed(node);
        let blocker = self.depends.blocking(node);
        let verdict = world.state(node).judge.verdict();
        Standing {
            is_told: self.herald.is_open(node),
            is_waiting: self.herald.is_waiting(node),
            silenced: mute.or(snooze).filter(|_| silenced),
            is_known: self.desk.is_known(&of.path),
            paused: controls.pause(&of.path).map(|(_, pause)| pause.since),
            maintenance: own.maintenance,
            blocker: blocker.map(|on| Arc::clone(&world.outline().node(on).path)),
            alertable: self.herald.minds(of.rules, verdict),
        }
    }
}
