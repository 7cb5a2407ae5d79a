//! The way from the engine to its sinks: a queue and a task for each, so that none waits for
//! another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use up_sink::{Event, Interest, Queue, Receipts, Sink};

/// How many events a sink is handed at once.
const BATCH: usize = 1_000;
/// How long the engine waits for a full lossless queue. A sink that takes longer than that is
/// stuck, and must not become an outage of the watch itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// One sink and the queue before it.
pub(crate) struct Outlet {
    sender: mpsc::Sender<Event>,
    interest: Interest,
    /// Whom it brings notices to.
    tells: Option<Arc<str>>,
    waits: bool,
    /// By which name it says what became of notices; `None` of one that does not.
    name: Option<String>,
    /// Counted here and told by the sink's task: the queue is the only other thing they share.
    dropped: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Outlet {
    /// Starts the sink's task on the current runtime.
    pub(crate) fn open(mut sink: Box<dyn Sink>) -> Self {
        let (size, waits) = match sink.queue() {
            Queue::Lossy(size) => (size, false),
            Queue::Lossless(size) => (size, true),
        };
        let (sender, mut inbox) = mpsc::channel(size.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        let (interest, tells) = (sink.interest(), sink.notifies().map(Arc::from));
        let lost = Arc::clone(&dropped);
        let task = tokio::spawn(async move {
            let mut batch = Vec::new();
            while inbox.recv_many(&mut batch, BATCH).await > 0 {
                sink.deliver(std::mem::take(&mut batch), lost.swap(0, Ordering::Relaxed))
                    .await;
            }
            sink.finish().await;
        });
        Self {
            sender,
            interest,
            tells,
            waits,
            name: None,
            dropped,
            task,
        }
    }

    /// Whom it brings notices to, if it does.
    pub(crate) fn tells(&self) -> Option<Arc<str>> {
        self.tells.clone()
    }

    /// The same for a sink that is asked to say what became of notices.
    pub(crate) fn acknowledging(
        mut sink: Box<dyn Sink>,
        receipts: impl Fn(&str) -> Receipts,
    ) -> Self {
        let name = sink.name().to_owned();
        let acknowledges = sink.acknowledges(&receipts(&name));
        Self::open(sink).named(acknowledges.then_some(name))
    }

    /// It says by that name what became of notices.
    pub(crate) fn named(self, name: Option<String>) -> Self {
        Self { name, ..self }
    }

    /// By which name it says what became of notices.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Hands an event over, if the sink wants it.
    pub(crate) async fn publish(&self, event: &Event) {
        if !(self.interest)(event) {
            return;
        }
        let left = match self.sender.try_send(event.clone()) {
            Ok(()) => return,
            Err(mpsc::error::TrySendError::Full(event)) if self.waits => event,
            Err(_) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
        };
        if self.sender.send_timeout(left, PATIENCE).await.is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets the sink tell what is queued, and waits for it that long at most.
    pub(crate) async fn close(self, patience: Duration) {
        drop(self.sender);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(patience, self.task).await.is_err() {
            abort.abort();
        }
    }
}
