//! `up history status`: where the history is, what it holds, how far its rollups are, and what each
//! `MongoDB` has not received yet.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_engine::{HistoryStatus, TargetStatus, history_status};
use up_history::mongo::MongoRollups;

use super::plan_if_any;
use crate::args::Cli;
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

#[derive(Serialize)]
struct StatusJson<'a> {
    schema: u8,
    store: &'static str,
    file: String,
    bytes: u64,
    samples: u64,
    unknown: u64,
    paths: usize,
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
    /// The date of the sample or note that has waited longest.
    since: Option<f64>,
    /// Paths whose older samples are there, and all; `None` if that has not begun.
    backfill: Option<[u64; 2]>,
    /// How far its rollups are; `None` if there are none, or it does not answer.
    rollups: Option<RollupsJson<'a>>,
    /// Why that is not known.
    trouble: Option<&'a str>,
}

#[derive(Serialize)]
struct RollupsJson<'a> {
    /// Paths that are rolled up until `until`, and all.
    paths: [u64; 2],
    until: Option<f64>,
    /// Who made rollups last, and when.
    agent: &'a str,
    at: f64,
    /// Days that wait because of late samples, and because they were asked for.
    late: u64,
    again: u64,
    /// False if late samples of other programs are not counted.
    counted: bool,
}

/// Prints the status.
pub(super) async fn status(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let plan = plan_if_any(cli)?;
    let status = history_status(plan.as_ref(), &up_config::data_dir()).await?;
    for trouble in &status.troubles {
        let _ = writeln!(io::stderr(), "{trouble}");
    }
    let document = document(&status);
    if cli.json {
        let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
        return print(&format!("{text}\n"));
    }
    print(&lines(&document))
}

fn document(status: &HistoryStatus) -> StatusJson<'_> {
    let paths = &status.paths;
    let rolled_up = status.embedded.rolled_up;
    StatusJson {
        schema: 1,
        store: up_history::embedded::NAME,
        file: status.file.display().to_string(),
        bytes: status.embedded.bytes,
        samples: paths.iter().map(|path| path.count).sum(),
        unknown: paths.iter().map(|path| path.unknown).sum(),
        paths: paths.len(),
        first: paths.iter().map(|path| path.first).reduce(f64::min),
        last: paths.iter().map(|path| path.last).reduce(f64::max),
        rolled_up: [rolled_up.done, rolled_up.all],
        targets: status.targets.iter().map(target).collect(),
        troubles: &status.troubles,
    }
}

fn target(status: &TargetStatus) -> TargetJson<'_> {
    TargetJson {
        name: &status.name,
        lag: status.lag.rows,
        since: status.lag.since,
        backfill: status
            .backfill
            .map(|progress| [progress.done, progress.all]),
        rollups: status
            .rollups
            .as_ref()
            .ok()
            .and_then(Option::as_ref)
            .map(rollups),
        trouble: status.rollups.as_ref().err().map(String::as_str),
    }
}

fn rollups(rollups: &MongoRollups) -> RollupsJson<'_> {
    RollupsJson {
        paths: [rollups.done, rollups.all],
        until: rollups.until,
        agent: &rollups.agent,
        at: rollups.at,
        late: rollups.late,
        again: rollups.again,
        counted: rollups.is_counted,
    }
}

fn lines(status: &StatusJson<'_>) -> String {
    let mut text = format!(
        "{}: {}, {}\n",
        status.store,
        status.file,
        size(status.bytes)
    );
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "samples: {} of {} paths, and {} unknown ones",
        status.samples, status.paths, status.unknown
    );
    if let (Some(first), Some(last)) = (status.first, status.last) {
        let _ = write!(
            text,
            ", from {} to {}",
            time::local(first),
            time::local(last)
        );
    }
    let [done, all] = status.rolled_up;
    let _ = writeln!(text, "\nrollups: {done} of {all} days");
    for target in &status.targets {
        let _ = write!(text, "{}: {} rows behind", target.name, target.lag);
        if let Some(since) = target.since {
            let _ = write!(text, ", the oldest of {}", time::local(since));
        }
        match target.backfill {
            Some([done, all]) if done < all => {
                let _ = write!(text, "; older samples of {done} of {all} paths are there");
            }
            None => text.push_str("; what was stored before is sent by `up watch` or `up-tray`"),
            Some(_) => {}
        }
        text.push('\n');
        rollup_lines(&mut text, target);
    }
    text
}

/// How far the rollups of a `MongoDB` are.
fn rollup_lines(text: &mut String, target: &TargetJson<'_>) {
    // Writing to a string cannot fail.
    let _ = match (&target.rollups, target.trouble) {
        (_, Some(trouble)) => writeln!(text, "  rollups: not known: {trouble}"),
        (None, None) => writeln!(
            text,
            "  rollups: none yet; they are made by an `up watch` or `up-tray` that writes there"
        ),
        (Some(rollups), None) => {
            let [done, all] = rollups.paths;
            let progress = match rollups.until {
                Some(until) => format!("{done} of {all} paths until {}", time::local(until)),
                None => "none yet".into(),
            };
            let _ = writeln!(
                text,
                "  rollups: {progress}; made last by {} at {}",
                if rollups.agent.is_empty() {
                    "an Up"
                } else {
                    rollups.agent
                },
                time::local(rollups.at),
            );
            if rollups.late + rollups.again > 0 {
                let (late, again) = (rollups.late, rollups.again);
                let _ = writeln!(
                    text,
                    "  days to make anew: {late} with late samples, {again} that were asked for"
                );
            }
            if !rollups.counted {
                text.push_str(
                    "  late samples of other programs are found only by their _id: the index \
                     up_path_date of statuses and unknowns is missing\n",
                );
            }
            Ok(())
        }
    };
}

/// A size of a file.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
