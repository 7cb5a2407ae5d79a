//! The two documents of a path and day: as they are made, and as they are read.

use bson::raw::{RawBsonRef, RawDocument};
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, Document, doc};
use sha2::{Digest, Sha256};

use super::super::document::{cause as read_cause, number, written_cause};
use super::super::samples::SeriesPoint;
use crate::answer::{Rollup, micros, millis, pack, unpack};
use crate::embedded::{LONGEST_RUN, RunSample, pack_run, unpack_run};
use crate::sample::KeptCause;

/// Milliseconds.
pub(in super::super) const HOUR: i64 = 3_600_000;
pub(in super::super) const DAY: i64 = 24 * HOUR;

/// A path and day with more samples is not rolled up.
pub(super) const MOST: usize = 400_000;

/// No document lists more causes. Samples with others have none in it.
const CAUSES: usize = 1_000;

/// The day that a time in milliseconds lies in, since 1970.
pub(in super::super) fn day_of(millis: i64) -> i64 {
    millis.div_euclid(DAY)
}

/// When a day begins, in milliseconds.
pub(in super::super) fn day_begin(day: i64) -> i64 {
    day.saturating_mul(DAY)
}

/// The day that a date lies in, as the server computes it. The date has to be a number within bounds.
pub(super) fn day_number(date: &str) -> Document {
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

/// Gathers the samples of a path and day.
#[derive(Default)]
pub(super) struct DayBuild {
    samples: Vec<RunSample>,
    causes: Vec<KeptCause>,
}

impl DayBuild {
    /// Takes the next sample. False when there are too many of them.
    pub(super) fn take(&mut self, sample: &SeriesPoint) -> bool {
        if self.samples.len() >= MOST {
            return false;
        }
        let cause = sample.cause.as_ref().and_then(|cause| self.number(cause));
        let sample = RunSample {
            date: millis(sample.date),
            status: sample.status,
            duration: micros(sample.duration),
            cause,
        };
        self.samples.push(sample.rounded());
        true
    }

    fn number(&mut self, cause: &KeptCause) -> Option<u32> {
        let known = self.causes.iter().rposition(|known| known == cause);
        let number = known.unwrap_or_else(|| {
            if self.causes.len() < CAUSES {
                self.causes.push(cause.clone());
            }
            self.causes.len() - 1
        });
        (self.causes.get(number) == Some(cause)).then_some(number as u32)
    }

    pub(super) fn count(&self) -> usize {
        self.samples.len()
    }

    /// The fields of both documents: of `rollups`, and of `runs`. The samples are all that lie before
    /// `until`, in milliseconds. `None` if there are none.
    pub(super) fn finish(self, day: i64, until: i64) -> Option<(Document, Document)> {
        let begin = day_begin(day);
        let mut hours = vec![Rollup::default(); (DAY / HOUR) as usize];
        let mut sums = (0.0, 0.0);
        for sample in &self.samples {
            let hour = (sample.date - begin).div_euclid(HOUR);
            // `as` saturates. What is rounded up to the next day belongs to the last hour of this one.
            let hour = (hour as usize).min(hours.len() - 1);
            hours[hour].take(sample.date, sample.status, sample.duration);
            let status = sample.status.unwrap_or_default();
            sums = (sums.0 + status, sums.1 + status * status);
        }
        let mut whole = Rollup::default();
        for hour in &hours {
            whole.merge(hour);
        }
        let (count, unknown, (first, last)) = whole.extent()?;
        let status = self.samples.last().and_then(|sample| sample.status);
        let runs: Vec<_> = (self.samples.chunks(LONGEST_RUN))
            .map(|samples| pack_run(samples, begin))
            .collect();
        let made = made(&runs, until);
        let causes: Vec<_> = self.causes.iter().map(written_cause).collect();
        let common = doc! { "day": day, "at": at(day), "until": until, "made": made };
        let mut rollup = common.clone();
        rollup.extend(doc! {
            "samples": long(self.samples.len() as u64),
            "count": long(count),
            "unknown": long(unknown),
            "sum": sums.0,
            "squares": sums.1,
            "first": first as f64 / 1e3,
            "last": { "date": last as f64 / 1e3, "up": status },
            "whole": binary(pack(&[whole], begin, DAY)),
            "hours": binary(pack(&hours, begin, HOUR)),
        });
        let mut run = common;
        run.remove("day");
        run.extend(doc! {
            "runs": runs.into_iter().map(binary).collect::<Vec<_>>(),
            "causes": causes,
        });
        Some((rollup, run))
    }
}

/// A number that tells what was made of other samples.
fn made(runs: &[Vec<u8>], until: i64) -> i64 {
    let mut hash = Sha256::new();
    for run in runs {
        hash.update(run);
    }
    hash.update(until.to_be_bytes());
    let hash = hash.finalize();
    i64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default())
}

fn binary(bytes: Vec<u8>) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes,
    })
}

fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is known of a day that is rolled up.
#[derive(Debug)]
pub(in super::super) struct DayHead {
    pub(in super::super) day: i64,
    /// Samples before this time are rolled up, in milliseconds.
    pub(in super::super) until: i64,
    made: i64,
    pub(in super::super) whole: Rollup,
}

impl DayHead {
    /// `None` if it may not be read: it is late, not made yet, or damaged.
    pub(super) fn read(document: &RawDocument) -> Option<Self> {
        if !matches!(document.get("late"), Ok(None)) {
            return None;
        }
        let day = whole(document, "day")?;
        let until = whole(document, "until")?;
        let (begin, end) = (day_begin(day), day_begin(day.checked_add(1)?));
        if until <= begin || until > end || until % HOUR != 0 {
            return None;
        }
        let rollups = unpacked(document, "whole", day, DAY)?;
        Some(Self {
            day,
            until,
            made: whole(document, "made")?,
            whole: rollups.into_iter().next()?,
        })
    }

    /// The day's begin, in milliseconds.
    pub(in super::super) fn begin(&self) -> i64 {
        day_begin(self.day)
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
        unpacked(document, "hours", self.day, HOUR)
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
        let mut samples = Vec::new();
        for run in document.get_array("runs").ok()? {
            let RawBsonRef::Binary(run) = run.ok()? else {
                return None;
            };
            for sample in unpack_run(run.bytes, self.begin())? {
                let cause = sample.cause.map(|cause| causes.get(cause as usize));
                samples.push(SeriesPoint {
                    date: sample.date as f64 / 1e3,
                    status: sample.status,
                    duration: sample.duration as f64 / 1e6,
                    cause: cause.flatten().cloned(),
                });
            }
            if samples.len() > MOST {
                return None;
            }
        }
        Some(samples)
    }

    fn is_of(&self, document: &RawDocument) -> bool {
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

fn unpacked(document: &RawDocument, key: &str, day: i64, width: i64) -> Option<Vec<Rollup>> {
    let Ok(Some(RawBsonRef::Binary(packed))) = document.get(key) else {
        return None;
    };
    let mut rollups = vec![Rollup::default(); (DAY / width) as usize];
    unpack(packed.bytes, day_begin(day), width, |number, rollup| {
        if let Some(kept) = rollups.get_mut(number as usize) {
            *kept = rollup;
        }
    })?;
    Some(rollups)
}
