//! Makes the notices that are due. Falls with a common cause share a notice, the rate limit holds,
//! and no fall is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Dispatcher, GroupWait, LOOK, MoreExpected, START};
use crate::alert::cause::CommonCauses;
use crate::alert::incident::{Incident, PendingChange};
use crate::connectivity::ConnectivityGuard;
use crate::depends::Depends;
use crate::journal::DecisionKind;
use crate::moment::Moment;
use crate::notice::{Member, Notice, NoticeKind, Urgency};
use crate::outline::NodeId;
use crate::world::World;

impl Dispatcher {
    /// Returns the notices that are due now.
    pub(crate) fn notices_due(
        &mut self,
        world: &World,
        near: &Near<'_>,
        now: Moment,
        expected: impl FnOnce(&Self) -> MoreExpected,
    ) -> Vec<Notice> {
        let mut notices: Vec<Notice> = self.ready.drain(..).collect();
        if self.group_wait.is_some_and(|wait| wait.look <= now.steady) {
            let expected = expected(self);
            if self.is_whole(expected, now) {
                notices.extend(self.flush(world, near, now));
            }
        }
        notices.extend(self.remind(world, near.depends, now));
        notices
    }

    /// True when the group of changes is complete. Otherwise sets when to look again.
    fn is_whole(&mut self, expected: MoreExpected, now: Moment) -> bool {
        let Some(wait) = &mut self.group_wait else {
            return false;
        };
        let within = self.policy.group_within;
        let last = wait.since + START.max(within);
        let until = match expected.asked {
            Some(asked) => (wait.since.max(asked) + within).min(last),
            None => last,
        };
        if until <= now.steady || (expected.asked.is_some() && !expected.soon) {
            return true;
        }
        wait.look = until.min(now.steady + LOOK);
        false
    }

    fn flush(&mut self, world: &World, near: &Near<'_>, now: Moment) -> Vec<Notice> {
        self.group_wait = None;
        let left = self.rate_limiter.left(self.policy.most.max(1), now.steady);
        if left == 0 {
            // The outages may be over by then, and need no notice.
            let look = self.rate_limiter.next(now.steady);
            let since = now.steady;
            let waits: Vec<NodeId> = self.gathered().collect();
            self.decided.note_all(waits, &DecisionKind::RateLimited);
            self.group_wait = Some(GroupWait { since, look });
            return Vec::new();
        }
        let open = self.incidents.values().flat_map(Incident::open);
        let down: BTreeSet<NodeId> = open
            .map(|m| m.node)
            .chain(self.waiting.keys().copied())
            .collect();
        // A source in doubt may be down for the same reason, and one whose recovery is not notified
        // yet was. Both count when causes are found.
        let known = self.incidents.values();
        let known = known.flat_map(|incident| incident.members.keys().copied());
        let known: Vec<NodeId> = known.collect();
        let perhaps = down
            .iter()
            .chain(&known)
            .chain(near.doubted.keys())
            .chain(near.awaited)
            .copied()
            .collect();
        let mut perhaps = CommonCauses::new(world, near.depends, perhaps);
        self.sort(world, near, &mut perhaps, now);
        let mut causes = CommonCauses::new(world, near.depends, down);
        let due = self
            .incidents
            .iter()
            .filter(|(_, incident)| self.needs_notice(incident));
        let mut due: Vec<(bool, u64)> = due
            .map(|(id, incident)| (incident.pending.is_none(), *id))
            .collect();
        // Incidents with falls come before those with recoveries only.
        due.sort_unstable();
        let mut due: Vec<u64> = due.into_iter().map(|(_, id)| id).collect();
        let mut notices = Vec::new();
        let mut rest = Vec::new();
        if due.len() > left {
            rest = due.split_off(left - 1);
        }
        for id in due {
            notices.extend(self.make_notice(id, None, world, &mut causes, now));
        }
        if let Some(id) = self.summed_up(rest, now) {
            let kind = Some(NoticeKind::Summary);
            notices.extend(self.make_notice(id, kind, world, &mut causes, now));
        }
        notices
    }

    /// Merges these incidents into one with a new id; `None` when there are none.
    fn summed_up(&mut self, rest: Vec<u64>, now: Moment) -> Option<u64> {
        if rest.is_empty() {
            return None;
        }
        let into = self.open_incident(Incident::new([], PendingChange::Fell), now);
        for id in rest {
            self.merge(into, id);
        }
        Some(into)
    }

