//! Decisions in plain sentences.

use super::answer::{Line, Notice, Reason, Reference};
use super::reading::Reading;
use super::record::{Against, Answers, Decision, Network, What};
use super::told::Told;
use crate::alert::NoticeKind;
use crate::cause::Cause;
use crate::guard::{Reply, Why};
use crate::hold::Hold;
use crate::judge::Verdict;
use crate::line::one_line;
use crate::mood::Mood;
use crate::redact::without_secrets;
use crate::sample::Timestamp;
use crate::status::Level;

/// So many references are named with their answers.
const NAMED: usize = 10;
/// The longest name of a reference that is shown.
const LONGEST: usize = 200;

impl Reading<'_> {
    /// A decision, with its sentence.
    pub(super) fn line(&self, decision: &Decision) -> Line {
        let what = &decision.what;
        let mut line = Line {
            date: decision.at,
            code: what.code().to_owned(),
            ..Line::default()
        };
        line.text = match what {
            What::Baseline => format!(
                "The first check was {}: the baseline, which is not told.",
                self.reader.word(Verdict::At(Level::Up))
            ),
            What::Doubt {
                against,
                count,
                cause,
            } => {
                let of = self.needed(*against);
                (line.count, line.of) = (Some(u32::from(*count)), Some(of));
                line.cause = cause.as_deref().map(Reason::of);
                let cause = in_brackets(cause.as_deref());
                let failed = capital(&failures(u32::from(*count), *against));
                format!("{failed}{cause}: it takes {of} in a row to be believed. Asked again soon.")
            }
            What::Unconfirmed {
                against,
                count,
                cause,
            } => {
                let of = self.needed(*against);
                (line.count, line.of) = (Some(u32::from(*count)), Some(of));
                line.cause = cause.as_deref().map(Reason::of);
                let cause = in_brackets(cause.as_deref());
                let failed = capital(&failures(u32::from(*count), *against));
                format!(
                    "{failed}{cause} {} not confirmed by the next: it takes {of} in a row, so \
                     nothing was believed.",
                    if *count == 1 { "was" } else { "were" },
                )
            }
            What::Believed {
                from,
                to,
                alertable,
                mood,
                cause,
            } => {
                line.cause = cause.as_deref().map(Reason::of);
                self.believed((*from, *to), *alertable, *mood, cause.as_deref())
            }
            What::Network { found, answers, .. } => {
                if let Some(answers) = answers {
                    line.references = answers.each().take(NAMED).collect();
                    line.resolver = answers.resolver;
                }
                Self::network(*found, answers.as_deref())
            }
            What::Held(Hold::Paused) => "A person paused it: it is not asked.".into(),
            What::Held(Hold::Maintenance) => {
                "It reports maintenance itself: it is asked and not judged.".into()
            }
            What::Held(Hold::Offline) => {
                "Our own network was gone: it is asked and not judged.".into()
            }
            What::Held(Hold::Unreachable) => {
                "What it depends on was believed to be down: it is not judged, nor told.".into()
            }
            What::Maintenance(until) => {
                line.until = Some(*until);
                let until = self.reader.until(*until);
                format!("A maintenance window opened, until {until}: it is asked and not judged.")
            }
            What::Unreachable(by) => {
                line.by = Some(by.to_string());
                format!(
                    "It depends on {by}, which was believed to be down: it is not judged, nor told."
                )
            }
            What::Released(hold) => format!(
                "{}: it was asked again and judged anew.",
                match hold {
                    Hold::Paused => "It was resumed",
                    Hold::Maintenance => "Its maintenance was over",
                    Hold::Offline => "Our own network was back",
                    Hold::Unreachable => "What it depends on was down no more",
                }
            ),
            What::Silenced { muted, until } => {
                line.until = *until;
                let silence = capital(&self.silence(*muted, *until));
                format!("{silence}: nothing is told of it.")
            }
            What::Unsilenced => "Its snooze or the mute was over: what is still wrong is told.".into(),
            What::Acknowledged => {
                "Its outage was acknowledged: nobody is reminded, and its recovery is told.".into()
            }
            What::Gathered => {
                "It waits to be told, while those near it are asked: what has one cause is told once."
                    .into()
            }
            What::Reverted => "It was over before anybody was told, so nobody was.".into(),
            What::Forgotten => {
                "Nobody had been told, so what was believed of it was forgotten: it is judged anew."
                    .into()
            }
            What::RateLimited => "It waits: as many notices were told in this minute as \
                                  `[alert] per_minute` allows."
                .into(),
            What::Mood { mood, alertable } => {
                let so = if *alertable {
                    "which wants this told"
                } else {
                    "which does not want this told"
                };
                format!("A person changed the mood to {}, {so}.", mood.name())
            }
            What::Told(told) => {
                line.notice = Some(Notice::of(told));
                let how = self.notice(told);
                format!("{} {how}.", self.told_of(told))
            }
        };
        line
    }

    fn believed(
        &self,
        (from, to): (Verdict, Verdict),
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
                "It changed so often that it is said to be flapping: single changes are not told."
                    .to_owned()
            }
            (Verdict::Flapping, _) => format!("It stopped flapping: it is {word}{because}."),
            _ if is_better || to == Verdict::At(Level::Up) => format!(
                "{} confirmed that it is {word}{because}.",
                capital(&checks(rules.up_after))
            ),
            _ => format!(
                "{} confirmed that it is {word}{because}.",
                capital(&checks(rules.down_after))
            ),
        };
        if !alertable && to != Verdict::At(Level::Up) {
            text.push_str(" Nobody is told: ");
            text.push_str(&self.rule(to, mood));
            text.push('.');
        }
        text
    }

    /// Why what it is in is not told.
    pub(super) fn not_alertable(&self) -> String {
        self.rule(self.state.judge.verdict(), self.reader.mood)
    }

    /// The rule by which a verdict is not told.
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
            Some(own) => format!("its `[alert] level` has only {} told", level(own)),
            None => format!(
                "the {} is told only of {}",
                mood.name(),
                level(mood.minds())
            ),
        }
    }

    /// How many checks in a row it takes.
    pub(super) fn needed(&self, against: Against) -> u32 {
        match against {
            Against::Better => self.rules.up_after.max(1),
            Against::Worse | Against::Unknown => self.rules.down_after.max(1),
        }
    }

    /// `it is snoozed until 15:00`
    pub(super) fn silence(&self, muted: bool, until: Option<Timestamp>) -> String {
        let what = if muted {
            "everything is muted"
        } else {
            "it is snoozed"
        };
        let until = until.map(|until| format!(" until {}", self.reader.until(until)));
        format!("{what}{}", until.unwrap_or_default())
    }

    /// `as notice 17 (down), together with 3 others, to webhook http://…`
    pub(super) fn notice(&self, told: &Told) -> String {
        let mut text = format!("as notice {} ({})", told.id, told.kind.name());
        let others = told.members.iter().filter(|one| *one.path != *self.path);
        let others: Vec<&str> = others.map(|one| &*one.path).collect();
        let count = (told.count as usize).saturating_sub(1);
        let shown = others.len().min(3).min(count);
        if shown > 0 {
            text.push_str(", together with ");
            text.push_str(&others[..shown].join(", "));
            if count > shown {
                text.push_str(&format!(" and {} more", count - shown));
            }
        }
        if let Some(among) = told.among {
            text.push_str(&format!(", most of the {among} sources of {}", told.path));
        } else if count > 0 && *told.path != *self.path {
            text.push_str(&format!(", whose common cause is {}", told.path));
        }
        if told.behind > 0 {
            text.push_str(&format!(", with {} behind it", told.behind));
        }
        match &*told.sinks {
            [] => text.push_str(", to no webhook, command or desktop"),
            sinks => {
                text.push_str(", to ");
                text.push_str(&list(sinks.iter().map(AsRef::as_ref)));
            }
        }
        text
    }

    fn told_of(&self, told: &Told) -> String {
        let own = told.members.iter().find(|one| *one.path == *self.path);
        let word = own.map(|one| self.reader.word(one.verdict));
        match own {
            Some(one) if one.is_back => {
                format!("Told that it is {} again", self.reader.word(one.verdict))
            }
            _ => match word {
                Some(word) if told.kind == NoticeKind::Reminder => {
                    format!("Told again that it is {word}")
                }
                Some(word) => format!("Told that it is {word}"),
                None => "Told".to_owned(),
            },
        }
    }

    /// What our own network was found to be, in a sentence.
    fn network(found: Network, answers: Option<&Answers>) -> String {
        let each = answers.map(Answers::spelt).unwrap_or_default();
        match found {
            Network::Waits => "A check failed, and waits until the references have answered \
                               whether our own network is there."
                .into(),
            Network::Theirs => {
                format!("Our own network was there, so the failure is its own{each}.")
            }
            Network::Witnesses(why) => format!(
                "{}, so other sources were asked whether our own network is there{each}.",
                capital(&references(why, answers))
            ),
            Network::Vouched => format!(
                "The references are at fault, for another source answered: the failure is its \
                 own{each}."
            ),
            Network::Back => "Our own network was back: it was asked again and judged anew.".into(),
            Network::Stale => "A check failed that began before our own network was back, so it \
                               was asked again."
                .into(),
            Network::Asleep => "A check failed while the machine slept or had just woken, so it \
                                was asked again."
                .into(),
            _ => format!(
                "Judged to be our own network, so it is held: {}{each}.",
                found.because(answers)
            ),
        }
    }
}

