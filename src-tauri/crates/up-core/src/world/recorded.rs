//! What the history keeps of a node: nothing that counts as up or down while the node is held.

use super::World;
use crate::outline::NodeId;
use crate::sample::Sample;

impl World {
    /// The node's sample as the history keeps it. A hold of ours leaves a gap. While the source
    /// itself reports that it is not to be scored, its sample is unknown: the cause says why.
    pub fn recorded(&self, id: NodeId) -> Option<Sample> {
        let state = self.state(id);
        let sample = state.sample.clone()?;
        match (state.hold, state.reported) {
            (None, _) => Some(sample),
            (Some(_), Some(_)) => Some(sample.unscored()),
            (Some(_), None) => None,
        }
    }
}
