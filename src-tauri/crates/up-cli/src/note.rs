//! `up note TEXT`: records a note in the history.

use std::io::{self, Write};
use std::process::ExitCode;

use up_config::Located;

use crate::args::Cli;
use crate::config::plan;
use crate::failure::CommandFailure;

/// Records a note in the embedded history, and in every `MongoDB` in the configuration. Without a
/// configuration, only the embedded history has it.
pub(crate) async fn note(cli: &Cli, text: &str) -> Result<ExitCode, CommandFailure> {
    if text.trim().is_empty() {
        return Err(CommandFailure::Usage(
            "the note is empty: write up note TEXT".into(),
        ));
    }
    let data = up_config::data_dir();
    let plan = match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Some(plan(&file)?),
        Located::Nowhere { .. } => None,
    };
    for trouble in up_engine::note_once(plan.as_ref(), &data, text).await? {
        let _ = writeln!(io::stderr(), "{trouble}");
    }
    Ok(ExitCode::SUCCESS)
}
