//! The answer in short: one sentence of why people were told of a source, or were not.

use super::answer::{Summary, SummaryCode};
use super::reading::Reading;
use super::record::{Decision, Network, What};
use super::told::Told;
use super::words::failures;
use crate::hold::Hold;
use crate::judge::Verdict;
use crate::sample::Timestamp;
use crate::status::Level;

use SummaryCode as Code;

impl Reading<'_> {
    /// The answer in short.
    pub(super) fn summary(&self) -> Summary {
        let (code, text) = self.present().unwrap_or_else(|| self.past());
        Summary { code, text }
    }

    /// What there is to say while it is in trouble, in doubt or held.
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
                    format!(
                        "{word} since {since}, not told: {}.",
                        self.silence(muted, until)
                    ),
                ),
                None if self.last_is(&What::RateLimited) => (
                    Code::RateLimited,
                    format!(
                        "{word} since {since}, not told yet: as many notices were told in this \
                         minute as `[alert] per_minute` allows."
                    ),
                ),
                None => (
                    Code::Gathering,
                    format!(
                        "{word} since {since}, not told yet: news is gathered, so that what has \
                         one cause is told once."
                    ),
                ),
            });
        }
        if is_trouble && !standing.alertable {
            let why = self.not_alertable();
            return Some((
                Code::NotAlertable,
                format!("{word} since {since}, not told: {why}."),
            ));
        }
        if let Some(Decision { at, what }) = self.decisions.last()
            && let What::Network {
                found: Network::Waits | Network::Witnesses(_),
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
            && let What::Doubt {
                count,
                against,
                cause,
            } = what
        {
            let at = self.reader.time(*at);
            let cause = cause.as_ref().map(|cause| format!(" ({cause})"));
            let of = self.needed(*against);
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
            let text = "Not told: it was not asked yet.".to_owned();
            (Code::Unasked, text)
        })
    }

    fn is_told(&self, verdict: Verdict) -> (Code, String) {
        let standing = &self.standing;
        let told = self.first_told();
        let mut word = self.reader.word(verdict);
        let mut rest = String::new();
        if verdict == Verdict::Unasked {
            // Held since it was told, and asked for the first time after that.
            word = "In trouble";
        }
        if standing.is_known {
            rest.push_str(" It is acknowledged: nobody is reminded of it.");
        }
        if let Some((muted, until)) = standing.silenced {
            let silence = self.silence(muted, until);
            rest.push_str(&format!(" Nothing more is told now: {silence}."));
        }
        if let Some((_, held)) = self.is_held() {
            rest.push(' ');
            rest.push_str(&held);
        }
        let is_back = verdict == Verdict::At(Level::Up);
        match told {
            Some((at, told)) => {
                let since = self.reader.time(told.since);
                let what = if is_back {
                    format!(
                        "{word} since {}, which is told soon: DOWN from {since}",
                        self.since()
                    )
                } else {
                    format!("{word} since {since}")
                };
                let how = self.notice(told);
                let at = self.reader.time(at);
                (Code::Told, format!("{what}, told at {at} {how}.{rest}"))
            }
            None if standing.is_known => (
                Code::Acknowledged,
                format!(
                    "{word} since {}, not told: it is acknowledged, so that only its recovery will be.",
                    self.since()
                ),
            ),
            None => (
                Code::Told,
                format!(
                    "{word} since {}, told before this Up was started, or longer ago than it remembers: \
                     `up alerts` lists it.{rest}",
                    self.since()
                ),
            ),
        }
    }

    /// When the present outage was first told, and by which notice.
    fn first_told(&self) -> Option<(Timestamp, &Told)> {
        let told = self.decisions.iter().rev().filter_map(told);
        let is_open = |(_, told): &(Timestamp, &Told)| !self.is_back_in(told);
        told.take_while(is_open).last()
    }

    /// True of a notice that told of its recovery.
    fn is_back_in(&self, told: &Told) -> bool {
        let mut members = told.members.iter();
        members.any(|one| *one.path == *self.path && one.is_back)
    }

    /// Why it is not scored now.
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
                    format!("Not told: it is paused{since}, and not asked."),
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
                let since = self.at_last(|what| matches!(what, What::Unreachable(_)));
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

    /// What our own network was found to be, by the last record of it.
    fn network_gone(&self) -> String {
        let records = self.decisions.iter().rev();
        let gone = records.filter_map(|decision| match &decision.what {
            What::Network { found, answers, .. } if found.is_gone() => Some((*found, answers)),
            _ => None,
        });
        let mut gone = gone;
        match gone.next() {
            Some((found, answers)) => found.because(answers.as_deref()),
            None => "no reference answers".to_owned(),
        }
    }

    /// What there is to say of one that is up.
    fn past(&self) -> (Code, String) {
        let reader = self.reader;
        let word = self.reader.word(self.state.judge.verdict());
        for (index, Decision { at, what }) in self.decisions.iter().enumerate().rev() {
            let time = reader.time(*at);
            let before = &self.decisions[..index];
            let said = match what {
                What::Told(told) => {
                    let earlier = before.iter().rev().filter_map(self::told);
                    let of_it = |(_, other): &(Timestamp, &Told)| {
                        other.id == told.id && !self.is_back_in(other)
                    };
                    let first = earlier.take_while(of_it).last();
                    let from = reader.time(told.since);
                    let first = first.map(|(at, _)| format!("told at {}; ", reader.time(at)));
                    let how = self.notice(told);
                    Some((
                        Code::Recovered,
                        format!(
                            "{word} since {}: in trouble from {from}, {}its end was told at {time} \
                             {how}.",
                            self.since(),
                            first.unwrap_or_default(),
                        ),
                    ))
                }
                What::Network {
                    found: Network::NoRoute,
                    ..
                } => Some((
                    Code::OwnNetwork,
                    format!(
                        "Not told: our own network was gone at {time}, for this machine had no \
                         route to it, so it was not judged."
                    ),
                )),
                What::Network { found, answers, .. } if found.is_gone() => Some((
                    Code::OwnNetwork,
                    format!(
                        "Not told: its failures at {time} were judged to be our own network: {}.",
                        found.because(answers.as_deref())
                    ),
                )),
                What::Network {
                    found: Network::Stale | Network::Asleep,
                    ..
                } => Some((
                    Code::OwnNetwork,
                    format!(
                        "Not told: its failure at {time} began while the machine slept, or our own \
                         network was gone, so it was asked again."
                    ),
                )),
                What::Unreachable(by) => Some((
                    Code::WasUnreachable,
                    format!("Not told: at {time} it could not be reached, for {by} was down."),
                )),
                What::Held(_) | What::Maintenance(_) => {
                    let was = if *what == What::Held(Hold::Paused) {
                        "paused"
                    } else {
                        "under maintenance"
                    };
                    Some((
                        Code::WasHeld,
                        format!("Nothing to tell: it was {was} from {time}, and is {word} now."),
                    ))
                }
                What::Reverted => Some((
                    Code::Reverted,
                    format!("Not told: its trouble was over at {time}, before anybody was told."),
                )),
                What::Unconfirmed {
                    against,
                    count,
                    cause,
                } => {
                    let cause = cause.as_ref().map(|cause| format!(" ({cause})"));
                    let verb = if *count == 1 { "was" } else { "were" };
                    Some((
                        Code::Unconfirmed,
                        format!(
                            "Not told: {} at {time}{} {verb} not confirmed: it takes {} in a row.",
                            failures(u32::from(*count), *against),
                            cause.unwrap_or_default(),
                            self.needed(*against),
                        ),
                    ))
                }
                What::Believed {
                    to,
                    alertable: false,
                    mood,
                    ..
                } if *to != Verdict::At(Level::Up) => Some((
                    Code::WasNotAlertable,
                    format!(
                        "Not told: it was {} at {time}, and {}.",
                        reader.word(*to),
                        self.rule(*to, *mood)
                    ),
                )),
                _ => None,
            };
            if let Some(said) = said {
                return said;
            }
        }
        let since = self.since();
        (
            Code::Nothing,
            format!("Nothing to tell: it is {word} since {since}."),
        )
    }

    fn last_doubt(&self) -> Option<&Decision> {
        let mut records = self.decisions.iter().rev();
        records.find(|decision| matches!(decision.what, What::Doubt { .. }))
    }

    fn last_is(&self, what: &What) -> bool {
        self.decisions.last().is_some_and(|last| last.what == *what)
    }

    fn at_last(&self, is: impl Fn(&What) -> bool) -> Option<Timestamp> {
        let mut records = self.decisions.iter().rev();
        records.find(|decision| is(&decision.what)).map(|it| it.at)
    }
}

