//! What a span's samples come to: all of them while they are few, thinned once they are not, and
//! counts, uptime, percentiles and incidents of all of them in any case.

use super::incidents::{IncidentJudge, JudgedIncident};
use super::rollup::{Rollup, Summary};
use up_core::Timestamp;

use crate::downsample::{DownsampledPoint, Spans, Thinner, in_order};
use crate::sample::Query;

/// Gathers one path's samples in the order of their dates. `C` stands for a cause, in whatever form
/// the store has it. Holds no more than `query.most` samples, and a small number a bucket.
pub(crate) struct SeriesDigest<C> {
    query: Query,
    all: Option<Vec<DownsampledPoint<C>>>,
    thinner: Thinner<C>,
    /// Of all that was taken so far.
    rollup: Rollup,
    begun: bool,
    incidents: IncidentJudge<C>,
}

/// What was gathered.
pub(crate) struct DigestedSeries<C> {
    /// Oldest first.
    pub(crate) points: Vec<DownsampledPoint<C>>,
    /// Of all samples.
    pub(crate) summary: Summary,
    /// Oldest first.
    pub(crate) incidents: Vec<JudgedIncident<C>>,
    pub(crate) thinned: bool,
}

impl<C: Clone> SeriesDigest<C> {
    /// For the samples of a query; should they be too many, these are the spans to thin them by.
    pub(crate) fn new(query: &Query, spans: Spans) -> Self {
        Self {
            all: Some(Vec::new()),
            thinner: Thinner::new(spans, query.most),
            rollup: Rollup::default(),
            begun: false,
            incidents: IncidentJudge::new(),
            query: query.clone(),
        }
    }

    /// Takes the next sample. Of samples before the span only the uptime takes note: the last of
    /// them may stand into it.
    pub(crate) fn take(&mut self, sample: DownsampledPoint<C>) {
        let date = millis(sample.date);
        if sample.date < self.query.from {
            self.rollup.take_before(date, sample.status);
            return;
        }
        self.begin();
        // `as` saturates: what is no duration is none.
        let duration = (sample.duration * 1e6).round() as u64;
        self.rollup.take(date, sample.status, duration);
        self.incidents
            .take(sample.date, sample.status, &sample.cause);
        let Some(all) = &mut self.all else {
            return self.thinner.take(sample);
        };
        all.push(sample);
        if all.len() > self.query.most {
            for sample in self.all.take().into_iter().flatten() {
                self.thinner.take(sample);
            }
        }
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.rollup.begin(millis(self.query.from));
        }
    }

    /// What came of it.
    pub(crate) fn finish(mut self) -> DigestedSeries<C> {
        self.begin();
        let thinned = self.all.is_none();
        let mut points = self.all.unwrap_or_else(|| self.thinner.finish());
        in_order(&mut points);
        DigestedSeries {
            points,
            summary: self.rollup.summary(millis(self.query.to)),
            incidents: self.incidents.finish(),
            thinned,
        }
    }
}

/// Whole milliseconds since 1970; `as` saturates.
fn millis(date: Timestamp) -> i64 {
    (date * 1e3).round() as i64
}
