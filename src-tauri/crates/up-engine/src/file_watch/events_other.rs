//! This system reports no file events here. The scans alone see changes.

use up_files::SeenFile;

/// A listener that never reports an event.
#[derive(Default)]
pub(super) struct FileEvents;

impl FileEvents {
    /// Watches nothing.
    pub(super) fn follow(&mut self, _: &[SeenFile]) {}

    /// Never returns.
    pub(super) async fn changed(&mut self) {
        std::future::pending().await
    }

    /// There is nothing to forget.
    pub(super) fn clear(&mut self) {}
}
