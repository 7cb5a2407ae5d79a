//! The keys of up.toml that do not belong to a source or sink type. Their docs are the reference
//! manual.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::Mood;
use up_core::fold::Policy;

use crate::period::Period;

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
    pub(crate) interval: Option<Period>,
    /// How long an answer may take: `"10s"` unless said otherwise, at least `"10ms"`. Inherited by
    /// all sources.
    pub(crate) timeout: Option<Period>,
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
    pub(crate) interval: Option<Period>,
    /// How long its answer may take, at least `"10ms"`; inherited.
    pub(crate) timeout: Option<Period>,
    /// How much it counts in its tree's mean: 1 unless said otherwise, 0 for not at all.
    pub(crate) weight: Option<f64>,
    /// When to believe bad news of it; inherited key by key.
    pub(crate) alert: Option<AlertKeys>,
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
    pub(crate) retry: Option<Period>,
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
    pub(crate) raw: Option<Period>,
    /// Anything at all: `"400d"` unless said otherwise, never shorter than `raw`.
    pub(crate) keep: Option<Period>,
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

/// A tree's rule.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PolicyKey {
    /// The mean of the sources' statuses, by their weights.
    Mean,
    /// The lowest of them.
    Worst,
    /// The highest of them.
    Best,
    /// Up when at least so many of them are wholly up; below that, the share that is.
    AtLeast(NonZeroU32),
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

impl From<PolicyKey> for Policy {
    fn from(policy: PolicyKey) -> Self {
        match policy {
            PolicyKey::Mean => Self::Mean,
            PolicyKey::Worst => Self::Worst,
            PolicyKey::Best => Self::Best,
            PolicyKey::AtLeast(number) => Self::AtLeast(number.get()),
        }
    }
}
