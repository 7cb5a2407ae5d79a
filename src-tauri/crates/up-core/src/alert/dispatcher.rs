//! The dispatcher: which changes people are notified of, when, and in how many notices.
//!
//! `flush.rs` makes the notices that are due, `grouping.rs` decides which falls are one incident,
//! and `reopened.rs` which fall goes on under the id of an incident that was over. What a notice
//! says, and who delivers it, is decided elsewhere.

mod asked;
mod flush;
mod grouping;
mod policy;
mod reopened;
mod saved;
mod unseen;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::incident::{Incident, PendingChange};
use super::rate_limiter::RateLimiter;
use crate::change::Change;
use crate::journal::Journal;
use crate::judge::{Beginning, Verdict};
use crate::moment::Moment;
use crate::mood::Mood;
use crate::notice::{Member, Notice};
use crate::outline::{NodeId, Outline};
use crate::world::World;

pub(crate) use flush::Near;
pub use policy::NotifyPolicy;
pub(crate) use unseen::Began;

use reopened::ReopenedIncidents;

/// The minimum delay before a notice. Checks that started together usually end within it, so that
/// their falls share a notice.
const SHORT: Duration = Duration::from_secs(1);
/// How often the dispatcher looks whether a group of changes is complete.
const LOOK: Duration = Duration::from_millis(500);
/// How long the first round of checks may take. After this time, falls are notified without waiting
/// for its end.
const START: Duration = Duration::from_mins(1);

/// What the dispatcher made of a change of verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeEffect {
    /// The change leads to no notice.
    Nothing,
    /// A source fell. Sources related to it may have fallen too.
    Fell,
    /// A source recovered from an incident that people know. Other members may have recovered too.
    Back,
}

/// Decides about notices: knows what people were notified of and what they are to be notified of.
#[derive(Clone, Debug, Default)]
pub struct Dispatcher {
    policy: NotifyPolicy,
    mood: Mood,
    /// The falls that belong to no incident yet.
    waiting: BTreeMap<NodeId, Member>,
    incidents: BTreeMap<u64, Incident>,
    /// The id of the incident that each member belongs to.
    incident_of: BTreeMap<NodeId, u64>,
    /// When each fall in `waiting` or in an incident began, by the steady clock.
    began: BTreeMap<NodeId, Began>,
    /// The sources that were not scored or unknown for a time and not seen up since, with the
    /// beginning of that time.
    unseen: BTreeMap<NodeId, Duration>,
    /// The incidents that sources recently recovered from, which a new fall continues.
    reopened: ReopenedIncidents,
    /// The sources about which no notices are sent.
    silenced: BTreeSet<NodeId>,
    /// The sources about which no reminders are sent.
    acknowledged: BTreeSet<NodeId>,
    group_wait: Option<GroupWait>,
    rate_limiter: RateLimiter,
    /// Notices that are sent at the next opportunity.
    ready: VecDeque<Notice>,
    last: u64,
    /// The decisions about sources that are not notices themselves, for `up why`.
    pub(crate) decided: Journal,
}

/// The time in which changes are gathered into a group.
#[derive(Clone, Copy, Debug)]
struct GroupWait {
    since: Duration,
    /// When the dispatcher next looks whether the group is complete.
    look: Duration,
}

/// What the watch knows about further changes that may belong to the group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MoreExpected {
    /// True when a source related to the group is in doubt, or is being checked again.
    pub(crate) soon: bool,
    /// When every source had been checked once; `None` before that.
    pub(crate) asked: Option<Duration>,
}

impl Dispatcher {
    /// Sets the policy and the mood.
    pub(crate) fn manner(&mut self, policy: NotifyPolicy, mood: Mood) {
        (self.policy, self.mood) = (policy, mood);
    }

    /// Sets the mood. Open incidents stay open. What is alertable in the new mood and not known to
    /// people waits to be notified.
    pub(crate) fn mood(&mut self, mood: Mood, world: &World, now: Moment) {
        self.mood = mood;
        self.review(world, now);
    }

