//! Likeness: failures over IPv6 and failures to resolve a name. References that answer over IPv4 or
//! by address say nothing about them. Such a failure waits until sources like it were checked. If
//! those fail too, what they have in common is at fault: this machine's IPv6 or its resolver.

use std::collections::BTreeSet;
use std::time::Duration;

use super::attribution::Attribution;
use super::reference_group::GroupState;
use super::{ConnectivityGuard, GuardOutput, OwnHold, Reach, reach};
use crate::detail::Value;
use crate::outline::NodeId;
use crate::sample::Sample;
use crate::world::World;

/// How long sources that were checked for their likeness have to answer.
const WAIT: Duration = Duration::from_secs(15);
/// How long a source is held for its likeness before the sources like it are checked anew.
const AGAIN: Duration = Duration::from_mins(1);
/// Of at most this many sources, two that fail are enough.
const FEW: usize = 40;
/// The largest number of sources that are checked for their likeness.
const MOST: usize = 100;
/// The pause between the checks of two such sources.
const STEP: Duration = Duration::from_millis(20);

/// What a failure has in common with failures of unrelated hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// The failed check used IPv6.
    Ipv6,
    /// The source's name was not resolved.
    Name,
}

/// A poll: the sources like one that failed are being checked.
#[derive(Clone, Debug)]
pub(super) struct Poll {
    since: Duration,
    like: Likeness,
    /// The sources that have not answered yet.
    asked: BTreeSet<usize>,
    /// How many sources are checked.
    total: usize,
    /// The failure domains of those that failed in the same way.
    failed: BTreeSet<u32>,
    /// True when a source of another host got through.
    answered: bool,
}

impl Poll {
    /// When the poll ends at the latest.
    pub(super) fn due(&self) -> Duration {
        self.since + WAIT
    }
}

impl ConnectivityGuard {
    /// What a failure of this source has in common with others; `None` where the references can
    /// explain it.
    pub(super) fn likeness(&self, index: usize, attribution: Attribution) -> Option<Likeness> {
        match attribution {
            Attribution::Name => Some(Likeness::Name),
            Attribution::Doubtful if self.sources[index].ipv6 => Some(Likeness::Ipv6),
            _ => None,
        }
    }

    /// Learns whether a source with a host name is reached over IPv6.
    pub(super) fn learn(&mut self, index: usize, sample: &Sample) {
        let source = &mut self.sources[index];
        if let Some(Value::Text(remote)) = sample.detail.get("remote")
            && source
                .guarded
                .reach
                .host()
                .is_some_and(|host| !reach::is_address(host))
        {
            source.ipv6 = remote.starts_with('[') || remote.matches(':').count() > 1;
        }
    }

    /// The sources like this one, each of another failure domain.
    fn alike(&self, world: &World, like: Likeness, group: usize) -> Vec<usize> {
        let mut failure_domains = BTreeSet::new();
        let is_like = |index: &usize| {
            let source = &self.sources[*index];
            let named = source
                .guarded
                .reach
                .host()
                .is_some_and(|host| !reach::is_address(host));
            let is_like = match like {
                Likeness::Ipv6 => source.ipv6,
                Likeness::Name => named,
            };
            is_like
                && source.guarded.group == Some(group)
                && matches!(source.guarded.reach, Reach::Host { .. })
                && (!source.held || source.own_hold == Some(OwnHold::Like(like)))
                && !super::sampled::is_believed_bad(world, source.guarded.node)
        };
        let sources = (0..self.sources.len()).filter(is_like);
        sources
            .filter(|index| {
                self.sources[*index]
                    .failure_domain
                    .is_some_and(|failure_domain| failure_domains.insert(failure_domain))
            })
            .collect()
    }

