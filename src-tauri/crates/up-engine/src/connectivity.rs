//! Connects the connectivity guard ([`up_core::connectivity`]) to the system: links and routes,
//! sleep, and the answers of references.
//!
//! * `route_events`: the kernel reports that a link, an address or a route has changed
//! * `routes`: asks the kernel where it would send packets for an address
//! * `route_table`: the address and route of each source's host, and what changed of them
//! * `alone`: a one-shot check on a machine without a network
//! * `reference_prober`: checks the references and the resolver
//! * `logind`: the system reports that it goes to sleep or woke up
//! * `suspend_clock`: how long the machine slept
//!
//! Systems other than Linux report neither route changes nor sleep. There the references alone show
//! the state of the network.

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

/// Changes of links and routes come in bursts. The routes are read this long after the first.
const GATHER: Duration = Duration::from_millis(100);
/// The shortest time between two readings of the routes, however often they change.
const PAUSE: Duration = Duration::from_secs(1);

/// What the system reports to the engine.
#[derive(Debug)]
pub(crate) enum Said {
    /// New facts about this machine's network.
    News(Vec<ConnectivityEvent>),
    /// The system goes to sleep.
    Asleep,
    /// The system woke up. Contains how long it slept, where that is known.
    Awake(Option<Duration>),
}

/// All that observes the system for the connectivity guard.
pub(crate) struct Outside {
    route_events: RouteEvents,
    logind: Logind,
    hosts: RouteTable,
    asker: ReferenceProber,
    clocks: Clocks,
    /// When the routes are read next.
    look_at: Option<Instant>,
    looked: Option<Instant>,
}

impl Outside {
    /// Starts to observe the system.
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

    /// Observes the routes to the sources of this plan from now on. They are read soon.
    pub(crate) fn take_up(&mut self, plan: &Plan) {
        self.hosts.take_up(plan);
        self.asker.take_up(plan);
        self.look_soon();
    }

    /// Follows a graft: nodes have moved.
    pub(crate) fn follow(&mut self, to: impl Fn(NodeId) -> Option<NodeId>) {
        self.hosts.follow(to);
    }

    /// Starts to check references.
    pub(crate) fn probe(&mut self, questions: Vec<ReferenceRequest>) {
        for question in questions {
            self.asker.probe(question);
        }
    }

    /// Examines a sample before the connectivity guard does. Learns the address that the source
    /// answered from. If the check failed, asks the kernel whether the host still has a route, even
    /// if no change was reported yet.
    pub(crate) fn before(&mut self, node: NodeId, sample: &Sample) -> Vec<ConnectivityEvent> {
        self.hosts.learn(node, sample);
        if sample.status == Some(Status::UP) {
            return Vec::new();
        }
        self.hosts.look_at(node)
    }

    /// Has the routes read soon, without waiting for a report of the kernel.
    pub(crate) fn look_soon(&mut self) {
        self.look_at = Some(Instant::now());
    }

    /// How long the machine has slept since the last call; `None` if it has not.
    pub(crate) fn slept(&mut self) -> Option<Duration> {
        self.clocks.slept()
    }

    /// Waits until there is something to report.
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
