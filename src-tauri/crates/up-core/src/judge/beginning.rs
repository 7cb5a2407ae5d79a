//! When something began, as far as samples show, and the rows of samples that it is read from.

use crate::phrase;
use crate::sample::Timestamp;

/// When a verdict or level began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beginning {
    /// The date of the first sample that showed it.
    pub date: Timestamp,
    /// True if the sample before that one showed something else. If not, nobody was looking: it has
    /// been so at least since the date.
    pub is_observed: bool,
}

impl Beginning {
    /// A beginning that was seen.
    pub const fn observed(date: Timestamp) -> Self {
        Self {
            date,
            is_observed: true,
        }
    }

    /// How long it has lasted at `until`: `3 min`, or `at least 3 min`.
    pub fn lasted(self, until: Timestamp) -> String {
        let lasted = phrase::span(until - self.date);
        if self.is_observed {
            lasted
        } else {
            format!("at least {lasted}")
        }
    }

    /// Since when it has been so, given the text of the date: `since 15:30`, or `at least since
    /// 15:30`.
    pub fn since(self, date: &str) -> String {
        if self.is_observed {
            format!("since {date}")
        } else {
            format!("at least since {date}")
        }
    }
}

/// The length of a row of consecutive samples with a common property.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Streak {
    pub(super) count: u32,
    pub(super) since: Beginning,
}

impl Streak {
    /// Counts a sample. `since` is when the row begins if it is the first that belongs to it.
    pub(super) fn push(&mut self, belongs: bool, since: Beginning) {
        if belongs && self.count == 0 {
            self.since = since;
        }
        self.count = if belongs {
            self.count.saturating_add(1)
        } else {
            0
        };
    }
}
