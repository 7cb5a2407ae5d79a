//! What a span's samples come to: all of them while they are few, thinned once they are not; and the parts
//! of a span.

use super::cut::CutSpan;
use super::rollup::Rollup;

use crate::downsample::{DownsampledPoint, Spans, Thinner, in_order};
use crate::sample::Query;

/// Gathers one path's samples in the order of their dates. `C` stands for a cause, in whatever form
/// the store has it. Holds no more than `query.most` samples, and a small number a bucket.
pub(crate) struct SeriesDigest<C> {
    query: Query,
    all: Option<Vec<DownsampledPoint<C>>>,
    thinner: Thinner<C>,
}

/// What was gathered.
pub(crate) struct DigestedSeries<C> {
    /// Oldest first.
    pub(crate) points: Vec<DownsampledPoint<C>>,
    pub(crate) thinned: bool,
}

impl<C: Clone> SeriesDigest<C> {
    /// For the samples of a query; should they be too many, these are the spans to thin them by.
    pub(crate) fn new(query: &Query, spans: Spans) -> Self {
        Self {
            all: Some(Vec::new()),
            thinner: Thinner::new(spans, query.most),
            query: query.clone(),
        }
    }

    /// The samples to come are known to be too many.
    pub(crate) fn thin(&mut self) {
        for sample in self.all.take().into_iter().flatten() {
            self.thinner.take(sample);
        }
    }

    /// Takes the next sample. What comes before or after the span does not count.
    pub(crate) fn take(&mut self, sample: DownsampledPoint<C>) {
        if !(self.query.from..self.query.to).contains(&sample.date) {
            return;
        }
        let Some(all) = &mut self.all else {
            return self.thinner.take(sample);
        };
        all.push(sample);
        if all.len() > self.query.most {
            self.thin();
        }
    }

    /// What came of it.
    pub(crate) fn finish(self) -> DigestedSeries<C> {
        let thinned = self.all.is_none();
        let mut points = self.all.unwrap_or_else(|| self.thinner.finish());
        in_order(&mut points);
        DigestedSeries { points, thinned }
    }
}

/// Gathers the parts of a span from all samples of it, taken in the order of their dates.
pub(crate) struct PartsDigest {
    parts: CutSpan,
    /// Of what lies after this edge.
    rollup: Rollup,
    edge: i64,
    next: i64,
}

impl PartsDigest {
    pub(crate) fn new(parts: CutSpan) -> Self {
        let (edge, _) = parts.span();
        Self {
            next: parts.next_edge(edge),
            edge,
            rollup: Rollup::default(),
            parts,
        }
    }

    /// The span, in milliseconds.
    pub(crate) fn span(&self) -> (i64, i64) {
        self.parts.span()
    }

    /// The edge after a time of the span, in milliseconds.
    pub(crate) fn next_edge(&self, time: i64) -> i64 {
        self.parts.next_edge(time)
    }

    /// Takes the next sample: milliseconds, 0 to 1, microseconds. Of samples before the span only the last one
    /// may count, for what it stands within it; what comes after the span does not.
    pub(crate) fn take(&mut self, date: i64, status: Option<f64>, duration: u64) {
        let (from, to) = self.parts.span();
        if date < from {
            return self.rollup.take_before(date, status);
        }
        if date >= to {
            return;
        }
        self.enter();
        self.pass(date);
        self.rollup.take(date, status, duration);
    }

    /// Takes what all samples from `begin` on come to, up to a time that is not after the next edge.
    pub(crate) fn take_rollup(&mut self, begin: i64, rollup: &Rollup) {
        if rollup.samples() == 0 {
            return;
        }
        self.enter();
        self.pass(begin);
        self.rollup.merge(rollup);
    }

    /// What comes before the span ends where it begins.
    fn enter(&mut self) {
        let (from, _) = self.parts.span();
        if self.edge == from && self.rollup.samples() == 0 {
            self.rollup.begin(from);
        }
    }

    /// Hands out the pieces that end by this time.
    fn pass(&mut self, date: i64) {
        while date >= self.next && self.edge < self.next {
            let standing = self.rollup.standing();
            let piece = std::mem::replace(&mut self.rollup, standing);
            self.parts.take(self.edge, self.next, piece);
            self.rollup.begin(self.next);
            self.edge = self.next;
            self.next = self.parts.next_edge(self.edge);
        }
    }

    pub(crate) fn finish(mut self) -> CutSpan {
        let (_, to) = self.parts.span();
        self.enter();
        self.pass(to);
        self.parts
    }
}

/// Whole microseconds; `as` saturates, so that what is no duration is none.
pub(crate) fn micros(duration: f64) -> u64 {
    (duration * 1e6).round() as u64
}
