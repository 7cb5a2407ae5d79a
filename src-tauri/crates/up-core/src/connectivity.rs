//! The connectivity guard: decides whether a failure is this machine's network's fault or the
//! source's. It is pure and driven by injected time, like all of the core. Its inputs are samples,
//! events about links and routes, and the answers of `[network] reference` targets. Its outputs are
//! the sources to hold offline, the samples that may be judged, and the references and sources to
//! check.
//!
//! Sources that share their references form a *reference group*; the first group has those of
//! `[network] reference`. The system says which way each source's traffic takes ([`RouteScope`]);
//! `Beyond` is the default route.
//!
//! | # | The check | What else is known | What follows |
//! |---|---|---|---|
//! | 1 | was answered: the source is up, or the host answered badly and a certificate verified it | | judged |
//! | 2 | could not be made for a lack on this machine (files, rights, a secret) | | judged: unknown, as always |
//! | 3 | failed and stays on this machine, or on a local network that is still routed | the source has no references of its own | judged |
//! | 4 | failed without a route: there is no default route, or the source's own route is gone | the system says so | held; no reference is checked |
//! | 4a | failed without a route, and there never was one | there is a default route | judged: the host is unreachable from here |
//! | 5 | failed otherwise | any reference answers | judged |
//! | 6 | failed otherwise | no reference answers, and several unrelated hosts fail | the group is held |
//! | 7 | failed otherwise | no reference answers, and there is no unrelated source to check | the group is held |
//! | 8 | failed otherwise | no reference answers, but another source does that was newly checked | judged: the references are at fault |
//! | 8a | failed otherwise | as in row 6, but row 8 or 17 has shown the references to be at fault, and none has answered since | as in rows 8 and 9: other sources are checked first |
//! | 9 | failed otherwise | no reference answers, and the sources that were newly checked fail or are silent for 15 s | the group is held |
//! | 10 | failed otherwise | as in rows 6 to 9, but someone else answers for a reference (a captive portal) | as in rows 6 to 9, where only verified answers count |
//! | 11 | failed otherwise | there are no references | judged: failures of several sources alone may be a true outage |
//! | 12 | failed because a name was not resolved | the resolver answers, or cannot be checked | as in rows 5 to 11 |
//! | 13 | failed because a name was not resolved | neither the resolver nor a reference with a name answers | the source is held; others are judged |
//! | 13a | timed out, and the host has a name | as in row 13 | the source is held: the lookup may have used up the deadline |
//! | 13b | failed because a name was not resolved, or failed over IPv6 | a reference answers; sources like it were checked and fail in the same way | these sources are held; they are checked anew after a minute |
//! | 13c | failed otherwise | the source's own route is gone, and there is a default route | held; no reference is checked |
//! | 14 | is a command, which may or may not use the network | the group is held | the source is held too, until it succeeds |
//! | 15 | began before the network was last known to be there | | dropped, and checked again |
//! | 16 | failed while the group is held | | dropped |
//! | 17 | succeeded while the group is held | it proves as much as row 10 asks for, and row 17b does not hold | the group is released |
//! | 17a | succeeded unverified, and the source has references of its own | someone else answers for the references of `[network]` | it proves nothing, and ends no hold: the portal may have answered |
//! | 17b | succeeded unverified while the group is held, and there is a default route | the references of `[network]` were not checked since | they are checked: the group is released unless a portal answers for them |
//! | 18 | ended within 30 s after the machine woke up, or within a minute after the login that started Up | | dropped; all sources are checked again at the end |
//!
//! A failure waits while its group's references are checked. They are checked at once, but at most
//! every 3 s, and at most every 30 s for a source that is down already. Later samples of the same
//! source wait behind the failure, so that their order is kept. After a return, all sources of the
//! group are checked again, spread over at most 10 s, and earlier failures do not count any more.

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

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

pub use crate::offline::{OfflineReason, ReferenceAnswer};
pub use reach::{Proof, Reach, RouteScope, are_related};

use likeness::Likeness;
use reference_group::ReferenceGroup;
use sleep::SleepState;

use crate::journal::Journal;
use crate::observation::Observation;
use crate::outline::{NodeId, Outline};
use crate::world::World;

/// A source, as the connectivity guard knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardedSource {
    /// The node of the source.
    pub node: NodeId,
    /// Where the traffic of the source goes.
    pub reach: Reach,
    /// The reference group whose references stand for the source's network: an index into
    /// [`GuardedSources::groups`]. `None` for a source with `reference = []`, which is scored
    /// whatever the state of the network.
    pub group: Option<usize>,
    /// True when the references are configured for the source or its tree, not in `[network]`. They
    /// then stand for its network wherever it is routed.
    pub own: bool,
}

