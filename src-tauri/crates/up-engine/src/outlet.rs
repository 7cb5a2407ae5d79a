//! The connection from the engine to a sink: each sink has a queue and a task of its own, so that
//! no sink waits for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use up_sink::{Event, Interest, Queue, Receipts, Sink};

/// How many events a sink receives in one call.
const BATCH: usize = 1_000;
/// How long the engine waits for a place in a full lossless queue. A sink that takes longer is
/// stuck, and must not stop the watch.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A sink's task, and the queue in front of it.
pub(crate) struct Outlet {
    sender: mpsc::Sender<Event>,
    interest: Interest,
    /// The people or the program that the sink delivers notices to; `None` for a sink without
    /// notices.
    notifies: Option<Arc<str>>,
    lossless: bool,
    /// The name under which the sink reports what became of notices; `None` for a sink that does
    /// not.
    name: Option<String>,
    /// The number of dropped events. The engine counts it, and the sink's task hands it to the
    /// sink.
    dropped: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Outlet {
    /// Starts the sink's task on the current runtime.
    pub(crate) fn open(mut sink: Box<dyn Sink>) -> Self {
        let (size, lossless) = match sink.queue() {
            Queue::Lossy(size) => (size, false),
            Queue::Lossless(size) => (size, true),
        };
        let (sender, mut inbox) = mpsc::channel(size.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        let (interest, notifies) = (sink.interest(), sink.notifies().map(Arc::from));
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
            notifies,
            lossless,
            name: None,
            dropped,
            task,
        }
    }

    /// The receiver of the sink's notices, for a person; `None` for a sink without notices.
    pub(crate) fn notifies(&self) -> Option<Arc<str>> {
        self.notifies.clone()
    }

    /// Opens a sink after asking it whether it reports what became of notices.
    pub(crate) fn acknowledging(
        mut sink: Box<dyn Sink>,
        receipts: impl Fn(&str) -> Receipts,
    ) -> Self {
        let name = sink.name().to_owned();
        let acknowledges = sink.acknowledges(&receipts(&name));
        Self::open(sink).named(acknowledges.then_some(name))
    }

    /// Sets the name under which the sink reports what became of notices.
    pub(crate) fn named(self, name: Option<String>) -> Self {
        Self { name, ..self }
    }

    /// The name under which the sink reports what became of notices.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Queues an event if the sink is interested in it.
    pub(crate) async fn publish(&self, event: &Event) {
        if !(self.interest)(event) {
            return;
        }
        let left = match self.sender.try_send(event.clone()) {
            Ok(()) => return,
            Err(mpsc::error::TrySendError::Full(event)) if self.lossless => event,
            Err(_) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
        };
        if self.sender.send_timeout(left, TIMEOUT).await.is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Closes the queue and waits until the sink has delivered what is in it, for at most
    /// `patience`.
    pub(crate) async fn close(self, patience: Duration) {
        drop(self.sender);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(patience, self.task).await.is_err() {
            abort.abort();
        }
    }
}
