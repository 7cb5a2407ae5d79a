//! The summary: one sentence that says why people were notified of a source, or were not.

use super::answer::{Summary, SummaryCode};
use super::reading::SourceReading;
use super::words::failures;
use crate::hold::Hold;
use crate::journal::ToldNotice;
use crate::journal::{Decision, DecisionKind, NetworkDecision};
use crate::judge::{Beginning, Verdict};
use crate::sample::Timestamp;
use crate::status::Level;

use SummaryCode as Code;

impl SourceReading<'_> {
    /// The summary about the source.
    pub(crate) fn summary(&self) -> Summary {
        let (code, text) = self.present().unwrap_or_else(|| self.past());
        Summary { code, text }
    }

    /// The summary about a source that is in trouble, in doubt or held; `None` for any other.
    fn present(&self) -> Option<(Code, String)> {
        let standing = &self.standing;
        let verdict = self.state.judge.verdict();
        let is_trouble = !matches!(verdict, Verdict::Unasked | Verdict::At(Level::Up));
        if standing.is_told {
            return Some(self.is_told(verdict));
        }
        if let Some(held) = self.is_held() {
            return Some(held);
        }
        let word = self.reader.word(verdict);
        let since = self.since();
        if standing.is_waiting {
            return Some(match standing.silenced {
                Some((muted, until)) => (
                    Code::Silenced,
                    format!("{word} {since}, not told: {}.", self.silence(muted, until)),
                ),
                None if self.last_is(&DecisionKind::RateLimited) => (
                    Code::RateLimited,
                    format!(
                        "{word} {since}, not told yet: as many notices were told in this \
                         minute as `[alert] per_minute` allows."
                    ),
                ),
                None => (
                    Code::Gathering,
                    format!(
                        "{word} {since}, not told yet: changes are gathered, so that \
                         falls with one cause share a notice."
                    ),
                ),
            });
        }
        if is_trouble && !standing.alertable {
            let why = self.not_alertable();
            return Some((
                Code::NotAlertable,
                format!("{word} {since}, not told: {why}."),
            ));
        }
        if let Some(Decision { at, what }) = self.decisions.last()
            && let DecisionKind::Network {
                found: NetworkDecision::Waits | NetworkDecision::Witnesses(_),
                ..
            } = what
        {
            let at = self.reader.time(*at);
            return Some((
                Code::Doubt,
                format!(
                    "Not told: a failed check at {at} waits until it is known whether our own \
                     network is there."
                ),
            ));
        }
        if self.state.judge.doubts()
            && let Some(Decision { at, what }) = self.last_doubt()
            && let DecisionKind::Doubt {
                count,
                against,
                of,
                cause,
            } = what
        {
            let at = self.reader.time(*at);
            let cause = cause.as_ref().map(|cause| format!(" ({cause})"));
            let of = self.needed(*against, *of);
            return Some((
                Code::Doubt,
                format!(
                    "Not told: {} since {at}{} not confirmed yet: it takes {of} in a row.",
                    failures(u32::from(*count), *against),
                    cause.unwrap_or_default() + if *count == 1 { " is" } else { " are" },
                ),
            ));
        }
        self.is_unasked().then(|| {
            let text = "Not told: it was not checked yet.".to_owned();
            (Code::Unasked, text)
        })
    }

    fn is_told(&self, verdict: Verdict) -> (Code, String) {
        let standing = &self.standing;
        let told = self.first_told();
        let mut word = self.reader.word(verdict);
        let mut rest = String::new();
        if verdict == Verdict::Unasked {
            // The source was held after its notice, and has not been checked since.
            word = "In trouble";
        }
        if standing.is_known {
            rest.push_str(" It is acknowledged: nobody is reminded of it.");
        }
        if let Some((muted, until)) = standing.silenced {
            let silence = self.silence(muted, until);
            rest.extend([" Nothing more is told now: ", &silence, "."]);
        }
        if let Some((_, held)) = self.is_held() {
            rest.push(' ');
            rest.push_str(&held);
        }
        match told {
            Some((at, told)) => {
                let what = self.what_was_told(word, told);
                let how = self.notice(told);
                let at = self.reader.time(at);
                (Code::Told, format!("{what}, told at {at} {how}.{rest}"))
            }
            None if standing.is_known => (
                Code::Acknowledged,
                format!(
                    "{word} {}, not told: it is acknowledged, so that only its recovery will be.",
                    self.since()
                ),
            ),
            None => (
                Code::Told,
                format!(
                    "{word} {}, told before this Up was started, or longer ago than it remembers: \
                     `up alerts` lists it.{rest}",
                    self.since()
                ),
            ),
        }
    }

    /// The present verdict and the outage that the notice was about, each with its own date.
    fn what_was_told(&self, word: &str, told: &ToldNotice) -> String {
        let judge = &self.state.judge;
        let began = self.outage_in(told).unwrap_or_else(|| judge.since());
        let (outage, since) = (self.reader.since(began), self.since());
        match judge.verdict() {
            Verdict::At(Level::Up) => {
                let from = self.reader.from(began);
                format!("{word} {since}, which is told soon: in trouble {from}")
            }
            Verdict::Unasked => format!("{word} {outage}"),
            _ if since == outage => format!("{word} {since}"),
            _ => format!("{word} {since}: in trouble {outage}"),
        }
    }

    /// When the source's outage began, if the notice names the source.
    pub(super) fn outage_in(&self, told: &ToldNotice) -> Option<Beginning> {
        let mut members = told.members.iter();
        let own = members.find(|member| *member.path == *self.path)?;
        Some(own.since)
    }

    /// The first notice of the present outage, and when it was sent.
    fn first_told(&self) -> Option<(Timestamp, &ToldNotice)> {
        let told = self.decisions.iter().rev().filter_map(told);
        let is_open = |(_, told): &(Timestamp, &ToldNotice)| !self.is_back_in(told);
        told.take_while(is_open).last()
    }

    /// True of a notice that reported the source's recovery.
    pub(super) fn is_back_in(&self, told: &ToldNotice) -> bool {
        let mut members = told.members.iter();
        members.any(|one| *one.path == *self.path && one.is_back)
    }

    /// Why the source is not scored now.
    fn is_held(&self) -> Option<(Code, String)> {
        let standing = &self.standing;
        let reader = self.reader;
        Some(match self.hold()? {
            Hold::Paused => {
                let since = standing
                    .paused
                    .map(|since| format!(" since {}", reader.time(since)));
                let since = since.unwrap_or_default();
                (
                    Code::Paused,
                    format!("Not told: it is paused{since} and not checked."),
                )
            }
            Hold::Maintenance => {
                let why = match standing.maintenance {
                    Some(until) => {
                        format!("a maintenance window is open until {}", reader.until(until))
                    }
                    None => "it reports maintenance itself".to_owned(),
                };
                (
                    Code::Maintenance,
                    format!("Not told: {why}, so it is not judged."),
                )
            }
            Hold::Offline => {
                let why = self.network_gone();
                (
                    Code::Offline,
                    format!("Not told: our own network is gone, so it is not judged: {why}."),
                )
            }
            Hold::Unreachable => {
                let by = standing.blocker.as_deref().unwrap_or("what it depends on");
                let since = self.at_last(|what| matches!(what, DecisionKind::Unreachable(_)));
                let since = since.map(|at| format!(" since {}", reader.time(at)));
                (
                    Code::Unreachable,
                    format!(
                        "Not told: it depends on {by}, which is down{}, so it cannot be reached.",
                        since.unwrap_or_default()
                    ),
                )
            }
        })
    }

    /// Why this machine's network is considered gone, by the last decision about it.
    fn network_gone(&self) -> String {
        let records = self.decisions.iter().rev();
        let gone = records.filter_map(|decision| match &decision.what {
            DecisionKind::Network { found, answers, .. } if found.is_gone() => {
                Some((*found, answers))
            }
            _ => None,
        });
        let mut gone = gone;
        match gone.next() {
            Some((found, answers)) => found.because(answers.as_deref()),
            None => "no reference answers".to_owned(),
        }
    }

    fn last_doubt(&self) -> Option<&Decision> {
        let mut records = self.decisions.iter().rev();
        records.find(|decision| matches!(decision.what, DecisionKind::Doubt { .. }))
    }

    fn last_is(&self, what: &DecisionKind) -> bool {
        self.decisions.last().is_some_and(|last| last.what == *what)
    }

    fn at_last(&self, is: impl Fn(&DecisionKind) -> bool) -> Option<Timestamp> {
        let mut records = self.decisions.iter().rev();
        records.find(|decision| is(&decision.what)).map(|it| it.at)
    }
}

pub(super) fn told(decision: &Decision) -> Option<(Timestamp, &ToldNotice)> {
    match &decision.what {
        DecisionKind::Told(told) => Some((decision.at, told)),
        _ => None,
    }
}