/// All sources, and the references of each reference group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuardedSources {
    /// The sources, all leaves.
    pub sources: Vec<GuardedSource>,
    /// The URLs of each group's references. The first group has those of `[network] reference`.
    pub groups: Vec<Box<[String]>>,
}

/// A fact about this machine's network.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectivityEvent {
    /// The state of the routes.
    Routes {
        /// True when there is a default route over a link that is alive.
        default: bool,
        /// The route scopes that may have changed. Those of other sources stay as they were.
        scopes: Vec<(NodeId, RouteScope)>,
    },
    /// The default route leads elsewhere now. Checks that are under way are lost.
    Rerouted,
    /// The result of a [`ReferenceRequest`].
    Answers {
        /// The group whose references were checked; `None` when only the resolver was.
        group: Option<usize>,
        /// The result of each reference, in the order of the group's URLs.
        replies: Vec<ReferenceAnswer>,
        /// Whether the resolver answers; `None` when that cannot be found out.
        resolver: Option<bool>,
    },
}

/// A request to check references within a few seconds. The caller must pass the result as
/// [`ConnectivityEvent::Answers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceRequest {
    /// Check the references of a group, and the resolver.
    Group(usize),
    /// Check the resolver only.
    Resolver,
}

/// What follows from an input to the guard. The fields apply in this order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuardOutput {
    /// The nodes that are held offline from now on (true), or no longer (false).
    pub holds: Vec<(NodeId, bool)>,
    /// The samples to judge and record, oldest first.
    pub passed: Vec<Observation>,
    /// The references to check.
    pub ask: Vec<ReferenceRequest>,
    /// The sources to check again, and after which delay.
    pub recheck: Vec<(NodeId, Duration)>,
}

/// Why a source is held by itself, although its group's network is there or does not matter for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnHold {
    /// Its name was not resolved, because the resolver is silent.
    Name,
    /// The source may use the network that is gone (a command).
    Perhaps,
    /// The source's own route is gone.
    Route,
    /// The source fails in the same way as all sources like it.
    Like(Likeness),
}

/// A source and what the guard knows of it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of one source that do not depend on each other"
)]
struct TrackedSource {
    guarded: GuardedSource,
    /// The source's failure domain; equal for related hosts.
    failure_domain: Option<u32>,
    scope: RouteScope,
    /// True when `scope` was inferred from an answer, not reported by the system. It is believed
    /// until the default route comes or goes.
    guessed: bool,
    /// True when the source has had a route.
    routed: bool,
    /// True when the source had a route of its own and now has only the default one.
    lost: bool,
    /// When the source was first reached although its own route was gone.
    found: Option<Duration>,
    /// When the source was last held for its likeness to others.
    alike_since: Duration,
    /// True when the source is reached over IPv6.
    ipv6: bool,
    own_hold: Option<OwnHold>,
    held: bool,
}

/// The resolver is silent: when it is checked again, and since when a check is under way.
#[derive(Clone, Copy, Debug)]
struct ResolverOutage {
    next: Duration,
    asking: Option<Duration>,
    polls: u32,
}

/// The connectivity guard.
#[derive(Clone, Debug)]
pub struct ConnectivityGuard {
    sources: Vec<TrackedSource>,
    by_node: HashMap<NodeId, usize>,
    groups: Vec<ReferenceGroup>,
    /// True when there is a default route.
    default: bool,
    /// When the routes last changed.
    routed_since: Duration,
    resolver_outage: Option<ResolverOutage>,
    sleep: SleepState,
    /// When the machine last woke. A check that began before then and failed does not count.
    awake_since: Duration,
    /// The trees that are held because all sources below them are.
    trees: BTreeSet<NodeId>,
    /// Grows when the sentences about this machine's network may have changed.
    revision: u64,
    /// The decisions about failures, for `up why`.
    decided: Journal,
}

impl Default for ConnectivityGuard {
    fn default() -> Self {
        Self::new(GuardedSources::default())
    }
}

