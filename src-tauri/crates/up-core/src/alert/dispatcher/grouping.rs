//! Which falls are one incident: those of one cause join it. When a notice of it is due is not
//! decided here.

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
