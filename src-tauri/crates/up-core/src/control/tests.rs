//! Tests of the controls in force, as tables.

use jiff::civil::{Weekday, date, time};
use jiff::tz::TimeZone;
use std::time::Duration;

use super::words::{sentence, tomorrow_at_nine, until};
use super::*;
use crate::outline::{Kind, Node, NodeId, Outline};
use crate::path::MAX_PATH;

mod foreign;

const NOW: Timestamp = 1_000.0;

fn snooze(path: &str, until: Timestamp) -> Control {
    let path = path.into();
    Control::Snooze { path, until }
}

fn pause(path: &str) -> Control {
    Control::Pause { path: path.into() }
}

fn outline() -> Outline {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "Root"));
    let a = outline.push(Some(root), Node::new(Kind::TREE, "a"));
    outline.push(Some(a), Node::new(Kind("tcp"), "x"));
    outline.push(Some(a), Node::new(Kind("tcp"), "xy"));
    outline.push(Some(root), Node::new(Kind("tcp"), "b"));
    outline
}

/// Compares one letter for each node: P paused, M maintenance, s snoozed, - none; then when they
/// next change.
fn check_standings(
    controls: &[Control],
    windows: &[Window],
    now: Timestamp,
    expected: (&str, Option<Timestamp>),
) {
    let mut kept = Controls::default();
    for control in controls {
        kept.apply(control, NOW);
    }
    let outline = outline();
    let standings = Standings::of(&outline, &kept, windows, now);
    let letter = |id: NodeId| match standings.at(id) {
        EffectiveControls { paused: true, .. } => 'P',
        standing if standing.maintenance.is_some() => 'M',
        _ if standings.is_silent(id) => 's',
        _ => '-',
    };
    let letters: String = outline.ids().map(letter).collect();
    assert_eq!(
        (&*letters, standings.next()),
        expected,
        "{controls:?} at {now}"
    );
}

#[test]
fn what_is_asked_of_a_tree_holds_for_all_below_it() {
    check_standings(&[], &[], NOW, ("-----", None));
    check_standings(&[pause("/Root/a")], &[], NOW, ("-PPP-", None));
    check_standings(&[pause("/Root/a/x")], &[], NOW, ("--P--", None));
    check_standings(&[pause("/Root")], &[], NOW, ("PPPPP", None));
    let half = snooze("/Root/a", 1_060.0);
    check_standings(
        std::slice::from_ref(&half),
        &[],
        1_059.9,
        ("-sss-", Some(1_060.0)),
    );
    check_standings(std::slice::from_ref(&half), &[], 1_060.0, ("-----", None));
    let longer = snooze("/Root/a/x", 1_100.0);
    check_standings(
        &[half.clone(), longer.clone()],
        &[],
        NOW,
        ("-sss-", Some(1_060.0)),
    );
    check_standings(&[half, longer], &[], 1_060.0, ("--s--", Some(1_100.0)));
    check_standings(&[pause("/Root/gone")], &[], NOW, ("-----", None));
}

#[test]
fn a_mute_silences_all_and_ends_by_itself_or_not() {
    let mute = |until| Control::Mute { until };
    check_standings(&[mute(None)], &[], 9e9, ("sssss", None));
    check_standings(&[mute(Some(1_060.0))], &[], NOW, ("sssss", Some(1_060.0)));
    check_standings(&[mute(Some(1_060.0))], &[], 1_060.0, ("-----", None));
    check_standings(&[mute(None), Control::Unmute], &[], NOW, ("-----", None));
}

#[test]
fn each_control_is_undone_by_its_own() {
    let check = |asked: &[Control], changed: &[bool]| {
        let mut controls = Controls::default();
        let told: Vec<bool> = asked.iter().map(|c| controls.apply(c, NOW)).collect();
        assert_eq!(told, changed, "{asked:?}");
        assert!(controls.is_empty(NOW), "{controls:?}");
    };
    let path = || String::from("/Root/a");
    let unsnooze = Control::Unsnooze { path: path() };
    let unacknowledge = Control::Unacknowledge { path: path() };
    let resume = Control::Resume { path: path() };
    check(&[snooze("/Root/a", 2_000.0), unsnooze.clone()], &[true; 2]);
    check(&[unsnooze], &[false]);
    let note = Some("known".into());
    let acknowledge = Control::Acknowledge {
        path: path(),
        note,
        by: None,
    };
    check(&[acknowledge, unacknowledge], &[true; 2]);
    check(
        &[pause("/Root/a"), pause("/Root/a"), resume.clone(), resume],
        &[true, false, true, false],
    );
    check(&[Control::Unmute], &[false]);
}

