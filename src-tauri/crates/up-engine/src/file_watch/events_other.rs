//! No bell: this system is not listened to, and the looks alone tell.

use up_files::SeenFile;

/// A bell that never rings.
#[derive(Default)]
pub(super) struct FileEvents;

impl FileEvents {
    /// Nothing to listen to.
    pub(super) fn follow(&mut self, _: &[SeenFile]) {}

    /// Never.
    pub(super) async fn rung(&mut self) {
        std::future::pending().await
    }

    /// Nothing rang.
    pub(super) fn hush(&mut self) {}
}
