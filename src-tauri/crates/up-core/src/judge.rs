//! The judge: decides what to believe of a source, given its samples. It believes bad news only
//! when it is repeated. It has no clock: samples come with their dates. Its table of rules is in
//! ARCHITECTURE.md.

mod beginning;
mod flapping;
mod rules;
mod saved;

pub use beginning::Beginning;
pub use flapping::{Marks, WINDOW};
pub use rules::Rules;
pub use saved::{SavedJudge, SavedVerdict};

use beginning::Streak;
use flapping::Turns;

use crate::mood::Mood;
use crate::sample::Timestamp;
use crate::status::{Level, Status};

/// What is believed of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Nothing is believed yet.
    #[default]
    Unasked,
    /// The check could not be made or understood.
    Unknown,
    /// The source is at this level.
    At(Level),
    /// The source changes too often to say.
    Flapping,
}

impl Verdict {
    /// The level, if the verdict has one.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::At(level) => Some(level),
            Self::Unasked | Self::Unknown | Self::Flapping => None,
        }
    }

    /// The word for the verdict in a mood.
    pub const fn word(self, mood: Mood) -> &'static str {
        match self {
            Self::Flapping => "FLAPPING",
            _ => mood.word_of(self.level(), None),
        }
    }
}

/// The direction in which a doubt contradicts the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    /// The samples are worse than the verdict.
    Worse,
    /// The samples are better than the verdict.
    Better,
    /// The checks could not be made or understood.
    Unknown,
}

/// A change of the verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// The former verdict.
    pub from: Verdict,
    /// The first sample of the row that changed the verdict.
    pub began: Beginning,
}

const LEVELS: [Level; 5] = [
    Level::Down,
    Level::MostlyDown,
    Level::Half,
    Level::MostlyUp,
    Level::Up,
];

/// The judge of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judge {
    believed: Verdict,
    /// When what is believed began, whether the source is flapping or not.
    since: Beginning,
    /// When the source began to flap; `None` unless it does.
    flapping: Option<Timestamp>,
    turns: Turns,
    /// True if the last sample had a level and nothing was interrupted since: what begins with the
    /// next sample was not so before.
    is_looking: bool,
    /// For each level below up, the row of samples at this level or worse. Fewer than `down_after`
    /// unknown samples in a row do not break it.
    below: [Streak; 4],
    /// For each level above down, the row of samples at this level or better.
    above: [Streak; 4],
    unknown: Streak,
}

impl Judge {
    /// The verdict that people are notified of.
    pub const fn verdict(&self) -> Verdict {
        if self.flapping.is_some() {
            Verdict::Flapping
        } else {
            self.believed
        }
    }

    /// What is believed at the moment, whether the source is flapping or not.
    pub const fn believed(&self) -> Verdict {
        self.believed
    }

    /// When what is believed began, whether the source is flapping or not.
    pub const fn since(&self) -> Beginning {
        self.since
    }

    /// When the verdict that people are notified of began.
    pub const fn verdict_since(&self) -> Beginning {
        match self.flapping {
            Some(date) => Beginning::observed(date),
            None => self.since,
        }
    }

    /// When the last samples began to be as they are: the first sample of the row that contradicts
    /// what is believed, or else the beginning of what is believed.
    pub fn shown_since(&self) -> Beginning {
        if self.unknown.count > 0 && self.believed != Verdict::Unknown {
            return self.unknown.since;
        }
        match (self.contradicting(), self.unknown.count) {
            (Some((_, row)), 0) => row.since,
            _ => self.since,
        }
    }

    /// Since when the source flaps, and how many of the last [`WINDOW`] samples changed what is
    /// believed; `None` unless it is flapping.
    pub fn flapping(&self) -> Option<(Timestamp, u32)> {
        Some((self.flapping?, self.turns.bits().count_ones()))
    }

