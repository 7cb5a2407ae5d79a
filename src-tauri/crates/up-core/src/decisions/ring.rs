//! The rings: the last decisions about each source, bounded for each source and for all together.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::cause::Cause;
use crate::change::Change;
use crate::connectivity::{ConnectivityEvent, GuardedSources};
use crate::journal::ToldNotice;
use crate::journal::{Answers, Decision, DecisionKind, NetworkDecision};
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::notice::{Notice, NoticeKind};
use crate::outline::{NodeId, Outline};
use crate::sample::Timestamp;
use crate::status::Level;
use crate::world::{NodeState, World};

/// The largest number of decisions in one ring.
pub(super) const EACH: usize = 40;
/// The largest number of decisions in all rings. Beyond it, the longest rings are cut.
pub(super) const ALL: usize = 80_000;
/// No ring is cut to fewer decisions than this.
const LEAST: usize = 2;

/// The recorded decisions. A source that was never in doubt has no ring.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decisions {
    /// The time of the decisions that are recorded now, in Unix seconds.
    now: Timestamp,
    rings: BTreeMap<NodeId, VecDeque<Decision>>,
    count: usize,
    /// The references of each reference group.
    references: Vec<Arc<[String]>>,
    /// The last answers of each group's references.
    answers: BTreeMap<u16, Arc<Answers>>,
    /// The sinks that receive notices.
    sinks: Arc<[Arc<str>]>,
}

