//! Where the guard of our own network ([`up_core::connectivity`]) meets the world: it is told of links and
//! routes, of sleep, and of what references answer.
//!
//! - `bell`: the kernel's word that a link, an address or a route has changed
//! - `routes`: where the kernel would send what is meant for an address
//! - `hosts`: the address of each source's host, and what changed of its way
//! - `alone`: a one-shot check without a network
//! - `asker`: the references and the resolver, asked
//! - `login`: the system's word that it goes to sleep, or woke; `asleep`: how long it slept
//!
//! On systems other than Linux there is no bell and no login: there the references alone tell.

mod alone;
#[cfg(target_os = "linux")]
mod logind;
#[cfg(not(target_os = "linux"))]
#[path = "connectivity/logind_other.rs"]
mod logind;
mod reference_prober;
#[cfg(target_os = "linux")]
mod route_events;
#[cfg(not(target_os = "linux"))]
#[path = "connectivity/route_events_other.rs"]
mod route_events;
mod route_table;
#[cfg(target_os = "linux")]
mod routes;
#[cfg(not(target_os = "linux"))]
#[path = "connectivity/routes_other.rs"]
mod routes;
mod suspend_clock;

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use up_config::Plan;
use up_core::connectivity::{ConnectivityEvent, ReferenceRequest};
use up_core::{NodeId, Sample, Status};

pub(crate) use alone::{explain, is_cut_off};

use logind::{Logind, LogindSignal};
use reference_prober::ReferenceProber;
use route_events::RouteEvents;
use route_table::RouteTable;
use suspend_clock::Clocks;

/// Changes of links and routes come in bursts: they are looked at together.
const GATHER: Duration = Duration::from_millis(100);
/// Where routes change all the time, they are looked at no more often than this.
const PAUSE: Duration = Duration::from_secs(1);

/// What the world has to say.
#[derive(Debug)]
pub(crate) enum Said {
    /// News of our network.
    News(Vec<ConnectivityEvent>),
    /// The system goes to sleep.
    Asleep,
    /// It woke, after so long where that is known.
    Awake(Option<Duration>),
}

/// Everyone who has a word to say.
pub(crate) struct Outside {
    route_events: RouteEvents,
    logind: Logind,
    hosts: RouteTable,
    asker: ReferenceProber,
    clocks: Clocks,
    /// When the routes are to be looked at.
    look_at: Option<Instant>,
    looked: Option<Instant>,
}

impl Outside {
    /// Listens from now on.
    pub(crate) fn open() -> Self {
        Self {
            route_events: RouteEvents::open(),
            logind: Logind::open(),
            hosts: RouteTable::default(),
            asker: ReferenceProber::default(),
            clocks: Clocks::start(),
            look_at: None,
            looked: None,
        }
    }

    /// Knows the sources of this plan from now on; how they are routed is said soon.
    pub(crate) fn take_up(&mut self, plan: &Plan) {
        self.hosts.take_up(plan);
        self.asker.take_up(plan);
        self.look_soon();
    }

    /// Follows a graft: nodes have moved.
    pub(crate) fn follow(&mut self, to: impl Fn(NodeId) -> Option<NodeId>) {
        self.hosts.follow(to);
    }

    /// Asks.
    pub(crate) fn probe(&mut self, questions: Vec<ReferenceRequest>) {
        for question in questions {
            self.asker.probe(question);
        }
    }

    /// Looks at a sample before the guard does: where it went, and, if it failed, whether its host
    /// is still routed, be it that the bell has not rung yet.
    pub(crate) fn before(&mut self, node: NodeId, sample: &Sample) -> Vec<ConnectivityEvent> {
        self.hosts.learn(node, sample);
        if sample.status == Some(Status::UP) {
            return Vec::new();
        }
        self.hosts.look_at(node)
    }

    /// Looks at the routes without waiting for the bell.
    pub(crate) fn look_soon(&mut self) {
        self.look_at = Some(Instant::now());
    }

    /// How long the machine has slept since the last look, if it has.
    pub(crate) fn slept(&mut self) -> Option<Duration> {
        self.clocks.slept()
    }

    /// Waits until somebody has something to say.
    pub(crate) async fn said(&mut self) -> Said {
        loop {
            let look_at = self.look_at;
            tokio::select! {
                news = self.asker.answered() => return Said::News(vec![news]),
                () = self.route_events.rung(), if look_at.is_none() => {
                    let earliest = self.looked.map(|looked| looked + PAUSE);
                    let soon = Instant::now() + GATHER;
                    self.look_at = Some(earliest.map_or(soon, |earliest| soon.max(earliest)));
                }
                () = at(look_at) => {
                    (self.look_at, self.looked) = (None, Some(Instant::now()));
                    self.route_events.hush();
                    let news = self.hosts.look();
                    if !news.is_empty() {
                        return Said::News(news);
                    }
                }
                word = self.logind.said() => return match word {
                    LogindSignal::Asleep => Said::Asleep,
                    LogindSignal::Awake => {
                        self.look_at = Some(Instant::now());
                        Said::Awake(self.clocks.slept())
                    }
                },
            }
        }
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
