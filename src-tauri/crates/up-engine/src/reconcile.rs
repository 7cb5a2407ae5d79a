//! Parts that a source tells of, taken in: grafted below it in the outline, each with news of its
//! own. Probes, trees and whoever else knows nodes follow where they went.

use std::collections::HashMap;
use std::time::Duration;

use up_config::Plan;
use up_core::world::{Moved, Naming, OWN_NAMES, PART_NAMES};
use up_core::{
    Cause, CauseCode, Component, Detail, NodeId, Observation, Outline, Sample, Value, World,
};

use crate::ask::CheckOutcome;

/// What an answer makes of the outline, and what it says of each part.
pub(crate) struct ReconciledComponents {
    /// Where nodes went; `None` when the shape stayed.
    pub(crate) moved: Option<Moved>,
    /// What it says of each part.
    pub(crate) observations: Vec<Observation>,
}

/// Takes the name that an answer gives its source. True when its path changed.
pub(crate) fn name(world: &mut World, id: NodeId, asked: &mut CheckOutcome) -> bool {
    let Some(name) = asked.name.take() else {
        return false;
    };
    match world.name_itself(id, &name, asked.sample.date) {
        Naming::Same => false,
        Naming::New => true,
        Naming::Refused => {
            // The same each time, so that it is told once.
            let text = format!(
                "it calls itself by another name too often: it keeps this one, since {} new names \
                 a day are taken up ({} at once)",
                OWN_NAMES.a_day, OWN_NAMES.at_once
            );
            asked.sample.detail.put(NAMES, text);
            false
        }
    }
}

/// What a source's detail calls the names that are not taken up.
const NAMES: &str = "names_left_out";

/// What is said of a source that tells too many names, as of that sample of it.
pub(crate) fn too_many_names(sample: &Sample) -> Option<&str> {
    match sample.detail.get(NAMES) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Grafts what an answer tells of its source's parts. When it tells of none, those that are known
/// are unknown from now on: what was said of them is not what is. The check ended at `ended`, by the
/// steady clock.
pub(crate) fn parts(
    world: &mut World,
    id: NodeId,
    asked: &mut CheckOutcome,
    ended: Duration,
) -> ReconciledComponents {
    let sample = &asked.sample;
    let Some(twigs) = asked.twigs.take() else {
        let outline = world.outline();
        let leaves = below(outline, id).filter(|id| outline.node(*id).is_leaf());
        let unheard = |id| Observation::ended_at(id, of(sample, unheard(sample)), None, ended);
        return ReconciledComponents {
            moved: None,
            observations: leaves.map(unheard).collect(),
        };
    };
    let graft = world.graft(id, twigs, sample.date);
    if graft.refused > 0 {
        let text = format!(
            "it tells of too many new components: some are left out, since {} a day are taken up \
             ({} at once)",
            PART_NAMES.a_day, PART_NAMES.at_once
        );
        asked.sample.detail.put(NAMES, text);
    }
    let sample = &asked.sample;
    let observed = graft.told.into_iter().map(|(id, twig)| {
        let hold = twig.hold;
        Observation::ended_at(id, of(sample, twig), hold, ended)
    });
    ReconciledComponents {
        moved: graft.moved,
        observations: observed.collect(),
    }
}

/// A part's sample: it was told when its source was asked, and took no time of its own.
fn of(source: &Sample, twig: Component) -> Sample {
    Sample {
        status: twig.status,
        date: source.date,
        duration: 0.0,
        cause: twig.cause,
        detail: twig.detail,
    }
}

fn unheard(source: &Sample) -> Component {
    let (code, why) = match &source.cause {
        Some(cause) => (cause.code, &*cause.text),
        None => (CauseCode::Missing, "it is not told of now"),
    };
    let text = format!("nothing is heard of it: {why}");
    Component {
        cause: Some(Cause::new(code, text)),
        detail: Detail::new(),
        ..Component::default()
    }
}

/// The groups below a source, whose status is folded and not told.
pub(crate) fn groups(outline: &Outline, id: NodeId) -> Vec<NodeId> {
    below(outline, id)
        .filter(|id| outline.node(*id).is_tree())
        .collect()
}

/// Everything below a node, in the outline's order.
pub(crate) fn below(outline: &Outline, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
    outline.below(id)
}

/// Grafts what the old plan's sources told of their parts below those that are the same in the new
/// one, so that a reload does not make them news.
pub(crate) fn carry(plan: &mut Plan, world: &mut World, old: &Plan, known: &World) {
    // From the end, so that those yet to come stay where they are.
    for (probe, before) in same(plan, old).into_iter().rev() {
        let before = old.probes[before].node;
        if known.outline().subtree(before).len() > 1 {
            let moved = world.regraft(plan.probes[probe].node, known, before);
            *plan = followed(plan, world.outline(), &moved);
        }
    }
}

/// The probes of a new plan that are unchanged, each with which one it was in the old plan.
pub(crate) fn same(plan: &Plan, old: &Plan) -> Vec<(usize, usize)> {
    let path = |plan: &Plan, probe: usize| std::sync::Arc::clone(&plan.probes[probe].origin);
    let known: HashMap<_, _> = (0..old.probes.len()).map(|i| (path(old, i), i)).collect();
    let before = |probe: usize| {
        let before = *known.get(&path(plan, probe))?;
        let same = old.probes[before].fingerprint == plan.probes[probe].fingerprint;
        same.then_some((probe, before))
    };
    (0..plan.probes.len()).filter_map(before).collect()
}

/// The plan for an outline whose nodes have moved: the same sources, in the same order.
pub(crate) fn followed(plan: &Plan, outline: &Outline, moved: &Moved) -> Plan {
    let mut plan = plan.clone();
    plan.outline = outline.clone();
    // What was planned does not go away by what a source tells; only parts do.
    for probe in &mut plan.probes {
        probe.node = moved.to(probe.node).unwrap_or(probe.node);
    }
    for tree in &mut plan.trees {
        tree.node = moved.to(tree.node).unwrap_or(tree.node);
    }
    plan
}
