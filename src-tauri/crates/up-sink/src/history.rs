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
