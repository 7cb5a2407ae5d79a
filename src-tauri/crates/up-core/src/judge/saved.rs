//! A judge as it is kept over a restart: what it believes and whether that flaps. What it only
//! doubts is not kept; it is asked again soon enough.

use serde::{Deserialize, Serialize};

use super::{Beginning, Judge, Turns, Verdict};
use crate::moment::clamped;
use crate::sample::Timestamp;
use crate::status::Level;

/// A verdict, as it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedVerdict {
    /// Nothing is believed yet.
    #[default]
    Unasked,
    /// The check could not be made or understood.
    Unknown,
    /// The source changes too often to say.
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

/// The saved state of a judge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedJudge {
    verdict: SavedVerdict,
    /// When the verdict began.
    since: Timestamp,
    /// Whether the verdict was seen beginning. A state that does not say so claims nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    observed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    flapping: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flapping_since: Option<Timestamp>,
    /// The samples that changed the verdict, one bit each, the newest in the lowest bit.
    #[serde(default, skip_serializing_if = "is_none")]
    turns: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_none(turns: &u32) -> bool {
    *turns == 0
}

impl Judge {
    /// The judge's state in the form that is saved.
    pub fn saved(&self) -> SavedJudge {
        SavedJudge {
            verdict: self.believed.into(),
            since: self.since.date,
            observed: self.since.is_observed,
            flapping: self.flapping.is_some(),
            flapping_since: self.flapping,
            turns: self.turns.bits(),
        }
    }

    /// Restores a saved judge. No date is later than `now`.
    pub fn restored(saved: SavedJudge, now: Timestamp) -> Self {
        let believed = match saved.verdict.into() {
            // Flapping is never what is believed, so Up did not write this.
            Verdict::Flapping => Verdict::Unasked,
            verdict => verdict,
        };
        Self {
            believed,
            since: Beginning {
                date: clamped(saved.since, now),
                is_observed: saved.observed,
            },
            flapping: saved
                .flapping
                .then(|| clamped(saved.flapping_since.unwrap_or(saved.since), now)),
            turns: Turns::of(saved.turns),
            ..Self::default()
        }
    }

    /// True while one of the samples that count for flapping changed the verdict.
    pub fn has_turned(&self) -> bool {
        !self.turns.is_quiet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
