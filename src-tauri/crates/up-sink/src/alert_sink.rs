//! A configured sink that delivers notices, of whatever type: the engine compares it across
//! reloads, and opens it.

use std::any::Any;
use std::sync::Arc;

use crate::delivery_queue::{DeliveryContext, DeliveryQueue};
use crate::notifier::Notifier;
use crate::sink::Sink;

/// A configured sink that delivers notices to another program.
#[derive(Clone)]
pub struct AlertSink {
    kind: &'static str,
    notifier: Arc<dyn Notifier>,
    /// Compares two notifiers, whose types only this function knows.
    equal: fn(&dyn Any, &dyn Any) -> bool,
}

impl AlertSink {
    /// A sink of the type `kind` that delivers through `notifier`.
    pub(crate) fn new<N: Notifier + PartialEq>(kind: &'static str, notifier: N) -> Self {
        Self {
            kind,
            notifier: Arc::new(notifier),
            equal: |one, other| {
                let one = one.downcast_ref::<N>();
                one.is_some() && one == other.downcast_ref::<N>()
            },
        }
    }

    /// The identity of the sink's receiver. It may contain a secret and is never shown.
    pub fn key(&self) -> String {
        format!("{} {}", self.kind, self.notifier.key())
    }

    /// The sink's type and receiver, for a person and without secrets.
    pub fn shown(&self) -> String {
        format!("{} {}", self.kind, self.notifier.shown())
    }

    /// Opens the sink, with a task on the current runtime.
    pub fn open(&self, context: DeliveryContext) -> Box<dyn Sink> {
        let notifier = Arc::clone(&self.notifier);
        Box::new(DeliveryQueue::new(self.kind, notifier, context))
    }
}

impl PartialEq for AlertSink {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && (self.equal)(&*self.notifier, &*other.notifier)
    }
}

up_core::opaque_debug!(AlertSink);
