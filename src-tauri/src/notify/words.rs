//! What a notification says.
//!
//! Room: pure. Changes in, bubbles out; nothing here knows a desktop.

use up_core::alert::is_bad;
use up_core::{Change, ChangeKind, Colour, Level, Mood, phrase};

use crate::tray::face::{Glyph, Look};

/// How many changes one bubble spells out.
const SPELT_OUT: usize = 5;

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
    pub look: Look,
    /// What a click on it shows: the deepest path above all that it tells of.
    pub path: String,
}

/// How much a bubble presses; the numbers are those of the Desktop Notifications Specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Urgency {
    /// A recovery.
    Low = 0,
    /// Something is not as it should be.
    Normal = 1,
    /// Something is wholly down; it stays until it is seen.
    Critical = 2,
}

/// Two changes of one path, one after the other, as one.
pub(crate) fn merged(first: &Change, second: &Change) -> Change {
    Change {
        from: first.from,
        since: first.since,
        ..second.clone()
    }
}

/// The bubble for these changes, all of one kind; `None` for none.
pub(crate) fn bubble(kind: ChangeKind, changes: &[Change], mood: Mood) -> Option<Bubble> {
    if changes.is_empty() {
        return None;
    }
    let worst = changes.iter().filter_map(|change| change.to.level()).min();
    let (summary, lines) = match changes {
        [change] => one(kind, change, mood),
        several => (headline(kind, several, mood), spelt_out(several, mood)),
    };
    Some(Bubble {
        summary,
        lines,
        urgency: match kind {
            ChangeKind::Recovered => Urgency::Low,
            ChangeKind::Down if worst == Some(Level::Down) => Urgency::Critical,
            ChangeKind::Down => Urgency::Normal,
        },
        look: look(worst),
        path: common(changes),
    })
}

fn one(kind: ChangeKind, change: &Change, mood: Mood) -> (String, Vec<String>) {
    let mut lines = Vec::new();
    let summary = if kind == ChangeKind::Recovered {
        recovered(change, mood)
    } else {
        lines.extend(change.cause.as_ref().map(|cause| cause.text.to_string()));
        let percent = phrase::percent_between(change.status).map(|p| format!(" ({p})"));
        let word = mood.word_of(change.to.level(), None);
        format!("{}: {word}{}", name(change), percent.unwrap_or_default())
    };
    lines.extend(trail(&change.path));
    (summary, lines)
}

/// `PROD: UP again after 3 min`, in whatever mood it was told of.
fn recovered(change: &Change, mood: Mood) -> String {
    if change.kind(mood) == Some(ChangeKind::Recovered) {
        return change.line(mood);
    }
    // It was told as down in another mood, which makes this good news all the same.
    let word = mood.word_of(change.to.level(), None);
    format!(
        "{}: {word} again after {}",
        name(change),
        phrase::span(change.date - change.since)
    )
}

fn headline(kind: ChangeKind, changes: &[Change], mood: Mood) -> String {
    let count = changes.len();
    let word = |change: &Change| mood.word_of(change.to.level(), None);
    let first = word(&changes[0]);
    let same = changes.iter().all(|change| word(change) == first);
    match (kind, same) {
        (ChangeKind::Down, true) => format!("{count} sources {first}"),
        (ChangeKind::Down, false) => format!("{count} sources in trouble"),
        (ChangeKind::Recovered, true) => format!("{count} sources {first} again"),
        (ChangeKind::Recovered, false) => format!("{count} sources recovered"),
    }
}

fn spelt_out(changes: &[Change], mood: Mood) -> Vec<String> {
    let mut order: Vec<&Change> = changes.iter().collect();
    order.sort_by_key(|change| change.to.level().map_or(u8::MAX, Level::number));
    let mut lines: Vec<String> = order
        .iter()
        .take(SPELT_OUT)
        .map(|change| change.line(mood))
        .collect();
    if changes.len() > SPELT_OUT {
        lines.push(format!("… and {} more", changes.len() - SPELT_OUT));
    }
    lines
}

fn name(change: &Change) -> &str {
    change.path.rsplit('/').next().unwrap_or(&change.path)
}

/// The trees between the root and the source, which tell namesakes apart.
fn trail(path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').skip(2).collect();
    let (_, between) = names.split_last()?;
    (!between.is_empty()).then(|| between.join(" / "))
}

fn look(level: Option<Level>) -> Look {
    let glyph = match level {
        None => Glyph::Unknown,
        Some(Level::Down | Level::MostlyDown) => Glyph::Down,
        Some(Level::Half | Level::MostlyUp) => Glyph::Degraded,
        Some(Level::Up) => Glyph::Up,
    };
    let filled = level.map_or(0, |level| u16::from(level.number()) * 250);
    Look {
        glyph,
        colour: Colour::of(level),
        filled,
        down: 0,
    }
}

/// The deepest path that all of these are at or below.
fn common(changes: &[Change]) -> String {
    let mut shared: Vec<&str> = changes[0].path.split('/').collect();
    for change in &changes[1..] {
        let same = shared
            .iter()
            .zip(change.path.split('/'))
            .take_while(|(a, b)| *a == b)
            .count();
        shared.truncate(same);
    }
    shared.join("/")
}

