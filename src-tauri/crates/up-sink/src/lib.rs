//! The sinks: the receivers of samples, changes and notices. Each sink type is one file and one
//! line in `registry.rs`.
//!
//! No sink decides what is worth a notice. The core decides that.

mod alert_receiver;
mod alert_sink;
pub mod command;
pub mod configure;
mod delivery_queue;
pub mod history;
pub mod kept;
pub mod listing;
pub mod mongo;
mod receipts;
pub mod registry;
pub mod report;
mod sink;
pub mod stdout;
mod template;
mod trouble;
pub mod webhook;

pub use alert_sink::AlertSink;
pub use configure::{BuiltSink, SinkRole};
pub use delivery_queue::DeliveryContext;
pub use receipts::Receipts;
pub use sink::{Event, Interest, Queue, Sink};
pub use trouble::SinkTrouble;
