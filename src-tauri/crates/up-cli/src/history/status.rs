//! `up history status`: where the history is, what it holds, and what each `MongoDB` lacks.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use up_engine::{HistoryStatus, ReplicaStatus, history_status};

use super::plan_if_any;
use crate::args::Cli;
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

#[derive(Serialize)]
struct StatusJson<'a> {
    schema: u8,
    file: String,
    bytes: u64,
    samples: u64,
    unknown: u64,
    paths: usize,
    first: Option<f64>,
    last: Option<f64>,
    rolled_up_to: f64,
    days_to_roll_up: u64,
    pruned_before: f64,
    mongo: Vec<ReplicaJson<'a>>,
}

#[derive(Serialize)]
struct ReplicaJson<'a> {
    name: &'a str,
    waiting: u64,
    since: Option<f64>,
    trouble: Option<&'a str>,
}

/// Prints the status.
pub(super) async fn status(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let plan = plan_if_any(cli)?;
    let status = history_status(plan.as_ref(), &up_config::data_dir()).await?;
    let document = document(&status);
    if cli.json {
        let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
        return print(&format!("{text}\n"));
    }
    print(&lines(&document))
}

fn document(status: &HistoryStatus) -> StatusJson<'_> {
    let paths = &status.paths;
    StatusJson {
        schema: 1,
        file: status.file.display().to_string(),
        bytes: status.embedded.bytes,
        samples: paths.iter().map(|path| path.count).sum(),
        unknown: paths.iter().map(|path| path.unknown).sum(),
        paths: paths.len(),
        first: paths.iter().map(|path| path.first).reduce(f64::min),
        last: paths.iter().map(|path| path.last).reduce(f64::max),
        rolled_up_to: status.embedded.rolled_up_to,
        days_to_roll_up: status.embedded.days_to_roll_up,
        pruned_before: status.embedded.pruned_before,
        mongo: status.replicas.iter().map(replica_json).collect(),
    }
}

fn replica_json(replica: &ReplicaStatus) -> ReplicaJson<'_> {
    ReplicaJson {
        name: &replica.name,
        waiting: replica.waiting,
        since: replica.since,
        trouble: replica.trouble.as_deref(),
    }
}

fn lines(status: &StatusJson<'_>) -> String {
    let mut text = format!(
        "the embedded history: {}, {}\n",
        status.file,
        size(status.bytes)
    );
    let when = |date: Option<f64>| date.map_or_else(|| "never".into(), time::local);
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "samples: {} of {} paths, and {} unknown ones; from {} to {}",
        status.samples,
        status.paths,
        status.unknown,
        when(status.first),
        when(status.last)
    );
    if status.pruned_before > 0.0 {
        let _ = writeln!(
            text,
            "before {}, only rollups are left",
            time::local(status.pruned_before)
        );
    }
    let _ = match status.days_to_roll_up {
        0 => writeln!(text, "rollups: all days that are over"),
        days => writeln!(
            text,
            "rollups: {days} days are still to be made; queries read samples"
        ),
    };
    for replica in &status.mongo {
        let since = replica.since.map_or_else(String::new, |since| {
            format!(", the first of {}", time::local(since))
        });
        let _ = match replica.trouble {
            Some(trouble) => writeln!(text, "{trouble}; {} wait{since}", replica.waiting),
            None => writeln!(text, "{}: {} wait{since}", replica.name, replica.waiting),
        };
    }
    text
}

/// A size of a file.
fn size(bytes: u64) -> String {
    match bytes {
        ..10_000 => format!("{bytes} B"),
        ..10_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
