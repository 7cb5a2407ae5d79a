//! The sinks that tell other programs, made ready: what the engine keeps while their keys stay the
//! same, and opens.

use std::sync::Arc;

use crate::Sink;
use crate::command::Runner;
use crate::delivery_queue::{DeliveryQueue, Destination, Voice};
use crate::webhook::Webhook;

/// A sink that tells another program, made ready.
#[derive(Clone, Debug, PartialEq)]
pub enum AlertSink {
    /// By HTTP.
    Webhook(Webhook),
    /// By running it.
    Command(Runner),
}

impl AlertSink {
    /// Tells it from others. It may hold a secret: never shown.
    pub fn key(&self) -> String {
        match self {
            Self::Webhook(webhook) => webhook.key(),
            Self::Command(runner) => runner.key(),
        }
    }

    /// What it is, for a person; without secrets.
    pub fn shown(&self) -> String {
        let (kind, shown) = match self {
            Self::Webhook(webhook) => (webhook.kind(), webhook.shown()),
            Self::Command(runner) => (runner.kind(), runner.shown()),
        };
        format!("{kind} {shown}")
    }

    /// The sink, with a task on the current runtime.
    pub fn open(&self, voice: Voice) -> Box<dyn Sink> {
        Box::new(match self.clone() {
            Self::Webhook(webhook) => DeliveryQueue::new(Arc::new(webhook), voice),
            Self::Command(runner) => DeliveryQueue::new(Arc::new(runner), voice),
        })
    }
}
