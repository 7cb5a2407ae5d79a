//! What people ask to hear less of, or not to have asked, and what of it is in force.

use serde::{Deserialize, Serialize};

/// What a person asks of a source or tree, or of all. A path means all below it too.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Control {
    /// Tell nothing of it for a time.
    Snooze {
        /// Of what.
        path: String,
        /// For how long.
        span: ControlSpan,
    },
    /// Ends its snooze.
    Unsnooze {
        /// Of what.
        path: String,
    },
    /// No reminders until it recovers.
    Acknowledge {
        /// Of what.
        path: String,
        /// What is known; goes into the history.
        note: Option<String>,
    },
    /// Takes its acknowledgement back.
    Unacknowledge {
        /// Of what.
        path: String,
    },
    /// Do not ask it.
    Pause {
        /// Of what.
        path: String,
    },
    /// Ask it again.
    Resume {
        /// Of what.
        path: String,
    },
    /// Tell nothing at all.
    Mute {
        /// For how long; until undone when `null`.
        span: Option<ControlSpan>,
    },
    /// Ends the mute.
    Unmute,
}

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum ControlSpan {
    /// So long.
    Minutes {
        /// At least 1.
        minutes: u32,
    },
    /// Until nine o'clock tomorrow.
    Tomorrow,
}

/// What is in force for a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EffectiveControls {
    /// Not asked.
    pub paused: Option<InForce>,
    /// Under maintenance until then, Unix seconds.
    pub maintenance: Option<f64>,
    /// Nothing is told of it.
    pub snoozed: Option<InForce>,
    /// Its outage is known.
    pub acknowledged: Option<InForce>,
}

/// Something that a person asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct InForce {
    /// For which path: the node's own, or that of a tree above it.
    pub path: String,
    /// When it was asked for, Unix seconds.
    pub since: f64,
    /// When it ends by itself, Unix seconds; `null` when it does not.
    pub until: Option<f64>,
    /// What was said with it.
    pub note: Option<String>,
}

/// Everything is muted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Muted {
    /// When it ends by itself, Unix seconds; `null` when it does not.
    pub until: Option<f64>,
}
