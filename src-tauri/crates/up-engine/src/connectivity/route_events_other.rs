//! This system does not report route changes. The references alone show the state of the network.

/// A listener that never reports a change.
pub(super) struct RouteEvents;

impl RouteEvents {
    /// Subscribes to nothing.
    pub(super) fn open() -> Self {
        Self
    }

    /// Never returns.
    pub(super) async fn changed(&mut self) {
        std::future::pending().await
    }

    /// There is nothing to forget.
    pub(super) fn clear(&mut self) {}
}
