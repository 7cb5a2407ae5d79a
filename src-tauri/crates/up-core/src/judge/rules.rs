//! How a source is judged, and what of it is told: the keys of `[alert]`, inherited down the tree.

use std::time::Duration;

use super::{Marks, Verdict};
use crate::mood::Mood;
use crate::status::Level;

/// How a source's samples are judged; inherited down the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// How often it is asked. What begins within that of something else may have the same cause.
    pub interval: Duration,
    /// So many samples in a row must be worse than the verdict before it falls. At least 1.
    pub down_after: u32,
    /// So many samples in a row must be better than the verdict before it rises. At least 1.
    pub up_after: u32,
    /// How soon to ask again while news is not yet confirmed.
    pub retry: Duration,
    /// When it flaps; `None` when nobody wants to know.
    pub flapping: Option<Marks>,
    /// It is told of at this level and below; as the mood has it when `None`.
    pub level: Option<Level>,
    /// Whether it is told of when it is unknown; as the mood has it when `None`.
    pub unknown: Option<bool>,
    /// How long after an outage was told it is told again, then twice as long, and so on.
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
