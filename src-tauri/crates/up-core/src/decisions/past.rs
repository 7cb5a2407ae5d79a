//! The summary about a source that is up: the last thing that happened to it.

use super::answer::SummaryCode as Code;
use super::reading::SourceReading;
use super::summary::told;
use super::words::{failures, in_brackets};
use crate::cause::Cause;
use crate::hold::Hold;
use crate::journal::ToldNotice;
use crate::journal::{Answers, Decision, DecisionKind, NetworkDecision};
use crate::judge::{Against, Beginning, Verdict};
use crate::sample::Timestamp;
use crate::status::Level;

impl SourceReading<'_> {
    /// The summary about a source that is up.
    pub(super) fn past(&self) -> (Code, String) {
        let records = self.decisions.iter().enumerate().rev();
        let mut said = records.filter_map(|(index, record)| self.of_record(index, record));
        said.next().unwrap_or_else(|| {
            let (word, since) = (self.word_now(), self.since());
            let text = format!("Nothing to tell: it is {word} {since}.");
            (Code::Nothing, text)
        })
    }

    /// What a decision means for a source that is up again; `None` for a decision without interest.
    fn of_record(&self, index: usize, record: &Decision) -> Option<(Code, String)> {
        let time = self.reader.time(record.at);
        Some(match &record.what {
            DecisionKind::Told(notice) => self.was_told(index, notice, &time),
            DecisionKind::Network { found, answers, .. } => {
                was_our_network(*found, answers.as_deref(), &time)?
            }
            DecisionKind::Unreachable(by) => (
                Code::WasUnreachable,
                format!("Not told: at {time} it could not be reached, because {by} was down."),
            ),
            DecisionKind::Held(_) | DecisionKind::Maintenance(_) => {
                let was = if record.what == DecisionKind::Held(Hold::Paused) {
                    "paused"
                } else {
                    "under maintenance"
                };
                let word = self.word_now();
                let text = format!("Nothing to tell: it was {was} from {time}, and is {word} now.");
                (Code::WasHeld, text)
            }
            DecisionKind::Reverted => self.was_reverted(index, &time),
            DecisionKind::Unconfirmed {
                against,
                count,
                of,
                cause,
            } => self.was_unconfirmed((*against, *count, *of), cause.as_deref(), &time),
            DecisionKind::Believed {
                to,
                alertable: false,
                mood,
                ..
            } if *to != Verdict::At(Level::Up) => {
                let (word, rule) = (self.reader.word(*to), self.rule(*to, *mood));
                let text = format!("Not told: it was {word} at {time}, and {rule}.");
                (Code::WasNotAlertable, text)
            }
            _ => return None,
        })
    }

    fn was_told(&self, index: usize, notice: &ToldNotice, time: &str) -> (Code, String) {
        let earlier = self.decisions[..index].iter().rev().filter_map(told);
        // A summary notice merges the incident under another id, so ids are not compared.
        let of_it = |(_, other): &(Timestamp, &ToldNotice)| !self.is_back_in(other);
        let first = earlier.take_while(of_it).last();
        let first = first.map(|(at, _)| format!("told at {}; ", self.reader.time(at)));
        let outage = self.outage_in(notice);
        let outage = outage.unwrap_or(Beginning::observed(notice.since));
        let text = format!(
            "{} {}: in trouble {}, {}its end was told at {time} {}.",
            self.word_now(),
            self.since(),
            self.reader.from(outage),
            first.unwrap_or_default(),
            self.notice(notice),
        );
        (Code::Recovered, text)
    }

    fn was_reverted(&self, index: usize, time: &str) -> (Code, String) {
        if let Some(silence) = self.was_silenced(index) {
            let text = format!("Not told: its trouble was over at {time}, while {silence}.");
            return (Code::WasSilenced, text);
        }
        let mut text = format!(
            "Not told: its last trouble was over at {time}, before anybody was told of it."
        );
        if let Some((at, _)) = self.decisions[..index].iter().rev().find_map(told) {
            let earlier = self.reader.time(at);
            text.extend([" What was told at ", &earlier, " came before."]);
        }
        (Code::Reverted, text)
    }

    /// Which control silenced the source at that decision, if one did.
    fn was_silenced(&self, index: usize) -> Option<&'static str> {
        let mut earlier = self.decisions[..index].iter().rev();
        earlier.find_map(|record| match record.what {
            DecisionKind::Silenced { muted: true, .. } => Some(Some("everything was muted")),
            DecisionKind::Silenced { .. } => Some(Some("it was snoozed")),
            DecisionKind::Unsilenced => Some(None),
            _ => None,
        })?
    }

    fn was_unconfirmed(
        &self,
        (against, count, of): (Against, u16, u16),
        cause: Option<&Cause>,
        time: &str,
    ) -> (Code, String) {
        let text = format!(
            "Not told: {} at {time}{} {} not confirmed: it takes {} in a row.",
            failures(u32::from(count), against),
            in_brackets(cause),
            if count == 1 { "was" } else { "were" },
            self.needed(against, of),
        );
        (Code::Unconfirmed, text)
    }

    fn word_now(&self) -> &'static str {
        self.reader.word(self.state.judge.verdict())
    }
}

fn was_our_network(
    found: NetworkDecision,
    answers: Option<&Answers>,
    time: &str,
) -> Option<(Code, String)> {
    let text = match found {
        NetworkDecision::NoRoute => format!(
            "Not told: our own network was gone at {time}, because this machine had no route to it, so \
             it was not judged."
        ),
        NetworkDecision::Stale | NetworkDecision::Asleep => format!(
            "Not told: its failure at {time} began while nothing was judged (the machine slept, \
             the person had just logged in, or our own network was gone), so it was checked again."
        ),
        _ if found.is_gone() => format!(
            "Not told: its failures at {time} were judged to be our own network: {}.",
            found.because(answers)
        ),
        _ => return None,
    };
    Some((Code::OwnNetwork, text))
}
