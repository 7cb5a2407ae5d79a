//! Thinning: of each equal span of time the first, the last, the lowest and the slowest sample.
//! Both stores thin by this one rule, so that they answer alike.
//!
//! Samples of a long time are thinned by whole days of UTC: then rollups tell which hours of a day hold
//! these samples, and a store reads no others.

use std::collections::BTreeMap;

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
    /// How many days each has, if they are of whole days of UTC.
    days: Option<i64>,
}

impl Spans {
    /// `most / 4` equal spans (at least one) of what is left of `from..=to`, or fewer of whole days.
    pub(crate) fn new(from: Timestamp, to: Timestamp, most: usize) -> Self {
        let count = (most / 4).clamp(1, MOST_SPANS);
        let first = (from / DAY).floor();
        let days = (to / DAY).floor() - first + 1.0;
        if days >= LONG {
            let each = (days / count as f64).ceil();
            return Self {
                from: first * DAY,
                width: each * DAY,
                // `as` saturates.
                count: (days / each).ceil() as usize,
                days: Some(each as i64),
            };
        }
        // A width of zero would divide by zero; a microsecond is the finest that is kept.
        let width = ((to - from) / count as f64).max(1e-6);
        Self {
            from,
            width,
            count,
            days: None,
        }
    }

    /// How many days each span has, and the day, counted from 1970, that the span in their middle begins
    /// with; `None` if they are not of whole days of UTC.
    pub(crate) fn days(self) -> Option<(i64, i64)> {
        let days = self.days?;
        let first = (self.from / DAY) as i64;
        let before = i64::try_from(self.count / 2).ok()?;
        Some((days, first + before * days))
    }

    fn of(self, date: Timestamp) -> usize {
        // `as` saturates, so that a date before the first span falls into it.
        (((date - self.from) / self.width) as usize).min(self.count - 1)
    }
}

/// Seconds.
const DAY: f64 = 86_400.0;

/// From so many days on spans are of whole days.
const LONG: f64 = 100.0;

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
    kept: BTreeMap<usize, DownsampleBucket<C>>,
    /// The one that took the last sample: nearly always the next sample's too.
    latest: Option<(usize, DownsampleBucket<C>)>,
    most: usize,
}

impl<C: Clone> Thinner<C> {
    pub(crate) fn new(spans: Spans, most: usize) -> Self {
        Self {
            spans,
            kept: BTreeMap::new(),
            latest: None,
            most,
        }
    }

    pub(crate) fn take(&mut self, sample: DownsampledPoint<C>) {
        let number = self.spans.of(sample.date);
        let span = match &mut self.latest {
            Some((latest, span)) if *latest == number => span,
            latest => {
                let next = self.kept.remove(&number);
                let next = next.unwrap_or_else(|| DownsampleBucket {
                    first: sample.clone(),
                    last: sample.clone(),
                    lowest: sample.clone(),
                    slowest: sample.clone(),
                });
                if let Some((number, span)) = latest.take() {
                    self.kept.insert(number, span);
                }
                &mut latest.insert((number, next)).1
            }
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
    pub(crate) fn finish(mut self) -> Vec<DownsampledPoint<C>> {
        self.kept.extend(self.latest.take());
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
