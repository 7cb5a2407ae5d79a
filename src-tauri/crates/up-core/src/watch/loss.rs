//! Packet loss on this machine's own link: how often checks fail through no fault of their source,
//! and how many failures in a row are therefore wanted before an outage is believed.
//!
//! A doubt is refuted when a source that failed succeeds at its recheck. Refuted doubts of
//! unrelated sources show that packets are lost on the way, and how many. Chance alone then makes
//! failures in a row, so more in a row are wanted than chance makes. Before any doubt can have been
//! refuted, many simultaneous doubts and slow answers are signs of loss too.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use super::Watch;
use crate::cause::CauseCode;
use crate::outline::{NodeId, Outline};
use crate::sample::Sample;
use crate::world::World;

/// The checks and refuted doubts of this period are evaluated.
const WINDOW: Duration = Duration::from_mins(1);
/// How many unrelated hosts must have refuted a doubt before the link is suspected.
const HOSTS: usize = 4;
/// How many doubts must be refuted before the link is suspected if fewer hosts refuted them.
const OFTEN: usize = 4;
/// The share of checks that fail by chance on an ordinary link. A lower share is no loss.
const USUAL: f64 = 0.008;
/// How long before the first refuted doubt the loss is taken to have begun: the check failed, and
/// was repeated.
const BEFORE: Duration = Duration::from_secs(10);
/// A row of failures that is less likely than this by chance is taken for an outage.
const CHANCE: f64 = 1e-8;
/// How many refuted doubts of one source show that its own path loses packets.
const OWN: usize = 3;
/// The longest row that is wanted of checks with a long deadline.
const MOST: u32 = 12;
/// The longest time that a wanted row of checks with a short deadline may take.
const LENGTH: Duration = Duration::from_mins(3);

/// The shortest pause that counts between two failures of a row, unless `retry` is shorter.
const PACE: Duration = Duration::from_secs(5);
/// A check that takes longer is slow.
const SLOW: Duration = Duration::from_secs(2);
/// The seconds, and the least number of checks in them, from which the share of slow checks is
/// taken.
const LATELY: u64 = 15;
const FEW: u32 = 10;
/// A failed lookup that took longer was a silent resolver, and not a name that does not exist.
const LATE: Duration = Duration::from_secs(1);
/// How many more failures are wanted while many checks are slow.
const PATIENCE: u32 = 2;
/// How many unrelated hosts in doubt at once are a sign that this machine's link loses packets.
const CROWD: usize = 3;
/// A deadline shorter than this has room for two lost packets of a handshake, sent again after one
/// second and after two more (RFC 6298): two such checks in a row can fail on a link that loses one
/// packet in twenty.
const SHORT: Duration = Duration::from_secs(7);
/// Older doubts are no sign of loss now.
const RECENT: Duration = Duration::from_secs(30);
/// The largest number of doubts that is examined.
const LOOK_AT: usize = 64;

/// How a check failed. An outage mostly fails in one way; a row of failures of several kinds may be
/// several accidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The name of the host was not resolved.
    Name,
    /// Nothing came back before the deadline.
    Silence,
    /// Something came back that is no good answer.
    Answer,
}

impl FailureKind {
    /// The kind of a sample that failed.
    pub(super) fn of(sample: &Sample) -> Self {
        match sample.cause.as_ref().map(|cause| cause.code) {
            Some(CauseCode::Dns) => Self::Name,
            Some(CauseCode::Timeout) => Self::Silence,
            _ => Self::Answer,
        }
    }
}

/// Checks that took this many seconds or more are counted together.
const LONGEST: usize = 7;

/// The checks that ended in one second.
#[derive(Clone, Copy, Debug)]
struct EndedChecks {
    second: u64,
    /// How many took so many whole seconds. The last entry counts all longer ones too.
    took: [u32; LONGEST + 1],
    /// How many took longer than [`SLOW`].
    slow: u32,
}

impl EndedChecks {
    /// How many took at least `least` seconds.
    fn count(&self, least: usize) -> u32 {
        self.took[least.min(LONGEST)..].iter().sum()
    }
}

/// The length of a row of failures that chance does not make, if this share of checks fails by
/// chance.
fn row_of(share: f64, most: u32) -> u32 {
    let row = (CHANCE.ln() / share.min(0.9).ln()).ceil();
    (row as u32).clamp(2, most)
}

/// The checks and the refuted doubts of the last minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Loss {
    /// Checks that ended, by the second in which they ended.
    asked: VecDeque<EndedChecks>,
    /// Refuted doubts: when, of which source, and its failure domain.
    refuted: VecDeque<(Duration, NodeId, u32)>,
    /// Sources in doubt with a failure that this machine's network may have caused.
    perhaps_ours: HashSet<NodeId>,
    /// The kind of the first failure of each source in doubt.
    first: HashMap<NodeId, FailureKind>,
}

