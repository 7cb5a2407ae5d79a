//! `up history metrics PATH`: what the checks of one source measured.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_core::facts::{metric_label, metric_text};
use up_core::line::one_line;
use up_core::{Note, Range};
use up_engine::csv_field;
use up_history::{MetricPoint, MetricSeries, Query};

use super::{plan_if_any, routes, span};
use crate::args::{Cli, SpanArgs, WriterArgs};
use crate::failure::CommandFailure;
use crate::output::print;

/// The most points of a series: a year of five minutes.
const MOST: usize = 110_000;

/// The first line of a table of series.
const HEADER: &str = "name,unit,from,to,count,min,mean,max";

#[derive(Serialize)]
struct MetricsJson<'a> {
    schema: u8,
    path: &'a str,
    from: f64,
    to: f64,
    metrics: Vec<MetricJson<'a>>,
}

#[derive(Serialize)]
struct MetricJson<'a> {
    name: &'a str,
    label: String,
    unit: &'a str,
    last: f64,
    /// The figures of the whole span.
    count: u64,
    min: f64,
    mean: f64,
    max: f64,
    warn: Option<String>,
    crit: Option<String>,
    least_possible: Option<f64>,
    most_possible: Option<f64>,
    points: Vec<MetricPointJson>,
}

#[derive(Serialize)]
struct MetricPointJson {
    from: f64,
    to: f64,
    count: u64,
    min: f64,
    mean: f64,
    max: f64,
}

/// Prints a line for each metric, or its series.
pub(super) async fn list(
    cli: &Cli,
    path: &str,
    (span, writer): (&SpanArgs, &WriterArgs),
    as_csv: bool,
) -> Result<ExitCode, CommandFailure> {
    let (from, to) = span::read(span, Some("24h"))?;
    let plan = plan_if_any(cli)?;
    let stores = routes(plan.as_ref(), writer).await?.stores(path);
    let query = Query {
        path: path.into(),
        from,
        to,
        most: MOST,
    };
    let found = up_engine::ask_metrics(&stores, &query).await?;
    if as_csv {
        return write_csv(&found);
    }
    if !cli.json {
        return print(&lines(path, &found));
    }
    let document = MetricsJson {
        schema: 1,
        path,
        from,
        to,
        metrics: found.iter().filter_map(metric_json).collect(),
    };
    let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
    print(&format!("{text}\n"))
}

fn metric_json(series: &MetricSeries) -> Option<MetricJson<'_>> {
    let whole = series.whole()?;
    let text = |range: Option<Range>| range.map(|range| range.to_string());
    Some(MetricJson {
        name: &series.name,
        label: metric_label(&series.name),
        unit: &series.unit,
        last: series.last,
        count: whole.count,
        min: whole.min,
        mean: whole.mean,
        max: whole.max,
        warn: text(series.limits.warn),
        crit: text(series.limits.crit),
        least_possible: series.limits.min,
        most_possible: series.limits.max,
        points: series.points.iter().map(point_json).collect(),
    })
}

fn point_json(point: &MetricPoint) -> MetricPointJson {
    MetricPointJson {
        from: point.from,
        to: point.to,
        count: point.count,
        min: point.min,
        mean: point.mean,
        max: point.max,
    }
}

/// A table with a line for each metric.
fn lines(path: &str, found: &[MetricSeries]) -> String {
    let mut rows = vec![["METRIC", "LAST", "MIN", "MEAN", "MAX", "LIMITS"].map(String::from)];
    for series in found {
        let Some(whole) = series.whole() else {
            continue;
        };
        let text = |value| metric_text(value, &series.unit);
        rows.push([
            metric_label(&series.name),
            text(series.last),
            text(whole.min),
            text(whole.mean),
            text(whole.max),
            limits(series),
        ]);
    }
    if rows.len() == 1 {
        let path = one_line(path, Note::MAX_MESSAGE);
        return format!("{path}: no metrics in this span\n");
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..5).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; 6]| {
        let [label, last, min, mean, max, limits] = row;
        let mut line = format!("{label:0$}", widths[0]);
        for (text, width) in [last, min, mean, max].into_iter().zip(&widths[1..]) {
            // Writing to a string cannot fail.
            let _ = write!(line, "  {text:>width$}");
        }
        line.push_str("  ");
        line.push_str(limits);
        line.trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// The thresholds of a metric as a plugin writes them.
fn limits(series: &MetricSeries) -> String {
    let limits = [("warn", series.limits.warn), ("crit", series.limits.crit)];
    let said = limits
        .iter()
        .filter_map(|(word, range)| Some(format!("{word} {}", (*range)?)));
    said.collect::<Vec<_>>().join(", ")
}

/// Prints every point of every series. A reader who closes the pipe has had enough.
fn write_csv(found: &[MetricSeries]) -> Result<ExitCode, CommandFailure> {
    let mut out = BufWriter::new(io::stdout());
    let mut write = || -> io::Result<()> {
        writeln!(out, "{HEADER}")?;
        for series in found {
            let (name, unit) = (csv_field(&series.name), csv_field(&series.unit));
            for MetricPoint {
                from,
                to,
                count,
                min,
                mean,
                max,
            } in &series.points
            {
                writeln!(out, "{name},{unit},{from},{to},{count},{min},{mean},{max}")?;
            }
        }
        out.flush()
    };
    match write() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandFailure::io("standard output")(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use up_core::MetricLimits;

    use super::*;

    #[test]
    fn a_line_has_the_figures_with_their_unit() {
        let series = |name: &str, unit: &str, warn: Option<&str>, points: &[f64]| MetricSeries {
            name: name.into(),
            unit: unit.into(),
            limits: MetricLimits {
                warn: warn.and_then(Range::parse),
                ..MetricLimits::default()
            },
            last: points.last().copied().unwrap_or_default(),
            points: points
                .iter()
                .map(|value| MetricPoint {
                    from: 0.0,
                    to: 300.0,
                    count: 1,
                    min: *value,
                    mean: *value,
                    max: *value,
                })
                .collect(),
        };
        let found = [
            series("timing.first_byte", "s", None, &[0.01, 0.02]),
            series("perfdata.disk", "%", Some("10:"), &[50.0]),
        ];
        let expected = "\
METRIC         LAST      MIN     MEAN      MAX  LIMITS
First byte  20.0 ms  10.0 ms  15.0 ms  20.0 ms
disk            50%      50%      50%      50%  warn 10:
";
        assert_eq!(lines("/a", &found), expected);
        assert_eq!(lines("/a", &[]), "/a: no metrics in this span\n");
    }
}
