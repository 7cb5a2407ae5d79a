//! Parts that a source tells of: they grow below it, are judged as leaves are, and go away, and
//! nobody else notices.

use std::time::Duration;

use up_core::twig::{MAX_DEPTH, MAX_TWIGS};
use up_core::world::{Graft, PART_NAMES, Span};
use up_core::{
    Hold, Judge, Kind, Level, Node, NodeId, Outline, Rules, Sample, Status, Twig, Twigs, Verdict,
    World, path,
};

/// Root with `before`, the page, and a tree `behind` with a leaf and another tree.
fn world() -> (World, NodeId) {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "Root"));
    outline.push(Some(root), Node::new(Kind("http"), "before"));
    let mut page = Node::new(Kind("statuspage"), "Page");
    page.rules = Rules {
        retry: Duration::from_secs(7),
        ..Rules::default()
    };
    let page = outline.push(Some(root), page);
    let behind = outline.push(Some(root), Node::new(Kind::TREE, "behind"));
    let leaf = outline.push(Some(behind), Node::new(Kind("http"), "leaf"));
    let tree = outline.push(Some(behind), Node::new(Kind::TREE, "tree"));
    let deep = outline.push(Some(tree), Node::new(Kind("http"), "deep"));
    outline.depend(deep, vec![leaf]);
    (World::new(outline), page)
}

fn at(name: &str, status: f64) -> Twig {
    Twig {
        status: Status::new(status),
        ..Twig::up(name)
    }
}

fn quiet(name: &str) -> Twig {
    Twig {
        quiet: true,
        ..Twig::up(name)
    }
}

fn group(name: &str, twigs: Vec<Twig>) -> Twig {
    Twig {
        twigs,
        ..Twig::up(name)
    }
}

/// Takes an answer as the engine does.
fn tell(world: &mut World, page: NodeId, twigs: Vec<Twig>, others_up: bool) -> Graft {
    tell_at(world, page, twigs, others_up, 1.0)
}

fn tell_at(world: &mut World, page: NodeId, twigs: Vec<Twig>, others_up: bool, now: f64) -> Graft {
    let graft = world.graft(page, Twigs::new(twigs, others_up), now);
    for (id, twig) in &graft.told {
        world.report(*id, twig.hold);
        let sample = Sample {
            status: twig.status,
            date: 1.0,
            duration: 0.1,
            cause: twig.cause.clone(),
            detail: twig.detail.clone(),
        };
        world.apply(*id, sample);
    }
    world.settle(Span::Latest, 1.0);
    graft
}

fn paths(world: &World) -> Vec<&str> {
    let below = world.outline().iter().map(|(_, node)| &*node.path);
    below.filter(|path| path.contains("/Page/")).collect()
}

fn id(world: &World, path: &str) -> NodeId {
    let found = world.outline().find(path);
    found.unwrap_or_else(|| panic!("{path} is there"))
}

fn verdict(world: &World, path: &str) -> Verdict {
    world.verdict(id(world, path))
}

/// Every rule that an outline must keep, whatever was grafted.
fn is_sound(outline: &Outline) {
    for (id, node) in outline.iter() {
        assert_eq!(path::name_problem(&node.name), None, "{:?}", node.name);
        let above = node.parent.map(|parent| outline.node(parent));
        let parent = above.map_or("", |parent| &parent.path);
        assert_eq!(*node.path, *path::join(parent, &node.name));
        assert_eq!(node.depth, above.map_or(0, |parent| parent.depth + 1));
        let below = outline.subtree(id);
        let mut names = std::collections::HashSet::new();
        for child in &node.children {
            assert_eq!(outline.node(*child).parent, Some(id), "{}", node.path);
            assert!(below.contains(&child.index()), "{}", node.path);
            assert!(names.insert(&outline.node(*child).name), "{}", node.path);
        }
    }
}

