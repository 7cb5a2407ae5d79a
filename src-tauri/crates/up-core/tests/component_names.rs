//! Tests of components that get other names: all are accepted when it happens as on real pages, and
//! few of a peer that renames them in each answer.

use std::collections::HashSet;

use up_core::component::MAX_COMPONENTS;
use up_core::world::{COMPONENT_NAMES, Reconciled, TreeTiming};
use up_core::{Component, Kind, Node, NodeId, Outline, ReportedComponents, Sample, Status, World};

/// Root with the page.
fn world() -> (World, NodeId) {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "Root"));
    let page = outline.push(Some(root), Node::new(Kind("statuspage"), "Page"));
    (World::new(outline), page)
}

fn at(name: &str, status: f64) -> Component {
    Component {
        status: Status::new(status),
        ..Component::up(name)
    }
}

fn group(name: &str, members: Vec<Component>) -> Component {
    Component {
        members,
        ..Component::up(name)
    }
}

/// Applies an answer as the engine does.
fn tell(world: &mut World, page: NodeId, components: Vec<Component>, now: f64) -> Reconciled {
    let reconciled = world.reconcile(page, ReportedComponents::new(components, false), now);
    for (id, component) in &reconciled.components {
        let sample = Sample {
            status: component.status,
            date: now,
            duration: 0.1,
            cause: component.cause.clone(),
            detail: component.detail.clone(),
        };
        world.apply(*id, sample);
    }
    world.settle(TreeTiming::Latest, now);
    reconciled
}

fn paths(world: &World) -> Vec<&str> {
    let below = world.outline().iter().map(|(_, node)| &*node.path);
    below.filter(|path| path.contains("/Page/")).collect()
}

/// The length of a day in seconds.
const DAY: f64 = 86_400.0;
const ANSWERS_A_DAY: usize = 1_440;

/// How many paths there have been below a page after this many answers, and how many answers were
/// cut. `told` makes each answer.
fn paths_after(
    answers: usize,
    a_day: f64,
    told: impl Fn(usize) -> Vec<Component>,
) -> (usize, usize) {
    let (mut world, page) = world();
    let mut seen = HashSet::new();
    let mut cut = 0;
    for answer in 0..answers {
        let now = 1e9 + answer as f64 / a_day * DAY;
        let reconciled = tell(&mut world, page, told(answer), now);
        cut += usize::from(reconciled.refused > 0);
        let paths = paths(&world);
        assert!(paths.len() <= MAX_COMPONENTS, "{} at once", paths.len());
        seen.extend(paths.into_iter().map(str::to_owned));
    }
    (seen.len(), cut)
}

#[test]
fn a_page_that_renames_its_parts_at_each_answer_has_few_names() {
    let days = 2;
    let answers = days * ANSWERS_A_DAY;
    let bound = COMPONENT_NAMES.at_once + COMPONENT_NAMES.a_day * days;
    let check = |told: &dyn Fn(usize) -> Vec<Component>| {
        let (paths, cut) = paths_after(answers, ANSWERS_A_DAY as f64, told);
        assert!(paths <= bound, "{paths} paths, {bound} at most");
        assert!(paths > COMPONENT_NAMES.at_once / 2, "{paths} paths");
        assert!(cut > answers / 2, "{cut} answers were cut");
    };
    let parts = |answer: usize, count: usize| {
        let part = move |part: usize| at(&format!("part {answer} {part}"), 1.0);
        (0..count).map(part).collect::<Vec<_>>()
    };
    check(&|answer| parts(answer, 10));
    // New components beside one that stays; new members of a group that stays; new groups with the
    // same members.
    check(&|answer| [vec![at("stays", 0.5)], parts(answer, 2)].concat());
    check(&|answer| vec![group("group", parts(answer, 3))]);
    check(&|answer| {
        vec![group(
            &format!("group {answer}"),
            vec![at("a", 1.0), at("b", 0.0)],
        )]
    });
}

#[test]
fn parts_that_change_as_pages_do_are_all_taken_up() {
    // Many components at once, and then some new ones every day for a year.
    let some_a_day = |day: usize| {
        let part = |part: usize| at(&format!("part {part}"), 1.0);
        (day * 50..day * 50 + 200).map(part).collect::<Vec<_>>()
    };
    assert_eq!(paths_after(365, 1.0, some_a_day), (200 + 364 * 50, 0));
    // All components get other names, once.
    let moved = |answer: usize| {
        let group_name = format!("group {}", answer / 20);
        let part = |part: usize| at(&format!("part {part}"), 1.0);
        vec![group(&group_name, (0..400).map(part).collect())]
    };
    assert_eq!(paths_after(40, ANSWERS_A_DAY as f64, moved), (802, 0));
    // The same components come and go.
    let in_turn = |answer: usize| vec![at(&format!("part {}", answer % 900), 0.0)];
    assert_eq!(paths_after(1_900, ANSWERS_A_DAY as f64, in_turn), (900, 0));
}

#[test]
fn parts_stay_while_others_are_not_taken_up() {
    let (mut world, page) = world();
    let many = |from: usize, count: usize| {
        let part = |part: usize| at(&format!("part {part}"), 1.0);
        (from..from + count).map(part).collect::<Vec<_>>()
    };
    tell(&mut world, page, many(0, MAX_COMPONENTS - 2), 1e9);
    tell(&mut world, page, vec![group("group", many(0, 1))], 1e9);
    assert_eq!(
        paths(&world),
        ["/Root/Page/group", "/Root/Page/group/part 0"]
    );
    // Nothing new is accepted any more.
    let told = vec![at("new", 0.0), at("part 3", 0.5)];
    let reconciled = tell(&mut world, page, told.clone(), 1e9);
    assert_eq!(reconciled.refused, 1);
    let stays = [
        "/Root/Page/part 3",
        "/Root/Page/group",
        "/Root/Page/group/part 0",
    ];
    assert_eq!(paths(&world), stays);
    let part = world
        .outline()
        .find("/Root/Page/group/part 0")
        .expect("it stays");
    let sample = world.state(part).sample.clone();
    let sample = sample.expect("a sample");
    assert_eq!(sample.status, None);
    let cause = sample.cause.expect("a cause");
    assert_eq!(
        &*cause.text,
        "nothing is heard of it: its source tells of too many new names"
    );
    // As soon as there is room, the new component replaces the old ones.
    let reconciled = tell(&mut world, page, told, 1e9 + DAY);
    assert_eq!(reconciled.refused, 0);
    assert_eq!(paths(&world), ["/Root/Page/new", "/Root/Page/part 3"]);
}
