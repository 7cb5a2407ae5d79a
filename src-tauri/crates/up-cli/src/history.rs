//! `up history PATH`: prints the samples, the uptime, the percentiles and the incidents of one
//! source or tree.

mod csv;
mod json;
mod overview;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use up_config::{Located, Plan};
use up_core::line::one_line;
use up_core::{Note, Status, phrase};
use up_history::Query;
use up_sink::stdout::{Style, word};

use crate::args::{Cli, HistoryArgs, SpanArgs};
use crate::config::plan;
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::time;

/// The largest number of samples in the output, except as CSV. Beyond it they are downsampled,
/// which is said.
const MOST: usize = 100_000;

/// Prints the samples of a path, oldest first, or what is asked of the history as a whole.
pub(crate) async fn history(cli: &Cli, args: &HistoryArgs) -> Result<ExitCode, CommandFailure> {
    let plan = match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Some(plan(&file)?),
        Located::Nowhere { .. } => None,
    };
    match (&args.command, &args.path) {
        (Some(command), _) => overview::print(cli, plan.as_ref(), command).await,
        (None, Some(path)) => samples(cli, args, plan.as_ref(), path).await,
        // The parser requires one of them.
        (None, None) => Err(CommandFailure::Usage("no PATH is named".into())),
    }
}

/// The start and the end of a span, in seconds since 1970.
fn span(span: &SpanArgs) -> Result<(f64, f64), CommandFailure> {
    let now = up_engine::clock::now();
    let when = |name: &str, text: &str| {
        time::parse(text, now).ok_or_else(|| {
            CommandFailure::Usage(format!(
                "--{name} {text:?} is not a time: write a duration before now (\"7d\"), a date \
                 (2026-11-22) or a time (2026-11-22T09:30)"
            ))
        })
    };
    let from = when("since", &span.since)?;
    let to = span
        .until
        .as_deref()
        .map_or(Ok(now), |text| when("until", text))?;
    if from >= to {
        return Err(CommandFailure::Usage(
            "--since must be before --until".into(),
        ));
    }
    Ok((from, to))
}

async fn samples(
    cli: &Cli,
    args: &HistoryArgs,
    plan: Option<&Plan>,
    path: &str,
) -> Result<ExitCode, CommandFailure> {
    let (from, to) = span(&args.span)?;
    let stores = up_engine::stores(plan, &up_config::data_dir()).await?;
    let query = Query {
        path: path.to_owned(),
        from,
        to,
        most: MOST,
    };
    if args.csv {
        return csv::export(&stores, &query).await;
    }
    let history = up_engine::ask_history(&stores, &query).await?;
    if let Some(fallback) = &history.fallback {
        let _ = writeln!(io::stderr(), "{fallback}");
    }
    let style = style(cli, plan);
    let text = if cli.json {
        json::json(path, &history, from, to)?
    } else {
        lines(path, &history, style)
    };
    print(&text)
}

/// The words and colours of the output.
fn style(cli: &Cli, plan: Option<&Plan>) -> Style {
    let mood = cli.mood.mood().or(plan.map(|plan| plan.mood));
    Style {
        mood: mood.unwrap_or_default(),
        colour: colour(cli.color),
    }
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