impl Loss {
    /// Records a check that ended now and took so long.
    pub(super) fn record_check(&mut self, now: Duration, took: Duration) {
        self.pass(now);
        let second = now.as_secs();
        if self.asked.back().is_none_or(|last| last.second != second) {
            let took = [0; LONGEST + 1];
            let slow = 0;
            self.asked.push_back(EndedChecks { second, took, slow });
        }
        if let Some(last) = self.asked.back_mut() {
            last.took[(took.as_secs() as usize).min(LONGEST)] += 1;
            last.slow += u32::from(took > SLOW);
        }
    }

    /// True while more than two in five recent checks are slow.
    fn is_slow(&self, now: Duration) -> bool {
        let first = now.as_secs().saturating_sub(LATELY);
        let lately = self.asked.iter().rev();
        let lately = lately.take_while(|ended| ended.second >= first);
        let sum = |(all, slow), ended: &EndedChecks| (all + ended.count(0), slow + ended.slow);
        let (all, slow) = lately.fold((0, 0), sum);
        all >= FEW && slow * 5 > all * 2
    }

    /// Records that a source in doubt succeeded. Hosts of one `failure_domain` are related.
    pub(super) fn refuted(&mut self, now: Duration, node: NodeId, failure_domain: u32) {
        self.refuted.push_back((now, node, failure_domain));
    }

    /// The least number of failures in a row after which a source is believed to be down; 1 while
    /// no packets are lost. `short`: the short deadline that the check reached in silence, and the
    /// pause until the next check.
    pub(super) fn row(
        &mut self,
        now: Duration,
        node: NodeId,
        failure_domain: Option<u32>,
        short: Option<(Duration, Duration)>,
    ) -> u32 {
        self.pass(now);
        if self.refuted.len() < OWN.min(HOSTS) {
            return 1;
        }
        let own = self.refuted.iter().filter(|(_, of, _)| *of == node).count();
        if own >= OWN && short.is_none() {
            return MOST;
        }
        let others = self
            .refuted
            .iter()
            .filter(|(_, _, of)| Some(*of) != failure_domain);
        let hosts: HashSet<u32> = others.clone().map(|(_, _, of)| *of).collect();
        let count = others.count();
        let share = count as f64 / f64::from(self.asked_since_first(0).max(1));
        let several = hosts.len() >= HOSTS || (hosts.len() > 1 && count >= OFTEN);
        if !several || share < USUAL {
            return if own >= OWN { MOST } else { 1 };
        }
        let Some((deadline, pause)) = short else {
            return row_of(share, MOST);
        };
        // So many of all checks would have reached this deadline too.
        let long = self.asked_since_first(deadline.as_secs() as usize);
        let share = share.max(f64::from(long) / f64::from(self.asked_since_first(0).max(1)));
        let most = LENGTH.as_secs_f64() / (deadline + pause).as_secs_f64().max(1.0);
        row_of(share, MOST.max(most as u32))
    }

    /// How many checks that took at least so many seconds ended since shortly before the first
    /// refuted doubt.
    fn asked_since_first(&self, least: usize) -> u32 {
        let first = self
            .refuted
            .front()
            .map_or(Duration::ZERO, |(then, ..)| *then);
        let first = first.saturating_sub(BEFORE).as_secs();
        let since = self.asked.iter().rev();
        let since = since.take_while(|ended| ended.second >= first);
        since.map(|ended| ended.count(least)).sum()
    }

    /// Forgets the nodes that are gone.
    pub(super) fn forget_gone(&mut self, outline: &Outline) {
        self.perhaps_ours.retain(|node| outline.has(*node));
        self.first.retain(|node, _| outline.has(*node));
        self.refuted.retain(|(_, node, _)| outline.has(*node));
    }

    fn pass(&mut self, now: Duration) {
        let first = now.as_secs().saturating_sub(WINDOW.as_secs());
        while self.asked.front().is_some_and(|ended| ended.second < first) {
            self.asked.pop_front();
        }
        while self
            .refuted
            .front()
            .is_some_and(|(then, _, _)| *then + WINDOW < now)
        {
            self.refuted.pop_front();
        }
    }
}

