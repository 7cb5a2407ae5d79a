//! Controls: what people set about their sources. They ask for no notices for a time (snooze,
//! mute), say that an outage is known (acknowledge), or stop checks (pause). Maintenance windows
//! are here too.
//!
//! Room: which controls are in force, and from when to when. `effective.rs` computes their effect
//! on each node; the engine keeps them in a file.

mod effective;
mod state;
mod window;
pub mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::line::one_line;
use crate::path::is_path;
use crate::sample::Timestamp;

pub use effective::{EffectiveControls, Standings};
pub use state::ControlState;
pub use window::{DayRule, LONGEST, Ordinal, When, Window, seconds};

/// The longest note of an acknowledgement, in bytes.
pub const MAX_NOTE: usize = 10_000;
/// The longest name of a person, in bytes.
pub const MAX_PERSON: usize = 300;
/// The largest number of entries of each kind. More are refused, so that the file stays small.
pub const MOST: usize = 2_000;

/// A control that a person sets. A path means the source or tree there and all below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// Sends no notices about the path until a time.
    Snooze {
        /// The path.
        path: String,
        /// The end of the snooze, Unix seconds.
        until: Timestamp,
    },
    /// Ends a snooze.
    Unsnooze {
        /// The path that was snoozed.
        path: String,
    },
    /// Says that the path's present outage is known. No reminders are sent until it recovers; the
    /// recovery is notified.
    Acknowledge {
        /// The path.
        path: String,
        /// A remark about the outage.
        note: Option<String>,
        /// Who gives it, `user@agent`. It is named by the Up that keeps it, never by a peer.
        #[serde(skip)]
        by: Option<String>,
    },
    /// Takes an acknowledgement back.
    Unacknowledge {
        /// The path that was acknowledged.
        path: String,
    },
    /// Stops checking the path.
    Pause {
        /// The path.
        path: String,
    },
    /// Checks the path again.
    Resume {
        /// The path that was paused.
        path: String,
    },
    /// Sends no notices at all.
    Mute {
        /// The end of the mute, Unix seconds; `None` for no end.
        until: Option<Timestamp>,
    },
    /// Ends a mute.
    Unmute,
}

impl Control {
    /// The path that the control names, if it names one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Snooze { path, .. }
            | Self::Unsnooze { path }
            | Self::Acknowledge { path, .. }
            | Self::Unacknowledge { path }
            | Self::Pause { path }
            | Self::Resume { path } => Some(path),
            Self::Mute { .. } | Self::Unmute => None,
        }
    }

    /// The control as one of this person, where it is kept who gave it and nobody is named yet.
    #[must_use]
    pub fn given_by(mut self, person: &str) -> Self {
        if let Self::Acknowledge { by, .. } = &mut self {
            by.get_or_insert_with(|| person.to_owned());
        }
        self
    }

    /// Why the control can never be accepted, for a person; `None` when it can.
    pub fn problem(&self, now: Timestamp) -> Option<&'static str> {
        let (until, note) = match self {
            Self::Snooze { until, .. } => (Some(*until), None),
            Self::Mute { until } => (*until, None),
            Self::Acknowledge { note, .. } => (None, note.as_deref()),
            _ => (None, None),
        };
        if self.path().is_some_and(|path| !is_path(path)) {
            Some("that is not the path of a source")
        } else if until.is_some_and(|until| !until.is_finite() || until > LAST) {
            Some("that time is too far away")
        } else if until.is_some_and(|until| until <= now) {
            Some("that time is over already")
        } else if note.is_some_and(|note| note.len() > MAX_NOTE) {
            Some("that note is too long")
        } else {
            None
        }
    }
}

/// The latest accepted end, in Unix seconds: the year 9999.
const LAST: Timestamp = 253_370_764_800.0;

/// A snooze.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snooze {
    /// When the snooze was set, Unix seconds.
    pub since: Timestamp,
    /// When the snooze ends, Unix seconds.
    pub until: Timestamp,
}

/// An acknowledgement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// When the acknowledgement was given, Unix seconds.
    pub since: Timestamp,
    /// A remark about the outage.
    pub note: Option<String>,
    /// Who gave it, `user@agent`; `None` of an Up that did not keep that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Acknowledgement {
    /// The same with texts of one bounded line.
    fn tamed(self) -> Self {
        let line = |text: Option<String>, most| text.map(|text| one_line(&text, most));
        Self {
            note: line(self.note, MAX_NOTE),
            by: line(self.by, MAX_PERSON),
            ..self
        }
    }
}

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    /// When the pause was set, Unix seconds.
    pub since: Timestamp,
}

/// A mute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mute {
    /// When the mute was set, Unix seconds.
    pub since: Timestamp,
    /// When the mute ends, Unix seconds; `None` when it does not end by itself.
    pub until: Option<Timestamp>,
}

/// All controls, by path. Entries that have ended may still be present. Every query takes the time
/// and ignores them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Controls {
    /// The snoozes.
    pub snoozed: BTreeMap<String, Snooze>,
    /// The acknowledgements.
    pub acknowledged: BTreeMap<String, Acknowledgement>,
    /// The pauses.
    pub paused: BTreeMap<String, Pause>,
    /// The mute of all notices.
    pub muted: Option<Mute>,
}

