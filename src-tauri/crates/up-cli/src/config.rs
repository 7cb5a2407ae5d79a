//! Finds and reads the configuration file of a command.

use std::io::{self, Write as _};

use up_config::{ConfigFile, Located, Plan};

use crate::args::Cli;
use crate::failure::CommandFailure;

/// The configuration file in use.
pub(crate) fn config_file(cli: &Cli) -> Result<ConfigFile, CommandFailure> {
    match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Ok(file),
        Located::Nowhere { looked_at } => {
            let places: Vec<_> = looked_at.iter().map(|p| p.display().to_string()).collect();
            let user_file = up_config::user_config_file().display().to_string();
            Err(CommandFailure::NoConfig {
                looked_at: places.join(", "),
                start: up_config::as_argument(&user_file).into_owned(),
            })
        }
    }
}

/// Reads the configuration; its warnings go to stderr.
pub(crate) fn plan(file: &ConfigFile) -> Result<Plan, CommandFailure> {
    let plan = up_config::load(file)?;
    warn(&plan.warnings);
    Ok(plan)
}

pub(crate) fn warn(warnings: &[String]) {
    for warning in warnings {
        let _ = writeln!(io::stderr(), "{warning}");
    }
}
