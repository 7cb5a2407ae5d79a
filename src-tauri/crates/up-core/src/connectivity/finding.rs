//! What the references' answers amount to: a table without a clock.

use crate::offline::{OfflineReason, ReferenceAnswer};

/// What is known of the sources while the references are silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Others {
    /// How many unrelated hosts have just failed.
    pub failed: usize,
    /// True when another, unrelated source that is believed up could be a witness.
    pub witness: bool,
}

/// The conclusion from the references' answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// This machine's network is there. Failures are the sources' own.
    Well,
    /// This machine's network is gone.
    Gone(OfflineReason),
    /// The references alone may be at fault. Other sources have to be checked.
    AskOthers(OfflineReason),
}

/// Rows 5 to 10 of the table in the parent module.
pub(super) fn find(replies: &[ReferenceAnswer], others: Others) -> Finding {
    let any = |reply| replies.contains(&reply);
    let why = if any(ReferenceAnswer::Answered) {
        return Finding::Well;
    } else if any(ReferenceAnswer::Wrong) {
        OfflineReason::Portal
    } else if any(ReferenceAnswer::Silent) {
        OfflineReason::Silent
    } else {
        return Finding::Well;
    };
    if others.failed >= 2 || !others.witness {
        Finding::Gone(why)
    } else {
        Finding::AskOthers(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter of `replies` stands for a reference: a answered, w wrong, s silent, u not
    /// checked.
    fn check(replies: &str, failed: usize, witness: bool, expected: Finding) {
        let all: Vec<ReferenceAnswer> = replies
            .chars()
            .map(|reply| match reply {
                'a' => ReferenceAnswer::Answered,
                'w' => ReferenceAnswer::Wrong,
                's' => ReferenceAnswer::Silent,
                _ => ReferenceAnswer::Unasked,
            })
            .collect();
        let found = find(&all, Others { failed, witness });
        assert_eq!(found, expected, "{replies:?} {failed} {witness}");
    }

    #[test]
    fn one_right_answer_is_enough() {
        check("a", 9, false, Finding::Well);
        check("sa", 9, false, Finding::Well);
        check("wa", 9, false, Finding::Well);
    }

    #[test]
    fn silence_needs_several_failures_or_nobody_to_ask() {
        check("ss", 2, true, Finding::Gone(OfflineReason::Silent));
        check("s", 1, false, Finding::Gone(OfflineReason::Silent));
        check("s", 1, true, Finding::AskOthers(OfflineReason::Silent));
        check("s", 0, true, Finding::AskOthers(OfflineReason::Silent));
    }

    #[test]
    fn a_wrong_answer_is_a_portal() {
        check("w", 2, true, Finding::Gone(OfflineReason::Portal));
        check("sw", 1, false, Finding::Gone(OfflineReason::Portal));
        check("w", 1, true, Finding::AskOthers(OfflineReason::Portal));
    }

    #[test]
    fn what_was_not_asked_says_nothing() {
        check("", 9, false, Finding::Well);
        check("u", 9, false, Finding::Well);
        check("us", 9, true, Finding::Gone(OfflineReason::Silent));
    }
}
