//! The keys of up.toml that do not belong to one source type or sink type. The doc comment of a
//! type or field is its text in the reference manual.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::Mood;
use up_source::{PolicyKey, WrittenDuration};

use crate::labels::OpenKey;
use crate::maintenance::MaintenanceKeys;

/// These keys apply to the whole configuration. Write the single keys first, above the first line
/// in brackets: in TOML, a key belongs to the last `[table]` or `[[table]]` line before it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopKeys {
    /// The name of the root, the tree that contains all sources: `"Example Status"`. Required if
    /// there is more than one `[[source]]`. If it is left out, the only `[[source]]` is the root
    /// itself. The rules for names are those of a [source's `name`](#keys-of-every-source).
    pub(crate) name: Option<String>,
    /// Which words Up uses for a status, and at which level it notifies people. Default:
    /// `"realist"`. `level` and `unknown` in `[alert]` override the second part.
    pub(crate) mood: Option<MoodKey>,
    /// The time from the start of one check of a source to the start of the next: `"1m"`. Default:
    /// `"30s"`. Range: `"1s"` to `"366d"`. Every source and tree may override it for itself and for
    /// everything in it.
    pub(crate) interval: Option<WrittenDuration>,
    /// The longest time that one check may take. A source that has not answered by then is down
    /// with the cause `timeout`. Default: `"10s"`. Range: `"10ms"` to `"24h"`. Every source and
    /// tree may override it for itself and for everything in it.
    pub(crate) timeout: Option<WrittenDuration>,
    /// The name of this running Up, which marks its samples where several write to one MongoDB:
    /// `"berlin-1"`. Default: the host name of the machine.
    pub(crate) agent: Option<String>,
    /// Whether the root's sources are checked at the same time. Default: `true`. `false` checks
    /// them one after the other. Only for a root with a `name`.
    pub(crate) parallel: Option<bool>,
    /// The largest number of sources that are checked at the same time, in all trees together: `4`.
    /// At least 1. Default: no limit. Only for a root with a `name`.
    pub(crate) concurrency: Option<NonZeroU32>,
    /// How the root's status follows from those of its sources. Default: `"mean"`. Only for a root
    /// with a `name`.
    pub(crate) policy: Option<PolicyKey>,
    /// When a result is believed, and when people are notified. Inherited by all sources.
    pub(crate) alert: Option<AlertKeys>,
    /// How Up recognizes that its own network has failed, and not the sources.
    pub(crate) network: Option<NetworkKeys>,
    /// How long the history is kept.
    pub(crate) history: Option<HistoryKeys>,
    /// Maintenance windows. Each begins with a line `[[maintenance]]`.
    pub(crate) maintenance: Option<Vec<MaintenanceKeys>>,
    /// The panel of `up-tray`. The table has no keys yet.
    #[expect(dead_code, reason = "reading it is the check until it has keys")]
    pub(crate) panel: Option<PanelKeys>,
}

