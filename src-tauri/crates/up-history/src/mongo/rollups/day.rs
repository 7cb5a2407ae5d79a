//! The documents of a path and day as they are read.

use std::sync::Arc;

use bson::raw::{RawBsonRef, RawDocument};
use bson::{DateTime, Document, doc};

use super::super::document::{cause as read_cause, number};
use super::super::samples::SeriesPoint;
use super::day_agents::agent_id;
use crate::answer::{DurationDetail, Rollup, unpack};
use crate::embedded::unpack_run;

/// Milliseconds.
pub(in super::super) const HOUR: i64 = 3_600_000;
pub(in super::super) const DAY: i64 = 24 * HOUR;

/// A path and day with more samples is not rolled up.
pub(super) const MOST: usize = 400_000;

/// The day that a time in milliseconds lies in, since 1970.
pub(in super::super) fn day_of(millis: i64) -> i64 {
    millis.div_euclid(DAY)
}

/// When a day begins, in milliseconds.
pub(in super::super) fn day_begin(day: i64) -> i64 {
    day.saturating_mul(DAY)
}

/// The day that a date lies in, as the server computes it. The date has to be within bounds; a list of
/// dates, which only another program writes, has day 0.
pub(super) fn day_number(date: &str) -> Document {
    let date = doc! { "$cond": [{ "$isNumber": date }, date, 0] };
    let millis = doc! { "$add": [{ "$multiply": [date, 1e3] }, 0.5] };
    doc! { "$toLong": { "$floor": { "$divide": [millis, DAY as f64] } } }
}

/// The same for the same path and day. Documents are compared field by field, so that the days of one
/// path are a range of `_id`.
pub(super) fn id(path: &str, day: i64) -> Document {
    doc! { "path": path, "day": day }
}

/// The `_id`s of a path's days, the first and the last.
pub(super) fn ids(path: &str, (first, last): (i64, i64)) -> Document {
    doc! { "_id": { "$gte": id(path, first), "$lte": id(path, last) } }
}

/// When a day begins, as the field `at`, by which documents expire.
pub(super) fn at(day: i64) -> DateTime {
    DateTime::from_millis(day_begin(day))
}

/// Whose samples of a day are meant, and so which documents have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DayOwner {
    /// Those of all agents, or of the only one that wrote any.
    Everyone,
    /// Those of one of several agents.
    Agent(Arc<str>),
    /// Those of an agent that wrote none.
    Nobody,
}

/// What is known of a day that is rolled up.
#[derive(Debug)]
pub(in super::super) struct DayHead {
    pub(in super::super) day: i64,
    /// Samples before this time are rolled up, in milliseconds.
    pub(in super::super) until: i64,
    pub(super) owner: DayOwner,
    made: i64,
    detail: DurationDetail,
    pub(in super::super) whole: Rollup,
}

impl DayHead {
    /// `None` if it may not be read: it is late, not made yet, or damaged.
    pub(super) fn read(document: &RawDocument, detail: DurationDetail) -> Option<Self> {
        if !matches!(document.get("late"), Ok(None)) {
            return None;
        }
        let day = whole(document, "day")?;
        Self::read_of(document, day, DayOwner::Everyone, detail)
    }

    /// Reads an agent's part of a day; `None` if it is damaged, or was not made with this day.
    pub(super) fn read_part(&self, document: &RawDocument, agent: &Arc<str>) -> Option<Self> {
        let owner = DayOwner::Agent(Arc::clone(agent));
        let day = whole(document, "agent_day")?;
        let part = Self::read_of(document, day, owner, self.detail)?;
        let is_of = (part.day, part.until, part.made) == (self.day, self.until, self.made);
        is_of.then_some(part)
    }

    /// The same day of an agent that wrote nothing.
    pub(super) fn without_samples(self) -> Self {
        Self {
            owner: DayOwner::Nobody,
            whole: Rollup::default(),
            ..self
        }
    }

