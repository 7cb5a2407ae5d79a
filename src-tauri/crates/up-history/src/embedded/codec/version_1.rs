//! Version 1 of a run, which is still read. A sample that is up takes some seven bytes.
//!
//! Each sample is two numbers in LEB128: the microseconds since the one before it (of the first:
//! since the block began), and `duration << 3 | has a cause << 2 | kind`. A status that is neither
//! 0, 1 nor unknown follows as eight bytes, little end first. A cause follows as its number.

use rusqlite::types::FromSqlResult;

use super::super::recent::SampleRow;
use super::{CAUSE, DOWN, KIND, UNKNOWN, UP, damaged};
#[cfg(any(test, feature = "fuzzing"))]
use super::{OTHER, flags};

/// Packs rows as an earlier Up did.
#[cfg(any(test, feature = "fuzzing"))]
pub(in super::super) fn pack(rows: &[SampleRow], begin: i64) -> Vec<u8> {
    let mut packed = Vec::with_capacity(rows.len() * 8);
    let mut before = begin;
    for row in rows {
        put(&mut packed, (row.at - before).unsigned_abs());
        before = row.at;
        put(&mut packed, row.duration.unsigned_abs() << 3 | flags(row));
        if let (OTHER, Some(status)) = (flags(row) & KIND, row.status) {
            packed.extend(status.to_le_bytes());
        }
        if let Some(cause) = row.cause {
            put(&mut packed, cause.unsigned_abs());
        }
    }
    packed
}

/// Unpacks the rows of a path, oldest first.
pub(super) fn unpack(
    mut packed: &[u8],
    begin: i64,
    path: i64,
    mut take: impl FnMut(SampleRow),
) -> FromSqlResult<()> {
    let mut at = begin;
    while !packed.is_empty() {
        at = at.saturating_add_unsigned(number(&mut packed)?);
        let word = number(&mut packed)?;
        let status = match word & KIND {
            DOWN => Some(0.0),
            UP => Some(1.0),
            UNKNOWN => None,
            _ => {
                let (bytes, rest) = packed.split_first_chunk().ok_or_else(damaged)?;
                packed = rest;
                let status = f64::from_le_bytes(*bytes);
                if !(0.0..=1.0).contains(&status) {
                    return Err(damaged());
                }
                Some(status)
            }
        };
        let cause = match word & CAUSE {
            0 => None,
            _ => Some(number(&mut packed)?.cast_signed()),
        };
        let duration = (word >> 3).cast_signed();
        take(SampleRow {
            path,
            at,
            status,
            duration,
            cause,
        });
    }
    Ok(())
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
#[cfg(any(test, feature = "fuzzing"))]
fn put(packed: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

fn number(packed: &mut &[u8]) -> FromSqlResult<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = packed.split_first().ok_or_else(damaged)?;
        *packed = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(damaged())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: i64, status: Option<f64>, duration: i64, cause: Option<i64>) -> SampleRow {
        let path = 7;
        SampleRow {
            path,
            at,
            status,
            duration,
            cause,
        }
    }

    fn check(rows: &[SampleRow], bytes: usize) {
        let begin = rows.first().map_or(0, |row| row.at);
        let packed = pack(rows, begin);
        assert_eq!(packed.len(), bytes, "{rows:?}");
        let mut again = Vec::new();
        unpack(&packed, begin, 7, |row| again.push(row)).expect("unpacked");
        assert_eq!(again, rows);
        for cut in 1..packed.len() {
            // Anything may be on a disk; it must end.
            let _ = unpack(&packed[cut..], begin, 7, |_| {});
        }
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let t = 1_795_348_800_000_000;
        check(&[], 0);
        check(&[row(t, Some(1.0), 120_000, None)], 4);
        let two = [
            row(t, Some(1.0), 120_000, None),
            row(t + 30_000_000, Some(1.0), 120_000, None),
        ];
        check(&two, 4 + 7);
        check(
            &[row(t, None, 0, Some(3)), row(t, Some(0.0), 1, Some(300))],
            3 + 4,
        );
        check(&[row(t, Some(1.0 / 3.0), 0, None)], 2 + 8);
        let most = 253_402_300_799_999_999;
        check(
            &[
                row(0, Some(0.5), most, Some(i64::MAX)),
                row(most, None, most, None),
            ],
            27 + 18,
        );
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        let two = [&[1, 3][..], &2_f64.to_le_bytes()].concat();
        for packed in [&[0x80][..], &[1], &[1, 3, 0, 0], &[1, 4], &[0xff; 11], &two] {
            assert!(unpack(packed, 0, 7, |_| {}).is_err(), "{packed:?}");
        }
    }
}
