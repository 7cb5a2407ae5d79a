//! `up history paths|incidents|status|rebuild`: what is asked of the history as a whole.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_config::{Plan, data_dir};
use up_core::{line::one_line, path::MAX_PATH, phrase};
use up_engine::{HistoryStatus, PathIncident};
use up_sink::stdout::{Style, word};

use super::{json, span, style};
use crate::args::{Cli, HistoryCommand};
use crate::failure::CommandFailure;
use crate::time;

/// Prints the answer of a command.
pub(super) async fn print(
    cli: &Cli,
    plan: Option<&Plan>,
    command: &HistoryCommand,
) -> Result<ExitCode, CommandFailure> {
    let text = match command {
        HistoryCommand::Paths => {
            let stores = up_engine::stores(plan, &data_dir()).await?;
            let (paths, remarks) = up_engine::history_paths(&stores).await?;
            remark(&remarks);
            paths_text(cli.json, &paths)?
        }
        HistoryCommand::Incidents { path, span: times } => {
            let (from, to) = span(times)?;
            let stores = up_engine::stores(plan, &data_dir()).await?;
            let (mut paths, remarks) = up_engine::history_paths(&stores).await?;
            remark(&remarks);
            if let Some(path) = path {
                paths.retain(|found| is_at_or_below(found, path));
            }
            let (incidents, remarks) =
                up_engine::history_incidents(&stores, &paths, from, to).await?;
            remark(&remarks);
            if cli.json {
                json::incidents(&incidents, from, to)?
            } else {
                incidents_text(&incidents, style(cli, plan))
            }
        }
        HistoryCommand::Status => {
            let status = up_engine::history_status(plan, &data_dir()).await?;
            remark(&status.troubles);
            status_text(cli.json, &status)?
        }
        HistoryCommand::Rebuild => {
            let is_shown = io::stderr().is_terminal();
            let report = move |progress: up_history::embedded::RollupProgress| {
                if is_shown {
                    let (done, all) = (progress.done, progress.all);
                    let _ = write!(io::stderr(), "\r\x1b[K{done} of {all} days");
                }
            };
            up_engine::rebuild_history(&data_dir(), report).await?;
            if is_shown {
                let _ = write!(io::stderr(), "\r\x1b[K");
            }
            status_text(
                cli.json,
                &up_engine::history_status(plan, &data_dir()).await?,
            )?
        }
    };
    crate::output::print(&text)
}

/// Prints what a person should know of an answer on standard error.
fn remark<'a>(remarks: impl IntoIterator<Item = &'a String>) {
    for remark in remarks {
        let _ = writeln!(io::stderr(), "{remark}");
    }
}

fn is_at_or_below(path: &str, tree: &str) -> bool {
    let below = path.strip_prefix(tree.trim_end_matches('/'));
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn paths_text(is_json: bool, paths: &[String]) -> Result<String, CommandFailure> {
    #[derive(Serialize)]
    struct PathsJson<'a> {
        schema: u8,
        paths: &'a [String],
    }
    if is_json {
        return json::line(&PathsJson { schema: 1, paths });
    }
    let lines = paths.iter().map(|path| one_line(path, MAX_PATH) + "\n");
    Ok(lines.collect())
}

fn incidents_text(incidents: &[PathIncident], style: Style) -> String {
    let mut text = String::new();
    for PathIncident { path, incident } in incidents {
        let until = incident.until.map(|until| {
            let lasted = phrase::span(until - incident.from);
            format!("{} ({lasted})", time::local(until))
        });
        let cause = incident.cause.as_ref();
        let cause = cause.map(|cause| format!(" — {}", cause.text()));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} to {} {}: {}{}",
            time::local(incident.from),
            until.as_deref().unwrap_or("now"),
            one_line(path, MAX_PATH),
            word(style, Some(incident.level), None),
            cause.unwrap_or_default()
        );
    }
    text
}

#[derive(Serialize)]
struct StatusJson<'a> {
    schema: u8,
    file: String,
    bytes: u64,
    paths: u64,
    first: Option<f64>,
    last: Option<f64>,
    /// Days that are rolled up, and all that are to be.
    rolled_up: [u64; 2],
    targets: Vec<TargetJson<'a>>,
    troubles: &'a [String],
}

#[derive(Serialize)]
struct TargetJson<'a> {
    name: &'a str,
    lag: u64,
}

fn status_text(is_json: bool, status: &HistoryStatus) -> Result<String, CommandFailure> {
    let embedded = &status.embedded;
    let rolled_up = embedded.rolled_up;
    if is_json {
        return json::line(&StatusJson {
            schema: 1,
            file: status.file.display().to_string(),
            bytes: embedded.bytes,
            paths: embedded.paths,
            first: embedded.first,
            last: embedded.last,
            rolled_up: [rolled_up.done, rolled_up.all],
            targets: status
                .lags
                .iter()
                .map(|(name, lag)| TargetJson { name, lag: *lag })
                .collect(),
            troubles: &status.troubles,
        });
    }
    let mut text = format!(
        "{}: {:.1} MB, {} paths",
        status.file.display(),
        embedded.bytes as f64 / 1e6,
        embedded.paths
    );
    if let (Some(first), Some(last)) = (embedded.first, embedded.last) {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            ", samples from {} to {}",
            time::local(first),
            time::local(last)
        );
    }
    let (done, all) = (rolled_up.done, rolled_up.all);
    let _ = writeln!(text, "\nrollups: {done} of {all} days");
    for (name, lag) in &status.lags {
        let _ = writeln!(text, "{name}: {lag} rows behind");
    }
    Ok(text)
}
