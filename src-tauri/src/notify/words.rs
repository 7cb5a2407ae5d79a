//! What a notification says.
//!
//! Room: pure. A notice in, a bubble out; nothing here knows a desktop. The words are the core's.

use jiff::tz::TimeZone;
use up_core::alert::Urgency;
use up_core::control::words;
use up_core::{Colour, Level, Mood, Notice, NoticeKind, Timestamp};

use crate::tray::face::{Glyph, IconFace};

/// One notification.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bubble {
    /// Its title.
    pub summary: String,
    /// What stands below it, a line each; plain text.
    pub lines: Vec<String>,
    /// How much it presses.
    pub urgency: Urgency,
    /// The picture on it.
    pub look: IconFace,
    /// What can be chosen on it.
    pub choices: &'static [NotificationAction],
}

/// What a person can choose on a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotificationAction {
    /// A click on the bubble itself: the panel, at what it tells of.
    Show,
    /// Nothing of it for an hour.
    Snooze,
    /// No reminders until it recovers.
    Acknowledge,
}

impl NotificationAction {
    const ALL: &[Self] = &[Self::Show, Self::Snooze, Self::Acknowledge];

    /// What it is called on the bus; `default` is the specification's name of a click.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Show => "default",
            Self::Snooze => "snooze",
            Self::Acknowledge => "acknowledge",
        }
    }

    /// What stands on its button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Show => "Show",
            Self::Snooze => "Snooze 1 h",
            Self::Acknowledge => "Acknowledge",
        }
    }

    /// The one that is called so.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|choice| choice.key() == key)
    }
}

/// The bubble for a notice, in the words of a mood, for somebody who reads it now and there.
pub(crate) fn bubble(notice: &Notice, mood: Mood, now: Timestamp, zone: &TimeZone) -> Bubble {
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
            // It has no level, and is anything but well.
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

/// What its buttons are about: the tree that is down as a whole, else each that is still down. A
/// tree that merely holds them is not meant.
pub(crate) fn subjects(notice: &Notice) -> Vec<String> {
    if notice.among.is_some() {
        vec![notice.path.to_string()]
    } else {
        let open = notice.open();
        open.map(|member| member.path.to_string()).collect()
    }
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
        // Of some it is good news.
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
