//! The pieces of a path's history, put together in the order of time.

use crate::answer::Rollup;

/// A span and what the samples of it come to, except for their durations, which no overview tells.
struct Piece {
    /// In milliseconds.
    span: (i64, i64),
    rollup: Rollup,
    /// It is not rolled up.
    is_stored: bool,
}

impl Piece {
    fn take(&mut self, date: i64, status: Option<f64>) {
        self.rollup.take(date, status, 0);
    }
}

/// What a span comes to for one path, as far as it has been read.
#[derive(Default)]
pub(super) struct PathTotal {
    rollup: Rollup,
    is_begun: bool,
    /// What comes next. None of them has a part before the span and one in it.
    pieces: Vec<Piece>,
}

impl PathTotal {
    /// Adds a piece of the span.
    pub(super) fn add(&mut self, span: (i64, i64), rollup: Rollup) {
        self.pieces.push(Piece {
            span,
            rollup,
            is_stored: false,
        });
    }

    /// Adds a piece of which these are the samples, among others: their dates in milliseconds, and their
    /// statuses. The span of the answer begins at `from`.
    pub(super) fn add_samples(
        &mut self,
        span: (i64, i64),
        from: i64,
        samples: &[(i64, Option<f64>)],
    ) {
        for span in split(span, from) {
            let mut piece = Piece {
                span,
                rollup: Rollup::default(),
                is_stored: false,
            };
            for (date, status) in samples {
                if (span.0..span.1).contains(date) {
                    piece.take(*date, *status);
                }
            }
            self.pieces.push(piece);
        }
    }

    /// Adds pieces for what is missing in a time. Returns the spans of which samples have to be taken.
    pub(super) fn add_missing(&mut self, within: (i64, i64), from: i64) -> Vec<(i64, i64)> {
        self.pieces.sort_by_key(|piece| piece.span);
        let mut missing = Vec::new();
        let mut at = within.0;
        for piece in &self.pieces {
            if at < piece.span.0 {
                missing.push((at, piece.span.0));
            }
            at = at.max(piece.span.1);
        }
        if at < within.1 {
            missing.push((at, within.1));
        }
        let pieces = missing.iter().flat_map(|span| split(*span, from));
        self.pieces.extend(pieces.map(|span| Piece {
            span,
            rollup: Rollup::default(),
            is_stored: true,
        }));
        self.pieces.sort_by_key(|piece| piece.span);
        missing
    }

    /// Takes a sample that is not rolled up. The samples of a piece come in the order of their dates.
    pub(super) fn take_stored(&mut self, date: i64, status: Option<f64>) {
        let after = self.pieces.partition_point(|piece| piece.span.0 <= date);
        let piece = after.checked_sub(1).and_then(|at| self.pieces.get_mut(at));
        if let Some(piece) = piece
            && piece.is_stored
            && date < piece.span.1
        {
            piece.take(date, status);
        }
    }

    /// Adds up the pieces. The span begins at `from`.
    pub(super) fn gather(&mut self, from: i64) {
        for piece in std::mem::take(&mut self.pieces) {
            if piece.span.1 <= from {
                self.rollup.merge(&piece.rollup.standing());
            } else {
                self.begin(from);
                self.rollup.merge(&piece.rollup);
            }
        }
    }

    /// What the span comes to.
    pub(super) fn finish(mut self, from: i64) -> Rollup {
        self.begin(from);
        self.rollup
    }

    fn begin(&mut self, from: i64) {
        if !self.is_begun {
            self.is_begun = true;
            self.rollup.begin(from);
        }
    }
}

/// A span in two, if this time lies within it.
fn split((begin, end): (i64, i64), at: i64) -> impl Iterator<Item = (i64, i64)> {
    let at = at.clamp(begin, end);
    [(begin, at), (at, end)]
        .into_iter()
        .filter(|(begin, end)| begin < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Option<f64> = Some(1.0);
    const DOWN: Option<f64> = Some(0.0);

    /// Of the span from 1,000 to 2,000 milliseconds: the days that are rolled up, what has to be read
    /// beside them, and the samples, the uptime, and how many samples there are.
    fn check(
        days: &[(i64, i64)],
        missing: &[(i64, i64)],
        samples: &[(i64, Option<f64>)],
        expected: (Option<f64>, u64),
    ) {
        let mut total = PathTotal::default();
        for (begin, end) in days {
            let of_day = |(date, _): &&(i64, Option<f64>)| (*begin..*end).contains(date);
            let samples: Vec<_> = samples.iter().filter(of_day).copied().collect();
            total.add_samples((*begin, *end), 1_000, &samples);
        }
        assert_eq!(total.add_missing((700, 2_000), 1_000), missing, "{days:?}");
        for (date, status) in samples {
            total.take_stored(*date, *status);
        }
        total.gather(1_000);
        let overview = total.finish(1_000).overview("/R".into(), 2_000);
        let found = overview.map_or((None, 0), |found| (found.uptime, found.count));
        assert_eq!(found, expected, "{days:?}, {samples:?}");
    }

    #[test]
    fn pieces_come_to_the_span_however_it_is_rolled_up() {
        let samples = [(900, DOWN), (1_100, UP), (1_500, DOWN), (1_600, UP)];
        let expected = (Some(0.8), 3);
        check(&[], &[(700, 2_000)], &samples, expected);
        check(&[(700, 2_000)], &[], &samples, expected);
        check(&[(700, 1_000)], &[(1_000, 2_000)], &samples, expected);
        check(&[(1_000, 2_000)], &[(700, 1_000)], &samples, expected);
        let around = [(700, 1_050), (1_550, 2_000)];
        check(&[(1_050, 1_550)], &around, &samples, expected);
        check(&around, &[(1_050, 1_550)], &samples, expected);
        check(
            &[(1_200, 1_300)],
            &[(700, 1_200), (1_300, 2_000)],
            &samples,
            expected,
        );
    }

    #[test]
    fn a_sample_before_the_span_stands_into_it_and_does_not_count() {
        check(&[], &[(700, 2_000)], &[(800, DOWN)], (None, 0));
        check(
            &[],
            &[(700, 2_000)],
            &[(800, DOWN), (1_500, UP)],
            (Some(0.5), 1),
        );
        check(
            &[(700, 950)],
            &[(950, 2_000)],
            &[(940, UP), (960, DOWN), (1_250, UP)],
            (Some(0.75), 1),
        );
    }
}
