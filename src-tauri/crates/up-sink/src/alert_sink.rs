//! A configured sink that delivers notices, whatever its type. The engine compares such sinks
//! across reloads, and opens them.

use std::any::Any;
use std::sync::Arc;

use crate::alert_receiver::AlertReceiver;
use crate::delivery_queue::{DeliveryContext, DeliveryQueue};
use crate::sink::Sink;

/// A configured sink that delivers notices to another program.
#[derive(Clone)]
pub struct AlertSink {
    kind: &'static str,
    receiver: Arc<dyn AlertReceiver>,
    /// Compares two receivers. Only this function knows their type.
    equal: fn(&dyn Any, &dyn Any) -> bool,
}

impl AlertSink {
    /// A sink of the type `kind` in front of `receiver`.
    pub(crate) fn new<N: AlertReceiver + PartialEq>(kind: &'static str, receiver: N) -> Self {
        Self {
            kind,
            receiver: Arc::new(receiver),
            equal: |one, other| {
                let one = one.downcast_ref::<N>();
                one.is_some() && one == other.downcast_ref::<N>()
            },
        }
    }

    /// The identity of the sink's receiver. It may contain a secret and is never shown.
    pub fn key(&self) -> String {
        format!("{} {}", self.kind, self.receiver.key())
    }

    /// The sink's type and receiver, for a person and without secrets.
    pub fn shown(&self) -> String {
        format!("{} {}", self.kind, self.receiver.shown())
    }

    /// Opens the sink, with a task on the current runtime.
    pub fn open(&self, context: DeliveryContext) -> Box<dyn Sink> {
        let receiver = Arc::clone(&self.receiver);
        Box::new(DeliveryQueue::new(self.kind, receiver, context))
    }
}

impl PartialEq for AlertSink {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && (self.equal)(&*self.receiver, &*other.receiver)
    }
}

up_core::opaque_debug!(AlertSink);
