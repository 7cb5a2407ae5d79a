//! History: everything goes into the embedded store, in batches.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};
use up_core::{Note, Record};
use up_history::{Embedded, StoreError};
use up_source::ConfigProblem;

use crate::configure::{BuildContext, ConfigureSink, SinkRole};
use crate::sink::{Event, Interest, Queue, Sink};

/// Records the samples of a one-shot check (`up` without a command) in the embedded history.
/// `up watch` and `up-tray` record theirs without this sink.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryConfig {}

impl ConfigureSink for HistoryConfig {
    fn build(
        &self,
        _kind: &'static str,
        _context: &BuildContext<'_>,
    ) -> Result<SinkRole, ConfigProblem> {
        Ok(SinkRole::Record)
    }
}

/// As much waits before whoever brings more must wait too.
const QUEUE: usize = 20_000;

/// Batches under way to the task that writes.
const UNDER_WAY: usize = 8;

/// A commit takes what has come in this time: one that is made for every sample wears disks out.
const GATHER: Duration = Duration::from_secs(1);

/// As many records are written without waiting for more.
const ENOUGH: usize = 5_000;

/// As much is held back while the store takes nothing; beyond it the oldest are let go.
const BACKLOG: usize = 100_000;

/// Notes held back while the store takes nothing; a person writes few.
const NOTES: usize = 1_000;

/// At the end a store that takes nothing is still offered what is held for so long.
const LAST: Duration = Duration::from_secs(3);

/// Writes samples and notes into the embedded store, about once a second. A store that refuses (a
/// full disk) stops nothing: a bounded backlog is kept and offered again.
pub struct HistorySink {
    /// Closed at the end, which the task takes for the sign to write the rest.
    batches: Option<mpsc::Sender<Vec<Event>>>,
    task: JoinHandle<()>,
}

impl HistorySink {
    /// A sink that writes into this store, by a task on the current runtime. It tells `trouble`
    /// what is wrong with that, if anything: one line for a person, `None` when all is well again.
    pub fn new(store: Embedded, trouble: watch::Sender<Option<String>>) -> Self {
        let (batches, inbox) = mpsc::channel(UNDER_WAY);
        let held = Held {
            store,
            trouble,
            records: Vec::new(),
            notes: Vec::new(),
            lost: 0,
        };
        Self {
            batches: Some(batches),
            task: tokio::spawn(held.run(inbox)),
        }
    }
}

impl Sink for HistorySink {
    fn name(&self) -> &'static str {
        "history"
    }

    fn queue(&self) -> Queue {
        Queue::Lossless(QUEUE)
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Sampled(_) | Event::Noted(_))
    }

    fn deliver(&mut self, events: Vec<Event>, _dropped: u64) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some(batches) = &self.batches {
                // The task ends after this side only.
                let _ = batches.send(events).await;
            }
        })
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if self.batches.take().is_some() {
                // It bounds its own end.
                let _ = (&mut self.task).await;
            }
        })
    }
}

/// What is on its way into the store.
struct Held {
    store: Embedded,
    trouble: watch::Sender<Option<String>>,
    records: Vec<Arc<Record>>,
    notes: Vec<Arc<Note>>,
    /// How many were let go since the trouble began.
    lost: u64,
}

impl Held {
    async fn run(mut self, mut inbox: mpsc::Receiver<Vec<Event>>) {
        let mut well = true;
        while let Some(events) = inbox.recv().await {
            self.hold(events);
            while !self.is_empty() {
                let due = Instant::now() + GATHER;
                let mut open = true;
                while open && !(well && self.records.len() >= ENOUGH) {
                    match timeout_at(due, inbox.recv()).await {
                        Ok(Some(events)) => self.hold(events),
                        Ok(None) => open = false,
                        Err(_) => break,
                    }
                }
                if !open {
                    return self.write_the_rest().await;
                }
                well = self.write().await;
            }
        }
    }

    async fn write_the_rest(mut self) {
        let end = Instant::now() + LAST;
        while !self.write().await && Instant::now() < end {
            sleep_until(end.min(Instant::now() + GATHER)).await;
        }
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.notes.is_empty()
    }

