//! How a source is judged, and what of it is alertable: the keys of `[alert]`, inherited down the
//! tree.

use std::time::Duration;

use super::{Marks, Verdict};
use crate::mood::Mood;
use crate::status::Level;

/// How a source's samples are judged; inherited down the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// The time between two checks. Falls within this time of each other may have the same cause.
    pub interval: Duration,
    /// How many samples in a row must be worse than the verdict before it falls. At least 1.
    pub down_after: u32,
    /// How many samples in a row must be better than the verdict before it rises. At least 1.
    pub up_after: u32,
    /// The pause before a source in doubt is checked again.
    pub retry: Duration,
    /// When the source flaps; `None` when flapping is not detected.
    pub flapping: Option<Marks>,
    /// The source is alertable at this level and below; `None` for what the mood says.
    pub level: Option<Level>,
    /// Whether unknown is alertable; `None` for what the mood says.
    pub unknown: Option<bool>,
    /// The pause between the first notice of an incident and its reminder. It doubles for each
    /// further reminder. `None` for no reminders.
    pub remind: Option<Duration>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            down_after: 2,
            up_after: 1,
            retry: Duration::from_secs(5),
            flapping: Some(Marks::default()),
            level: None,
            unknown: None,
            remind: None,
        }
    }
}

impl Rules {
    /// True of a verdict that a person in this mood wants to be told of.
    pub fn is_alertable(&self, mood: Mood, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Unasked => false,
            Verdict::Flapping => true,
            Verdict::Unknown => self.unknown.unwrap_or(mood == Mood::Pessimist),
            Verdict::At(level) => level <= self.level.unwrap_or_else(|| mood.alerts_up_to()),
        }
    }
}