impl Decisions {
    /// Sets the time of the decisions that are recorded from now on.
    pub(crate) fn at(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Sets the sinks that receive notices.
    pub(crate) fn sinks(&mut self, sinks: Arc<[Arc<str>]>) {
        self.sinks = sinks;
    }

    /// Sets the reference groups of the plan.
    pub(crate) fn guarded(&mut self, sources: &GuardedSources) {
        let groups = sources.groups.iter();
        self.references = groups.map(|group| Arc::from(group.to_vec())).collect();
        self.answers.clear();
    }

    /// Remembers the answers of references, for the decisions that follow from them.
    pub(crate) fn record_answers(&mut self, news: &ConnectivityEvent) {
        let ConnectivityEvent::Answers {
            group: Some(group),
            replies,
            resolver,
        } = news
        else {
            return;
        };
        let Some(references) = self.references.get(*group) else {
            return;
        };
        let answers = Answers {
            references: Arc::clone(references),
            replies: replies.as_slice().into(),
            resolver: *resolver,
        };
        self.answers.insert(*group as u16, Arc::new(answers));
    }

    /// Records what the judge made of a sample. `doubted` says whether the source was in doubt
    /// before.
    pub(crate) fn judged(
        &mut self,
        node: NodeId,
        state: &NodeState,
        (doubted, wanted): (bool, u32),
        change: Option<(&Change, bool, Mood)>,
    ) {
        let doubt = state.judge.doubt();
        if let Some((change, alertable, mood)) = change {
            if change.from == Verdict::Unasked && change.to == Verdict::At(Level::Up) {
                // The silent baseline is recorded only if something else is.
                if doubted {
                    self.unconfirmed(node);
                    self.record(node, DecisionKind::Baseline);
                }
                return;
            }
            self.begin(node, change.since.date, change.from);
            let cause = self.shared(node, change.cause.as_ref());
            self.record(
                node,
                DecisionKind::Believed {
                    from: change.from,
                    to: change.to,
                    of: short(wanted),
                    alertable,
                    mood,
                    cause,
                },
            );
        } else if state.judge.flapping().is_some() {
            // What is believed beneath flapping changes silently: no check confirms anything.
            return;
        } else if doubt.is_none() {
            self.unconfirmed(node);
        }
        if let Some((against, count)) = doubt {
            let judge = &state.judge;
            self.begin(node, judge.since().date, judge.believed());
            let sample = state.sample.as_ref();
            let cause = self.shared(node, sample.and_then(|sample| sample.cause.as_ref()));
            // Where some time must pass first, at least one more check is needed.
            let wanted = wanted.max(count + 1);
            self.record(
                node,
                DecisionKind::Doubt {
                    against,
                    count: short(count),
                    of: short(wanted),
                    cause,
                },
            );
        }
    }

    /// Records the baseline before the first other decision about a source.
    fn begin(&mut self, node: NodeId, since: Timestamp, believed: Verdict) {
        if believed == Verdict::At(Level::Up) && !self.rings.contains_key(&node) {
            let now = std::mem::replace(&mut self.now, since);
            self.record(node, DecisionKind::Baseline);
            self.now = now;
        }
    }

    /// Shares an equal cause with the previous decision.
    fn shared(&self, node: NodeId, cause: Option<&Cause>) -> Option<Arc<Cause>> {
        let cause = cause?;
        let last = self.rings.get(&node).and_then(VecDeque::back);
        let last = last.and_then(|last| match &last.what {
            DecisionKind::Doubt { cause, .. } => cause.as_ref(),
            _ => None,
        });
        let same = last.filter(|last| ***last == *cause);
        Some(same.map_or_else(|| Arc::new(cause.clone()), Arc::clone))
    }

    /// Marks the last doubt as unconfirmed.
    fn unconfirmed(&mut self, node: NodeId) {
        let last = self.rings.get_mut(&node).and_then(VecDeque::back_mut);
        if let Some(Decision { what, .. }) = last
            && let DecisionKind::Doubt {
                against,
                count,
                of,
                cause,
            } = what
        {
            *what = DecisionKind::Unconfirmed {
                against: *against,
                count: *count,
                of: *of,
                cause: cause.take(),
            };
        }
    }

    /// Records that a notice was sent. A notice whose sources are all gone is not recorded.
    pub(crate) fn record_notice(&mut self, notice: &Notice) {
        if notice.kind == NoticeKind::Withdrawn {
            return;
        }
        let told = Arc::new(ToldNotice::of(notice, &self.sinks));
        for member in &notice.members {
            self.record(member.node, DecisionKind::Told(Arc::clone(&told)));
        }
    }

    /// Records the decisions of the guard or the dispatcher.
    pub(crate) fn extend(&mut self, decided: Vec<(NodeId, DecisionKind)>) {
        for (node, what) in decided {
            self.record(node, what);
        }
    }

    /// Records a decision about a source.
    pub(crate) fn record(&mut self, node: NodeId, mut what: DecisionKind) {
        if let DecisionKind::Network { group, answers, .. } = &mut what {
            *answers = self.answers.get(group).cloned();
        }
        let ring = self.rings.entry(node).or_default();
        let decision = Decision { at: self.now, what };
        match ring.back_mut() {
            Some(last) if goes_on(&last.what, &decision.what) => {
                let at = match decision.what {
                    // Since when, and not until when.
                    DecisionKind::Doubt { .. } | DecisionKind::RateLimited => last.at,
                    _ => decision.at,
                };
                *last = Decision { at, ..decision };
                return;
            }
            _ => {}
        }
        if ring.len() == EACH {
            ring.pop_front();
        } else {
            self.count += 1;
        }
        ring.push_back(decision);
        if self.count > ALL {
            self.cut();
        }
    }

    /// Cuts the longest rings until there is room.
    fn cut(&mut self) {
        let mut most = EACH;
        while self.count > ALL / 4 * 3 && most > LEAST {
            most = (most / 2).max(LEAST);
            for ring in self.rings.values_mut() {
                let surplus = ring.len().saturating_sub(most);
                self.count -= ring.drain(..surplus).count();
                ring.shrink_to_fit();
            }
        }
    }

    /// The number of decisions in all rings.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Forgets the nodes that are gone.
    pub(crate) fn forget_gone(&mut self, outline: &Outline) {
        self.rings.retain(|node, _| outline.has(*node));
        self.count = self.rings.values().map(VecDeque::len).sum();
    }

    /// The decisions about a source, oldest first. A source that was never in doubt has only its
    /// baseline.
    pub(crate) fn of(&self, world: &World, node: NodeId) -> Vec<Decision> {
        if let Some(ring) = self.rings.get(&node) {
            return ring.iter().cloned().collect();
        }
        let state = world.state(node);
        let is_up = state.judge.believed() == Verdict::At(Level::Up);
        let baseline = Decision {
            at: state.judge.since().date,
            what: DecisionKind::Baseline,
        };
        is_up.then_some(baseline).into_iter().collect()
    }
}

/// True when `next` replaces `last`, because it is the same decision with new numbers.
fn goes_on(last: &DecisionKind, next: &DecisionKind) -> bool {
    use DecisionKind::{Doubt, Network as Guard, RateLimited, Silenced, Told};
    match (last, next) {
        (Doubt { against: last, .. }, Doubt { against: next, .. }) => last == next,
        (
            Guard {
                found: NetworkDecision::Waits,
                ..
            },
            Guard { .. },
        )
        | (RateLimited, RateLimited)
        | (Silenced { .. }, Silenced { .. }) => true,
        (Guard { found: last, .. }, Guard { found: next, .. }) => last == next,
        (Told(last), Told(next)) => {
            last.id == next.id
                && (last.kind, next.kind) == (NoticeKind::Reminder, NoticeKind::Reminder)
        }
        _ => false,
    }
}

/// A count in the size in which it is stored.
fn short(count: u32) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
