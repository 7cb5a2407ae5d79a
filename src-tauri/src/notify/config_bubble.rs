//! The bubble about a configuration that cannot be used: one for as long as that lasts, with the
//! first mistake. It goes when the configuration is mended.
//!
//! This module is pure.

use up_core::alert::Urgency;
use up_core::line::one_line;
use up_engine::view::{CurrentState, TroubleKind};

use super::words::{Bubble, NotificationAction};
use crate::tray::face::{IconFace, IconMark};

/// The longest mistake that is shown, in bytes.
const LINE: usize = 300;

/// The state of the bubble.
#[derive(Debug, Default)]
pub(super) struct ConfigBubble {
    /// The id of the trouble that people were told last.
    told: Option<u64>,
    /// The service's id of the bubble, while it is on the screen.
    shown: Option<u32>,
}

/// What is to be done about the bubble.
#[derive(Debug, PartialEq)]
pub(super) enum NextStep {
    /// Show this bubble, in place of the former one if it is still there.
    Show(u64, Bubble, Option<u32>),
    /// The configuration is in order again: close this bubble, if it is still there, and begin anew.
    Mended(Option<u32>),
    /// Nothing.
    Nothing,
}

impl ConfigBubble {
    /// What is to be done, given the trouble of the configuration, if there is one.
    pub(super) fn next(&self, trouble: Option<(u64, Bubble)>) -> NextStep {
        match trouble {
            Some((id, _)) if self.told == Some(id) => NextStep::Nothing,
            Some((id, bubble)) => NextStep::Show(id, bubble, self.shown),
            None if self.told.is_some() => NextStep::Mended(self.shown),
            None => NextStep::Nothing,
        }
    }

    /// Records that people were told of the trouble `id`. `shown` is the bubble, if the service
    /// gave it an id.
    pub(super) fn record(&mut self, id: u64, shown: Option<u32>) {
        self.told = Some(id);
        self.shown = shown;
    }

    /// Records that `bubble` was closed.
    pub(super) fn mark_closed(&mut self, bubble: u32) {
        if self.shown == Some(bubble) {
            self.shown = None;
        }
    }

    /// Records that the bubbles of the service are gone.
    pub(super) fn clear(&mut self) {
        self.shown = None;
    }

    /// The bubble on the screen.
    pub(super) fn shown(&self) -> Option<u32> {
        self.shown
    }
}

/// The trouble of the configuration as a bubble, with the trouble's id. `exists` says whether there
/// is a file: before there is one, a person has made no mistake.
pub(super) fn trouble(known: &CurrentState, exists: bool) -> Option<(u64, Bubble)> {
    let is_used = known.plan.is_some();
    let mut troubles = known.troubles.iter();
    let trouble = troubles.find(|trouble| trouble.kind == TroubleKind::Config)?;
    (is_used || exists).then(|| (trouble.id, bubble(&trouble.text, is_used)))
}

/// The bubble for mistakes, which are separated by empty lines. `is_used` says whether an earlier
/// configuration is still in use.
fn bubble(mistakes: &str, is_used: bool) -> Bubble {
    let mut mistakes = mistakes.split("\n\n").filter(|text| !text.is_empty());
    let first = mistakes.next().unwrap_or_default();
    let first = first.lines().next().unwrap_or_default();
    let mut lines = vec![one_line(first, LINE)];
    match mistakes.count() {
        0 => {}
        1 => lines.push("and 1 more mistake".into()),
        more => lines.push(format!("and {more} more mistakes")),
    }
    lines.push(
        if is_used {
            "The last good configuration stays in use."
        } else {
            "Nothing is watched until it is corrected."
        }
        .into(),
    );
    Bubble {
        summary: "The configuration cannot be used".into(),
        lines,
        urgency: Urgency::Normal,
        look: IconFace {
            mark: Some(IconMark::Config),
            ..IconFace::of_level(None)
        },
        choices: &[NotificationAction::Show],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mistake_is_said_with_its_place_and_the_others_are_counted() {
        let check = |mistakes: &str, is_used, expected: &[&str]| {
            assert_eq!(bubble(mistakes, is_used).lines, expected, "{mistakes:?}");
        };
        let place = "/etc/up.toml:2:1: unknown key `intervall`";
        let one = format!("{place}\n    intervall = 3\n    ^^^^\nhelp: did you mean `interval`?\n");
        let kept = "The last good configuration stays in use.";
        check(&one, true, &[place, kept]);
        let nothing = "Nothing is watched until it is corrected.";
        check(&one, false, &[place, nothing]);
        let two = format!("{one}\n{one}");
        check(&two, true, &[place, "and 1 more mistake", kept]);
        let three = format!("{two}\n{one}");
        check(&three, true, &[place, "and 2 more mistakes", kept]);
    }

    #[test]
    fn there_is_one_bubble_for_one_trouble() {
        let mut state = ConfigBubble::default();
        let trouble = |id: u64| Some((id, bubble("up.toml:1:1: no", true)));
        let next = |state: &ConfigBubble, about: Option<(u64, Bubble)>| match state.next(about) {
            NextStep::Show(id, _, over) => format!("show {id} over {over:?}"),
            other => format!("{other:?}"),
        };
        assert_eq!(next(&state, None), "Nothing");
        assert_eq!(next(&state, trouble(1)), "show 1 over None");
        state.record(1, Some(7));
        assert_eq!(next(&state, trouble(1)), "Nothing");
        // Another mistake takes its place.
        assert_eq!(next(&state, trouble(2)), "show 2 over Some(7)");
        state.record(2, Some(7));
        state.mark_closed(7);
        // A person who closed it was told.
        assert_eq!(next(&state, trouble(2)), "Nothing");
        assert_eq!(next(&state, None), "Mended(None)");
        state.record(2, Some(8));
        assert_eq!(next(&state, None), "Mended(Some(8))");
    }
}
