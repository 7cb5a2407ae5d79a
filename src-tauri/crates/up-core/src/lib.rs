//! Up's vocabulary and judgement: what a status, a sample, a tree, a verdict and a change are.
//!
//! Room: everything here is pure. No input or output, no `await`, no clock: time comes in as an
//! argument. Nothing that speaks to the watched world, to a person or to a disk may enter.

pub mod alert;
pub mod cause;
pub mod detail;
pub mod fold;
pub mod judge;
pub mod mood;
pub mod note;
pub mod outline;
pub mod path;
pub mod phrase;
pub mod sample;
pub mod status;
pub mod world;

pub use alert::{Change, ChangeKind};
pub use cause::{Cause, CauseCode};
pub use detail::{Detail, Value};
pub use judge::{Judge, Rules, Verdict};
pub use mood::{Colour, Mood};
pub use note::Note;
pub use outline::{Hold, Kind, Node, NodeId, Outline};
pub use sample::{Answer, Record, Sample, Timestamp};
pub use status::{Level, Status};
pub use world::World;
