//! The sentences for decisions.

use super::answer::{DecisionLine, NoticeLine, Reason};
use super::network::NAMED;
use super::reading::SourceReading;
use super::summary::told;
use crate::cause::Cause;
use crate::hold::Hold;
use crate::journal::{Decision, DecisionKind};
use crate::judge::{Against, Verdict};
use crate::mood::Mood;
use crate::sample::Timestamp;
use crate::status::Level;

impl SourceReading<'_> {
    /// A decision as a line of an answer.
    pub(super) fn line(&self, index: usize, decision: &Decision) -> DecisionLine {
        let what = &decision.what;
        let mut line = DecisionLine {
            date: decision.at,
            code: what.code().to_owned(),
            text: self.sentence(index, what),
            ..DecisionLine::default()
        };
        match what {
            DecisionKind::Doubt {
                against,
                count,
                of,
                cause,
            }
            | DecisionKind::Unconfirmed {
                against,
                count,
                of,
                cause,
            } => {
                let of = self.needed(*against, *of);
                (line.count, line.of) = (Some(u32::from(*count)), Some(of));
                line.cause = cause.as_deref().map(Reason::of);
            }
            DecisionKind::Believed { cause, .. } => line.cause = cause.as_deref().map(Reason::of),
            DecisionKind::Network {
                answers: Some(answers),
                ..
            } => {
                line.references = answers.each().take(NAMED).collect();
                line.resolver = answers.resolver;
            }
            DecisionKind::Maintenance(until) => line.until = Some(*until),
            DecisionKind::Silenced { until, .. } => line.until = *until,
            DecisionKind::Unreachable(by) => line.by = Some(by.to_string()),
            DecisionKind::Told(told) => line.notice = Some(NoticeLine::of(told)),
            _ => {}
        }
        line
    }

    fn sentence(&self, index: usize, what: &DecisionKind) -> String {
        match what {
            DecisionKind::Baseline => format!(
                "The first check was {}: the baseline, which is not told.",
                self.reader.word(Verdict::At(Level::Up))
            ),
            DecisionKind::Doubt {
                against,
                count,
                of,
                cause,
            } => format!(
                "{}: it takes {} in a row to be believed{}. It is checked again soon.",
                row(*against, *count, cause.as_deref()),
                self.needed(*against, *of),
                self.more_wanted(*against, *of),
            ),
            DecisionKind::Unconfirmed {
                against,
                count,
                of,
                cause,
            } => format!(
                "{} {} not confirmed by the next: it takes {} in a row, so nothing was believed.",
                row(*against, *count, cause.as_deref()),
                if *count == 1 { "was" } else { "were" },
                self.needed(*against, *of)
            ),
            DecisionKind::Believed {
                from,
                to,
                of,
                alertable,
                mood,
                cause,
            } => self.believed((*from, *to, *of), *alertable, *mood, cause.as_deref()),
            DecisionKind::Network { found, answers, .. } => found.sentence(answers.as_deref()),
            DecisionKind::Held(hold) => held(*hold).into(),
            DecisionKind::Maintenance(until) => {
                let until = self.reader.until(*until);
                format!("A maintenance window opened, until {until}: it is checked but not judged.")
            }
            DecisionKind::Unreachable(by) => format!(
                "It depends on {by}, which was believed to be down: it is not judged, and nothing is told of it."
            ),
            DecisionKind::Released(hold) => {
                format!("{}: it was checked again and judged anew.", released(*hold))
            }
            DecisionKind::Silenced { muted, until } => {
                let silence = capital(&self.silence(*muted, *until));
                format!("{silence}: nothing is told of it.")
            }
            DecisionKind::Unsilenced => {
                "Its snooze or the mute was over: what is still wrong is told.".into()
            }
            DecisionKind::Acknowledged => {
                "Its outage was acknowledged: nobody is reminded, and its recovery is told.".into()
            }
            DecisionKind::Gathered => {
                "It waits to be told while sources near it are checked: falls with one \
                               cause share a notice."
                    .into()
            }
            DecisionKind::Reverted => self.reverted(index),
            DecisionKind::Forgotten => {
                "Nobody had been told, so what was believed of it was forgotten: \
                                it is judged anew."
                    .into()
            }
            DecisionKind::RateLimited => "It waits: as many notices were told in this minute as \
                                  `[alert] per_minute` allows."
                .into(),
            DecisionKind::Mood { mood, alertable } => format!(
                "A person changed the mood to {}, in which this is {}.",
                mood.name(),
                if *alertable { "told" } else { "not told" }
            ),
            DecisionKind::Told(told) => told.sentence(self.path, self.reader.mood),
        }
    }

    /// A trouble that nobody was told of may stand beside one that people were told of: a source
    /// that flaps falls several times in a minute.
    fn reverted(&self, index: usize) -> String {
        let mut text = "This trouble was over before anybody was told of it.".to_owned();
        let before = self.decisions[..index].iter().rev().find_map(told);
        let after = || self.decisions[index..].iter().find_map(told);
        if let Some((at, _)) = before.or_else(after) {
            text.push_str(" What was told at ");
            text.push_str(&self.reader.time(at));
            text.push_str(" is another one.");
        }
        text
    }

    fn believed(
        &self,
        (from, to, of): (Verdict, Verdict, u16),
        alertable: bool,
        mood: Mood,
        cause: Option<&Cause>,
    ) -> String {
        let (word, rules) = (self.reader.word(to), self.rules);
        let because = cause.map(|cause| format!(": {}", cause.text));
        let because = because.unwrap_or_default();
        let rank = |verdict: Verdict| verdict.level().map_or(0, Level::number);
        let is_better = to.level().is_some() && from.level().is_some() && rank(to) > rank(from);
        let mut text = match (from, to) {
            (_, Verdict::Flapping) => {
                "It changed so often that it counts as flapping: single changes are not told."
                    .to_owned()
            }
            (Verdict::Flapping, _) => format!("It stopped flapping: it is {word}{because}."),
            _ if is_better || to == Verdict::At(Level::Up) => format!(
                "{} confirmed that it is {word}{because}.",
                capital(&checks(rules.up_after))
            ),
            _ => format!(
                "{} confirmed that it is {word}{because}.",
                capital(&checks(self.needed(Against::Worse, of)))
            ),
        };
        if !alertable && to != Verdict::At(Level::Up) {
            text.push_str(" Nobody is told: ");
            text.push_str(&self.rule(to, mood));
            text.push('.');
        }
        text
    }

    /// Why the source's verdict is not alertable.
    pub(super) fn not_alertable(&self) -> String {
        self.rule(self.state.judge.verdict(), self.reader.mood)
    }

    /// The rule by which a verdict is not alertable.
    pub(super) fn rule(&self, verdict: Verdict, mood: Mood) -> String {
        let reader = self.reader;
        if verdict == Verdict::Unknown {
            return match self.rules.unknown {
                Some(_) => "its `[alert] unknown` is false".to_owned(),
                None => format!("the {} is not told of what is unknown", mood.name()),
            };
        }
        let level = |level| match level {
            Level::Down => reader.word(Verdict::At(level)).to_owned(),
            _ => format!("{} and below", reader.word(Verdict::At(level))),
        };
        match self.rules.level {
            Some(own) => format!("its `[alert] level` lets only {} be told", level(own)),
            None => format!(
                "the {} is told only of {}",
                mood.name(),
                level(mood.alerts_up_to())
            ),
        }
    }

    /// How many checks in a row it takes. `of` is how many bad ones were required then.
    pub(super) fn needed(&self, against: Against, of: u16) -> u32 {
        match against {
            Against::Better => self.rules.up_after.max(1),
            Against::Worse | Against::Unknown => u32::from(of).max(1),
        }
    }

    /// Why more checks were required than the rules say.
    fn more_wanted(&self, against: Against, of: u16) -> &'static str {
        let usual = u32::from(of) <= self.rules.down_after.max(1);
        match against {
            Against::Worse if !usual => {
                ", more than usual, because our own network may have been at fault"
            }
            _ => "",
        }
    }

    /// Why the source is silent, such as `it is snoozed until 15:00`.
    pub(super) fn silence(&self, muted: bool, until: Option<Timestamp>) -> String {
        let what = if muted {
            "everything is muted"
        } else {
            "it is snoozed"
        };
        let until = until.map(|until| format!(" until {}", self.reader.until(until)));
        format!("{what}{}", until.unwrap_or_default())
    }
}

