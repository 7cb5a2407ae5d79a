//! Tests of what the tray shows of worlds in given states.

use std::time::Duration;

use up_core::{Change, Control, Moment, Verdict};

use super::*;
use crate::test_support::{ScriptedLeaf, known, sample, world};

fn face(leaves: &[(&str, ScriptedLeaf)]) -> Face {
    Face::of(
        &world(leaves),
        &ControlState::default(),
        Mood::Realist,
        &[],
        false,
    )
}

fn check(leaves: &[(&str, ScriptedLeaf)], title: &str) {
    assert_eq!(face(leaves).title, title, "{leaves:?}");
}

#[test]
fn the_root_gives_the_title() {
    use ScriptedLeaf::{At, Nothing, Unknown};
    check(&[], "Up: nothing to watch yet");
    check(&[("a", Nothing)], "Root: not checked yet");
    check(&[("a", Unknown)], "Root: UNKNOWN");
    check(&[("a", At(1.0)), ("b", Unknown)], "Root: UP");
    let third = [("a", At(1.0)), ("b", At(1.0)), ("c", At(0.0))];
    check(&third, "Root: HALF UP (66.67%)");
    check(&[("a", At(0.3))], "Root: MOSTLY DOWN (30%)");
}

#[test]
fn without_our_network_the_tooltip_says_so_first() {
    let mut world = world(&[("a", ScriptedLeaf::At(1.0)), ("b", ScriptedLeaf::At(0.0))]);
    for path in ["/Root/a", "/Root/b"] {
        let id = world.outline().find(path).expect("it is there");
        world.hold(id, Hold::Offline, true);
    }
    world.settle(up_core::world::TreeTiming::Latest, 1_000.0);
    let face = Face::of(
        &world,
        &ControlState::default(),
        Mood::Pessimist,
        &[],
        false,
    );
    assert_eq!(face.title, "Root: OFFLINE");
    let expected = ["You are offline: 2 sources wait for the network"];
    assert_eq!(face.lines, expected);
}

#[test]
fn a_held_root_says_so() {
    let check = |hold, glyph, title: &str| {
        let mut world = world(&[("a", ScriptedLeaf::At(0.0))]);
        world.hold(world.outline().root(), hold, true);
        let face = Face::of(&world, &ControlState::default(), Mood::Realist, &[], false);
        assert_eq!(
            (face.look.glyph, face.look.colour),
            (glyph, Colour::Grey),
            "{hold:?}"
        );
        assert_eq!(face.title, title);
        assert!(!face.urgent, "a held root is no emergency");
    };
    check(Hold::Paused, Glyph::Paused, "Root: PAUSED");
    check(Hold::Maintenance, Glyph::Paused, "Root: MAINTENANCE");
    check(Hold::Offline, Glyph::Offline, "Root: OFFLINE");
}

#[test]
fn the_worst_come_first_and_the_unknown_after_them() {
    use ScriptedLeaf::{At, Nothing, Unknown};
    let face = face(&[
        ("half", At(0.5)),
        ("fine", At(1.0)),
        ("odd", Unknown),
        ("down", At(0.0)),
        ("unasked", Nothing),
        ("down too", At(0.0)),
    ]);
    let lines: Vec<&str> = face.worst.iter().map(|worst| worst.line.as_str()).collect();
    let expected = [
        "down: DOWN — refused",
        "down too: DOWN — refused",
        "half: HALF UP (50%) — refused",
    ];
    assert_eq!(lines[..3], expected);
    assert_eq!(lines[3..], ["odd: UNKNOWN — refused"]);
    assert_eq!(face.worst[0].path, "/Root/down");
    assert_eq!(face.lines[..3], expected);
    assert_eq!(
        face.lines[3..],
        ["and 1 more"],
        "nothing is left out silently"
    );
}

#[test]
fn a_status_page_is_listed_and_numbered_once() {
    let mut world = world(&[
        ("page", ScriptedLeaf::At(0.0)),
        ("a", ScriptedLeaf::At(1.0)),
    ]);
    let page = world.outline().find("/Root/page").expect("it is there");
    let components = ["API", "Web"].map(up_core::Component::up).to_vec();
    let reported = up_core::ReportedComponents::new(components, false);
    for (part, _) in world.reconcile(page, reported, 0.0).components {
        world.apply(part, sample(Some(0.0), 1_000.0));
    }
    world.settle(up_core::world::TreeTiming::Latest, 1_000.0);
    let face = Face::of(&world, &ControlState::default(), Mood::Realist, &[], false);
    let paths: Vec<&str> = face.worst.iter().map(|worst| &*worst.path).collect();
    assert_eq!((paths, face.look.down), (vec!["/Root/page"], 1));
}

#[test]
fn a_line_keeps_the_leaf_and_its_cause() {
    let check = |path: &str, cause: &str, expected: &str| {
        let line = line(path, "DOWN", Some(cause));
        assert_eq!(line, expected);
        assert!(line.chars().count() <= LINE, "{line:?}");
    };
    let refused = "connection refused";
    check("a", refused, "a: DOWN — connection refused");
    check("t/a", refused, "t/a: DOWN — connection refused");
    let trees = "Data centres in Europe and the Middle East/Frankfurt am Main/Rack 17";
    let deep = format!("{trees}/database");
    let kept = "…/Frankfurt am Main/Rack 17/database: DOWN — connection refused";
    check(&deep, refused, kept);
    let long = "no answer within 10s from the server at the other end of the world";
    check(
        &deep,
        long,
        "…/Frankfurt am Main/Rack 17/database: DOWN — no answer within 10s from the server at the…",
    );
    let name = "n".repeat(200);
    check(
        &format!("t/{name}"),
        refused,
        "t/nnnnnnnnnnnnnnnnnnnn…nnnnnnnnnnnnnnnnnnn: DOWN — connection refused",
    );
    let hebrew = "\u{2068}שרת\u{2069}: DOWN — connection refused";
    check("שרת", refused, hebrew);
}

