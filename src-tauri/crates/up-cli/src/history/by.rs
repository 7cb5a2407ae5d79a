//! `up history PATH --by hour|weekday|month`: the uptime and the mean duration of a path at each hour of
//! the day, on each day of the week, or in each month of the year.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use serde::Serialize;
use up_core::{Status, phrase};
use up_engine::ExportError;
use up_history::{Point, Query, Store};

use crate::args::PartOfTime;
use crate::failure::CommandFailure;
use crate::output::print;

/// How long a sample stands at the most, in seconds, as for every uptime.
const STANDS: f64 = 300.0;

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
    uptime: Option<f64>,
    duration: Option<f64>,
}

/// Reads all samples of the query, of which some are held at a time.
pub(super) async fn by(
    stores: &[Arc<dyn Store>],
    query: &Query,
    part: PartOfTime,
    timezone: Option<&str>,
    as_json: bool,
) -> Result<ExitCode, CommandFailure> {
    let name = timezone.unwrap_or("UTC");
    let zone = TimeZone::get(name).map_err(|_| {
        CommandFailure::Usage(format!(
            "--timezone {name:?} is not a time zone: write a name such as Europe/Berlin"
        ))
    })?;
    let mut parts = Parts::new(part, zone);
    let read = up_engine::export_history(stores, query, |points| {
        for point in points {
            parts.take(point);
        }
        Ok(())
    });
    match read.await {
        Ok(Some(fallback)) => {
            let _ = writeln!(io::stderr(), "{fallback}");
        }
        Ok(None) => {}
        Err(ExportError::Store(error)) => return Err(error.into()),
        Err(ExportError::Output(error)) => return Err(CommandFailure::io("the samples")(error)),
    }
    let parts = parts.finish(query.to);
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

/// Sums of each part.
struct Parts {
    part: PartOfTime,
    zone: TimeZone,
    sums: Vec<Sums>,
    /// The sample that stands until the next one.
    last: Option<(f64, Option<f64>, usize)>,
}

#[derive(Clone, Default)]
struct Sums {
    count: u64,
    /// The time for which the status was known, in seconds.
    known: f64,
    /// The same, weighted with the status.
    up: f64,
    duration: f64,
}

impl Parts {
    fn new(part: PartOfTime, zone: TimeZone) -> Self {
        let count = match part {
            PartOfTime::Hour => 24,
            PartOfTime::Weekday => 7,
            PartOfTime::Month => 12,
        };
        Self {
            part,
            zone,
            sums: vec![Sums::default(); count],
            last: None,
        }
    }

    fn take(&mut self, point: &Point) {
        self.end_last(point.date);
        let Ok(instant) = Instant::from_microsecond((point.date * 1e6) as i64) else {
            return;
        };
        let local = instant.to_zoned(self.zone.clone());
        let number = match self.part {
            PartOfTime::Hour => local.hour(),
            PartOfTime::Weekday => local.weekday().to_monday_zero_offset(),
            PartOfTime::Month => local.month() - 1,
        };
        let number = usize::try_from(number).unwrap_or_default();
        self.last = Some((point.date, point.status, number));
        if let (Some(sums), Some(_)) = (self.sums.get_mut(number), point.status) {
            sums.count += 1;
            sums.duration += point.duration;
        }
    }

    fn end_last(&mut self, date: f64) {
        if let Some((since, Some(status), number)) = self.last.take()
            && let Some(sums) = self.sums.get_mut(number)
        {
            let stood = (date - since).clamp(0.0, STANDS);
            sums.known += stood;
            sums.up += status * stood;
        }
    }

    fn finish(mut self, to: f64) -> Vec<PartJson> {
        self.end_last(to);
        let part = |(number, sums): (usize, &Sums)| PartJson {
            part: match self.part {
                PartOfTime::Hour => format!("{number:02}"),
                PartOfTime::Weekday => WEEKDAYS.get(number).copied().unwrap_or_default().into(),
                PartOfTime::Month => format!("{:02}", number + 1),
            },
            count: sums.count,
            uptime: (sums.known > 0.0).then(|| sums.up / sums.known),
            duration: (sums.count > 0).then(|| sums.duration / sums.count as f64),
        };
        self.sums.iter().enumerate().map(part).collect()
    }
}