impl Network {
    /// Why our own network was taken to be gone.
    pub(super) fn because(self, answers: Option<&Answers>) -> String {
        match self {
            Self::Gone(why @ (Why::Silent | Why::Portal)) => references(why, answers),
            Self::NoResolver => "this machine's resolver did not answer".into(),
            Self::Perhaps => "it may use the network that was gone".into(),
            _ => "this machine had no route to it".into(),
        }
    }

    /// True of what holds a source.
    pub(super) const fn is_gone(self) -> bool {
        matches!(
            self,
            Self::Gone(_) | Self::NoRoute | Self::NoResolver | Self::Perhaps
        )
    }
}

impl Answers {
    fn each(&self) -> impl Iterator<Item = Reference> {
        let both = self.references.iter().zip(&self.replies);
        both.map(|(reference, reply)| Reference {
            reference: one_line(&without_secrets(reference), LONGEST),
            answer: word(*reply).to_owned(),
        })
    }

    /// ` (https://example.org/ silent, tcp://192.0.2.1:443 silent)`
    fn spelt(&self) -> String {
        // Who was not waited for, because another had answered, has nothing to say.
        let each = self.each().filter(|one| one.answer != word(Reply::Unasked));
        let each = each.take(NAMED);
        let each = each.map(|one| format!("{} {}", one.reference, one.answer));
        let mut each: Vec<String> = each.collect();
        if self.replies.len() > NAMED {
            each.push(format!("{} more", self.replies.len() - NAMED));
        }
        if self.resolver == Some(false) {
            each.push("no names resolved".into());
        }
        if each.is_empty() {
            return String::new();
        }
        format!(" ({})", each.join(", "))
    }
}

