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
const BURST: Duration = Duration::from_millis(100);
/// The shortest time between two readings of the routes, however often they change.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// What the system reports to the engine.
#[derive(Debug)]
pub(crate) enum SystemEvent {
    /// New facts about this machine's network.
    Network(Vec<ConnectivityEvent>),
    /// The system goes to sleep.
    Asleep,
    /// The system woke up. Contains how long it slept, where that is known.
    Awake(Option<Duration>),
}

/// All that observes the system for the connectivity guard.
pub(crate) struct SystemMonitor {
    route_events: RouteEvents,
    logind: Logind,
    route_table: RouteTable,
    reference_prober: ReferenceProber,
    clocks: Clocks,
    /// When the routes are read next.
    next_look: Option<Instant>,
    last_look: Option<Instant>,
}

impl SystemMonitor {
    /// Starts to observe the system.
    pub(crate) fn open() -> Self {
        Self {
            route_events: RouteEvents::open(),
            logind: Logind::open(),
            route_table: RouteTable::default(),
            reference_prober: ReferenceProber::default(),
            clocks: Clocks::start(),
            next_look: None,
            last_look: None,
        }
    }

    /// Observes the routes to the sources of this plan from now on. They are read soon.
    pub(crate) fn take_up(&mut self, plan: &Plan) {
        self.route_table.take_up(plan);
        self.reference_prober.take_up(plan);
        self.look_soon();
    }

    /// Starts to check references.
    pub(crate) fn probe(&mut self, requests: Vec<ReferenceRequest>) {
        for request in requests {
            self.reference_prober.probe(request);
        }
    }

    /// Examines a sample before the connectivity guard does. Learns the address that the source
    /// answered from. If the check failed, asks the kernel whether the host still has a route, even
    /// if no change was reported yet.
    pub(crate) fn before(&mut self, node: NodeId, sample: &Sample) -> Vec<ConnectivityEvent> {
        self.route_table.learn(node, sample);
        if sample.status == Some(Status::UP) {
            return Vec::new();
        }
        self.route_table.look_at(node)
    }

    /// Has the routes read soon, without waiting for a report of the kernel.
    pub(crate) fn look_soon(&mut self) {
        self.next_look = Some(Instant::now());
    }

    /// How long the machine has slept since the last call; `None` if it has not.
    pub(crate) fn slept(&mut self) -> Option<Duration> {
        self.clocks.slept()
    }

    /// Waits until there is something to report.
    pub(crate) async fn next_event(&mut self) -> SystemEvent {
        loop {
            let next_look = self.next_look;
            tokio::select! {
                event = self.reference_prober.answered() => return SystemEvent::Network(vec![event]),
                () = self.route_events.changed(), if next_look.is_none() => {
                    let earliest = self.last_look.map(|last| last + SHORTEST_PAUSE);
                    let soon = Instant::now() + BURST;
                    self.next_look = Some(earliest.map_or(soon, |earliest| soon.max(earliest)));
                }
                () = at(next_look) => {
                    (self.next_look, self.last_look) = (None, Some(Instant::now()));
                    self.route_events.clear();
                    let events = self.route_table.look();
                    if !events.is_empty() {
                        return SystemEvent::Network(events);
                    }
                }
                signal = self.logind.said() => return match signal {
                    LogindSignal::Asleep => SystemEvent::Asleep,
                    LogindSignal::Awake => {
                        self.next_look = Some(Instant::now());
                        SystemEvent::Awake(self.clocks.slept())
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
