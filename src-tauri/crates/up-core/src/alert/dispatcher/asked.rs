//! What the dispatcher answers about a source, for those who explain its decisions.

use super::Dispatcher;
use crate::mood::Mood;
use crate::outline::NodeId;

impl Dispatcher {
    /// True of a source whose fall waits to be told.
    pub(crate) fn is_waiting(&self, node: NodeId) -> bool {
        self.waiting.contains_key(&node)
    }

    /// True of a source of which nothing is told now.
    pub(crate) fn is_silenced(&self, node: NodeId) -> bool {
        self.silenced.contains(&node)
    }

    /// True of a source of which nobody is reminded.
    pub(crate) fn is_acknowledged(&self, node: NodeId) -> bool {
        self.acknowledged.contains(&node)
    }

    /// The mood of now.
    pub(crate) const fn mood_now(&self) -> Mood {
        self.mood
    }
}
