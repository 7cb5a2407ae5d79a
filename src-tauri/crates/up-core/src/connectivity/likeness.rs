//! Likeness: failures over IPv6 and failures to resolve a name. References that answer over IPv4 or
//! by address say nothing about them. Such a failure waits until sources like it were checked. If
//! those fail too, what they have in common is at fault: this machine's IPv6 or its resolver.

use std::collections::BTreeSet;
use std::time::Duration;

use super::attribution::Attribution;
use super::reference_group::GroupState;
use super::{Alone, ConnectivityGuard, GuardOutput, Reach, reach};
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
    pub(super) fn likeness(&self, seat: usize, tone: Attribution) -> Option<Likeness> {
        match tone {
            Attribution::Name => Some(Likeness::Name),
            Attribution::Doubtful if self.places[seat].ipv6 => Some(Likeness::Ipv6),
            _ => None,
        }
    }

    /// Learns whether a source with a host name is reached over IPv6.
    pub(super) fn learn(&mut self, seat: usize, sample: &Sample) {
        let place = &mut self.places[seat];
        if let Some(Value::Text(remote)) = sample.detail.get("remote")
            && place
                .seat
                .reach
                .host()
                .is_some_and(|host| !reach::is_address(host))
        {
            place.ipv6 = remote.starts_with('[') || remote.matches(':').count() > 1;
        }
    }

    /// The sources like this one, each of another failure domain.
    fn alike(&self, world: &World, like: Likeness, circle: usize) -> Vec<usize> {
        let mut kins = BTreeSet::new();
        let is_like = |seat: &usize| {
            let place = &self.places[*seat];
            let named = place
                .seat
                .reach
                .host()
                .is_some_and(|host| !reach::is_address(host));
            let is_like = match like {
                Likeness::Ipv6 => place.ipv6,
                Likeness::Name => named,
            };
            is_like
                && place.seat.circle == Some(circle)
                && matches!(place.seat.reach, Reach::Host { .. })
                && (!place.held || place.alone == Some(Alone::Like(like)))
                && !super::sampled::is_believed_bad(world, place.seat.node)
        };
        let seats = (0..self.places.len()).filter(is_like);
        seats
            .filter(|seat| self.places[*seat].kin.is_some_and(|kin| kins.insert(kin)))
            .collect()
    }

    /// Starts a poll for a failure that the references do not explain. Returns false when there are
    /// no sources like it, so that the failure need not wait.
    pub(super) fn doubt(
        &mut self,
        world: &World,
        now: Duration,
        (circle, seat): (usize, usize),
        like: Likeness,
        steps: &mut GuardOutput,
    ) -> bool {
        let polls = &self.circles[circle].polls_alike;
        if polls.iter().any(|poll| poll.like == like) {
            return true;
        }
        let kin = self.places[seat].kin;
        let others = self.alike(world, like, circle).into_iter();
        let others = others.filter(|other| self.places[*other].kin != kin);
        let asked: BTreeSet<usize> = others.take(MOST).collect();
        if asked.is_empty() {
            return false;
        }
        let nodes = asked.iter().map(|seat| self.places[*seat].seat.node);
        let nodes = nodes.zip(0_u32..).map(|(node, i)| (node, STEP * i));
        steps.recheck.extend(nodes);
        self.circles[circle].polls_alike.push(Poll {
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
    pub(super) fn polled(&mut self, began: Duration, seat: usize, tone: Attribution) {
        let Some(circle) = self.places[seat].seat.circle else {
            return;
        };
        for poll in &mut self.circles[circle].polls_alike {
            if began >= poll.since && poll.asked.remove(&seat) {
                poll.answered |= match poll.like {
                    Likeness::Ipv6 => tone == Attribution::Answered,
                    Likeness::Name => tone != Attribution::Name,
                };
                let is_same = match poll.like {
                    Likeness::Ipv6 => tone == Attribution::Doubtful,
                    Likeness::Name => tone == Attribution::Name,
                };
                if is_same {
                    poll.failed.extend(self.places[seat].kin);
                }
            }
        }
    }

    /// Ends the polls that have a result: the failures that waited for them are held or judged.
    pub(super) fn settle_alike(
        &mut self,
        world: &World,
        now: Duration,
        circle: usize,
        steps: &mut GuardOutput,
    ) {
        if self.circles[circle].stage != GroupState::Well {
            return;
        }
        let polls = std::mem::take(&mut self.circles[circle].polls_alike);
        for poll in polls {
            let waiting = self.circles[circle].waiting.iter();
            let alike = waiting.filter(|waiting| waiting.like == Some(poll.like));
            let alike = alike.filter_map(|waiting| self.places[waiting.seat].kin);
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
                self.circles[circle].polls_alike.push(poll);
                continue;
            }
            let all = std::mem::take(&mut self.circles[circle].waiting);
            // Later samples of the same source wait behind its failure.
            let alike = all.iter().filter(|waiting| waiting.like == Some(poll.like));
            let alike: BTreeSet<NodeId> = alike.map(|waiting| waiting.node).collect();
            let mut rest = Vec::new();
            for waiting in all {
                if !alike.contains(&waiting.node) {
                    rest.push(waiting);
                } else if ours {
                    let place = &mut self.places[waiting.seat];
                    (place.alone, place.alike_since) = (Some(Alone::Like(poll.like)), now);
                } else if waiting.was_alike {
                    self.places[waiting.seat].alone = None;
                    // The check began while all sources like it failed, so it proves nothing.
                    let retry = world.outline().node(waiting.node).rules.retry;
                    steps.recheck.push((waiting.node, retry));
                } else {
                    steps.passed.push(waiting.passed());
                }
            }
            self.circles[circle].waiting = rest;
        }
    }

    /// Returns true when a failure of a source that is held for its likeness should start a new
    /// poll.
    pub(super) fn is_to_be_doubted(&mut self, now: Duration, seat: usize) -> bool {
        let place = &mut self.places[seat];
        let is_ripe =
            matches!(place.alone, Some(Alone::Like(_))) && now >= place.alike_since + AGAIN;
        if is_ripe {
            place.alike_since = now;
        }
        is_ripe
    }
}
