//! `up history incidents`: the incidents of all paths, or of one tree, newest first.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_core::line::one_line;
use up_core::path::{MAX_PATH, is_path};
use up_core::phrase;
use up_engine::{PathIncident, ask_incidents, paths_below};

use super::{json, plan_if_any, span};
use crate::args::{Cli, SpanArgs};
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::time;
use up_sink::stdout::{Style, word};

#[derive(Serialize)]
struct IncidentsJson<'a> {
    schema: u8,
    from: f64,
    to: f64,
    incidents: Vec<PathIncidentJson<'a>>,
    /// How many older ones there are.
    more: u64,
}

#[derive(Serialize)]
struct PathIncidentJson<'a> {
    path: &'a str,
    #[serde(flatten)]
    incident: json::IncidentJson<'a>,
}

/// Lists the incidents.
pub(super) async fn list(
    cli: &Cli,
    tree: Option<&str>,
    span: &SpanArgs,
    (limit, before): (u32, Option<&str>),
) -> Result<ExitCode, CommandFailure> {
    if let Some(tree) = tree
        && !is_path(tree)
    {
        return Err(CommandFailure::Usage(format!(
            "{tree:?} is not a path: write /Root/Child"
        )));
    }
    let (from, to) = span::read(span, Some("7d"))?;
    let before = match before {
        Some(text) => span::when("before", text)?,
        None => to,
    };
    let plan = plan_if_any(cli)?;
    let stores = up_engine::stores(plan.as_ref(), &up_config::data_dir()).await?;
    let tree: Vec<String> = tree.map(Into::into).into_iter().collect();
    let paths = paths_below(&stores, &tree).await?;
    let found = ask_incidents(&stores, &paths, (from, to), before, limit as usize).await?;
    for fallback in &found.fallbacks {
        let _ = writeln!(io::stderr(), "{fallback}");
    }
    if cli.json {
        let document = IncidentsJson {
            schema: 1,
            from,
            to,
            incidents: found.newest.iter().map(incident_json).collect(),
            more: found.more,
        };
        let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
        return print(&format!("{text}\n"));
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
    for PathIncident { path, incident } in &found.newest {
        let until = incident.until.map(|until| {
            let lasted = phrase::span(until - incident.from);
            format!("{} ({lasted})", time::local(until))
        });
        let cause = incident.cause.as_ref();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} to {} {}: {}{}",
            time::local(incident.from),
            until.as_deref().unwrap_or("now"),
            one_line(path, MAX_PATH),
            word(style, Some(incident.level), None),
            cause.map_or_else(String::new, |cause| format!(" — {}", cause.text())),
        );
    }
    if let (true, Some(last)) = (found.more > 0, found.newest.last()) {
        let _ = writeln!(
            text,
            "{} more: --before {}",
            found.more,
            time::instant(last.incident.from)
        );
    }
    print(&text)
}

fn incident_json(PathIncident { path, incident }: &PathIncident) -> PathIncidentJson<'_> {
    PathIncidentJson {
        path,
        incident: json::incident(incident),
    }
}
