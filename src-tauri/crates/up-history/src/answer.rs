//! The answers that both stores give, as pure functions over a path's samples. A store reads samples
//! in the order of their dates and feeds them to [`SeriesDigest`]; nothing here reads a file, a
//! server or a clock.
//!
//! # Uptime
//!
//! Uptime goes by time, not by sample, so that the rechecks after a failure do not count as much as
//! whole intervals. Sample `i`, with status `u(i)` and date `t(i)`, stands for
//! `s(i) = min(t(i+1) − t(i), 5 min)`, cut to what of it lies in the span that is asked for, and
//!
//! ```text
//! uptime = Σ u(i) · s(i) / Σ s(i)     over the samples whose status is known
//! ```
//!
//! An unknown sample ends the time of the sample before it and adds to neither sum. Neither does a
//! gap: a held source and a machine that sleeps store no samples, so that the last sample before a
//! gap stands for at most five minutes of it. The bound is fixed rather than a multiple of the
//! interval, because a file does not say what the interval was, and because pieces of a history can
//! then be added up in any order. Samples that are further apart than the bound all weigh the same.

mod cut;
mod digest;
mod durations;
mod incidents;
mod pack;
mod rollup;
mod uptime;

pub(crate) use cut::{CutSpan, millis};
pub use cut::{DurationDetail, HistoryPart, SpanCut, SpanToCut};
pub(crate) use digest::{DigestedSeries, PartsDigest, SeriesDigest, micros};
pub use durations::{DurationCount, Percentiles};
pub(crate) use incidents::{IncidentJudge, JudgedIncident, path_and_above};
pub use incidents::{IncidentRules, KeptIncident, RulesOfPaths};
#[cfg(test)]
pub(crate) use pack::pack_version_1;
pub(crate) use pack::{pack, unpack, unpack_statuses};
pub(crate) use rollup::Rollup;
pub use rollup::{HistorySummary, PathOverview, STATUS_PARTS};

/// How long before a span a sample may lie that stands into it, in seconds.
pub(crate) const LOOK_BACK: f64 = uptime::STANDS as f64 / 1e3;
