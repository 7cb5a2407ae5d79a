//! `type = "command"`: runs a monitoring plugin, or any program that follows the Nagios plugin
//! guidelines.

mod child;
#[cfg(target_os = "linux")]
mod family;
#[cfg(all(unix, not(target_os = "linux")))]
use family_other as family;
#[cfg(all(unix, any(test, not(target_os = "linux"))))]
mod family_other;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod platform;
#[cfg(target_os = "linux")]
mod processes;
mod program;
mod verdict;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::CheckResult;

pub use program::Program;

use crate::{Built, CheckContext, ConfigProblem, Configure, SecretRef, Shared, Source};

/// Runs a program, such as a Nagios monitoring plugin, and reads its exit status: 0 is up, 1 half
/// up (0.5), 2 down, anything else unknown. The first line of its output is the cause, and figures
/// after a `|` (performance data) become details of the sample.
///
/// ```toml
/// [[source]]
/// type = "command"
/// name = "load"
/// command = ["/usr/lib/nagios/plugins/check_load", "-w", "5,4,3", "-c", "10,8,6"]
/// timeout = "20s"
/// env = { LANG = "C.UTF-8" }
/// ```
///
/// A program that runs longer than `timeout` is killed, and the source is down. When the check
/// ends, Up kills every process that the program started. On Linux that includes processes that
/// left its process group (`setsid`): Up recognizes them by the variable `UP_CHECK` in their
/// environment. Up does not find a process without that variable whose parents have ended, and
/// cannot kill one that runs as another user.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandConfig {
    /// The program and its arguments, one string each. No shell interprets them; to use one, write
    /// `["sh", "-c", "…"]`.
    pub command: Vec<String>,
    /// Environment variables of the program, in addition to those of Up itself:
    /// `{ LANG = "C.UTF-8" }`. Up always sets `LC_NUMERIC=C`, so that figures have a decimal point.
    #[serde(default)]
    pub env: BTreeMap<String, SecretRef>,
    /// The working directory of the program: `"/srv"`. A relative path begins at the directory in
    /// which Up was started, which is also the default.
    pub cwd: Option<PathBuf>,
}

up_core::opaque_debug!(CommandConfig);

impl Configure for CommandConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let program = Program::read(&self.command, &self.env, self.cwd.clone(), shared.secrets)?;
        let first = self.command.first().map_or("", String::as_str);
        let name = first.rsplit(['/', '\\']).next().unwrap_or(first);
        Ok(Built {
            default_name: name.to_owned(),
            target: program.shown(),
            source: Arc::new(CommandSource(program)),
            names_itself: false,
        })
    }
}

#[derive(Debug)]
struct CommandSource(Program);

impl Source for CommandSource {
    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            match self.0.run(&[], false, context).await {
                Ok(ended) => verdict::result(&ended),
                Err(fault) => fault.check_result(),
            }
        })
    }
}
