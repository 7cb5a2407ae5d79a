//! The end of the loop: sinks and stores write out what they have buffered, within a bounded time.

use super::{FAREWELL, Loop};

impl Loop {
    pub(super) async fn close(mut self) {
        tracing::info!("stopping");
        let unwritten = self.unwritten();
        // The checks under way end here: their outcomes would come too late for a notice.
        drop(self.scheduler);
        let outlets = self
            .outlets
            .into_iter()
            .map(|outlet| outlet.close(FAREWELL));
        let outlets = futures_util::future::join_all(outlets);
        tokio::join!(
            outlets,
            self.alert_sinks.close(FAREWELL),
            self.control_io.close()
        );
        self.storage.close(FAREWELL).await;
        self.state.close(unwritten, FAREWELL).await;
    }
}