impl ConnectivityGuard {
    /// A guard over these sources that knows of no trouble.
    pub fn new(sources: GuardedSources) -> Self {
        let GuardedSources { sources, groups } = sources;
        let mut failure_domains = HashMap::new();
        let mut source = |guarded: GuardedSource| {
            let failure_domain = guarded.reach.host().map(|host| {
                let next = failure_domains.len() as u32;
                *failure_domains
                    .entry(reach::failure_domain(host))
                    .or_insert(next)
            });
            let scope = match guarded.reach {
                Reach::Here => RouteScope::Here,
                _ => RouteScope::Beyond,
            };
            let ipv6 = guarded.reach.host().is_some_and(reach::is_ipv6);
            TrackedSource {
                guarded,
                failure_domain,
                scope,
                guessed: false,
                routed: false,
                lost: false,
                found: None,
                alike_since: Duration::ZERO,
                ipv6,
                own_hold: None,
                held: false,
            }
        };
        let sources: Vec<_> = sources.into_iter().map(&mut source).collect();
        let by_node = sources.iter().enumerate();
        Self {
            by_node: by_node
                .map(|(i, source)| (source.guarded.node, i))
                .collect(),
            sources,
            groups: groups.into_iter().map(ReferenceGroup::new).collect(),
            default: true,
            routed_since: Duration::ZERO,
            resolver_outage: None,
            sleep: SleepState::default(),
            awake_since: Duration::ZERO,
            trees: BTreeSet::new(),
            revision: 0,
            decided: Journal::default(),
        }
    }

    /// Takes over what `old` knew of the nodes that still exist. What waits in `old` is dropped: a
    /// reload checks it again.
    pub fn take_over(&mut self, world: &World, now: Duration, old: &Self) -> GuardOutput {
        (self.default, self.resolver_outage) = (old.default, old.resolver_outage);
        self.routed_since = old.routed_since;
        (self.sleep, self.awake_since) = (old.sleep, old.awake_since);
        for group in &mut self.groups {
            let same = |other: &&ReferenceGroup| other.references == group.references;
            if let Some(before) = old.groups.iter().find(same) {
                *group = before.again();
            }
        }
        for before in &old.sources {
            let Some(index) = self.by_node.get(&before.guarded.node) else {
                continue;
            };
            let source = &mut self.sources[*index];
            if source.guarded.reach == before.guarded.reach {
                (source.scope, source.routed) = (before.scope, before.routed);
                (source.lost, source.ipv6) = (before.lost, before.ipv6);
                (source.found, source.alike_since) = (before.found, before.alike_since);
                source.guessed = before.guessed;
                source.own_hold = before.own_hold;
            }
            source.held = before.held;
        }
        self.revision = old.revision + 1;
        self.trees.clone_from(&old.trees);
        self.trees.retain(|id| world.outline().has(*id));
        let mut output = GuardOutput::default();
        self.sync(world, &mut output);
        self.sync_trees(world, &mut output);
        self.request_answers(now, &mut output);
        output
    }

    /// Forgets the nodes that are gone. Only a reload removes a source itself.
    pub fn forget_gone(&mut self, outline: &Outline) {
        for group in &mut self.groups {
            group
                .waiting
                .retain(|waiting| outline.has(waiting.observation.node));
        }
        self.trees.retain(|id| outline.has(*id));
    }

    /// The machine goes to sleep.
    pub fn asleep(&mut self, now: Duration) {
        self.sleep.asleep(now);
    }

    /// The machine woke up, after sleeping for `slept` where that is known. Failures in that time
    /// are nobody's fault. A nap changes nothing. Returns true when it was more than a nap.
    pub fn awake(&mut self, now: Duration, slept: Option<Duration>) -> bool {
        let counts = self.sleep.awake(now, slept);
        if counts {
            for group in &mut self.groups {
                group.waiting.clear();
                group.polls_alike.clear();
                group.last_answer = None;
            }
        }
        counts
    }

    /// The person logged in just now. Nothing is judged for a minute.
    pub fn logged_in(&mut self, now: Duration) {
        self.sleep.logged_in(now);
    }

    /// True while nothing is judged, because the machine sleeps or has just woken up, or the
    /// person has just logged in.
    pub fn is_quiet(&self) -> bool {
        self.sleep.is_quiet()
    }

    /// When [`ConnectivityGuard::tick`] is due, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        let resolver_outage =
            self.resolver_outage
                .map(|resolver_outage| match resolver_outage.asking {
                    Some(since) => since + reference_group::LOST,
                    None => resolver_outage.next,
                });
        if self.is_quiet() {
            return self.sleep.due();
        }
        let groups = self.groups.iter().filter_map(ReferenceGroup::due);
        groups.chain(resolver_outage).min()
    }
}
