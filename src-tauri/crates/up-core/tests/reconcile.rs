//! Tests of the components that a source reports: they are added below it, judged like other leaves,
//! and removed, and no other node is changed by it.

use std::time::Duration;

use up_core::component::{MAX_COMPONENTS, MAX_DEPTH};
use up_core::world::{Reconciled, TreeTiming};
use up_core::{
    Component, Hold, Judge, Kind, Level, Node, NodeId, Outline, ReportedComponents, Rules, Sample,
    Status, Verdict, World, path,
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

fn at(name: &str, status: f64) -> Component {
    Component {
        status: Status::new(status),
        ..Component::up(name)
    }
}

fn quiet(name: &str) -> Component {
    Component {
        quiet: true,
        ..Component::up(name)
    }
}

fn group(name: &str, members: Vec<Component>) -> Component {
    Component {
        members,
        ..Component::up(name)
    }
}

/// Takes an answer as the engine does.
fn tell(
    world: &mut World,
    page: NodeId,
    components: Vec<Component>,
    others_up: bool,
) -> Reconciled {
    tell_at(world, page, components, others_up, 1.0)
}

fn tell_at(
    world: &mut World,
    page: NodeId,
    components: Vec<Component>,
    others_up: bool,
    now: f64,
) -> Reconciled {
    let reconciled = world.reconcile(page, ReportedComponents::new(components, others_up), now);
    for (id, component) in &reconciled.components {
        world.report(*id, component.hold);
        let sample = Sample {
            status: component.status,
            date: 1.0,
            duration: 0.1,
            cause: component.cause.clone(),
            detail: component.detail.clone(),
        };
        world.apply(*id, sample);
    }
    world.settle(TreeTiming::Latest, 1.0);
    reconciled
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

/// Checks every rule that an outline must keep, whatever was reconciled.
fn is_sound(outline: &Outline) {
    for (position, (id, node)) in outline.iter().enumerate() {
        assert!(outline.has(id) && id.index() < outline.slots());
        assert_eq!(outline.position(id), position);
        assert_eq!(path::name_problem(&node.name), None, "{:?}", node.name);
        let above = node.parent.map(|parent| outline.node(parent));
        let parent = above.map_or("", |parent| &parent.path);
        assert_eq!(*node.path, *path::join(parent, &node.name));
        assert_eq!(node.depth, above.map_or(0, |parent| parent.depth + 1));
        let below = outline.subtree(id);
        let mut names = std::collections::HashSet::new();
        for child in &node.children {
            assert_eq!(outline.node(*child).parent, Some(id), "{}", node.path);
            assert!(below.contains(&outline.position(*child)), "{}", node.path);
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
    let reconciled = tell(&mut world, page, first, false);
    assert_eq!(
        paths(&world),
        [
            "/Root/Page/Europe",
            "/Root/Page/Europe/API",
            "/Root/Page/Web"
        ]
    );
    assert!(reconciled.changed, "it grew");
    assert_eq!(id(&world, "/Root/behind/tree/deep"), deep);
    assert_eq!(id(&world, "/Root/Page"), page);
    assert!(
        world.state(deep).sample.is_some(),
        "what is known came along"
    );
    assert_eq!(world.state(deep).hold, Some(Hold::Paused));
    let leaf = id(&world, "/Root/behind/leaf");
    assert_eq!(world.outline().node(deep).depends_on, [leaf]);
    assert_ne!(world.shape(), shape);
    is_sound(world.outline());
    let api_key = id(&world, "/Root/Page/Europe/API");
    let web_key = id(&world, "/Root/Page/Web");
    let api = world.outline().node(api_key);
    assert_eq!((api.kind, api.rules.retry.as_secs()), (Kind::PART, 7));

    let shape = world.shape();
    let same = vec![group("Europe", vec![at("API", 0.0)]), at("Web", 1.0)];
    assert!(!tell(&mut world, page, same, false).changed);
    assert_eq!(world.shape(), shape, "news without a new shape");
    assert_eq!(
        verdict(&world, "/Root/Page/Europe/API"),
        Verdict::At(Level::Up)
    );

    let other = vec![group("Europe", vec![at("New", 1.0), at("API", 0.0)])];
    let reconciled = tell(&mut world, page, other, false);
    assert_eq!(
        paths(&world),
        [
            "/Root/Page/Europe",
            "/Root/Page/Europe/New",
            "/Root/Page/Europe/API"
        ]
    );
    assert!(reconciled.changed);
    assert_eq!(id(&world, "/Root/behind/tree/deep"), deep);
    assert_eq!(
        id(&world, "/Root/Page/Europe/API"),
        api_key,
        "it is the same"
    );
    assert!(!world.outline().has(web_key), "it is gone");
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
    let check =
        |world: &mut World, components: Vec<Component>, others_up: bool, expected: &[&str]| {
            tell(world, page, components, others_up);
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

    let in_group = |component| vec![group("Europe", vec![component])];
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
    let components = || vec![group("Europe", vec![at("API", 0.0)]), at("Web", 1.0)];
    tell(&mut old, page, components(), false);
    tell(&mut old, page, components(), false);
    let (new, new_page) = world();
    let mut outline = new.outline().clone();
    let behind = id(&new, "/Root/behind");
    let keys = outline.succeed(old.outline(), [(new_page, page)]);
    assert_eq!(keys[&new_page], page, "it keeps its key");
    let europe = id(&old, "/Root/Page/Europe");
    assert_eq!(outline.find("/Root/Page/Europe"), Some(europe));
    assert_eq!(outline.find("/Root/behind"), Some(keys[&behind]));
    assert!(!old.outline().has(keys[&behind]), "it begins anew");
    let mut new = World::new(outline);
    new.take_over(&old);
    assert_eq!(paths(&new), paths(&old));
    assert_eq!(
        verdict(&new, "/Root/Page/Europe/API"),
        Verdict::At(Level::Down)
    );
    is_sound(new.outline());
}

#[test]
fn a_component_that_comes_back_has_another_key() {
    let (mut world, page) = world();
    let keys = |world: &World| id(world, "/Root/Page/API");
    for _ in 0..2 {
        tell(&mut world, page, vec![at("API", 0.0)], false);
    }
    let first = keys(&world);
    tell(&mut world, page, vec![at("Web", 1.0)], false);
    tell(
        &mut world,
        page,
        vec![at("Web", 1.0), at("API", 1.0)],
        false,
    );
    let second = keys(&world);
    assert_ne!(first, second);
    assert_eq!(world.state(second).beats().len(), 1, "nothing is left");
    assert!(!world.outline().has(first));
}

#[test]
fn slots_are_used_again() {
    let (mut world, page) = world();
    for round in 0..50 {
        let names = (0..20).map(|part| format!("{round} {part}"));
        let components = names.map(|name| at(&name, 1.0)).collect();
        tell_at(
            &mut world,
            page,
            components,
            false,
            f64::from(round) * 86_400.0,
        );
    }
    let (nodes, slots) = (world.outline().len(), world.outline().slots());
    assert!(slots <= nodes + 20, "{slots} slots for {nodes} nodes");
    // After a reload that leaves few nodes, there are few slots.
    let mut few = Outline::default();
    few.push(None, Node::new(Kind::TREE, "Root"));
    few.succeed(world.outline(), []);
    assert_eq!(few.slots(), 1);
    assert!(!world.outline().has(few.root()));
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

fn grow(roll: &mut dyn FnMut(u64) -> u64, depth: u64) -> Vec<Component> {
    let names = ["a", "a", "b", "", "c/d", "\u{202e}\n", "a (2)", "ä∕"];
    let width = if roll(40) == 0 { 1_500 } else { roll(6) };
    let mut components = Vec::new();
    for _ in 0..width {
        let deeper = width < 10 && depth < 8 && roll(3) == 0;
        components.push(Component {
            quiet: roll(4) == 0,
            hold: (roll(9) == 0).then_some(Hold::Maintenance),
            members: if deeper {
                grow(roll, depth + 1)
            } else {
                Vec::new()
            },
            ..at(names[roll(8) as usize], roll(5) as f64 / 4.0)
        });
    }
    components
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
            outline.subtree(page).len() <= 1 + 2 * MAX_COMPONENTS,
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
