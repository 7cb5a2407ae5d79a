//! The keys of `[[maintenance]]`, and the windows that they describe.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;
use up_core::control::{DayRule, LONGEST, Ordinal, When, Window, seconds};
use up_core::{Node, Outline, Timestamp};
use up_source::WrittenDuration;

use crate::diagnostics::Diagnostics;
use crate::nesting::MAX_TREES;
use crate::read::Table;
use crate::suggest;

/// A maintenance window. While it is open, its sources are checked and shown as under maintenance,
/// but not judged: people are not notified, and the history has a gap. A window is open once
/// (`from` and `until`) or again and again (`at`, `for` and perhaps `days`).
///
/// ```toml
/// [[maintenance]]                 # every Sunday from 02:30 to 04:30
/// paths = ["/Example Status/Office"]
/// days = ["sun"]
/// at = "02:30"
/// for = "2h"
/// time_zone = "Europe/Berlin"
///
/// [[maintenance]]                 # once, for all sources
/// from = "2026-12-24 22:00"
/// until = "2026-12-25 06:00"
/// ```
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaintenanceKeys {
    /// The sources that are under maintenance; of a tree, all sources in it: paths from the root,
    /// like `["/Example Status/Office"]`. Default: all sources.
    pub(crate) paths: Option<Vec<String>>,
    /// When a window that is open once begins: `"2026-12-24 22:00"`. Needs `until`.
    pub(crate) from: Option<String>,
    /// When a window that is open once ends: `"2026-12-25 06:00"`. It must be later than `from`.
    pub(crate) until: Option<String>,
    /// The days on which a recurring window opens: `"mon"` to `"sun"`, or one day of the month,
    /// from `"first mon"` to `"fourth mon"` and `"last mon"`. Default: every day. Needs `at` and
    /// `for`.
    pub(crate) days: Option<Vec<String>>,
    /// The time of these days at which a recurring window opens: `"02:30"`. On a day without that
    /// time, because the clocks are put forward, it opens later by as much; on a day that has the
    /// time twice, it opens the first time.
    pub(crate) at: Option<String>,
    /// How long a recurring window then stays open, even if the clocks are changed meanwhile:
    /// `"2h"`. Range: `"1m"` to `"7d"`.
    #[serde(rename = "for")]
    pub(crate) lasts: Option<WrittenDuration>,
    /// The time zone of these times, by its name in the IANA database: `"Europe/Berlin"`. Default:
    /// that of the system.
    pub(crate) time_zone: Option<String>,
}

const DATE_HELP: &str = "write one like \"2026-12-24 22:00\"";
const DAY_HELP: &str = "write \"mon\" to \"sun\", or \"first mon\", \"second mon\", \"last mon\"";

/// Plans all maintenance windows, and reports their mistakes.
pub(crate) fn plan(
    report: &mut Diagnostics<'_>,
    top: &Table<'_>,
    keys: Option<&[MaintenanceKeys]>,
    outline: &Outline,
) -> Vec<Window> {
    let keys = keys.unwrap_or_default();
    if keys.is_empty() {
        return Vec::new();
    }
    let paths = Paths::of(outline);
    let mut windows = Vec::new();
    for (number, keys) in keys.iter().enumerate() {
        if report.gives_up() {
            break;
        }
        let window = One {
            report,
            top,
            number,
        };
        windows.extend(window.plan(keys, &paths));
    }
    windows
}

/// The paths that a window may name, collected once for all windows.
struct Paths<'o> {
    /// All paths in the order of the outline, for suggestions.
    all: Vec<&'o str>,
    /// Each path, with whether it is that of a tree.
    known: HashMap<&'o str, bool>,
    /// The trees with a source whose name is not known before its first check.
    with_stand_ins: HashSet<&'o str>,
}

