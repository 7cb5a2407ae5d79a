//! The queue in front of a receiver: notices are delivered in order and one at a time, so that one
//! that is not accepted delays those behind it, but no other sink.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use up_core::{Mood, Notice};
use up_history::state::DeliveryState;

use crate::alert_receiver::{AlertReceiver, DeliveryOutcome};
use crate::receipts::Receipts;
use crate::report::Report;
use crate::sink::{Event, Interest, Queue, Sink};

/// So many notices wait at the most, more than a day of the worst storm can bring.
const WAITING: usize = 10_000;
/// At the end those that wait are offered once more, within this time.
const LAST: Duration = Duration::from_secs(3);

/// What an alert sink is opened with.
pub struct DeliveryContext {
    /// The name of the running Up.
    pub agent: String,
    /// Returns the current mood.
    pub mood: Box<dyn Fn() -> Mood + Send + Sync>,
    /// Receives what is wrong with the delivery: one line for a person, `None` when all is well.
    pub trouble: watch::Sender<Option<String>>,
    /// Receives the outcome of each notice.
    pub receipts: Receipts,
}

/// The sink in front of a receiver.
pub(crate) struct DeliveryQueue {
    kind: &'static str,
    shown: String,
    context: Arc<DeliveryContext>,
    reports: Option<mpsc::Sender<Report>>,
    /// Dropped at the end, which the task takes for the sign to hurry.
    on: Option<watch::Sender<()>>,
    task: JoinHandle<()>,
}

impl DeliveryQueue {
    /// A sink of the type `kind` in front of `receiver`, with a task on the current runtime.
    pub(crate) fn new(
        kind: &'static str,
        receiver: Arc<dyn AlertReceiver>,
        context: DeliveryContext,
    ) -> Self {
        let (reports, inbox) = mpsc::channel(WAITING);
        let (on, end) = watch::channel(());
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
            on: Some(on),
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
        // It is emptied at once, so nobody waits for a place.
        Queue::Lossless(64)
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Told(_))
    }

    fn deliver(&mut self, events: Vec<Event>, _dropped: u64) -> BoxFuture<'_, ()> {
        for event in events {
            if let (Event::Told(notice), Some(reports)) = (event, &self.reports) {
                // Full only when nothing was taken for days: then the newest is what is let go.
                if reports.try_send(self.report(&notice)).is_err() {
                    let why = "too many notices wait for it";
                    self.context.receipts.refused(&notice, why);
                }
            }
        }
        Box::pin(std::future::ready(()))
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        (self.reports, self.on) = (None, None);
        Box::pin(async {
            if timeout(LAST, &mut self.task).await.is_err() {
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
            let (first, mut tried) = (Instant::now(), 0);
            loop {
                let outcome = self.receiver.deliver(&report, tried, first.elapsed()).await;
                tried += 1;
                let pause = self.settle(&report, tried, outcome);
                // At the end of the program no retry waits for its pause.
                let Some(pause) = pause.filter(|_| end.has_changed().is_ok()) else {
                    break;
                };
                // Returns when the pause is over or the end has come.
                let _ = timeout(pause, end.changed()).await;
            }
        }
    }

    /// Logs and reports the outcome of an attempt. Returns the pause before the next one, `None`
    /// when there is none.
    fn settle(&self, report: &Report, tried: u32, outcome: DeliveryOutcome) -> Option<Duration> {
        let (sink, to, id) = (self.kind, self.receiver.shown(), report.of_notice().0);
        let (pause, why) = match outcome {
            DeliveryOutcome::Done => {
                tracing::info!(sink, to, id, tried, "told");
                self.record(report, DeliveryState::Delivered);
                self.set_trouble(None);
                return None;
            }
            DeliveryOutcome::GiveUp(why) => {
                self.record(report, DeliveryState::Refused(why.clone()));
                (None, format!("{why}; this notice is let go"))
            }
            DeliveryOutcome::Again(pause, why) => (Some(pause), why),
        };
        tracing::warn!(sink, to, id, tried, "not told: {why}");
        self.set_trouble(Some(format!("{sink} to {to}: {why}")));
        pause
    }

    fn record(&self, report: &Report, fate: DeliveryState) {
        let receipts = &self.context.receipts;
        receipts.note(report.of_notice(), fate, None);
    }

    fn set_trouble(&self, text: Option<String>) {
        self.context.trouble.send_if_modified(|shown| {
            let is_new = *shown != text;
            *shown = text;
            is_new
        });
    }
}