fn told(decision: &Decision) -> Option<(Timestamp, &Told)> {
    match &decision.what {
        What::Told(told) => Some((decision.at, told)),
        _ => None,
    }
}

impl SummaryCode {
    /// `are in trouble and were told`: behind a count, of a tree's sources.
    pub(super) const fn of_several(self, count: usize) -> &'static str {
        let one = count == 1;
        match self {
            Self::Told if one => "is in trouble and was told",
            Self::Told => "are in trouble and were told",
            Self::Gathering if one => "is in trouble and about to be told",
            Self::Gathering => "are in trouble and about to be told",
            Self::RateLimited if one => "waits for the next minute's notices",
            Self::RateLimited => "wait for the next minute's notices",
            Self::Silenced if one => "is in trouble and snoozed or muted",
            Self::Silenced => "are in trouble and snoozed or muted",
            Self::Acknowledged if one => "is in trouble and acknowledged",
            Self::Acknowledged => "are in trouble and acknowledged",
            Self::NotAlertable if one => "is in trouble that nobody wants told",
            Self::NotAlertable => "are in trouble that nobody wants told",
            Self::Doubt if one => "is in doubt",
            Self::Doubt => "are in doubt",
            Self::Offline if one => "is held, for our own network is gone",
            Self::Offline => "are held, for our own network is gone",
            Self::Unreachable if one => "is held, for what it depends on is down",
            Self::Unreachable => "are held, for what they depend on is down",
            Self::Maintenance if one => "is under maintenance",
            Self::Maintenance => "are under maintenance",
            Self::Paused if one => "is paused",
            Self::Paused => "are paused",
            Self::Recovered => "recovered, which was told",
            Self::OwnNetwork => "failed by our own network, which was not told",
            Self::WasUnreachable => "could not be reached, which was not told",
            Self::WasHeld if one => "was paused or under maintenance",
            Self::WasHeld => "were paused or under maintenance",
            Self::Reverted => "recovered before anybody was told",
            Self::Unconfirmed => "failed without being confirmed, which was not told",
            Self::WasNotAlertable if one => "was in trouble that nobody wanted told",
            Self::WasNotAlertable => "were in trouble that nobody wanted told",
            Self::Unasked if one => "was not asked yet",
            Self::Unasked => "were not asked yet",
            Self::Nothing if one => "has nothing to tell",
            Self::Nothing => "have nothing to tell",
        }
    }

    /// True of a source that a person who asks about its tree wants to hear of.
    pub(super) const fn matters(self) -> bool {
        !matches!(self, Self::Nothing | Self::Unasked)
    }
}
