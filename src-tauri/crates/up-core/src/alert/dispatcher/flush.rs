//! Making notices of what was gathered: falls of one cause into one, never too many a minute, and
//! nothing forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::unseen::{Began, FallWindow};
use super::{Dispatcher, GroupWait, LOOK, MoreExpected, START};
use crate::alert::cause::CommonCauses;
use crate::alert::incident::{Incident, PendingChange};
use crate::connectivity::ConnectivityGuard;
use crate::depends::Depends;
use crate::journal::DecisionKind;
use crate::judge::Verdict;
use crate::moment::Moment;
use crate::notice::{Member, Notice, NoticeKind, Urgency};
use crate::outline::NodeId;
use crate::world::World;

impl Dispatcher {
    /// What is to be told now.
    pub(crate) fn notices_due(
        &mut self,
        world: &World,
        near: &Near<'_>,
        now: Moment,
        expected: impl FnOnce(&Self) -> MoreExpected,
    ) -> Vec<Notice> {
        let mut notices: Vec<Notice> = self.ready.drain(..).collect();
        if self
            .group_wait
            .is_some_and(|gather| gather.look <= now.steady)
        {
            let expected = expected(self);
            if self.is_whole(expected, now) {
                notices.extend(self.flush(world, near, now));
            }
        }
        notices.extend(self.remind(world, near.depends, now));
        notices
    }

    /// True when what is gathered is to be told now; else says when to look again.
    fn is_whole(&mut self, expected: MoreExpected, now: Moment) -> bool {
        let Some(gather) = &mut self.group_wait else {
            return false;
        };
        let within = self.policy.group_within;
        let last = gather.since + START.max(within);
        let until = match expected.asked {
            Some(asked) => (gather.since.max(asked) + within).min(last),
            None => last,
        };
        if until <= now.steady || (expected.asked.is_some() && !expected.soon) {
            return true;
        }
        gather.look = until.min(now.steady + LOOK);
        false
    }

