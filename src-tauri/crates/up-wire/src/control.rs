//! The controls that a person sets in the panel (snooze, acknowledge, pause, mute), and those that
//! are in force.

use serde::{Deserialize, Serialize};

/// A control that a person sets for a source, a tree or everything. A path includes all below it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Control {
    /// Sends no notices about the path for a time.
    Snooze {
        /// The path of the source or tree.
        path: String,
        /// For how long.
        span: ControlSpan,
    },
    /// Ends the snooze of the path.
    Unsnooze {
        /// The path of the source or tree.
        path: String,
    },
    /// Sends no reminders about the path until it recovers.
    Acknowledge {
        /// The path of the source or tree.
        path: String,
        /// A remark about the outage. It is stored in the history.
        note: Option<String>,
    },
    /// Takes the acknowledgement of the path back.
    Unacknowledge {
        /// The path of the source or tree.
        path: String,
    },
    /// Stops checking the path.
    Pause {
        /// The path of the source or tree.
        path: String,
    },
    /// Checks the path again.
    Resume {
        /// The path of the source or tree.
        path: String,
    },
    /// Sends no notices at all.
    Mute {
        /// For how long; `null` for until it is undone.
        span: Option<ControlSpan>,
    },
    /// Ends the mute.
    Unmute,
}

/// How long a control lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum ControlSpan {
    /// A number of minutes.
    Minutes {
        /// The number of minutes, at least 1.
        minutes: u32,
    },
    /// Until nine o'clock tomorrow.
    Tomorrow,
}

/// The controls in force for a node, and its maintenance.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EffectiveControls {
    /// The node is not checked.
    pub paused: Option<InForce>,
    /// The end of the node's maintenance, Unix seconds; `null` when it is not under maintenance.
    pub maintenance: Option<f64>,
    /// No notices are sent about the node.
    pub snoozed: Option<InForce>,
    /// The node's outage is acknowledged.
    pub acknowledged: Option<InForce>,
}

/// A control that a person set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct InForce {
    /// The path that the control was set for: the node's own, or that of a tree above it.
    pub path: String,
    /// When the control was set, Unix seconds.
    pub since: f64,
    /// When the control ends by itself, Unix seconds; `null` when it does not.
    pub until: Option<f64>,
    /// The remark that the person added.
    pub note: Option<String>,
}

/// The mute of all notices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Muted {
    /// When the mute ends by itself, Unix seconds; `null` when it does not.
    pub until: Option<f64>,
}
