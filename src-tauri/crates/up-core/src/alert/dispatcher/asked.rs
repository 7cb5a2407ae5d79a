//! Queries about a source, for the explanations of `up why`.

use super::Dispatcher;
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
}