    fn flush(&mut self, world: &World, near: &Near<'_>, now: Moment) -> Vec<Notice> {
        self.group_wait = None;
        let left = self.rate_limiter.left(self.policy.most.max(1), now.steady);
        if left == 0 {
            // What waits may yet be over, and then nobody need be told.
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
        // Who is in doubt may well be down with the others, and says so later.
        let perhaps = down
            .iter()
            .chain(near.doubted.keys())
            .chain(near.awaited)
            .copied()
            .collect();
        let mut perhaps = CommonCauses::new(world, near.depends, perhaps);
        self.sort(world, near, &mut perhaps, now);
        let mut causes = CommonCauses::new(world, near.depends, down);
        let told = self
            .incidents
            .iter()
            .filter(|(_, case)| self.is_to_be_told(case));
        let mut told: Vec<(bool, u64)> =
            told.map(|(id, case)| (case.news.is_none(), *id)).collect();
        // Falls before recoveries.
        told.sort_unstable();
        let mut told: Vec<u64> = told.into_iter().map(|(_, id)| id).collect();
        let mut notices = Vec::new();
        let mut rest = Vec::new();
        if told.len() > left {
            rest = told.split_off(left - 1);
        }
        for id in told {
            notices.extend(self.case_told(id, None, world, &mut causes, now));
        }
        if let Some(id) = self.summed_up(rest, now) {
            let kind = Some(NoticeKind::Summary);
            notices.extend(self.case_told(id, kind, world, &mut causes, now));
        }
        notices
    }

    /// Gives each fall that waits a case: one that it shares a cause with, else one for all that
    /// came together.
    fn sort(&mut self, world: &World, near: &Near<'_>, causes: &mut CommonCauses<'_>, now: Moment) {
        let waiting = std::mem::take(&mut self.waiting);
        let (mut again, mut fresh) = (Vec::new(), Vec::new());
        for (node, member) in waiting {
            let former = self.former_of(node, world, now);
            if self.silenced.contains(&node) {
                self.waiting.insert(node, member);
            } else if member.verdict == Verdict::Flapping {
                if let Some(case) = former.and_then(|id| self.incidents.get_mut(&id)) {
                    // Others of the outage that it was told in go on.
                    case.members.insert(node, member);
                    case.note_change(PendingChange::Flaps);
                    self.incident_of.extend(former.map(|id| (node, id)));
                    continue;
                }
                let id = former.unwrap_or_else(|| self.new_id(now));
                let mut case = Incident::new([member], PendingChange::Flaps);
                case.told = former.is_some();
                self.begin(id, case);
            } else if let Some(id) = former {
                again.push((id, member));
            } else {
                fresh.push(member);
            }
        }
        // First who has an id: those that fell for the same cause join it.
        for (id, member) in again {
            match self.joins(&member, (world, now), near, causes) {
                Some(into) => self.returned_in(into, id),
                None => self.return_to(id, member),
            }
        }
        // Whoever joined may have made an outage one that others belong to.
        for _ in 0..2 {
            fresh.retain(|member| self.joins(member, (world, now), near, causes).is_none());
        }
        if fresh.is_empty() {
            return;
        }
        match self.begins_with(&fresh, world, near) {
            Some(id) => {
                if let Some(case) = self.incidents.get_mut(&id) {
                    self.incident_of
                        .extend(fresh.iter().map(|member| (member.node, id)));
                    case.members
                        .extend(fresh.into_iter().map(|member| (member.node, member)));
                    case.note_change(PendingChange::Fell);
                }
            }
            None => drop(self.open_case(Incident::new(fresh, PendingChange::Fell), now)),
        }
    }

    /// The outage that many falls, in several trees, began with: one that was found out sooner,
    /// because it is asked more often or believed sooner.
    fn begins_with(&self, fresh: &[Member], world: &World, near: &Near<'_>) -> Option<u64> {
        let spans: Vec<FallWindow> = fresh.iter().map(|m| self.fell(m.node, world)).collect();
        let meets = |span: FallWindow| spans.iter().any(|fresh| fresh.meets(span));
        let doubted = near.doubted.iter();
        let doubted =
            doubted.filter(|(node, since)| meets(self.span(**node, Began::at(**since), world)));
        let nodes = fresh.iter().map(|member| member.node);
        if !is_wide(nodes.chain(doubted.map(|(node, _)| *node)), world) {
            return None;
        }
        let is_near = |case: &Incident| {
            let mut open = case.open();
            open.any(|member| meets(self.fell(member.node, world)))
        };
        let mut same = self.incidents.iter();
        let same = same.find(|(_, case)| !case.flaps() && is_near(case));
        same.map(|(id, _)| *id)
    }

    /// The outage that began with a fall and that it belongs to; it is a member of that now, and so
    /// are other such outages.
    fn joins(
        &mut self,
        member: &Member,
        (world, now): (&World, Moment),
        near: &Near<'_>,
        causes: &mut CommonCauses<'_>,
    ) -> Option<u64> {
        let behind = near.depends.behind(member.node);
        let kin = near.guard.kin(world, member.node);
        // What a page says of its parts, it says of each by itself.
        let is_asked = |node: NodeId| world.outline().node(node).is_asked();
        let is_related = |node: &NodeId| {
            kin.is_some()
                && near.guard.kin(world, *node) == kin
                && is_asked(*node)
                && is_asked(member.node)
        };
        let fell = self.fell(member.node, world);
        let returns = self.former_of(member.node, world, now).is_some();
        let doubted = || {
            let doubted = near.doubted.iter().take(MOST).filter(|_| !returns);
            doubted
                .filter(|(node, since)| self.span(**node, Began::at(**since), world).meets(fell))
                .map(|(node, _)| *node)
        };
        let (mut near_it, mut wide) = (Vec::new(), None);
        for (id, case) in self.incidents.iter().filter(|(_, case)| !case.flaps()) {
            // Others of it may have fallen long before.
            let open = case.open().take(MOST).map(|other| other.node);
            let with = open.filter(|other| self.fell(*other, world).meets(fell));
            let with: Vec<NodeId> = with.collect();
            let all = || with.iter().copied().chain([member.node]);
            if with.is_empty() {
                continue;
            }
            let is_like = |node: &NodeId| is_asked(*node) == is_asked(member.node);
            if with.iter().all(|node| behind.contains(node))
                || with.iter().any(is_related)
                || (with.iter().any(is_like) && causes.share_a_tree(all()))
            {
                near_it.push(*id);
            } else if wide.is_none_or(|(count, _)| count < with.len())
                && is_wide(all().chain(doubted()), world)
            {
                wide = Some((with.len(), *id));
            }
        }
        let first = near_it.first().copied().or(wide.map(|(_, id)| id))?;
        for id in near_it.into_iter().skip(1) {
            self.merge(first, id);
        }
        if let Some(case) = self.incidents.get_mut(&first) {
            case.members.insert(member.node, member.clone());
            case.note_change(PendingChange::Fell);
            self.incident_of.insert(member.node, first);
        }
        Some(first)
    }

    /// Puts a case into another.
    fn merge(&mut self, into: u64, id: u64) {
        let Some(case) = self.incidents.remove(&id) else {
            return;
        };
        for node in case.members.keys() {
            self.incident_of.insert(*node, into);
        }
        if let Some(into) = self.incidents.get_mut(&into) {
            into.take_in(case, id);
        }
    }

    /// Puts all of these into one case of a new id; `None` of none.
    fn summed_up(&mut self, rest: Vec<u64>, now: Moment) -> Option<u64> {
        if rest.is_empty() {
            return None;
        }
        let into = self.open_case(Incident::new([], PendingChange::Fell), now);
        for id in rest {
            self.merge(into, id);
        }
        Some(into)
    }

    /// A case with a new id.
    pub(super) fn open_case(&mut self, case: Incident, now: Moment) -> u64 {
        let id = self.new_id(now);
        self.begin(id, case);
        id
    }

    /// A case with this id.
    pub(super) fn begin(&mut self, id: u64, case: Incident) {
        let nodes = case.members.keys().map(|node| (*node, id));
        self.incident_of.extend(nodes);
        self.incidents.insert(id, case);
    }

    /// An id that no notice had before, in this run or an earlier one.
    fn new_id(&mut self, now: Moment) -> u64 {
        // Milliseconds: below 2^53 for longer than anything runs, so that any JSON reader has it.
        self.last = (self.last + 1).max((now.wall.max(0.0) * 1_000.0) as u64);
        self.last
    }

    /// The notice of a case; who is back belongs to it no more.
    fn case_told(
        &mut self,
        id: u64,
        kind: Option<NoticeKind>,
        world: &World,
        causes: &mut CommonCauses<'_>,
        now: Moment,
    ) -> Option<Notice> {
        let case = self.incidents.get_mut(&id)?;
        let kind = kind.unwrap_or_else(|| case.kind());
        let notice = case.notice(id, kind, world, causes, now);
        for node in case.was_told(world, now) {
            self.incident_of.remove(&node);
            self.acknowledged.remove(&node);
            self.reopened.is_back(node, id, now);
        }
        if case.members.is_empty() {
            self.incidents.remove(&id);
        }
        self.rate_limiter.told(now.steady);
        Some(notice)
    }

    /// Reminds of outages that go on.
    fn remind(&mut self, world: &World, depends: &Depends, now: Moment) -> Vec<Notice> {
        let is_due = |case: &Incident| case.remind.is_some_and(|remind| remind.due <= now.steady);
        let due: Vec<u64> = (self.incidents.iter())
            .filter(|(_, case)| is_due(case))
            .map(|(id, _)| *id)
            .collect();
        let mut notices = Vec::new();
        for id in due {
            let may = self.rate_limiter.left(self.policy.most.max(1), now.steady) > 0;
            let Some(case) = self.incidents.get_mut(&id) else {
                continue;
            };
            let wanted = case.open().any(|member| {
                let node = &member.node;
                let silent = self.silenced.contains(node) || self.acknowledged.contains(node);
                !silent && world.state(*node).hold.is_none()
            });
            if !wanted || case.has_news() {
                case.not_now(now, Duration::ZERO);
            } else if !may {
                case.not_now(now, LOOK);
            } else {
                let down = case.open().map(|member| member.node).collect();
                let mut causes = CommonCauses::new(world, depends, down);
                let kind = NoticeKind::Reminder;
                notices.push(case.notice(id, kind, world, &mut causes, now));
                case.was_reminded(now);
                self.rate_limiter.told(now.steady);
            }
        }
        notices
    }
}

/// What is known beside what fell.
pub(crate) struct Near<'w> {
    pub(crate) depends: &'w Depends,
    /// Who is in doubt, and since when.
    pub(crate) doubted: &'w BTreeMap<NodeId, Duration>,
    /// Who was asked because of another's fall, and has not answered.
    pub(crate) awaited: &'w BTreeSet<NodeId>,
    /// It knows which hosts are related.
    pub(crate) guard: &'w ConnectivityGuard,
}

/// At so many of those that fell or are in doubt is looked, for each that fell.
const MOST: usize = 200;

/// So many that fall together, in several trees, have one cause.
const MANY: usize = 5;

/// True of many sources in several trees.
fn is_wide(nodes: impl Iterator<Item = NodeId>, world: &World) -> bool {
    // What a page says of its parts is no sign of what others share.
    let asked = nodes.map(|node| world.outline().node(node));
    let parents = asked.filter(|node| node.is_asked()).map(|node| node.parent);
    let (mut count, mut first, mut several) = (0, None, false);
    for parent in parents {
        count += 1;
        several |= *first.get_or_insert(parent) != parent;
        if count >= MANY && several {
            return true;
        }
    }
    false
}

/// The last notice of an outage whose sources are watched no more.
pub(super) fn withdrawn(id: u64, members: Vec<Member>, now: Moment) -> Option<Notice> {
    let paths = members.iter().map(|member| &*member.path);
    let path = crate::path::common(paths)?.into();
    let since = members.iter().map(|member| member.since);
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
