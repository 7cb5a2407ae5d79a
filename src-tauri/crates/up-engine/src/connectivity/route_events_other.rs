//! No bell: this system is not listened to, and the references alone tell.

/// A bell that never rings.
pub(super) struct RouteEvents;

impl RouteEvents {
    /// Nothing to listen to.
    pub(super) fn open() -> Self {
        Self
    }

    /// Never.
    pub(super) async fn rung(&mut self) {
        std::future::pending().await
    }

    /// Nothing rang.
    pub(super) fn hush(&mut self) {}
}
