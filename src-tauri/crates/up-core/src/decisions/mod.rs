//! The decisions about each source, in the order in which they were made. `up why` is answered from
//! them.
//!
//! Room: a bounded ring of compact records for each source. Recording formats nothing. A record
//! becomes a sentence only when a person asks.

mod answer;
mod codes;
mod network;
mod past;
mod print;
mod reading;
mod ring;
mod summary;
#[cfg(test)]
mod tests;
mod told;
mod words;

pub use crate::journal::CODES;
pub use answer::{DecisionLine, Delivery, ExplainedSource, Explanation, Summary, SummaryCode};

pub(crate) use reading::{ExplainedControls, ReaderContext, SourceReading};
pub(crate) use ring::Decisions;
