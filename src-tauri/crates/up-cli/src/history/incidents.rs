//! `up history incidents`: the incidents of all paths, or of one tree, newest first.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_core::path::is_path;
use up_engine::{PathIncident, ask_incidents};

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
    let found = ask_incidents(&stores, &tree, (from, to), before, limit as usize).await?;
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
        let until = incident.until.map_or_else(
            || "lasting".into(),
            |until| format!("{} long", length(until - incident.from)),
        );
        let cause = incident.cause.as_ref();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} {path}: {}, {until}{}",
            time::local(incident.from),
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

/// A duration in its two largest units.
fn length(seconds: f64) -> String {
    // `as` saturates.
    let seconds = seconds.round() as u64;
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let Some(first) = units.iter().position(|(_, unit)| seconds >= *unit) else {
        return "0 s".into();
    };
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (name, unit) in units.iter().skip(first).take(2) {
        if rest / unit > 0 {
            parts.push(format!("{} {name}", rest / unit));
        }
        rest %= unit;
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units() {
        let check = |seconds: f64, expected: &str| assert_eq!(length(seconds), expected);
        check(0.0, "0 s");
        check(59.6, "1 min");
        check(90.0, "1 min 30 s");
        check(3_600.0, "1 h");
        check(90_061.0, "1 d 1 h");
    }
}
