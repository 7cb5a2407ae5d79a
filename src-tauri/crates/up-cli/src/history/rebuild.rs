//! `up history rebuild`: makes the rollups anew.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use up_core::path::is_path;
use up_history::embedded::RollupProgress;

use super::plan_if_any;
use super::progress::WorkProgress;
use super::status;
use crate::args::Cli;
use crate::failure::CommandFailure;

/// Makes the rollups, and prints the status. When it is stopped, the next run of Up goes on with it.
pub(super) async fn rebuild(cli: &Cli, path: Option<&str>) -> Result<ExitCode, CommandFailure> {
    if let Some(path) = path
        && (!is_path(path) || path.ends_with('/'))
    {
        return Err(CommandFailure::Usage(format!(
            "{path:?} is not a path: write /Root/Child"
        )));
    }
    let plan = plan_if_any(cli)?;
    // The embedded history reports from a thread of its own.
    let line = Arc::new(Mutex::new(WorkProgress::new()));
    let shown = Arc::clone(&line);
    let report = move |name: &str, RollupProgress { done, all }: RollupProgress| {
        let mut line = shown.lock().unwrap_or_else(PoisonError::into_inner);
        line.show(|| format!("rollups of {name}: {done} of {all} days"));
    };
    up_engine::rebuild_history(plan.as_ref(), &up_config::data_dir(), path, report).await?;
    drop(line);
    status::status(cli).await
}