    fn hold(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Sampled(record) => self.records.push(record),
                Event::Noted(note) => self.notes.push(note),
                Event::Changed(_) | Event::Told(_) => {}
            }
        }
        self.lost += let_go(&mut self.records, BACKLOG) + let_go(&mut self.notes, NOTES);
    }

    /// Offers what is held, and tells how that went; false when the store did not take it.
    async fn write(&mut self) -> bool {
        let offered = self.offer().await;
        let text = offered.err().map(|error| {
            let more = match self.lost {
                0 => "",
                _ => ". The oldest samples that wait are being let go",
            };
            format!("History is not being kept: {}{more}", error.message)
        });
        let well = text.is_none();
        if well {
            self.lost = 0;
        }
        self.trouble.send_if_modified(|known| {
            let news = *known != text;
            *known = text;
            news
        });
        well
    }

    /// What the store did not take is still held afterwards.
    async fn offer(&mut self) -> Result<(), StoreError> {
        if !self.records.is_empty() {
            self.store.append(self.records.clone()).await?;
            self.records.clear();
            // After a long trouble the backlog's room is not kept for ever.
            self.records.shrink_to(ENOUGH);
        }
        while let Some(note) = self.notes.first() {
            self.store.note((**note).clone()).await?;
            self.notes.remove(0);
        }
        Ok(())
    }
}

/// Drops the oldest of what is more than `most`; returns how many.
fn let_go<T>(held: &mut Vec<T>, most: usize) -> u64 {
    let over = held.len().saturating_sub(most);
    held.drain(..over);
    over as u64
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use up_core::{CheckResult, Kind, Sample};
    use up_history::{Query, Store};

    use super::*;

    const NOON: f64 = 1_795_348_800.0;

    fn sampled(second: u32) -> Event {
        let answer = CheckResult::up();
        let sample = Sample {
            status: answer.status,
            date: NOON + f64::from(second),
            duration: 0.1,
            cause: None,
            detail: answer.detail,
        };
        Event::Sampled(Arc::new(Record {
            path: "/a".into(),
            kind: Kind("http"),
            sample,
        }))
    }

    fn noted(message: &str) -> Event {
        Event::Noted(Arc::new(Note::new(message, NOON)))
    }

    async fn kept(store: &Embedded) -> (u64, usize) {
        let query = Query {
            path: "/a".into(),
            from: 0.0,
            to: 4e9,
            most: 10,
        };
        let count = store.series(query).await.expect("a series").count;
        let notes = store.notes(0.0, 4e9).await.expect("notes").len();
        (count, notes)
    }

    /// Makes the file refuse samples, or take them again, as a full disk would.
    fn refuse(file: &Path, refuse: bool) {
        let other = rusqlite::Connection::open(file).expect("the file");
        let change = if refuse {
            "CREATE TRIGGER full BEFORE INSERT ON recent
             BEGIN SELECT RAISE(ABORT, 'no room'); END"
        } else {
            "DROP TRIGGER full"
        };
        other.execute_batch(change).expect("changed");
    }

    #[tokio::test]
    async fn a_refusing_store_is_said_once_and_gets_everything_later() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let (trouble, mut heard) = watch::channel(None);
        let mut sink = HistorySink::new(store.clone(), trouble);
        assert!(sink.interest()(&sampled(0)) && sink.interest()(&noted("n")));
        sink.deliver(vec![sampled(0), noted("first")], 0).await;
        while kept(&store).await != (1, 1) {
            tokio::time::sleep(GATHER / 10).await;
        }
        assert!(!heard.has_changed().expect("the sink lives"), "all is well");

        refuse(store.file(), true);
        sink.deliver(vec![sampled(1), noted("second")], 0).await;
        heard.changed().await.expect("the sink lives");
        let text = heard.borrow_and_update().clone().expect("it is said");
        assert!(text.contains("no room"), "{text}");
        let begin = Instant::now();
        for second in 2..1_000 {
            sink.deliver(vec![sampled(second)], 0).await;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "trouble costs no time"
        );
        assert!(
            !heard.has_changed().expect("the sink lives"),
            "it is said once"
        );
        assert_eq!(kept(&store).await, (1, 1));

        refuse(store.file(), false);
        sink.finish().await;
        assert_eq!(
            kept(&store).await,
            (1_000, 2),
            "what was held back is there"
        );
        assert_eq!(*heard.borrow(), None, "and that is said too");
    }

    #[tokio::test]
    async fn what_is_held_back_is_bounded() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let (trouble, mut heard) = watch::channel(None);
        let mut sink = HistorySink::new(store.clone(), trouble);
        refuse(store.file(), true);
        sink.deliver((0..150_000).map(sampled).collect(), 0).await;
        heard.changed().await.expect("the sink lives");
        let text = heard.borrow().clone().expect("it is said");
        assert!(text.contains("let go"), "{text}");
        refuse(store.file(), false);
        sink.finish().await;
        assert_eq!(kept(&store).await.0, 100_000, "the newest");
    }

    #[tokio::test]
    async fn the_end_comes_even_if_the_store_never_does() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let mut sink = HistorySink::new(store.clone(), watch::channel(None).0);
        store.close().await;
        let begin = Instant::now();
        sink.deliver(vec![sampled(0), noted("n")], 0).await;
        sink.finish().await;
        assert!(begin.elapsed() < Duration::from_secs(10), "it is given up");
    }
}
