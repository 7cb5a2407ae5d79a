//! What is wrong between the watching machine and the sources: all of them, or some.

use fastrand::Rng;

use super::Shape;
use super::kinds::WorldKind;
use super::sources::{SimulatedHost, SimulatedSource};
use super::truth::{DAY, TruthPeriod};

/// Trouble between us and all sources.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weather {
    /// No Wi-Fi, which the system reports.
    NoLink,
    /// The router answers, but nothing behind it does.
    NoInternet,
    /// A captive portal answers in place of all hosts.
    Portal,
    /// Names are resolved late, or too late.
    SlowDns,
    /// This share of the packets is lost.
    Loss(f64),
    /// Every answer takes nearly as long as the timeout, or longer.
    Slow,
}

/// Trouble with a part of our own network, or with the references.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Partial {
    /// The VPN is lost.
    Vpn {
        /// True if its route disappears as well.
        said: bool,
    },
    /// Nothing is reachable over IPv6.
    Ipv6,
    /// The resolver fails for some names.
    Names {
        /// The share of names, from 0 to 1.
        share: f64,
        /// A random number that selects the names.
        salt: u64,
    },
    /// All references are silent.
    Silent,
    /// All references answer at about their timeout.
    Late,
    /// All references answer with something unexpected.
    Wrong,
}

impl Partial {
    /// True if the references cannot tell whether our network works.
    pub fn is_of_references(self) -> bool {
        matches!(self, Self::Silent | Self::Late | Self::Wrong)
    }

    /// True if it affects the source.
    pub fn hits(self, index: usize, source: &SimulatedSource) -> bool {
        match self {
            Self::Vpn { said } => match source.host {
                SimulatedHost::Vpn { own } => own || said,
                _ => false,
            },
            Self::Ipv6 => source.host == SimulatedHost::Address6,
            Self::Names { share, salt } => {
                // The rack has one name. At least one name in ten fails in any case, because fewer
                // could be gone for reasons of their own.
                let name = if source.host == SimulatedHost::Rack {
                    0
                } else {
                    index as u64
                };
                let mut rng =
                    Rng::with_seed(salt.wrapping_add(name.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
                let is_one_in_ten = (name / 2) % 10 == salt % 10;
                source.is_named() && (is_one_in_ten || rng.f64() < share)
            }
            Self::Silent | Self::Late | Self::Wrong => false,
        }
    }
}

/// The trouble of a world, by time. No two periods overlap.
pub fn weather(shape: &Shape, seed: u64, rng: &mut Rng) -> Vec<(TruthPeriod, Weather)> {
    let mut spans: Vec<(TruthPeriod, Weather)> = Vec::new();
    for day in 0..shape.days {
        let morning = day as f64 * DAY;
        if day % 4 == 1 {
            // The machine wakes up behind a captive portal, or before the Wi-Fi works.
            let kind = [Weather::Portal, Weather::NoLink, Weather::NoInternet][day / 4 % 3];
            let to = morning + 20.0 + 600.0 * rng.f64();
            spans.push((TruthPeriod { from: morning, to }, kind));
        }
        for _ in 0..rng.usize(1..5) {
            let kind = [
                Weather::NoLink,
                Weather::NoInternet,
                Weather::NoInternet,
                Weather::Portal,
                Weather::SlowDns,
            ][rng.usize(0..5)];
            let from = morning + 1_200.0 + rng.f64() * (DAY - 9_000.0);
            // From 5 s to 2 h.
            let to = from + 5.0 * 1_440.0_f64.powf(rng.f64());
            spans.push((TruthPeriod { from, to }, kind));
        }
    }
    let mut groups: Vec<Vec<(TruthPeriod, Weather)>> =
        spans.into_iter().map(|one| vec![one]).collect();
    groups.extend(wider(shape, seed));
    groups.sort_by(|a, b| a[0].0.from.total_cmp(&b[0].0.from));
    let mut apart: Vec<(TruthPeriod, Weather)> = Vec::new();
    for group in groups {
        let from = group[0].0.from;
        if apart.last().is_none_or(|(last, _)| last.to + 60.0 < from) {
            apart.extend(group);
        }
    }
    apart
}

/// The trouble of the kinds that a world has. What follows directly upon each other is one group.
fn wider(shape: &Shape, seed: u64) -> Vec<Vec<(TruthPeriod, Weather)>> {
    let mut groups = Vec::new();
    for day in 0..shape.days {
        let kinds = [WorldKind::Loss, WorldKind::Slow, WorldKind::Portals];
        for kind in kinds.into_iter().filter(|kind| shape.has(*kind)) {
            let mut rng = shape.rng(seed.wrapping_add(day as u64 * 7_919), kind);
            for _ in 0..rng.usize(1..3) {
                let from = day as f64 * DAY + 600.0 + rng.f64() * (DAY - 3_600.0);
                let to = from + 60.0 * 15.0_f64.powf(rng.f64());
                groups.push(match kind {
                    WorldKind::Loss => {
                        let lost = 0.05 + 0.25 * rng.f64();
                        vec![(TruthPeriod { from, to }, Weather::Loss(lost))]
                    }
                    WorldKind::Slow => vec![(TruthPeriod { from, to }, Weather::Slow)],
                    _ => portals(&mut rng, from),
                });
            }
        }
    }
    groups
}

fn portals(rng: &mut Rng, mut at: f64) -> Vec<(TruthPeriod, Weather)> {
    let mut group = Vec::new();
    for kind in [
        Weather::NoLink,
        Weather::Portal,
        Weather::NoLink,
        Weather::Portal,
    ] {
        let to = at + 5.0 + 90.0 * rng.f64();
        group.push((TruthPeriod { from: at, to }, kind));
        at = to;
    }
    group
}

/// The trouble with parts of the network, by kind and then by time. Periods of one kind never
/// overlap.
pub fn partial(shape: &Shape, seed: u64) -> Vec<(TruthPeriod, Partial)> {
    let mut all = Vec::new();
    let kinds = [
        WorldKind::Vpn,
        WorldKind::Ipv6,
        WorldKind::Names,
        WorldKind::References,
    ];
    for kind in kinds.into_iter().filter(|kind| shape.has(*kind)) {
        let mut rng = shape.rng(seed, kind);
        let mut at = 1_200.0 + rng.f64() * 25_000.0;
        while at < shape.end() {
            // From 10 s to 2 h, about twice a day.
            let to = at + 10.0 * 720.0_f64.powf(rng.f64());
            let what = match kind {
                WorldKind::Vpn => Partial::Vpn { said: rng.bool() },
                WorldKind::Ipv6 => Partial::Ipv6,
                WorldKind::Names => Partial::Names {
                    share: 0.1 + 0.5 * rng.f64(),
                    salt: rng.u64(..),
                },
                _ => [Partial::Silent, Partial::Late, Partial::Wrong][rng.usize(0..3)],
            };
            all.push((TruthPeriod { from: at, to }, what));
            at = to + 600.0 + rng.f64() * 2.0 * 25_000.0;
        }
    }
    all.sort_by(|(a, _), (b, _)| a.from.total_cmp(&b.from));
    all
}
