//! Worlds for tests: a root called `Root` with leaves of which something is known.

use up_core::world::Span;
use up_core::{
    Cause, CauseCode, Change, Detail, Kind, Mood, Node, NodeId, Outline, Sample, Status, Verdict,
    World,
};
use up_engine::view::Known;

/// What is known of a leaf.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Told {
    /// It was not asked yet.
    Nothing,
    /// It was asked, and no status could be had.
    Unknown,
    /// It has this status.
    At(f64),
}

/// A world of these leaves under one root; an empty one for none.
pub(crate) fn world(told: &[(&str, Told)]) -> World {
    let mut outline = Outline::default();
    if !told.is_empty() {
        let root = outline.push(None, Node::new(Kind::TREE, "Root"));
        for (name, _) in told {
            outline.push(Some(root), Node::new(Kind("http"), name));
        }
    }
    let mut world = World::new(outline);
    let leaves: Vec<NodeId> = world.outline().ids().skip(1).collect();
    for (id, (_, told)) in leaves.into_iter().zip(told) {
        match told {
            Told::Nothing => {}
            Told::Unknown => drop(world.apply(id, sample(None, 1_000.0))),
            Told::At(value) => drop(world.apply(id, sample(Some(*value), 1_000.0))),
        }
    }
    world.settle(Span::Latest, 1_000.0);
    world
}

/// A sample that took 0.12 s and has a cause unless it is up.
pub(crate) fn sample(value: Option<f64>, date: f64) -> Sample {
    let status = value.and_then(Status::new);
    Sample {
        status,
        date,
        duration: 0.12,
        cause: (value != Some(1.0)).then(|| Cause::new(CauseCode::Refused, "refused")),
        detail: Detail::new(),
    }
}

/// Such a world as an engine knows it, without a configuration.
pub(crate) fn known(told: &[(&str, Told)]) -> Known {
    Known {
        world: world(told),
        shape: 1,
        plan: None,
        mood: Mood::Realist,
        troubles: Vec::new(),
        checking: false,
        stores: Vec::new(),
    }
}

/// A change between two statuses, seen `after` seconds after the one before it.
pub(crate) fn change(path: &str, from: f64, to: f64, after: f64) -> Change {
    let verdict = |value| Status::new(value).map_or(Verdict::Unknown, |s| Verdict::At(s.level()));
    Change {
        node: NodeId::ROOT,
        path: path.into(),
        from: verdict(from),
        to: verdict(to),
        status: Status::new(to),
        cause: (to < 1.0).then(|| Cause::new(CauseCode::Refused, "refused")),
        date: 1_000.0 + after,
        since: 1_000.0,
    }
}
