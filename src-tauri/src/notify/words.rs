//! The text and buttons of a notification.
//!
//! This module is pure and knows no desktop. The words of a notice are the core's.

use jiff::tz::TimeZone;
use up_core::alert::Urgency;
use up_core::control::words;
use up_core::{Colour, Level, Mood, Notice, NoticeKind, Timestamp, shown};

use crate::tray::face::{Glyph, IconFace};

/// One desktop notification.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bubble {
    /// The title.
    pub summary: String,
    /// The plain text below the title, one line each.
    pub lines: Vec<String>,
    /// The urgency that the desktop is given.
    pub urgency: Urgency,
    /// The picture.
    pub look: IconFace,
    /// The actions that a person can choose.
    pub choices: &'static [NotificationAction],
}

/// An action that a person can choose on a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotificationAction {
    /// Show the panel with the source: a click on the bubble itself.
    Show,
    /// Snooze the outage for an hour.
    Snooze,
    /// Acknowledge the outage: no reminders until it recovers.
    Acknowledge,
}

impl NotificationAction {
    const ALL: &[Self] = &[Self::Show, Self::Snooze, Self::Acknowledge];

    /// The key of the action on the bus. The specification calls a click `default`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Show => "default",
            Self::Snooze => "snooze",
            Self::Acknowledge => "acknowledge",
        }
    }

    /// The label of its button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Show => "Show",
            Self::Snooze => "Snooze 1 h",
            Self::Acknowledge => "Acknowledge",
        }
    }

    /// The action with this key.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|choice| choice.key() == key)
    }
}

/// The bubble for `notice` in the words of `mood`, for a reader at the time `now` in `zone`.
pub(crate) fn bubble(notice: &Notice, mood: Mood, now: Timestamp, zone: &TimeZone) -> Bubble {
    let notice = &legible(notice);
    let mut lines = notice.lines(mood, zone);
    let is_open = notice.open().next().is_some();
    if is_open {
        lines.push(format!("Since {}", words::since(notice.since, now, zone)));
    }
    let is_good_news = matches!(notice.kind, NoticeKind::Recovered | NoticeKind::Withdrawn);
    Bubble {
        summary: notice.title(mood),
        lines,
        urgency: notice.urgency,
        look: match notice.kind {
            // Flapping has no level, and is drawn as half up.
            NoticeKind::Flapping => look(notice.worst().or(Some(Level::Half))),
            _ => look(notice.worst()),
        },
        choices: if is_open && !is_good_news {
            NotificationAction::ALL
        } else {
            &[NotificationAction::Show]
        },
    }
}

/// The paths that the buttons act on: the tree if all of it is down, else each member that is still
/// down. A tree that merely contains the members is not meant.
pub(crate) fn subjects(notice: &Notice) -> Vec<String> {
    if notice.among.is_some() {
        vec![notice.path.to_string()]
    } else {
        let open = notice.open();
        open.map(|member| member.path.to_string()).collect()
    }
}

/// The notice with names that a line has room for and that leave the words beside them in order.
fn legible(notice: &Notice) -> Notice {
    let mut notice = notice.clone();
    notice.path = shown::path(&notice.path).into();
    for member in &mut notice.members {
        member.path = shown::path(&member.path).into();
    }
    notice
}

fn look(level: Option<Level>) -> IconFace {
    let glyph = match level {
        None => Glyph::Unknown,
        Some(Level::Down | Level::MostlyDown) => Glyph::Down,
        Some(Level::Half | Level::MostlyUp) => Glyph::Degraded,
        Some(Level::Up) => Glyph::Up,
    };
    let filled = level.map_or(0, |level| u16::from(level.number()) * 250);
    IconFace {
        glyph,
        colour: Colour::of(level),
        filled,
        down: 0,
        mark: None,
    }
}

#[cfg(test)]
mod tests {
    use NoticeKind::{Down, Flapping, Recovered, Reminder, Settled, Summary, Worse};

    use super::*;
    use crate::test_support::notice;

    const DAY: f64 = 86_400.0;

    #[test]
    fn since_when_is_said_of_what_is_down() {
        let check = |notice: &Notice, now, expected: &[&str]| {
            let lines = bubble(notice, Mood::Realist, now, &TimeZone::UTC).lines;
            assert_eq!(lines, expected, "{notice:?}");
        };
        let down = notice(1, "/R/t/a", 0.0);
        check(&down, 1_060.0, &["refused", "t", "Since 00:16"]);
        let yesterday = ["refused", "t", "Since yesterday 00:16"];
        check(&down, DAY + 60.0, &yesterday);
        let long_ago = ["refused", "t", "Since Thu 1 Jan 00:16"];
        check(&down, 3.0 * DAY, &long_ago);
        check(&notice(1, "/R/t/a", 1.0), 1_060.0, &["t"]);
    }

    #[test]
    fn a_name_neither_fills_a_bubble_nor_scrambles_it() {
        let title = |name: &str| {
            let notice = notice(1, &format!("/R/{name}"), 0.0);
            bubble(&notice, Mood::Realist, 1_060.0, &TimeZone::UTC).summary
        };
        let long = title(&format!("begin{}end", "x".repeat(200)));
        assert!(
            long.starts_with("beginxxx") && long.ends_with("xxxend: DOWN"),
            "{long}"
        );
        assert_eq!(long.chars().count(), 40 + ": DOWN".len());
        assert_eq!(title("שרת"), "\u{2068}שרת\u{2069}: DOWN");
        let subjects = subjects(&notice(1, &format!("/R/{}", "x".repeat(200)), 0.0));
        assert_eq!(subjects[0].len(), 203, "buttons act on the whole path");
    }

    #[test]
    fn bad_news_has_buttons() {
        let check = |kind, status, expected: &[NotificationAction]| {
            let notice = Notice {
                kind,
                ..notice(1, "/R/a", status)
            };
            let bubble = bubble(&notice, Mood::Realist, 1_060.0, &TimeZone::UTC);
            assert_eq!(bubble.choices, expected, "{kind:?}");
        };
        for kind in [Down, Worse, Flapping, Reminder, Summary, Settled] {
            check(kind, 0.0, NotificationAction::ALL);
        }
        for kind in [Recovered, Settled, Summary] {
            check(kind, 1.0, &[NotificationAction::Show]);
        }
        // A recovery of some members is good news, too.
        check(Recovered, 0.0, &[NotificationAction::Show]);
    }

    #[test]
    fn what_flaps_is_not_drawn_as_unknown() {
        let mut flapping = notice(1, "/R/a", 0.0);
        flapping.kind = Flapping;
        flapping.members[0].verdict = up_core::Verdict::Flapping;
        let bubble = bubble(&flapping, Mood::Realist, 1_060.0, &TimeZone::UTC);
        assert_eq!(bubble.look.glyph, Glyph::Degraded);
    }

    #[test]
    fn choices_are_understood_as_they_were_offered() {
        for choice in NotificationAction::ALL {
            assert_eq!(NotificationAction::of(choice.key()), Some(*choice));
        }
        assert_eq!(NotificationAction::of("reply"), None);
    }
}
