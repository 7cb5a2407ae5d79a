//! Moods: the words and colours of levels, and which levels are alertable.

use serde::{Deserialize, Serialize};

use crate::hold::Hold;
use crate::status::Level;

/// The words that Up uses, and how eager its alerts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// Says things as they are. Levels 0 and 1 are alertable.
    #[default]
    Realist,
    /// Sees the bright side. Only level 0 is alertable.
    Optimist,
    /// Sees the dark side. Everything below up is alertable.
    Pessimist,
}

/// The colours of levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// Levels 0 and 1.
    Red,
    /// Levels 2 and 3.
    Yellow,
    /// Level 4.
    Green,
    /// Unknown or held: there is no level.
    Grey,
}

impl Mood {
    /// All moods, in the order of the menus.
    pub const ALL: [Self; 3] = [Self::Realist, Self::Optimist, Self::Pessimist];

    /// The mood's name in configurations and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Realist => "realist",
            Self::Optimist => "optimist",
            Self::Pessimist => "pessimist",
        }
    }

    /// The word for a level in this mood.
    pub const fn word(self, level: Level) -> &'static str {
        let words = match self {
            Self::Realist => ["DOWN", "MOSTLY DOWN", "HALF UP", "MOSTLY UP", "UP"],
            Self::Optimist => [
                "HANG IN THERE!",
                "SLIGHTLY UP",
                "HALF UP",
                "MOSTLY UP",
                "UP",
            ],
            Self::Pessimist => [
                "GET TO WORK!",
                "MOSTLY DOWN",
                "HALF DOWN",
                "SLIGHTLY DOWN",
                "WHATEVER",
            ],
        };
        words[level as usize]
    }

    /// The best level that is alertable in this mood.
    pub const fn alerts_up_to(self) -> Level {
        match self {
            Self::Optimist => Level::Down,
            Self::Realist => Level::MostlyDown,
            Self::Pessimist => Level::MostlyUp,
        }
    }

    /// The word for the state of a node: its hold, its level, or UNKNOWN.
    pub const fn word_of(self, level: Option<Level>, hold: Option<Hold>) -> &'static str {
        match (hold, level) {
            (Some(hold), _) => hold.word(),
            (None, Some(level)) => self.word(level),
            (None, None) => "UNKNOWN",
        }
    }
}

impl std::str::FromStr for Mood {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mood| mood.name() == text)
            .ok_or_else(|| format!("{text:?} is no mood: use realist, optimist or pessimist"))
    }
}

impl Colour {
    /// The colour of a level; grey when there is none.
    pub const fn of(level: Option<Level>) -> Self {
        match level {
            Some(Level::Down | Level::MostlyDown) => Self::Red,
            Some(Level::Half | Level::MostlyUp) => Self::Yellow,
            Some(Level::Up) => Self::Green,
            None => Self::Grey,
        }
    }
}
