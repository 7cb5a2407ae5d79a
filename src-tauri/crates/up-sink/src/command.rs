//! `type = "command"`: runs a program for each notice, with the notice as JSON on its standard input.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_source::command::Program;
use up_source::{ConfigProblem, SecretRef};

use crate::alert_receiver::{AlertReceiver, DeliveryFailure, DeliveryOutcome, FailureClass};
use crate::alert_sink::AlertSink;
use crate::configure::{BuildContext, ConfigureSink, SinkRole};
use crate::report::Report;

/// The time limit of one run. A program that takes longer is killed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs a program for each notice, one after the other. A notice is what people are notified of: an
/// outage, its recovery and the like. Only `up watch` and `up-tray` send notices; a one-shot check
/// does not.
///
/// ```toml
/// [[sink]]
/// type = "command"
/// command = ["sh", "-c", "logger -t up \"$UP_TITLE\""]
/// ```
///
/// The program reads the notice as JSON from its standard input, and finds `UP_TITLE`, `UP_TEXT`,
/// `UP_KIND` and `UP_PATH` in its environment. After 30 s, Up kills the program and every process
/// that it started. A notice for which the program fails is given up. If Up is killed while the
/// program runs, the program gets the same notice again after the restart, with the same `id` and
/// `date`. When the program ends in time, Up kills the processes that it left behind, except those
/// outside its process group (`setsid`).
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSinkConfig {
    /// The program and its arguments, one string each. No shell interprets them: to use one, write
    /// `["sh", "-c", "…"]`.
    pub command: Vec<String>,
    /// Environment variables of the program, in addition to those of Up itself:
    /// `{ CHANNEL = "ops" }`.
    #[serde(default)]
    pub env: BTreeMap<String, SecretRef>,
    /// The working directory of the program: `"/srv"`. A relative path begins at the directory in
    /// which Up was started, which is also the default.
    pub cwd: Option<PathBuf>,
}

up_core::opaque_debug!(CommandSinkConfig);

impl ConfigureSink for CommandSinkConfig {
    fn build(
        &self,
        kind: &'static str,
        context: &BuildContext<'_>,
    ) -> Result<SinkRole, ConfigProblem> {
        let cwd = self.cwd.clone();
        let program = Program::read(&self.command, &self.env, cwd, context.secrets)?;
        let shown = program.shown();
        let runner = Runner { program, shown };
        Ok(SinkRole::Alert(AlertSink::new(kind, runner)))
    }
}

/// The receiver that runs the program.
#[derive(Clone, PartialEq)]
struct Runner {
    program: Program,
    shown: String,
}

impl AlertReceiver for Runner {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn key(&self) -> String {
        self.program.key()
    }

    fn deliver<'a>(
        &'a self,
        report: &'a Report,
        _attempts: u32,
        _age: Duration,
    ) -> BoxFuture<'a, DeliveryOutcome> {
        Box::pin(async move {
            let input = format!("{}\n", report.json());
            let env = report.environment();
            let ended = self
                .program
                .run_with_input(input.as_bytes(), &env, TIMEOUT)
                .await;
            // A failed program may have done a part of its work, so it is not run again.
            match ended {
                Ok(()) => DeliveryOutcome::Delivered,
                Err(why) => DeliveryOutcome::GiveUp(DeliveryFailure {
                    class: FailureClass::Program,
                    why,
                }),
            }
        })
    }
}