    /// Opens an incident with a new id. Returns the id.
    pub(super) fn open_incident(&mut self, incident: Incident, now: Moment) -> u64 {
        let id = self.new_id(now);
        self.begin(id, incident);
        id
    }

    /// Opens an incident with the given id.
    pub(super) fn begin(&mut self, id: u64, incident: Incident) {
        let nodes = incident.members.keys().map(|node| (*node, id));
        self.incident_of.extend(nodes);
        self.incidents.insert(id, incident);
    }

    /// A new id that no earlier incident has, not even of an earlier run.
    pub(super) fn new_id(&mut self, now: Moment) -> u64 {
        // Ids are milliseconds since 1970, which stay below 2^53, so that any JSON reader keeps
        // them exactly.
        self.last = (self.last + 1).max((now.wall.max(0.0) * 1_000.0) as u64);
        self.last
    }

    /// The notice of an incident. Members that have recovered leave the incident.
    fn make_notice(
        &mut self,
        id: u64,
        kind: Option<NoticeKind>,
        world: &World,
        causes: &mut CommonCauses<'_>,
        now: Moment,
    ) -> Option<Notice> {
        let incident = self.incidents.get_mut(&id)?;
        let kind = kind.unwrap_or_else(|| incident.kind());
        let notice = incident.notice(id, kind, world, causes, now);
        for node in incident.mark_notified(world, now) {
            self.incident_of.remove(&node);
            self.acknowledged.remove(&node);
            self.reopened.is_back(node, id, now);
        }
        if incident.members.is_empty() {
            self.incidents.remove(&id);
        }
        self.rate_limiter.record(now.steady);
        Some(notice)
    }

    /// Makes the reminders of incidents that go on.
    fn remind(&mut self, world: &World, depends: &Depends, now: Moment) -> Vec<Notice> {
        let is_due = |incident: &Incident| {
            incident
                .remind
                .is_some_and(|remind| remind.due <= now.steady)
        };
        let due: Vec<u64> = (self.incidents.iter())
            .filter(|(_, incident)| is_due(incident))
            .map(|(id, _)| *id)
            .collect();
        let mut notices = Vec::new();
        for id in due {
            let may = self.rate_limiter.left(self.policy.most.max(1), now.steady) > 0;
            let Some(incident) = self.incidents.get_mut(&id) else {
                continue;
            };
            let wanted = incident.open().any(|member| {
                let node = &member.node;
                let silent = self.silenced.contains(node) || self.acknowledged.contains(node);
                !silent && world.state(*node).hold.is_none()
            });
            if !wanted || incident.has_pending_change() {
                incident.not_now(now, Duration::ZERO);
            } else if !may {
                incident.not_now(now, LOOK);
            } else {
                let down = incident.open().map(|member| member.node).collect();
                let mut causes = CommonCauses::new(world, depends, down);
                let kind = NoticeKind::Reminder;
                notices.push(incident.notice(id, kind, world, &mut causes, now));
                incident.was_reminded(now);
                self.rate_limiter.record(now.steady);
            }
        }
        notices
    }
}

/// What the dispatcher reads of the watch besides the falls.
pub(crate) struct Near<'w> {
    pub(crate) depends: &'w Depends,
    /// The sources in doubt, and since when.
    pub(crate) doubted: &'w BTreeMap<NodeId, Duration>,
    /// The sources that are being checked again because another one fell.
    pub(crate) awaited: &'w BTreeSet<NodeId>,
    /// The connectivity guard, which knows which hosts share a failure domain.
    pub(crate) guard: &'w ConnectivityGuard,
}

/// The last notice of an incident whose sources were removed from the configuration.
pub(super) fn withdrawn(id: u64, members: Vec<Member>, now: Moment) -> Option<Notice> {
    let paths = members.iter().map(|member| &*member.path);
    let path = crate::path::common(paths)?.into();
    let since = members.iter().map(|member| member.since.date);
    Some(Notice {
        id,
        kind: NoticeKind::Withdrawn,
        path,
        since: since.fold(now.wall, f64::min),
        members,
        urgency: Urgency::Low,
        date: now.wall,
        among: None,
        behind: 0,
        replaces: Vec::new(),
    })
}
