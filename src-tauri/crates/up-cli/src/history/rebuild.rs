//! `up history rebuild`: makes the rollups anew.

use std::process::ExitCode;

use up_history::embedded::RollupProgress;

use super::progress::WorkProgress;
use super::status;
use crate::args::Cli;
use crate::failure::CommandFailure;

/// Makes the rollups, and prints the status. When it is stopped, the next run of Up goes on with it.
pub(super) async fn rebuild(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let mut line = WorkProgress::new();
    let report = move |RollupProgress { done, all }| {
        line.show(|| format!("rollups: {done} of {all} days"));
    };
    up_engine::rebuild_history(&up_config::data_dir(), report).await?;
    status::status(cli).await
}
