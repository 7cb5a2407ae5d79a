//! Times as the file has them: microseconds since 1970, and hours.

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

/// When an hour begins, in microseconds.
pub(super) fn hour_begin(hour: i64) -> i64 {
    hour * HOUR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(date: f64, expected: f64) {
        let micros = micros(date);
        assert!((seconds(micros) - expected).abs() < 1e-6, "{date}");
        let begin = hour_begin(hour(micros));
        assert!(
            (begin..begin + HOUR).contains(&micros),
            "{date} is in its hour"
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