/// A number of checks, such as `2 failed checks`.
pub(super) fn failures(count: u32, against: Against) -> String {
    let (one, several) = match against {
        Against::Worse => ("1 failed check", "failed checks"),
        Against::Better => ("1 better check", "better checks"),
        Against::Unknown => ("1 unknown check", "unknown checks"),
    };
    match count {
        0 | 1 => one.to_owned(),
        _ => format!("{count} {several}"),
    }
}

fn checks(count: u32) -> String {
    match count {
        0 | 1 => "1 check".to_owned(),
        _ => format!("{count} checks in a row"),
    }
}

/// A number of checks with their cause, such as `2 failed checks (refused)`.
fn row(against: Against, count: u16, cause: Option<&Cause>) -> String {
    let failed = capital(&failures(u32::from(count), against));
    failed + &in_brackets(cause)
}

const fn held(hold: Hold) -> &'static str {
    match hold {
        Hold::Paused => "A person paused it: it is not checked.",
        Hold::Maintenance => "It reports maintenance itself: it is checked but not judged.",
        Hold::Offline => "Our own network was gone: it is checked but not judged.",
        Hold::Unreachable => {
            "What it depends on was believed to be down: it is not judged, and nothing is told of it."
        }
    }
}

const fn released(hold: Hold) -> &'static str {
    match hold {
        Hold::Paused => "It was resumed",
        Hold::Maintenance => "Its maintenance was over",
        Hold::Offline => "Our own network was back",
        Hold::Unreachable => "What it depends on was not down any more",
    }
}

pub(super) fn in_brackets(cause: Option<&Cause>) -> String {
    let text = cause.map(|cause| format!(" ({})", cause.text));
    text.unwrap_or_default()
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

impl Reason {
    fn of(cause: &Cause) -> Self {
        Self {
            code: cause.code.code().to_owned(),
            text: cause.text.to_string(),
        }
    }
}