    /// Processes a change of verdict. `began` is when the change began.
    pub(crate) fn on_verdict_change(
        &mut self,
        change: &Change,
        world: &World,
        (now, began): (Moment, Began),
    ) -> ChangeEffect {
        let node = change.node;
        if !self.incident_of.contains_key(&node) && !self.waiting.contains_key(&node) {
            self.began.insert(node, began);
        }
        let rules = world.outline().node(node).rules;
        let is_alertable = |verdict| rules.is_alertable(self.mood, verdict);
        let incident = self.incident_of.get(&node);
        let incident =
            incident.and_then(|id| self.incidents.get_mut(id).map(|incident| (*id, incident)));
        let member = Member {
            node,
            path: Arc::clone(&change.path),
            verdict: change.to,
            status: change.status,
            cause: change.cause.clone(),
            since: Beginning {
                date: change.date,
                is_observed: change.is_observed,
            },
            until: None,
            off: change.off,
        };
        let effect = match (change.to, incident) {
            (Verdict::Flapping, incident) => {
                let believed = world.state(node).judge.believed();
                let is_known = incident.is_some() || self.waiting.contains_key(&node);
                if is_known || is_alertable(believed) || is_alertable(change.from) {
                    self.flaps(member);
                }
                ChangeEffect::Nothing
            }
            (to, Some((_, incident))) => {
                let is_worse = incident.is_worse(to);
                let Some(known) = incident.members.get_mut(&node) else {
                    return ChangeEffect::Nothing;
                };
                let until = (!is_alertable(to)).then_some(change.date);
                let flapped = known.verdict == Verdict::Flapping;
                if to == Verdict::Unknown && until.is_some() && !flapped {
                    // Unknown is not alertable here, and does not show that the outage is over.
                    return ChangeEffect::Nothing;
                }
                let since = known.since;
                *known = Member {
                    since,
                    until,
                    ..member
                };
                if flapped {
                    incident.note_change(PendingChange::Settled);
                } else if is_worse {
                    incident.note_change(PendingChange::Worse);
                }
                until.map_or(ChangeEffect::Nothing, |_| ChangeEffect::Back)
            }
            (to, None) if is_alertable(to) && self.acknowledged.contains(&node) => {
                // Somebody has acknowledged this outage already. Only its end is worth a notice.
                let id = self.open_incident(Incident::new([member], PendingChange::Fell), now);
                if let Some(incident) = self.incidents.get_mut(&id) {
                    incident.mark_notified(world, now);
                }
                ChangeEffect::Nothing
            }
            (to, None) if is_alertable(to) => {
                let known = self.waiting.get(&node).map(|member| member.since);
                let since = known.unwrap_or(member.since);
                self.waiting.insert(node, Member { since, ..member });
                ChangeEffect::Fell
            }
            (_, None) => {
                self.waiting.remove(&node);
                ChangeEffect::Nothing
            }
        };
        self.update_group_wait(now);
        effect
    }

    /// Processes a change of what is believed beneath flapping: the source may so far have flapped
    /// only among levels that are not alertable.
    pub(crate) fn hear_of_flapping(&mut self, node: NodeId, world: &World, now: Moment) {
        let is_known = self.incident_of.contains_key(&node) || self.waiting.contains_key(&node);
        if !is_known && self.is_source_alertable(node, world) {
            self.waiting.insert(node, member(node, world));
            self.update_group_wait(now);
        }
    }

    /// True of a source whose verdict, or the verdict beneath its flapping, is alertable.
    fn is_source_alertable(&self, node: NodeId, world: &World) -> bool {
        let judge = world.state(node).judge;
        let rules = world.outline().node(node).rules;
        rules.is_alertable(self.mood, judge.believed())
    }

    /// Processes that a source flaps. It becomes an incident of its own, unless it is a member of
    /// one already.
    fn flaps(&mut self, member: Member) {
        let node = member.node;
        let Some(id) = self.incident_of.get(&node).copied() else {
            let since = self.waiting.get(&node).map_or(member.since, |m| m.since);
            self.waiting.insert(node, Member { since, ..member });
            return;
        };
        let Some(incident) = self.incidents.get_mut(&id) else {
            return;
        };
        let since = incident
            .members
            .get(&node)
            .map_or(member.since, |m| m.since);
        incident.members.insert(node, Member { since, ..member });
        incident.note_change(PendingChange::Flaps);
    }

    /// Silences a source, or ends that. When it ends, an incident that goes on is notified again.
    pub(crate) fn silence(&mut self, node: NodeId, silenced: bool, now: Moment) {
        if silenced {
            self.silenced.insert(node);
        } else if self.silenced.remove(&node) {
            let id = self.incident_of.get(&node);
            if let Some(incident) = id.and_then(|id| self.incidents.get_mut(id)) {
                let goes_on = incident
                    .members
                    .get(&node)
                    .is_some_and(|m| m.until.is_none());
                if goes_on && !incident.flaps() {
                    incident.note_change(PendingChange::Fell);
                    // Notified again, the incident has reminders like a new one.
                    incident.remind = None;
                }
            }
            self.update_group_wait(now);
        }
    }