    /// Starts a poll for a failure that the references do not explain. Returns false when there are
    /// no sources like it, so that the failure need not wait.
    pub(super) fn doubt(
        &mut self,
        world: &World,
        now: Duration,
        (group, index): (usize, usize),
        like: Likeness,
        output: &mut GuardOutput,
    ) -> bool {
        let polls = &self.groups[group].polls_alike;
        if polls.iter().any(|poll| poll.like == like) {
            return true;
        }
        let failure_domain = self.sources[index].failure_domain;
        let others = self.alike(world, like, group).into_iter();
        let others = others.filter(|other| self.sources[*other].failure_domain != failure_domain);
        let asked: BTreeSet<usize> = others.take(MOST).collect();
        if asked.is_empty() {
            return false;
        }
        let nodes = asked.iter().map(|index| self.sources[*index].guarded.node);
        let nodes = nodes.zip(0_u32..).map(|(node, i)| (node, STEP * i));
        output.recheck.extend(nodes);
        self.groups[group].polls_alike.push(Poll {
            since: now,
            like,
            total: asked.len(),
            asked,
            failed: BTreeSet::new(),
            answered: false,
        });
        true
    }

    /// Processes a sample of a source that may be part of a poll.
    pub(super) fn polled(&mut self, began: Duration, index: usize, attribution: Attribution) {
        let Some(group) = self.sources[index].guarded.group else {
            return;
        };
        for poll in &mut self.groups[group].polls_alike {
            if began >= poll.since && poll.asked.remove(&index) {
                poll.answered |= match poll.like {
                    Likeness::Ipv6 => attribution == Attribution::Answered,
                    Likeness::Name => attribution != Attribution::Name,
                };
                let is_same = match poll.like {
                    Likeness::Ipv6 => attribution == Attribution::Doubtful,
                    Likeness::Name => attribution == Attribution::Name,
                };
                if is_same {
                    poll.failed.extend(self.sources[index].failure_domain);
                }
            }
        }
    }

    /// Ends the polls that have a result: the failures that waited for them are held or judged.
    pub(super) fn settle_alike(
        &mut self,
        world: &World,
        now: Duration,
        group: usize,
        output: &mut GuardOutput,
    ) {
        if self.groups[group].stage != GroupState::Well {
            return;
        }
        let polls = std::mem::take(&mut self.groups[group].polls_alike);
        for poll in polls {
            let waiting = self.groups[group].waiting.iter();
            let alike = waiting.filter(|waiting| waiting.like == Some(poll.like));
            let alike = alike.filter_map(|waiting| self.sources[waiting.index].failure_domain);
            let failed: BTreeSet<u32> = alike.chain(poll.failed.iter().copied()).collect();
            let failed = failed.len();
            let is_over = poll.asked.is_empty() || now >= poll.due();
            // A failed resolver may still know some names, while IPv6 fails as a whole. Of very
            // many names, two may be gone for two unrelated reasons.
            let ours = match poll.like {
                Likeness::Name => failed > 2 || failed == 2 && is_over && poll.total <= FEW,
                Likeness::Ipv6 => failed > 1 && !poll.answered && is_over,
            };
            let theirs = match poll.like {
                Likeness::Name => is_over,
                Likeness::Ipv6 => is_over || poll.answered,
            };
            if !ours && !theirs {
                self.groups[group].polls_alike.push(poll);
                continue;
            }
            let all = std::mem::take(&mut self.groups[group].waiting);
            // Later samples of the same source wait behind its failure.
            let alike = all.iter().filter(|waiting| waiting.like == Some(poll.like));
            let alike: BTreeSet<NodeId> = alike.map(|waiting| waiting.observation.node).collect();
            let mut rest = Vec::new();
            for waiting in all {
                if !alike.contains(&waiting.observation.node) {
                    rest.push(waiting);
                } else if ours {
                    let source = &mut self.sources[waiting.index];
                    (source.own_hold, source.alike_since) = (Some(OwnHold::Like(poll.like)), now);
                } else if waiting.was_alike {
                    self.sources[waiting.index].own_hold = None;
                    // The check began while all sources like it failed, so it proves nothing.
                    let retry = world.outline().node(waiting.observation.node).rules.retry;
                    output.recheck.push((waiting.observation.node, retry));
                } else {
                    output.passed.push(waiting.observation);
                }
            }
            self.groups[group].waiting = rest;
        }
    }

    /// Returns true when a failure of a source that is held for its likeness should start a new
    /// poll.
    pub(super) fn is_to_be_doubted(&mut self, now: Duration, index: usize) -> bool {
        let source = &mut self.sources[index];
        let is_ripe =
            matches!(source.own_hold, Some(OwnHold::Like(_))) && now >= source.alike_since + AGAIN;
        if is_ripe {
            source.alike_since = now;
        }
        is_ripe
    }
}
