//! The guard of our own network: whether a failure is theirs or ours. Pure, and driven by injected
//! time like all of the core: samples, the system's news of links and routes, and the answers of
//! `[network] reference` targets come in; which sources are held offline, which samples may be
//! judged, and whom to ask come out.
//!
//! Sources that share their references are a *circle*; the first is `[network] reference`'s. The
//! way of each source's traffic ([`RouteScope`]) is the system's word, `Beyond` being by the default route.
//!
//! | # | what fails, and how | what else is known | what follows |
//! |---|---|---|---|
//! | 1 | it was answered: up, or badly by a host that a certificate verifies | | judged |
//! | 2 | not askable for a lack of this machine's (files, rights, a secret) | | judged: unknown, as ever |
//! | 3 | it stays on this machine, or on a local network that is still routed | no reference of its own | judged |
//! | 4 | there is no route to it: none by default, or it had one of its own | the system says so | held, without asking anyone |
//! | 4a | there is no route to it, and never was one | others are routed by default | judged: it is unreachable from here |
//! | 5 | anything else | any reference answers | judged |
//! | 6 | anything else | none answers, several unrelated hosts fail | circle held |
//! | 7 | anything else | none answers, and there is nobody unrelated to ask | circle held |
//! | 8 | anything else | none answers, another source does, newly asked | judged: the references are at fault |
//! | 9 | anything else | none answers, others were asked and fail, or keep silent for 15 s | circle held |
//! | 10 | anything else | as 6 to 9, but a reference is answered by someone else | as 6 to 9, where only verified answers count as answers: a captive portal |
//! | 11 | anything else | there are no references | judged: correlation alone would silence a true outage |
//! | 12 | its name is not resolved | the resolver answers (or cannot be asked) | as 5 to 11 |
//! | 13 | its name is not resolved | the resolver does not answer, nor does a reference by name | it is held; what is resolved goes on |
//! | 13a | it times out, and has a name | as 13 | it is held: its deadline may have gone on the name |
//! | 13b | its name is not resolved, or it fails over IPv6 | a reference answers, sources like it were asked, and fail alike | they are held; asked anew after a minute |
//! | 13c | anything else | its own route is gone, and others are routed by default | held, without asking anyone |
//! | 14 | it uses nobody knows what (a command) | the circle is held | it is held too, until it succeeds |
//! | 15 | it began before we were last known to be well | | dropped, and asked again |
//! | 16 | it failed while its circle is held | | dropped |
//! | 17 | it succeeded while its circle is held | proof as row 10 asks for | the circle is back |
//! | 18 | anything, within 30 s of waking | | dropped; all are asked again at the end |
//!
//! A failure waits while its circle's references are asked (at once, but at most every 3 s; for what
//! is down already at most every 30 s), and so does what comes of the same source meanwhile: the
//! order is kept. On return all are asked again, spread over at most 10 s, and what failed before
//! counts no more.

mod attribution;
mod because;
mod concluded;
mod events;
mod evidence;
mod finding;
mod holds;
mod last_well;
mod likeness;
mod reach;
mod reference_group;
mod sampled;
mod sleep;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::time::Duration;

pub use crate::offline::{OfflineReason, ReferenceAnswer};
pub use reach::{Proof, Reach, RouteScope, are_related};

use likeness::Likeness;
use reference_group::ReferenceGroup;
use sleep::SleepState;

use crate::journal::Journal;
use crate::observation::Observation;
use crate::outline::NodeId;
use crate::world::World;

/// A source, as the guard sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardedSource {
    /// Which.
    pub node: NodeId,
    /// Where its traffic goes.
    pub reach: Reach,
    /// Whose references stand for its network: an index into [`GuardedSources::circles`]. `None` of a source
    /// that wants none (`reference = []`), and is scored whatever the network does.
    pub circle: Option<usize>,
    /// True when the references are its own or its tree's, and not `[network]`'s: they then stand for
    /// its network wherever it is routed.
    pub own: bool,
}

/// All sources, and the references of each circle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuardedSources {
    /// The leaves.
    pub seats: Vec<GuardedSource>,
    /// The URLs of each circle's references; the first circle is `[network] reference`'s.
    pub circles: Vec<Box<[String]>>,
}

