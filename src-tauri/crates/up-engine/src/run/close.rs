//! The loop's end: what is held back is written out, for as long as patience lasts.

use super::{FAREWELL, Loop};

impl Loop {
    pub(super) async fn close(mut self) {
        tracing::info!("stopping");
        let unwritten = self.unwritten();
        // What is being asked ends here; its answers would come too late to be told.
        drop(self.rounds);
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
        self.keep.close(FAREWELL).await;
        self.state.close(unwritten, FAREWELL).await;
    }
}
