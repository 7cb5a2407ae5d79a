//! The decisions that the watch records for `up why`, one call at each place where one is made.

use std::sync::Arc;

use super::{Moment, Watch};
use crate::change::Change;
use crate::hold::Hold;
use crate::journal::DecisionKind;
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::notice::Notice;
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

impl Watch {
    /// Names the sinks that receive notices from now on, for a person and without secrets.
    pub fn sinks(&mut self, sinks: Arc<[Arc<str>]>) {
        self.decisions.sinks(sinks);
    }

    /// The recorded decisions.
    #[cfg(test)]
    pub(crate) fn decisions(&self) -> &crate::decisions::Decisions {
        &self.decisions
    }

    /// Records how a sample was judged. Costs nothing while the samples agree with the verdict.
    pub(super) fn note_judged(
        &mut self,
        world: &World,
        node: NodeId,
        change: Option<&Change>,
        wanted: u32,
    ) {
        let (state, doubted) = (world.state(node), self.doubted.contains_key(&node));
        let is_news = doubted || change.is_some() || state.judge.doubts();
        if !is_news || state.hold.is_some() {
            return;
        }
        let (dispatcher, rules) = (&self.dispatcher, world.outline().node(node).rules);
        let wanted = if wanted == u32::MAX {
            rules.down_after
        } else {
            wanted
        };
        let change = change.map(|change| {
            let alertable = dispatcher.is_alertable(rules, change.to);
            (change, alertable, dispatcher.mood_now())
        });
        self.decisions
            .judged(node, state, (doubted, wanted), change);
    }

    /// Records what the dispatcher made of a change. `waited`: the source's fall was waiting for its
    /// group before.
    pub(super) fn note_heard(&mut self, change: &Change, waited: bool) {
        let node = change.node;
        let waits = self.dispatcher.is_waiting(node);
        if waits && !waited {
            self.decisions.record(node, DecisionKind::Gathered);
        } else if waited && !waits && !self.dispatcher.is_open(node) {
            self.decisions.record(node, DecisionKind::Reverted);
        }
    }

    /// Records that the source itself reports maintenance, or its end.
    pub(super) fn note_reported(&mut self, node: NodeId, is_held: bool) {
        self.decisions.record(
            node,
            if is_held {
                DecisionKind::Held(Hold::Maintenance)
            } else {
                DecisionKind::Released(Hold::Maintenance)
            },
        );
    }

    /// Records that a source is held for that reason, or released.
    pub(super) fn note_hold(&mut self, world: &World, node: NodeId, reason: Hold, held: bool) {
        let what = match reason {
            _ if !held => DecisionKind::Released(reason),
            Hold::Unreachable => match self.depends.blocking(world.outline(), node) {
                Some(on) => DecisionKind::Unreachable(Arc::clone(&world.outline().node(on).path)),
                None => DecisionKind::Held(reason),
            },
            Hold::Maintenance => match self.controls.standing(node).maintenance {
                Some(until) => DecisionKind::Maintenance(until),
                None => DecisionKind::Held(reason),
            },
            Hold::Paused | Hold::Offline => DecisionKind::Held(reason),
        };
        self.decisions.record(node, what);
    }

    /// Records that the connectivity guard holds a source, or releases it.
    pub(super) fn note_network(&mut self, world: &World, node: NodeId, held: bool) {
        let because = self.connectivity.because(world, node);
        if let Some((found, group)) = because {
            self.decisions
                .record(node, DecisionKind::network(found, group));
        } else {
            let what = [
                DecisionKind::Released(Hold::Offline),
                DecisionKind::Held(Hold::Offline),
            ];
            let [released, held_now] = what;
            self.decisions
                .record(node, if held { held_now } else { released });
        }
    }

    /// Records what the controls change for a source. Called before they are applied.
    pub(super) fn note_controls(&mut self, world: &World, node: NodeId, known: bool, now: Moment) {
        let silent = self.controls.is_silent(node);
        if silent != self.dispatcher.is_silenced(node) {
            let mute = self.controls.controls().mute(now.wall);
            let what = match mute {
                _ if !silent => DecisionKind::Unsilenced,
                Some(mute) => DecisionKind::Silenced {
                    muted: true,
                    until: mute.until,
                },
                None => DecisionKind::Silenced {
                    muted: false,
                    until: self.controls.standing(node).snoozed,
                },
            };
            self.decisions.record(node, what);
        }
        let is_trouble = !matches!(
            world.state(node).judge.verdict(),
            Verdict::Unasked | Verdict::At(Level::Up)
        );
        if known && is_trouble && !self.dispatcher.is_acknowledged(node) {
            self.decisions.record(node, DecisionKind::Acknowledged);
        }
    }

    /// Records what a new mood means for the sources in trouble: which of them are alertable.
    pub(super) fn note_mood(&mut self, world: &World, mood: Mood) {
        for (node, of) in world.outline().iter().filter(|(_, node)| node.is_leaf()) {
            let verdict = world.state(node).judge.verdict();
            if matches!(verdict, Verdict::Unasked | Verdict::At(Level::Up)) {
                continue;
            }
            let alertable = self.dispatcher.is_alertable(of.rules, verdict);
            self.decisions
                .record(node, DecisionKind::Mood { mood, alertable });
        }
    }

    /// Records the notices of an input, and what else the dispatcher decided.
    pub(super) fn note_told(&mut self, notices: &[Notice]) {
        self.decisions.extend(self.dispatcher.decided.take());
        for notice in notices {
            self.decisions.record_notice(notice);
        }
    }
}
