//! Judges the expiry date of a certificate.

use up_core::{CauseCode, CheckResult, Status};

use crate::net::tls::cause as tls_cause;

const DAY: i64 = 86_400;

/// Judges a certificate whose last valid second is `expires`. With less than `warn` days left, the
/// status is 0.5. `expires` and `now` are in Unix time.
pub(super) fn judge(expires: i64, now: i64, warn: u32) -> CheckResult {
    let left = expires.saturating_sub(now);
    let span = || tls_cause::days(left.unsigned_abs());
    if left < 0 {
        CheckResult::down(
            CauseCode::Tls,
            format!("certificate expired {} ago", span()),
        )
    } else if left < i64::from(warn) * DAY {
        let text = format!("certificate expires in {} (days_left = {warn})", span());
        let half = Status::HALF;
        CheckResult::degraded(half, CauseCode::Expect, text)
    } else {
        CheckResult::up()
    }
}

/// The whole days that are left; negative after the expiry.
pub(super) fn days(expires: i64, now: i64) -> f64 {
    (expires.saturating_sub(now) as f64 / DAY as f64).trunc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_seen_coming() {
        let now = 1_800_000_000;
        let check = |left: i64, warn: u32, expected: Option<f64>, words: &str| {
            let answer = judge(now + left, now, warn);
            let status = answer.status.map(Status::value);
            assert_eq!(status, expected, "{left} s left, {warn} days wanted");
            let text = answer.cause.map(|cause| cause.text).unwrap_or_default();
            assert!(text.contains(words), "{text:?} says {words:?}");
        };
        check(15 * DAY, 14, Some(1.0), "");
        check(14 * DAY, 14, Some(1.0), "");
        check(14 * DAY - 1, 14, Some(0.5), "expires in 13 days");
        check(3_600, 14, Some(0.5), "expires in 1 h");
        check(0, 14, Some(0.5), "expires in 0 s");
        check(0, 0, Some(1.0), "");
        check(-1, 0, Some(0.0), "certificate expired 1 s ago");
        check(-3 * DAY, 14, Some(0.0), "certificate expired 3 days ago");
    }

    #[test]
    fn days_are_whole_ones() {
        let check = |left: i64, expected: f64| {
            assert!((days(left, 0) - expected).abs() < f64::EPSILON, "{left}");
        };
        check(DAY - 1, 0.0);
        check(DAY, 1.0);
        check(-DAY, -1.0);
    }
}