#[test]
fn parts_grow_stay_and_go_and_all_else_keeps_what_is_known() {
    let (mut world, page) = world();
    let sample = Sample {
        status: Some(Status::UP),
        date: 1.0,
        duration: 0.1,
        cause: None,
        detail: up_core::Detail::new(),
    };
    let deep = id(&world, "/Root/behind/tree/deep");
    world.apply(deep, sample);
    world.hold(deep, Hold::Paused, true);

    let shape = world.shape();
    let first = vec![group("Europe", vec![at("API", 1.0)]), at("Web", 1.0)];
    let graft = tell(&mut world, page, first, false);
    assert_eq!(
        paths(&world),
        [
            "/Root/Page/Europe",
            "/Root/Page/Europe/API",
            "/Root/Page/Web"
        ]
    );
    let moved = graft.moved.expect("it grew");
    let now = id(&world, "/Root/behind/tree/deep");
    assert_eq!(moved.to(deep), Some(now));
    assert_eq!(moved.to(page), Some(page), "nothing before it moves");
    assert!(
        world.state(now).sample.is_some(),
        "what is known came along"
    );
    assert_eq!(world.state(now).hold, Some(Hold::Paused));
    let leaf = id(&world, "/Root/behind/leaf");
    assert_eq!(world.outline().node(now).depends_on, [leaf]);
    assert_ne!(world.shape(), shape);
    is_sound(world.outline());
    let api = world.outline().node(id(&world, "/Root/Page/Europe/API"));
    assert_eq!((api.kind, api.rules.retry.as_secs()), (Kind::PART, 7));

    let shape = world.shape();
    let same = vec![group("Europe", vec![at("API", 0.0)]), at("Web", 1.0)];
    assert_eq!(tell(&mut world, page, same, false).moved, None);
    assert_eq!(world.shape(), shape, "news without a new shape");
    assert_eq!(
        verdict(&world, "/Root/Page/Europe/API"),
        Verdict::At(Level::Up)
    );

    let other = vec![group("Europe", vec![at("New", 1.0), at("API", 0.0)])];
    let graft = tell(&mut world, page, other, false);
    assert_eq!(
        paths(&world),
        [
            "/Root/Page/Europe",
            "/Root/Page/Europe/New",
            "/Root/Page/Europe/API"
        ]
    );
    let gone = graft.moved.expect("it changed");
    assert_eq!(gone.to(now), Some(id(&world, "/Root/behind/tree/deep")));
    assert_eq!(
        verdict(&world, "/Root/Page/Europe/API"),
        Verdict::At(Level::Down),
        "the second of two, whatever came between"
    );
    assert_eq!(
        world.level(id(&world, "/Root/Page/Europe")),
        Some(Level::Half)
    );
    is_sound(world.outline());

    tell(&mut world, page, Vec::new(), false);
    assert_eq!(paths(&world), [""; 0]);
    assert_eq!(world.outline().len(), 7);
    is_sound(world.outline());
}

#[test]
fn what_is_only_shown_in_trouble_stays_until_it_is_known_to_be_up() {
    let (mut world, page) = world();
    let check = |world: &mut World, twigs: Vec<Twig>, others_up: bool, expected: &[&str]| {
        tell(world, page, twigs, others_up);
        assert_eq!(paths(world), expected);
    };
    let lab = ["/Root/Page/Lab"];
    check(&mut world, vec![quiet("Lab")], false, &[]);
    check(&mut world, vec![at("Lab", 0.0)], false, &lab);
    check(&mut world, vec![quiet("Lab")], false, &[]);
    check(&mut world, vec![at("Lab", 0.0)], false, &lab);
    check(&mut world, vec![at("Lab", 0.0)], false, &lab);
    check(&mut world, vec![quiet("Lab")], false, &lab);
    assert_eq!(verdict(&world, "/Root/Page/Lab"), Verdict::At(Level::Up));
    check(&mut world, vec![quiet("Lab")], false, &[]);

    let in_group = |twig| vec![group("Europe", vec![twig])];
    let both = ["/Root/Page/Europe", "/Root/Page/Europe/Lab"];
    check(&mut world, in_group(quiet("Lab")), false, &[]);
    check(&mut world, in_group(at("Lab", 0.0)), true, &both);
    check(&mut world, in_group(at("Lab", 0.0)), true, &both);
    check(&mut world, Vec::new(), true, &both);
    let recovered = verdict(&world, "/Root/Page/Europe/Lab");
    assert_eq!(
        recovered,
        Verdict::At(Level::Up),
        "it is not listed any more"
    );
    check(&mut world, Vec::new(), true, &[]);
}

