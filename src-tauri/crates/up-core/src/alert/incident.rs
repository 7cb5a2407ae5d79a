//! An incident: one outage with its members, from its first notice to the recovery of its last
//! member.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::cause::CommonCauses;
use crate::judge::Verdict;
use crate::moment::Moment;
use crate::notice::{Member, Notice, NoticeKind, Urgency};
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

/// The longest pause between two reminders.
const RARELY: Duration = Duration::from_hours(24);

/// The change of an incident that was not notified yet, besides recovered members. Later variants
/// prevail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PendingChange {
    /// A member is completely down now; people were notified of a better level.
    Worse,
    /// A member started to flap.
    Flaps,
    /// A member stopped flapping.
    Settled,
    /// Members fell.
    Fell,
}

/// When the next reminder of an incident is due, by the steady clock, and the pause before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remind {
    pub(super) due: Duration,
    pub(super) step: Duration,
}

/// An incident.
#[derive(Clone, Debug)]
pub(super) struct Incident {
    pub(super) members: BTreeMap<NodeId, Member>,
    pub(super) pending: Option<PendingChange>,
    pub(super) remind: Option<Remind>,
    /// The ids of the merged incidents that people were notified of.
    pub(super) replaces: Vec<u64>,
    /// True once people were notified of the incident, even before it was reopened.
    pub(super) notified: bool,
    /// The worst level that people were notified of.
    pub(super) worst: Option<Level>,
}

impl Incident {
    pub(super) fn new(members: impl IntoIterator<Item = Member>, pending: PendingChange) -> Self {
        let members = members.into_iter().map(|member| (member.node, member));
        Self {
            members: members.collect(),
            pending: Some(pending),
            remind: None,
            replaces: Vec::new(),
            notified: false,
            worst: None,
        }
    }

