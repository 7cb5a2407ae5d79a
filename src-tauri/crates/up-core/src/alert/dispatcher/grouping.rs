//! Decides which falls belong to which incident. When a notice is due is not decided here.

use super::Dispatcher;
use super::flush::Near;
use super::unseen::{Began, FallWindow};
use crate::alert::cause::CommonCauses;
use crate::alert::incident::{Incident, PendingChange};
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
            match self.joins(&member, (world, now), near, causes) {
                Some(into) => self.returned_in(into, id),
                None => self.return_to(id, member),
            }
        }
        // A fall that joined may give its incident a cause that it shares with further falls.
        for _ in 0..2 {
            fresh.retain(|member| self.joins(member, (world, now), near, causes).is_none());
        }
        if fresh.is_empty() {
            return;
        }
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
        if !is_wide(nodes.chain(doubted.map(|(node, _)| *node)), world) {
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
            let open = incident.open().take(MOST).map(|other| other.node);
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

/// How many sources in several trees must fall together to have one cause.
const MANY: usize = 5;

/// True of at least `MANY` sources that are in several trees.
fn is_wide(nodes: impl Iterator<Item = NodeId>, world: &World) -> bool {
    // Components of a status page do not count: what the page reports of them is no sign of a
    // common cause.
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