    /// True while a row contradicts what is believed. The source should then be checked again soon.
    pub fn doubts(&self) -> bool {
        self.doubt().is_some()
    }

    /// The direction and the length of the row that contradicts what is believed.
    pub(crate) fn doubt(&self) -> Option<(Against, u32)> {
        let unknown = self.unknown.count;
        let unknown = (unknown > 0 && self.believed != Verdict::Unknown).then_some(unknown);
        let level = self
            .contradicting()
            .map(|(against, row)| (against, row.count));
        level.or(unknown.map(|count| (Against::Unknown, count)))
    }

    /// The row of levels that contradicts what is believed, and its direction.
    fn contradicting(&self) -> Option<(Against, Streak)> {
        // A sample at a level or worse is also at the next better level or worse, so the widest row
        // counts.
        let (worse, better) = match self.believed {
            Verdict::At(level) => {
                let at = usize::from(level.number());
                let worse = at.checked_sub(1).and_then(|at| self.below.get(at));
                (worse, self.above.get(at))
            }
            _ => (self.below.last(), self.above.last()),
        };
        let row = |row: Option<&Streak>| row.copied().filter(|row| row.count > 0);
        let worse = row(worse).map(|row| (Against::Worse, row));
        worse.or_else(|| Some((Against::Better, row(better)?)))
    }

    /// Processes a sample's status. Returns the change of the verdict, if there is one.
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
        if self.unknown.count >= rules.down_after.max(1) {
            // What was seen before so many unknown samples proves nothing of what comes after them.
            (self.below, self.above) = Default::default();
        }
        // Flapping begins and ends before everybody's eyes.
        let mut began = Beginning::observed(date);
        if let Some((verdict, since)) = next {
            (self.believed, self.since, began) = (verdict, since, since);
        }
        self.flapping = (self.flaps(rules)).then(|| self.flapping.unwrap_or(began.date));
        (self.verdict() != before).then_some(Transition {
            from: before,
            began,
        })
    }

    fn flaps(&self, rules: &Rules) -> bool {
        let Some(marks) = rules.flapping.filter(|_| !self.turns.is_quiet()) else {
            return false;
        };
        let mark = if self.flapping.is_some() {
            marks.low
        } else {
            marks.high
        };
        self.turns.percent() >= f64::from(mark)
    }

    /// Forgets all rows that were not believed yet. Rows begin anew after an interruption.
    pub fn interrupt(&mut self) {
        (self.below, self.above, self.unknown) = Default::default();
        self.is_looking = false;
    }

    fn note(&mut self, sampled: Option<Level>, date: Timestamp) {
        let was_looking = std::mem::replace(&mut self.is_looking, sampled.is_some());
        let since = Beginning {
            date,
            is_observed: was_looking,
        };
        self.unknown.push(sampled.is_none(), since);
        let Some(sampled) = sampled else { return };
        for (run, level) in self.below.iter_mut().zip(LEVELS) {
            run.push(sampled <= level, since);
        }
        for (run, level) in self.above.iter_mut().zip(&LEVELS[1..]) {
            run.push(sampled >= *level, since);
        }
    }

    /// What is to be believed from now on, and since when; `None` when nothing changes.
    fn next(&self, rules: &Rules) -> Option<(Verdict, Beginning)> {
        let (down_after, up_after) = (rules.down_after.max(1), rules.up_after.max(1));
        // The source falls to the worst level that enough samples confirm.
        let fall = |above: usize| {
            let mut runs = self.below.iter().zip(LEVELS).take(above);
            let found = runs.find(|(run, _)| run.count >= down_after)?;
            Some((Verdict::At(found.1), found.0.since))
        };
        // The source rises to the best level that enough samples confirm.
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
            // A first sample that is up is the silent baseline.
            Verdict::Unasked => rise(3, 1).or_else(|| fall(4)).or(unknown),
            _ => rise(3, up_after).or_else(|| fall(4)),
        }
    }
}

#[cfg(test)]
mod tests;
