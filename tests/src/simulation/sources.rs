//! The sources of the simulated world: their hosts, intervals and trees.

use fastrand::Rng;
use up_core::alert::NotifyPolicy;
use up_core::connectivity::{GuardedSource, GuardedSources, Proof, Reach};
use up_core::{Kind as Type, Node, NodeId, Outline};

use super::kinds::WorldKind;
use super::{INTERVAL, Shape};

/// The number of sources that are checked. The first [`RACK`] are on one host. Of the others, every
/// second one has no name to resolve.
pub const SOURCES: usize = 200;
/// How many are on the one host.
pub const RACK: usize = 40;
/// The number of sources in a tree.
const TREE: usize = 20;
/// The number of components of a status page.
const PARTS: usize = 6;

/// How a source is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedHost {
    /// On the one host with many sources.
    Rack,
    /// By a name, over verified TLS.
    Name,
    /// By an IPv4 address.
    Address,
    /// By an IPv6 address.
    Address6,
    /// Through the VPN.
    Vpn {
        /// True if it has a reference of its own behind the VPN.
        own: bool,
    },
    /// As a component of a status page: the source that is the page.
    PartOf(usize),
}

/// A source.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedSource {
    /// How it is reached.
    pub host: SimulatedHost,
    /// The interval in seconds.
    pub interval: f64,
    /// The timeout in seconds.
    pub timeout: f64,
    /// How many failures in a row are believed.
    pub down_after: u32,
}

impl SimulatedSource {
    /// True if a name must be resolved to reach it.
    pub fn is_named(&self) -> bool {
        matches!(self.host, SimulatedHost::Rack | SimulatedHost::Name)
    }

    /// True if its certificate is verified.
    pub fn is_verified(&self) -> bool {
        self.host == SimulatedHost::Name
    }

    /// An outage that is visible for this many seconds without a break must be notified: an
    /// interval, all attempts with their timeouts and the pauses between them, and 10 s of group
    /// wait, and half as much again.
    pub fn bound(&self) -> f64 {
        let tries = f64::from(self.down_after);
        let long = self.interval + tries * self.timeout + (tries - 1.0) * 5.0 + 10.0;
        (long * 1.5).max(super::BOUND)
    }
}

/// All sources of such a world: those that are checked, then the components of pages.
pub fn sources(shape: &Shape, seed: u64) -> Vec<SimulatedSource> {
    let mut rng = shape.rng(seed, WorldKind::Varied);
    let mut all: Vec<SimulatedSource> = (0..SOURCES)
        .map(|source| of(shape, source, &mut rng))
        .collect();
    if shape.has(WorldKind::Pages) {
        for page in pages() {
            let part = SimulatedSource {
                host: SimulatedHost::PartOf(page),
                ..all[page]
            };
            all.extend([part; PARTS]);
        }
    }
    all
}

/// The sources that are status pages.
fn pages() -> impl Iterator<Item = usize> {
    (RACK + 2..160).step_by(TREE * 2)
}

fn of(shape: &Shape, source: usize, rng: &mut Rng) -> SimulatedSource {
    let host = match source {
        0..RACK => SimulatedHost::Rack,
        180..190 if shape.has(WorldKind::Vpn) => SimulatedHost::Vpn { own: true },
        190..SOURCES if shape.has(WorldKind::Vpn) => SimulatedHost::Vpn { own: false },
        _ if source.is_multiple_of(2) => SimulatedHost::Name,
        _ if source % 10 == 5 && shape.has(WorldKind::Ipv6) => SimulatedHost::Address6,
        _ => SimulatedHost::Address,
    };
    let plain = SimulatedSource {
        host,
        interval: INTERVAL,
        timeout: 10.0,
        down_after: 2,
    };
    if !shape.has(WorldKind::Varied) {
        return plain;
    }
    let (interval, timeout) = match rng.usize(0..100) {
        0..2 => (1.0, 1.0),
        2..4 => (2.0, 2.0),
        4..8 => (5.0, 3.0),
        8..16 => (10.0, 5.0),
        16..76 => (INTERVAL, [3.0, 10.0, 10.0][rng.usize(0..3)]),
        76..86 => (60.0, 10.0),
        86..95 => (300.0, 10.0),
        _ => (600.0, 20.0),
    };
    SimulatedSource {
        interval,
        timeout,
        down_after: [2, 2, 2, 2, 3, 5][rng.usize(0..6)],
        ..plain
    }
}

/// The tree with the sources, the node of each, and how each is reached.
pub fn outline(sources: &[SimulatedSource]) -> (Outline, Vec<NodeId>, GuardedSources) {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Type::TREE, "R"));
    let (mut tree, mut guarded) = (root, Vec::new());
    let mut nodes = vec![NodeId::GONE; sources.len()];
    for source in 0..SOURCES {
        if source.is_multiple_of(if source < RACK { RACK } else { TREE }) {
            tree = outline.push(Some(root), Node::new(Type::TREE, &format!("t{source}")));
        }
        let node = outline.push(Some(tree), asked(Type("http"), source, &sources[source]));
        nodes[source] = node;
        let of_page = sources.iter().enumerate();
        let parts = of_page.filter(|(_, part)| part.host == SimulatedHost::PartOf(source));
        for (part, shape) in parts {
            nodes[part] = outline.push(Some(node), asked(Type::PART, part, shape));
        }
        let (host, proof) = match sources[source].host {
            SimulatedHost::Rack => ("rack.test".to_owned(), Proof::Answer),
            SimulatedHost::Name | SimulatedHost::PartOf(_) => {
                (format!("s{source}.test"), Proof::Verified)
            }
            SimulatedHost::Address => (format!("198.51.{source}.1"), Proof::Answer),
            SimulatedHost::Address6 => (format!("2001:db8:{source}::1"), Proof::Answer),
            SimulatedHost::Vpn { .. } => (format!("10.8.{source}.1"), Proof::Answer),
        };
        let own = sources[source].host == SimulatedHost::Vpn { own: true };
        guarded.push(GuardedSource {
            node,
            reach: Reach::to(&host, proof),
            group: Some(usize::from(own)),
            own,
        });
    }
    let groups = vec![
        Box::from([
            "https://reference.test/".to_owned(),
            "tcp://192.0.2.1:443".to_owned(),
        ]),
        Box::from(["tcp://10.8.0.1:53".to_owned()]),
    ];
    (
        outline,
        nodes,
        GuardedSources {
            sources: guarded,
            groups,
        },
    )
}

fn asked(kind: Type, source: usize, shape: &SimulatedSource) -> Node {
    let mut node = Node::new(kind, &format!("s{source}"));
    node.rules.interval = std::time::Duration::from_secs_f64(shape.interval);
    node.rules.down_after = shape.down_after;
    node
}

/// How people are notified.
pub fn manner() -> NotifyPolicy {
    NotifyPolicy::default()
}