    fn read_of(
        document: &RawDocument,
        day: i64,
        owner: DayOwner,
        detail: DurationDetail,
    ) -> Option<Self> {
        let until = whole(document, "until")?;
        let (begin, end) = (day_begin(day), day_begin(day.checked_add(1)?));
        if until <= begin || until > end || until % HOUR != 0 {
            return None;
        }
        let rollups = unpacked(document, "whole", (day, DAY), detail)?;
        Some(Self {
            day,
            until,
            owner,
            made: whole(document, "made")?,
            detail,
            whole: rollups.into_iter().next()?,
        })
    }

    /// The day's begin, in milliseconds.
    pub(in super::super) fn begin(&self) -> i64 {
        day_begin(self.day)
    }

    /// The `_id` of its documents; `None` if it has none.
    pub(super) fn id(&self, path: &str) -> Option<Document> {
        match &self.owner {
            DayOwner::Everyone => Some(id(path, self.day)),
            DayOwner::Agent(agent) => Some(agent_id(agent, path, self.day)),
            DayOwner::Nobody => None,
        }
    }

    /// True if it has no samples.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.whole.extent().is_none()
    }

    /// The first sample of a day that was wholly up.
    pub(super) fn first_up(&self) -> Option<SeriesPoint> {
        let (.., (first, _)) = self.whole.extent()?;
        Some(SeriesPoint {
            date: first as f64 / 1e3,
            status: Some(1.0),
            duration: 0.0,
            cause: None,
        })
    }

    /// The hours of a document that was made with this one; `None` if it was not.
    pub(super) fn hours(&self, document: &RawDocument) -> Option<Vec<Rollup>> {
        if !self.is_of(document) {
            return None;
        }
        unpacked(document, "hours", (self.day, HOUR), self.detail)
    }

    /// The samples of a document that was made with this one; `None` if it was not.
    pub(super) fn samples(&self, document: &RawDocument) -> Option<Vec<SeriesPoint>> {
        if !self.is_of(document) {
            return None;
        }
        let mut causes = Vec::new();
        for cause in document.get_array("causes").ok()? {
            let RawBsonRef::Document(cause) = cause.ok()? else {
                return None;
            };
            causes.push(read_cause(cause));
        }
        let expected = usize::try_from(self.whole.samples()).unwrap_or(MOST);
        let mut samples = Vec::with_capacity(expected.min(MOST));
        for run in document.get_array("runs").ok()? {
            let RawBsonRef::Binary(run) = run.ok()? else {
                return None;
            };
            unpack_run(run.bytes, self.begin(), |sample| {
                let cause = sample.cause.map(|cause| causes.get(cause as usize));
                samples.push(SeriesPoint {
                    date: sample.date as f64 / 1e3,
                    status: sample.status,
                    duration: sample.duration as f64 / 1e6,
                    cause: cause.flatten().cloned(),
                });
            })?;
            if samples.len() > MOST {
                return None;
            }
        }
        Some(samples)
    }

    /// True of a document that was made with this one.
    pub(super) fn is_of(&self, document: &RawDocument) -> bool {
        whole(document, "made") == Some(self.made)
    }
}

/// A whole number.
pub(super) fn whole(document: &RawDocument, key: &str) -> Option<i64> {
    match document.get(key).ok()?? {
        RawBsonRef::Int64(number) => Some(number),
        _ => number(document, key).map(|number| number as i64),
    }
}

fn unpacked(
    document: &RawDocument,
    key: &str,
    (day, width): (i64, i64),
    detail: DurationDetail,
) -> Option<Vec<Rollup>> {
    let Ok(Some(RawBsonRef::Binary(packed))) = document.get(key) else {
        return None;
    };
    let mut rollups = vec![Rollup::default(); (DAY / width) as usize];
    let span = (day_begin(day), width);
    unpack(packed.bytes, span, detail, |number, rollup| {
        if let Some(kept) = rollups.get_mut(number as usize) {
            *kept = rollup;
        }
    })?;
    Some(rollups)
}
