//! Reconciles the components that a source reports with the outline: adds them below the source,
//! and gives each its own sample. Also decides which sources of a new plan keep their keys.

use std::collections::HashMap;
use std::time::Duration;

use up_config::Plan;
use up_core::world::{COMPONENT_NAMES, Naming, OWN_NAMES};
use up_core::{
    Cause, CauseCode, Component, Detail, NodeId, Observation, Outline, Sample, Value, World,
};

use crate::ask::CheckOutcome;

/// The result of reconciling a source's components.
pub(crate) struct ReconciledComponents {
    /// True when the outline changed.
    pub(crate) changed: bool,
    /// The observation of each component that tells something new.
    pub(crate) observations: Vec<Observation>,
    /// The components of which nothing new was reported.
    pub(crate) echoes: Vec<NodeId>,
}

/// Applies the name that a source reported for itself. Returns true when its path changed.
pub(crate) fn name(world: &mut World, id: NodeId, asked: &mut CheckOutcome) -> bool {
    let Some(name) = asked.name.take() else {
        return false;
    };
    match world.name_itself(id, &name, asked.sample.date) {
        Naming::Same => false,
        Naming::New => true,
        Naming::Refused => {
            // The text is always the same, so that the trouble is reported only once.
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

/// The key of a sample's detail that says which names were not accepted.
const NAMES: &str = "names_left_out";

/// The trouble of a source that reports too many new names, from the detail of its sample.
pub(crate) fn too_many_names(sample: &Sample) -> Option<&str> {
    match sample.detail.get(NAMES) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Reconciles the components that a source reported, and returns an observation of each. If the check
/// reported no components, those that are there become unknown. The check ended at `ended`, by the
/// steady clock.
pub(crate) fn parts(
    world: &mut World,
    id: NodeId,
    asked: &mut CheckOutcome,
    ended: Duration,
) -> ReconciledComponents {
    let sample = &asked.sample;
    let Some(reported) = asked.components.take() else {
        let outline = world.outline();
        let leaves = outline.below(id).filter(|id| outline.node(*id).is_leaf());
        let unheard = |id| Observation::ended_at(id, of(sample, unheard(sample)), None, ended);
        return ReconciledComponents {
            changed: false,
            observations: leaves.map(unheard).collect(),
            echoes: Vec::new(),
        };
    };
    let reconciled = world.reconcile(id, reported, sample.date);
    if reconciled.refused > 0 {
        let text = format!(
            "it tells of too many new components: some are left out, since {} a day are taken up \
             ({} at once)",
            COMPONENT_NAMES.a_day, COMPONENT_NAMES.at_once
        );
        asked.sample.detail.put(NAMES, text);
    }
    let sample = &asked.sample;
    let (mut observations, mut echoes) = (Vec::new(), Vec::new());
    for (id, component) in reconciled.components {
        if component.echo && world.state(id).sample.is_some() {
            echoes.push(id);
            continue;
        }
        let (hold, sample) = (component.hold, of(sample, component));
        // Its duration is that of a check elsewhere, which says nothing about our network.
        let (began, node) = (ended, id);
        observations.push(Observation {
            node,
            sample,
            hold,
            began,
            ended,
        });
    }
    ReconciledComponents {
        changed: reconciled.changed,
        observations,
        echoes,
    }
}

/// A component's sample. It has the date of the source's check.
fn of(source: &Sample, component: Component) -> Sample {
    Sample {
        status: component.status,
        date: source.date,
        duration: component.duration,
        cause: component.cause,
        detail: component.detail,
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

/// The groups among a source's components. Their status is folded from their members, not reported.
pub(crate) fn groups(outline: &Outline, id: NodeId) -> Vec<NodeId> {
    outline
        .below(id)
        .filter(|id| outline.node(*id).is_tree())
        .collect()
}

/// Gives the sources that are unchanged in the new plan the keys that they have, and their
/// components with them. A reload then starts nothing anew for them.
pub(crate) fn keep_keys(plan: &mut Plan, old: &Plan, known: &World) {
    let same = same(plan, old).into_iter();
    let same: Vec<_> = same
        .map(|(probe, before)| (probe, old.probes[before].node))
        .collect();
    plan.keep_keys(known.outline(), same);
}

/// The unchanged sources of a new plan: pairs of the source's index in the new and in the old plan.
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
