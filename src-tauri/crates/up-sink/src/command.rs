//! `type = "command"`: runs a program for each notice, which is handed the notice as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_source::command::Program;
use up_source::{ConfigProblem, SecretRef, Secrets};

use crate::delivery_queue::{DeliveryOutcome, Destination};
use crate::report::Report;

/// How long it may run before it is killed with all that it started.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a program for each notice, one after the other. It reads the notice as JSON from its
/// standard input, and finds `UP_TITLE`, `UP_TEXT`, `UP_KIND` and `UP_PATH` in its environment. It
/// is killed with all that it started after 30 s; a notice that it fails on is let go, one that it
/// had not ended with when Up was killed is handed to it again, with the same `id` and `date`. When it ends in
/// time, what it started lasts only outside its process group (`setsid`).
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSinkConfig {
    /// The program and its arguments, one string each. No shell sees them: for one, write
    /// `["sh", "-c", "…"]`.
    pub command: Vec<String>,
    /// Variables of its environment, beside those that Up itself has.
    #[serde(default)]
    pub env: BTreeMap<String, SecretRef>,
    /// The folder in which it runs; the one in which Up was started unless said otherwise.
    pub cwd: Option<PathBuf>,
}

up_core::opaque_debug!(CommandSinkConfig);

impl CommandSinkConfig {
    /// Checks the keys and reads the secrets.
    pub fn build(&self, secrets: &dyn Secrets) -> Result<Runner, ConfigProblem> {
        let program = Program::read(&self.command, &self.env, self.cwd.clone(), secrets)?;
        let shown = program.shown();
        Ok(Runner { program, shown })
    }
}

/// A command made ready.
#[derive(Clone, PartialEq)]
pub struct Runner {
    program: Program,
    shown: String,
}

up_core::opaque_debug!(Runner);

impl Runner {
    /// Tells it from others.
    pub fn key(&self) -> String {
        format!("command {}", self.program.key())
    }
}

impl Destination for Runner {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn shown(&self) -> &str {
        &self.shown
    }

    fn bring<'a>(
        &'a self,
        report: &'a Report,
        _tried: u32,
        _age: Duration,
    ) -> BoxFuture<'a, DeliveryOutcome> {
        Box::pin(async move {
            let input = format!("{}\n", report.json());
            let env = report.environment();
            let handed = self.program.hand(input.as_bytes(), &env, PATIENCE).await;
            // Whether it did a part of its work, and may do it twice, only its author knows.
            handed.map_or_else(DeliveryOutcome::GiveUp, |()| DeliveryOutcome::Done)
        })
    }
}
