//! Which falls are one incident: those of one cause join it. When a notice of it is due is not
//! decided here.

use std::collections::BTreeSet;

use super::Dispatcher;
use super::flush::Near;
use super::unseen::{Began, FallWindow};
use crate::alert::cause::CommonCauses;
use crate::alert::incident::{Incident, PendingChange};
use crate::connectivity::ConnectivityGuard;
use crate::judge::Verdict;
use crate::moment::Moment;
use crate::notice::Member;
use crate::outline::NodeId;
use crate::world::World;

impl Dispatcher {
    /// Gives each fall that waits a case: one that it shares a cause with, else one for all that
    /// came together.
    pub(super) fn sort(
        &mut self,
        world: &World,
        near: &Near<'_>,
        causes: &mut CommonCauses<'_>,
        now: Moment,
    ) {
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
            let into = if self.goes_on(id, &member, &fresh, (world, near.guard)) {
                None
            } else {
                self.joins(&member, (world, now), near, causes)
            };
            match into {
                Some(into) => self.returned_in(into, id),
                None => self.return_to(id, member),
            }
        }
        // Whoever joined may have made an outage one that others belong to.
        for _ in 0..2 {
            fresh.retain(|member| self.joins(member, (world, now), near, causes).is_none());
        }
        if !fresh.is_empty() {
            self.open_together(fresh, (world, now), near);
        }
        self.merge_wide(world, near.guard);
    }

    /// True when the incident that a returning member was told back from still goes on, and the
    /// member does not fall with many that are down for the first time.
    fn goes_on(
        &self,
        id: u64,
        member: &Member,
        fresh: &[Member],
        (world, guard): (&World, &ConnectivityGuard),
    ) -> bool {
        let goes_on = |incident: &Incident| !incident.flaps() && incident.open().next().is_some();
        if !self.incidents.get(&id).is_some_and(goes_on) {
            return false;
        }
        let fell = self.fell(member.node, world);
        let with = fresh.iter().map(|other| other.node);
        let with = with.filter(|other| self.fell(*other, world).meets(fell));
        !is_wide(with.chain([member.node]), world, guard)
    }

    /// Makes one incident of falls that join none.
    fn open_together(
        &mut self,
        fresh: Vec<Member>,
        (world, now): (&World, Moment),
        near: &Near<'_>,
    ) {
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
        if !is_wide(
            nodes.chain(doubted.map(|(node, _)| *node)),
            world,
            near.guard,
        ) {
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

    /// Puts incidents into one whose open members all may have fallen together with many others. An
    /// outage of many trees can be found out in parts: its first source may be notified alone, and a
    /// source may return under the id of an earlier incident.
    fn merge_wide(&mut self, world: &World, guard: &ConnectivityGuard) {
        while let Some((into, id)) = self.wide_pair(world, guard) {
            self.merge(into, id);
        }
    }

    /// An incident to keep and one to put into it; the one that people know is kept.
    fn wide_pair(&self, world: &World, guard: &ConnectivityGuard) -> Option<(u64, u64)> {
        let windows = |incident: &Incident| -> Vec<(NodeId, FallWindow)> {
            let open = incident.open().take(MOST);
            open.map(|member| (member.node, self.fell(member.node, world)))
                .collect()
        };
        let all = self.incidents.iter().filter(|(_, one)| !one.flaps());
        let all: Vec<_> = all.map(|(id, one)| (*id, one, windows(one))).collect();
        for (id, incident, members) in all.iter().filter(|(_, one, _)| one.news.is_some()) {
            let meets_one = |(_, fell): &(NodeId, FallWindow)| {
                members.iter().any(|(_, window)| window.meets(*fell))
            };
            let near = all.iter().filter(|(other, _, windows)| {
                other != id && !windows.is_empty() && windows.iter().all(meets_one)
            });
            let near: Vec<_> = near.collect();
            let pool = || {
                near.iter()
                    .flat_map(|(_, _, windows)| windows)
                    .chain(members)
            };
            let is_of_many = |(_, fell): &(NodeId, FallWindow)| {
                let together = pool().filter(|(_, window)| window.meets(*fell));
                is_wide(together.map(|(node, _)| *node), world, guard)
            };
            let mut of_many = near.iter();
            let found = of_many.find(|(_, _, windows)| windows.iter().all(is_of_many));
            if let Some((other, known, _)) = found {
                return Some(if known.told && !incident.told {
                    (*other, *id)
                } else {
                    (*id, *other)
                });
            }
        }
        None
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
                continue;
            }
            let hosts = with.iter().map(|node| near.guard.kin(world, *node));
            let hosts = hosts.collect::<BTreeSet<Option<u32>>>().len();
            if wide.is_none_or(|(most, _)| most < hosts)
                && is_wide(all().chain(doubted()), world, near.guard)
            {
                wide = Some((hosts, *id));
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
    pub(super) fn merge(&mut self, into: u64, id: u64) {
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
}

/// At so many of those that fell or are in doubt is looked, for each that fell.
const MOST: usize = 200;

/// So many unrelated hosts that fall together, in several trees, have one cause.
const MANY: usize = 5;

/// True of sources on many unrelated hosts, in several trees. A source whose host is not known counts
/// by itself.
fn is_wide(nodes: impl Iterator<Item = NodeId>, world: &World, guard: &ConnectivityGuard) -> bool {
    // What a page says of its parts is no sign of what others share.
    let asked = nodes.filter(|node| world.outline().node(*node).is_asked());
    let (mut hosts, mut unknown, mut first, mut several) = (BTreeSet::new(), 0, None, false);
    for node in asked {
        match guard.kin(world, node) {
            Some(kin) => drop(hosts.insert(kin)),
            None => unknown += 1,
        }
        let parent = world.outline().node(node).parent;
        several |= *first.get_or_insert(parent) != parent;
        if hosts.len() + unknown >= MANY && several {
            return true;
        }
    }
    false
}
