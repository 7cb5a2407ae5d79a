//! Ways in for the fuzz targets.

use super::codec;
use super::recent::SampleRow;
use super::time::seconds;
use crate::downsample::{DownsampledPoint, Spans, Thinner};

/// A run as it is written: samples of each kind.
pub fn packed() -> Vec<u8> {
    let row = |at, status, cause| SampleRow {
        path: 7,
        at,
        status,
        duration: 120_000,
        cause,
    };
    let rows = [
        row(0, Some(1.0), None),
        row(30_000_000, Some(0.0), Some(3)),
        row(60_000_000, Some(0.5), Some(300)),
        row(90_000_000, None, None),
    ];
    codec::pack(&rows, 0)
}

/// Unpacks a run, and thins what it holds.
pub fn unpack(bytes: &[u8]) {
    const MOST: usize = 64;
    let mut thinner = Thinner::new(Spans::new(0.0, 3_600.0, MOST), MOST);
    let _ = codec::unpack(bytes, 0, 7, |row| {
        assert!(
            row.status
                .is_none_or(|status| (0.0..=1.0).contains(&status)),
            "{row:?}"
        );
        thinner.take(DownsampledPoint {
            date: seconds(row.at),
            status: row.status,
            duration: seconds(row.duration),
            cause: row.cause,
        });
    });
    assert!(thinner.finish().len() <= MOST);
}
