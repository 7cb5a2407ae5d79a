//! Answers: what the watch makes of them, and of each part that they tell of.

use std::sync::Arc;

use tokio::time::Instant;
use up_core::{Input, NodeId, WatchOutput};

use super::{Loop, SETTLE};
use crate::ask::CheckOutcome;
use crate::reconcile;
use crate::view::TroubleKind;

/// What came of an answer.
struct Taken {
    /// The source, or a part of it, is to be asked again soon.
    doubts: bool,
    /// What follows.
    told: Vec<WatchOutput>,
    /// Trees among the parts.
    groups: Vec<NodeId>,
}

impl Loop {
    /// Takes an answer, and does what follows.
    pub(super) async fn answered(&mut self, (probe, asked): (usize, CheckOutcome)) {
        let Some(rounds) = &mut self.rounds else {
            return;
        };
        let node = rounds.plan().probes[probe].node;
        rounds.rest(probe, asked.rest, Instant::now());
        self.notice_gap().await;
        self.before(node, &asked.sample).await;
        let first = self.unasked.remove(&probe);
        let taken = self.take(probe, node, asked);
        if let Some(rounds) = &mut self.rounds {
            rounds.done(probe, first, taken.doubts, Instant::now());
            let awaited = rounds.is_awaited();
            self.view.write(|known| known.checking &= awaited);
        }
        self.settle_at
            .get_or_insert_with(|| Instant::now() + SETTLE);
        self.keep_told(&taken.told).await;
        for output in taken.told {
            self.carry_out(output).await;
        }
        if !taken.groups.is_empty() {
            self.settle();
        }
        for group in taken.groups {
            self.record_tree(group).await;
        }
        if first && self.unasked.is_empty() {
            self.first_round_done().await;
        }
    }

    fn take(&mut self, probe: usize, node: NodeId, mut asked: CheckOutcome) -> Taken {
        let now = self.moment();
        let (watch, rounds) = (&mut self.watch, &mut self.rounds);
        let (outside, board) = (&mut self.outside, &self.board);
        self.view.write(|known| {
            if reconcile::name(&mut known.world, node, &mut asked) {
                known.shape += 1;
            }
            let first = known.world.state(node).sample.is_none();
            let mut taken = Taken {
                doubts: false,
                told: Vec::new(),
                groups: Vec::new(),
            };
            if asked.echo && !first {
                let output = watch.take(&mut known.world, now, Input::Echoed(node));
                taken.told.push(output);
            } else {
                let parts = reconcile::parts(&mut known.world, node, &mut asked);
                if let Some(moved) = parts.moved {
                    known.shape += 1;
                    if let Some(rounds) = rounds {
                        let plan =
                            reconcile::followed(rounds.plan(), known.world.outline(), &moved);
                        let plan = Arc::new(plan);
                        rounds.follow(Arc::clone(&plan));
                        known.plan = Some(plan);
                    }
                    outside.follow(|node| moved.to(node));
                    let output = watch.moved(&mut known.world, now, |node| moved.to(node));
                    taken.told.push(output);
                }
                let said = reconcile::too_many_names(&asked.sample);
                let path = &known.world.outline().node(node).path;
                let said = said.map(|text| format!("{path}: {text}"));
                board.set(TroubleKind::Names, &probe.to_string(), said);
                let itself = (node, asked.sample, asked.hold);
                for (node, sample, hold) in std::iter::once(itself).chain(parts.told) {
                    let input = Input::Sampled { node, sample, hold };
                    taken.told.push(watch.take(&mut known.world, now, input));
                }
                taken.groups = reconcile::groups(known.world.outline(), node);
            }
            let doubts = |id: NodeId| known.world.state(id).judge.doubts();
            taken.doubts =
                doubts(node) || reconcile::below(known.world.outline(), node).any(doubts);
            taken
        })
    }
}