impl Watch {
    /// The number of failures in a row after which a source is believed to be down now. `failed`:
    /// how the check failed, if this machine's network can be at fault for that. The check began
    /// and ended at these times.
    pub(super) fn row(
        &mut self,
        world: &World,
        now: Duration,
        node: NodeId,
        (began, ended): (Duration, Duration),
        failed: Option<FailureKind>,
    ) -> u32 {
        let rules = world.outline().node(node).rules;
        if !self.connectivity.is_beyond(world, node) {
            return rules.down_after;
        }
        let took = ended.saturating_sub(began);
        if failed.is_none() || !self.doubted.contains_key(&node) {
            self.loss.perhaps_ours.remove(&node);
            self.loss.first.remove(&node);
        }
        self.loss.record_check(now, took);
        let Some(kind) = failed else {
            return rules.down_after;
        };
        let is_mixed = *self.loss.first.entry(node).or_insert(kind) != kind;
        // A resolver that was silent during the check may answer by now.
        let is_late_name = kind == FailureKind::Name && took >= LATE;
        if is_mixed || is_late_name || !self.connectivity.was_there(world, node, (began, ended)) {
            self.loss.perhaps_ours.insert(node);
        }
        let failure_domain = self.connectivity.failure_domain(world, node);
        let is_short = kind == FailureKind::Silence && took < SHORT;
        let short = is_short.then_some((took, rules.retry));
        let row = self.loss.row(now, node, failure_domain, short);
        // A row that is over within moments, however often the source is checked, is mostly lost
        // packets.
        let since = self.doubted.get(&node).copied().unwrap_or(now);
        let least = rules.retry.min(PACE) * (row.max(rules.down_after) - 1);
        if now.saturating_sub(since) < least {
            return u32::MAX;
        }
        let patience = if self.loss.is_slow(now) { PATIENCE } else { 0 };
        let down_after = rules.down_after.max(row).saturating_add(patience);
        let is_clear = !self.loss.perhaps_ours.contains(&node);
        let crowd = if is_short { 1 } else { CROWD };
        if is_clear && !self.is_crowded(world, now, failure_domain, crowd) {
            down_after
        } else {
            down_after.saturating_add(1)
        }
    }

    /// True while at least `crowd` hosts, unrelated to this source and to each other, are in doubt
    /// too or have just refuted a doubt.
    fn is_crowded(
        &self,
        world: &World,
        now: Duration,
        failure_domain: Option<u32>,
        crowd: usize,
    ) -> bool {
        let recent = |since: &Duration| *since + RECENT >= now;
        let doubted = self.doubted.iter().filter(|(_, since)| recent(since));
        let refuted = self.loss.refuted.iter();
        let refuted = refuted.filter(|(then, _, of)| recent(then) && Some(*of) != failure_domain);
        let mut others: HashSet<u32> = refuted.map(|(_, _, of)| *of).collect();
        if others.len() >= crowd {
            return true;
        }
        doubted.take(LOOK_AT).any(|(node, _)| {
            let other = self.connectivity.failure_domain(world, *node);
            others.extend(other.filter(|_| other != failure_domain));
            others.len() >= crowd
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row that is wanted if so many doubts of so many hosts were refuted among 400 checks.
    fn check(refuted: usize, hosts: usize, expected: u32) {
        let mut loss = Loss::default();
        for i in 0..400_u64 {
            loss.record_check(Duration::from_millis(i * 150), Duration::ZERO);
        }
        let now = Duration::from_mins(1);
        for i in 0..refuted {
            loss.refuted(
                Duration::from_secs(2),
                NodeId::at(10 + i % hosts),
                (i % hosts) as u32,
            );
        }
        let row = loss.row(now, NodeId::at(1), Some(99), None);
        assert_eq!(row, expected, "{refuted} of {hosts}");
        let over = loss.row(now * 3, NodeId::at(1), Some(99), None);
        assert_eq!(over, 1, "it is over");
    }

    #[test]
    fn the_more_packets_are_lost_the_longer_a_row_is_wanted() {
        check(0, 1, 1);
        check(3, 3, 1);
        check(20, 1, 1);
        check(20, 3, 7);
        check(4, 4, 5);
        check(12, 8, 6);
        check(40, 30, 9);
        check(120, 60, 12);
    }

    /// The row that is wanted of a check with a deadline of so many seconds, one check every 5 s
    /// after it, while packets are lost and every second check takes 3 s.
    fn check_short(deadline: u64, expected: u32) {
        let mut loss = Loss::default();
        for i in 0..400_u64 {
            let took = Duration::from_secs(if i % 2 == 0 { 3 } else { 0 });
            loss.record_check(Duration::from_millis(i * 150), took);
        }
        for host in 0..8 {
            let node = NodeId::at(10 + host as usize);
            loss.refuted(Duration::from_secs(2), node, host);
        }
        let short = Some((Duration::from_secs(deadline), Duration::from_secs(5)));
        let row = loss.row(Duration::from_mins(1), NodeId::at(1), Some(99), short);
        assert_eq!(row, expected, "{deadline} s");
    }

    #[test]
    fn a_deadline_that_many_checks_reach_wants_a_longer_row() {
        check_short(1, 27);
        check_short(3, 22);
        check_short(5, 5);
    }
}
