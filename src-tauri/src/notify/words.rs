//! The text and buttons of a notification.
//!
//! This module is pure and knows no desktop. The words of a notice are the core's.

use std::sync::Arc;

use jiff::tz::TimeZone;
use up_core::alert::{Member, Urgency};
use up_core::control::words;
use up_core::{Colour, Level, Mood, Notice, NoticeKind, Timestamp, shown};

use crate::tray::face::{Glyph, IconFace};

/// How many members that were dealt with a bubble names.
const DEALT_WITH: usize = 3;

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

/// A member of a notice that a person has dealt with since, or that is well again without a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DealtWith {
    /// The path of the source.
    pub path: Arc<str>,
    /// How it was dealt with: `acknowledged`, `snoozed`, `recovered`.
    pub how: &'static str,
}

/// The bubble for `notice` in the words of `mood`, for a reader at the time `now` in `zone`. The
/// members in `dealt_with` are listed last, and not as down.
pub(crate) fn bubble(
    notice: &Notice,
    dealt_with: &[DealtWith],
    mood: Mood,
    now: Timestamp,
    zone: &TimeZone,
) -> Bubble {
    let whole = legible(notice);
    let notice = &remaining(notice, dealt_with).map_or_else(|| whole.clone(), |it| legible(&it));
    let mut lines = notice.lines(mood, zone);
    lines.extend(lines_of(dealt_with, &whole));
    let is_open = notice.open().next().is_some();
    if is_open {
        let began = notice.began();
        let since = if began.is_observed {
            "Since"
        } else {
            "At least since"
        };
        let date = words::since(began.date, now, zone);
        lines.push(format!("{since} {date}"));
    }
    let is_good_news = matches!(notice.kind, NoticeKind::Recovered | NoticeKind::Withdrawn);
    Bubble {
        summary: shown::left_to_right(notice.title(mood)),
        lines: lines.into_iter().map(shown::left_to_right).collect(),
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
/// down and not dealt with. A tree that merely contains the members is not meant.
pub(crate) fn subjects(notice: &Notice, dealt_with: &[DealtWith]) -> Vec<String> {
    if notice.among.is_some() {
        vec![notice.path.to_string()]
    } else {
        let open = notice.open().filter(|member| !is_in(dealt_with, member));
        open.map(|member| member.path.to_string()).collect()
    }
}

fn is_in(dealt_with: &[DealtWith], member: &Member) -> bool {
    dealt_with.iter().any(|it| it.path == member.path)
}

/// The notice without the members that were dealt with; `None` if it is about no other member.
fn remaining(notice: &Notice, dealt_with: &[DealtWith]) -> Option<Notice> {
    let mut remaining = notice.clone();
    let members = &mut remaining.members;
    members.retain(|member| member.until.is_some() || !is_in(dealt_with, member));
    let (first, former) = (members.first()?, notice.members.first()?);
    if first.path != former.path {
        // Other sources are behind the first member, of which a person knows now.
        remaining.behind = 0;
    }
    Some(remaining)
}

/// A line for each of the first members that were dealt with, and how many more there are.
fn lines_of(dealt_with: &[DealtWith], whole: &Notice) -> Vec<String> {
    let line = |it: &DealtWith| {
        let path = shown::path(&it.path);
        let mut members = whole.members.iter();
        let member = members.find(|member| *member.path == *path)?;
        Some(format!("{}: {}", whole.label(member), it.how))
    };
    let mut lines: Vec<String> = dealt_with
        .iter()
        .take(DEALT_WITH)
        .filter_map(line)
        .collect();
    if let Some(more @ 1..) = dealt_with.len().checked_sub(DEALT_WITH) {
        lines.push(format!("… and {more} more that were dealt with"));
    }
    lines
}

/// The notice with names that a line has room for, and with names and causes that leave the words
/// beside them in order.
fn legible(notice: &Notice) -> Notice {
    let mut notice = notice.clone();
    notice.path = shown::path(&notice.path).into();
    for member in &mut notice.members {
        member.path = shown::path(&member.path).into();
        if let Some(cause) = &mut member.cause {
            cause.text = shown::isolated(&cause.text).into();
        }
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
            let lines = bubble(notice, &[], Mood::Realist, now, &TimeZone::UTC).lines;
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
            bubble(&notice, &[], Mood::Realist, 1_060.0, &TimeZone::UTC).summary
        };
        let long = title(&format!("begin{}end", "x".repeat(200)));
        assert!(
            long.starts_with("beginxxx") && long.ends_with("xxxend: DOWN"),
            "{long}"
        );
        assert_eq!(long.chars().count(), 40 + ": DOWN".len());
        assert_eq!(title("שרת"), "\u{200e}\u{2068}שרת\u{2069}: DOWN");
        let long = notice(1, &format!("/R/{}", "x".repeat(200)), 0.0);
        let subjects = subjects(&long, &[]);
        assert_eq!(subjects[0].len(), 203, "buttons act on the whole path");
    }

    /// A notice of sources that are down.
    fn several(paths: &[&str]) -> Notice {
        let members = paths.iter().map(|path| notice(0, path, 0.0).members);
        Notice {
            members: members.flatten().collect(),
            ..notice(1, "/R", 0.0)
        }
    }

    #[test]
    fn a_line_from_right_to_left_begins_on_the_left() {
        let mut both = several(&["/R/t/שלום 42 (test)", "/R/a"]);
        both.members[1].cause = Some(up_core::Cause::new(up_core::CauseCode::Refused, "שגיאה"));
        let lines = bubble(&both, &[], Mood::Realist, 1_060.0, &TimeZone::UTC).lines;
        let expected = [
            "\u{200e}t › \u{2068}שלום 42 (test)\u{2069}: DOWN — refused",
            "\u{200e}a: DOWN — \u{2068}שגיאה\u{2069}",
            "Since 00:16",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_was_dealt_with_is_not_called_down() {
        let all = ["/R/t/a", "/R/t/b", "/R/c"];
        let check = |dealt_with: &[&str], title: &str, expected: &[&str], left: &[&str]| {
            let how = "acknowledged";
            let path = |path: &&str| DealtWith {
                path: (*path).into(),
                how,
            };
            let dealt_with: Vec<_> = dealt_with.iter().map(path).collect();
            let mut notice = several(&all);
            notice.behind = 2;
            let zone = TimeZone::UTC;
            let bubble = bubble(&notice, &dealt_with, Mood::Realist, 1_060.0, &zone);
            assert_eq!(
                (&*bubble.summary, &bubble.lines[..]),
                (
                    title,
                    &expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..]
                )
            );
            assert_eq!(subjects(&notice, &dealt_with), left);
        };
        let (a, b, c) = (
            "t › a: DOWN — refused",
            "t › b: DOWN — refused",
            "c: DOWN — refused",
        );
        let behind = "2 sources behind t › a cannot be reached";
        let since = "Since 00:16";
        check(&[], "3 sources DOWN", &[a, b, c, behind, since], &all);
        let known = "t › b: acknowledged";
        check(
            &all[1..2],
            "2 sources DOWN",
            &[a, c, behind, known, since],
            &[all[0], all[2]],
        );
        let known = ["t › a: acknowledged", "t › b: acknowledged"];
        check(
            &all[..2],
            "c: DOWN",
            &["refused", known[0], known[1], since],
            &all[2..],
        );
    }

    #[test]
    fn bad_news_has_buttons() {
        let check = |kind, status, expected: &[NotificationAction]| {
            let notice = Notice {
                kind,
                ..notice(1, "/R/a", status)
            };
            let bubble = bubble(&notice, &[], Mood::Realist, 1_060.0, &TimeZone::UTC);
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
        let bubble = bubble(&flapping, &[], Mood::Realist, 1_060.0, &TimeZone::UTC);
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