/// A source of any type may have these keys, in addition to those of its type.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommonKeys {
    /// The name of the source: `"PROD"`. It must differ from the names of the other sources in the
    /// same tree, must not contain `/` or control characters, and has at most 200 bytes. The names
    /// from the root down to a source, each after a `/`, are its path: `/Example Status/PROD`.
    /// Required for a tree. Default: the URL's host, the host, the host and port or the program
    /// that is checked, with a number after it if that name is taken (`example.com 2`).
    pub(crate) name: Option<String>,
    /// The time from the start of one check to the start of the next. Range: `"1s"` to `"366d"`.
    /// Default: that of the tree around it.
    pub(crate) interval: Option<WrittenDuration>,
    /// The longest time that one check may take. Range: `"10ms"` to `"24h"`. Default: that of the
    /// tree around it.
    pub(crate) timeout: Option<WrittenDuration>,
    /// The share of the source in the `"mean"` of the tree around it: a source with the weight 3
    /// counts as much as three with the weight 1. Any number from 0; with 0 it does not count.
    /// Default: 1. Other policies ignore it.
    pub(crate) weight: Option<f64>,
    /// When a result of the source is believed, and when people are notified: `[source.alert]`.
    /// Each key that is left out is inherited from the tree around it.
    pub(crate) alert: Option<AlertKeys>,
    /// The sources that this source (of a tree: every source in it) needs in order to be reached:
    /// `["router"]`, `["/Home/router"]`. While one of them is down, this source is shown as
    /// unreachable and is not judged, and people are notified only of the one that is down. Each is
    /// the name of a source in the same tree, or a path from the root. A tree may depend on a
    /// source inside it (`["Branch/tunnel"]`), which then holds for the rest of the tree.
    /// Dependencies must not form a cycle. Default: none.
    pub(crate) depends_on: Option<Vec<String>>,
    /// The references of this source (of a tree: of every source in it), in place of those in
    /// `[network]`, and written like them. Use it for what can only be reached through a VPN:
    /// `["tcp://10.1.0.1:53"]`. `[]` means that the source needs no network: it is judged even
    /// while the own network is gone. Default: inherited from the tree around it, at the top
    /// `[network]`.
    pub(crate) reference: Option<Vec<String>>,
    /// Words by which people find this source (of a tree: every source in it): `["db", "berlin-2"]`.
    /// The filter of the panel finds a tag as a word, and alone as `tag:db`. Each has 1 to 30
    /// letters, digits, `-`, `_` or `.`; a source has at most 16, those of the trees around it
    /// included. Default: none.
    pub(crate) tags: Option<Vec<String>>,
    /// What *Open* in the panel opens, in place of the address that is checked: a web address
    /// (`"https://grafana.example.com/d/42"`), or a program with its arguments
    /// (`["virt-viewer", "db"]`), which runs as the person of the desktop and without a shell. The
    /// panel shows the address, or the program without its arguments. Default: the address that is
    /// checked, if it is one for the web.
    pub(crate) open: Option<OpenKey>,
}

/// A source that contains other sources. Its status follows from theirs. Sources that are unknown,
/// paused, under maintenance, offline or unreachable do not count; if none counts, the tree is
/// unknown.
///
/// ```toml
/// [[source]]
/// type = "tree"
/// name = "Office"
/// interval = "1m"                 # for every source in it
///
/// [[source.source]]
/// type = "snmp"
/// name = "router"
/// host = "192.168.1.1"
///
/// [[source.source]]
/// type = "tcp"
/// name = "mail"
/// address = "mail.example.com:25"
/// depends_on = ["router"]
/// ```
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TreeKeys {
    /// Whether the sources of the tree are checked at the same time. Default: `true`. `false`
    /// checks all sources below it one after the other, including those in inner trees.
    pub(crate) parallel: Option<bool>,
    /// The largest number of sources of the tree that are checked at the same time, including those
    /// in inner trees: `2`. At least 1. Default: no limit.
    pub(crate) concurrency: Option<NonZeroU32>,
    /// How the status of the tree follows from those of its sources: `{ at_least = 2 }`. Default:
    /// `"mean"`.
    pub(crate) policy: Option<PolicyKey>,
}

impl TreeKeys {
    /// The largest number of sources that are checked at the same time; `None` for no limit.
    pub(crate) fn at_once(&self) -> Option<NonZeroU32> {
        match self.parallel {
            Some(false) => Some(NonZeroU32::MIN),
            _ => self.concurrency,
        }
    }
}

