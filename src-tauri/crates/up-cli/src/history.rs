//! `up history PATH`: prints the samples, the uptime, the percentiles and the incidents of one
//! source or tree. `up history COMMAND` works on the history as a whole.

mod by;
mod csv;
mod export;
mod import;
mod incidents;
mod json;
mod metrics;
pub(crate) mod notes;
mod paths;
mod progress;
mod rebuild;
pub(crate) mod span;
mod sparkline;
mod status;
mod windows;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use up_config::{Located, Plan};
use up_core::line::one_line;
use up_core::{Note, Status, phrase};
use up_engine::HistoryRoutes;
use up_history::{Query, SpanCut};
use up_sink::stdout::{Style, word};

use crate::args::{Cli, HistoryArgs, HistoryCommand, WriterArgs};
use crate::config::plan;
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::time;

/// The largest number of samples in the output, except as CSV. Beyond it they are downsampled,
/// which is said.
const MOST: usize = 100_000;

/// Prints the samples of a path, oldest first, or carries out a command.
pub(crate) async fn history(cli: &Cli, args: &HistoryArgs) -> Result<ExitCode, CommandFailure> {
    let Some(command) = &args.command else {
        let path = args.path.as_deref().unwrap_or_default();
        return print_path(cli, args, path).await;
    };
    if args.path.is_some()
        || args.csv
        || args.by.is_some()
        || args.span.since.is_some()
        || args.span.until.is_some()
        || args.writer.agent.is_some()
    {
        return Err(CommandFailure::Usage(
            "a path and options before a command of `up history` have no meaning: write them behind \
             the command"
                .into(),
        ));
    }
    match command {
        HistoryCommand::Import {
            file,
            uri,
            path,
            database,
        } => {
            let from = import::origin(file.as_deref(), uri.as_deref())?;
            import::import(cli, (&from, database), path.as_deref()).await
        }
        HistoryCommand::Export {
            paths,
            span,
            writer,
        } => export::export(cli, paths, span, writer).await,
        HistoryCommand::Paths { writer } => paths::list(cli, writer).await,
        HistoryCommand::Incidents(args) => incidents::list(cli, args).await,
        HistoryCommand::Metrics {
            path,
            span,
            writer,
            csv,
        } => metrics::list(cli, path, (span, writer), *csv).await,
        HistoryCommand::Notes { path, span, writer } => {
            notes::list(cli, path.as_deref(), (span, writer)).await
        }
        HistoryCommand::Status => status::status(cli).await,
        HistoryCommand::Rebuild { path } => rebuild::rebuild(cli, path.as_deref()).await,
    }
}

/// The plan of the configuration, if there is one.
pub(crate) fn plan_if_any(cli: &Cli) -> Result<Option<Plan>, CommandFailure> {
    Ok(match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Some(plan(&file)?),
        Located::Nowhere { .. } => None,
    })
}

/// Which stores have the history of which path. Those of this Up are narrowed to an agent if one is
/// named.
async fn routes(plan: Option<&Plan>, writer: &WriterArgs) -> Result<HistoryRoutes, CommandFailure> {
    let own = up_engine::stores(plan, &up_config::data_dir()).await?;
    let own = match &writer.agent {
        Some(agent) => up_engine::stores_of_agent(&own, agent)?,
        None => own,
    };
    Ok(HistoryRoutes::new(own, plan))
}

async fn print_path(cli: &Cli, args: &HistoryArgs, path: &str) -> Result<ExitCode, CommandFailure> {
    let (from, to) = span::read(&args.span, Some("24h"))?;
    let plan = plan_if_any(cli)?;
    let stores = routes(plan.as_ref(), &args.writer).await?.stores(path);
    let query = Query {
        path: path.into(),
        from,
        to,
        most: MOST,
    };
    if let Some(part) = args.by {
        return by::by(&stores, &query, part, args.timezone.as_deref(), cli.json).await;
    }
    if args.csv {
        return csv::export(&stores, &query).await;
    }
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
    let (windows, _) = up_engine::ask_windows(&stores, path, to).await?;
    if cli.json {
        return print(&json::json(path, &history, &windows, (from, to))?);
    }
    let mut text = samples(&history, style);
    incidents::newest(&mut text, path, &history.series.incidents, style);
    windows::lines(&mut text, &windows);
    text.push_str(&summary(path, &history));
    if io::stdout().is_terminal() {
        let parts =
            up_engine::ask_parts(&stores, &query, SpanCut::AtMost(sparkline::WIDTH)).await?;
        if let (Some(first), Some(last)) = (parts.parts.first(), parts.parts.last()) {
            let (begin, end) = (time::local(first.from), time::local(last.to));
            let _ = writeln!(text, "{begin} {} {end}", sparkline::sparkline(&parts.parts));
        }
    }
    print(&text)
}

/// The samples and the notes, a line each.
fn samples(history: &up_engine::History, style: Style) -> String {
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
    text
}

/// What the span comes to, in one line.
fn summary(path: &str, history: &up_engine::History) -> String {
    let series = &history.series;
    let uptime = series.uptime.and_then(Status::new).map(phrase::percent);
    format!(
        "{}: {} over {} sample{}, from {}{}\n",
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
    )
}

fn note_line(text: &mut String, note: &Note) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{} note: ", time::local(note.date));
    notes::line(text, note);
}
