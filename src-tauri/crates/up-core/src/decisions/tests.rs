//! Tests of which decisions are recorded, and of their bounds.

use std::time::Duration;

use super::ring::{ALL, Decisions, EACH};
use crate::journal::{Decision, DecisionKind, NetworkDecision};
use crate::outline::{Kind, Node, NodeId, Outline};
use crate::watch::{Input, Moment, Watch};
use crate::{Detail, Observation, Sample, Status, World};

fn world(leaves: usize) -> World {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "R"));
    for leaf in 0..leaves {
        outline.push(Some(root), Node::new(Kind("tcp"), &leaf.to_string()));
    }
    World::new(outline)
}

fn moment(seconds: u32) -> Moment {
    Moment {
        wall: 1_767_268_800.0 + f64::from(seconds),
        steady: Duration::from_secs(seconds.into()),
    }
}

fn sample(status: Status, now: Moment) -> Sample {
    Sample {
        status: Some(status),
        date: now.wall,
        duration: 0.0,
        cause: None,
        detail: Detail::new(),
    }
}

/// A watch over `leaves` sources. One letter of `answers` is the result of all sources, each a
/// minute after the one before.
fn watched(leaves: usize, answers: &str) -> (Watch, World) {
    let (mut watch, mut world) = (Watch::default(), world(leaves));
    watch.take_up(&mut world, moment(0), Default::default());
    let nodes: Vec<NodeId> = world.outline().ids().skip(1).collect();
    for (minute, answer) in (0..).zip(answers.chars()) {
        let now = moment(minute * 60);
        let status = if answer == 'u' {
            Status::UP
        } else {
            Status::DOWN
        };
        for node in &nodes {
            let sample = sample(status, now);
            let observed = Observation::ended_at(*node, sample, None, now.steady);
            watch.handle(&mut world, now, Input::Observed(observed));
        }
        watch.handle(&mut world, now, Input::Tick);
    }
    (watch, world)
}

#[test]
fn a_decision_is_small() {
    assert!(size_of::<Decision>() <= 40, "{}", size_of::<Decision>());
}

#[test]
fn what_is_quiet_costs_nothing() {
    let (watch, world) = watched(100, &"u".repeat(200));
    assert_eq!(watch.decisions().count(), 0);
    let node = NodeId::at(1);
    let baseline = watch.decisions().of(&world, node);
    assert_eq!(baseline.len(), 1, "and yet there is something to say");
    let (watch, _) = watched(100, &format!("u{}", "d".repeat(200)));
    let down = watch.decisions().count();
    assert!(down <= 100 * 5, "what stays down adds nothing: {down}");
}

#[test]
fn the_newest_of_each_source_are_kept_within_bounds() {
    let mut decisions = Decisions::default();
    let (node, other) = (NodeId::at(1), NodeId::at(2));
    decisions.record(other, DecisionKind::Gathered);
    for second in 0..1_000 {
        decisions.at(f64::from(second));
        decisions.record(node, DecisionKind::Gathered);
        decisions.record(node, DecisionKind::Reverted);
    }
    let world = world(2);
    let kept = decisions.of(&world, node);
    assert_eq!(kept.len(), EACH);
    assert!(kept.iter().all(|it| it.at >= 980.0), "the newest: {kept:?}");
    assert_eq!(
        decisions.of(&world, other).len(),
        1,
        "one that is calm keeps its own"
    );
    assert_eq!(decisions.count(), EACH + 1);
}

#[test]
fn all_sources_together_are_kept_within_bounds() {
    let mut decisions = Decisions::default();
    for round in 0..20 {
        decisions.at(f64::from(round));
        for leaf in 1..=10_000 {
            decisions.record(NodeId::at(leaf), DecisionKind::Gathered);
            decisions.record(NodeId::at(leaf), DecisionKind::Reverted);
        }
        assert!(decisions.count() <= ALL, "{}", decisions.count());
    }
    let world = world(10_000);
    for leaf in [1, 5_000, 10_000] {
        let kept = decisions.of(&world, NodeId::at(leaf));
        assert!(kept.len() >= 2, "{kept:?}");
        assert!(kept.iter().all(|it| it.at >= 15.0), "the newest: {kept:?}");
    }
}

#[test]
fn what_goes_on_is_one_record() {
    let mut decisions = Decisions::default();
    let node = NodeId::at(1);
    for second in 0..5 {
        decisions.at(f64::from(second));
        decisions.record(node, DecisionKind::network(NetworkDecision::Waits, 0));
    }
    decisions.record(node, DecisionKind::network(NetworkDecision::Theirs, 0));
    decisions.record(node, DecisionKind::RateLimited);
    decisions.at(9.0);
    decisions.record(node, DecisionKind::RateLimited);
    let kept = decisions.of(&world(1), node);
    let at: Vec<(f64, &str)> = kept.iter().map(|it| (it.at, it.what.code())).collect();
    assert_eq!(at, [(4.0, "network_well"), (4.0, "rate_limited")]);
}

#[test]
fn what_is_gone_is_forgotten() {
    let mut decisions = Decisions::default();
    for leaf in 1..=3 {
        decisions.at(f64::from(leaf));
        decisions.record(NodeId::at(leaf as usize), DecisionKind::Gathered);
    }
    decisions.forget_gone(world(2).outline());
    let world = world(3);
    let at = |leaf| {
        let decisions = decisions.of(&world, NodeId::at(leaf));
        decisions.first().map(|it| it.at)
    };
    assert_eq!((at(1), at(2), at(3)), (Some(1.0), Some(2.0), None));
    assert_eq!(decisions.count(), 2);
}
