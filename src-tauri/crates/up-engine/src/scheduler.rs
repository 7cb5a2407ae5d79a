//! A plan in motion: which source is due, which is being asked, and what to do with an answer's
//! schedule. It holds no answers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use up_config::Plan;
use up_core::NodeId;

use crate::ask::{CheckOutcome, check};
use crate::beat;
use crate::concurrency::ConcurrencyLimits;
use crate::reconcile;
use crate::schedule::{NextDue, Schedule, turn};

/// What came due.
pub(crate) enum Due {
    /// A source was started.
    Started,
    /// A source that is paused let its turn pass.
    Passed,
    /// A tree's status is to go into the history.
    Tree(NodeId),
}

/// A plan in motion.
pub(crate) struct Scheduler {
    plan: Arc<Plan>,
    /// Entries `0..plan.probes.len()` are the probes, those behind them the trees.
    schedule: Schedule,
    lanes: ConcurrencyLimits,
    asking: JoinSet<CheckOutcome>,
    slots: usize,
    /// Probes that a person wants asked now and that have not answered since.
    awaited: HashSet<usize>,
    /// Probes that are not to be asked.
    paused: HashSet<usize>,
    /// Probes of which nothing new is to be heard before then.
    resting: HashMap<usize, Instant>,
}

impl Scheduler {
    /// Puts a plan in motion: everything is due now, then at its own turn within its interval.
    pub(crate) fn new(plan: Arc<Plan>, slots: usize, now: Instant) -> Self {
        // Slots begin at beats, so that those of whole seconds share a wake-up with what looks around.
        let mut schedule = Schedule::new(beat::last(now));
        for probe in &plan.probes {
            schedule.add(probe.interval, now);
        }
        for tree in &plan.trees {
            schedule.add(tree.interval, now + tree.interval);
        }
        let bounds = plan.trees.iter();
        let lanes = ConcurrencyLimits::of(
            &plan.outline,
            bounds.filter_map(|tree| Some((tree.node, tree.at_once?))),
            plan.probes.iter().map(|probe| probe.node),
        );
        Self {
            plan,
            schedule,
            lanes,
            asking: JoinSet::new(),
            slots,
            awaited: HashSet::new(),
            paused: HashSet::new(),
            resting: HashMap::new(),
        }
    }

    /// Puts a new plan in motion in place of `old`: what is unchanged keeps its turn. Whatever was
    /// being asked is asked again. Says for each new node which old one it is.
    pub(crate) fn replace(
        old: &Self,
        plan: Arc<Plan>,
        now: Instant,
    ) -> (Self, HashMap<NodeId, NodeId>) {
        let mut new = Self::new(plan, old.slots, now);
        let mut same = HashMap::new();
        for (entry, before) in reconcile::same(&new.plan, &old.plan) {
            let node = new.plan.probes[entry].node;
            let was = old.plan.probes[before].node;
            same.insert(node, was);
            // Its parts were carried over as they were.
            let parts = reconcile::below(&new.plan.outline, node);
            same.extend(parts.zip(reconcile::below(&old.plan.outline, was)));
            // With another password, say, it may answer otherwise: that is asked at once.
            let same_secrets = new.plan.probes[entry].secrets == old.plan.probes[before].secrets;
            if same_secrets && !old.schedule.is_running(before) {
                new.schedule.postpone(entry, old.schedule.due(before));
            }
        }
        (new, same)
    }

    /// The plan.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// When something is due next; `None` while every slot is taken, or there is nothing.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        if self.asking.len() < self.slots {
            self.schedule.next_due()
        } else {
            None
        }
    }

    /// Starts the next source that is due, or says which tree is; `None` when nothing is.
    pub(crate) fn advance(&mut self, now: Instant) -> Option<Due> {
        if self.asking.len() >= self.slots {
            return None;
        }
        let entry = self.schedule.take(now)?;
        if let Some(tree) = entry.checked_sub(self.plan.probes.len()) {
            self.schedule.done(entry, now, NextDue::Regular);
            return Some(Due::Tree(self.plan.trees[tree].node));
        }
        if self.paused.contains(&entry) {
            // It keeps its turn, and lets it pass.
            self.schedule.done(entry, now, NextDue::Regular);
            return Some(Due::Passed);
        }
        if self.lanes.enter(entry) {
            self.start(entry);
        }
        Some(Due::Started)
    }

    /// The outcome of the check that ends next. Pending while no check is under way.
    pub(crate) async fn outcome(&mut self) -> CheckOutcome {
        loop {
            match self.asking.join_next().await {
                Some(Ok(outcome)) => return outcome,
                // Aborted tasks go with their set, and panics are caught inside `ask`.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Nothing new is to be heard of that probe for so long: it is not asked again sooner to
    /// confirm what it said.
    pub(crate) fn rest(&mut self, probe: usize, rest: Option<Duration>, now: Instant) {
        match rest {
            Some(rest) => drop(self.resting.insert(probe, now + rest)),
            None => drop(self.resting.remove(&probe)),
        }
    }

    /// Puts a probe back into the schedule after its answer. `doubts`: ask again soon.
    pub(crate) fn done(&mut self, probe: usize, first: bool, doubts: bool, now: Instant) {
        let rested = self.resting.get(&probe);
        let rest = rested.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let planned = &self.plan.probes[probe];
        let node = self.plan.outline.node(planned.node);
        // After the first round each takes its own turn, so that the load is spread.
        let next = match (doubts, first) {
            (true, _) => NextDue::Soon(node.rules.retry.max(rest)),
            (false, true) => NextDue::Turn(turn(&node.path, planned.interval)),
            (false, false) => NextDue::Regular,
        };
        self.schedule.done(probe, now, next);
        self.awaited.remove(&probe);
        for entry in self.lanes.leave(probe) {
            self.start(entry);
        }
    }

    /// Makes every probe at or below a node due now, or that which tells of this part.
    pub(crate) fn hasten(&mut self, subtree: &std::ops::Range<usize>, now: Instant) {
        let first = self.plan.outline.ids().nth(subtree.start);
        let of = first.and_then(|node| self.plan.probe_of(node));
        for (entry, probe) in self.plan.probes.iter().enumerate() {
            let is_in = subtree.contains(&probe.node.index()) || Some(entry) == of;
            if is_in && !self.paused.contains(&entry) {
                self.schedule.hasten(entry, now);
                self.awaited.insert(entry);
            }
        }
    }

    /// Makes a source due by then, or that which tells of this part; one that rests, after that.
    pub(crate) fn recheck(&mut self, node: NodeId, due: Instant) {
        if let Some(entry) = self.plan.probe_of(node) {
            let rested = self.resting.get(&entry).copied();
            self.schedule
                .hasten(entry, rested.map_or(due, |until| due.max(until)));
        }
    }

    /// Asks these no more, and those that were paused before and are not among them at once.
    pub(crate) fn pause(&mut self, paused: HashSet<usize>, now: Instant) {
        for entry in self.paused.difference(&paused) {
            self.schedule.hasten(*entry, now);
        }
        self.awaited.retain(|entry| !paused.contains(entry));
        self.paused = paused;
    }

    /// Follows a plan whose nodes have moved: the same sources, in the same order.
    pub(crate) fn follow(&mut self, plan: Arc<Plan>) {
        self.plan = plan;
    }

    /// True while a person waits for answers.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.awaited.is_empty()
    }

    fn start(&mut self, entry: usize) {
        let (source, timeout) = {
            let probe = &self.plan.probes[entry];
            (Arc::clone(&probe.source), probe.timeout)
        };
        self.asking
            .spawn(async move { check(entry, &*source, timeout).await });
    }
}
