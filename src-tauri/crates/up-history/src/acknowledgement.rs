//! An acknowledgement as the history keeps it.

use up_core::Timestamp;
use up_core::path::is_at_or_below;

use crate::answer::KeptIncident;

/// Somebody said that an outage is known.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAcknowledgement {
    /// The path of the source, or of a tree above it.
    pub path: String,
    /// When it was given, Unix seconds.
    pub date: Timestamp,
    /// A remark about the outage.
    pub note: Option<String>,
    /// Who gave it, `user@agent`; `None` if that was not kept.
    pub by: Option<String>,
}

impl KeptAcknowledgement {
    /// True if it concerns this incident of a path: it was given there or above while the incident
    /// lasted.
    pub fn is_of(&self, path: &str, incident: &KeptIncident) -> bool {
        is_at_or_below(path, &self.path)
            && self.date >= incident.from
            && incident.until.is_none_or(|until| self.date <= until)
    }
}
