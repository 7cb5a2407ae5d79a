//! The outcome of a check: the outline takes up the names and components that the source reports,
//! the watch evaluates the observations, and the loop carries out once what follows from all of it.

use tokio::time::Instant;
use up_core::{Input, NodeId, Observation, WatchOutput};

use super::Loop;
use crate::ask::CheckOutcome;
use crate::reconcile;
use crate::view::TroubleKind;

/// What the evaluation of an outcome came to.
#[derive(Default)]
struct Evaluated {
    /// What follows for the sinks and the schedule.
    output: WatchOutput,
    /// True when the source, or one of its components, is in doubt and is to be checked again soon.
    is_doubtful: bool,
    /// The groups among the source's components.
    groups: Vec<NodeId>,
}

impl Loop {
    /// Evaluates the outcome of a check, and carries out what follows.
    pub(super) async fn checked(&mut self, outcome: CheckOutcome) {
        let Some(scheduler) = &mut self.scheduler else {
            return;
        };
        let probe = outcome.probe;
        let node = scheduler.plan().probes[probe].node;
        scheduler.rest(probe, outcome.rest, Instant::now());
        let gap = self.notice_gap();
        // A failure may be the first sign of a lost route: the watch learns of the route first.
        let routes = self.system.before(node, &outcome.sample);
        let routes = routes.into_iter().map(Input::Network);
        let mut output = self.feed(gap.into_iter().chain(routes));
        // Before the outcome counts as done: a recheck of its own source is this very check.
        self.check_again(std::mem::take(&mut output.recheck));
        let first = self.unchecked.remove(&probe);
        let evaluated = self.evaluate(node, outcome);
        output.merge(evaluated.output);
        if let Some(scheduler) = &mut self.scheduler {
            scheduler.done(probe, first, evaluated.is_doubtful, Instant::now());
            let awaited = scheduler.is_awaited();
            self.view.write(|known| known.checking &= awaited);
        }
        self.settle_soon();
        self.carry_out(output).await;
        if !evaluated.groups.is_empty() {
            self.settle();
        }
        for group in evaluated.groups {
            self.record_tree(group).await;
        }
        if first && self.unchecked.is_empty() {
            self.first_round_done().await;
        }
    }

    fn evaluate(&mut self, node: NodeId, mut outcome: CheckOutcome) -> Evaluated {
        let now = self.moment();
        let (watch, health) = (&mut self.watch, &self.health);
        let storage = &mut self.storage;
        self.view.write(|known| {
            if reconcile::name(&mut known.world, node, &mut outcome) {
                known.shape += 1;
                storage.judge(known.world.outline());
            }
            let mut evaluated = Evaluated::default();
            let output = &mut evaluated.output;
            if outcome.echo && known.world.state(node).sample.is_some() {
                output.merge(watch.handle(&mut known.world, now, Input::Echoed(node)));
            } else {
                let parts = reconcile::parts(&mut known.world, node, &mut outcome, now.steady);
                if parts.changed {
                    known.shape += 1;
                    output.merge(watch.outline_changed(&mut known.world, now));
                }
                let trouble = reconcile::too_many_names(&outcome.sample);
                let path = &known.world.outline().node(node).path;
                let trouble = trouble.map(|text| format!("{path}: {text}"));
                health.set(TroubleKind::Names, &outcome.probe.to_string(), trouble);
                let CheckOutcome {
                    sample, hold, took, ..
                } = outcome;
                let itself = Observation::ended_at(node, sample, hold, now.steady);
                let itself = itself.that_took(took);
                for echo in parts.echoes {
                    output.merge(watch.handle(&mut known.world, now, Input::Echoed(echo)));
                }
                for observed in std::iter::once(itself).chain(parts.observations) {
                    output.merge(watch.handle(&mut known.world, now, Input::Observed(observed)));
                }
                evaluated.groups = reconcile::groups(known.world.outline(), node);
            }
            let mut all = std::iter::once(node).chain(known.world.outline().below(node));
            evaluated.is_doubtful = all.any(|id| known.world.state(id).judge.doubts());
            evaluated
        })
    }
}
