//! Alerts: which changes people are notified of, and when.

mod cause;
mod dispatcher;
mod incident;
mod rate_limiter;
mod saved;

pub use crate::change::{Change, ChangeKind, Off};
pub use crate::notice::{Member, Notice, NoticeKind, Urgency};
pub(crate) use dispatcher::{Began, ChangeEffect, MoreExpected, Near};
pub use dispatcher::{Dispatcher, NotifyPolicy};
pub use saved::{SavedAlerts, SavedFormer, SavedIncident, SavedMember, SavedNotice, SavedOff};
