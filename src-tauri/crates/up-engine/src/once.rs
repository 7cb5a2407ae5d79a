//! A one-shot check: checks every source once, trees in their own order, and returns the resulting
//! world.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use up_config::{Plan, PlannedTree};
use up_core::control::Standings;
use up_core::world::TreeTiming;
use up_core::{Controls, Hold, NodeId, World};

use crate::ask::check;
use crate::{clock, connectivity, limit, reconcile};

/// Called after each result with the number of checked sources and the number of all.
pub type OnProgress<'a> = &'a dyn Fn(usize, usize);

struct Round<'a> {
    plan: &'a Plan,
    controls: &'a Controls,
    /// One thread runs all checks, so a cell is enough. It is never borrowed across an await.
    world: RefCell<World>,
    slots: Semaphore,
    /// For each tree with `concurrency` or `parallel = false`: how many sources below it are
    /// checked at once.
    bounds: HashMap<NodeId, Semaphore>,
    asked: Cell<usize>,
    /// When the steady clock begins.
    start: Instant,
    /// Whether this machine has no network. It is found out at the first failure.
    cut_off: OnceCell<bool>,
    progress: OnProgress<'a>,
}

/// Checks every source of the plan once. They run all at once, as far as open files and each tree's
/// `concurrency` allow; those of a sequential tree run one after the other. Paused sources are not
/// checked.
pub async fn check_once(plan: &Plan, controls: &Controls, progress: OnProgress<'_>) -> World {
    let round = Round {
        plan,
        controls,
        world: RefCell::new(World::new(plan.outline.clone())),
        slots: Semaphore::new(limit::probes_at_once()),
        bounds: plan.trees.iter().filter_map(bound).collect(),
        asked: Cell::new(0),
        start: Instant::now(),
        cut_off: OnceCell::new(),
        progress,
    };
    round.hold();
    round.visit(plan.outline.root()).await;
    let mut world = round.world.into_inner();
    world.settle(TreeTiming::Round, clock::now());
    world
}

fn bound(tree: &PlannedTree) -> Option<(NodeId, Semaphore)> {
    let at_once = usize::try_from(tree.at_once?.get()).unwrap_or(usize::MAX);
    Some((
        tree.node,
        Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)),
    ))
}

impl Round<'_> {
    fn visit(&self, id: NodeId) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some(entry) = self.plan.probe_at(id) {
                return self.check(entry).await;
            }
            let node = self.plan.outline.node(id);
            if node.parallel {
                let mut children: FuturesUnordered<_> = node
                    .children
                    .iter()
                    .map(|child| self.visit(*child))
                    .collect();
                while children.next().await.is_some() {}
            } else {
                for child in &node.children {
                    self.visit(*child).await;
                }
            }
        })
    }

    /// Holds the nodes that people paused or that are under maintenance.
    fn hold(&self) {
        let mut world = self.world.borrow_mut();
        let windows = &self.plan.maintenance;
        Standings::of(world.outline(), self.controls, windows, clock::now()).hold(&mut world);
    }

    async fn check(&self, entry: usize) {
        let probe = &self.plan.probes[entry];
        if self.world.borrow().state(probe.node).hold == Some(Hold::Paused) {
            return self.answered();
        }
        // The places are taken from the innermost tree outwards, so that a waiting source takes no
        // place from a source that could start. The semaphores are never closed. If one were, the
        // check would run without a place.
        let mut places = Vec::new();
        let mut above = self.plan.outline.node(probe.node).parent;
        while let Some(tree) = above {
            if let Some(bound) = self.bounds.get(&tree) {
                places.push(bound.acquire().await.ok());
            }
            above = self.plan.outline.node(tree).parent;
        }
        let _slot = self.slots.acquire().await.ok();
        let mut asked = check(entry, &*probe.source, probe.timeout).await;
        if asked.sample.cause.is_some() && *self.cut_off.get_or_init(connectivity::is_cut_off) {
            connectivity::explain(&mut asked.sample, &probe.source.reach());
        }
        let mut world = self.world.borrow_mut();
        if reconcile::name(&mut world, probe.node, &mut asked) {
            drop(world);
            self.hold();
            world = self.world.borrow_mut();
        }
        world.report(probe.node, asked.hold);
        world.apply(probe.node, asked.sample.clone());
        if asked.components.is_some() {
            let ended = self.start.elapsed();
            let parts = reconcile::parts(&mut world, probe.node, &mut asked, ended);
            drop(world);
            self.hold();
            let mut world = self.world.borrow_mut();
            for observed in parts.observations {
                world.report(observed.node, observed.hold);
                world.apply(observed.node, observed.sample);
            }
        }
        self.answered();
    }

    fn answered(&self) {
        self.asked.set(self.asked.get() + 1);
        (self.progress)(self.asked.get(), self.plan.probes.len());
    }
}
