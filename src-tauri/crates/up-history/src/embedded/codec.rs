//! A run: one path's samples of one block, packed. Its block says by which version.

pub(super) use numbers::{put_numbers, take_numbers};
#[cfg(any(test, feature = "fuzzing"))]
pub(super) use version_1::pack as pack_version_1;
pub(super) use version_2::pack;

use rusqlite::types::{FromSqlError, FromSqlResult};

use super::recent::SampleRow;

mod numbers;
mod version_1;
mod version_2;

/// The version that this Up packs by.
pub(super) const VERSION: i64 = 2;

/// What kind of status a sample has; `OTHER` is one that is neither 0, 1 nor unknown.
const DOWN: u64 = 0;
const UP: u64 = 1;
const UNKNOWN: u64 = 2;
const OTHER: u64 = 3;
const KIND: u64 = 3;
/// The flag of a sample that has a cause.
const CAUSE: u64 = 4;

/// The kind of a sample's status, with the flag of a cause: the lowest three bits of a head in both
/// versions.
fn flags(row: &SampleRow) -> u64 {
    let kind = match row.status {
        None => UNKNOWN,
        Some(0.0) => DOWN,
        Some(1.0) => UP,
        Some(_) => OTHER,
    };
    kind | if row.cause.is_some() { CAUSE } else { 0 }
}

/// Unpacks the rows of a path, oldest first, by the version of their block.
pub(super) fn unpack(
    version: i64,
    packed: &[u8],
    begin: i64,
    path: i64,
    take: impl FnMut(SampleRow),
) -> FromSqlResult<()> {
    match version {
        1 => version_1::unpack(packed, begin, path, take),
        VERSION => version_2::unpack(packed, begin, path, take).ok_or_else(damaged),
        _ => Err(damaged()),
    }
}

fn damaged() -> FromSqlError {
    FromSqlError::Other("packed samples that cannot be unpacked".into())
}

/// A row as it is kept: its date to the millisecond, and its duration to three significant digits,
/// which are all that is ever shown.
pub(super) fn rounded(row: SampleRow) -> SampleRow {
    SampleRow {
        at: (row.at / 1_000).saturating_add(i64::from(row.at % 1_000 >= 500)) * 1_000,
        duration: version_2::duration(version_2::duration_code(row.duration.unsigned_abs()))
            .cast_signed(),
        ..row
    }
}
