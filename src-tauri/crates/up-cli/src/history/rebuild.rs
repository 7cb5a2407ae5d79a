//! `up history rebuild`: makes the rollups anew.

use std::process::ExitCode;

use super::plan_if_any;
use super::progress::ProgressLine;
use crate::args::Cli;
use crate::failure::CommandFailure;
use crate::output::print;

/// Begins the rollups anew, and makes them step by step. When it is stopped, the next run of Up goes on.
pub(super) async fn rebuild(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let plan = plan_if_any(cli)?;
    let importer = up_engine::Importer::open(plan.as_ref(), &up_config::data_dir()).await?;
    let mut line = ProgressLine::new();
    let mut steps = 0_u64;
    importer.restart_rollups().await?;
    while importer.roll_up_step().await? {
        steps += 1;
        line.show(|| format!("making rollups, step {steps}"));
    }
    drop(line);
    importer.finish().await;
    print("the rollups are made anew\n")
}
