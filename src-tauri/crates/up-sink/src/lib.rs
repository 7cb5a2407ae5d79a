//! Who is told. One file a kind of sink; each has the queue that its meaning needs.
//!
//! Room: everything that tells someone. Nothing here decides what is worth telling: that is the
//! core's, and what a sink is handed has been decided.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use up_core::{Change, Note, Notice, Record};

pub mod alert_sink;
pub mod command;
mod delivery_queue;
pub mod history;
pub mod kept;
pub mod listing;
pub mod mongo;
mod receipts;
pub mod registry;
pub mod report;
pub mod stdout;
mod template;
pub mod webhook;

pub use alert_sink::AlertSink;
pub use delivery_queue::Voice;
pub use receipts::Receipts;

/// What sinks are told.
#[derive(Clone, Debug)]
pub enum Event {
    /// A source was asked, or a tree was folded.
    Sampled(Arc<Record>),
    /// A verdict changed.
    Changed(Arc<Change>),
    /// People are told something.
    Told(Arc<Notice>),
    /// A person remarked something.
    Noted(Arc<Note>),
}

/// What happens when a sink is slower than its news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// At most so many wait; what comes on top is dropped and counted.
    Lossy(usize),
    /// At most so many wait; whoever brings more waits too.
    Lossless(usize),
}

/// Which events a sink wants to hear of.
pub type Interest = fn(&Event) -> bool;

/// Whoever is told.
pub trait Sink: Send + 'static {
    /// What kind of sink it is, for messages about it.
    fn name(&self) -> &str;
    /// Whom it brings notices to, for a person and without secrets; `None` of a sink that is not
    /// handed notices.
    fn tells(&self) -> Option<String> {
        None
    }
    /// The queue before it.
    fn queue(&self) -> Queue;
    /// True of the events it wants to hear of; asked before they are queued.
    fn interest(&self) -> Interest;
    /// Tells it a batch, oldest first, never empty. `dropped` counts what its queue lost since the
    /// last batch.
    fn deliver(&mut self, events: Vec<Event>, dropped: u64) -> BoxFuture<'_, ()>;
    /// Asked once, before anything is told: takes where to say what became of each notice. False of
    /// a sink that tells people nothing, or does not know what became of it.
    fn acknowledges(&mut self, _receipts: &Receipts) -> bool {
        false
    }
    /// Called once at the end: writes out what is held back.
    fn finish(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
