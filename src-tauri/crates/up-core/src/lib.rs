//! Up's terms and judgement: statuses, samples, trees, verdicts, changes, alerts.
//!
//! Room: everything here is pure. There is no input or output, no `await` and no clock: time is an
//! argument. Nothing that communicates with the watched world, a person or a disk may enter.

pub mod alert;
pub mod cause;
pub mod census;
pub mod change;
pub mod component;
pub mod connectivity;
pub mod control;
pub mod decisions;
pub mod depends;
pub mod detail;
pub mod facts;
pub mod fold;
pub mod hold;
mod journal;
pub mod judge;
pub mod line;
pub mod metric;
pub mod moment;
pub mod mood;
pub mod note;
pub mod notice;
pub mod observation;
pub mod offline;
pub mod outline;
pub mod path;
pub mod phrase;
pub mod range;
pub mod redact;
pub mod sample;
pub mod shown;
pub mod state;
pub mod status;
pub mod watch;
pub mod world;

pub use cause::{Cause, CauseCode};
pub use census::{Census, counts_as_source, shown_hold};
pub use change::{Change, ChangeKind};
pub use component::{Component, ReportedComponents};
pub use connectivity::ConnectivityGuard;
pub use control::{Control, Controls};
pub use detail::{Detail, Value};
pub use hold::{Hold, Holds};
pub use judge::{Beginning, Judge, Marks, Rules, Verdict};
pub use metric::{Metric, MetricLimits};
pub use moment::Moment;
pub use mood::{Colour, Mood};
pub use note::{Note, NoteEdit};
pub use notice::{Notice, NoticeKind};
pub use observation::{Observation, Record};
pub use outline::{Kind, Node, NodeId, Outline};
pub use range::Range;
pub use sample::{CheckResult, Sample, Timestamp};
pub use status::{Level, Status};
pub use watch::{Input, Watch, WatchOutput};
pub use world::World;
