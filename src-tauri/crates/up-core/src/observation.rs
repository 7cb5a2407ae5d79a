//! The outcome of a check, inside the watch and outside of it: an [`Observation`] is what the
//! connectivity guard and the judge receive, a [`Record`] is the row that the history and the sinks
//! receive.

use std::sync::Arc;
use std::time::Duration;

use crate::hold::Hold;
use crate::outline::{Kind, NodeId, Outline};
use crate::sample::Sample;

/// What a check found out about one source or component.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The node of the source or component.
    pub node: NodeId,
    /// The sample.
    pub sample: Sample,
    /// The hold that the source itself reports: it says that it is not to be scored now.
    pub hold: Option<Hold>,
    /// When the check began, by the steady clock.
    pub began: Duration,
    /// When the check ended, by the steady clock.
    pub ended: Duration,
}

impl Observation {
    /// An observation whose check ended at that time of the steady clock. It began as much earlier
    /// as the sample's duration says.
    pub fn ended_at(node: NodeId, sample: Sample, hold: Option<Hold>, ended: Duration) -> Self {
        let took = Duration::try_from_secs_f64(sample.duration).unwrap_or_default();
        Self {
            node,
            sample,
            hold,
            began: ended.saturating_sub(took),
            ended,
        }
    }
}

/// A sample and its node's path: the row that the history and the sinks receive.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The path of the source, component or tree, `/Root/Child`.
    pub path: Arc<str>,
    /// The type of the source.
    pub kind: Kind,
    /// The sample.
    pub sample: Sample,
}

impl Record {
    /// The record of that node's sample.
    pub fn of(outline: &Outline, node: NodeId, sample: Sample) -> Self {
        let node = outline.node(node);
        Self {
            path: Arc::clone(&node.path),
            kind: node.kind,
            sample,
        }
    }
}
