//! Thinning: of each equal span of time the first, the last, the lowest and the slowest sample.
//! Both stores thin by this one rule, so that they answer alike.

use up_core::Timestamp;

/// A sample on its way through: `C` stands for its cause, in whatever form the store has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DownsampledPoint<C> {
    pub(crate) date: Timestamp,
    pub(crate) status: Option<f64>,
    pub(crate) duration: f64,
    pub(crate) cause: C,
}

/// The spans that a query is cut into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans {
    from: Timestamp,
    width: f64,
    count: usize,
}

impl Spans {
    /// `most / 4` equal spans (at least one) of what is left of `from..=to`.
    pub(crate) fn new(from: Timestamp, to: Timestamp, most: usize) -> Self {
        let count = (most / 4).clamp(1, MOST_SPANS);
        // A width of zero would divide by zero; a microsecond is the finest that is kept.
        let width = ((to - from) / count as f64).max(1e-6);
        Self { from, width, count }
    }

    fn of(self, date: Timestamp) -> usize {
        // `as` saturates, so that a date before the first span falls into it.
        (((date - self.from) / self.width) as usize).min(self.count - 1)
    }
}

/// More spans than this serve no screen and no file.
const MOST_SPANS: usize = 1_000_000;

struct DownsampleBucket<C> {
    first: DownsampledPoint<C>,
    last: DownsampledPoint<C>,
    lowest: DownsampledPoint<C>,
    slowest: DownsampledPoint<C>,
}

/// Takes samples in any order and keeps at most four a span.
pub(crate) struct Thinner<C> {
    spans: Spans,
    kept: std::collections::BTreeMap<usize, DownsampleBucket<C>>,
    most: usize,
}

impl<C: Clone> Thinner<C> {
    pub(crate) fn new(spans: Spans, most: usize) -> Self {
        Self {
            spans,
            kept: std::collections::BTreeMap::new(),
            most,
        }
    }

    pub(crate) fn take(&mut self, sample: DownsampledPoint<C>) {
        let Some(span) = self.kept.get_mut(&self.spans.of(sample.date)) else {
            let span = DownsampleBucket {
                first: sample.clone(),
                last: sample.clone(),
                lowest: sample.clone(),
                slowest: sample.clone(),
            };
            self.kept.insert(self.spans.of(sample.date), span);
            return;
        };
        if is_slower(&sample, &span.slowest) {
            span.slowest = sample.clone();
        }
        if is_lower(&sample, &span.lowest) {
            span.lowest = sample.clone();
        }
        if sample.date < span.first.date {
            span.first = sample;
        } else if sample.date >= span.last.date {
            span.last = sample;
        }
    }

    /// What is left, oldest first.
    pub(crate) fn finish(self) -> Vec<DownsampledPoint<C>> {
        // Fewer than four points asked for: the outage matters most, then how it ended.
        let each = self.most.min(4);
        let mut points = Vec::with_capacity(self.kept.len() * each);
        for span in self.kept.into_values() {
            let begin = points.len();
            for sample in [span.lowest, span.last, span.first, span.slowest] {
                let known = points[begin..].iter().any(|p| same(p, &sample));
                if !known && points.len() - begin < each {
                    points.push(sample);
                }
            }
        }
        in_order(&mut points);
        points
    }
}

/// Sorts by date; samples of one date keep their order.
pub(crate) fn in_order<C>(points: &mut [DownsampledPoint<C>]) {
    points.sort_by(|a, b| a.date.total_cmp(&b.date));
}

/// Any status is lower than unknown, so that unknowns never hide an outage; of equals the earlier.
fn is_lower<C>(one: &DownsampledPoint<C>, other: &DownsampledPoint<C>) -> bool {
    let rank = |kept: &DownsampledPoint<C>| (kept.status.unwrap_or(f64::INFINITY), kept.date);
    rank(one) < rank(other)
}

/// Of equals the later.
fn is_slower<C>(one: &DownsampledPoint<C>, other: &DownsampledPoint<C>) -> bool {
    (one.duration, one.date) > (other.duration, other.date)
}

fn same<C>(a: &DownsampledPoint<C>, b: &DownsampledPoint<C>) -> bool {
    a.date.total_cmp(&b.date).is_eq() && a.status == b.status
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(date: f64, status: Option<f64>, duration: f64) -> DownsampledPoint<()> {
        DownsampledPoint {
            date,
            status,
            duration,
            cause: (),
        }
    }

    fn check(most: usize, samples: &[DownsampledPoint<()>], dates: &[f64]) {
        let spans = Spans::new(0.0, 100.0, most);
        let mut thinner = Thinner::new(spans, most);
        // Any order must do: newest first is the worst case for "first" and "last".
        samples.iter().rev().cloned().for_each(|s| thinner.take(s));
        let kept: Vec<f64> = thinner.finish().iter().map(|k| k.date).collect();
        assert_eq!(kept, dates, "of {samples:?}, {most} at most");
    }

    #[test]
    fn each_span_keeps_its_first_last_lowest_and_slowest() {
        let day: Vec<_> = (0..100)
            .map(|i| {
                let status = if i == 37 { 0.0 } else { 1.0 };
                let duration = if i == 73 { 9.0 } else { 0.1 };
                sample(f64::from(i), Some(status), duration)
            })
            .collect();
        check(8, &day, &[0.0, 37.0, 49.0, 50.0, 73.0, 99.0]);
        check(4, &day, &[0.0, 37.0, 73.0, 99.0]);
        check(3, &day, &[0.0, 37.0, 99.0]);
        check(1, &day, &[37.0]);
        check(0, &day, &[]);
    }

    #[test]
    fn unknowns_never_hide_an_outage() {
        let some = [
            sample(1.0, None, 0.0),
            sample(2.0, Some(0.5), 0.0),
            sample(3.0, None, 0.0),
        ];
        check(4, &some, &[1.0, 2.0, 3.0]);
        check(4, &[sample(1.0, None, 0.0)], &[1.0]);
    }
}
