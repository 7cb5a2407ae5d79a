//! Runs the checks of a plan: knows which source is due, which checks are under way, and when a
//! source is checked again after its result. It keeps no results.

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
use crate::listeners::Listeners;
use crate::reconcile;
use crate::schedule::{NextDue, Schedule, turn};

/// Something that came due.
pub(crate) enum Due {
    /// A source's check was started.
    Started,
    /// A paused source came due and was not checked.
    Passed,
    /// A tree's status is to be recorded in the history.
    Tree(NodeId),
}

/// Something that happened without being due.
pub(crate) enum SchedulerEvent {
    /// A check ended.
    Checked(CheckOutcome),
    /// A check of this source would find something new.
    News(usize),
}

/// Runs the checks of a plan.
pub(crate) struct Scheduler {
    plan: Arc<Plan>,
    /// The schedule. Entries `0..plan.probes.len()` are the sources; the entries after them are the
    /// trees.
    schedule: Schedule,
    concurrency: ConcurrencyLimits,
    asking: JoinSet<CheckOutcome>,
    listeners: Listeners,
    slots: usize,
    /// The sources that a person asked to check now and that have no result yet.
    awaited: HashSet<usize>,
    /// The sources that are not checked because they are paused.
    paused: HashSet<usize>,
    /// The sources of which a check would find nothing new before the given time.
    resting: HashMap<usize, Instant>,
}

impl Scheduler {
    /// Starts a plan. Everything is due now, and afterwards at its own turn within its interval.
    pub(crate) fn new(plan: Arc<Plan>, slots: usize, now: Instant) -> Self {
        // Slots begin at beats, so that checks share a wake-up with everything that polls.
        let mut schedule = Schedule::new(beat::last(now));
        for probe in &plan.probes {
            schedule.add(probe.interval, now);
        }
        for tree in &plan.trees {
            schedule.add(tree.interval, now + tree.interval);
        }
        let bounds = plan.trees.iter();
        let concurrency = ConcurrencyLimits::of(
            &plan.outline,
            bounds.filter_map(|tree| Some((tree.node, tree.at_once?))),
            plan.probes.iter().map(|probe| probe.node),
        );
        Self {
            listeners: Listeners::start(&plan),
            plan,
            schedule,
            concurrency,
            asking: JoinSet::new(),
            slots,
            awaited: HashSet::new(),
            paused: HashSet::new(),
            resting: HashMap::new(),
        }
    }

    /// Runs a new plan in place of `old`. An unchanged source keeps its turn, or with a shorter
    /// interval its part of it. Checks that were under way start again.
    pub(crate) fn replace(old: &Self, plan: Arc<Plan>, now: Instant) -> Self {
        let mut new = Self::new(plan, old.slots, now);
        for (entry, before) in reconcile::same(&new.plan, &old.plan) {
            let (probe, former) = (&new.plan.probes[entry], &old.plan.probes[before]);
            // A source with other secrets may give another result, so it is checked at once.
            if probe.secrets == former.secrets && !old.schedule.is_running(before) {
                let left = old.schedule.due(before).saturating_duration_since(now);
                let shorter = probe.interval.div_duration_f64(former.interval).min(1.0);
                new.schedule.postpone(entry, now + left.mul_f64(shorter));
            }
        }
        new
    }

    /// The plan in use.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// When something is due next; `None` while all places are taken or there is nothing to check.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        if self.asking.len() < self.slots {
            self.schedule.next_due()
        } else {
            None
        }
    }

    /// Starts the check of the next due source, or returns the next due tree; `None` when nothing
    /// is due.
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
            // A paused source keeps its turn.
            self.schedule.done(entry, now, NextDue::Regular);
            return Some(Due::Passed);
        }
        if self.concurrency.enter(entry) {
            self.start(entry);
        }
        Some(Due::Started)
    }

    /// What happens next. Pending while no check is under way and no source listens.
    pub(crate) async fn next_event(&mut self) -> SchedulerEvent {
        loop {
            tokio::select! {
                biased;
                ended = self.asking.join_next(), if !self.asking.is_empty() => {
                    // An aborted task has left the set already, and panics are caught inside `check`.
                    if let Some(Ok(outcome)) = ended {
                        return SchedulerEvent::Checked(outcome);
                    }
                }
                probe = self.listeners.next() => return SchedulerEvent::News(probe),
            }
        }
    }

    /// Makes a source due now, because a check would find something new.
    pub(crate) fn heard(&mut self, probe: usize, now: Instant) {
        if !self.paused.contains(&probe) {
            self.schedule.hasten(probe, now);
        }
    }

    /// Records for how long a check of this source would find nothing new. Until then, it is not
    /// checked early to confirm its result.
    pub(crate) fn rest(&mut self, probe: usize, rest: Option<Duration>, now: Instant) {
        match rest {
            Some(rest) => drop(self.resting.insert(probe, now + rest)),
            None => drop(self.resting.remove(&probe)),
        }
    }

    /// Schedules a source again after its result. `first` marks its first result. With `doubts` it
    /// is checked again soon.
    pub(crate) fn done(&mut self, probe: usize, first: bool, doubts: bool, now: Instant) {
        let rested = self.resting.get(&probe);
        let rest = rested.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let planned = &self.plan.probes[probe];
        let node = self.plan.outline.node(planned.node);
        // After the first round, each source takes its own turn, so that the load is spread evenly.
        let next = match (doubts, first) {
            (true, _) => NextDue::Soon(node.rules.retry.max(rest)),
            (false, true) => NextDue::Turn(turn(&node.path, planned.interval)),
            (false, false) => NextDue::Regular,
        };
        self.schedule.done(probe, now, next);
        self.awaited.remove(&probe);
        for entry in self.concurrency.leave(probe) {
            self.start(entry);
        }
    }

    /// Makes these sources (by their index among the probes) due now.
    pub(crate) fn hasten(&mut self, probes: &[usize], now: Instant) {
        for entry in probes.iter().filter(|entry| !self.paused.contains(entry)) {
            self.schedule.hasten(*entry, now);
            self.awaited.insert(*entry);
        }
    }

    /// Makes a source due by `due`. A source that would find nothing new is checked once it could.
    pub(crate) fn recheck(&mut self, node: NodeId, due: Instant) {
        if let Some(entry) = self.plan.probe_at(node) {
            let rested = self.resting.get(&entry).copied();
            self.schedule
                .hasten(entry, rested.map_or(due, |until| due.max(until)));
        }
    }

    /// Sets which sources are paused. Sources that are paused no longer are checked at once.
    pub(crate) fn pause(&mut self, paused: HashSet<usize>, now: Instant) {
        for entry in self.paused.difference(&paused) {
            self.schedule.hasten(*entry, now);
        }
        self.awaited.retain(|entry| !paused.contains(entry));
        self.paused = paused;
    }

    /// True while a check that a person asked for is under way.
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
