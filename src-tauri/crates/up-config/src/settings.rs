//! Checks the keys at the top of the file: the inherited keys, history, network and agent.

use std::time::Duration;

use up_core::alert::NotifyPolicy;
use up_core::cause::one_line;
use up_core::{Level, Marks, Rules};
use up_source::WrittenDuration;

use crate::diagnostics::Diagnostics;
use crate::keys::{AlertKeys, HistoryKeys, NetworkKeys};
use crate::labels::Tags;
use crate::names;
use crate::plan::{HistoryPlan, NetworkPlan};
use crate::read::Table;
use crate::reference_groups::{self, SourceGroup};

/// The default of `interval`.
pub(crate) const INTERVAL: Duration = Duration::from_secs(30);
/// The default of `timeout`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

const DAY: Duration = Duration::from_hours(24);

/// The settings that a source inherits from the tree around it.
#[derive(Clone, Debug)]
pub(crate) struct Inherited {
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    pub(crate) rules: Rules,
    pub(crate) group: SourceGroup,
    pub(crate) tags: Tags,
}

impl Default for Inherited {
    fn default() -> Self {
        Self {
            interval: INTERVAL,
            timeout: TIMEOUT,
            rules: Rules::default(),
            group: SourceGroup::default(),
            tags: Tags::default(),
        }
    }
}

impl Inherited {
    /// Returns these settings, overridden by the keys in `table`.
    pub(crate) fn with(
        mut self,
        report: &mut Diagnostics<'_>,
        table: &Table<'_>,
        interval: Option<WrittenDuration>,
        timeout: Option<WrittenDuration>,
        alert: Option<&AlertKeys>,
    ) -> Self {
        let second = Duration::from_secs(1);
        let millis = Duration::from_millis;
        let mut set = |to: &mut Duration, key, written: Option<WrittenDuration>, least, most| {
            if let Some(written) = written {
                *to = within(report, table, key, written, least, most);
            }
        };
        set(&mut self.interval, "interval", interval, second, 366 * DAY);
        set(&mut self.timeout, "timeout", timeout, millis(10), DAY);
        if let Some(alert) = alert {
            let retry = &mut self.rules.retry;
            set(retry, "alert.retry", alert.retry, millis(100), DAY);
            if let Some(times) = alert.down_after {
                self.rules.down_after = times.get();
            }
            if let Some(times) = alert.up_after {
                self.rules.up_after = times.get();
            }
            if let Some(remind) = alert.remind {
                let least = Duration::from_mins(1);
                let remind = within(report, table, "alert.remind", remind, least, 366 * DAY);
                self.rules.remind = Some(remind);
            }
            self.rules.unknown = alert.unknown.or(self.rules.unknown);
            self.rules.level = level(report, table, alert.level).or(self.rules.level);
            self.rules.flapping = flapping(report, table, alert, self.rules.flapping);
        }
        self.rules.interval = self.interval;
        self
    }
}

fn level(report: &mut Diagnostics<'_>, table: &Table<'_>, number: Option<u8>) -> Option<Level> {
    let levels = [Level::Down, Level::MostlyDown, Level::Half, Level::MostlyUp];
    let number = number?;
    let level = levels.get(usize::from(number)).copied();
    if level.is_none() {
        report.error(
            table.at("alert.level"),
            format!("`level` must be a number from 0 to 3, but is {number}"),
            Some("0 is DOWN, 1 MOSTLY DOWN, 2 HALF UP, 3 MOSTLY UP".into()),
        );
    }
    level
}

fn flapping(
    report: &mut Diagnostics<'_>,
    table: &Table<'_>,
    alert: &AlertKeys,
    inherited: Option<Marks>,
) -> Option<Marks> {
    let marks = inherited.unwrap_or_default();
    let marks = Marks {
        high: alert.flap_high.unwrap_or(marks.high),
        low: alert.flap_low.unwrap_or(marks.low),
    };
    if !(0 < marks.low && marks.low < marks.high && marks.high <= 100) {
        let key = if alert.flap_high.is_some() {
            "alert.flap_high"
        } else {
            "alert.flap_low"
        };
        report.error(
            table.at(key),
            format!(
                "`flap_high` ({}) must be above `flap_low` ({}), and both must be from 1 to 100",
                marks.high, marks.low
            ),
            Some("for example, write flap_high = 25 and flap_low = 10".into()),
        );
    }
    alert
        .flapping
        .unwrap_or(inherited.is_some())
        .then_some(marks)
}