#[test]
fn the_menu_stays_short() {
    let names: Vec<String> = (0..50)
        .map(|n| format!("{n} {}", "x".repeat(150)))
        .collect();
    let leaves: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), ScriptedLeaf::At(0.0)))
        .collect();
    let face = face(&leaves);
    assert_eq!(face.worst.len(), IN_MENU);
    let is_short = |worst: &Worst| worst.line.chars().count() <= LINE;
    assert!(face.worst.iter().all(is_short), "{:?}", face.worst);
    assert_eq!(face.more, 45);
    assert_eq!(face.lines[3], "and 47 more");
    assert!(
        face.worst[4].path.starts_with("/Root/4 "),
        "the first of equals are kept"
    );
}

#[test]
fn a_broken_configuration_is_said_in_the_tooltip() {
    let problem = |about, text: &str| Problem {
        about,
        text: text.into(),
    };
    let problems = [
        problem(About::Mongo, "no MongoDB"),
        problem(About::Config, "up.toml:1:2: no\n  ^"),
    ];
    let face = Face::of(
        &world(&[]),
        &ControlState::default(),
        Mood::Realist,
        &problems,
        false,
    );
    assert_eq!(face.lines, ["up.toml:1:2: no"]);
    let long = format!("/home/{}/up.toml:1:2: no\n  ^", "x".repeat(100));
    assert_eq!(mistake(&long), "up.toml:1:2: no");
    assert_eq!(face.look.mark, Some(IconMark::Config));
}

#[test]
fn a_mute_is_said_on_the_icon_and_in_the_tooltip() {
    let check = |until, problems: &[Problem], mark, expected: &str| {
        let mut face = Face::of(
            &world(&[]),
            &ControlState::default(),
            Mood::Realist,
            problems,
            false,
        );
        assert_ne!(face.look.mark, Some(IconMark::Muted));
        face.mute(&Mute { since: 0.0, until }, 1_000.0, &TimeZone::UTC);
        assert_eq!(face.look.mark, Some(mark));
        assert_eq!(face.lines[0], expected);
    };
    check(None, &[], IconMark::Muted, "Notifications are muted");
    let until = "Notifications are muted until 00:30";
    check(Some(1_800.0), &[], IconMark::Muted, until);
    let broken = [Problem {
        about: About::Config,
        text: "up.toml:1:2: no".into(),
    }];
    check(Some(1_800.0), &broken, IconMark::Config, until);
}

#[test]
fn what_is_acknowledged_is_not_in_the_number() {
    use ScriptedLeaf::At;
    let mut known = known(&[("a", At(0.0)), ("b", At(0.0)), ("c", At(1.0))]);
    let face = |known: &CurrentState| {
        let mut face = Face::of(&known.world, &known.desk, Mood::Realist, &[], false);
        face.leave_out_acknowledged(known);
        (face.look.down, face.urgent)
    };
    assert_eq!(face(&known), (2, true));
    for (path, expected) in [("/Root/a", (1, true)), ("/Root/b", (0, false))] {
        acknowledge(&mut known, path);
        assert_eq!(face(&known), expected, "{path}");
    }
}

#[test]
fn what_nobody_knows_of_comes_first() {
    use ScriptedLeaf::At;
    let mut known = known(&[("a", At(0.0)), ("b", At(0.5)), ("c", At(0.0))]);
    let lines =
        |known: &CurrentState| Face::of(&known.world, &known.desk, Mood::Realist, &[], false).lines;
    let (b, c) = ("b: HALF UP (50%) — refused", "c: DOWN — refused");
    assert_eq!(lines(&known), ["a: DOWN — refused", c, b]);
    acknowledge(&mut known, "/Root/a");
    let expected = [c, b, "a: DOWN, acknowledged — refused"];
    assert_eq!(lines(&known), expected);
    snooze(&mut known, "/Root/c");
    let expected = [
        b,
        "a: DOWN, acknowledged — refused",
        "c: DOWN, snoozed — refused",
    ];
    assert_eq!(lines(&known), expected);
}

/// Snoozes a source.
fn snooze(known: &mut CurrentState, path: &str) {
    let now = Moment {
        steady: Duration::ZERO,
        wall: 1_000.0,
    };
    let control = Control::Snooze {
        path: path.into(),
        until: 2_000.0,
    };
    known.desk.control(&known.world, &control, now);
    known.desk.settle(&known.world, now);
}

/// Acknowledges the outage of a source, which is then believed.
fn acknowledge(known: &mut CurrentState, path: &str) {
    let now = Moment {
        steady: Duration::ZERO,
        wall: 1_000.0,
    };
    let control = Control::Acknowledge {
        path: path.into(),
        note: None,
        by: None,
    };
    known.desk.control(&known.world, &control, now);
    let change = Change {
        node: known.world.outline().find(path).expect("it is there"),
        path: path.into(),
        from: Verdict::Unasked,
        to: Verdict::At(Level::Down),
        status: None,
        cause: None,
        date: 1_000.0,
        is_observed: true,
        since: up_core::Beginning::observed(1_000.0),
        off: None,
    };
    assert!(
        known.desk.on_verdict_change(&change, false),
        "it is acknowledged"
    );
}