/// When a result is believed, and when people are notified. `[alert]` at the top of the file
/// applies to all sources. `[source.alert]` below a `[[source]]` overrides single keys for that
/// source, or for every source in that tree.
///
/// A status from 0 to 1 has a level from 0 to 4: 4 is UP (1), 3 MOSTLY UP (from 0.75), 2 HALF UP
/// (from 0.5), 1 MOSTLY DOWN (from 0.25), 0 DOWN.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertKeys {
    /// How many results in a row must be worse than what is believed before the worse level is
    /// believed. At least 1: with 1, a single failed check is an outage. As many unknown results
    /// in a row make the source unknown, and what failed before them no longer counts. The incidents
    /// of the history go by `down_after` and `up_after`, too. Default: 2.
    pub(crate) down_after: Option<NonZeroU32>,
    /// How many results in a row must be better than what is believed before the better level is
    /// believed. At least 1. Default: 1.
    pub(crate) up_after: Option<NonZeroU32>,
    /// The time until the next check while a new level is not yet believed. It takes the place of
    /// `interval` there, so that an outage is confirmed soon. Default: `"5s"`. Range: `"100ms"` to
    /// `"24h"`.
    pub(crate) retry: Option<WrittenDuration>,
    /// Whether Up looks for flapping. Default: `true`: of a source whose believed level changes too
    /// often, people are notified once that it flaps, and once when it has settled. `false`: people
    /// are notified of every outage and recovery.
    pub(crate) flapping: Option<bool>,
    /// Flapping starts when the weighted share of changes among the last 21 results reaches this
    /// percentage (Nagios's algorithm; recent changes weigh more). A change is a result after which
    /// another level is believed. Default: 25. Above `flap_low`, at most 100.
    pub(crate) flap_high: Option<u8>,
    /// Flapping ends when the weighted share of changes falls below this percentage. Default: 10.
    /// At least 1, below `flap_high`.
    pub(crate) flap_low: Option<u8>,
    /// The highest level of which people are notified, 0 to 3: 0 only of DOWN, 1 also of MOSTLY
    /// DOWN, 2 also of HALF UP, 3 of everything below UP. Default: that of the mood (realist 1,
    /// optimist 0, pessimist 3).
    pub(crate) level: Option<u8>,
    /// Whether people are notified when a source becomes unknown. Default: `true` for the
    /// pessimist, else `false`.
    pub(crate) unknown: Option<bool>,
    /// How long after the notification of an outage people are reminded of it: `"1h"`. The pause
    /// doubles with every reminder, up to a day. Range: `"1m"` to `"366d"`. Default: no reminders.
    pub(crate) remind: Option<WrittenDuration>,
    /// How long a notification may wait for other changes with the same cause, so that one
    /// notification tells of all. Default: `"10s"`. Range: `"0s"` to `"10m"`. Only in the `[alert]`
    /// at the top of the file.
    pub(crate) group_within: Option<WrittenDuration>,
    /// The largest number of notifications in one minute. Those above it are combined into one
    /// summary. At least 1. Default: 6. Only in the `[alert]` at the top of the file.
    pub(crate) per_minute: Option<NonZeroU32>,
}

/// How Up recognizes that its own network has failed, and not the sources. While it has, the
/// sources beyond it are shown as offline: people are not notified, and the history has a gap.
///
/// ```toml
/// [network]
/// reference = ["https://example.org/", "tcp://192.0.2.1:443"]
/// ```
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkKeys {
    /// Targets that answer whenever the own network works: `http://` or `https://` URLs, or
    /// `tcp://HOST:PORT`. Any HTTP answer counts. Up checks them only after a source has failed: if
    /// none of them answers and other sources fail too, the own network has failed. Name two or
    /// three of different providers, which are not sources themselves. Default: none; then only the
    /// system tells Up of a missing link, route or resolver.
    pub(crate) reference: Option<Vec<String>>,
}

/// How long the history is kept. Older entries are deleted. So that a clock that is wrong deletes
/// nothing, retention counts the days that have samples, beside the clock: after a time without any,
/// old entries go more slowly, two days for each day on which Up runs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryKeys {
    /// How long each sample, the result of one check, is kept, and what checks measured of each
    /// five minutes. Default: `"30d"`, or `keep` if that is shorter. Range: `"1h"` to `"36525d"`.
    pub(crate) raw: Option<WrittenDuration>,
    /// How long everything else is kept: notes, the list of notifications, what checks measured of
    /// each hour, and samples that a MongoDB has not received yet. Default: `"400d"`, or `raw` if
    /// that is longer. Range: `"1h"` to `"36525d"`, not shorter than `raw`.
    pub(crate) keep: Option<WrittenDuration>,
}

/// The panel of `up-tray`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PanelKeys {}

/// The value of `mood`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MoodKey {
    /// UP, MOSTLY UP, HALF UP, MOSTLY DOWN, DOWN; people are notified of the last two.
    Realist,
    /// kind words (SLIGHTLY UP for level 1); people are notified of level 0 only.
    Optimist,
    /// gloomy words (SLIGHTLY DOWN for level 3); people are notified of everything below level 4,
    /// and of unknown.
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