/// The keys of `[alert]` that apply to all sources together.
pub(crate) fn notify_policy(
    report: &mut Diagnostics<'_>,
    top: &Table<'_>,
    keys: Option<&AlertKeys>,
) -> NotifyPolicy {
    let mut policy = NotifyPolicy::default();
    let Some(keys) = keys else { return policy };
    if let Some(group) = keys.group_within {
        let (none, most) = (Duration::ZERO, Duration::from_mins(10));
        policy.group_within = within(report, top, "alert.group_within", group, none, most);
    }
    if let Some(most) = keys.per_minute {
        policy.most = most.get() as usize;
    }
    policy
}

/// Reports the keys that the `[alert]` of a single source must not have.
pub(crate) fn not_of_one_source(report: &mut Diagnostics<'_>, table: &Table<'_>, keys: &AlertKeys) {
    let given = [
        ("group_within", keys.group_within.is_some()),
        ("per_minute", keys.per_minute.is_some()),
    ];
    for (key, _) in given.into_iter().filter(|(_, given)| *given) {
        report.error(
            table.at(&format!("alert.{key}")),
            format!("`{key}` applies to all sources, and cannot be set for one of them"),
            Some("move it to the [alert] at the top of the file".into()),
        );
    }
}

/// Limits a duration to `least` to `most`. One outside is reported, and the nearer limit takes its
/// place.
fn within(
    report: &mut Diagnostics<'_>,
    table: &Table<'_>,
    key: &'static str,
    written: WrittenDuration,
    least: Duration,
    most: Duration,
) -> Duration {
    written.within(key, least, most).unwrap_or_else(|problem| {
        report.error(table.at(key), problem.message, problem.help);
        written.0.clamp(least, most)
    })
}

/// The table `[history]`.
pub(crate) fn history(
    report: &mut Diagnostics<'_>,
    top: &Table<'_>,
    keys: Option<&HistoryKeys>,
) -> HistoryPlan {
    let mut plan = HistoryPlan::default();
    let Some(keys) = keys else { return plan };
    let hour = Duration::from_hours(1);
    let century = 36_525 * DAY;
    if let Some(raw) = keys.raw {
        plan.raw = within(report, top, "history.raw", raw, hour, century);
    }
    match keys.keep {
        Some(keep) => plan.keep = within(report, top, "history.keep", keep, hour, century),
        // Samples that are kept longer than the default of `keep` extend it.
        None => plan.keep = plan.keep.max(plan.raw),
    }
    if keys.raw.is_none() {
        plan.raw = plan.raw.min(plan.keep);
    }
    if plan.keep < plan.raw {
        let (keep, raw) = (WrittenDuration(plan.keep), WrittenDuration(plan.raw));
        report.error(
            top.at("history.keep"),
            format!("`keep` (\"{keep}\") is shorter than `raw` (\"{raw}\")"),
            Some(format!("write keep = \"{raw}\", or longer")),
        );
    }
    plan
}

/// The table `[network]`. Each reference must be a URL of a supported kind.
pub(crate) fn network(
    report: &mut Diagnostics<'_>,
    top: &Table<'_>,
    keys: Option<NetworkKeys>,
) -> NetworkPlan {
    let reference = keys.and_then(|keys| keys.reference).unwrap_or_default();
    reference_groups::check(report, top, "network.reference", &reference);
    NetworkPlan { reference }
}

/// The name of this running Up. The default is the host name.
pub(crate) fn agent(
    report: &mut Diagnostics<'_>,
    top: &Table<'_>,
    given: Option<String>,
) -> String {
    if let (Some(given), Some(value)) = (&given, top.keys.get("agent")) {
        names::check(report, given, value);
    }
    given.unwrap_or_else(|| {
        let host = hostname::get().unwrap_or_default();
        let host = up_core::path::tame_name(&one_line(&host.to_string_lossy(), 200));
        host.unwrap_or_else(|| "localhost".into())
    })
}
