//! Telling another program: notices wait in order, one is brought at a time, and one that could not
//! be brought holds up those behind it, but nobody else.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use up_core::{Mood, Notice};

use up_history::state::DeliveryState;

use crate::report::Report;
use crate::{Event, Interest, Queue, Receipts, Sink};

/// So many notices wait at the most, more than a day of the worst storm can bring.
const WAITING: usize = 10_000;
/// At the end those that wait are offered once more, within this time.
const LAST: Duration = Duration::from_secs(3);

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    /// It was taken: go on with the next.
    Done,
    /// Offer it again after this pause; what is wrong stands beside it.
    Again(Duration, String),
    /// Let it go, for this reason.
    GiveUp(String),
}

/// A place that notices are brought to.
pub(crate) trait Destination: Send + Sync + 'static {
    /// What kind of sink it is.
    fn kind(&self) -> &'static str;
    /// Where it is, for what is said of it; without secrets.
    fn shown(&self) -> &str;
    /// Brings it there, within bounds. `tried` counts the tries before this one, `age` the time
    /// since the first.
    fn bring<'a>(
        &'a self,
        report: &'a Report,
        tried: u32,
        age: Duration,
    ) -> BoxFuture<'a, DeliveryOutcome>;
}

/// What a teller is opened with.
pub struct Voice {
    /// This running Up's name.
    pub agent: String,
    /// The mood of now.
    pub mood: Box<dyn Fn() -> Mood + Send + Sync>,
    /// Where it says what is wrong with telling: one line for a person, `None` when all is well.
    pub trouble: watch::Sender<Option<String>>,
    /// Where it says what became of each notice.
    pub receipts: Receipts,
}

/// The sink before such a place.
pub(crate) struct DeliveryQueue {
    kind: &'static str,
    shown: String,
    voice: Arc<Voice>,
    reports: Option<mpsc::Sender<Report>>,
    /// Dropped at the end, which the task takes for the sign to hurry.
    on: Option<watch::Sender<()>>,
    task: JoinHandle<()>,
}

impl DeliveryQueue {
    /// A sink that tells `place`, by a task on the current runtime.
    pub(crate) fn new(place: Arc<dyn Destination>, voice: Voice) -> Self {
        let (reports, inbox) = mpsc::channel(WAITING);
        let (on, end) = watch::channel(());
        let (kind, voice) = (place.kind(), Arc::new(voice));
        let shown = format!("{kind} {}", place.shown());
        let task = tokio::spawn(run(place, inbox, end, Arc::clone(&voice)));
        Self {
            kind,
            shown,
            voice,
            reports: Some(reports),
            on: Some(on),
            task,
        }
    }

    fn report(&self, notice: &Notice) -> Report {
        Report::of(notice, (self.voice.mood)(), &self.voice.agent)
    }
}

impl Sink for DeliveryQueue {
    fn name(&self) -> &str {
        self.kind
    }

    fn tells(&self) -> Option<String> {
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
                    self.voice.receipts.refused(&notice, why);
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

async fn run(
    place: Arc<dyn Destination>,
    mut inbox: mpsc::Receiver<Report>,
    mut end: watch::Receiver<()>,
    voice: Arc<Voice>,
) {
    let trouble = &voice.trouble;
    while let Some(report) = inbox.recv().await {
        let (first, mut tried) = (Instant::now(), 0);
        loop {
            let next = place.bring(&report, tried, first.elapsed()).await;
            tried += 1;
            let (pause, why) = match next {
                DeliveryOutcome::Done => {
                    tracing::info!(
                        sink = place.kind(),
                        to = place.shown(),
                        id = report.of_notice().0,
                        tried,
                        "told"
                    );
                    note(&voice, &report, DeliveryState::Delivered);
                    say(trouble, None);
                    break;
                }
                DeliveryOutcome::GiveUp(why) => {
                    note(&voice, &report, DeliveryState::Refused(why.clone()));
                    (None, format!("{why}; this notice is let go"))
                }
                DeliveryOutcome::Again(pause, why) => (Some(pause), why),
            };
            tracing::warn!(
                sink = place.kind(),
                to = place.shown(),
                id = report.of_notice().0,
                tried,
                "not told: {why}"
            );
            say(
                trouble,
                Some(format!("{} to {}: {why}", place.kind(), place.shown())),
            );
            // At the end nothing is waited for any more.
            let Some(pause) = pause.filter(|_| end.has_changed().is_ok()) else {
                break;
            };
            // Either the pause is over, or the end has come.
            let _ = timeout(pause, end.changed()).await;
        }
    }
}

fn note(voice: &Voice, report: &Report, fate: DeliveryState) {
    voice.receipts.note(report.of_notice(), fate, None);
}

fn say(trouble: &watch::Sender<Option<String>>, text: Option<String>) {
    trouble.send_if_modified(|said| {
        let news = *said != text;
        *said = text;
        news
    });
}
