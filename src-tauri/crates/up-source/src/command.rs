//! `type = "command"`: runs a monitoring plugin, or any program that keeps their contract.

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

/// Runs a program by the Nagios plugin contract: exit status 0 is up, 1 half up, 2 down, anything
/// else unknown; the first line of its output says why, what stands behind `|` are figures. It is
/// killed at the deadline, and nothing that it started outlives it. That holds on Linux also for
/// processes that left its process group (`setsid`), which are known by the variable `UP_CHECK` of
/// their environment. Not found is one that does without that variable once its parents have ended,
/// and not ended is one that runs as another user.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandConfig {
    /// The program and its arguments, one string each. No shell sees them: for one, write
    /// `["sh", "-c", "…"]`.
    pub command: Vec<String>,
    /// Variables of its environment, beside those that Up itself has. Numbers are always written
    /// the C way (`LC_NUMERIC=C`).
    #[serde(default)]
    pub env: BTreeMap<String, SecretRef>,
    /// The folder in which it runs; the one in which Up was started unless said otherwise.
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
    fn check<'a>(&'a self, probe: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            match self.0.run(&[], false, probe).await {
                Ok(ended) => verdict::answer(&ended),
                Err(fault) => fault.answer(),
            }
        })
    }
}