    /// Marks a source as acknowledged, or ends that.
    pub(crate) fn acknowledge(&mut self, node: NodeId, acknowledged: bool) {
        if acknowledged {
            self.acknowledged.insert(node);
        } else {
            self.acknowledged.remove(&node);
        }
    }

    /// Examines every source: what is alertable now and not known to people waits to be notified.
    pub(crate) fn review(&mut self, world: &World, now: Moment) {
        for (node, _) in world.outline().iter().filter(|(_, node)| node.is_leaf()) {
            let flaps = world.state(node).judge.verdict() == Verdict::Flapping;
            if !self.is_source_alertable(node, world) {
                // A flapping source keeps waiting even if it is up at the moment.
                if !flaps {
                    self.waiting.remove(&node);
                }
            } else if world.state(node).hold.is_none() && !self.incident_of.contains_key(&node) {
                self.waiting
                    .entry(node)
                    .or_insert_with(|| member(node, world));
                self.began.entry(node).or_insert(Began::at(now.steady));
            }
        }
        self.update_group_wait(now);
    }

    /// Forgets the nodes that are gone. An incident of which no member is left is withdrawn.
    pub(crate) fn forget_gone(&mut self, outline: &Outline, now: Moment) {
        let stays = |node: &NodeId| outline.has(*node);
        self.waiting.retain(|node, _| stays(node));
        self.incident_of.retain(|node, _| stays(node));
        self.began.retain(|node, _| stays(node));
        self.unseen.retain(|node, _| stays(node));
        self.silenced.retain(stays);
        self.acknowledged.retain(stays);
        self.reopened.forget_gone(outline);
        let mut over = Vec::new();
        self.incidents.retain(|id, incident| {
            let gone = incident.members.extract_if(.., |node, _| !stays(node));
            let gone: Vec<Member> = gone.map(|(_, member)| member).collect();
            let goes_on = !incident.members.is_empty();
            if !goes_on {
                over.push((*id, gone));
            }
            goes_on
        });
        for (id, lost) in over {
            self.ready.extend(flush::withdrawn(id, lost, now));
            self.reopened.forget(id);
        }
        if self.waiting.is_empty() && !self.incidents.values().any(Incident::has_pending_change) {
            self.group_wait = None;
        }
    }

    /// Starts the group wait if there is something to notify of, and ends it if there is nothing
    /// any more.
    fn update_group_wait(&mut self, now: Moment) {
        let waits = self
            .waiting
            .keys()
            .any(|node| !self.silenced.contains(node));
        let anything = waits
            || self
                .incidents
                .values()
                .any(|incident| self.needs_notice(incident));
        let short = SHORT.min(self.policy.group_within);
        self.group_wait = anything.then(|| {
            self.group_wait.unwrap_or(GroupWait {
                since: now.steady,
                look: now.steady + short,
            })
        });
    }

    /// True of an incident with changes to notify of and a member that is not silenced.
    fn needs_notice(&self, incident: &Incident) -> bool {
        let mut members = incident.members.keys();
        incident.has_pending_change() && members.any(|node| !self.silenced.contains(node))
    }

    /// True when a notice is sent at the next input.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// When the dispatcher next has a notice to send or a group to examine.
    pub(crate) fn due(&self) -> Option<Duration> {
        if !self.ready.is_empty() {
            return Some(Duration::ZERO);
        }
        let reminders = self
            .incidents
            .values()
            .filter_map(|incident| incident.remind);
        let reminders = reminders.map(|remind| remind.due);
        let look = self.group_wait.map(|wait| wait.look);
        reminders.chain(look).min()
    }
}

/// An incident's member, made from the current state of a source.
fn member(node: NodeId, world: &World) -> Member {
    let state = world.state(node);
    let sample = state.sample.as_ref();
    Member {
        node,
        path: Arc::clone(&world.outline().node(node).path),
        verdict: state.judge.verdict(),
        status: sample.and_then(|sample| sample.status),
        cause: sample.and_then(|sample| sample.cause.clone()),
        since: state.judge.since(),
        until: None,
        off: None,
    }
}
