//! History: everything goes into the embedded store, in batches.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;
use up_core::{Note, Record};
use up_history::{Embedded, StoreError};

use crate::{Event, Interest, Queue, Sink};

/// As much waits before whoever brings more must wait too.
const QUEUE: usize = 20_000;

/// Samples are gathered for this long: a transaction for each would cost more than the check.
const GATHER: Duration = Duration::from_millis(250);

/// As much is held back while the store takes nothing; beyond it the oldest are let go.
const BACKLOG: usize = 100_000;

/// Notes held back while the store takes nothing; a person writes few.
const NOTES: usize = 1_000;

/// While the store takes nothing it is asked this often at the most, so that a full disk costs no
/// processor time.
const RETRY: Duration = Duration::from_secs(1);

/// At the end the store gets this long to take what is held back.
const LAST: Duration = Duration::from_secs(3);

/// Writes samples and notes into the embedded store. A store that refuses (a full disk) stops
/// nothing: a bounded backlog is kept and offered again.
pub struct HistorySink {
    store: Embedded,
    trouble: watch::Sender<Option<String>>,
    records: Vec<Arc<Record>>,
    notes: Vec<Arc<Note>>,
    /// How many were let go since the trouble began.
    lost: u64,
    retry: Option<Instant>,
}

impl HistorySink {
    /// A sink that writes into this store and tells `trouble` what is wrong with that, if
    /// anything: one line for a person, `None` when all is well again.
    pub fn new(store: Embedded, trouble: watch::Sender<Option<String>>) -> Self {
        Self {
            store,
            trouble,
            records: Vec::new(),
            notes: Vec::new(),
            lost: 0,
            retry: None,
        }
    }

    fn hold(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Sampled(record) => self.records.push(record),
                Event::Noted(note) => self.notes.push(note),
                Event::Changed(_) => {}
            }
        }
        self.lost += let_go(&mut self.records, BACKLOG) + let_go(&mut self.notes, NOTES);
    }

    async fn write(&mut self) {
        match self.offer().await {
            Ok(()) => {
                self.lost = 0;
                self.retry = None;
                self.trouble.send_if_modified(|t| t.take().is_some());
            }
            Err(error) => {
                self.retry = Some(Instant::now() + RETRY);
                let mut text = format!("History is not being kept: {}", error.message);
                if self.lost > 0 {
                    text.push_str(". The oldest samples that wait are being let go");
                }
                self.trouble.send_if_modified(|known| {
                    let news = known.as_ref() != Some(&text);
                    *known = Some(text);
                    news
                });
            }
        }
    }

    /// Offers what is held. What the store did not take is still held afterwards.
    async fn offer(&mut self) -> Result<(), StoreError> {
        if !self.records.is_empty() {
            self.store.append(self.records.clone()).await?;
            self.records.clear();
            // After a long trouble the backlog's room is not kept for ever.
            self.records.shrink_to(QUEUE);
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

impl Sink for HistorySink {
    fn name(&self) -> &'static str {
        "history"
    }

    fn queue(&self) -> Queue {
        Queue::Lossless(QUEUE)
    }

    fn linger(&self) -> Duration {
        GATHER
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Sampled(_) | Event::Noted(_))
    }

    fn tell(&mut self, events: Vec<Event>, _dropped: u64) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.hold(events);
            if self.retry.is_none_or(|at| at <= Instant::now()) {
                self.write().await;
            }
        })
    }

    fn finish(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let end = Instant::now() + LAST;
            while !(self.records.is_empty() && self.notes.is_empty()) {
                self.write().await;
                if self.retry.is_none() || Instant::now() + RETRY > end {
                    return;
                }
                tokio::time::sleep(RETRY).await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use up_core::{Answer, Kind, Sample};
    use up_history::{Query, Store};

    use super::*;

    const NOON: f64 = 1_795_348_800.0;

    fn sampled(second: u32) -> Event {
        let answer = Answer::up();
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
        let message = message.to_owned();
        Event::Noted(Arc::new(Note {
            message,
            date: NOON,
        }))
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
            "CREATE TRIGGER full BEFORE INSERT ON samples
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
        sink.tell(vec![sampled(0), noted("first")], 0).await;
        assert_eq!(kept(&store).await, (1, 1));
        assert!(!heard.has_changed().expect("the sink lives"), "all is well");

        refuse(store.file(), true);
        sink.tell(vec![sampled(1), noted("second")], 0).await;
        let text = heard.borrow_and_update().clone().expect("it is said");
        assert!(text.contains("no room"), "{text}");
        let begin = Instant::now();
        for second in 2..1_000 {
            sink.tell(vec![sampled(second)], 0).await;
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
        assert_eq!(*heard.borrow_and_update(), None, "and that is said too");
    }

    #[tokio::test]
    async fn what_is_held_back_is_bounded() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let (trouble, heard) = watch::channel(None);
        let mut sink = HistorySink::new(store.clone(), trouble);
        refuse(store.file(), true);
        sink.tell((0..150_000).map(sampled).collect(), 0).await;
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
        sink.tell(vec![sampled(0), noted("n")], 0).await;
        sink.finish().await;
        assert!(begin.elapsed() < Duration::from_secs(10), "it is given up");
    }
}
