//! Maintenance windows: times as people write them, in the time zone that they are meant in.

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

/// A time in which sources are asked and shown as under maintenance, but not judged: nothing of
/// them is told, and nothing of it goes into the history. Once, with `from` and `until`, or again
/// and again, with `at` and `for`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaintenanceKeys {
    /// What is under maintenance, with all below it: `["/Example Status/Office"]`. Everything
    /// unless said otherwise.
    pub(crate) paths: Option<Vec<String>>,
    /// When it begins: `"2026-12-24 22:00"`.
    pub(crate) from: Option<String>,
    /// When it is over: `"2026-12-25 06:00"`.
    pub(crate) until: Option<String>,
    /// On which days it begins: `"mon"` to `"sun"`, or one in a month, as `"first mon"` to
    /// `"fourth mon"` and `"last mon"`. Every day unless said otherwise.
    pub(crate) days: Option<Vec<String>>,
    /// At what time of these days it begins: `"02:30"`. Where the clocks are put forward over it,
    /// so much later; where it comes twice, the first time.
    pub(crate) at: Option<String>,
    /// How long it then lasts, by any clock: `"2h"`, at least `"1m"` and at most `"7d"`.
    #[serde(rename = "for")]
    pub(crate) lasts: Option<WrittenDuration>,
    /// Where these times are meant, as the IANA database names it: `"Europe/Berlin"`. The system's
    /// unless said otherwise.
    pub(crate) time_zone: Option<String>,
}

const DATE_HELP: &str = "write one like \"2026-12-24 22:00\"";
const DAY_HELP: &str = "write \"mon\" to \"sun\", or \"first mon\", \"second mon\", \"last mon\"";

/// Plans all windows; reports what is wrong with any.
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

/// The paths that a window may name, looked up once for all windows.
struct Paths<'o> {
    /// In the outline's order, for what is suggested.
    all: Vec<&'o str>,
    /// True of a tree.
    known: HashMap<&'o str, bool>,
    /// Trees in which a source goes by a stand-in until it says its own name.
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

    /// What a leaf tells of its parts, and the name that it gives itself, are not known yet: only
    /// what cannot come to be is wrong.
    fn may_be(&self, path: &str) -> bool {
        let is_leaf = |path: &str| self.known.get(path) == Some(&false);
        // No source stands deeper, however many names follow its own.
        let names = path.match_indices('/').take(MAX_TREES + 3);
        let (tree, _) = path.rsplit_once('/').unwrap_or_default();
        self.known.contains_key(path)
            || self.with_stand_ins.contains(tree)
            || names.map(|(end, _)| &path[..end]).any(is_leaf)
    }
}

/// One window as it is read.
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
                    "it is not clear when this maintenance is".into(),
                    "write `from` and `until` for once, or `at`, `for` and perhaps `days` for \
                     again and again",
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
            let message = format!("this maintenance ends (\"{until}\") before it begins");
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
            // Of an hour that comes twice, all of it.
            let time = if key == "until" {
                later(time)
            } else {
                time.compatible().ok()
            };
            Some(seconds(time?.timestamp()))
        });
        if time.is_none() {
            self.wrong(Some(key), format!("{text:?} is no time"), DATE_HELP);
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
            let message = format!("{at:?} is no time of the day");
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
                self.wrong(Some("days"), format!("{day:?} is no day"), DAY_HELP);
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

    /// True if the file has a key that says when, with a value that was already reported as wrong.
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

    /// The value of that key, as the file has it.
    fn value(&self, key: &str) -> Option<&Spanned<DeValue<'_>>> {
        let tables = self.top.keys.get("maintenance")?.get_ref().as_array()?;
        tables.get(self.number)?.get_ref().as_table()?.get(key)
    }

    /// The bytes of that key's value; of the whole table without one.
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
