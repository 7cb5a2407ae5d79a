//! `type = "command"`: runs a monitoring plugin, or any program that keeps their contract.

mod child;
mod verdict;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::Answer;

use crate::{Built, Configure, Probe, Problem, SecretRef, Shared, Source};

/// Runs a program by the Nagios plugin contract: exit status 0 is up, 1 half up, 2 down, anything
/// else unknown; the first line of its output says why, what stands behind `|` are figures. It is
/// killed with all its children at the deadline.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
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

impl Configure for CommandConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        let program = self.command.first().filter(|program| !program.is_empty());
        let Some(program) = program else {
            return Err(Problem::new("command", "there is no program to run")
                .help("write command = [\"/usr/lib/nagios/plugins/check_load\", \"-w\", \"5\"]"));
        };
        if self.command.iter().any(|argument| argument.contains('\0')) {
            return Err(Problem::new(
                "command",
                "an argument cannot hold a NUL character",
            ));
        }
        let mut env = Vec::new();
        for (name, value) in &self.env {
            if name.is_empty() || name.contains(['=', '\0']) {
                let message = format!("{name:?} cannot be the name of a variable");
                return Err(Problem::new("env", message));
            }
            let value = shared
                .secrets
                .read(value)
                .map_err(|why| Problem::new("env", why))?;
            env.push((name.into(), value.reveal().into()));
        }
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let source = CommandSource {
            argv: self.command.iter().map(OsString::from).collect(),
            env,
            cwd: self.cwd.clone(),
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: name.to_owned(),
            target: up_core::cause::one_line(&self.command.join(" "), 300),
            names_itself: false,
        })
    }
}

struct CommandSource {
    argv: Box<[OsString]>,
    /// Values may be secrets: nothing prints them.
    env: Vec<(OsString, OsString)>,
    cwd: Option<PathBuf>,
}

impl std::fmt::Debug for CommandSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandSource")
            .field("argv", &self.argv)
            .finish_non_exhaustive()
    }
}

impl Source for CommandSource {
    fn check<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            match child::run(&self.argv, &self.env, self.cwd.as_deref(), probe).await {
                Ok(ended) => verdict::answer(&ended),
                Err(fault) => fault.answer(),
            }
        })
    }
}
