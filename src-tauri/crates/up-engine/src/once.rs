//! A one-shot check: every source asked once, trees in their own order, and the world it makes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;
use up_config::{Plan, PlannedProbe, PlannedTree};
use up_core::world::Span;
use up_core::{NodeId, World};

use crate::ask::ask;
use crate::{clock, limit};

/// Told after each answer: how many sources were asked, of how many.
pub type Progress<'a> = &'a dyn Fn(usize, usize);

struct Round<'a> {
    plan: &'a Plan,
    /// Each node's probe; `None` of trees.
    probes: Vec<Option<&'a PlannedProbe>>,
    /// One thread, so a cell is enough; never borrowed across an await.
    world: RefCell<World>,
    slots: Semaphore,
    /// For each node, what bounds how many sources below it are asked at once; of bounded trees
    /// only.
    bounds: HashMap<NodeId, Semaphore>,
    asked: Cell<usize>,
    progress: Progress<'a>,
}

/// Asks every source of the plan once: all at once, as far as open files and each tree's
/// `concurrency` allow; those of a sequential tree one after the other.
pub async fn check_once(plan: &Plan, progress: Progress<'_>) -> World {
    let mut probes = vec![None; plan.outline.len()];
    for probe in &plan.probes {
        probes[probe.node.index()] = Some(probe);
    }
    let round = Round {
        plan,
        probes,
        world: RefCell::new(World::new(plan.outline.clone())),
        slots: Semaphore::new(limit::probes_at_once()),
        bounds: plan.trees.iter().filter_map(bound).collect(),
        asked: Cell::new(0),
        progress,
    };
    round.visit(NodeId::ROOT).await;
    let mut world = round.world.into_inner();
    world.settle(Span::Round, clock::now());
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
                return self.ask(probe).await;
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

    async fn ask(&self, probe: &PlannedProbe) {
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
        let asked = ask(&*probe.source, probe.timeout).await;
        let mut world = self.world.borrow_mut();
        if let Some(name) = asked.name {
            world.rename(probe.node, &name);
        }
        world.report(probe.node, asked.hold);
        world.apply(probe.node, asked.sample);
        drop(world);
        self.asked.set(self.asked.get() + 1);
        (self.progress)(self.asked.get(), self.plan.probes.len());
    }
}