/// News of our own network.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectivityEvent {
    /// What the system's routes are now.
    Routes {
        /// Whether anything is routed by default, over a link that is alive.
        default: bool,
        /// The ways that may have changed; the others stay.
        ways: Vec<(NodeId, RouteScope)>,
    },
    /// The default route leads elsewhere now: what was under way is lost.
    Rerouted,
    /// What came of a [`ReferenceRequest`].
    Answers {
        /// Which circle's references were asked; `None` when only the resolver was.
        circle: Option<usize>,
        /// What each said.
        replies: Vec<ReferenceAnswer>,
        /// Whether names are resolved; `None` when that cannot be found out.
        resolver: Option<bool>,
    },
}

/// Whom to ask, at once and for a few seconds at most; [`ConnectivityEvent::Answers`] has to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceRequest {
    /// A circle's references, and the resolver.
    Circle(usize),
    /// The resolver alone.
    Resolver,
}

/// What follows from something that the guard was told; in this order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuardOutput {
    /// Nodes that our network holds from now on, or no longer.
    pub holds: Vec<(NodeId, bool)>,
    /// Samples to judge and keep, oldest first.
    pub passed: Vec<Observation>,
    /// Whom to ask.
    pub ask: Vec<ReferenceRequest>,
    /// Sources to ask again, and how soon.
    pub recheck: Vec<(NodeId, Duration)>,
}

/// Why one source is held while its circle is well, or though it is not the circle's to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alone {
    /// Its name is not resolved, for want of a resolver.
    Name,
    /// It may use the network that is gone.
    Perhaps,
    /// It had a route of its own, which is gone.
    Route,
    /// It fails with all that are like it.
    Like(Likeness),
}

/// A seat and what is known of it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of one source that do not depend on each other"
)]
struct SeatPlace {
    seat: GuardedSource,
    /// Equal for related hosts.
    kin: Option<u32>,
    way: RouteScope,
    /// Its way is taken from an answer, and not the system's word: believed until the default route
    /// comes or goes.
    guessed: bool,
    /// It has had a route.
    routed: bool,
    /// It had a route of its own, and has only the default one now.
    lost: bool,
    /// When it was first reached in spite of that.
    found: Option<Duration>,
    /// Since when it is held for its likeness, if it is.
    alike_since: Duration,
    /// It is reached over IPv6.
    ipv6: bool,
    alone: Option<Alone>,
    held: bool,
}

/// The resolver keeps silent.
#[derive(Clone, Copy, Debug)]
struct ResolverOutage {
    next: Duration,
    asking: Option<Duration>,
    polls: u32,
}

/// The guard.
#[derive(Clone, Debug)]
pub struct ConnectivityGuard {
    places: Vec<SeatPlace>,
    by_node: HashMap<NodeId, usize>,
    circles: Vec<ReferenceGroup>,
    /// Whether anything is routed by default.
    default: bool,
    /// When the routes last changed.
    routed_since: Duration,
    deaf: Option<ResolverOutage>,
    sleep: SleepState,
    /// What began before then and failed, failed with the machine asleep or just awake.
    awake_since: Duration,
    /// Trees that are held because all below them is.
    trees: Vec<NodeId>,
    /// Counts up when what people are told of our network may have changed.
    revision: u64,
    /// What it has decided about failures.
    decided: Journal,
}

impl Default for ConnectivityGuard {
    fn default() -> Self {
        Self::new(GuardedSources::default())
    }
}

impl ConnectivityGuard {
    /// A guard that knows of no trouble.
    pub fn new(seats: GuardedSources) -> Self {
        let GuardedSources { seats, circles } = seats;
        let mut kins = HashMap::new();
        let mut place = |seat: GuardedSource| {
            let kin = seat.reach.host().map(|host| {
                let next = kins.len() as u32;
                *kins.entry(reach::kin(host)).or_insert(next)
            });
            let way = match seat.reach {
                Reach::Here => RouteScope::Here,
                _ => RouteScope::Beyond,
            };
            let ipv6 = seat.reach.host().is_some_and(reach::is_ipv6);
            SeatPlace {
                seat,
                kin,
                way,
                guessed: false,
                routed: false,
                lost: false,
                found: None,
                alike_since: Duration::ZERO,
                ipv6,
                alone: None,
                held: false,
            }
        };
        let places: Vec<_> = seats.into_iter().map(&mut place).collect();
        let mut guard = Self {
            by_node: HashMap::new(),
            places,
            circles: circles.into_iter().map(ReferenceGroup::new).collect(),
            default: true,
            routed_since: Duration::ZERO,
            deaf: None,
            sleep: SleepState::default(),
            awake_since: Duration::ZERO,
            trees: Vec::new(),
            revision: 0,
            decided: Journal::default(),
        };
        guard.index();
        guard
    }