impl<'o> Paths<'o> {
    fn of(outline: &'o Outline) -> Self {
        let nodes = || outline.iter().map(|(_, node)| node);
        let parent = |node: &Node| node.parent.map(|parent| &*outline.node(parent).path);
        let stand_ins = nodes().filter(|node| !node.named);
        Self {
            all: nodes().map(|node| &*node.path).collect(),
            known: nodes().map(|node| (&*node.path, node.is_tree())).collect(),
            with_stand_ins: stand_ins.filter_map(parent).collect(),
        }
    }

    /// True if a source may have this path. The components of a source, and the name that a source
    /// reports of itself, are not known yet.
    fn may_be(&self, path: &str) -> bool {
        let is_leaf = |path: &str| self.known.get(path) == Some(&false);
        // No source is deeper than this.
        let names = path.match_indices('/').take(MAX_TREES + 3);
        let (tree, _) = path.rsplit_once('/').unwrap_or_default();
        self.known.contains_key(path)
            || self.with_stand_ins.contains(tree)
            || names.map(|(end, _)| &path[..end]).any(is_leaf)
    }
}

/// Plans one window.
struct One<'a, 'r, 't> {
    report: &'a mut Diagnostics<'r>,
    top: &'a Table<'t>,
    number: usize,
}

impl One<'_, '_, '_> {
    fn plan(mut self, keys: &MaintenanceKeys, paths: &Paths<'_>) -> Option<Window> {
        self.check_paths(keys, paths);
        let zone = self.zone(keys.time_zone.as_deref())?;
        let when = match (&keys.from, &keys.until, &keys.at, keys.lasts) {
            (Some(from), Some(until), None, None) if keys.days.is_none() => {
                self.once(from, until, &zone)
            }
            (None, None, Some(at), Some(lasts)) => {
                self.recurring(keys.days.as_deref(), at, lasts, zone)
            }
            _ if self.has_unreadable_times(keys) => None,
            _ => {
                self.wrong(
                    None,
                    "this maintenance window does not say when it is open".into(),
                    "write `from` and `until` for a window that is open once, or `at`, `for` and \
                     perhaps `days` for a recurring one",
                );
                None
            }
        }?;
        let paths = keys.paths.clone().unwrap_or_default();
        Some(Window { paths, when })
    }

    fn check_paths(&mut self, keys: &MaintenanceKeys, paths: &Paths<'_>) {
        for path in keys.paths.iter().flatten() {
            if paths.may_be(path) {
                continue;
            }
            if self.report.gives_up() {
                return;
            }
            let known = &paths.all;
            let help = match suggest::nearest(path, known) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("write a path like {:?}", known.last().unwrap_or(&"/Root")),
            };
            self.wrong(
                Some("paths"),
                format!("there is no source at {path:?}"),
                &help,
            );
        }
    }

    fn zone(&mut self, name: Option<&str>) -> Option<TimeZone> {
        let Some(name) = name else {
            return Some(TimeZone::system());
        };
        if let Ok(zone) = TimeZone::get(name) {
            return Some(zone);
        }
        let names: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = match suggest::nearest(name, &names) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => "write one like \"Europe/Berlin\" or \"UTC\"".into(),
        };
        let message = format!("there is no time zone {name:?}");
        self.wrong(Some("time_zone"), message, &help);
        None
    }

    fn once(&mut self, from: &str, until: &str, zone: &TimeZone) -> Option<When> {
        let begins = self.time("from", from, zone)?;
        let ends = self.time("until", until, zone)?;
        if ends <= begins {
            let message = format!("this maintenance window ends (\"{until}\") before it begins");
            self.wrong(Some("until"), message, "write a later `until`");
            return None;
        }
        Some(When::Once {
            from: begins,
            until: ends,
        })
    }

    fn time(&mut self, key: &str, text: &str, zone: &TimeZone) -> Option<Timestamp> {
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(seconds(time));
        }
        let time = text.parse::<DateTime>().ok().and_then(|time| {
            let time = zone.to_ambiguous_zoned(time);
            // A window ends after the second of two equal hours.
            let time = if key == "until" {
                later(time)
            } else {
                time.compatible().ok()
            };
            Some(seconds(time?.timestamp()))
        });
        if time.is_none() {
            self.wrong(
                Some(key),
                format!("{text:?} is not a date and time"),
                DATE_HELP,
            );
        }
        time
    }

    fn recurring(
        &mut self,
        days: Option<&[String]>,
        at: &str,
        lasts: WrittenDuration,
        zone: TimeZone,
    ) -> Option<When> {
        let Ok(at) = at.parse::<Time>() else {
            let message = format!("{at:?} is not a time of day");
            self.wrong(Some("at"), message, "write one like \"02:30\"");
            return None;
        };
        let lasts = match lasts.within("for", Duration::from_mins(1), LONGEST) {
            Ok(lasts) => lasts,
            Err(problem) => {
                let at = self.at(Some("for"));
                self.report.error(at, problem.message, problem.help);
                return None;
            }
        };
        let mut rules = Vec::new();
        for day in days.unwrap_or_default() {
            let Some(rule) = day_rule(day) else {
                self.wrong(Some("days"), format!("{day:?} is not a day"), DAY_HELP);
                return None;
            };
            rules.push(rule);
        }
        Some(When::Recurring {
            days: rules,
            at,
            lasts,
            zone,
        })
    }

    fn wrong(&mut self, key: Option<&str>, message: String, help: &str) {
        let at = self.at(key);
        self.report.error(at, message, Some(help.to_owned()));
    }

    /// True if the file has a key for the times of the window whose value was already reported as
    /// wrong.
    fn has_unreadable_times(&self, keys: &MaintenanceKeys) -> bool {
        let is_read = [
            ("from", keys.from.is_some()),
            ("until", keys.until.is_some()),
            ("days", keys.days.is_some()),
            ("at", keys.at.is_some()),
            ("for", keys.lasts.is_some()),
        ];
        let mut unread = is_read.iter().filter(|(_, is_read)| !is_read);
        unread.any(|(key, _)| self.value(key).is_some())
    }

    /// The value of a key in the file.
    fn value(&self, key: &str) -> Option<&Spanned<DeValue<'_>>> {
        let tables = self.top.keys.get("maintenance")?.get_ref().as_array()?;
        tables.get(self.number)?.get_ref().as_table()?.get(key)
    }

    /// The bytes of the value of a key, or of the whole table without a key.
    fn at(&self, key: Option<&str>) -> Range<usize> {
        let value = key.and_then(|key| self.value(key));
        value.map_or_else(|| self.top.item("maintenance", self.number), Spanned::span)
    }
}

