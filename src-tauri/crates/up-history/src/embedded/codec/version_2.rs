//! Version 2 of a run. A sample of a steady source takes about two bytes.
//!
//! A run is a version, how many samples there are, when the first one is (milliseconds after its block
//! begins), the statuses, the steps from date to date (milliseconds), the durations, and a checksum.
//! The statuses are runs of what repeats: `(length − 1) << 3 | has a cause << 2 | kind`, then eight
//! bytes for a status that is neither 0, 1 nor unknown, then the number of the cause. Durations have
//! three significant digits: their code counts the microseconds below 1,000, and 900 steps a decade
//! above.

use super::super::recent::SampleRow;
use super::numbers::{put_numbers, take_numbers};
use super::{CAUSE, DOWN, KIND, OTHER, UNKNOWN, UP, flags, rounded};
use crate::packing::{byte, fraction, number, put, put_fraction, seal, unseal};

const VERSION: u8 = 2;

/// No run has more samples. A fold takes fewer.
const MOST: u64 = 1 << 20;

/// Durations below this have a code of their own each.
const EXACT: u64 = 1_000;
/// The codes of a decade.
const DECADE: u64 = 900;
/// The unit of the third digit, by decade.
const UNITS: [u64; 17] = {
    let mut units = [10; 17];
    let mut decade = 1;
    while decade < units.len() {
        units[decade] = units[decade - 1] * 10;
        decade += 1;
    }
    units
};
/// The first code that no duration has.
const CODES: u64 = EXACT + 17 * DECADE;

/// Packs rows that are sorted by time and not before `begin`, each rounded (see [`rounded`]).
pub(in super::super) fn pack(rows: &[SampleRow], begin: i64) -> Vec<u8> {
    let mut packed = vec![VERSION];
    let rows: Vec<SampleRow> = rows.iter().copied().map(rounded).collect();
    let millis = |row: &SampleRow| row.at / 1_000;
    put(&mut packed, rows.len() as u64);
    let begin = begin / 1_000;
    let first = rows.first().map_or(0, |row| millis(row) - begin);
    put(&mut packed, first.unsigned_abs());
    let same = |a: &SampleRow, b: &SampleRow| {
        a.cause == b.cause && a.status.map(f64::to_bits) == b.status.map(f64::to_bits)
    };
    for rows in rows.chunk_by(same) {
        put_statuses(&mut packed, &rows[0], rows.len());
    }
    let steps = rows
        .windows(2)
        .map(|pair| millis(&pair[1]) - millis(&pair[0]));
    let steps: Vec<u64> = steps.map(i64::unsigned_abs).collect();
    put_numbers(&mut packed, &steps);
    let durations = rows.iter().map(|row| row.duration.unsigned_abs());
    let durations: Vec<u64> = durations.map(duration_code).collect();
    put_numbers(&mut packed, &durations);
    seal(packed)
}

fn put_statuses(packed: &mut Vec<u8>, row: &SampleRow, count: usize) {
    put(packed, (count as u64 - 1) << 3 | flags(row));
    if let (OTHER, Some(status)) = (flags(row) & KIND, row.status) {
        put_fraction(packed, status);
    }
    if let Some(cause) = row.cause {
        put(packed, cause.unsigned_abs());
    }
}