/// What a change is to a person in that mood, who was `told` that the path is down or was not.
pub(crate) fn kind(change: &Change, mood: Mood, told: bool) -> Option<ChangeKind> {
    let over = told && !is_bad(mood, change.to);
    change
        .kind(mood)
        .or_else(|| over.then_some(ChangeKind::Recovered))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::change;

    fn check(kind: ChangeKind, changes: &[Change], mood: Mood, summary: &str, lines: &[&str]) {
        let bubble = bubble(kind, changes, mood).expect("there are changes");
        assert_eq!(
            (bubble.summary.as_str(), bubble.lines),
            (summary, owned(lines))
        );
    }

    fn owned(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn one_change_is_told_in_the_moods_words() {
        use ChangeKind::{Down, Recovered};
        let down = [change("/Root/PROD", 1.0, 0.0, 60.0)];
        check(Down, &down, Mood::Realist, "PROD: DOWN", &["refused"]);
        check(
            Down,
            &down,
            Mood::Optimist,
            "PROD: HANG IN THERE!",
            &["refused"],
        );
        check(
            Down,
            &down,
            Mood::Pessimist,
            "PROD: GET TO WORK!",
            &["refused"],
        );
        let half = [change("/Root/Office/Floor 1/router", 1.0, 0.5, 60.0)];
        let lines = ["refused", "Office / Floor 1"];
        check(
            Down,
            &half,
            Mood::Pessimist,
            "router: HALF DOWN (50%)",
            &lines,
        );
        let up = [change("/Root/PROD", 0.0, 1.0, 185.0)];
        check(
            Recovered,
            &up,
            Mood::Realist,
            "PROD: UP again after 3 min 5 s",
            &[],
        );
        let up = [change("/Root/PROD", 0.3, 1.0, 185.0)];
        check(
            Recovered,
            &up,
            Mood::Optimist,
            "PROD: UP again after 3 min 5 s",
            &[],
        );
    }

    #[test]
    fn several_are_counted_and_five_spelt_out() {
        let downs: Vec<Change> = (0..7)
            .map(|n| change(&format!("/Root/s{n}"), 1.0, 0.0, 60.0))
            .collect();
        let mut lines: Vec<String> = (0..5).map(|n| format!("s{n}: DOWN — refused")).collect();
        lines.push("… and 2 more".into());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        check(
            ChangeKind::Down,
            &downs,
            Mood::Realist,
            "7 sources DOWN",
            &lines,
        );
        let mixed = [
            change("/Root/a", 1.0, 0.3, 60.0),
            change("/Root/b", 1.0, 0.0, 60.0),
        ];
        let lines = ["b: DOWN — refused", "a: MOSTLY DOWN (30%) — refused"];
        check(
            ChangeKind::Down,
            &mixed,
            Mood::Realist,
            "2 sources in trouble",
            &lines,
        );
        let back = [
            change("/Root/a", 0.0, 1.0, 60.0),
            change("/Root/b", 0.0, 1.0, 90.0),
        ];
        let lines = ["a: UP again after 1 min", "b: UP again after 1 min 30 s"];
        check(
            ChangeKind::Recovered,
            &back,
            Mood::Realist,
            "2 sources UP again",
            &lines,
        );
    }

    #[test]
    fn the_worse_the_more_it_presses() {
        let check = |kind, to: f64, urgency| {
            let bubble = bubble(kind, &[change("/Root/a", 0.9, to, 60.0)], Mood::Pessimist);
            assert_eq!(
                bubble.map(|bubble| bubble.urgency),
                Some(urgency),
                "{kind:?} to {to}"
            );
        };
        check(ChangeKind::Down, 0.0, Urgency::Critical);
        check(ChangeKind::Down, 0.3, Urgency::Normal);
        check(ChangeKind::Recovered, 1.0, Urgency::Low);
    }

    #[test]
    fn a_click_leads_to_what_the_changes_share() {
        let check = |paths: &[&str], expected: &str| {
            let changes: Vec<Change> = paths
                .iter()
                .map(|path| change(path, 1.0, 0.0, 60.0))
                .collect();
            assert_eq!(common(&changes), expected, "{paths:?}");
        };
        check(&["/Root/a"], "/Root/a");
        check(&["/Root/t/a", "/Root/t/b"], "/Root/t");
        check(&["/Root/t/a", "/Root/tt/b"], "/Root");
    }

    #[test]
    fn what_was_told_as_down_is_told_as_over_in_any_mood() {
        let up = change("/Root/a", 0.3, 1.0, 60.0);
        assert_eq!(kind(&up, Mood::Optimist, false), None);
        assert_eq!(kind(&up, Mood::Optimist, true), Some(ChangeKind::Recovered));
        let worse = change("/Root/a", 0.3, 0.0, 60.0);
        assert_eq!(kind(&worse, Mood::Realist, true), None);
    }
}
