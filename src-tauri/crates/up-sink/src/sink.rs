//! The interface of a sink: which events it receives, and the queue in front of it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use up_core::{Change, NoteEdit, Notice, Record};

use crate::receipts::Receipts;

/// An event that the engine hands to sinks.
#[derive(Clone, Debug)]
pub enum Event {
    /// A source was checked, or a tree was folded.
    Sampled(Arc<Record>),
    /// A verdict changed.
    Changed(Arc<Change>),
    /// A notice goes out to people.
    Told(Arc<Notice>),
    /// A person wrote, changed or removed a note.
    Noted(Arc<NoteEdit>),
}

/// What happens when events arrive faster than a sink takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// At most this many events wait; further ones are dropped and counted.
    Lossy(usize),
    /// At most this many events wait; the sender of a further one waits for a free place.
    Lossless(usize),
}

/// Decides which events a sink receives.
pub type Interest = fn(&Event) -> bool;

/// A receiver of the engine's events.
pub trait Sink: Send + 'static {
    /// The sink's type, for messages about it.
    fn name(&self) -> &str;
    /// Where the sink delivers notices, for a person and without secrets; `None` for a sink that
    /// receives no notices.
    fn notifies(&self) -> Option<String> {
        None
    }
    /// The queue in front of the sink.
    fn queue(&self) -> Queue;
    /// Which events the sink receives. It is evaluated before an event is queued.
    fn interest(&self) -> Interest;
    /// Delivers a batch, oldest event first and never empty. `dropped` counts the events that the
    /// queue dropped since the previous batch.
    fn deliver(&mut self, events: Vec<Event>, dropped: u64) -> BoxFuture<'_, ()>;
    /// Called once before the first batch: hands the sink the place to report the delivery of each
    /// notice to. A sink returns false when it delivers no notices, or cannot know their outcome.
    fn acknowledges(&mut self, _receipts: &Receipts) -> bool {
        false
    }
    /// Called once at the end: writes out what the sink has buffered.
    fn finish(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
