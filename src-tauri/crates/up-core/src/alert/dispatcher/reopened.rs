//! Outages that return: what falls again soon after it was told to be back goes on under the id
//! that it had, so that its bubble changes and does not double.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Dispatcher;
use crate::alert::incident::{Incident, PendingChange};
use crate::judge::WINDOW;
use crate::moment::Moment;
use crate::notice::Member;
use crate::outline::NodeId;
use crate::world::World;

/// Whoever is told of a fall so soon after the recovery takes it for the same trouble, however
/// often it is asked.
const SOON: Duration = Duration::from_mins(30);

/// Single failures since make it the same trouble for longer, but not for longer than this.
const LATEST: Duration = Duration::from_hours(2);

/// What a source was told under that was told to be back.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReopenedIncident {
    pub(super) id: u64,
    /// When it was told to be back.
    pub(super) told: Duration,
    /// When it last failed, be it that nobody was told.
    pub(super) failed: Duration,
}

/// For each source that was told to be back, what it was told under.
#[derive(Clone, Debug, Default)]
pub(super) struct ReopenedIncidents(pub(super) BTreeMap<NodeId, ReopenedIncident>);

impl ReopenedIncidents {
    /// It was told to be back.
    pub(super) fn is_back(&mut self, node: NodeId, id: u64, now: Moment) {
        let (told, failed) = (now.steady, now.steady);
        self.0.insert(node, ReopenedIncident { id, told, failed });
    }

    /// It could not be seen for so long, in which it may have fallen again.
    pub(super) fn unseen_for(&mut self, node: NodeId, span: Duration) {
        if let Some(known) = self.0.get_mut(&node) {
            known.told += span;
            known.failed += span;
        }
    }

    /// It failed, whether that is believed or not.
    pub(super) fn failed(&mut self, node: NodeId, now: Moment) {
        if let Some(known) = self.0.get_mut(&node)
            && now.steady.saturating_sub(known.failed) <= SOON
        {
            known.failed = now.steady;
        }
    }

    /// The id that a fall of this source goes on under: it is as soon after its recovery as samples
    /// are looked at for flapping, so that flapping is told under the id of its first fall.
    pub(super) fn of(&self, node: NodeId, world: &World, now: Duration) -> Option<u64> {
        let ReopenedIncident { id, told, failed } = *self.0.get(&node)?;
        let interval = world.outline().node(node).rules.interval;
        let span = SOON.max(interval.saturating_mul(WINDOW));
        let ago = |then| now.saturating_sub(then);
        let goes_on = ago(failed) <= SOON && ago(told) <= LATEST;
        (goes_on || ago(told) <= span).then_some(id)
    }

    /// Nothing goes on under this id.
    pub(super) fn forget(&mut self, id: u64) {
        self.0.retain(|_, former| former.id != id);
    }

    /// The outline is another: what was `node` is now `to(node)`, if it is there at all.
    pub(super) fn moved(&mut self, to: impl Fn(NodeId) -> Option<NodeId>) {
        let former = std::mem::take(&mut self.0).into_iter();
        self.0 = former
            .filter_map(|(node, known)| Some((to(node)?, known)))
            .collect();
    }
}

impl Dispatcher {
    /// The id that a fall of this source goes on under. Time in which it was not scored does not
    /// count.
    pub(super) fn former_of(&self, node: NodeId, world: &World, now: Moment) -> Option<u64> {
        let seen = self.unseen.get(&node).copied().unwrap_or(now.steady);
        self.reopened.of(node, world, seen)
    }

    /// A fall goes on under its old id.
    pub(super) fn return_to(&mut self, id: u64, member: Member) {
        let Some(case) = self.incidents.get_mut(&id) else {
            let mut case = Incident::new([member], PendingChange::Fell);
            case.told = true;
            self.begin(id, case);
            return;
        };
        self.incident_of.insert(member.node, id);
        case.members.insert(member.node, member);
        case.note_change(PendingChange::Fell);
    }

    /// A fall that had that id is told with another outage: what was shown of its recovery goes.
    pub(super) fn returned_in(&mut self, into: u64, id: u64) {
        if id == into || self.incidents.contains_key(&id) {
            return;
        }
        let case = self.incidents.get_mut(&into);
        if let Some(case) = case.filter(|case| !case.replaces.contains(&id)) {
            case.replaces.push(id);
        }
    }
}
