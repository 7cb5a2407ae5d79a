//! What follows from a sample.

use std::time::Duration;

use super::circle::{Stage, Waiting};
use super::finding::{Finding, Others, Reply, Why, find};
use super::reach::Proof;
use super::tone::{Tone, tone};
use super::{Alone, Guard, Passed, Reach, Steps, Way};
use crate::decisions::Network;
use crate::judge::Verdict;
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

/// So many other sources at most are asked to bear witness.
const WITNESSES: usize = 3;

impl Guard {
    /// Takes a source's answer. What of it may be judged comes back: at once, later, or never.
    pub fn sampled(&mut self, world: &World, now: Duration, fresh: Passed) -> Steps {
        let mut steps = Steps::default();
        let Some(seat) = self.seat_of(world, fresh.node) else {
            steps.passed.push(fresh);
            return steps;
        };
        if self.sleep.is_quiet() {
            self.note_failure(&fresh, Network::Asleep, seat);
            return steps;
        }
        let took = Duration::try_from_secs_f64(fresh.sample.duration).unwrap_or_default();
        let began = now.saturating_sub(took);
        let before = self.stance(seat);
        let tone = tone(
            &fresh.sample,
            fresh.hold,
            self.places[seat].seat.reach.proof(),
        );
        match tone {
            Tone::Answered => self.answered_well(now, began, seat, fresh, &mut steps),
            Tone::Ours if self.places[seat].held => {}
            Tone::Ours => steps.passed.push(fresh),
            Tone::Name | Tone::Doubtful => {
                self.failed(world, now, began, seat, fresh, tone, &mut steps);
            }
        }
        if self.stance(seat) != before {
            self.sync(world, &mut steps);
        }
        self.ask(now, &mut steps);
        steps
    }

    /// All that one sample can change of who is held: looking at everyone after each would cost
    /// more than the rest of the watch.
    fn stance(&self, seat: usize) -> (Way, Option<Alone>, Option<Stage>, u64) {
        let place = &self.places[seat];
        let stage = place.seat.circle.map(|circle| self.circles[circle].stage);
        (place.way, place.alone, stage, self.revision)
    }

    fn answered_well(
        &mut self,
        now: Duration,
        began: Duration,
        seat: usize,
        fresh: Passed,
        steps: &mut Steps,
    ) {
        self.places[seat].alone = None;
        if self.way(seat) == Way::Gone && began >= self.routed_since {
            // Whatever the routes seem to be: it is reached. What was on its way before says nothing.
            let place = &mut self.places[seat];
            (place.way, place.guessed) = (Way::Local, true);
        }
        let Some(circle) = self.places[seat].seat.circle else {
            steps.passed.push(fresh);
            return;
        };
        let proof = self.places[seat].seat.reach.proof();
        let counts = |why, since| {
            began >= since
                && match why {
                    Why::Portal => proof == Proof::Verified,
                    Why::NoRoute | Why::Silent => proof != Proof::Nothing,
                }
        };
        let of_circle = self.is_of_circle(seat);
        match self.circles[circle].stage {
            Stage::Offline { why, since } if of_circle => {
                if !counts(why, since) {
                    return;
                }
                self.come_back(now, circle);
            }
            Stage::Witness { why, since } if of_circle && counts(why, since) => {
                self.release(now, circle, None, steps);
            }
            _ => {}
        }
        if self.circles[circle].awaits(fresh.node) {
            self.circles[circle].waiting.push(Waiting {
                node: fresh.node,
                seat,
                sample: fresh.sample,
                hold: fresh.hold,
                is_failure: false,
                of_name: false,
                is_old_news: false,
            });
        } else {
            steps.passed.push(fresh);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all of one sample, taken apart once"
    )]
    fn failed(
        &mut self,
        world: &World,
        now: Duration,
        began: Duration,
        seat: usize,
        fresh: Passed,
        tone: Tone,
        steps: &mut Steps,
    ) {
        let place = &self.places[seat];
        let retry = world.outline().node(fresh.node).rules.retry;
        if began < self.awake_since {
            self.note_failure(&fresh, Network::Asleep, seat);
            steps.recheck.push((fresh.node, retry));
            return;
        }
        let Some(circle) = place.seat.circle else {
            steps.passed.push(fresh);
            return;
        };
        let (own, is_host) = (
            place.seat.own,
            matches!(place.seat.reach, Reach::Host { .. }),
        );
        let way = self.way(seat);
        if place.held || (is_host && way == Way::Gone) {
            return;
        }
        if place.seat.reach == Reach::Here && !own {
            steps.passed.push(fresh);
            return;
        }
        let near = !own && matches!(way, Way::Local | Way::Here) && is_host;
        if tone == Tone::Name && self.deaf.is_some() {
            self.places[seat].alone = Some(Alone::Name);
            return;
        }
        if near && tone == Tone::Doubtful {
            steps.passed.push(fresh);
            return;
        }
        let ring = &self.circles[circle];
        if !near && began < ring.well_since {
            self.note_failure(&fresh, Network::Stale, seat);
            steps.recheck.push((fresh.node, retry));
            return;
        }
        if let Some(why) = ring.offline()
            && place.seat.reach == Reach::Unknown
            && (why != Why::NoRoute || !own)
        {
            self.places[seat].alone = Some(Alone::Perhaps);
            return;
        }
        if tone == Tone::Doubtful && !ring.has_references() {
            steps.passed.push(fresh);
            return;
        }
        let is_old_news = is_believed_bad(world, fresh.node);
        if ring.is_settled(now, began, is_old_news) && !ring.awaits(fresh.node) {
            self.note_new(&fresh, Network::Theirs, seat, is_old_news);
            steps.passed.push(fresh);
            return;
        }
        self.note_new(&fresh, Network::Waits, seat, is_old_news);
        let ring = &mut self.circles[circle];
        ring.waiting.push(Waiting {
            node: fresh.node,
            seat,
            sample: fresh.sample,
            hold: fresh.hold,
            is_failure: true,
            of_name: tone == Tone::Name,
            is_old_news,
        });
        match ring.stage {
            Stage::Witness { why, .. } => self.weigh(world, now, circle, why, false, steps),
            Stage::Well | Stage::Offline { .. } => ring.want(now),
        }
    }

