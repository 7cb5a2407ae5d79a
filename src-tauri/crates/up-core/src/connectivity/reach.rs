//! Where a source's traffic goes, and which hosts are related.

use std::net::IpAddr;

/// Where a source's traffic goes. The source knows it before any check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// The traffic never leaves this machine. The source is scored whatever the state of the
    /// network.
    Here,
    /// The traffic goes to a host.
    Host {
        /// The host's name, or its address without brackets.
        host: Box<str>,
        /// What a good answer of the source proves.
        proof: Proof,
    },
    /// It is not known: a command may or may not use the network.
    #[default]
    Unknown,
}

/// What a good answer of a source proves about this machine's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: the answer may be remembered from an earlier check.
    Nothing,
    /// Someone answered: the host, or a captive portal in its place.
    Answer,
    /// The host itself answered: its certificate was verified.
    Verified,
}

impl Reach {
    /// The traffic goes to `host`, which may be this machine.
    pub fn to(host: &str, proof: Proof) -> Self {
        let host = host.trim_matches(['[', ']']);
        match address(host) {
            Some(ip) if ip.is_loopback() => Self::Here,
            None if is_localhost(host) => Self::Here,
            _ => Self::Host {
                host: host.into(),
                proof,
            },
        }
    }

    /// The host, where it is known.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Host { host, .. } => Some(host),
            Self::Here | Self::Unknown => None,
        }
    }

    /// What a good answer of the source proves.
    pub(super) const fn proof(&self) -> Proof {
        match self {
            Self::Host { proof, .. } => *proof,
            // A local source with references of its own is the end of a tunnel; an answer shows
            // that the tunnel works.
            Self::Here => Proof::Answer,
            Self::Unknown => Proof::Nothing,
        }
    }
}

/// Where the system would send packets for a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RouteScope {
    /// To this machine itself.
    Here,
    /// To a network nearer than the default route: a local one, or one behind a route of its own.
    Local,
    /// Into a tunnel, by a route of its own. The packets of the tunnel itself use the default
    /// route.
    Tunnel,
    /// Over the default route.
    #[default]
    Beyond,
    /// Nowhere: there is no route, or its link is dead.
    Gone,
}

/// The failure domain of a host: the domain of a name, or the network of an address. Hosts of one
/// failure domain may fall together for a reason of *theirs*. Hosts of different ones are
/// unrelated.
pub(super) fn failure_domain(host: &str) -> String {
    match address(host) {
        Some(IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.")
        }
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:")
        }
        None => domain(host),
    }
}

/// The last two labels of a name; three where the last two are a country's (`co.uk`, `com.au`).
fn domain(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let labels: Vec<&str> = host.split('.').collect();
    let count = match labels[..] {
        [.., second, last] if last.len() == 2 && second.len() <= 3 => 3,
        _ => 2,
    };
    labels[labels.len().saturating_sub(count)..].join(".")
}

/// True when two hosts belong to the same site, judging by their names.
pub fn are_related(one: &str, other: &str) -> bool {
    failure_domain(one) == failure_domain(other)
}

/// True of an address, false of a name.
pub(super) fn is_address(host: &str) -> bool {
    address(host).is_some()
}

/// True of an IPv6 address.
pub(super) fn is_ipv6(host: &str) -> bool {
    matches!(address(host), Some(IpAddr::V6(_)))
}

fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

fn is_localhost(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_this_machine_goes_nowhere() {
        let check = |host: &str, here: bool| {
            assert_eq!(
                Reach::to(host, Proof::Answer) == Reach::Here,
                here,
                "{host}"
            );
        };
        check("127.0.0.1", true);
        check("127.9.9.9", true);
        check("[::1]", true);
        check("LocalHost.", true);
        check("db.localhost", true);
        check("192.168.1.1", false);
        check("localhost.example", false);
        check("db", false);
    }

    #[test]
    fn kin_share_a_domain_or_a_network() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(are_related(one, other), expected, "{one} and {other}");
        };
        check("www.example.org", "example.org", true);
        check("example.org", "example.net", false);
        check("a.shop.co.uk", "b.shop.co.uk", true);
        check("shop.co.uk", "bank.co.uk", false);
        check("a.example.de", "b.example.de", true);
        check("192.0.2.1", "192.0.2.9", true);
        check("192.0.2.1", "192.0.3.1", false);
        check("2001:db8:1::1", "2001:db8:1:2::1", true);
        check("2001:db8:1::1", "2001:db8:2::1", false);
        check("db", "web", false);
    }
}
