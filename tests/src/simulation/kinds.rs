//! The kinds of trouble that a simulated world can have, each drawn from the seed on its own.

/// A kind of trouble, or of variety, in addition to the plain world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldKind {
    /// Sources differ in interval, timeout and `down_after`.
    Varied,
    /// Our own link loses 5 to 30 % of the packets for minutes.
    Loss,
    /// All answers come near the deadline, because our own link is slow.
    Slow,
    /// A third of the sources, in all trees, is down: a provider or a region.
    Region,
    /// The references are down, slow or wrong, while everything else is up.
    References,
    /// The VPN is lost, and with it a tenth of the sources.
    Vpn,
    /// Nothing is reachable over IPv6.
    Ipv6,
    /// The resolver answers for some names and fails for others.
    Names,
    /// A captive portal comes right after a loss of Wi-Fi, twice.
    Portals,
    /// The machine sleeps in the middle of a check, a group wait or packet loss, and wakes up for
    /// 10 s.
    Sleep,
    /// The wall clock is set.
    Clock,
    /// The configuration is reloaded.
    Reload,
    /// Certificates and domains expire.
    Expiry,
    /// Components of status pages flap.
    Pages,
}

impl WorldKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Varied,
        Self::Loss,
        Self::Slow,
        Self::Region,
        Self::References,
        Self::Vpn,
        Self::Ipv6,
        Self::Names,
        Self::Portals,
        Self::Sleep,
        Self::Clock,
        Self::Reload,
        Self::Expiry,
        Self::Pages,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Varied => "varied",
            Self::Loss => "loss",
            Self::Slow => "slow",
            Self::Region => "region",
            Self::References => "references",
            Self::Vpn => "vpn",
            Self::Ipv6 => "ipv6",
            Self::Names => "names",
            Self::Portals => "portals",
            Self::Sleep => "sleep",
            Self::Clock => "clock",
            Self::Reload => "reload",
            Self::Expiry => "expiry",
            Self::Pages => "pages",
        }
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