impl Controls {
    /// Applies a control. Returns false when it changed nothing or [`MOST`] entries exist already.
    pub fn apply(&mut self, control: &Control, now: Timestamp) -> bool {
        self.tidy(now);
        let since = now;
        match control {
            Control::Snooze { path, until } => {
                let until = *until;
                put(&mut self.snoozed, path, Snooze { since, until })
            }
            Control::Unsnooze { path } => self.snoozed.remove(path).is_some(),
            Control::Acknowledge { path, note, by } => {
                let (note, by) = (note.clone(), by.clone());
                let given = Acknowledgement { since, note, by };
                put(&mut self.acknowledged, path, given.tamed())
            }
            Control::Unacknowledge { path } => self.acknowledged.remove(path).is_some(),
            Control::Pause { path } => {
                !self.paused.contains_key(path) && put(&mut self.paused, path, Pause { since })
            }
            Control::Resume { path } => self.paused.remove(path).is_some(),
            Control::Mute { until } => {
                let until = *until;
                self.muted = Some(Mute { since, until });
                true
            }
            Control::Unmute => self.muted.take().is_some(),
        }
    }

    /// Removes entries that have ended.
    pub fn tidy(&mut self, now: Timestamp) {
        self.snoozed.retain(|_, snooze| snooze.until > now);
        self.muted = self.mute(now).copied();
    }

    /// The mute that is in force.
    pub fn mute(&self, now: Timestamp) -> Option<&Mute> {
        self.muted
            .as_ref()
            .filter(|mute| mute.until.is_none_or(|until| until > now))
    }

    /// The snooze of a path that ends last, and the path that it was set for: the path itself or a
    /// tree above it.
    pub fn snooze(&self, path: &str, now: Timestamp) -> Option<(&str, &Snooze)> {
        upwards(&self.snoozed, path)
            .filter(|(_, snooze)| snooze.until > now)
            .max_by(|(_, a), (_, b)| a.until.total_cmp(&b.until))
    }

    /// The acknowledgement nearest to a path, and the path that it was set for.
    pub fn acknowledgement(&self, path: &str) -> Option<(&str, &Acknowledgement)> {
        upwards(&self.acknowledged, path).next()
    }

    /// The pause of a path, and the path that it was set for; the topmost if there are several.
    pub fn pause(&self, path: &str) -> Option<(&str, &Pause)> {
        upwards(&self.paused, path).last()
    }

    /// Why the control would change nothing, for a person; `None` when it would change something.
    pub fn idle(&self, control: &Control, now: Timestamp) -> Option<String> {
        let within = |what: &str, path: &str, whose: Option<&str>| match whose {
            Some(tree) if tree != path => {
                format!("{path} is {what} because {tree} is: name that one")
            }
            _ => format!("{path} is not {what}"),
        };
        match control {
            Control::Pause { path } => {
                let (whose, _) = self.pause(path)?;
                let why = (whose != path).then(|| format!(", because {whose} is"));
                Some(format!(
                    "{path} is paused already{}",
                    why.unwrap_or_default()
                ))
            }
            Control::Resume { path } if !self.paused.contains_key(path) => {
                let whose = self.pause(path).map(|(whose, _)| whose);
                Some(within("paused", path, whose))
            }
            Control::Unsnooze { path }
                if !(self.snoozed.get(path)).is_some_and(|snooze| snooze.until > now) =>
            {
                let whose = self.snooze(path, now).map(|(whose, _)| whose);
                Some(within("snoozed", path, whose))
            }
            Control::Unacknowledge { path } if !self.acknowledged.contains_key(path) => {
                let whose = self.acknowledgement(path).map(|(whose, _)| whose);
                Some(within("acknowledged", path, whose))
            }
            Control::Unmute if self.mute(now).is_none() => Some("nothing is muted".into()),
            _ => None,
        }
    }

    /// When the next entry ends by itself.
    pub fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let snoozes = self.snoozed.values().map(|snooze| snooze.until);
        let mute = self.muted.and_then(|mute| mute.until);
        snoozes
            .chain(mute)
            .filter(|until| *until > now)
            .min_by(f64::total_cmp)
    }

    /// True when no control is in force.
    pub fn is_empty(&self, now: Timestamp) -> bool {
        self.paused.is_empty()
            && self.acknowledged.is_empty()
            && self.mute(now).is_none()
            && self.snoozed.values().all(|snooze| snooze.until <= now)
    }

    /// Removes entries that Up would never have written, and cleans texts: a file may contain
    /// anything.
    pub fn tame(&mut self) {
        self.snoozed
            .retain(|path, snooze| is_path(path) && snooze.until <= LAST);
        self.paused.retain(|path, _| is_path(path));
        self.acknowledged.retain(|path, _| is_path(path));
        let given = std::mem::take(&mut self.acknowledged).into_iter();
        self.acknowledged = given.map(|(path, given)| (path, given.tamed())).collect();
    }
}

fn put<T>(entries: &mut BTreeMap<String, T>, path: &str, entry: T) -> bool {
    if entries.len() >= MOST && !entries.contains_key(path) {
        return false;
    }
    entries.insert(path.to_owned(), entry);
    true
}

/// The entries of a path and of all trees above it, the nearest first.
fn upwards<'a, T>(
    entries: &'a BTreeMap<String, T>,
    path: &str,
) -> impl Iterator<Item = (&'a str, &'a T)> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/')
            .map(|(above, _)| above)
            .filter(|above| !above.is_empty())
    })
    .filter_map(|path| entries.get_key_value(path))
    .map(|(path, entry)| (path.as_str(), entry))
}

#[cfg(test)]
mod tests;
