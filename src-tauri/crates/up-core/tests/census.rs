//! Tests of which nodes count as a source, and of the census made of them.

use up_core::{
    Cause, CauseCode, Census, Component, Detail, Hold, Kind, Node, Outline, ReportedComponents,
    Sample, Status, World, counts_as_source, shown_hold,
};

fn sample(value: Option<f64>, cause: Option<CauseCode>) -> Sample {
    Sample {
        status: value.and_then(Status::new),
        date: 1_000.0,
        duration: 0.1,
        cause: cause.map(|code| Cause::new(code, "it says why")),
        detail: Detail::new(),
    }
}

/// A root with a source of this kind that has given this sample, and reports a group `g` of two
/// components and a component beside it.
fn world_with(kind: Kind, own: Sample) -> World {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "R"));
    let source = outline.push(Some(root), Node::new(kind, "s"));
    outline.push(Some(root), Node::new(Kind("http"), "web"));
    let mut world = World::new(outline);
    let group = Component {
        name: "g".into(),
        members: vec![Component::up("a"), Component::up("b")],
        ..Component::default()
    };
    let reported = ReportedComponents::new(vec![group, Component::up("c")], false);
    world.apply(source, own);
    for (part, _) in world.reconcile(source, reported, 0.0).components {
        world.apply(part, sample(Some(0.0), Some(CauseCode::Reported)));
    }
    world
}

fn counted(world: &World) -> Vec<&str> {
    let nodes = world.outline().iter();
    let counted = nodes.filter(|(id, _)| counts_as_source(world, *id));
    counted.map(|(_, node)| &*node.path).collect()
}

#[test]
fn a_source_counts_once_and_a_fleet_by_its_paths() {
    let check = |kind, own: Sample, expected: &[&str]| {
        let world = world_with(kind, own.clone());
        assert_eq!(counted(&world), expected, "{kind:?}: {own:?}");
        let root = world.outline().root();
        let census = Census::of(&world, root);
        assert_eq!(census.sources, expected.len(), "{kind:?}: {own:?}");
    };
    let page = Kind("statuspage");
    let up = || sample(Some(1.0), None);
    check(page, up(), &["/R/s", "/R/web"]);
    let unreadable = || sample(Some(0.0), Some(CauseCode::Refused));
    check(page, unreadable(), &["/R/s", "/R/web"]);
    let paths = ["/R/s/g/a", "/R/s/g/b", "/R/s/c", "/R/web"];
    check(Kind::FLEET, up(), &paths);
    let reported = sample(Some(0.5), Some(CauseCode::Reported));
    check(Kind::FLEET, reported, &paths);
    let all = ["/R/s", "/R/s/g/a", "/R/s/g/b", "/R/s/c", "/R/web"];
    check(Kind::FLEET, unreadable(), &all);
}

#[test]
fn a_fleet_without_paths_counts_once() {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "R"));
    outline.push(Some(root), Node::new(Kind::FLEET, "fleet"));
    assert_eq!(counted(&World::new(outline)), ["/R/fleet"]);
}

#[test]
fn a_group_of_components_is_held_when_all_of_them_are() {
    let mut world = world_with(Kind("statuspage"), sample(Some(1.0), None));
    let group = world.outline().find("/R/s/g").expect("it is there");
    for path in ["/R/s/g/a", "/R/s/g/b"] {
        assert_eq!(shown_hold(&world, group), None);
        let part = world.outline().find(path).expect("it is there");
        world.hold(part, Hold::Paused, true);
    }
    assert_eq!(shown_hold(&world, group), Some(Hold::Paused));
    let census = Census::of(&world, group);
    assert_eq!((census.sources, census.aside), (2, 2));
}