/// Unpacks the rows of a path, oldest first; `None` when they are damaged, and then hands out none.
pub(super) fn unpack(
    sealed: &[u8],
    begin: i64,
    path: i64,
    mut take: impl FnMut(SampleRow),
) -> Option<()> {
    let mut packed = unseal(sealed)?;
    if byte(&mut packed)? != VERSION {
        return None;
    }
    let count = number(&mut packed).filter(|count| *count <= MOST)? as usize;
    let first = number(&mut packed)?;
    let mut statuses = Vec::new();
    let mut covered = 0;
    while covered < count {
        let (length, status, cause) = take_statuses(&mut packed)?;
        covered = covered.checked_add(length).filter(|all| *all <= count)?;
        statuses.push((length, status, cause));
    }
    let mut dates = Vec::new();
    let mut date = begin.div_euclid(1_000).checked_add_unsigned(first)?;
    dates.push(date);
    take_numbers(&mut packed, count.saturating_sub(1), |step| {
        date = date.checked_add_unsigned(step)?;
        dates.push(date);
        Some(())
    })?;
    let mut durations = Vec::new();
    take_numbers(&mut packed, count, |code| {
        durations.push(Some(code).filter(|code| *code < CODES)?);
        Some(())
    })?;
    let latest = dates.last()?.checked_mul(1_000)?;
    if !packed.is_empty() || latest < begin {
        return None;
    }
    let statuses = statuses.into_iter();
    let statuses =
        statuses.flat_map(|(length, status, cause)| std::iter::repeat_n((status, cause), length));
    for ((date, code), (status, cause)) in dates.into_iter().zip(durations).zip(statuses) {
        take(SampleRow {
            path,
            at: date * 1_000,
            status,
            duration: duration(code).cast_signed(),
            cause,
        });
    }
    Some(())
}

/// How many samples have the same status and cause, and these.
fn take_statuses(packed: &mut &[u8]) -> Option<(usize, Option<f64>, Option<i64>)> {
    let head = number(packed)?;
    let length = usize::try_from(head >> 3).ok()?.checked_add(1)?;
    let status = match head & KIND {
        DOWN => Some(0.0),
        UP => Some(1.0),
        UNKNOWN => None,
        _ => Some(fraction(packed).filter(|status| (0.0..=1.0).contains(status))?),
    };
    let cause = match head & CAUSE {
        0 => None,
        _ => Some(number(packed)?.cast_signed()),
    };
    Some((length, status, cause))
}

/// The code of a duration in microseconds, rounded to three significant digits.
pub(super) fn duration_code(micros: u64) -> u64 {
    if micros < EXACT {
        return micros;
    }
    let (mut unit, mut decade) = (1_u64, 0);
    while micros / unit >= 1_000 {
        unit *= 10;
        decade += 1;
    }
    let mut digits = micros / unit + u64::from(micros % unit >= unit.div_ceil(2));
    if digits == 1_000 {
        (digits, decade) = (100, decade + 1);
    }
    EXACT + (decade - 1) * DECADE + digits - 100
}