/// `both references were silent`
fn references(why: Why, answers: Option<&Answers>) -> String {
    let replies = answers.map_or(&[][..], |answers| &answers.replies);
    let how = match why {
        Why::Portal => "answered by someone else",
        Why::Silent | Why::NoRoute => "silent",
    };
    let bad = match why {
        Why::Portal => Reply::Wrong,
        Why::Silent | Why::NoRoute => Reply::Silent,
    };
    let count = replies.iter().filter(|reply| **reply == bad).count();
    match (replies.len(), count) {
        (1, _) => format!("its reference was {how}"),
        (2, 2) => format!("both references were {how}"),
        (0, _) | (_, 0) => format!("the references were {how}"),
        (all, count) if all == count => format!("all {all} references were {how}"),
        (all, 1) => format!("1 of {all} references was {how}"),
        (all, count) => format!("{count} of {all} references were {how}"),
    }
}

const fn word(reply: Reply) -> &'static str {
    match reply {
        Reply::Answered => "answered",
        Reply::Wrong => "wrong",
        Reply::Silent => "silent",
        Reply::Unasked => "unasked",
    }
}

/// `2 failed checks`
pub(super) fn failures(count: u32, against: Against) -> String {
    let (one, several) = match against {
        Against::Worse => ("1 failed check", "failed checks"),
        Against::Better => ("1 better check", "better checks"),
        Against::Unknown => ("1 check that said nothing", "checks that said nothing"),
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

fn in_brackets(cause: Option<&Cause>) -> String {
    let text = cause.map(|cause| format!(" ({})", cause.text));
    text.unwrap_or_default()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// `a, b and c`
fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl Reason {
    fn of(cause: &Cause) -> Self {
        Self {
            code: cause.code.code().to_owned(),
            text: cause.text.to_string(),
        }
    }
}

impl Notice {
    fn of(told: &Told) -> Self {
        Self {
            id: told.id,
            kind: told.kind.name().to_owned(),
            path: told.path.to_string(),
            sources: told
                .members
                .iter()
                .map(|one| one.path.to_string())
                .collect(),
            count: told.count,
            sinks: told.sinks.iter().map(ToString::to_string).collect(),
        }
    }
}
