//! A change of a verdict, its meaning in a mood, and its line.

use std::sync::Arc;

use crate::cause::Cause;
use crate::judge::{Beginning, Rules, Verdict};
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::phrase;
use crate::sample::Timestamp;
use crate::status::Status;

/// A change of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The node in the present outline.
    pub node: NodeId,
    /// The path of the source.
    pub path: Arc<str>,
    /// The former verdict.
    pub from: Verdict,
    /// The new verdict.
    pub to: Verdict,
    /// The status of the sample that changed the verdict.
    pub status: Option<Status>,
    /// Why the source is not up.
    pub cause: Option<Cause>,
    /// The date of the first sample of the row that changed the verdict.
    pub date: Timestamp,
    /// True if the sample before that one showed something else: the change happened then.
    pub is_observed: bool,
    /// When the former verdict began.
    pub since: Beginning,
    /// Set when the first sample after a restart of Up showed the change, which then happened at
    /// some time while Up was off.
    pub off: Option<Off>,
}

/// What was believed of a source when Up stopped, if a check after the restart found something
/// else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Off {
    /// The verdict when Up stopped.
    pub was: Verdict,
    /// When Up stopped.
    pub stopped: Timestamp,
}

impl Off {
    /// A phrase such as `it was DOWN when Up stopped at 14:02, and up when asked at 14:31`. `is` is
    /// what the check found, and `clock` formats times.
    pub fn sentence(
        &self,
        (is, asked): (Verdict, Timestamp),
        mood: Mood,
        clock: impl Fn(Timestamp) -> String,
    ) -> String {
        let at = |time| {
            let said = clock(time);
            // `at` stands before a time such as `14:02`, but not before `yesterday 14:02`.
            let is_time = said.starts_with(|first: char| first.is_ascii_digit());
            if is_time { format!("at {said}") } else { said }
        };
        format!(
            "it was {} when Up stopped {}, and {} when asked {}",
            self.was.word(mood),
            at(self.stopped),
            is.word(mood).to_lowercase(),
            at(asked),
        )
    }
}

/// The meaning of a change in a mood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The source fell to a verdict that is alertable in the mood.
    Down,
    /// The source recovered.
    Recovered,
}

/// True of a verdict that is alertable in the mood, if the source's rules say nothing else.
fn is_bad(mood: Mood, verdict: Verdict) -> bool {
    Rules::default().is_alertable(mood, verdict)
}

impl Change {
    /// The meaning of the change in a mood; `None` when it is not worth a line.
    pub fn kind(&self, mood: Mood) -> Option<ChangeKind> {
        match (is_bad(mood, self.from), is_bad(mood, self.to)) {
            (false, true) => Some(ChangeKind::Down),
            (true, false) => Some(ChangeKind::Recovered),
            _ => None,
        }
    }

    /// The change as a line: `PROD: DOWN — connection refused`, `PROD: UP again after 3 min`.
    pub fn line(&self, mood: Mood) -> String {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        let word = mood.word_of(self.to.level(), None);
        let percent = phrase::percent_between(self.status).map(|p| format!(" ({p})"));
        let mut line = format!("{name}: {word}{}", percent.unwrap_or_default());
        if self.kind(mood) == Some(ChangeKind::Recovered) {
            line.extend([" again after ", &self.since.lasted(self.date)]);
        } else if let Some(cause) = &self.cause {
            line.extend([" — ", &cause.text]);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Level;

    fn at(number: u8) -> Verdict {
        let levels = [
            Level::Down,
            Level::MostlyDown,
            Level::Half,
            Level::MostlyUp,
            Level::Up,
        ];
        Verdict::At(levels[usize::from(number)])
    }

    fn check(mood: Mood, from: Verdict, to: Verdict, expected: Option<ChangeKind>) {
        let change = Change {
            node: NodeId::GONE,
            path: "/Root/PROD".into(),
            from,
            to,
            status: None,
            cause: None,
            date: 0.0,
            is_observed: true,
            since: Beginning::default(),
            off: None,
        };
        assert_eq!(
            change.kind(mood),
            expected,
            "{mood:?} from {from:?} to {to:?}"
        );
    }

    #[test]
    fn each_mood_is_told_what_it_asked_for() {
        use ChangeKind::{Down, Recovered};
        check(Mood::Optimist, at(4), at(1), None);
        check(Mood::Optimist, at(4), at(0), Some(Down));
        check(Mood::Optimist, at(0), at(1), Some(Recovered));
        check(Mood::Realist, at(4), at(2), None);
        check(Mood::Realist, at(4), at(1), Some(Down));
        check(Mood::Realist, at(1), at(0), None);
        check(Mood::Realist, at(0), at(4), Some(Recovered));
        check(Mood::Realist, at(4), Verdict::Unknown, None);
        check(Mood::Pessimist, at(4), at(3), Some(Down));
        check(Mood::Pessimist, at(4), Verdict::Unknown, Some(Down));
        check(Mood::Pessimist, Verdict::Unknown, at(4), Some(Recovered));
    }

    #[test]
    fn what_happened_while_up_was_off_is_said_as_far_as_it_is_known() {
        let check = |was, is, stopped, mood, expected: &str| {
            let off = Off { was, stopped };
            let clock = |time: Timestamp| match time {
                0.0..50.0 => "14:02".to_owned(),
                50.0..100.0 => "yesterday 14:02".to_owned(),
                _ => "14:31".to_owned(),
            };
            assert_eq!(off.sentence((is, 200.0), mood, clock), expected);
        };
        let words = "it was DOWN when Up stopped at 14:02, and up when asked at 14:31";
        check(at(0), at(4), 10.0, Mood::Realist, words);
        let words = "it was DOWN when Up stopped yesterday 14:02, and half up when asked at 14:31";
        check(at(0), at(2), 60.0, Mood::Realist, words);
        let words = "it was FLAPPING when Up stopped at 14:02, and up when asked at 14:31";
        check(Verdict::Flapping, at(4), 10.0, Mood::Realist, words);
    }

    #[test]
    fn the_first_verdict_is_told_only_when_it_is_bad() {
        check(Mood::Realist, Verdict::Unasked, at(4), None);
        check(
            Mood::Realist,
            Verdict::Unasked,
            at(0),
            Some(ChangeKind::Down),
        );
    }
}
