//! What becomes of a notice that was not taken: whether it is offered again, and when. Pure.

use std::time::Duration;

use up_core::phrase;

use crate::alert_receiver::DeliveryOutcome;

/// The pauses between tries begin with this and double.
const FIRST: Duration = Duration::from_secs(5);
/// The longest pause of our own, and the longest that a server may ask for.
const LONGEST: Duration = Duration::from_mins(15);
/// So long after it was first offered a notice is old news.
const STALE: Duration = Duration::from_hours(24);

/// How one try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    /// It was taken.
    Taken,
    /// There was no answer; why, for a person.
    None(String),
    /// This status, and for how long the server wants to be left alone.
    Status(u16, Option<Duration>),
}

/// What to do after the try of that number, the first being 0, of a notice that was first offered
/// so long ago.
pub(super) fn next(outcome: AttemptOutcome, tried: u32, age: Duration) -> DeliveryOutcome {
    let (what, asked) = match outcome {
        AttemptOutcome::Taken => return DeliveryOutcome::Done,
        AttemptOutcome::None(why) => (why, None),
        AttemptOutcome::Status(status, asked) => {
            let what = format!("answered {status}");
            match status {
                // Timeout, too early, too many requests: the notice itself is not to blame.
                408 | 425 | 429 | 500.. => (what, asked),
                300..=399 => {
                    let what = format!("{what}, a redirect, which is not followed: check its url");
                    return DeliveryOutcome::GiveUp(what);
                }
                _ => {
                    return DeliveryOutcome::GiveUp(format!(
                        "{what}: check its url, headers and body"
                    ));
                }
            }
        }
    };
    if age >= STALE {
        return DeliveryOutcome::GiveUp(format!("{what}, for a day now"));
    }
    let own = FIRST.saturating_mul(1 << tried.min(16)).min(LONGEST);
    let pause = asked.map_or(own, |asked| asked.clamp(own, LONGEST.max(own)));
    let soon = phrase::span(pause.as_secs_f64());
    DeliveryOutcome::Again(pause, format!("{what}; it is offered again in {soon}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pause in seconds, or what is said when it is given up.
    fn check(outcome: AttemptOutcome, tried: u32, age: u64, expected: Result<u64, &str>) {
        let shown = format!("{outcome:?} at {tried} after {age} s");
        match (next(outcome, tried, Duration::from_secs(age)), expected) {
            (DeliveryOutcome::Again(pause, _), Ok(seconds)) => {
                assert_eq!(pause.as_secs(), seconds, "{shown}");
            }
            (DeliveryOutcome::GiveUp(why), Err(word)) => {
                assert!(why.contains(word), "{shown}: {why}");
            }
            (other, expected) => panic!("{shown}: {other:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        for (tried, seconds) in [(0, 5), (1, 10), (4, 80), (8, 900), (40, 900)] {
            check(
                AttemptOutcome::None("refused".into()),
                tried,
                60,
                Ok(seconds),
            );
            check(AttemptOutcome::Status(503, None), tried, 60, Ok(seconds));
        }
    }

    #[test]
    fn a_server_may_ask_for_more_patience_but_not_for_all() {
        let asks = |seconds| AttemptOutcome::Status(429, Some(Duration::from_secs(seconds)));
        check(asks(120), 0, 0, Ok(120));
        check(asks(1), 3, 0, Ok(40));
        check(asks(1_000_000), 0, 0, Ok(900));
    }

    #[test]
    fn what_is_our_own_mistake_is_not_repeated() {
        check(
            AttemptOutcome::Status(404, None),
            0,
            0,
            Err("answered 404: check"),
        );
        check(AttemptOutcome::Status(401, None), 0, 0, Err("headers"));
        check(AttemptOutcome::Status(302, None), 0, 0, Err("a redirect"));
        assert_eq!(next(AttemptOutcome::Taken, 3, STALE), DeliveryOutcome::Done);
    }

    #[test]
    fn old_news_is_let_go() {
        check(
            AttemptOutcome::None("refused".into()),
            99,
            86_400,
            Err("for a day now"),
        );
        check(AttemptOutcome::None("refused".into()), 99, 86_399, Ok(900));
    }
}
