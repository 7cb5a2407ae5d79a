//! The inputs of the watch, and its output.

use std::time::Duration;

use crate::change::Change;
use crate::connectivity::{ConnectivityEvent, ReferenceRequest};
use crate::control::{Control, Controls};
use crate::mood::Mood;
use crate::notice::Notice;
use crate::observation::{Observation, Record};
use crate::outline::NodeId;
use crate::sample::Timestamp;

/// An input of the watch.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A source was checked, or reported one of its components.
    Observed(Observation),
    /// A source was checked and had nothing new to report, which confirms nothing.
    Echoed(NodeId),
    /// A person used a control.
    Control(Control),
    /// All controls, as they were read from the file.
    Controls(Controls),
    /// An event of our own network.
    Network(ConnectivityEvent),
    /// The machine goes to sleep.
    Asleep,
    /// The machine woke up, after so long where that is known.
    Awake(Option<Duration>),
    /// The person logged in just now, which started Up: the desktop is not complete yet.
    LoggedIn,
    /// A person chose another mood.
    Mood(Mood),
    /// Time has passed. Due at [`super::Watch::due`].
    Tick,
}

/// What follows from one input, or from several of one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WatchOutput {
    /// The verdicts that changed.
    pub changes: Vec<Change>,
    /// The notices that are due.
    pub notices: Vec<Notice>,
    /// The rows for the history: samples that are scored, or held by the source's own word. They
    /// may be earlier ones, which had to wait for the references.
    pub kept: Vec<Record>,
    /// The references and resolvers to query at once.
    pub ask: Vec<ReferenceRequest>,
    /// The sources to check again, and how soon.
    pub recheck: Vec<(NodeId, Duration)>,
    /// The acknowledgements that are over: the path, and since when it was acknowledged.
    pub over: Vec<(String, Timestamp)>,
}

impl WatchOutput {
    /// Appends what follows from a later input of the same moment.
    pub fn merge(&mut self, later: Self) {
        // Taken apart, so that no field can be forgotten.
        let Self {
            changes,
            notices,
            kept,
            ask,
            recheck,
            over,
        } = later;
        append(&mut self.changes, changes);
        append(&mut self.notices, notices);
        append(&mut self.kept, kept);
        append(&mut self.ask, ask);
        append(&mut self.recheck, recheck);
        append(&mut self.over, over);
    }
}

/// Nearly always one of the two is empty, and then nothing is copied.
fn append<T>(list: &mut Vec<T>, later: Vec<T>) {
    if list.is_empty() {
        *list = later;
    } else {
        list.extend(later);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detail, Kind, Sample};

    /// An output with one row, one query and one acknowledgement, all by that name.
    fn output(name: &str) -> WatchOutput {
        let sample = Sample {
            status: None,
            date: 0.0,
            duration: 0.0,
            cause: None,
            detail: Detail::new(),
        };
        WatchOutput {
            kept: vec![Record {
                path: name.into(),
                kind: Kind("tcp"),
                sample,
            }],
            ask: vec![ReferenceRequest::Resolver],
            over: vec![(name.into(), 0.0)],
            ..WatchOutput::default()
        }
    }

    #[test]
    fn merged_outputs_keep_their_order() {
        let mut all = WatchOutput::default();
        for name in ["a", "b", "c"] {
            all.merge(output(name));
            all.merge(WatchOutput::default());
        }
        let paths: Vec<&str> = all.kept.iter().map(|record| &*record.path).collect();
        let over: Vec<&str> = all.over.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!((paths, over), (vec!["a", "b", "c"], vec!["a", "b", "c"]));
        assert_eq!(all.ask.len(), 3);
    }
}
