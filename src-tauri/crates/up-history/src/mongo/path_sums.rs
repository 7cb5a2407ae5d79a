//! What a path has, in plain numbers, which can be added up.

use bson::raw::RawDocument;

use super::document::number;

/// How many samples a path has, and from when to when.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PathSums {
    pub(super) count: u64,
    pub(super) unknown: u64,
    /// The dates of the first and the newest sample.
    pub(super) first: f64,
    pub(super) last: f64,
}

impl Default for PathSums {
    fn default() -> Self {
        Self {
            count: 0,
            unknown: 0,
            first: f64::INFINITY,
            last: f64::NEG_INFINITY,
        }
    }
}

impl PathSums {
    /// What a group of documents comes to; `None` if it is none of ours.
    pub(super) fn read(group: &RawDocument) -> Option<Self> {
        // `as` saturates.
        let count = |key: &str| number(group, key).map(|count| count as u64);
        Some(Self {
            count: count("count")?,
            unknown: count("unknown")?,
            first: number(group, "first")?,
            last: number(group.get_document("last").ok()?, "date")?,
        })
    }

    /// Adds those of other samples.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.unknown += other.unknown;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}
