//! Where a source's traffic goes, and which hosts have nothing to do with each other.

use std::net::IpAddr;

/// Where a source's traffic goes: said by the source, before anything is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere: it never leaves this machine, and goes on being scored whatever the network does.
    Here,
    /// To that host, by name or address.
    Host {
        /// The name, or the address without brackets.
        host: Box<str>,
        /// What a good answer of it proves.
        proof: Proof,
    },
    /// Nobody knows (a command may or may not use the network).
    #[default]
    Unknown,
}

/// What a source's good answer proves of our network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: it may have been remembered from an earlier asking.
    Nothing,
    /// That someone answered: the host, or a captive portal in its place.
    Answer,
    /// That the host itself answered: a verified certificate says so.
    Verified,
}

impl Reach {
    /// To that host, which may be this machine.
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

    /// What its good answer proves.
    pub(super) const fn proof(&self) -> Proof {
        match self {
            Self::Host { proof, .. } => *proof,
            // With references of its own it is a tunnel's end, and its answer came through.
            Self::Here => Proof::Answer,
            Self::Unknown => Proof::Nothing,
        }
    }
}

/// Where the system would send what is meant for a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RouteScope {
    /// To this machine itself.
    Here,
    /// Into a network nearer than the default route: a local one, or one behind a route of its own.
    Local,
    /// Into a tunnel, by a route of its own: what carries the tunnel goes by the default route.
    Tunnel,
    /// By the default route.
    #[default]
    Beyond,
    /// Nowhere: there is no route, or its link is dead.
    Gone,
}

/// What a host has in common with those that fall together with it for a reason of *theirs*: the
/// domain of a name, the network of an address. Hosts without that in common are unrelated.
pub(super) fn kin(host: &str) -> String {
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

/// True when both are the same site, as far as their names say.
pub fn are_related(one: &str, other: &str) -> bool {
    kin(one) == kin(other)
}

/// True of an address, and not a name.
pub(super) fn is_address(host: &str) -> bool {
    address(host).is_some()
}

/// True of an address of IPv6.
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
