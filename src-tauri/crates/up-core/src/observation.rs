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

    /// The same observation, of a check that took so long whatever the sample's duration is: that of
    /// a ping is its round trip.
    pub fn that_took(self, took: Duration) -> Self {
        Self {
            began: self.ended.saturating_sub(took),
            ..self
        }
    }
}

/// A sample and its node's path: the row that the history and the sinks receive.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The path of the source, component or tree, `/Root/Child`.
    pub path: Arc<str>,
    /// The type of the source; [`Kind::FLEET`] also of the components of such a source.
    pub kind: Kind,
    /// The sample.
    pub sample: Sample,
}

impl Record {
    /// The record of that node's sample.
    pub fn of(outline: &Outline, node: NodeId, sample: Sample) -> Self {
        let own = outline.node(node);
        let way = std::iter::successors(Some(own), |at| at.parent.map(|id| outline.node(id)));
        let is_fleet = way.into_iter().any(|at| at.kind == Kind::FLEET);
        Self {
            path: Arc::clone(&own.path),
            kind: if is_fleet { Kind::FLEET } else { own.kind },
            sample,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detail::Detail;
    use crate::outline::Node;

    /// A check that took so many seconds and ended after 10 s began then.
    fn check(duration: f64, began: f64) {
        let node = Outline::default().push(None, Node::new(Kind::TREE, "R"));
        let sample = Sample {
            status: None,
            date: 0.0,
            duration,
            cause: None,
            detail: Detail::new(),
        };
        let observed = Observation::ended_at(node, sample, None, Duration::from_secs(10));
        assert_eq!(observed.began, Duration::from_secs_f64(began), "{duration}");
        assert_eq!(observed.ended, Duration::from_secs(10), "{duration}");
    }

    #[test]
    fn an_observation_began_as_much_earlier_as_it_took() {
        check(0.0, 10.0);
        check(2.5, 7.5);
        // More than the clock has run.
        check(11.0, 0.0);
        for none in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            check(none, 10.0);
        }
        let node = Outline::default().push(None, Node::new(Kind::TREE, "R"));
        let sample = Sample {
            status: None,
            date: 0.0,
            duration: 0.001,
            cause: None,
            detail: Detail::new(),
        };
        let observed = Observation::ended_at(node, sample, None, Duration::from_secs(10));
        let began = observed.that_took(Duration::from_secs(3)).began;
        assert_eq!(began, Duration::from_secs(7), "whatever the sample says");
    }
}