    /// The members that have not recovered.
    pub(super) fn open(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|m| m.until.is_none())
    }

    /// The members that were down at that time, by the wall clock, and whose recovery people do
    /// not know yet.
    pub(super) fn down_at(&self, then: f64) -> impl Iterator<Item = &Member> {
        let was_down = move |m: &&Member| m.until.is_none_or(|until| until >= then);
        self.members.values().filter(was_down)
    }

    /// True when the incident has a change to notify of.
    pub(super) fn has_pending_change(&self) -> bool {
        self.pending.is_some() || self.members.values().any(|m| m.until.is_some())
    }

    /// True when all members flap.
    pub(super) fn flaps(&self) -> bool {
        let flaps = |member: &Member| member.verdict == Verdict::Flapping;
        !self.members.is_empty() && self.members.values().all(flaps)
    }

    /// Records a change to notify of, unless a more important one is recorded already.
    pub(super) fn note_change(&mut self, pending: PendingChange) {
        self.pending = self.pending.max(Some(pending));
    }

    /// True when a member with this verdict is worse than people were notified of.
    pub(super) fn is_worse(&self, verdict: Verdict) -> bool {
        verdict == Verdict::At(Level::Down) && self.worst > Some(Level::Down)
    }

    /// Merges another incident into this one. If people were notified of it, its `id` is replaced
    /// by this one's.
    pub(super) fn take_in(&mut self, other: Self, id: u64) {
        self.members.extend(other.members);
        self.replaces.extend(other.replaces);
        self.replaces.extend(other.notified.then_some(id));
        self.pending = self.pending.max(other.pending);
        self.worst = self.worst.min(other.worst).or(self.worst).or(other.worst);
        self.remind = self.remind.or(other.remind);
    }

    /// The kind of the notice that the changes lead to.
    pub(super) fn kind(&self) -> NoticeKind {
        let back = self.members.values().any(|member| member.until.is_some());
        match self.pending {
            Some(PendingChange::Flaps) => NoticeKind::Flapping,
            Some(PendingChange::Settled) => NoticeKind::Settled,
            Some(PendingChange::Fell) => NoticeKind::Down,
            _ if back => NoticeKind::Recovered,
            _ => NoticeKind::Worse,
        }
    }

    /// The notice of the incident with the given kind.
    pub(super) fn notice(
        &self,
        id: u64,
        kind: NoticeKind,
        world: &World,
        causes: &mut CommonCauses<'_>,
        now: Moment,
    ) -> Notice {
        let mut members: Vec<Member> = self.members.values().cloned().collect();
        members.sort_by_key(|member| world.outline().position(member.node));
        for member in &mut members {
            // The source may have reported another name since.
            member.path = Arc::clone(&world.outline().node(member.node).path);
        }
        let cause = causes.of(&members);
        members.sort_by_key(|member| {
            let level = member.verdict.level().map_or(u8::MAX, Level::number);
            (
                member.until.is_some(),
                Some(member.node) != cause.head,
                level,
            )
        });
        let since = members.iter().map(|member| member.since.date);
        Notice {
            id,
            kind,
            path: Arc::clone(&world.outline().node(cause.node).path),
            urgency: self.urgency(),
            since: since.fold(now.wall, f64::min),
            date: now.wall,
            among: cause.among,
            behind: cause.behind,
            members,
            replaces: self.replaces.clone(),
        }
    }

    fn urgency(&self) -> Urgency {
        // A member that flaps has no level, and hides nobody who is down.
        match self.open().filter_map(|m| m.verdict.level()).min() {
            Some(Level::Down) => Urgency::Critical,
            None if self.open().next().is_none() => Urgency::Low,
            _ => Urgency::Normal,
        }
    }

    /// Records that the notice was made. Removes the recovered members and returns them.
    pub(super) fn mark_notified(&mut self, world: &World, now: Moment) -> Vec<NodeId> {
        let back = self.members.extract_if(.., |_, m| m.until.is_some());
        let back = back.map(|(node, _)| node).collect();
        let worst = self.open().filter_map(|m| m.verdict.level()).min();
        let pauses = self
            .open()
            .filter_map(|m| world.outline().node(m.node).rules.remind);
        let pauses = pauses.min();
        if !self.notified || self.remind.is_none() {
            self.remind = pauses.map(|step| Remind {
                due: now.steady + step,
                step,
            });
        }
        (self.pending, self.notified, self.worst) = (None, true, worst);
        self.replaces.clear();
        back
    }

    /// Schedules the next reminder after twice the last pause.
    pub(super) fn was_reminded(&mut self, now: Moment) {
        if let Some(remind) = &mut self.remind {
            remind.step = (remind.step * 2).min(RARELY);
            remind.due = now.steady + remind.step;
        }
    }

    /// Postpones the reminder by its pause, at least by `least`, because none is sent now.
    pub(super) fn not_now(&mut self, now: Moment, least: Duration) {
        if let Some(remind) = &mut self.remind {
            remind.due = now.steady + least.max(remind.step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::judge::Beginning;
    use crate::outline::{Node, Outline};

    #[test]
    fn a_fall_is_told_as_one_whatever_else_changed() {
        use PendingChange::{Fell, Flaps, Settled, Worse};
        let check = |changes: &[PendingChange], expected: NoticeKind| {
            let mut incident = Incident::new([], changes[0]);
            for change in changes {
                incident.note_change(*change);
            }
            assert_eq!(incident.kind(), expected, "{changes:?}");
        };
        check(&[Flaps, Fell], NoticeKind::Down);
        check(&[Fell, Flaps, Settled], NoticeKind::Down);
        check(&[Worse, Flaps], NoticeKind::Flapping);
        check(&[Flaps, Settled], NoticeKind::Settled);
        check(&[Worse], NoticeKind::Worse);
    }

    #[test]
    fn what_flaps_makes_no_outage_less_urgent() {
        let check = |verdicts: &[Verdict], expected: Urgency| {
            let mut outline = Outline::default();
            let members = verdicts.iter().map(|verdict| Member {
                node: outline.push(None, Node::new(Kind("tcp"), "a")),
                path: "/a".into(),
                verdict: *verdict,
                status: None,
                cause: None,
                since: Beginning::default(),
                until: (*verdict == Verdict::At(Level::Up)).then_some(1.0),
                off: None,
            });
            let incident = Incident::new(members, PendingChange::Fell);
            assert_eq!(incident.urgency(), expected, "{verdicts:?}");
        };
        let [up, half, down] = [Level::Up, Level::Half, Level::Down].map(Verdict::At);
        check(&[Verdict::Flapping, down], Urgency::Critical);
        check(&[Verdict::Flapping, half], Urgency::Normal);
        check(&[Verdict::Flapping, up], Urgency::Normal);
        check(&[up, up], Urgency::Low);
        check(&[half, down, up], Urgency::Critical);
    }
}
