//! Decides which falls belong to which incident. When a notice is due is not decided here.

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
    /// Assigns each waiting fall to an incident: to an open one with which it shares a cause, or
    /// else to one new incident for all.
    pub(super) fn sort(
        &mut self,
        world: &World,
        near: &Near<'_>,
        causes: &mut CommonCauses<'_>,
        now: Moment,
    ) {
        let waiting = std::mem::take(&mut self.waiting);
        let mut waiting: Vec<(NodeId, Member)> = waiting.into_iter().collect();
        waiting.sort_by_key(|(node, _)| world.outline().position(*node));
        let (mut again, mut fresh) = (Vec::new(), Vec::new());
        for (node, member) in waiting {
            let former = self.former_of(node, world, now);
            if self.silenced.contains(&node) {
                self.waiting.insert(node, member);
            } else if member.verdict == Verdict::Flapping {
                if let Some(incident) = former.and_then(|id| self.incidents.get_mut(&id)) {
                    // The incident that the source was in is still open because of other members.
                    incident.members.insert(node, member);
                    incident.note_change(PendingChange::Flaps);
                    self.incident_of.extend(former.map(|id| (node, id)));
                    continue;
                }
                let id = former.unwrap_or_else(|| self.new_id(now));
                let mut incident = Incident::new([member], PendingChange::Flaps);
                incident.notified = former.is_some();
                self.begin(id, incident);
            } else if let Some(id) = former {
                again.push((id, member));
            } else {
                fresh.push(member);
            }
        }
        // Falls that continue an earlier incident come first, so that new falls can join them.
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
        // A fall that joined may give its incident a cause that it shares with further falls.
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
                if let Some(incident) = self.incidents.get_mut(&id) {
                    self.incident_of
                        .extend(fresh.iter().map(|member| (member.node, id)));
                    incident
                        .members
                        .extend(fresh.into_iter().map(|member| (member.node, member)));
                    incident.note_change(PendingChange::Fell);
                }
            }
            None => drop(self.open_incident(Incident::new(fresh, PendingChange::Fell), now)),
        }
    }

    /// The open incident that falls in several trees probably began with. Its members were only
    /// found to be down sooner, because they are checked more often or believed sooner.
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
        let is_near = |incident: &Incident| {
            let mut open = incident.open();
            open.any(|member| meets(self.fell(member.node, world)))
        };
        let mut same = self.incidents.iter();
        let same = same.find(|(_, incident)| !incident.flaps() && is_near(incident));
        same.map(|(id, _)| *id)
    }

    /// Merges incidents whose open members all may have fallen together with many others. An outage
    /// of many trees can be found in parts: its first source may be notified alone, and a source may
    /// return under the id of an earlier incident.
    fn merge_wide(&mut self, world: &World, guard: &ConnectivityGuard) {
        while let Some((into, others)) = self.wide_group(world, guard) {
            for id in others {
                self.merge(into, id);
            }
        }
    }

    /// The ids of an incident to keep and of those to merge into it. The oldest one that people were
    /// notified of is kept.
    fn wide_group(&self, world: &World, guard: &ConnectivityGuard) -> Option<(u64, Vec<u64>)> {
        let windows = |incident: &Incident| -> Vec<(NodeId, FallWindow)> {
            let open = incident.open().take(MOST);
            open.map(|member| (member.node, self.fell(member.node, world)))
                .collect()
        };
        let all = self.incidents.iter().filter(|(_, one)| !one.flaps());
        let all: Vec<_> = all.map(|(id, one)| (*id, one, windows(one))).collect();
        let pending = all.iter().filter(|(_, one, _)| one.pending.is_some());
        for (id, incident, members) in pending {
            let meets_one = |(_, fell): &(NodeId, FallWindow)| {
                members.iter().any(|(_, window)| window.meets(*fell))
            };
            let near = all.iter().filter(|(other, _, windows)| {
                other != id && !windows.is_empty() && windows.iter().all(meets_one)
            });
            let near: Vec<_> = near.collect();
            let pool = near.iter().flat_map(|(_, _, windows)| windows);
            let pool: Vec<_> = pool.chain(members).collect();
            let is_of_many = |(_, fell): &(NodeId, FallWindow)| {
                let together = pool.iter().filter(|(_, window)| window.meets(*fell));
                let together = together.map(|(node, _)| *node);
                // A source on this machine, or on an unknown host, is no sign of a common cause.
                let is_elsewhere = |node: &NodeId| guard.failure_domain(world, *node).is_some();
                is_wide(together.filter(is_elsewhere), world, guard)
            };
            let of_many = near.iter();
            let of_many = of_many.filter(|(_, _, windows)| windows.iter().all(is_of_many));
            let mut group: Vec<_> = of_many.map(|(id, one, _)| (!one.notified, *id)).collect();
            if !group.is_empty() {
                group.push((!incident.notified, *id));
                group.sort_unstable();
                let mut ids = group.into_iter().map(|(_, id)| id);
                return ids.next().map(|into| (into, ids.collect()));
            }
        }
        None
    }

    /// Adds a fall to the open incidents that began at the same time and share its cause, which
    /// become one. Returns the id of that incident; `None` when there is none.
    fn joins(
        &mut self,
        member: &Member,
        (world, now): (&World, Moment),
        near: &Near<'_>,
        causes: &mut CommonCauses<'_>,
    ) -> Option<u64> {
        let behind = near.depends.behind(member.node);
        let failure_domain = near.guard.failure_domain(world, member.node);
        // A status page reports its components separately, so a common host is no common cause.
        let is_asked = |node: NodeId| world.outline().node(node).is_asked();
        let is_related = |node: &NodeId| {
            failure_domain.is_some()
                && near.guard.failure_domain(world, *node) == failure_domain
                && is_asked(*node)
                && is_asked(member.node)
        };
        let fell = self.fell(member.node, world);
        let returns = self.former_of(member.node, world, now).is_some();
        let doubted_at = self.began(member.node).unwrap_or_default().doubted;
        let doubted_at = now.wall - now.steady.saturating_sub(doubted_at).as_secs_f64();
        let doubted = || {
            let doubted = near.doubted.iter().take(MOST).filter(|_| !returns);
            doubted
                .filter(|(node, since)| self.span(**node, Began::at(**since), world).meets(fell))
                .map(|(node, _)| *node)
        };
        let (mut near_it, mut wide) = (Vec::new(), None);
        for (id, incident) in self
            .incidents
            .iter()
            .filter(|(_, incident)| !incident.flaps())
        {
            // Other members of the incident may have fallen long before.
            let down = incident.down_at(doubted_at);
            // What is still down when its dependency is back is an incident of its own.
            let was_ahead = |m: &Member| near.depends.behind(m.node).contains(&member.node);
            let down = down.filter(|m| m.until.is_none() || !was_ahead(m));
            let down = down.take(MOST).map(|other| other.node);
            let with = down.filter(|other| self.fell(*other, world).meets(fell));
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
            let hosts = with
                .iter()
                .map(|node| near.guard.failure_domain(world, *node));
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
        if let Some(incident) = self.incidents.get_mut(&first) {
            incident.members.insert(member.node, member.clone());
            incident.note_change(PendingChange::Fell);
            self.incident_of.insert(member.node, first);
        }
        Some(first)
    }

    /// Merges the incident `id` into the incident `into`.
    pub(super) fn merge(&mut self, into: u64, id: u64) {
        let Some(incident) = self.incidents.remove(&id) else {
            return;
        };
        for node in incident.members.keys() {
            self.incident_of.insert(*node, into);
        }
        if let Some(into) = self.incidents.get_mut(&into) {
            into.take_in(incident, id);
        }
    }
}

/// The largest number of sources, of an incident or in doubt, that a fall is compared with.
const MOST: usize = 200;

/// How many unrelated hosts, in several trees, must fall together to have one cause.
const MANY: usize = 5;

/// True of sources that are in several trees, on at least `MANY` unrelated hosts. A source whose host
/// is not known counts as a host of its own.
fn is_wide(nodes: impl Iterator<Item = NodeId>, world: &World, guard: &ConnectivityGuard) -> bool {
    // Components of a status page do not count: what the page reports of them is no sign of a
    // common cause.
    let asked = nodes.filter(|node| world.outline().node(*node).is_asked());
    let (mut hosts, mut unknown, mut first, mut several) = (BTreeSet::new(), 0, None, false);
    for node in asked {
        match guard.failure_domain(world, node) {
            Some(domain) => drop(hosts.insert(domain)),
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
