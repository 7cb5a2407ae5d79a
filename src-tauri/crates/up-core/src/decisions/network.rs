//! The sentences about what the connectivity guard decided.

use super::answer::ReferenceLine;
use super::words::capital;
use crate::journal::{Answers, NetworkDecision, OFFLINE};
use crate::line::one_line;
use crate::offline::{OfflineReason, ReferenceAnswer};
use crate::redact::without_secrets;

/// The largest number of references that are listed with their answers.
pub(super) const NAMED: usize = 10;
/// The longest displayed address of a reference, in bytes.
const LONGEST: usize = 200;

impl NetworkDecision {
    /// The decision as a sentence.
    pub(super) fn sentence(self, answers: Option<&Answers>) -> String {
        let each = answers.map(Answers::spelt).unwrap_or_default();
        match self {
            Self::Waits => "A check failed, and waits until the references have answered \
                               whether our own network is there."
                .into(),
            Self::Theirs => {
                format!("Our own network was there, so the failure is the source's own{each}.")
            }
            Self::Witnesses(why) => format!(
                "{}, so other sources were checked to see whether our own network is there{each}.",
                capital(&references(why, answers))
            ),
            Self::Vouched => format!(
                "The references are at fault, because another source answered: the failure is the \
                 source's own{each}."
            ),
            Self::Back => "Our own network was back: it was checked again and judged anew.".into(),
            Self::Stale => "A check failed that began before our own network was back, so it \
                               was checked again."
                .into(),
            Self::Asleep => "A check failed while the machine slept, had just woken or had just \
                                been logged in to, so it was checked again."
                .into(),
            _ => format!(
                "Judged to be our own network, so it is held: {}{each}.",
                self.because(answers)
            ),
        }
    }

    /// Why this machine's network was considered gone.
    pub(super) fn because(self, answers: Option<&Answers>) -> String {
        match self {
            Self::Gone(why @ (OfflineReason::Silent | OfflineReason::Portal)) => {
                references(why, answers)
            }
            Self::NoResolver => "this machine's resolver did not answer".into(),
            Self::NoOwnRoute => "its own route was gone".into(),
            Self::SomeNames => "several unrelated names were not resolved".into(),
            Self::NoIpv6 => "nothing was reached over IPv6".into(),
            Self::Perhaps => "it may use the network that was gone".into(),
            _ => "this machine had no route to it".into(),
        }
    }

    /// True of a decision that holds a source.
    pub(super) fn is_gone(self) -> bool {
        self.code() == OFFLINE
    }
}

impl Answers {
    pub(super) fn each(&self) -> impl Iterator<Item = ReferenceLine> {
        let both = self.references.iter().zip(&self.replies);
        both.map(|(reference, reply)| ReferenceLine {
            reference: one_line(&without_secrets(reference), LONGEST),
            answer: word(*reply).to_owned(),
        })
    }

    /// The answers in brackets: ` (https://example.org/ silent, tcp://192.0.2.1:443 silent)`.
    fn spelt(&self) -> String {
        // References that were not waited for, because another had answered, are left out.
        let each = self
            .each()
            .filter(|one| one.answer != word(ReferenceAnswer::Unasked));
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

/// What the references answered, such as `both references were silent`.
fn references(why: OfflineReason, answers: Option<&Answers>) -> String {
    let replies = answers.map_or(&[][..], |answers| &answers.replies);
    let how = match why {
        OfflineReason::Portal => "answered by someone else",
        OfflineReason::Silent | OfflineReason::NoRoute => "silent",
    };
    let bad = match why {
        OfflineReason::Portal => ReferenceAnswer::Wrong,
        OfflineReason::Silent | OfflineReason::NoRoute => ReferenceAnswer::Silent,
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

const fn word(reply: ReferenceAnswer) -> &'static str {
    match reply {
        ReferenceAnswer::Answered => "answered",
        ReferenceAnswer::Wrong => "wrong",
        ReferenceAnswer::Silent => "silent",
        ReferenceAnswer::Unasked => "unasked",
    }
}