#[test]
fn the_nearest_and_the_longest_are_found_upwards() {
    let mut controls = Controls::default();
    controls.apply(&snooze("/Root", 1_500.0), NOW);
    controls.apply(&snooze("/Root/a", 1_200.0), NOW);
    controls.apply(&pause("/Root/a/x"), NOW);
    controls.apply(&pause("/Root/a"), NOW);
    let whose = |path: &str, now| controls.snooze(path, now).map(|(path, _)| path);
    assert_eq!(whose("/Root/a/x", NOW), Some("/Root"));
    assert_eq!(whose("/Root/a/x", 1_500.0), None);
    let paused = |path: &str| controls.pause(path).map(|(path, _)| path);
    assert_eq!(paused("/Root/a/x/deeper"), Some("/Root/a"));
    assert_eq!(paused("/Root/ab"), None, "a name is not its beginning");
}

#[test]
fn a_control_that_cannot_be_is_refused() {
    let check = |control: &Control, expected: Option<&str>| {
        assert_eq!(control.problem(NOW), expected, "{control:?}");
    };
    let past = Some("that time is over already");
    check(&snooze("/Root", 1_001.0), None);
    check(&snooze("/Root", NOW), past);
    check(
        &snooze("/Root", f64::NAN),
        Some("that time is too far away"),
    );
    check(&snooze("/Root", 1e300), Some("that time is too far away"));
    check(
        &snooze("Root", 2_000.0),
        Some("that is not the path of a source"),
    );
    check(
        &pause(&"/x".repeat(MAX_PATH)),
        Some("that is not the path of a source"),
    );
    check(&Control::Mute { until: Some(1.0) }, past);
    check(&Control::Mute { until: None }, None);
    let note = Some("x".repeat(MAX_NOTE + 1));
    let path = "/Root".into();
    let long = Control::Acknowledge {
        path,
        note,
        by: None,
    };
    check(&long, Some("that note is too long"));
}

#[test]
fn only_so_many_are_kept() {
    let mut controls = Controls::default();
    for i in 0..MOST {
        assert!(controls.apply(&pause(&format!("/Root/{i}")), NOW));
    }
    assert!(!controls.apply(&pause("/Root/more"), NOW));
    assert!(controls.apply(&snooze("/Root", 2_000.0), NOW));
}

fn at(year: i16, month: i8, day: i8, hour: i8, minute: i8, zone: &str) -> Timestamp {
    let zoned = date(year, month, day)
        .at(hour, minute, 0, 0)
        .in_tz(zone)
        .expect("a time of that zone");
    seconds(zoned.timestamp())
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone of the database")
}

fn daily(days: &[(Weekday, Ordinal)], hour: i8, minute: i8, minutes: u64, name: &str) -> Window {
    let rule = |(weekday, which): &(Weekday, Ordinal)| DayRule {
        weekday: *weekday,
        which: *which,
    };
    Window {
        paths: Vec::new(),
        when: When::Recurring {
            days: days.iter().map(rule).collect(),
            at: time(hour, minute, 0, 0),
            lasts: Duration::from_mins(minutes),
            zone: zone(name),
        },
    }
}

/// `spells` are the next times at which the window is open, in UTC.
fn check_spells(window: &Window, from: Timestamp, spells: &[&str]) {
    let mut now = from;
    let mut told = Vec::new();
    for _ in spells {
        let opens = window.next_turn(now).expect("it opens again");
        let closes = window.next_turn(opens).expect("it closes");
        assert_eq!(
            window.open(opens),
            Some(closes),
            "open from the first second"
        );
        assert_eq!(window.open(opens - 1.0), None, "and not before");
        assert_eq!(window.open(closes), None, "nor at its end");
        let show = |time: Timestamp| {
            let time = window::instant(time).expect("a time");
            time.strftime("%m-%d %H:%M").to_string()
        };
        told.push(format!("{} to {}", show(opens), show(closes)));
        now = closes;
    }
    assert_eq!(told, spells);
}

const BERLIN: &str = "Europe/Berlin";

#[test]
fn a_window_stands_where_the_clocks_are_put_forward() {
    // On 2026-03-29, 02:00 CET becomes 03:00 CEST, so there is no 02:30.
    let from = at(2026, 3, 28, 0, 0, BERLIN);
    check_spells(
        &daily(&[], 2, 30, 60, BERLIN),
        from,
        &[
            "03-28 01:30 to 03-28 02:30",
            "03-29 01:30 to 03-29 02:30",
            "03-30 00:30 to 03-30 01:30",
        ],
    );
    check_spells(
        &daily(&[], 1, 30, 120, BERLIN),
        from,
        &["03-28 00:30 to 03-28 02:30", "03-29 00:30 to 03-29 02:30"],
    );
    // Lord Howe puts its clocks forward by half an hour.
    check_spells(
        &daily(&[], 2, 15, 30, "Australia/Lord_Howe"),
        at(2026, 10, 3, 12, 0, "Australia/Lord_Howe"),
        &["10-03 15:45 to 10-03 16:15", "10-04 15:15 to 10-04 15:45"],
    );
}

