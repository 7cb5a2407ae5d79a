//! State over restarts: what was judged and told, in a form that can be kept and read back.
//!
//! Room: the shapes of it, keyed by path, in wall-clock times. Each part of the watch turns itself
//! into one of these and back (`judge/saved.rs`, `world/saved.rs`, `alert/herald/saved.rs`,
//! `watch/saved.rs`). Where they are kept is the engine's affair. A new field needs a default, and
//! a change of meaning a new [`VERSION`].

mod alerts;
mod exact;
mod notice;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cause::{Cause, CauseCode};
use crate::judge::Verdict;
use crate::sample::Timestamp;
use crate::status::Level;
use crate::watch::Moment;

pub use crate::judge::SavedJudge;
pub use crate::world::{SavedLeaf, SavedTree};
pub use alerts::{SavedAlerts, SavedFormer, SavedIncident, SavedMember, SavedOff};
pub(crate) use alerts::{SavedPendingChange, SavedReminder};
pub use notice::SavedNotice;

/// The version of these shapes. A state of a newer version is not read.
pub const VERSION: i64 = 1;

/// No reminder, and nothing else that is due, lies further ahead than this.
const FURTHEST: Duration = Duration::from_hours(24);

/// A verdict, as it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedVerdict {
    /// Nothing is believed yet.
    #[default]
    Unasked,
    /// The question could not be asked or understood.
    Unknown,
    /// It turns too often to say.
    Flapping,
    /// Level 0.
    Down,
    /// Level 1.
    MostlyDown,
    /// Level 2.
    Half,
    /// Level 3.
    MostlyUp,
    /// Level 4.
    Up,
}

impl From<Verdict> for SavedVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Unasked => Self::Unasked,
            Verdict::Unknown => Self::Unknown,
            Verdict::Flapping => Self::Flapping,
            Verdict::At(Level::Down) => Self::Down,
            Verdict::At(Level::MostlyDown) => Self::MostlyDown,
            Verdict::At(Level::Half) => Self::Half,
            Verdict::At(Level::MostlyUp) => Self::MostlyUp,
            Verdict::At(Level::Up) => Self::Up,
        }
    }
}

impl From<SavedVerdict> for Verdict {
    fn from(saved: SavedVerdict) -> Self {
        match saved {
            SavedVerdict::Unasked => Self::Unasked,
            SavedVerdict::Unknown => Self::Unknown,
            SavedVerdict::Flapping => Self::Flapping,
            SavedVerdict::Down => Self::At(Level::Down),
            SavedVerdict::MostlyDown => Self::At(Level::MostlyDown),
            SavedVerdict::Half => Self::At(Level::Half),
            SavedVerdict::MostlyUp => Self::At(Level::MostlyUp),
            SavedVerdict::Up => Self::At(Level::Up),
        }
    }
}

/// A cause, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCause {
    code: CauseCode,
    text: Box<str>,
}

impl From<&Cause> for SavedCause {
    fn from(cause: &Cause) -> Self {
        let (code, text) = (cause.code, cause.text.clone());
        Self { code, text }
    }
}

impl From<&SavedCause> for Cause {
    fn from(saved: &SavedCause) -> Self {
        Self::new(saved.code, &saved.text)
    }
}

/// A wall-clock time that was, by the steady clock. A wall clock that was set back meanwhile makes
/// it now; the steady clock has to begin far enough above zero to reach back.
pub(crate) fn past(time: Timestamp, now: Moment) -> Duration {
    let ago = Duration::try_from_secs_f64(now.wall - time).unwrap_or_default();
    now.steady.saturating_sub(ago)
}

/// A wall-clock time that is to come, by the steady clock: now at the soonest, a day ahead at the
/// latest, whatever became of the wall clock.
pub(crate) fn future(time: Timestamp, now: Moment) -> Duration {
    let left = Duration::try_from_secs_f64(time - now.wall).unwrap_or_default();
    now.steady + left.min(FURTHEST)
}

/// A time by the steady clock as one of the wall clock.
pub(crate) fn wall(steady: Duration, now: Moment) -> Timestamp {
    now.wall + steady.as_secs_f64() - now.steady.as_secs_f64()
}

/// A wall-clock time that was: what lies in the future, or is no number, is now.
pub(crate) fn clamped(time: Timestamp, now: Timestamp) -> Timestamp {
    if time.is_finite() { time.min(now) } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment {
        wall: 1_000_000.0,
        steady: Duration::from_secs(5_000),
    };

    #[test]
    fn times_survive_a_clock_that_was_set() {
        let check = |time: Timestamp, was: u64, comes: u64| {
            assert_eq!(past(time, NOW).as_secs(), was, "{time} as a past time");
            assert_eq!(
                future(time, NOW).as_secs(),
                comes,
                "{time} as a time to come"
            );
        };
        check(999_990.0, 4_990, 5_000);
        check(1_000_010.0, 5_000, 5_010);
        check(0.0, 0, 5_000);
        check(1e12, 5_000, 5_000 + 86_400);
        check(f64::NAN, 5_000, 5_000);
        check(f64::INFINITY, 5_000, 5_000);
    }

    #[test]
    fn every_verdict_comes_back() {
        let levels = [
            Level::Down,
            Level::MostlyDown,
            Level::Half,
            Level::MostlyUp,
            Level::Up,
        ];
        let others = [Verdict::Unasked, Verdict::Unknown, Verdict::Flapping];
        for verdict in levels.map(Verdict::At).into_iter().chain(others) {
            assert_eq!(Verdict::from(SavedVerdict::from(verdict)), verdict);
        }
    }
}
