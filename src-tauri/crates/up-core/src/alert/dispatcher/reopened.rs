//! Reopened incidents. A source that falls again soon after its recovery continues its incident
//! under the same id, so that a displayed notification changes instead of appearing twice.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Dispatcher;
use crate::alert::incident::{Incident, PendingChange};
use crate::judge::WINDOW;
use crate::moment::Moment;
use crate::notice::Member;
use crate::outline::{NodeId, Outline};
use crate::world::World;

/// A person takes a fall within this time of the recovery for the same trouble, however often the
/// source is checked.
const SOON: Duration = Duration::from_mins(30);

/// With single failures since the recovery, it is the same trouble for longer, but at most for this
/// long.
const LATEST: Duration = Duration::from_hours(2);

/// The incident that a source recovered from.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReopenedIncident {
    pub(super) id: u64,
    /// When its recovery was notified.
    pub(super) notified: Duration,
    /// When the source last failed, even if that was not notified.
    pub(super) failed: Duration,
}

/// For each source that recovered, the incident that it was in.
#[derive(Clone, Debug, Default)]
pub(super) struct ReopenedIncidents(pub(super) BTreeMap<NodeId, ReopenedIncident>);

impl ReopenedIncidents {
    /// Records that a source's recovery was notified.
    pub(super) fn is_back(&mut self, node: NodeId, id: u64, now: Moment) {
        self.restore(node, id, now.steady);
    }

    /// Records that a source was not scored for `span`. It may have fallen again in that time.
    pub(super) fn unseen_for(&mut self, node: NodeId, span: Duration) {
        if let Some(known) = self.0.get_mut(&node) {
            known.notified += span;
            known.failed += span;
        }
    }

    /// Records a failure of a source, whether it is believed or not.
    pub(super) fn failed(&mut self, node: NodeId, now: Moment) {
        if let Some(known) = self.0.get_mut(&node)
            && now.steady.saturating_sub(known.failed) <= SOON
        {
            known.failed = now.steady;
        }
    }

    /// The id of the incident that a fall of this source continues. The time since the recovery may
    /// be as long as the samples that count for flapping, so that flapping is notified under the id
    /// of the first fall.
    pub(super) fn of(&self, node: NodeId, world: &World, now: Duration) -> Option<u64> {
        let ReopenedIncident {
            id,
            notified,
            failed,
        } = *self.0.get(&node)?;
        let interval = world.outline().node(node).rules.interval;
        let span = SOON.max(interval.saturating_mul(WINDOW));
        let ago = |then| now.saturating_sub(then);
        let goes_on = ago(failed) <= SOON && ago(notified) <= LATEST;
        (goes_on || ago(notified) <= span).then_some(id)
    }

    /// Forgets the incident `id`: no fall continues it.
    pub(super) fn forget(&mut self, id: u64) {
        self.0.retain(|_, former| former.id != id);
    }

    /// Forgets the nodes that are gone.
    pub(super) fn forget_gone(&mut self, outline: &Outline) {
        self.0.retain(|node, _| outline.has(*node));
    }
}

impl Dispatcher {
    /// The id of the incident that a fall of this source continues. Time in which the source was
    /// not scored does not count.
    pub(super) fn former_of(&self, node: NodeId, world: &World, now: Moment) -> Option<u64> {
        let seen = self.unseen.get(&node).copied().unwrap_or(now.steady);
        self.reopened.of(node, world, seen)
    }

    /// Continues the incident `id` with a fall.
    pub(super) fn return_to(&mut self, id: u64, member: Member) {
        let Some(incident) = self.incidents.get_mut(&id) else {
            let mut incident = Incident::new([member], PendingChange::Fell);
            incident.notified = true;
            self.begin(id, incident);
            return;
        };
        self.incident_of.insert(member.node, id);
        incident.members.insert(member.node, member);
        incident.note_change(PendingChange::Fell);
    }

    /// Records that a fall which would have continued the incident `id` joined the incident `into`.
    /// Displays of `id` are then replaced.
    pub(super) fn returned_in(&mut self, into: u64, id: u64) {
        if id == into || self.incidents.contains_key(&id) {
            return;
        }
        let incident = self.incidents.get_mut(&into);
        if let Some(incident) = incident.filter(|incident| !incident.replaces.contains(&id)) {
            incident.replaces.push(id);
        }
    }
}
