//! Decides whether a notice that a receiver did not accept is sent again, and when. Pure.

use std::time::Duration;

use up_core::phrase;

use crate::alert_receiver::{DeliveryFailure, DeliveryOutcome, FailureClass};

/// The first pause between two attempts. Each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause of our own, and the longest that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// The age after which a notice is given up, counted from the first attempt.
const MAX_AGE: Duration = Duration::from_hours(24);

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    /// The receiver accepted the notice.
    Accepted,
    /// There was no answer. The text says why, for a person.
    NoAnswer(String),
    /// The HTTP status that refused the notice, and the pause that the server asks for
    /// (`Retry-After`).
    Status(u16, Option<Duration>),
}

/// Decides what follows an attempt. `attempts` is the number of attempts before this one, `age` the
/// time since the first attempt.
pub(super) fn next(outcome: AttemptOutcome, attempts: u32, age: Duration) -> DeliveryOutcome {
    let class = match &outcome {
        AttemptOutcome::Status(status, _) => FailureClass::Status(*status),
        _ => FailureClass::NoAnswer,
    };
    let failure = |why| DeliveryFailure { class, why };
    let (what, retry_after) = match outcome {
        AttemptOutcome::Accepted => return DeliveryOutcome::Delivered,
        AttemptOutcome::NoAnswer(why) => (why, None),
        AttemptOutcome::Status(status, retry_after) => {
            let what = format!("answered {status}");
            match status {
                // Request timeout, too early, too many requests, server errors: the notice itself
                // is not to blame.
                408 | 425 | 429 | 500.. => (what, retry_after),
                300..=399 => {
                    let what = format!("{what}, a redirect, which is not followed: check its url");
                    return DeliveryOutcome::GiveUp(failure(what));
                }
                _ => {
                    let what = format!("{what}: check its url, headers and body");
                    return DeliveryOutcome::GiveUp(failure(what));
                }
            }
        }
    };
    if age >= MAX_AGE {
        return DeliveryOutcome::GiveUp(failure(format!("{what}, for a day now")));
    }
    let own = FIRST_PAUSE
        .saturating_mul(1 << attempts.min(16))
        .min(LONGEST_PAUSE);
    let pause = retry_after.map_or(own, |retry_after| {
        retry_after.clamp(own, LONGEST_PAUSE.max(own))
    });
    let soon = phrase::span(pause.as_secs_f64());
    let why = format!("{what}; it is sent again in {soon}");
    DeliveryOutcome::RetryAfter(pause, failure(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with the expected pause in seconds, or with a part of the reason for giving up.
    fn check(outcome: AttemptOutcome, attempts: u32, age: u64, expected: Result<u64, &str>) {
        let shown = format!("{outcome:?} at {attempts} after {age} s");
        match (next(outcome, attempts, Duration::from_secs(age)), expected) {
            (DeliveryOutcome::RetryAfter(pause, _), Ok(seconds)) => {
                assert_eq!(pause.as_secs(), seconds, "{shown}");
            }
            (DeliveryOutcome::GiveUp(why), Err(word)) => {
                assert!(why.why.contains(word), "{shown}: {why:?}");
            }
            (other, expected) => panic!("{shown}: {other:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        for (attempts, seconds) in [(0, 5), (1, 10), (4, 80), (8, 900), (40, 900)] {
            check(
                AttemptOutcome::NoAnswer("refused".into()),
                attempts,
                60,
                Ok(seconds),
            );
            check(AttemptOutcome::Status(503, None), attempts, 60, Ok(seconds));
        }
    }

    #[test]
    fn a_server_may_ask_for_a_longer_pause_within_bounds() {
        let asks = |seconds| AttemptOutcome::Status(429, Some(Duration::from_secs(seconds)));
        check(asks(120), 0, 0, Ok(120));
        check(asks(1), 3, 0, Ok(40));
        check(asks(1_000_000), 0, 0, Ok(900));
    }

    #[test]
    fn a_mistake_in_the_configuration_is_not_repeated() {
        check(
            AttemptOutcome::Status(404, None),
            0,
            0,
            Err("answered 404: check"),
        );
        check(AttemptOutcome::Status(401, None), 0, 0, Err("headers"));
        check(AttemptOutcome::Status(302, None), 0, 0, Err("a redirect"));
        assert_eq!(
            next(AttemptOutcome::Accepted, 3, MAX_AGE),
            DeliveryOutcome::Delivered
        );
    }

    #[test]
    fn failures_of_one_kind_have_one_class() {
        let class = |outcome, attempts| match next(outcome, attempts, Duration::ZERO) {
            DeliveryOutcome::RetryAfter(_, failure) | DeliveryOutcome::GiveUp(failure) => failure,
            DeliveryOutcome::Delivered => panic!("it was not accepted"),
        };
        let no_answer = |why: &str, attempts| class(AttemptOutcome::NoAnswer(why.into()), attempts);
        let (first, later) = (no_answer("refused", 0), no_answer("reset, session 7", 3));
        assert_ne!(first.why, later.why);
        assert_eq!(first.class, later.class);
        let refused = |status| class(AttemptOutcome::Status(status, None), 0).class;
        assert_ne!(refused(503), refused(404));
        assert_ne!(refused(503), first.class);
    }

    #[test]
    fn a_notice_is_given_up_after_a_day() {
        check(
            AttemptOutcome::NoAnswer("refused".into()),
            99,
            86_400,
            Err("for a day now"),
        );
        check(
            AttemptOutcome::NoAnswer("refused".into()),
            99,
            86_399,
            Ok(900),
        );
    }
}