/// The duration of a code, in microseconds, at most as long as the file can hold.
pub(super) fn duration(code: u64) -> u64 {
    let Some(above) = code.checked_sub(EXACT) else {
        return code;
    };
    let (decade, digits) = ((above / DECADE) as usize, above % DECADE + 100);
    let micros = UNITS.get(decade).and_then(|unit| unit.checked_mul(digits));
    micros.map_or(i64::MAX.unsigned_abs(), |micros| {
        micros.min(i64::MAX.unsigned_abs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last microsecond of the year 9999.
    const LATEST: i64 = 253_402_300_799_999_999;

    fn row(at: i64, status: Option<f64>, duration: i64, cause: Option<i64>) -> SampleRow {
        SampleRow {
            path: 7,
            at,
            status,
            duration,
            cause,
        }
    }

    fn unpacked(packed: &[u8], begin: i64) -> Option<Vec<SampleRow>> {
        let mut rows = Vec::new();
        unpack(packed, begin, 7, |row| rows.push(row)).map(|()| rows)
    }

    fn check(rows: &[SampleRow]) -> usize {
        let begin = rows.first().map_or(0, |row| rounded(*row).at);
        let packed = pack(rows, begin);
        let expected: Vec<_> = rows.iter().copied().map(rounded).collect();
        assert_eq!(unpacked(&packed, begin), Some(expected));
        packed.len()
    }

    /// A history of any kind: steady, wild, with outages, unknown ones and causes.
    fn random_rows(random: &mut fastrand::Rng) -> Vec<SampleRow> {
        let wild = random.bool();
        let mut at = random.i64(0..1 << 40) * 1_000;
        let mut status = Some(1.0);
        let count = random.usize(1..200);
        (0..count)
            .map(|_| {
                let wide_shift = random.u32(0..39);
                at += if wild {
                    random.i64(0..1 << 40) >> wide_shift
                } else {
                    30_000_000 + random.i64(0..20_000)
                };
                if random.u32(0..if wild { 3 } else { 40 }) == 0 {
                    status = [None, Some(0.0), Some(1.0), Some(random.f64())][random.usize(0..4)];
                }
                let duration = if wild {
                    random.i64(0..i64::MAX) >> (wide_shift + 20)
                } else {
                    100_000 + random.i64(0..40_000)
                };
                let cause = (status != Some(1.0)).then(|| random.i64(0..300));
                row(at, status, duration, cause)
            })
            .collect()
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        check(&[row(1_795_348_800_000_000, Some(1.0), 120_000, None)]);
        check(&[
            row(0, Some(0.5), i64::MAX, Some(i64::MAX)),
            row(LATEST, None, 0, None),
        ]);
        let mut random = fastrand::Rng::with_seed(31);
        for _ in 0..500 {
            check(&random_rows(&mut random));
        }
    }

    #[test]
    fn durations_keep_three_digits() {
        let check = |micros: u64, expected: u64| {
            let code = duration_code(micros);
            assert!(code < CODES, "{micros}");
            assert_eq!(duration(code), expected, "{micros}");
            assert_eq!(duration_code(expected), code, "{expected} stays as it is");
        };
        check(0, 0);
        check(999, 999);
        check(1_000, 1_000);
        check(12_345, 12_300);
        check(12_350, 12_400);
        check(99_949, 99_900);
        check(99_950, 100_000);
        check(999_999, 1_000_000);
        check(5 * 86_400_000_000, 432_000_000_000);
        let last = duration_code(i64::MAX.unsigned_abs());
        assert_eq!(duration(last), 9_220_000_000_000_000_000);
        for micros in 0..200_000 {
            let off = duration(duration_code(micros)).abs_diff(micros);
            assert!(off * 200 <= micros, "{micros} is kept within 0.5 %");
        }
    }

    #[test]
    fn a_bit_that_rotted_is_noticed() {
        let mut random = fastrand::Rng::with_seed(32);
        let rows = random_rows(&mut random);
        let packed = pack(&rows, rows[0].at);
        for bit in 0..packed.len() * 8 {
            let mut rotten = packed.clone();
            rotten[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unpacked(&rotten, rows[0].at), None, "bit {bit}");
        }
    }

    /// What others may have written, with a checksum that is right.
    #[test]
    fn whatever_is_unpacked_ends() {
        let mut random = fastrand::Rng::with_seed(33);
        for _ in 0..2_000 {
            let rows = random_rows(&mut random);
            let mut packed = pack(&rows, rows[0].at);
            packed.truncate(packed.len() - 4);
            for _ in 0..random.usize(1..4) {
                let at = random.usize(0..packed.len());
                packed[at] = random.u8(..);
            }
            packed.truncate(random.usize(1..=packed.len()));
            for row in unpacked(&seal(packed), rows[0].at).unwrap_or_default() {
                assert!(row.at >= 0 && row.duration >= 0, "{row:?}");
            }
        }
        assert_eq!(unpacked(&[], 0), None);
        assert_eq!(unpacked(&seal(vec![VERSION + 1]), 0), None);
    }

    /// One sample a minute, as a source on the net answers: dates that waver by some milliseconds, and
    /// durations by a sixth. An hour takes two bytes a sample and some forty for itself.
    #[test]
    fn a_steady_hour_takes_few_bytes() {
        let mut random = fastrand::Rng::with_seed(34);
        let mut all = 0;
        for hour in 0..100 {
            let rows: Vec<_> = (0..60)
                .map(|minute| {
                    let at = (hour * 60 + minute) * 60_000_000 + random.i64(0..12_000);
                    let spread: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
                    row(
                        at,
                        Some(1.0),
                        (120_000.0 * (1.0 + spread / 6.0)) as i64,
                        None,
                    )
                })
                .collect();
            all += check(&rows);
        }
        let each = all as f64 / 6_000.0;
        assert!(each < 2.2, "{each} bytes a sample");
    }
}