#[test]
fn an_hour_that_comes_twice_opens_a_window_once() {
    // On 2026-10-25, 03:00 CEST becomes 02:00 CET, so 02:30 occurs twice.
    check_spells(
        &daily(&[], 2, 30, 45, BERLIN),
        at(2026, 10, 24, 0, 0, BERLIN),
        &[
            "10-24 00:30 to 10-24 01:15",
            "10-25 00:30 to 10-25 01:15",
            "10-26 01:30 to 10-26 02:15",
        ],
    );
    // A window that is open over the change lasts as long as always.
    check_spells(
        &daily(&[], 22, 0, 8 * 60, BERLIN),
        at(2026, 10, 24, 12, 0, BERLIN),
        &["10-24 20:00 to 10-25 04:00", "10-25 21:00 to 10-26 05:00"],
    );
}

#[test]
fn days_of_the_week_and_of_the_month() {
    let from = at(2026, 11, 22, 12, 0, "UTC");
    let every = Ordinal::Every;
    check_spells(
        &daily(
            &[(Weekday::Saturday, every), (Weekday::Sunday, every)],
            23,
            0,
            120,
            "UTC",
        ),
        from,
        &[
            "11-22 23:00 to 11-23 01:00",
            "11-28 23:00 to 11-29 01:00",
            "11-29 23:00 to 11-30 01:00",
        ],
    );
    check_spells(
        &daily(&[(Weekday::Tuesday, Ordinal::Nth(2))], 3, 0, 60, "UTC"),
        from,
        &["12-08 03:00 to 12-08 04:00", "01-12 03:00 to 01-12 04:00"],
    );
    check_spells(
        &daily(&[(Weekday::Sunday, Ordinal::Last)], 3, 0, 60, "UTC"),
        from,
        &["11-29 03:00 to 11-29 04:00", "12-27 03:00 to 12-27 04:00"],
    );
    // In Auckland, Monday has already begun.
    check_spells(
        &daily(&[(Weekday::Monday, every)], 0, 0, 60, "Pacific/Auckland"),
        from,
        &["11-29 11:00 to 11-29 12:00"],
    );
}

#[test]
fn windows_hold_what_they_name_while_they_are_open() {
    let once = |paths: &[&str]| Window {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        when: When::Once {
            from: 1_100.0,
            until: 1_200.0,
        },
    };
    let all = [once(&[])];
    check_standings(&[], &all, NOW, ("-----", Some(1_100.0)));
    check_standings(&[], &all, 1_100.0, ("MMMMM", Some(1_200.0)));
    check_standings(&[], &all, 1_200.0, ("-----", None));
    let some = [once(&["/Root/a", "/Root/b"])];
    check_standings(&[], &some, 1_150.0, ("-MMMM", Some(1_200.0)));
    let leaf = [once(&["/Root/a/x"])];
    check_standings(&[], &leaf, 1_150.0, ("--M--", Some(1_200.0)));
    let paused = [pause("/Root/a")];
    check_standings(&paused, &some, 1_150.0, ("-PPPM", Some(1_200.0)));
}

#[test]
fn a_time_beyond_the_calendar_opens_nothing() {
    let window = daily(&[], 2, 30, 60, BERLIN);
    for time in [f64::NAN, f64::INFINITY, -1e300, 1e300] {
        assert_eq!((window.open(time), window.next_turn(time)), (None, None));
    }
}

#[test]
fn until_when_is_said_as_a_person_near_it_would() {
    let zone = zone(BERLIN);
    let now = at(2026, 11, 22, 16, 0, BERLIN);
    let check = |time, expected: &str| assert_eq!(until(time, now, &zone), expected);
    check(now + 3_600.0, "17:00");
    check(at(2026, 11, 23, 9, 0, BERLIN), "tomorrow 09:00");
    check(at(2026, 12, 1, 9, 0, BERLIN), "Tue 1 Dec 09:00");
    check(at(2027, 11, 1, 9, 0, BERLIN), "2027-11-01 09:00");
    check(f64::NAN, "some day");
}

#[test]
fn tomorrow_at_nine_is_tomorrow_there() {
    let check = |now: Timestamp, name: &str, expected: Timestamp| {
        assert_eq!(tomorrow_at_nine(now, &zone(name)), Some(expected));
    };
    let late = at(2026, 10, 24, 23, 30, BERLIN);
    check(late, BERLIN, at(2026, 10, 25, 9, 0, BERLIN));
    check(
        late,
        "America/New_York",
        at(2026, 10, 25, 9, 0, "America/New_York"),
    );
    assert_eq!(tomorrow_at_nine(f64::NAN, &TimeZone::UTC), None);
}

#[test]
fn what_was_done_is_one_sentence() {
    let zone = TimeZone::UTC;
    let check = |control: &Control, expected: &str| {
        assert_eq!(sentence(control, NOW, &zone), expected);
    };
    check(
        &snooze("/Root/a", 4_600.0),
        "/Root/a is snoozed until 01:16: no notices are sent about it.",
    );
    check(
        &pause("/Root/a"),
        "/Root/a is paused: it is not checked until it is resumed.",
    );
    check(
        &Control::Mute { until: None },
        "Everything is muted until you say otherwise.",
    );
}