#[test]
fn parts_come_along_into_a_new_plan() {
    let (mut old, page) = world();
    let twigs = || vec![group("Europe", vec![at("API", 0.0)]), at("Web", 1.0)];
    tell(&mut old, page, twigs(), false);
    tell(&mut old, page, twigs(), false);
    let (mut new, page) = world();
    let behind = id(&new, "/Root/behind");
    let moved = new.regraft(page, &old, page);
    assert_eq!(moved.to(behind), new.outline().find("/Root/behind"));
    new.take_over(&old, Some);
    assert_eq!(paths(&new), paths(&old));
    assert_eq!(
        verdict(&new, "/Root/Page/Europe/API"),
        Verdict::At(Level::Down)
    );
    is_sound(new.outline());
}

#[test]
fn a_leaf_that_becomes_a_group_is_another_one() {
    let (mut world, page) = world();
    tell(&mut world, page, vec![at("Europe", 0.0)], false);
    tell(&mut world, page, vec![at("Europe", 0.0)], false);
    tell(
        &mut world,
        page,
        vec![group("Europe", vec![at("API", 1.0)])],
        false,
    );
    let europe = world.state(id(&world, "/Root/Page/Europe"));
    assert_eq!(europe.judge, Judge::default());
    assert_eq!(
        world.level(id(&world, "/Root/Page/Europe")),
        Some(Level::Up)
    );
}

fn grow(roll: &mut dyn FnMut(u64) -> u64, depth: u64) -> Vec<Twig> {
    let names = ["a", "a", "b", "", "c/d", "\u{202e}\n", "a (2)", "ä∕"];
    let width = if roll(40) == 0 { 1_500 } else { roll(6) };
    let mut twigs = Vec::new();
    for _ in 0..width {
        let deeper = width < 10 && depth < 8 && roll(3) == 0;
        twigs.push(Twig {
            quiet: roll(4) == 0,
            hold: (roll(9) == 0).then_some(Hold::Maintenance),
            twigs: if deeper {
                grow(roll, depth + 1)
            } else {
                Vec::new()
            },
            ..at(names[roll(8) as usize], roll(5) as f64 / 4.0)
        });
    }
    twigs
}

#[test]
fn whatever_is_told_the_outline_stays_sound_and_bounded() {
    // A small generator of its own: the same on every machine, another shape each time.
    let mut dice = 2_463_534_242_u64;
    let mut roll = move |sides: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    let (mut world, page) = world();
    for round in 0..300 {
        let others_up = roll(2) == 0;
        tell(&mut world, page, grow(&mut roll, 1), others_up);
        let outline = world.outline();
        is_sound(outline);
        let deepest = outline
            .iter()
            .map(|(_, node)| usize::from(node.depth))
            .max();
        assert!(deepest <= Some(1 + MAX_DEPTH), "round {round}");
        // What was in trouble may stay for one more answer.
        assert!(
            outline.subtree(page).len() <= 1 + 2 * MAX_TWIGS,
            "round {round}"
        );
        for (_, node) in outline.iter().filter(|(_, node)| node.is_tree()) {
            assert!(!node.children.is_empty(), "{} would be down", node.path);
        }
        assert_eq!(
            &*outline.node(id(&world, "/Root/behind/tree/deep")).name,
            "deep"
        );
    }
}

/// A day, and how often a page answers in it.
const DAY: f64 = 86_400.0;
const ANSWERS_A_DAY: usize = 1_440;

