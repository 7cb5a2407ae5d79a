//! The judge: what to make of a source's samples. It believes bad news only when it is repeated,
//! and knows no clock: samples come with their dates.

use std::time::Duration;

use crate::status::{Level, Status};

/// How a source's samples are judged; inherited down the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// So many samples in a row must be worse than the verdict before it falls. At least 1.
    pub down_after: u32,
    /// So many samples in a row must be better than the verdict before it rises. At least 1.
    pub up_after: u32,
    /// How soon to ask again while a fall is not yet confirmed.
    pub retry: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            down_after: 2,
            up_after: 1,
            retry: Duration::from_secs(5),
        }
    }
}

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
}

impl Verdict {
    fn of(status: Option<Status>) -> Self {
        status.map_or(Self::Unknown, |status| Self::At(status.level()))
    }

    /// The level, where there is one.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::At(level) => Some(level),
            Self::Unasked | Self::Unknown => None,
        }
    }

    /// True when `self` is bad news to whoever believed `other`. Unknown is worse than up and
    /// better than nothing else: it must be confirmed like a fall, and does not undo one.
    fn is_worse_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(new), Self::At(old)) => new < old,
            (Self::At(new), Self::Unasked | Self::Unknown) => new < Level::Up,
            (Self::Unknown, _) => true,
            (Self::Unasked, _) => false,
        }
    }
}

/// One source's judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judge {
    verdict: Verdict,
    /// Samples in a row that were worse than the verdict.
    worse: u32,
    /// Samples in a row that were better than the verdict.
    better: u32,
}

impl Judge {
    /// What is believed now.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// True while bad news waits to be confirmed: the source should be asked again soon.
    pub const fn doubts(&self) -> bool {
        self.worse > 0
    }

    /// Takes a sample's status; says the former verdict when it changed.
    pub fn observe(&mut self, rules: &Rules, status: Option<Status>) -> Option<Verdict> {
        let heard = Verdict::of(status);
        if heard == self.verdict {
            (self.worse, self.better) = (0, 0);
            return None;
        }
        if heard.is_worse_than(self.verdict) {
            (self.worse, self.better) = (self.worse + 1, 0);
        } else {
            (self.worse, self.better) = (0, self.better + 1);
        }
        let believed = self.worse >= rules.down_after.max(1)
            || self.better >= rules.up_after.max(1)
            || (self.verdict == Verdict::Unasked && self.better > 0);
        if !believed {
            return None;
        }
        (self.worse, self.better) = (0, 0);
        Some(std::mem::replace(&mut self.verdict, heard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `samples`: u up, h half, d down, ? unknown. `expected`: the verdict after each, - unasked.
    fn check(rules: Rules, samples: &str, expected: &str) {
        let mut judge = Judge::default();
        let verdicts: String = samples
            .chars()
            .map(|sample| {
                let status = match sample {
                    'u' => Some(1.0),
                    'h' => Some(0.5),
                    'd' => Some(0.0),
                    _ => None,
                };
                judge.observe(&rules, status.and_then(Status::new));
                match judge.verdict() {
                    Verdict::Unasked => '-',
                    Verdict::Unknown => '?',
                    Verdict::At(Level::Up) => 'u',
                    Verdict::At(Level::Half) => 'h',
                    Verdict::At(_) => 'd',
                }
            })
            .collect();
        assert_eq!(verdicts, expected, "{samples} under {rules:?}");
    }

    fn rules(down_after: u32, up_after: u32) -> Rules {
        Rules {
            down_after,
            up_after,
            ..Rules::default()
        }
    }

    #[test]
    fn one_failure_is_not_believed_and_two_are() {
        check(rules(2, 1), "uuduudd", "uuuuuud");
        check(rules(1, 1), "udu", "udu");
        check(rules(3, 1), "uddudddd", "uuuuuudd");
    }

    #[test]
    fn recovery_is_believed_after_up_after() {
        check(rules(2, 1), "uddu", "uudu");
        check(rules(2, 2), "uddudu", "uudddd");
        check(rules(2, 2), "udduu", "uuddu");
    }

    #[test]
    fn the_first_sample_is_the_baseline_when_it_is_good() {
        check(rules(2, 3), "u", "u");
        check(rules(2, 1), "dd", "-d");
        check(rules(2, 1), "du", "-u");
    }

    #[test]
    fn between_up_and_down_there_are_steps() {
        check(rules(2, 1), "uhhddhu", "uuhhdhu");
        check(rules(2, 1), "uhd", "uud");
    }

    #[test]
    fn unknown_is_confirmed_and_left_like_a_fall() {
        check(rules(2, 1), "u?u", "uuu");
        check(rules(2, 1), "u??u", "uu?u");
        check(rules(2, 1), "u??dd", "uu??d");
        check(rules(2, 1), "udd?d", "uuddd");
    }

    #[test]
    fn doubt_lasts_until_it_is_settled() {
        let mut judge = Judge::default();
        let mut doubts = |status| {
            judge.observe(&rules(2, 1), Status::new(status));
            judge.doubts()
        };
        assert_eq!(
            [doubts(1.0), doubts(0.0), doubts(0.0), doubts(1.0)],
            [false, true, false, false]
        );
    }
}
