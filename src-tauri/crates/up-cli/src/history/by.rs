//! `up history PATH --by hour|weekday|month`: the uptime and the durations of a path at each hour of the
//! day, on each day of the week, or in each month of the year.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Serialize;
use up_core::{Status, phrase};
use up_history::{HistorySummary, Query, SpanCut, Store};

use crate::args::CalendarPart;
use crate::failure::CommandFailure;
use crate::output::print;

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

#[derive(Serialize)]
struct ByJson<'a> {
    schema: u8,
    path: &'a str,
    from: f64,
    to: f64,
    by: &'static str,
    timezone: &'a str,
    parts: Vec<PartJson>,
}

#[derive(Serialize)]
struct PartJson {
    part: String,
    count: u64,
    unknown: u64,
    uptime: Option<f64>,
    /// The mean.
    duration: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

/// Prints what each part comes to, those without samples too.
pub(super) async fn by(
    stores: &[Arc<dyn Store>],
    query: &Query,
    part: CalendarPart,
    timezone: Option<&str>,
    as_json: bool,
) -> Result<ExitCode, CommandFailure> {
    let name = timezone.unwrap_or("UTC");
    let zone = TimeZone::get(name).map_err(|_| {
        CommandFailure::Usage(format!(
            "--timezone {name:?} is not a time zone: write a name such as Europe/Berlin"
        ))
    })?;
    let (count, cut) = match part {
        CalendarPart::Hour => (24, SpanCut::HoursOfDay(zone)),
        CalendarPart::Weekday => (7, SpanCut::Weekdays(zone)),
        CalendarPart::Month => (12, SpanCut::Months(zone)),
    };
    let answer = up_engine::ask_parts(stores, query, cut).await?;
    if let Some(fallback) = answer.fallback {
        let _ = writeln!(io::stderr(), "{fallback}");
    }
    let mut summaries = vec![HistorySummary::default(); count];
    for found in answer.parts {
        let number = usize::try_from(found.number).unwrap_or_default();
        if let Some(summary) = summaries.get_mut(number) {
            *summary = found.summary;
        }
    }
    let parts = summaries.iter().enumerate();
    let parts: Vec<_> = parts
        .map(|(number, summary)| part_json(part, number, summary))
        .collect();
    if as_json {
        let document = ByJson {
            schema: 1,
            path: &query.path,
            from: query.from,
            to: query.to,
            by: part.name(),
            timezone: name,
            parts,
        };
        let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
        return print(&format!("{text}\n"));
    }
    print(&lines(&parts))
}

fn part_json(part: CalendarPart, number: usize, summary: &HistorySummary) -> PartJson {
    PartJson {
        part: match part {
            CalendarPart::Hour => format!("{number:02}"),
            CalendarPart::Weekday => WEEKDAYS.get(number).copied().unwrap_or_default().into(),
            CalendarPart::Month => format!("{:02}", number + 1),
        },
        count: summary.count,
        unknown: summary.unknown,
        uptime: summary.uptime,
        duration: summary.mean_duration,
        p50: summary.durations.p50,
        p95: summary.durations.p95,
        p99: summary.durations.p99,
    }
}

fn lines(parts: &[PartJson]) -> String {
    let width = parts.iter().map(|part| part.part.len()).max().unwrap_or(0);
    let mut text = String::new();
    for part in parts {
        let uptime = part.uptime.and_then(Status::new).map(phrase::percent);
        let uptime = uptime.map_or_else(|| "unknown".into(), |uptime| format!("{uptime} up"));
        let seconds = part.duration.and_then(phrase::seconds);
        let seconds = seconds.map(|s| format!(" ({s})")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:width$}  {uptime}{seconds} over {} sample{}",
            part.part,
            part.count,
            if part.count == 1 { "" } else { "s" }
        );
    }
    text
}