/// How many paths there have been below a page after that many answers, so many a day, and how many
/// answers were not taken up whole. `told` makes each answer.
fn paths_after(answers: usize, a_day: f64, told: impl Fn(usize) -> Vec<Twig>) -> (usize, usize) {
    let (mut world, page) = world();
    let mut seen = std::collections::HashSet::new();
    let mut cut = 0;
    for answer in 0..answers {
        let now = 1e9 + answer as f64 / a_day * DAY;
        let graft = tell_at(&mut world, page, told(answer), false, now);
        cut += usize::from(graft.refused > 0);
        let paths = paths(&world);
        assert!(paths.len() <= MAX_TWIGS, "{} at once", paths.len());
        seen.extend(paths.into_iter().map(str::to_owned));
    }
    (seen.len(), cut)
}

#[test]
fn a_page_that_renames_its_parts_at_each_answer_has_few_names() {
    let days = 2;
    let answers = days * ANSWERS_A_DAY;
    let bound = PART_NAMES.at_once + PART_NAMES.a_day * days;
    let check = |told: &dyn Fn(usize) -> Vec<Twig>| {
        let (paths, cut) = paths_after(answers, ANSWERS_A_DAY as f64, told);
        assert!(paths <= bound, "{paths} paths, {bound} at most");
        assert!(paths > PART_NAMES.at_once / 2, "{paths} paths");
        assert!(cut > answers / 2, "{cut} answers were cut");
    };
    let parts = |answer: usize, count: usize| {
        let part = move |part: usize| at(&format!("part {answer} {part}"), 1.0);
        (0..count).map(part).collect::<Vec<_>>()
    };
    check(&|answer| parts(answer, 10));
    // Others beside those that stay; members of a group that stays; groups with the same members.
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
    // All at once, and then some every day, for a year.
    let some_a_day = |day: usize| {
        let part = |part: usize| at(&format!("part {part}"), 1.0);
        (day * 50..day * 50 + 200).map(part).collect::<Vec<_>>()
    };
    assert_eq!(paths_after(365, 1.0, some_a_day), (200 + 364 * 50, 0));
    // Everything under other names, once.
    let moved = |answer: usize| {
        let group_name = format!("group {}", answer / 20);
        let part = |part: usize| at(&format!("part {part}"), 1.0);
        vec![group(&group_name, (0..400).map(part).collect())]
    };
    assert_eq!(paths_after(40, ANSWERS_A_DAY as f64, moved), (802, 0));
    // The same come and go.
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
    tell_at(&mut world, page, many(0, MAX_TWIGS - 2), false, 1e9);
    tell_at(
        &mut world,
        page,
        vec![group("group", many(0, 1))],
        false,
        1e9,
    );
    assert_eq!(
        paths(&world),
        ["/Root/Page/group", "/Root/Page/group/part 0"]
    );
    // Nothing new is left.
    let told = vec![at("new", 0.0), at("part 3", 0.5)];
    let graft = tell_at(&mut world, page, told.clone(), false, 1e9);
    assert_eq!(graft.refused, 1);
    let stays = [
        "/Root/Page/part 3",
        "/Root/Page/group",
        "/Root/Page/group/part 0",
    ];
    assert_eq!(paths(&world), stays);
    let sample = world
        .state(id(&world, "/Root/Page/group/part 0"))
        .sample
        .clone();
    let sample = sample.expect("a sample");
    assert_eq!(sample.status, None);
    let cause = sample.cause.expect("a cause");
    assert_eq!(
        &*cause.text,
        "nothing is heard of it: its source tells of too many new names"
    );
    is_sound(world.outline());
    // As soon as there is room, the new one takes its place.
    let graft = tell_at(&mut world, page, told, false, 1e9 + DAY);
    assert_eq!(graft.refused, 0);
    assert_eq!(paths(&world), ["/Root/Page/new", "/Root/Page/part 3"]);
}
