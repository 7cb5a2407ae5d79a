//! What a path's samples come to in plain numbers, which can be added up.

use bson::raw::RawDocument;

use super::document::number;
use super::samples::SeriesPoint;

/// What a path's samples of a span come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PathSums {
    pub(super) count: u64,
    pub(super) unknown: u64,
    /// Of the statuses, and of their squares.
    pub(super) sum: f64,
    pub(super) squares: f64,
    /// The dates of the first and the newest sample, and the status of that.
    pub(super) first: f64,
    pub(super) last: f64,
    pub(super) status: Option<f64>,
}

impl Default for PathSums {
    fn default() -> Self {
        Self {
            count: 0,
            unknown: 0,
            sum: 0.0,
            squares: 0.0,
            first: f64::INFINITY,
            last: f64::NEG_INFINITY,
            status: None,
        }
    }
}

impl PathSums {
    /// What a group of documents comes to; `None` if it is none of ours.
    pub(super) fn read(group: &RawDocument) -> Option<Self> {
        let last = group.get_document("last").ok()?;
        // `as` saturates.
        let count = |key: &str| number(group, key).map(|count| count as u64);
        Some(Self {
            count: count("count")?,
            unknown: count("unknown")?,
            sum: number(group, "sum")?,
            squares: number(group, "squares")?,
            first: number(group, "first")?,
            last: number(last, "date")?,
            status: number(last, "up"),
        })
    }

    /// Adds those of other samples.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.unknown += other.unknown;
        self.sum += other.sum;
        self.squares += other.squares;
        self.first = self.first.min(other.first);
        if other.last > self.last {
            (self.last, self.status) = (other.last, other.status);
        }
    }

    /// Adds a sample.
    pub(super) fn take(&mut self, sample: &SeriesPoint) {
        let status = sample.status;
        self.add(&Self {
            count: u64::from(status.is_some()),
            unknown: u64::from(status.is_none()),
            sum: status.unwrap_or_default(),
            squares: status.map_or(0.0, |status| status * status),
            first: sample.date,
            last: sample.date,
            status,
        });
    }
}
