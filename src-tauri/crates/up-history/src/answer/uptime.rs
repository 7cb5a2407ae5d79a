//! Uptime by time; the formula stands in the module above. Dates are whole milliseconds since 1970
//! here, so that sums over pieces of a history are the sums over all of it.

/// How long a sample stands at most, in milliseconds.
pub(crate) const STANDS: i64 = 300_000;

/// The times for which samples stand, added up. Pieces of a history can be merged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Uptime {
    /// Milliseconds for which the status was known, without what the newest sample stands for.
    pub(super) known: i64,
    /// The same, each weighted with its status.
    pub(super) up: f64,
    pub(super) ends: Option<Ends>,
}

/// The ends of a piece: what its neighbours need to know of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ends {
    /// The date of the first sample.
    pub(super) first: i64,
    /// The date of the newest sample, from which on it stands.
    pub(super) newest: i64,
    /// It stands until then at the latest.
    pub(super) until: i64,
    pub(super) status: Option<f64>,
}

impl Uptime {
    /// Takes the next sample in the order of dates. A sample that is older than the one before it is
    /// taken for one of the same date.
    pub(crate) fn take(&mut self, date: i64, status: Option<f64>) {
        let date = self.ends.map_or(date, |ends| date.max(ends.newest));
        self.end_newest(date);
        self.ends = Some(Ends {
            first: self.ends.map_or(date, |ends| ends.first),
            newest: date,
            until: date.saturating_add(STANDS),
            status,
        });
    }

    /// Forgets all that was taken, except what the newest sample stands for from this time on.
    pub(crate) fn begin(&mut self, from: i64) {
        let ends = self.ends.filter(|ends| ends.until > from);
        *self = Self {
            ends: ends.map(|ends| Ends {
                first: from,
                newest: ends.newest.max(from),
                ..ends
            }),
            ..Self::default()
        };
    }

    /// Adds a piece that comes after this one.
    pub(crate) fn merge(&mut self, later: &Self) {
        let Some(ends) = later.ends else { return };
        self.end_newest(ends.first);
        self.known += later.known;
        self.up += later.up;
        self.ends = Some(Ends {
            first: self.ends.map_or(ends.first, |ends| ends.first),
            ..ends
        });
    }

    /// True if the first sample of this piece comes before that of the other one.
    pub(super) fn begins_before(&self, other: &Self) -> bool {
        let first = |uptime: &Self| uptime.ends.map_or(i64::MAX, |ends| ends.first);
        first(self) < first(other)
    }

    /// Ends with the newest sample of another piece, if that comes after the newest of this one.
    pub(super) fn end_with_newest_of(&mut self, other: &Self) {
        if let (Some(mine), Some(others)) = (&mut self.ends, other.ends)
            && others.newest > mine.newest
        {
            *mine = Ends {
                first: mine.first,
                ..others
            };
        }
    }

    /// The mean status over the time that is known before `to`; `None` when none is.
    pub(crate) fn share(mut self, to: i64) -> Option<f64> {
        self.end_newest(to);
        (self.known > 0).then(|| (self.up / self.known as f64).clamp(0.0, 1.0))
    }

    /// Ends the newest sample at `to`, or when it has stood as long as it may.
    pub(super) fn close(&mut self, to: i64) {
        self.end_newest(to);
        self.ends = None;
    }

    /// True if no time is known.
    pub(super) fn is_empty(&self) -> bool {
        self.known == 0
    }

    /// Adds the time of a piece that is closed.
    pub(super) fn gather(&mut self, closed: &Self) {
        self.known += closed.known;
        self.up += closed.up;
    }

    /// The milliseconds before `to` for which the status is known.
    pub(crate) fn known_until(mut self, to: i64) -> i64 {
        self.end_newest(to);
        self.known
    }

    fn end_newest(&mut self, next: i64) {
        if let Some(Ends {
            newest,
            until,
            status: Some(status),
            ..
        }) = self.ends
        {
            let stood = next.min(until).saturating_sub(newest).max(0);
            self.known = self.known.saturating_add(stood);
            self.up += status * stood as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Option<f64> = Some(1.0);
    const DOWN: Option<f64> = Some(0.0);

    /// Dates in seconds. However a history is cut into pieces, they come to the same.
    fn check(from: i64, to: i64, samples: &[(i64, Option<f64>)], expected: Option<f64>) {
        for cut in 0..=samples.len() {
            let (mut uptime, mut later) = (Uptime::default(), Uptime::default());
            let begin = samples.partition_point(|(date, _)| *date < from);
            for (date, status) in &samples[..begin] {
                uptime.take(date * 1_000, *status);
            }
            uptime.begin(from * 1_000);
            for (number, (date, status)) in samples.iter().enumerate().skip(begin) {
                let piece = if number < cut {
                    &mut uptime
                } else {
                    &mut later
                };
                piece.take(date * 1_000, *status);
            }
            uptime.merge(&later);
            let found = uptime.share(to * 1_000);
            let same = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (found, expected) => found == expected,
            };
            assert!(
                same,
                "{found:?} is not {expected:?}, {samples:?}, cut at {cut}"
            );
        }
    }

    #[test]
    fn each_sample_stands_until_the_next() {
        check(0, 100, &[], None);
        check(0, 100, &[(0, UP)], Some(1.0));
        check(0, 100, &[(0, UP), (90, DOWN)], Some(0.9));
        // Quick rechecks weigh what they stand: nine of ten minutes are up.
        let mut outage: Vec<_> = (0..10).map(|i| (i * 60, UP)).collect();
        outage[5].1 = DOWN;
        outage.splice(6..6, [(305, DOWN), (310, DOWN)]);
        check(0, 600, &outage, Some(0.9));
        check(0, 10, &[(0, Some(0.5)), (5, UP)], Some(0.75));
    }

    #[test]
    fn unknown_and_gaps_are_in_neither_part() {
        check(0, 100, &[(0, None)], None);
        check(0, 100, &[(0, UP), (10, None), (90, DOWN)], Some(0.5));
        // A gap of a day: the sample before it stands for five minutes of it.
        check(0, 1_000_000, &[(0, DOWN), (86_400, UP)], Some(0.5));
        check(0, 86_700, &[(0, DOWN), (86_400, UP)], Some(0.5));
    }

    #[test]
    fn only_what_lies_in_the_span_counts() {
        let samples = [(-400, DOWN), (-100, UP), (50, DOWN)];
        check(0, 100, &samples, Some(0.5));
        check(0, 50, &samples[..2], Some(1.0));
        check(-500, -200, &samples[..1], Some(0.0));
        check(1_000, 2_000, &samples, None);
        // Whoever sends samples in no order gets some answer.
        check(0, 100, &[(50, UP), (0, DOWN)], Some(0.0));
    }

    /// Second by second: what the latest sample says, if it is young enough.
    #[test]
    fn a_count_of_seconds_agrees() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..300 {
            let (mut at, to) = (-400, random.i64(0..3_000));
            let mut samples = Vec::new();
            for _ in 0..random.usize(0..30) {
                at += [1, 5, 30, 299, 300, 301, 900][random.usize(0..7)];
                let status = [None, DOWN, Some(0.5), UP][random.usize(0..4)];
                if at < to {
                    samples.push((at, status));
                }
            }
            let (mut known, mut up) = (0.0, 0.0);
            for second in 0..to {
                let latest = samples.iter().rfind(|(date, _)| *date <= second);
                if let Some((date, Some(status))) = latest
                    && second < date + STANDS / 1_000
                {
                    known += 1.0;
                    up += status;
                }
            }
            check(0, to, &samples, (known > 0.0).then(|| up / known));
        }
    }
}
