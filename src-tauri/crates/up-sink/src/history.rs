//! The sink that writes every sample and note into the embedded store, in batches.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};
use up_core::{NoteEdit, Record};
use up_history::{Embedded, StoreError};
use up_source::ConfigProblem;

use crate::configure::{BuildContext, ConfigureSink, SinkRole};
use crate::sink::{Event, Interest, Queue, Sink};
use crate::trouble::SinkTrouble;

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

/// The capacity of the sink's queue, in events. The engine waits for a free place when it is full.
const QUEUE: usize = 20_000;

/// How many batches may wait for the writing task.
const BATCHES: usize = 8;

/// How long records are gathered for one commit. A commit for every sample would wear out flash
/// disks.
const COMMIT_INTERVAL: Duration = Duration::from_secs(1);

/// With this many records, the task commits without waiting for more.
const FULL_BATCH: usize = 5_000;

/// How many records are buffered while the store cannot be written. Beyond that, the oldest are
/// dropped.
const BACKLOG: usize = 100_000;

/// How many notes are buffered while the store cannot be written. People write few.
const NOTE_BACKLOG: usize = 1_000;

/// How long a closing sink goes on trying to write what is buffered.
const CLOSING_TIME: Duration = Duration::from_secs(3);

/// Writes samples and notes into the embedded store, about once a second. While the store cannot be
/// written (a full disk), the sink buffers a bounded number of them and tries again.
pub struct HistorySink {
    /// Dropped when the sink is closed. The writing task then writes the rest and ends.
    batches: Option<mpsc::Sender<Vec<Event>>>,
    task: JoinHandle<()>,
}

impl HistorySink {
    /// A sink that writes into `store`, by a task on the current runtime. It sends what is wrong
    /// with the store to `trouble`: one line for a person, `None` when the store can be written
    /// again.
    pub fn new(store: Embedded, trouble: watch::Sender<Option<SinkTrouble>>) -> Self {
        let (batches, inbox) = mpsc::channel(BATCHES);
        let buffer = Buffer {
            store,
            trouble,
            records: Vec::new(),
            notes: Vec::new(),
            lost: 0,
        };
        Self {
            batches: Some(batches),
            task: tokio::spawn(buffer.run(inbox)),
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
                // This cannot fail: the task ends only after this sender is dropped.
                let _ = batches.send(events).await;
            }
        })
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if self.batches.take().is_some() {
                // The task ends within `CLOSING_TIME`.
                let _ = (&mut self.task).await;
            }
        })
    }
}

/// The samples and notes that wait to be written into the store.
struct Buffer {
    store: Embedded,
    trouble: watch::Sender<Option<SinkTrouble>>,
    records: Vec<Arc<Record>>,
    notes: Vec<Arc<NoteEdit>>,
    /// How many records were dropped since the store failed.
    lost: u64,
}

impl Buffer {
    async fn run(mut self, mut inbox: mpsc::Receiver<Vec<Event>>) {
        let mut well = true;
        while let Some(events) = inbox.recv().await {
            self.buffer(events);
            while !self.is_empty() {
                let due = Instant::now() + COMMIT_INTERVAL;
                let mut open = true;
                while open && !(well && self.records.len() >= FULL_BATCH) {
                    match timeout_at(due, inbox.recv()).await {
                        Ok(Some(events)) => self.buffer(events),
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
        let end = Instant::now() + CLOSING_TIME;
        while !self.write().await && Instant::now() < end {
            sleep_until(end.min(Instant::now() + COMMIT_INTERVAL)).await;
        }
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.notes.is_empty()
    }

    fn buffer(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Sampled(record) => self.records.push(record),
                Event::Noted(edit) => self.notes.push(edit),
                Event::Changed(_) | Event::Told(_) => {}
            }
        }
        self.lost +=
            drop_oldest(&mut self.records, BACKLOG) + drop_oldest(&mut self.notes, NOTE_BACKLOG);
    }

    /// Writes what is buffered and updates the trouble line. Returns false if the store failed.
    async fn write(&mut self) -> bool {
        let written = self.append().await;
        let trouble = written.err().map(|error| {
            let more = match self.lost {
                0 => "",
                _ => ". The oldest samples that wait are being dropped",
            };
            let text = format!("History is not being kept: {}{more}", error.message);
            SinkTrouble::new(error.code, text)
        });
        let well = trouble.is_none();
        if well {
            self.lost = 0;
        }
        SinkTrouble::set(&self.trouble, trouble);
        well
    }

    /// Writes what is buffered into the store. What the store did not accept stays buffered.
    async fn append(&mut self) -> Result<(), StoreError> {
        if !self.records.is_empty() {
            self.store.append(self.records.clone()).await?;
            self.records.clear();
            // Frees the memory that the backlog of a long failure took.
            self.records.shrink_to(FULL_BATCH);
        }
        while let Some(edit) = self.notes.first() {
            self.store.edit_notes((**edit).clone()).await?;
            self.notes.remove(0);
        }
        Ok(())
    }
}

/// Drops the oldest items beyond `most`. Returns how many were dropped.
fn drop_oldest<T>(buffer: &mut Vec<T>, most: usize) -> u64 {
    let over = buffer.len().saturating_sub(most);
    buffer.drain(..over);
    over as u64
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use up_core::{CheckResult, Kind, Note, Sample};
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
        Event::Noted(Arc::new(NoteEdit::add(Note::new(message, NOON), NOON)))
    }

    async fn kept(store: &Embedded) -> (u64, usize) {
        let query = Query {
            path: "/a".into(),
            from: 0.0,
            to: 4e9,
            most: 10,
        };
        let count = store.series(query).await.expect("a series").count;
        let notes = store.notes(None, (0.0, 4e9)).await.expect("notes").len();
        (count, notes)
    }

    /// Makes the store fail for samples, as on a full disk, or work again.
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
        let (trouble, mut changes) = watch::channel(None);
        let mut sink = HistorySink::new(store.clone(), trouble);
        assert!(sink.interest()(&sampled(0)) && sink.interest()(&noted("n")));
        sink.deliver(vec![sampled(0), noted("first")], 0).await;
        while kept(&store).await != (1, 1) {
            tokio::time::sleep(COMMIT_INTERVAL / 10).await;
        }
        assert!(
            !changes.has_changed().expect("the sink lives"),
            "all is well"
        );

        refuse(store.file(), true);
        sink.deliver(vec![sampled(1), noted("second")], 0).await;
        changes.changed().await.expect("the sink lives");
        let said = changes.borrow_and_update().clone();
        let text = said.expect("it is said").text;
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
            !changes.has_changed().expect("the sink lives"),
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
        assert_eq!(*changes.borrow(), None, "and that is said too");
    }

    #[tokio::test]
    async fn what_is_held_back_is_bounded() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let (trouble, mut changes) = watch::channel(None);
        let mut sink = HistorySink::new(store.clone(), trouble);
        refuse(store.file(), true);
        sink.deliver((0..150_000).map(sampled).collect(), 0).await;
        changes.changed().await.expect("the sink lives");
        let text = changes.borrow().clone().expect("it is said").text;
        assert!(text.contains("dropped"), "{text}");
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