fn later(time: jiff::tz::AmbiguousZoned) -> Option<jiff::Zoned> {
    time.later().ok()
}

fn day_rule(text: &str) -> Option<DayRule> {
    let mut words = text.split_whitespace();
    let (first, second, more) = (words.next()?, words.next(), words.next());
    if more.is_some() {
        return None;
    }
    let (which, day) = match second {
        None => (Ordinal::Every, first),
        Some(day) => (ordinal(first)?, day),
    };
    let weekday = match day.to_ascii_lowercase().as_str() {
        "mon" | "monday" => Weekday::Monday,
        "tue" | "tuesday" => Weekday::Tuesday,
        "wed" | "wednesday" => Weekday::Wednesday,
        "thu" | "thursday" => Weekday::Thursday,
        "fri" | "friday" => Weekday::Friday,
        "sat" | "saturday" => Weekday::Saturday,
        "sun" | "sunday" => Weekday::Sunday,
        _ => return None,
    };
    Some(DayRule { weekday, which })
}

fn ordinal(word: &str) -> Option<Ordinal> {
    const NTH: [&str; 4] = ["first", "second", "third", "fourth"];
    if word == "last" {
        return Some(Ordinal::Last);
    }
    let at = NTH.iter().position(|nth| *nth == word)?;
    Some(Ordinal::Nth(at as i8 + 1))
}
