//! The stores of samples, notes and state. The embedded SQLite store is always there; each MongoDB is
//! replicated from it, and what a MongoDB has not acknowledged waits there.
//!
//! All SQL and BSON of the project is in this crate. Nothing here checks a source, judges or draws.

mod acknowledgement;
mod answer;
mod bits;
mod downsample;
pub mod embedded;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod import;
mod incident_filter;
mod metric;
pub mod mongo;
mod note_id;
mod packing;
mod sample;
pub mod state;
mod store;

pub use acknowledgement::KeptAcknowledgement;
pub use answer::{
    DurationCount, DurationDetail, HistoryPart, HistorySummary, IncidentRules, KeptIncident,
    PathOverview, Percentiles, RulesOfPaths, STATUS_PARTS, SpanCut, SpanToCut,
};
pub use embedded::Embedded;
pub use incident_filter::IncidentFilter;
pub use metric::{MetricPoint, MetricSeries};
pub use note_id::note_id;
pub use sample::{KeptCause, Point, Query};
pub use store::{
    BackgroundTask, BackgroundWork, IncidentPage, IncidentQuery, PathExtent, Series, Store,
    StoreError, StoreErrorCode,
};
