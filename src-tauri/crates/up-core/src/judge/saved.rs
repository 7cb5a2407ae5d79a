//! A judge as it is kept over a restart: what it believes and whether that flaps. What it only
//! doubts is not kept; it is asked again soon enough.

use serde::{Deserialize, Serialize};

use super::{Judge, Turns, Verdict};
use crate::state::SavedVerdict;

/// What is kept of a judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedJudge {
    verdict: SavedVerdict,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    flapping: bool,
    /// Which of the last samples turned the verdict, the newest in the lowest bit.
    #[serde(default, skip_serializing_if = "is_none")]
    turns: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_none(turns: &u32) -> bool {
    *turns == 0
}

impl Judge {
    /// What is kept of it.
    pub fn saved(&self) -> SavedJudge {
        SavedJudge {
            verdict: self.believed.into(),
            flapping: self.flapping,
            turns: self.turns.bits(),
        }
    }

    /// A judge that goes on from there.
    pub fn restored(saved: SavedJudge) -> Self {
        let believed = match saved.verdict.into() {
            // That is no belief; whoever wrote it was none of ours.
            Verdict::Flapping => Verdict::Unasked,
            verdict => verdict,
        };
        Self {
            believed,
            flapping: saved.flapping,
            turns: Turns::of(saved.turns),
            ..Self::default()
        }
    }

    /// True while the samples that it looks at for flapping hold a turn.
    pub fn has_turned(&self) -> bool {
        !self.turns.is_quiet()
    }
}