    /// Takes over what `old` knew: what was `node` is now `to(node)`. What waits in `old` is dropped:
    /// a reload asks it again.
    pub fn take_over(
        &mut self,
        world: &World,
        now: Duration,
        old: &Self,
        to: impl Fn(NodeId) -> Option<NodeId>,
    ) -> GuardOutput {
        (self.default, self.deaf) = (old.default, old.deaf);
        self.routed_since = old.routed_since;
        (self.sleep, self.awake_since) = (old.sleep, old.awake_since);
        for circle in &mut self.circles {
            let same = |other: &&ReferenceGroup| other.references == circle.references;
            if let Some(before) = old.circles.iter().find(same) {
                *circle = before.again();
            }
        }
        for before in &old.places {
            let Some(seat) = to(before.seat.node).and_then(|node| self.by_node.get(&node)) else {
                continue;
            };
            let place = &mut self.places[*seat];
            if place.seat.reach == before.seat.reach {
                (place.way, place.routed) = (before.way, before.routed);
                (place.lost, place.ipv6) = (before.lost, before.ipv6);
                (place.found, place.alike_since) = (before.found, before.alike_since);
                place.guessed = before.guessed;
                place.alone = before.alone;
            }
            place.held = before.held;
        }
        self.revision = old.revision + 1;
        self.trees = old.trees.iter().filter_map(|id| to(*id)).collect();
        let mut steps = GuardOutput::default();
        self.sync(world, &mut steps);
        self.sync_trees(world, &mut steps);
        self.request_answers(now, &mut steps);
        steps
    }

    /// Follows a graft: what was `node` is now `to(node)`.
    pub fn follow(&mut self, to: impl Fn(NodeId) -> Option<NodeId>) {
        for place in &mut self.places {
            // A source itself is never what a graft takes away.
            place.seat.node = to(place.seat.node).unwrap_or(place.seat.node);
        }
        for circle in &mut self.circles {
            circle.waiting.retain_mut(|waiting| {
                let node = to(waiting.observation.node);
                waiting.observation.node = node.unwrap_or(waiting.observation.node);
                node.is_some()
            });
        }
        self.trees = self.trees.iter().filter_map(|id| to(*id)).collect();
        self.index();
    }

    /// The machine goes to sleep.
    pub fn asleep(&mut self, now: Duration) {
        self.sleep.asleep(now);
    }

    /// The machine woke, after so long where that is known: what happened meanwhile is nobody's
    /// fault. A nap changes nothing.
    /// True when it was more than that.
    pub fn awake(&mut self, now: Duration, slept: Option<Duration>) -> bool {
        let counts = self.sleep.awake(now, slept);
        if counts {
            for circle in &mut self.circles {
                circle.waiting.clear();
                circle.polls_alike.clear();
                circle.heard = None;
            }
        }
        counts
    }

    /// True while nothing is judged, because the machine sleeps or has just woken.
    pub fn is_quiet(&self) -> bool {
        self.sleep.is_quiet()
    }

    /// When [`ConnectivityGuard::tick`] is wanted, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        let deaf = self.deaf.map(|deaf| match deaf.asking {
            Some(since) => since + reference_group::LOST,
            None => deaf.next,
        });
        if self.is_quiet() {
            return self.sleep.due();
        }
        let circles = self.circles.iter().filter_map(ReferenceGroup::due);
        circles.chain(deaf).min()
    }

    /// True of a source whose host has to be resolved.
    fn is_named(&self, seat: usize) -> bool {
        let host = self.places[seat].seat.reach.host();
        host.is_some_and(|host| !reach::is_address(host))
    }

    fn index(&mut self) {
        let nodes = self.places.iter().enumerate();
        self.by_node = nodes.map(|(i, place)| (place.seat.node, i)).collect();
    }

    /// The seat of a node: its own, or of a part's source.
    fn seat_of(&self, world: &World, node: NodeId) -> Option<usize> {
        let outline = world.outline();
        let mut at = Some(node);
        while let Some(id) = at {
            if let Some(seat) = self.by_node.get(&id) {
                return Some(*seat);
            }
            at = outline.node(id).parent;
        }
        None
    }
}
