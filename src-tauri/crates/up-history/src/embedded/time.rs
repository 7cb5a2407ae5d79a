//! Times as the file has them: microseconds, hours, and offsets that fit four bytes.

use up_core::Timestamp;

const HOUR: i64 = 3_600_000_000;

/// The last microsecond of the year 9999; what claims to be later is a broken clock.
const LATEST: i64 = 253_402_300_799_999_999;

/// Microseconds since 1970, within what the file can hold.
pub(super) fn micros(date: Timestamp) -> i64 {
    ((date * 1e6).round() as i64).clamp(0, LATEST)
}

/// Seconds, as everyone else has them.
pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// The hour that a time lies in, since 1970.
pub(super) fn hour(micros: i64) -> i64 {
    micros.div_euclid(HOUR)
}

/// A time from the middle of its hour: -1.8e9 to 1.8e9.
pub(super) fn offset(micros: i64) -> i64 {
    micros.rem_euclid(HOUR) - HOUR / 2
}

/// The time again, of an hour and an offset.
pub(super) fn at(hour: i64, offset: i64) -> i64 {
    hour * HOUR + HOUR / 2 + offset
}

/// Blocks an hour may have; the last one takes whatever comes.
const BLOCKS: i64 = 1000;

/// The number of an hour's first block.
pub(super) fn first_block(hour: i64) -> i64 {
    hour * BLOCKS
}

/// The number of an hour's last block.
pub(super) fn last_block(hour: i64) -> i64 {
    hour * BLOCKS + BLOCKS - 1
}

/// The hour of a block.
pub(super) fn hour_of_block(block: i64) -> i64 {
    block.div_euclid(BLOCKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(date: f64, expected: f64) {
        let micros = micros(date);
        let again = at(hour(micros), offset(micros));
        assert_eq!(again, micros, "{date} survives being cut");
        assert!((seconds(again) - expected).abs() < 1e-6, "{date}");
        assert!(
            i32::try_from(offset(micros)).is_ok(),
            "{date} fits four bytes"
        );
    }

    #[test]
    fn any_date_comes_back() {
        check(1_795_331_460.151_948, 1_795_331_460.151_948);
        check(0.0, 0.0);
        check(3_599.999_999, 3_599.999_999);
        check(3_600.0, 3_600.0);
        check(-5.0, 0.0);
        check(f64::NAN, 0.0);
        check(f64::INFINITY, 253_402_300_799.999_999);
    }
}
