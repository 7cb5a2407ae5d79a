//! Queries about what the dispatcher knows of a source, for the watch and for `up why`.

use super::Dispatcher;
use crate::alert::incident::Incident;
use crate::judge::{Rules, Verdict};
use crate::mood::Mood;
use crate::outline::NodeId;

impl Dispatcher {
    /// True of a source whose fall waits to be notified.
    pub(crate) fn is_waiting(&self, node: NodeId) -> bool {
        self.waiting.contains_key(&node)
    }

    /// True of a source about which no notices are sent.
    pub(crate) fn is_silenced(&self, node: NodeId) -> bool {
        self.silenced.contains(&node)
    }

    /// True of a source about which no reminders are sent.
    pub(crate) fn is_acknowledged(&self, node: NodeId) -> bool {
        self.acknowledged.contains(&node)
    }

    /// The mood in use.
    pub(crate) const fn mood_now(&self) -> Mood {
        self.mood
    }

    /// True when the verdict is alertable in the current mood under these rules.
    pub(crate) fn is_alertable(&self, rules: Rules, verdict: Verdict) -> bool {
        rules.is_alertable(self.mood, verdict)
    }

    /// True of a source that people were notified of and that has not recovered since.
    pub(crate) fn is_open(&self, node: NodeId) -> bool {
        self.incident_of.contains_key(&node)
    }

    /// The other members of a source's incident that have not recovered.
    pub(crate) fn others(&self, node: NodeId) -> Vec<NodeId> {
        let incident = self
            .incident_of
            .get(&node)
            .and_then(|id| self.incidents.get(id));
        let others = incident
            .into_iter()
            .flat_map(Incident::open)
            .map(|m| m.node);
        others.filter(|other| *other != node).collect()
    }

    /// The sources in the group of changes that is being gathered.
    pub(crate) fn gathered(&self) -> impl Iterator<Item = NodeId> {
        let changed = self
            .incidents
            .values()
            .filter(|incident| incident.has_pending_change());
        let members = changed.flat_map(|incident| incident.members.keys());
        self.waiting.keys().chain(members).copied()
    }
}
