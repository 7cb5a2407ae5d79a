//! Like with like: what answers over IPv4, or without a name, says nothing of IPv6 and of names. A
//! failure over IPv6 or of a name, which the references do not explain, waits until sources like it
//! were asked; where they fail too, what they share is at fault, and that is ours.

use std::collections::BTreeSet;
use std::time::Duration;

use super::attribution::Attribution;
use super::reference_group::GroupState;
use super::{Alone, ConnectivityGuard, GuardOutput, Reach, reach};
use crate::detail::Value;
use crate::outline::NodeId;
use crate::sample::Sample;
use crate::world::World;

/// Sources that are asked for their likeness have so long.
const WAIT: Duration = Duration::from_secs(15);
/// Held for so long, a source that goes on failing has its like asked anew.
const AGAIN: Duration = Duration::from_mins(1);
/// Of so many, two that fail are many.
const FEW: usize = 40;
/// So many are asked at most.
const MOST: usize = 100;
/// They are asked one after the other, within a few seconds.
const STEP: Duration = Duration::from_millis(20);

/// What a failure shares with others that are not related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// It went over IPv6.
    Ipv6,
    /// Its name was not resolved.
    Name,
}

/// Sources that are like one that failed are being asked.
#[derive(Clone, Debug)]
pub(super) struct Poll {
    since: Duration,
    like: Likeness,
    /// Seats that have not answered yet.
    asked: BTreeSet<usize>,
    /// How many are asked.
    total: usize,
    /// Hosts of those that failed in the same way.
    failed: BTreeSet<u32>,
    /// One of another host got through.
    answered: bool,
}

impl Poll {
    /// When it is over at the latest.
    pub(super) fn due(&self) -> Duration {
        self.since + WAIT
    }
}

impl ConnectivityGuard {
    /// What a failure of this seat shares with others; `None` where the references speak for it.
    pub(super) fn likeness(&self, seat: usize, tone: Attribution) -> Option<Likeness> {
        match tone {
            Attribution::Name => Some(Likeness::Name),
            Attribution::Doubtful if self.places[seat].ipv6 => Some(Likeness::Ipv6),
            _ => None,
        }
    }

    /// Learns over which protocol a named host answers.
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

    /// The seats that are like this, of hosts that are not related to each other.
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

    /// The references answer, and yet this failed: sources like it are asked. False when there are
    /// none, and nothing is to be waited for.
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

    /// A sample that came of a seat, be it that it was asked for its likeness.
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

    /// Decides what is ripe: failures that wait for their like are held, or judged.
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
            // Of names some may fail, a protocol fails as a whole. Two names of very many may be gone
            // for two reasons.
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
            // Whatever came of the same source since waits behind it.
            let alike = all.iter().filter(|waiting| waiting.like == Some(poll.like));
            let alike: BTreeSet<NodeId> = alike.map(|waiting| waiting.observation.node).collect();
            let mut rest = Vec::new();
            for waiting in all {
                if !alike.contains(&waiting.observation.node) {
                    rest.push(waiting);
                } else if ours {
                    let place = &mut self.places[waiting.seat];
                    (place.alone, place.alike_since) = (Some(Alone::Like(poll.like)), now);
                } else if waiting.was_alike {
                    self.places[waiting.seat].alone = None;
                    // It began while all that are like it failed.
                    let retry = world.outline().node(waiting.observation.node).rules.retry;
                    steps.recheck.push((waiting.observation.node, retry));
                } else {
                    steps.passed.push(waiting.observation);
                }
            }
            self.circles[circle].waiting = rest;
        }
    }

    /// A source failed that is held for its likeness: true when others like it are to be asked anew.
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
