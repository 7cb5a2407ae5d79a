//! The possible answers of a reference, and the reasons why this machine's network is considered
//! gone.

/// The result of checking one reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceAnswer {
    /// The reference answered as expected, so the network is there.
    Answered,
    /// Something answered, but not as expected: an untrusted certificate, or a redirect to another
    /// site. A captive portal answers like this.
    Wrong,
    /// No answer came in time, or an error on the way.
    Silent,
    /// This machine lacked something for the check. The result says nothing about the network.
    Unasked,
}

/// Why this machine counts as offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfflineReason {
    /// There is no default route, or its link is dead.
    NoRoute,
    /// No reference answers, and neither do several unrelated hosts.
    Silent,
    /// Someone else answered for a reference: a captive portal.
    Portal,
}
