//! People's control: what they asked to hear nothing of for a while (snooze, mute), what they know
//! already (acknowledge), what is not to be asked at all (pause), and maintenance windows.
//!
//! Room: what is in force, and from when to when. Whom it silences is `standing.rs`; keeping it in
//! a file is the engine's.

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
pub use window::{DayRule, LONGEST, Ordinal, When, Window, is_at_or_below, seconds};

/// The longest note of an acknowledgement, in bytes.
pub const MAX_NOTE: usize = 10_000;
/// So many entries of each kind are kept; more are refused, so that the file stays small.
pub const MOST: usize = 2_000;

/// What a person asks. A path means the source or tree there and all below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// Tell nothing of it until then.
    Snooze {
        /// Of what.
        path: String,
        /// Unix seconds.
        until: Timestamp,
    },
    /// Ends a snooze.
    Unsnooze {
        /// Of what; the same that was snoozed.
        path: String,
    },
    /// Its present outage is known: no reminders until it recovers, which is told.
    Acknowledge {
        /// Of what.
        path: String,
        /// What is known of it.
        note: Option<String>,
    },
    /// Takes an acknowledgement back.
    Unacknowledge {
        /// Of what; the same that was acknowledged.
        path: String,
    },
    /// Do not ask it.
    Pause {
        /// Of what.
        path: String,
    },
    /// Ask it again.
    Resume {
        /// Of what; the same that was paused.
        path: String,
    },
    /// Tell nothing at all.
    Mute {
        /// Unix seconds; for ever when `None`.
        until: Option<Timestamp>,
    },
    /// Ends a mute.
    Unmute,
}

impl Control {
    /// The path that it names, if it names one.
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

    /// Why it cannot be taken, whatever is in force; `None` when it can. For a person.
    pub fn problem(&self, now: Timestamp) -> Option<&'static str> {
        let (until, note) = match self {
            Self::Snooze { until, .. } => (Some(*until), None),
            Self::Mute { until } => (*until, None),
            Self::Acknowledge { note, .. } => (None, note.as_deref()),
            _ => (None, None),
        };
        if self.path().is_some_and(|path| !is_path(path)) {
            Some("that is no path of a source")
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

/// The furthest end of anything, in Unix seconds: the year 9999.
const LAST: Timestamp = 253_370_764_800.0;

/// A snooze.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snooze {
    /// When it was asked for, Unix seconds.
    pub since: Timestamp,
    /// When it ends, Unix seconds.
    pub until: Timestamp,
}

/// An acknowledgement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// When it was given, Unix seconds.
    pub since: Timestamp,
    /// What is known of the outage.
    pub note: Option<String>,
}

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    /// When it was asked for, Unix seconds.
    pub since: Timestamp,
}

/// A mute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mute {
    /// When it was asked for, Unix seconds.
    pub since: Timestamp,
    /// When it ends, Unix seconds; never by itself when `None`.
    pub until: Option<Timestamp>,
}

/// All that is in force, by path. What has ended by itself may still be in here; every question
/// takes the time and leaves it out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Controls {
    /// What is snoozed.
    pub snoozed: BTreeMap<String, Snooze>,
    /// What is acknowledged.
    pub acknowledged: BTreeMap<String, Acknowledgement>,
    /// What is paused.
    pub paused: BTreeMap<String, Pause>,
    /// Whether everything is muted.
    pub muted: Option<Mute>,
}

impl Controls {
    /// Takes what a person asks. False when it changed nothing, or [`MOST`] are in force already.
    pub fn apply(&mut self, control: &Control, now: Timestamp) -> bool {
        self.tidy(now);
        let since = now;
        match control {
            Control::Snooze { path, until } => {
                let until = *until;
                put(&mut self.snoozed, path, Snooze { since, until })
            }
            Control::Unsnooze { path } => self.snoozed.remove(path).is_some(),
            Control::Acknowledge { path, note } => {
                let note = note.as_deref().map(|note| one_line(note, MAX_NOTE));
                put(
                    &mut self.acknowledged,
                    path,
                    Acknowledgement { since, note },
                )
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

    /// Forgets what has ended by itself.
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

    /// The snooze that silences a path the longest, and whose it is: its own or a tree's above it.
    pub fn snooze(&self, path: &str, now: Timestamp) -> Option<(&str, &Snooze)> {
        upwards(&self.snoozed, path)
            .filter(|(_, snooze)| snooze.until > now)
            .max_by(|(_, a), (_, b)| a.until.total_cmp(&b.until))
    }

    /// The acknowledgement nearest to a path, and whose it is.
    pub fn acknowledgement(&self, path: &str) -> Option<(&str, &Acknowledgement)> {
        upwards(&self.acknowledged, path).next()
    }

    /// The pause of a path, the highest if there are several, and whose it is.
    pub fn pause(&self, path: &str) -> Option<(&str, &Pause)> {
        upwards(&self.paused, path).last()
    }

    /// Why this would change nothing; `None` when it would. For a person.
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

    /// When something of it ends by itself next.
    pub fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let snoozes = self.snoozed.values().map(|snooze| snooze.until);
        let mute = self.muted.and_then(|mute| mute.until);
        snoozes
            .chain(mute)
            .filter(|until| *until > now)
            .min_by(f64::total_cmp)
    }

    /// True when nothing is in force.
    pub fn is_empty(&self, now: Timestamp) -> bool {
        self.paused.is_empty()
            && self.acknowledged.is_empty()
            && self.mute(now).is_none()
            && self.snoozed.values().all(|snooze| snooze.until <= now)
    }

    /// Takes out what cannot have been kept by Up, and cleans what people wrote: a file may hold
    /// anything.
    pub fn tame(&mut self) {
        self.snoozed
            .retain(|path, snooze| is_path(path) && snooze.until <= LAST);
        self.paused.retain(|path, _| is_path(path));
        self.acknowledged.retain(|path, _| is_path(path));
        for given in self.acknowledged.values_mut() {
            given.note = (given.note.as_deref()).map(|note| one_line(note, MAX_NOTE));
        }
    }
}

fn put<T>(entries: &mut BTreeMap<String, T>, path: &str, entry: T) -> bool {
    if entries.len() >= MOST && !entries.contains_key(path) {
        return false;
    }
    entries.insert(path.to_owned(), entry);
    true
}

/// The entries of a path and of all trees above it, nearest first.
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
