//! `up history PATH`: prints the samples and the uptime of one source or tree.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_config::Located;
use up_core::line::one_line;
use up_core::{Note, Status, phrase};
use up_history::{Point, Query, Series};
use up_sink::stdout::{Style, word};

use crate::args::{Cli, HistoryArgs};
use crate::config::plan;
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::time;

/// The largest number of samples in the output. Beyond it they are downsampled, which is said.
const MOST: usize = 100_000;

/// Prints the samples, oldest first.
pub(crate) async fn history(cli: &Cli, args: &HistoryArgs) -> Result<ExitCode, CommandFailure> {
    let now = up_engine::clock::now();
    let when = |name: &str, text: &str| {
        time::parse(text, now).ok_or_else(|| {
            CommandFailure::Usage(format!(
                "--{name} {text:?} is not a time: write a duration before now (\"7d\"), a date \
                 (2026-11-22) or a time (2026-11-22T09:30)"
            ))
        })
    };
    let from = when("since", &args.since)?;
    let to = args
        .until
        .as_deref()
        .map_or(Ok(now), |text| when("until", text))?;
    if from >= to {
        return Err(CommandFailure::Usage(
            "--since must be before --until".into(),
        ));
    }
    let plan = match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Some(plan(&file)?),
        Located::Nowhere { .. } => None,
    };
    let stores = up_engine::stores(plan.as_ref(), &up_config::data_dir()).await?;
    let query = Query {
        path: args.path.clone(),
        from,
        to,
        most: MOST,
    };
    let history = up_engine::ask_history(&stores, &query).await?;
    if let Some(fallback) = &history.fallback {
        let _ = writeln!(io::stderr(), "{fallback}");
    }
    let mood = cli
        .mood
        .mood()
        .or(plan.map(|plan| plan.mood))
        .unwrap_or_default();
    let style = Style {
        mood,
        colour: colour(cli.color),
    };
    let text = if cli.json {
        json(&args.path, &history, from, to)?
    } else if args.csv {
        csv(&history.series)
    } else {
        lines(&args.path, &history, style)
    };
    print(&text)
}

fn lines(path: &str, history: &up_engine::History, style: Style) -> String {
    let series = &history.series;
    let mut text = String::new();
    let mut notes = history.notes.iter().peekable();
    for point in &series.points {
        while let Some(note) = notes.next_if(|note| note.date <= point.date) {
            note_line(&mut text, note);
        }
        let status = point.status.and_then(Status::new);
        let percent = phrase::percent_between(status).map(|p| format!(" ({p})"));
        let seconds = phrase::seconds(point.duration).map(|s| format!(" ({s})"));
        let cause = point
            .cause
            .as_ref()
            .map(|cause| format!(" — {}", cause.text()));
        text.extend([
            time::local(point.date).as_str(),
            " ",
            &word(style, status.map(Status::level), None),
            &percent.unwrap_or_default(),
            &seconds.unwrap_or_default(),
            &cause.unwrap_or_default(),
            "\n",
        ]);
    }
    notes.for_each(|note| note_line(&mut text, note));
    let uptime = series.uptime.and_then(Status::new).map(phrase::percent);
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{}: {} over {} sample{}, from {}{}",
        one_line(path, Note::MAX_MESSAGE),
        uptime.map_or_else(|| "unknown".into(), |uptime| format!("{uptime} up")),
        series.count,
        if series.count == 1 { "" } else { "s" },
        history.store,
        if series.thinned {
            "; downsampled to those above"
        } else {
            ""
        },
    );
    text
}

fn note_line(text: &mut String, note: &Note) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{} note: {}", time::local(note.date), note.message());
}

/// The samples as CSV (RFC 4180), with a header. An unknown status is an empty field.
fn csv(series: &Series) -> String {
    let mut text = String::from("date,status,duration,cause_code,cause\r\n");
    for Point {
        date,
        status,
        duration,
        cause,
    } in &series.points
    {
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let code = cause
            .as_ref()
            .and_then(|cause| cause.code)
            .map_or("", |code| code.code());
        let cause = cause.as_ref().map_or("", |cause| cause.text());
        let _ = write!(
            text,
            "{date},{status},{duration},{code},{}\r\n",
            quoted(cause)
        );
    }
    text
}

/// A field of CSV, in quotation marks if it needs them. A text that a spreadsheet would take for a
/// formula begins with an apostrophe.
fn quoted(field: &str) -> String {
    let guarded = if field.starts_with(['=', '+', '-', '@']) {
        format!("'{field}")
    } else {
        field.into()
    };
    if guarded.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[derive(Serialize)]
struct HistoryJson<'a> {
    schema: u8,
    path: &'a str,
    from: f64,
    to: f64,
    store: &'a str,
    count: u64,
    uptime: Option<f64>,
    thinned: bool,
    samples: Vec<SampleJson<'a>>,
    notes: &'a [Note],
}

#[derive(Serialize)]
struct SampleJson<'a> {
    date: f64,
    status: Option<f64>,
    duration: f64,
    cause: Option<HistoryCauseJson<'a>>,
}

#[derive(Serialize)]
struct HistoryCauseJson<'a> {
    code: Option<&'static str>,
    text: &'a str,
}

fn sample(point: &Point) -> SampleJson<'_> {
    let cause = point.cause.as_ref().map(|cause| HistoryCauseJson {
        code: cause.code.map(up_core::CauseCode::code),
        text: cause.text(),
    });
    SampleJson {
        date: point.date,
        status: point.status,
        duration: point.duration,
        cause,
    }
}

fn json(
    path: &str,
    history: &up_engine::History,
    from: f64,
    to: f64,
) -> Result<String, CommandFailure> {
    let samples = history.series.points.iter().map(sample).collect();
    let Series {
        count,
        uptime,
        thinned,
        ..
    } = history.series;
    let document = HistoryJson {
        schema: 1,
        path,
        from,
        to,
        store: &history.store,
        count,
        uptime,
        thinned,
        samples,
        notes: &history.notes,
    };
    serde_json::to_string(&document)
        .map(|text| text + "\n")
        .map_err(|error| CommandFailure::Usage(format!("the history has no JSON form: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let check = |field: &str, expected: &str| assert_eq!(quoted(field), expected);
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"up\"", "\"say \"\"up\"\"\"");
        check("=1+1", "'=1+1");
    }
}
