//! The keys of up.toml that do not belong to a source or sink type. Their docs are the reference
//! manual.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::Mood;
use up_source::{PolicyKey, WrittenDuration};

use crate::maintenance::MaintenanceKeys;

/// What applies to all sources. Single keys stand above the first line in brackets.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopKeys {
    /// The root's name. With none and exactly one `[[source]]`, that source is the root.
    pub(crate) name: Option<String>,
    /// How Up puts things, and how eager its alerts are: `"realist"` unless said otherwise.
    pub(crate) mood: Option<MoodKey>,
    /// How often each source is asked: `"30s"` unless said otherwise, at least `"1s"`. Inherited by
    /// all sources.
    pub(crate) interval: Option<WrittenDuration>,
    /// How long an answer may take: `"10s"` unless said otherwise, at least `"10ms"`. Inherited by
    /// all sources.
    pub(crate) timeout: Option<WrittenDuration>,
    /// This running Up's name, which tells the samples of several apart in one MongoDB: the host's
    /// name unless said otherwise.
    pub(crate) agent: Option<String>,
    /// `true`, unless said otherwise: sources are asked all at once. `false`: one after the other.
    /// For a root with a name.
    pub(crate) parallel: Option<bool>,
    /// No more sources than that are asked at once, in all trees together. For a root with a name.
    pub(crate) concurrency: Option<NonZeroU32>,
    /// How the root's status is made from its sources': `"mean"` unless said otherwise. For a root
    /// with a name.
    pub(crate) policy: Option<PolicyKey>,
    /// When to believe bad news. Inherited by all sources.
    pub(crate) alert: Option<AlertKeys>,
    /// How to tell that it is our own network that is gone.
    pub(crate) network: Option<NetworkKeys>,
    /// What is kept how long.
    pub(crate) history: Option<HistoryKeys>,
    /// When what is under maintenance, written as `[[maintenance]]`.
    pub(crate) maintenance: Option<Vec<MaintenanceKeys>>,
    /// The panel of `up-tray`; it has no keys yet.
    #[expect(dead_code, reason = "reading it is the check until it has keys")]
    pub(crate) panel: Option<PanelKeys>,
}

/// A source of any type may have these, and those of its type.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommonKeys {
    /// Its name, which never contains `/` and differs from those of the sources beside it. A tree
    /// needs one; any other source is named after what it asks unless it is given one.
    pub(crate) name: Option<String>,
    /// How often it is asked, at least `"1s"`; inherited.
    pub(crate) interval: Option<WrittenDuration>,
    /// How long its answer may take, at least `"10ms"`; inherited.
    pub(crate) timeout: Option<WrittenDuration>,
    /// How much it counts in its tree's mean: 1 unless said otherwise, 0 for not at all.
    pub(crate) weight: Option<f64>,
    /// When to believe bad news of it; inherited key by key.
    pub(crate) alert: Option<AlertKeys>,
    /// What it and all sources in it depend on: while one of these is down, they are held as
    /// unreachable, and people are told of that one only. Names of sources beside it, or paths from
    /// the root like `"/Root/Tree/Name"`. What a tree depends on may stand in it: then the rest of
    /// the tree does.
    pub(crate) depends_on: Option<Vec<String>>,
    /// What always answers while the network that it needs is there, in place of
    /// `[network] reference`: for what can only be reached by a VPN. Inherited; `[]` says that it
    /// needs no network, and is scored whatever becomes of ours.
    pub(crate) reference: Option<Vec<String>>,
}

/// Other sources together: its status is made from theirs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TreeKeys {
    /// `true`, unless said otherwise: its sources are asked all at once. `false`: one after the
    /// other, those of trees in it too.
    pub(crate) parallel: Option<bool>,
    /// No more of its sources than that are asked at once, those of trees in it counted with them.
    pub(crate) concurrency: Option<NonZeroU32>,
    /// How its status is made from its sources': `"mean"` unless said otherwise.
    pub(crate) policy: Option<PolicyKey>,
}

impl TreeKeys {
    /// No more sources than that are asked at once.
    pub(crate) fn at_once(&self) -> Option<NonZeroU32> {
        match self.parallel {
            Some(false) => Some(NonZeroU32::MIN),
            _ => self.concurrency,
        }
    }
}

/// When to believe a change.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertKeys {
    /// So many bad answers in a row are believed: 2 unless said otherwise.
    pub(crate) down_after: Option<NonZeroU32>,
    /// So many good answers in a row are believed: 1 unless said otherwise.
    pub(crate) up_after: Option<NonZeroU32>,
    /// How soon to ask again while bad news is not yet believed: `"5s"` unless said otherwise, at
    /// least `"100ms"`.
    pub(crate) retry: Option<WrittenDuration>,
    /// `true`, unless said otherwise: a source that goes up and down too often is said to be
    /// flapping, once, until it settles. `false`: each fall is told.
    pub(crate) flapping: Option<bool>,
    /// Flapping begins when so many percent of the last 20 turns that there could have been were
    /// ones, newer ones counting for more: 25 unless said otherwise.
    pub(crate) flap_high: Option<u8>,
    /// Flapping ends below so many percent: 10 unless said otherwise.
    pub(crate) flap_low: Option<u8>,
    /// People are told at this level and below: 0 is DOWN, 3 anything that is not UP. As the mood
    /// has it unless said otherwise.
    pub(crate) level: Option<u8>,
    /// Whether people are told when a source is unknown. As the mood has it unless said otherwise.
    pub(crate) unknown: Option<bool>,
    /// So long after an outage was told it is told again, then after twice as long, and so on up to
    /// once a day, at least `"1m"`. Never, unless this is given.
    pub(crate) remind: Option<WrittenDuration>,
    /// Changes that come within so long of each other are told together: `"10s"` unless said
    /// otherwise, at most `"10m"`. For all sources: only at the top of the file.
    pub(crate) group_within: Option<WrittenDuration>,
    /// Never more notices a minute than that; what is over is summed up: 6 unless said otherwise.
    /// For all sources: only at the top of the file.
    pub(crate) per_minute: Option<NonZeroU32>,
}

/// How to tell that it is our own network that is gone.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkKeys {
    /// What always answers while our network is there: `http://`, `https://` and `tcp://HOST:PORT`
    /// URLs.
    pub(crate) reference: Option<Vec<String>>,
}

/// What is kept how long.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryKeys {
    /// Each single sample: `"30d"` unless said otherwise.
    pub(crate) raw: Option<WrittenDuration>,
    /// Anything at all: `"400d"` unless said otherwise, never shorter than `raw`.
    pub(crate) keep: Option<WrittenDuration>,
}

/// The panel of `up-tray`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PanelKeys {}

/// A mood.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MoodKey {
    /// Says it as it is; tells of DOWN and MOSTLY DOWN.
    Realist,
    /// Sees the bright side; tells of DOWN only.
    Optimist,
    /// Sees the dark side; tells of anything below UP.
    Pessimist,
}

impl From<MoodKey> for Mood {
    fn from(mood: MoodKey) -> Self {
        match mood {
            MoodKey::Realist => Self::Realist,
            MoodKey::Optimist => Self::Optimist,
            MoodKey::Pessimist => Self::Pessimist,
        }
    }
}
