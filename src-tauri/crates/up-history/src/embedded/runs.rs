//! Runs of samples for stores that keep them elsewhere than in the file: packed by the same codec, so
//! that both answer from the same numbers.

use super::codec;
use super::recent::SampleRow;

/// No run that is packed here has more samples.
pub(crate) const LONGEST_RUN: usize = 1 << 16;

/// A sample of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RunSample {
    /// Milliseconds since 1970, not before that.
    pub(crate) date: i64,
    pub(crate) status: Option<f64>,
    /// Microseconds.
    pub(crate) duration: u64,
    /// The number of its cause, in whatever list the store keeps.
    pub(crate) cause: Option<u32>,
}

impl RunSample {
    /// The sample as a run keeps it: its duration has three significant digits.
    pub(crate) fn rounded(self) -> Self {
        Self::from_row(codec::rounded(self.row()))
    }

    fn row(self) -> SampleRow {
        SampleRow {
            path: 0,
            at: self.date.saturating_mul(1_000),
            status: self.status,
            duration: i64::try_from(self.duration).unwrap_or(i64::MAX),
            cause: self.cause.map(i64::from),
        }
    }

    fn from_row(row: SampleRow) -> Self {
        Self {
            date: row.at / 1_000,
            status: row.status,
            duration: row.duration.unsigned_abs(),
            cause: row.cause.and_then(|cause| u32::try_from(cause).ok()),
        }
    }
}

/// Packs samples that are sorted by date and not before `begin`, in milliseconds.
pub(crate) fn pack_run(samples: &[RunSample], begin: i64) -> Vec<u8> {
    let rows: Vec<_> = samples.iter().map(|sample| sample.row()).collect();
    codec::pack(&rows, begin.saturating_mul(1_000))
}

/// Hands out samples, oldest first; `None` if they are damaged, maybe after some of them.
pub(crate) fn unpack_run(packed: &[u8], begin: i64, mut take: impl FnMut(RunSample)) -> Option<()> {
    let begin = begin.checked_mul(1_000)?;
    let take = |row| take(RunSample::from_row(row));
    codec::unpack(codec::VERSION, packed, begin, 0, take).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let sample = |date, status, duration, cause| RunSample {
            date,
            status,
            duration,
            cause,
        };
        let samples = [
            sample(86_400_000, Some(1.0), 123_000, None),
            sample(86_430_001, Some(0.25), 0, Some(7)),
            sample(86_430_001, None, 10_000_000, Some(0)),
        ];
        let packed = pack_run(&samples, 86_400_000);
        let mut again = Vec::new();
        let unpacked = unpack_run(&packed, 86_400_000, |sample| again.push(sample));
        assert_eq!((unpacked, again), (Some(()), samples.to_vec()));
        assert_eq!(unpack_run(&packed[1..], 86_400_000, |_| {}), None);
        let long = sample(0, Some(1.0), 123_456, None).rounded();
        assert_eq!(long, sample(0, Some(1.0), 123_000, None));
    }
}
