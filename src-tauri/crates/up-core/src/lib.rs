//! Up's vocabulary and judgement: what a status, a sample, a tree, a verdict and a change are.
//!
//! Room: everything here is pure. No input or output, no `await`, no clock: time comes in as an
//! argument. Nothing that speaks to the watched world, to a person or to a disk may enter.

pub mod alert;
pub mod cause;
pub mod census;
pub mod component;
pub mod connectivity;
pub mod control;
pub mod decisions;
pub mod detail;
pub mod fold;
pub mod hold;
pub mod judge;
pub mod line;
pub mod mood;
pub mod note;
pub mod outline;
pub mod path;
pub mod phrase;
pub mod redact;
pub mod sample;
pub mod state;
pub mod status;
pub mod watch;
pub mod world;

pub use alert::{Change, ChangeKind, Notice, NoticeKind};
pub use cause::{Cause, CauseCode};
pub use census::{Census, shown_hold};
pub use component::{Component, Twigs};
pub use connectivity::ConnectivityGuard;
pub use control::{Control, Controls};
pub use detail::{Detail, Value};
pub use hold::{Hold, Holds};
pub use judge::{Judge, Marks, Rules, Verdict};
pub use mood::{Colour, Mood};
pub use note::Note;
pub use outline::{Kind, Node, NodeId, Outline};
pub use sample::{CheckResult, Record, Sample, Timestamp};
pub use status::{Level, Status};
pub use watch::{Input, Moment, Watch, WatchOutput};
pub use world::World;
