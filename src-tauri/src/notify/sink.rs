//! The sink through which the engine passes notices to the notifier. It never waits for a desktop.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use up_core::Notice;
use up_sink::{Event, Interest, Queue, Receipts, Sink};

/// How long the notifier may take to finish at the end.
const FINISH_TIMEOUT: Duration = Duration::from_secs(1);

/// A message to the notifier.
#[derive(Debug)]
pub(super) enum NotifierEvent {
    /// Deliver this notice.
    Notice(Arc<Notice>),
    /// There will be no more notices. Dropping the sender confirms that the notifier is done.
    End(oneshot::Sender<()>),
}

/// The engine's sink for desktop notifications.
pub(crate) struct NoticeSink {
    messages: UnboundedSender<NotifierEvent>,
    /// The receipts, set by the engine before the first notice. The notifier reports there whether
    /// each notice was delivered.
    receipts: Arc<OnceLock<Receipts>>,
}

impl NoticeSink {
    /// A sink, and the receiving end of its messages.
    pub(super) fn new() -> (Self, UnboundedReceiver<NotifierEvent>) {
        let (messages, receiver) = mpsc::unbounded_channel();
        let receipts = Arc::default();
        (Self { messages, receipts }, receiver)
    }

    /// The receipts, for the notifier.
    pub(super) fn receipts(&self) -> Arc<OnceLock<Receipts>> {
        Arc::clone(&self.receipts)
    }
}

impl Sink for NoticeSink {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn notifies(&self) -> Option<String> {
        Some("the desktop".into())
    }

    fn queue(&self) -> Queue {
        // The queue is emptied at once, so that the engine never waits for it.
        Queue::Lossless(64)
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Told(_))
    }

    fn deliver(&mut self, events: Vec<Event>, _dropped: u64) -> BoxFuture<'_, ()> {
        for event in events {
            if let Event::Told(notice) = event {
                // Sending fails only while the application ends.
                let _ = self.messages.send(NotifierEvent::Notice(notice));
            }
        }
        Box::pin(std::future::ready(()))
    }

    fn acknowledges(&mut self, receipts: &Receipts) -> bool {
        self.receipts.set(receipts.clone()).is_ok()
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        let (done, ended) = oneshot::channel();
        let _ = self.messages.send(NotifierEvent::End(done));
        Box::pin(async move {
            // Whether the notifier is done, gone or late, there is nothing more to wait for.
            let _ = tokio::time::timeout(FINISH_TIMEOUT, ended).await;
        })
    }
}
