//! The engine's side of notifications: hands notices over and never waits for a desktop.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use up_core::Notice;
use up_sink::{Event, Interest, Queue, Receipts, Sink};

/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the notifier is told.
#[derive(Debug)]
pub(super) enum NotifierEvent {
    /// People are told this.
    Told(Arc<Notice>),
    /// There will be no more; dropping the sender says that all is done.
    End(oneshot::Sender<()>),
}

/// The sink that the engine tells.
pub(crate) struct NoticeSink {
    news: UnboundedSender<NotifierEvent>,
    /// Set by the engine before it tells anything; the notifier says there what became of it.
    receipts: Arc<OnceLock<Receipts>>,
}

impl NoticeSink {
    /// A sink, and where what it is told comes out.
    pub(super) fn new() -> (Self, UnboundedReceiver<NotifierEvent>) {
        let (news, told) = mpsc::unbounded_channel();
        let receipts = Arc::default();
        (Self { news, receipts }, told)
    }

    /// Where the notifier says what became of notices.
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
        // It is emptied at once, so nobody ever waits for a place.
        Queue::Lossless(64)
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Told(_))
    }

    fn deliver(&mut self, events: Vec<Event>, _dropped: u64) -> BoxFuture<'_, ()> {
        for event in events {
            if let Event::Told(notice) = event {
                // Nobody listens only while the application ends.
                let _ = self.news.send(NotifierEvent::Told(notice));
            }
        }
        Box::pin(std::future::ready(()))
    }

    fn acknowledges(&mut self, receipts: &Receipts) -> bool {
        self.receipts.set(receipts.clone()).is_ok()
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        let (done, ended) = oneshot::channel();
        let _ = self.news.send(NotifierEvent::End(done));
        Box::pin(async move {
            // Done, gone or late: in each case there is nothing more to wait for.
            let _ = tokio::time::timeout(LAST_WORDS, ended).await;
        })
    }
}
