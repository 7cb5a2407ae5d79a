//! Ways in for the fuzz targets.

pub use super::metrics::fuzzing::{packed_metrics, unpack_metrics};

use super::codec;
use super::recent::SampleRow;
use super::time::seconds;
use crate::downsample::{DownsampledPoint, Spans, Thinner};
use crate::packing::seal;

/// A run as it is written, by this version or the first one: samples of each kind.
pub fn packed(first: bool) -> Vec<u8> {
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
    if first {
        codec::pack_version_1(&rows, 0)
    } else {
        codec::pack(&rows, 0)
    }
}

/// Unpacks a run by any version, and thins what it holds. The checksum of the second version is made
/// right first, so that what stands before it is reached.
pub fn unpack(bytes: &[u8]) {
    unpack_version(1, bytes);
    let end = bytes.len().saturating_sub(4);
    unpack_version(2, &seal(bytes[..end].to_vec()));
    unpack_version(2, bytes);
}

fn unpack_version(version: i64, bytes: &[u8]) {
    const MOST: usize = 64;
    let mut thinner = Thinner::new(Spans::new(0.0, 3_600.0, MOST), MOST);
    let _ = codec::unpack(version, bytes, 0, 7, |row| {
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
