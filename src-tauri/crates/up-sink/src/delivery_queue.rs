//! The queue in front of a receiver. It delivers notices in order and one at a time: a notice that
//! its receiver does not accept delays the notices behind it, but no other sink.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use up_core::{Mood, Notice};
use up_history::state::DeliveryState;

use crate::alert_receiver::{AlertReceiver, DeliveryFailure, DeliveryOutcome};
use crate::receipts::Receipts;
use crate::report::Report;
use crate::sink::{Event, Interest, Queue, Sink};
use crate::trouble::SinkTrouble;

/// The capacity of the queue, in notices. The worst alert storm does not send this many in a day.
const CAPACITY: usize = 10_000;
/// How long a closing queue still tries to deliver the notices that wait in it.
const CLOSING_TIME: Duration = Duration::from_secs(3);

/// What an alert sink is opened with.
pub struct DeliveryContext {
    /// The name of the running Up.
    pub agent: String,
    /// Returns the current mood.
    pub mood: Box<dyn Fn() -> Mood + Send + Sync>,
    /// Receives what is wrong with the delivery; `None` when all is well.
    pub trouble: watch::Sender<Option<SinkTrouble>>,
    /// Receives the outcome of each notice.
    pub receipts: Receipts,
}

/// The sink that puts a queue and a delivery task in front of a receiver.
pub(crate) struct DeliveryQueue {
    kind: &'static str,
    shown: String,
    context: Arc<DeliveryContext>,
    reports: Option<mpsc::Sender<Report>>,
    /// Dropped when the sink is closed. The delivery task then stops waiting between attempts.
    running: Option<watch::Sender<()>>,
    task: JoinHandle<()>,
}

impl DeliveryQueue {
    /// A sink of the type `kind` in front of `receiver`, with a task on the current runtime.
    pub(crate) fn new(
        kind: &'static str,
        receiver: Arc<dyn AlertReceiver>,
        context: DeliveryContext,
    ) -> Self {
        let (reports, inbox) = mpsc::channel(CAPACITY);
        let (running, end) = watch::channel(());
        let context = Arc::new(context);
        let shown = format!("{kind} {}", receiver.shown());
        let delivery = DeliveryTask {
            kind,
            receiver,
            context: Arc::clone(&context),
        };
        let task = tokio::spawn(delivery.run(inbox, end));
        Self {
            kind,
            shown,
            context,
            reports: Some(reports),
            running: Some(running),
            task,
        }
    }

    fn report(&self, notice: &Notice) -> Report {
        Report::of(notice, (self.context.mood)(), &self.context.agent)
    }
}

impl Sink for DeliveryQueue {
    fn name(&self) -> &str {
        self.kind
    }

    fn notifies(&self) -> Option<String> {
        Some(self.shown.clone())
    }

    fn queue(&self) -> Queue {
        // `deliver` below only moves events into the queue of the task, so this one is never full
        // for long.
        Queue::Lossless(64)
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Told(_))
    }

    fn deliver(&mut self, events: Vec<Event>, _dropped: u64) -> BoxFuture<'_, ()> {
        for event in events {
            if let (Event::Told(notice), Some(reports)) = (event, &self.reports) {
                // The queue is full only if the receiver accepted nothing for days. The newest
                // notice is dropped then.
                if reports.try_send(self.report(&notice)).is_err() {
                    let why = "too many notices wait for it";
                    self.context.receipts.refused(&notice, why);
                }
            }
        }
        Box::pin(std::future::ready(()))
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        (self.reports, self.running) = (None, None);
        Box::pin(async {
            if timeout(CLOSING_TIME, &mut self.task).await.is_err() {
                self.task.abort();
            }
        })
    }
}

/// Delivers the queued notices in order, one at a time.
struct DeliveryTask {
    kind: &'static str,
    receiver: Arc<dyn AlertReceiver>,
    context: Arc<DeliveryContext>,
}

impl DeliveryTask {
    async fn run(self, mut inbox: mpsc::Receiver<Report>, mut end: watch::Receiver<()>) {
        while let Some(report) = inbox.recv().await {
            let (first, mut attempts) = (Instant::now(), 0);
            loop {
                let outcome = self
                    .receiver
                    .deliver(&report, attempts, first.elapsed())
                    .await;
                attempts += 1;
                let pause = self.settle(&report, attempts, outcome);
                // Once the sink is closed, a failed notice is not attempts again.
                let Some(pause) = pause.filter(|_| end.has_changed().is_ok()) else {
                    break;
                };
                // Ends when the pause is over or the sink is closed.
                let _ = timeout(pause, end.changed()).await;
            }
        }
    }

    /// Logs the outcome of an attempt and records it in the receipts. Returns the pause before the
    /// next attempt; `None` when there is none.
    fn settle(&self, report: &Report, attempts: u32, outcome: DeliveryOutcome) -> Option<Duration> {
        let (sink, to, id) = (self.kind, self.receiver.shown(), report.of_notice().0);
        let (pause, DeliveryFailure { class, why }) = match outcome {
            DeliveryOutcome::Delivered => {
                tracing::info!(sink, to, id, attempts, "notice delivered");
                self.record(report, DeliveryState::Delivered);
                SinkTrouble::set(&self.context.trouble, None);
                return None;
            }
            DeliveryOutcome::GiveUp(failure) => {
                self.record(report, DeliveryState::Refused(failure.why.clone()));
                let why = format!("{}; this notice is dropped", failure.why);
                (None, DeliveryFailure { why, ..failure })
            }
            DeliveryOutcome::RetryAfter(pause, failure) => (Some(pause), failure),
        };
        tracing::warn!(sink, to, id, attempts, "notice not delivered: {why}");
        let trouble = SinkTrouble::new(class, format!("{sink} to {to}: {why}"));
        SinkTrouble::set(&self.context.trouble, Some(trouble));
        pause
    }

    fn record(&self, report: &Report, state: DeliveryState) {
        let receipts = &self.context.receipts;
        receipts.note(report.of_notice(), state, None);
    }
}
