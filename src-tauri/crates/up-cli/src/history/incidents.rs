//! `up history incidents`: the incidents of all paths, or of one tree, newest first.

mod search;
mod table;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use up_config::Located;
use up_core::line::one_line;
use up_core::path::{MAX_PATH, is_path};
use up_core::phrase;
use up_engine::{
    HistoryRoutes, IncidentOutcome, PathIncident, WantedPage, ask_incidents, ask_outcomes,
    paths_below,
};
use up_history::KeptIncident;

use super::{plan_if_any, routes, span};
use crate::args::{Cli, IncidentsArgs};
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::time;
use up_sink::stdout::{Style, word};

/// Lists the incidents.
pub(super) async fn list(cli: &Cli, args: &IncidentsArgs) -> Result<ExitCode, CommandFailure> {
    let tree = args.path.as_deref();
    if let Some(tree) = tree
        && !is_path(tree)
    {
        return Err(CommandFailure::Usage(format!(
            "{tree:?} is not a path: write /Root/Child"
        )));
    }
    let span = span::read(&args.span, Some("7d"))?;
    let before = args.before.as_deref();
    let before = before.map(|text| span::when("before", text)).transpose()?;
    let plan = plan_if_any(cli)?;
    let wanted = WantedPage {
        span,
        before,
        limit: args.limit as usize,
        search: search::search(args, plan.as_ref())?,
    };
    let routes = routes(plan.as_ref(), &args.writer).await?;
    let tree: Vec<String> = tree.map(Into::into).into_iter().collect();
    let paths = paths_below(&routes, &tree).await?;
    // Nobody waits for a command that can be stopped.
    let found = ask_incidents(&routes, &paths, &wanted, &|| false).await?;
    for fallback in &found.fallbacks {
        let _ = writeln!(io::stderr(), "{fallback}");
    }
    let outcomes = outcomes(cli, &routes, &found.newest).await;
    if cli.json {
        return print(&table::json(span, &found, &outcomes)?);
    }
    if args.csv {
        return print(&table::csv(&found, &outcomes));
    }
    let style = Style {
        mood: cli
            .mood
            .mood()
            .or(plan.map(|plan| plan.mood))
            .unwrap_or_default(),
        colour: colour(cli.color),
    };
    let mut text = String::new();
    for (PathIncident { path, incident }, outcome) in found.newest.iter().zip(&outcomes) {
        line(&mut text, &one_line(path, MAX_PATH), incident, style);
        outcome_lines(&mut text, outcome);
    }
    if let Some(next) = found.next {
        let _ = writeln!(
            text,
            "{}: --before {}",
            match found.more {
                0 => "Older ones were not searched".to_owned(),
                more => format!("{more} more"),
            },
            time::instant(next)
        );
    }
    print(&text)
}

fn line(text: &mut String, what: &str, incident: &KeptIncident, style: Style) {
    let until = incident.until.map(|until| {
        let lasted = phrase::span(until - incident.from);
        format!("{} ({lasted})", time::local(until))
    });
    let cause = incident.cause.as_ref();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} to {} {what}: {}{}",
        time::local(incident.from),
        until.as_deref().unwrap_or("now"),
        word(style, Some(incident.level), None),
        cause.map_or_else(String::new, |cause| format!(" — {}", cause.text())),
    );
}

/// How many incidents are listed below the samples of a path.
const NEWEST: usize = 10;

/// The newest incidents of one path, of which `all` come oldest first.
pub(super) fn newest(text: &mut String, path: &str, all: &[KeptIncident], style: Style) {
    for incident in all.iter().rev().take(NEWEST) {
        line(text, "incident", incident, style);
    }
    if all.len() > NEWEST {
        let more = all.len() - NEWEST;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{more} more: up history incidents {}",
            one_line(path, MAX_PATH)
        );
    }
}

/// What became of each incident among people. If that cannot be read, stderr says so, and none has an
/// outcome.
async fn outcomes(
    cli: &Cli,
    routes: &HistoryRoutes,
    incidents: &[PathIncident],
) -> Vec<IncidentOutcome> {
    let config = match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Some(file.path().to_owned()),
        Located::Nowhere { .. } => None,
    };
    let kept = incidents.iter();
    let kept: Vec<_> = kept.map(|one| (one.path.as_str(), &one.incident)).collect();
    let asked = match routes.own().last() {
        Some(store) => {
            let data = up_config::data_dir();
            ask_outcomes(&**store, &data, config.as_deref(), &kept).await
        }
        None => Ok(Vec::new()),
    };
    let mut outcomes = asked.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "{error}");
        Vec::new()
    });
    outcomes.resize(incidents.len(), IncidentOutcome::default());
    outcomes
}

/// What people did about an incident and what they were told of it, a line each.
fn outcome_lines(text: &mut String, outcome: &IncidentOutcome) {
    let notices = &outcome.notices;
    for (what, told) in [
        ("told", &notices.down),
        ("recovery told", &notices.recovery),
    ] {
        let Some(told) = told else { continue };
        let sinks = match told.sinks.as_slice() {
            [] => "no sink has it".to_owned(),
            sinks => format!("by {}", sinks.join(", ")),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {what} {}, {sinks}", time::local(told.date));
    }
    if let Some(given) = &outcome.acknowledged {
        let by = given.by.as_ref().map(|by| format!(" by {by}"));
        let note = given.note.as_ref().map(|note| format!(": {note}"));
        let _ = writeln!(
            text,
            "    acknowledged {}{}{}",
            time::local(given.date),
            by.unwrap_or_default(),
            note.unwrap_or_default()
        );
    }
}
