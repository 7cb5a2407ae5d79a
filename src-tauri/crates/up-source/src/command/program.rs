//! A program from the configuration: its arguments, environment and working folder, checked once
//! and run often.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use up_core::cause::one_line;
use up_core::redact::arguments;

use super::child::{self, ChildEnd, ChildSpec, FinishedChild};
use crate::net::fault::Fault;
use crate::{CheckContext, ConfigProblem, SecretRef, Secrets};

/// A program, its arguments, its environment and its working folder.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    argv: Box<[OsString]>,
    /// The values may be secrets, so that nothing prints them.
    env: Vec<(OsString, OsString)>,
    cwd: Option<PathBuf>,
}

up_core::opaque_debug!(Program);

impl Program {
    /// Reads the keys `command`, `env` and `cwd`. The error names the key that is wrong.
    pub fn read(
        command: &[String],
        env: &BTreeMap<String, SecretRef>,
        cwd: Option<PathBuf>,
        secrets: &dyn Secrets,
    ) -> Result<Self, ConfigProblem> {
        if command.first().is_none_or(String::is_empty) {
            return Err(ConfigProblem::new("command", "there is no program to run")
                .help("write command = [\"/path/to/program\", \"argument\"]"));
        }
        if command.iter().any(|argument| argument.contains('\0')) {
            let message = "an argument cannot hold a NUL character";
            return Err(ConfigProblem::new("command", message));
        }
        let variable = |(name, value): (&String, &SecretRef)| {
            if name.is_empty() || name.contains(['=', '\0']) {
                let message = format!("{name:?} cannot be the name of a variable");
                return Err(ConfigProblem::new("env", message));
            }
            let value = secrets.read(value);
            let value = value.map_err(|why| ConfigProblem::new("env", why))?;
            Ok((name.into(), value.reveal().into()))
        };
        Ok(Self {
            argv: command.iter().map(OsString::from).collect(),
            env: env.iter().map(variable).collect::<Result<_, _>>()?,
            cwd,
        })
    }

    /// Identifies the program among others. The text is not for display, as arguments may be
    /// secrets.
    pub fn key(&self) -> String {
        format!("{:?}", self.argv)
    }

    /// The program and its arguments as text for a person, with what looks like a secret redacted,
    /// at most 300 bytes.
    pub fn shown(&self) -> String {
        let words: Vec<_> = self
            .argv
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let words = arguments(words.iter().map(AsRef::as_ref));
        one_line(&words.join(" "), 300)
    }

    /// Runs the program once with `input` on its standard input. With `may_stay`, processes that it
    /// starts outside its process group may live on when it ends in time.
    pub(super) async fn run(
        &self,
        input: &[u8],
        may_stay: bool,
        context: &CheckContext,
    ) -> Result<FinishedChild, Fault> {
        let spec = ChildSpec {
            argv: &self.argv,
            env: &self.env,
            cwd: self.cwd.as_deref(),
            may_stay,
        };
        child::run(&spec, input, context).await
    }

    /// Runs the program once with `input` on its standard input and `extra_env` added to its
    /// environment. Processes that it starts outside its process group may live on when it ends in
    /// time.
    ///
    /// The error is one line that says why the run failed: the program did not start, did not end
    /// within `timeout`, or did not exit with status 0.
    pub async fn run_with_input(
        &self,
        input: &[u8],
        extra_env: &[(&str, String)],
        timeout: Duration,
    ) -> Result<(), String> {
        let mut all = self.clone();
        // An environment value cannot contain NUL. Our own texts never do, but a peer's text might.
        let extra_env = extra_env
            .iter()
            .map(|(name, value)| (name.into(), value.replace('\0', " ").into()));
        all.env.extend(extra_env);
        let ended = all
            .run(input, true, &CheckContext::starting_now(timeout))
            .await;
        let ended = ended.map_err(|fault| fault.text)?;
        let why = match ended.end {
            ChildEnd::Code(0) => return Ok(()),
            ChildEnd::Code(code) => format!("it ended with status {code}"),
            ChildEnd::Signal(signal) => format!("it was ended by signal {signal}"),
        };
        let said = String::from_utf8_lossy(&ended.err);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        Err(match last {
            Some(last) => format!("{why}: {}", one_line(last, 200)),
            None => why,
        })
    }
}
