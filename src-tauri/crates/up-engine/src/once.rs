//! A one-shot check: every source asked once, trees in their own order, and the world it makes.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use up_config::{Plan, PlannedTree};
use up_core::control::Standings;
use up_core::world::TreeTiming;
use up_core::{Controls, Hold, NodeId, World};

use crate::ask::{CheckOutcome, check};
use crate::{clock, connectivity, limit, reconcile};

/// Told after each answer: how many sources were asked, of how many.
pub type OnProgress<'a> = &'a dyn Fn(usize, usize);

struct Round<'a> {
    plan: &'a Plan,
    controls: &'a Controls,
    /// The number of each node's probe; `None` of trees.
    probes: Vec<Option<usize>>,
    /// One thread, so a cell is enough; never borrowed across an await.
    world: RefCell<World>,
    /// Answers that tell of parts: these are grafted when all have answered, since then nobody
    /// counts on where nodes are. Borrowed like the world.
    grafts: RefCell<BTreeMap<NodeId, CheckOutcome>>,
    slots: Semaphore,
    /// For each node, what bounds how many sources below it are asked at once; of bounded trees
    /// only.
    bounds: HashMap<NodeId, Semaphore>,
    asked: Cell<usize>,
    /// Where the steady clock begins.
    start: Instant,
    /// Whether this machine is without a network; found out at the first failure.
    cut_off: OnceCell<bool>,
    progress: OnProgress<'a>,
}

/// Asks every source of the plan once: all at once, as far as open files and each tree's
/// `concurrency` allow; those of a sequential tree one after the other.
/// What is paused is not asked.
pub async fn check_once(plan: &Plan, controls: &Controls, progress: OnProgress<'_>) -> World {
    let mut probes = vec![None; plan.outline.len()];
    for (entry, probe) in plan.probes.iter().enumerate() {
        probes[probe.node.index()] = Some(entry);
    }
    let round = Round {
        plan,
        controls,
        probes,
        world: RefCell::new(World::new(plan.outline.clone())),
        grafts: RefCell::default(),
        slots: Semaphore::new(limit::probes_at_once()),
        bounds: plan.trees.iter().filter_map(bound).collect(),
        asked: Cell::new(0),
        start: Instant::now(),
        cut_off: OnceCell::new(),
        progress,
    };
    round.hold();
    round.visit(NodeId::ROOT).await;
    round.graft();
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
            if let Some(probe) = self.probes[id.index()] {
                return self.check(probe).await;
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

    /// Holds what people paused, and what is under maintenance.
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
        // From the inside out, so that who waits takes no place from those that could go. The
        // semaphores are never closed; if one were, asking without a slot beats not asking.
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
        drop(world);
        if asked.twigs.is_some() {
            self.grafts.borrow_mut().insert(probe.node, asked);
        }
        self.answered();
    }

    /// Takes what was told of parts.
    fn graft(&self) {
        // From the end, so that those yet to come stay where they are.
        for (node, mut asked) in self.grafts.take().into_iter().rev() {
            let ended = self.start.elapsed();
            let parts = reconcile::parts(&mut self.world.borrow_mut(), node, &mut asked, ended);
            self.hold();
            let mut world = self.world.borrow_mut();
            for observed in parts.observations {
                world.report(observed.node, observed.hold);
                world.apply(observed.node, observed.sample);
            }
        }
    }

    fn answered(&self) {
        self.asked.set(self.asked.get() + 1);
        (self.progress)(self.asked.get(), self.plan.probes.len());
    }
}
