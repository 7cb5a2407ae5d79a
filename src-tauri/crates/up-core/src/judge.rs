//! The judge: what to make of a source's samples. It believes bad news only when it is repeated,
//! and knows no clock: samples come with their dates. Its table is in ARCHITECTURE.md.

mod flapping;
mod rules;
mod saved;

pub use flapping::Marks;
pub(crate) use flapping::WINDOW;
pub use rules::Rules;
pub use saved::{SavedJudge, SavedVerdict};

use flapping::Turns;

use crate::mood::Mood;
use crate::sample::Timestamp;
use crate::status::{Level, Status};

/// What the judge makes of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Nothing is believed yet.
    #[default]
    Unasked,
    /// The question could not be asked or understood.
    Unknown,
    /// It is at this level.
    At(Level),
    /// It turns too often to say.
    Flapping,
}

impl Verdict {
    /// The level, where there is one.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::At(level) => Some(level),
            Self::Unasked | Self::Unknown | Self::Flapping => None,
        }
    }

    /// The word for the verdict in that mood.
    pub const fn word(self, mood: Mood) -> &'static str {
        match self {
            Self::Flapping => "FLAPPING",
            _ => mood.word_of(self.level(), None),
        }
    }
}

/// What checks in doubt say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    /// Worse than is believed.
    Worse,
    /// Better than is believed.
    Better,
    /// It could not be asked or understood.
    Unknown,
}

/// A verdict that is left behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// What was believed.
    pub from: Verdict,
    /// The first of the samples that settled it.
    pub date: Timestamp,
}

/// Samples in a row that have something in common.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Streak {
    count: u32,
    /// The date of the first.
    since: Timestamp,
}

impl Streak {
    fn push(&mut self, belongs: bool, date: Timestamp) {
        if belongs && self.count == 0 {
            self.since = date;
        }
        self.count = if belongs {
            self.count.saturating_add(1)
        } else {
            0
        };
    }
}

const LEVELS: [Level; 5] = [
    Level::Down,
    Level::MostlyDown,
    Level::Half,
    Level::MostlyUp,
    Level::Up,
];

/// One source's judge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judge {
    believed: Verdict,
    flapping: bool,
    turns: Turns,
    /// For each level below up: samples in a row at it or worse. Unknown ones do not break a row.
    below: [Streak; 4],
    /// For each level above down: samples in a row at it or better.
    above: [Streak; 4],
    unknown: Streak,
}

impl Judge {
    /// What people are told of it.
    pub const fn verdict(&self) -> Verdict {
        if self.flapping {
            Verdict::Flapping
        } else {
            self.believed
        }
    }

    /// What is believed of it at the moment, be it flapping or not.
    pub const fn believed(&self) -> Verdict {
        self.believed
    }

    /// True while news waits to be confirmed: the source should be asked again soon.
    pub fn doubts(&self) -> bool {
        self.doubt().is_some()
    }

    /// What waits to be confirmed, and how many samples in a row say so.
    pub(crate) fn doubt(&self) -> Option<(Against, u32)> {
        let heard = |run: Option<&Streak>| run.map(|run| run.count).filter(|count| *count > 0);
        let unknown = self.unknown.count;
        let unknown = (unknown > 0 && self.believed != Verdict::Unknown).then_some(unknown);
        // Whoever is at a level or worse is also at the next or worse: the widest row tells.
        let (worse, better) = match self.believed {
            Verdict::At(level) => {
                let at = usize::from(level.number());
                let worse = at.checked_sub(1).and_then(|at| self.below.get(at));
                (worse, self.above.get(at))
            }
            _ => (self.below.last(), self.above.last()),
        };
        let worse = heard(worse).map(|count| (Against::Worse, count));
        let better = heard(better).map(|count| (Against::Better, count));
        let unknown = unknown.map(|count| (Against::Unknown, count));
        worse.or(better).or(unknown)
    }

    /// Takes a sample's status; says the former verdict when it changed.
    pub fn observe(
        &mut self,
        rules: &Rules,
        status: Option<Status>,
        date: Timestamp,
    ) -> Option<Transition> {
        let before = self.verdict();
        self.note(status.map(Status::level), date);
        let next = self.next(rules);
        let turned = next.is_some() && self.believed != Verdict::Unasked;
        self.turns.push(turned);
        let mut since = date;
        if let Some((verdict, date)) = next {
            (self.believed, since) = (verdict, date);
            if verdict == Verdict::Unknown {
                (self.below, self.above) = Default::default();
            }
        }
        self.flapping = rules.flapping.is_some_and(|marks| {
            if self.turns.is_quiet() {
                false
            } else if self.flapping {
                self.turns.percent() >= f64::from(marks.low)
            } else {
                self.turns.percent() >= f64::from(marks.high)
            }
        });
        (self.verdict() != before).then_some(Transition {
            from: before,
            date: since,
        })
    }

    /// Forgets what was heard and not yet believed: it was interrupted, and rows begin anew.
    pub fn interrupt(&mut self) {
        (self.below, self.above, self.unknown) = Default::default();
    }

    fn note(&mut self, heard: Option<Level>, date: Timestamp) {
        self.unknown.push(heard.is_none(), date);
        let Some(heard) = heard else { return };
        for (run, level) in self.below.iter_mut().zip(LEVELS) {
            run.push(heard <= level, date);
        }
        for (run, level) in self.above.iter_mut().zip(&LEVELS[1..]) {
            run.push(heard >= *level, date);
        }
    }

    /// What is to be believed from now on, and since when; `None` when that is what is believed.
    fn next(&self, rules: &Rules) -> Option<(Verdict, Timestamp)> {
        let (down_after, up_after) = (rules.down_after.max(1), rules.up_after.max(1));
        // As bad as was heard often enough, but no worse.
        let fall = |above: usize| {
            let mut runs = self.below.iter().zip(LEVELS).take(above);
            let found = runs.find(|(run, _)| run.count >= down_after)?;
            Some((Verdict::At(found.1), found.0.since))
        };
        // As good as was heard often enough, but no better.
        let rise = |from: usize, times: u32| {
            let mut runs = self.above.iter().zip(&LEVELS[1..]).skip(from).rev();
            let found = runs.find(|(run, _)| run.count >= times)?;
            Some((Verdict::At(*found.1), found.0.since))
        };
        let unknown =
            (self.unknown.count >= down_after).then_some((Verdict::Unknown, self.unknown.since));
        match self.believed {
            Verdict::At(level) => {
                let at = usize::from(level.number());
                fall(at).or_else(|| rise(at, up_after)).or(unknown)
            }
            // What is up at the first word is the silent baseline.
            Verdict::Unasked => rise(3, 1).or_else(|| fall(4)).or(unknown),
            _ => rise(3, up_after).or_else(|| fall(4)),
        }
    }
}

#[cfg(test)]
mod tests;
