//! What a reference answered, and why this machine's own network is taken to be gone.

/// What one reference said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceAnswer {
    /// What was to be expected of it: our network is there.
    Answered,
    /// Something, but not what was to be expected: an untrusted certificate, a redirect to another
    /// site. So answers who wants a login first.
    Wrong,
    /// Nothing in time, or an error on the way.
    Silent,
    /// This machine ran out of something while asking: says nothing.
    Unasked,
}

/// What makes us say that we are offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfflineReason {
    /// There is no default route, or its link is dead.
    NoRoute,
    /// No reference answers, and several unrelated hosts do not either.
    Silent,
    /// A reference was answered by someone else: a captive portal.
    Portal,
}
