//! `up history status`: where the history is, what it holds, how far its rollups are, and what each
//! `MongoDB` has not received yet.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_engine::{HistoryStatus, TargetStatus, history_status};

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
}

/// Prints the status. It asks no `MongoDB`.
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
    }
    text
}

/// A size of a file.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
