//! The known addresses of the sources' hosts, and what changed in the routes to them. The kernel is
//! asked when it reported a change or a source failed. Its answers are remembered in between.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use up_config::Plan;
use up_core::connectivity::{ConnectivityEvent, RouteScope};
use up_core::{NodeId, Sample, Value};

use super::routes::{Route, Routes};

/// Addresses far away in IPv4 and IPv6: those of the first root name server. Nothing is sent there;
/// the kernel is only asked where it would send it.
pub(super) const FAR: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(198, 41, 0, 4)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0x503, 0xba3e, 0, 0, 0, 0x2, 0x30)),
];

#[derive(Default)]
pub(super) struct RouteTable {
    routes: Routes,
    /// Each source's address: the one in its configuration, or the one that its last answer came
    /// from.
    addresses: HashMap<NodeId, IpAddr>,
    /// The sources whose configuration has a host name instead of an address.
    named: Vec<NodeId>,
    /// The route scope that was last reported for each address.
    scopes: HashMap<IpAddr, RouteScope>,
    far: Option<[Option<Route>; 2]>,
}

impl RouteTable {
    /// Uses the sources of this plan from now on. Learnt addresses are forgotten until the next
    /// answers.
    pub(super) fn take_up(&mut self, plan: &Plan) {
        self.addresses.clear();
        self.named.clear();
        self.scopes.clear();
        self.far = None;
        for probe in &plan.probes {
            let reach = probe.source.reach();
            let Some(host) = reach.host() else { continue };
            match host.parse() {
                Ok(ip) => {
                    self.addresses.insert(probe.node, ip);
                }
                Err(_) => self.named.push(probe.node),
            }
        }
        self.named.sort_unstable();
    }

    /// Learns the address that a host with a name answered from.
    pub(super) fn learn(&mut self, node: NodeId, sample: &Sample) {
        if self.named.binary_search(&node).is_err() {
            return;
        }
        let Some(Value::Text(remote)) = sample.detail.get("remote") else {
            return;
        };
        let ip = match remote.parse::<SocketAddr>() {
            Ok(address) => Some(address.ip()),
            Err(_) => remote.parse().ok(),
        };
        if let Some(ip) = ip {
            self.addresses.insert(node, ip);
        }
    }

    /// Asks for the routes of all sources. Returns what changed.
    pub(super) fn look(&mut self) -> Vec<ConnectivityEvent> {
        self.scopes.clear();
        let nodes: Vec<NodeId> = self.addresses.keys().copied().collect();
        let scopes = nodes.into_iter().filter_map(|node| self.scope(node));
        let scopes: Vec<(NodeId, RouteScope)> = scopes.collect();
        self.events(scopes)
    }

    /// Asks for the route of one source and for the default route. Returns what changed.
    pub(super) fn look_at(&mut self, node: NodeId) -> Vec<ConnectivityEvent> {
        let Some(ip) = self.addresses.get(&node) else {
            return self.events(Vec::new());
        };
        let before = self.scopes.remove(ip);
        let scope = self.scope(node);
        let changed = scope.filter(|(_, scope)| Some(*scope) != before);
        self.events(changed.into_iter().collect())
    }

    fn scope(&mut self, node: NodeId) -> Option<(NodeId, RouteScope)> {
        let ip = *self.addresses.get(&node)?;
        if let Some(scope) = self.scopes.get(&ip) {
            return Some((node, *scope));
        }
        let scope = self.routes.to(ip)?.scope;
        self.scopes.insert(ip, scope);
        Some((node, scope))
    }

    /// The events for these route scopes and for the default route; none when nothing changed.
    fn events(&mut self, scopes: Vec<(NodeId, RouteScope)>) -> Vec<ConnectivityEvent> {
        let far = FAR.map(|ip| self.routes.to(ip));
        if far.iter().all(Option::is_none) {
            // The system does not answer. The references alone show the state of the network.
            return Vec::new();
        }
        let is_routed = |route: &Option<Route>| {
            route
                .as_ref()
                .is_some_and(|route| route.scope != RouteScope::Gone)
        };
        let default = far.iter().any(is_routed);
        let before = self.far.replace(far.clone());
        let was_default = before.as_ref().map(|far| far.iter().any(is_routed));
        let mut events = Vec::new();
        if !scopes.is_empty() || was_default != Some(default) {
            events.push(ConnectivityEvent::Routes { default, scopes });
        }
        if was_default == Some(true) && default && before != Some(far) {
            events.push(ConnectivityEvent::Rerouted);
        }
        events
    }
}