    /// The references have answered, or not: whose are the failures that wait?
    pub(super) fn conclude(
        &mut self,
        world: &World,
        now: Duration,
        circle: usize,
        replies: &[Reply],
        resolver: Option<bool>,
        steps: &mut Steps,
    ) {
        let others = self.others(world, circle, None).0;
        match find(replies, others) {
            Finding::Well => self.release(now, circle, resolver, steps),
            Finding::Gone(why) | Finding::AskOthers(why) => {
                self.weigh(world, now, circle, why, true, steps);
            }
        }
    }

    /// The references are silent: are others too? `first`: then others are asked.
    fn weigh(
        &mut self,
        world: &World,
        now: Duration,
        circle: usize,
        why: Why,
        first: bool,
        steps: &mut Steps,
    ) {
        let (others, witnesses) = self.others(world, circle, Some(why));
        let silence = [if why == Why::Portal {
            Reply::Wrong
        } else {
            Reply::Silent
        }];
        match find(&silence, others) {
            Finding::Gone(why) => self.lose(now, circle, why),
            Finding::AskOthers(why) if first => {
                self.circles[circle].stage = Stage::Witness { why, since: now };
                self.note_waiting(circle, Network::Witnesses(why));
                let asked = witnesses.into_iter().take(WITNESSES);
                steps
                    .recheck
                    .extend(asked.map(|node| (node, Duration::ZERO)));
            }
            Finding::AskOthers(_) | Finding::Well => {}
        }
    }

    /// How many unrelated hosts have failed, and which others could bear witness.
    fn others(&self, world: &World, circle: usize, why: Option<Why>) -> (Others, Vec<NodeId>) {
        let waiting = &self.circles[circle].waiting;
        let failures = waiting.iter().filter(|waiting| waiting.is_failure);
        let mut old = Vec::new();
        let mut failed = Vec::new();
        for failure in failures.filter(|failure| self.is_of_circle(failure.seat)) {
            let Some(kin) = self.places[failure.seat].kin else {
                continue;
            };
            let list = if failure.is_old_news {
                &mut old
            } else {
                &mut failed
            };
            if !list.contains(&kin) {
                list.push(kin);
            }
        }
        let mut asked = Vec::new();
        let mut witnesses = Vec::new();
        for (seat, place) in self.places.iter().enumerate() {
            let Some(kin) = place.kin else { continue };
            let known = failed.contains(&kin) || old.contains(&kin) || asked.contains(&kin);
            let proof = place.seat.reach.proof();
            let enough = match why {
                Some(Why::Portal) => proof == Proof::Verified,
                _ => proof != Proof::Nothing,
            };
            if place.seat.circle == Some(circle)
                && !known
                && enough
                && !place.held
                && self.is_of_circle(seat)
                && !is_believed_bad(world, place.seat.node)
            {
                asked.push(kin);
                witnesses.push(place.seat.node);
                if witnesses.len() == WITNESSES {
                    break;
                }
            }
        }
        let others = Others {
            failed: failed.len(),
            witness: !witnesses.is_empty(),
        };
        (others, witnesses)
    }

    /// The network is there: what waits is judged. Names wait for the resolver's word.
    pub(super) fn release(
        &mut self,
        now: Duration,
        circle: usize,
        resolver: Option<bool>,
        steps: &mut Steps,
    ) {
        self.note_released(circle, resolver);
        let ring = &mut self.circles[circle];
        if let Stage::Witness { .. } = ring.stage {
            ring.stage = Stage::Well;
        }
        for waiting in std::mem::take(&mut ring.waiting) {
            if waiting.of_name && resolver == Some(false) {
                self.places[waiting.seat].alone = Some(Alone::Name);
                self.deafen(now);
                continue;
            }
            if self.places[waiting.seat].alone.is_some() && waiting.is_failure {
                continue;
            }
            self.places[waiting.seat].alone = None;
            steps.passed.push(Passed {
                node: waiting.node,
                sample: waiting.sample,
                hold: waiting.hold,
            });
        }
    }
}

/// True of a source that is believed to be worse than up: that it fails is no news.
fn is_believed_bad(world: &World, node: NodeId) -> bool {
    let believed = world.state(node).judge.believed();
    !matches!(believed, Verdict::Unasked | Verdict::At(Level::Up))
}
