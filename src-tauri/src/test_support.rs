//! Worlds for tests: a root called `Root` with leaves in given states.

use up_core::alert::{Member, Urgency};
use up_core::world::TreeTiming;
use up_core::{
    Cause, CauseCode, Detail, Kind, Mood, Node, NodeId, Notice, NoticeKind, Outline, Sample,
    Status, Verdict, World,
};
use up_engine::view::CurrentState;

/// The state of a leaf.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ScriptedLeaf {
    /// It was not checked yet.
    Nothing,
    /// Its check was unknown.
    Unknown,
    /// It has this status.
    At(f64),
}

/// A world with these leaves under one root; empty without leaves.
pub(crate) fn world(leaves: &[(&str, ScriptedLeaf)]) -> World {
    let mut outline = Outline::default();
    if !leaves.is_empty() {
        let root = outline.push(None, Node::new(Kind::TREE, "Root"));
        for (name, _) in leaves {
            outline.push(Some(root), Node::new(Kind("http"), name));
        }
    }
    let mut world = World::new(outline);
    let ids: Vec<NodeId> = world.outline().ids().skip(1).collect();
    for (id, (_, leaf)) in ids.into_iter().zip(leaves) {
        match leaf {
            ScriptedLeaf::Nothing => {}
            ScriptedLeaf::Unknown => drop(world.apply(id, sample(None, 1_000.0))),
            ScriptedLeaf::At(value) => drop(world.apply(id, sample(Some(*value), 1_000.0))),
        }
    }
    world.settle(TreeTiming::Latest, 1_000.0);
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

/// The engine's state with such a world, without a configuration.
pub(crate) fn known(leaves: &[(&str, ScriptedLeaf)]) -> CurrentState {
    CurrentState {
        world: world(leaves),
        shape: 1,
        plan: None,
        mood: Mood::Realist,
        troubles: Vec::new(),
        checking: false,
        stores: Vec::new(),
        desk: up_core::control::ControlState::default(),
    }
}

/// A notice of one source: down, or back after a minute when its status is 1.
pub(crate) fn notice(id: u64, path: &str, status: f64) -> Notice {
    let status = Status::new(status).expect("a status");
    let until = status.is_up().then_some(1_060.0);
    Notice {
        id,
        kind: until.map_or(NoticeKind::Down, |_| NoticeKind::Recovered),
        path: path.into(),
        members: vec![Member {
            node: NodeId::GONE,
            path: path.into(),
            verdict: Verdict::At(status.level()),
            status: Some(status),
            cause: until
                .is_none()
                .then(|| Cause::new(CauseCode::Refused, "refused")),
            since: up_core::Beginning::observed(1_000.0),
            until,
            off: None,
        }],
        among: None,
        behind: 0,
        urgency: until.map_or(Urgency::Critical, |_| Urgency::Low),
        since: 1_000.0,
        date: 1_060.0,
        replaces: Vec::new(),
    }
}
