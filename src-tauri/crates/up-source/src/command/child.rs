//! The child process: started so that it can be killed with all that it starts, read without bound
//! and kept within one, and killed when it is late or nobody waits any more.

use std::ffi::OsString;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};
use tokio::time::{Duration, timeout, timeout_at};
use up_core::{CauseCode, phrase};

use super::platform::{ProgramControl, RunningProgram, signal};
use crate::CheckContext;
use crate::net::fault::{Fault, is_exhaustion, words};

/// As much of its output is kept; what is more is read and let go.
const KEPT: usize = 64 * 1024;
/// A child that has ended may leave others behind who hold its output open: what it wrote itself
/// is there by then.
const LEFTOVERS: Duration = Duration::from_millis(200);

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChildEnd {
    /// With an exit status.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// A child that ended in time.
#[derive(Debug)]
pub(super) struct FinishedChild {
    pub end: ChildEnd,
    /// The first of its standard output.
    pub out: Vec<u8>,
    /// The first of its standard error.
    pub err: Vec<u8>,
}

/// What to start, and how.
pub(super) struct ChildSpec<'a> {
    pub argv: &'a [OsString],
    pub env: &'a [(OsString, OsString)],
    pub cwd: Option<&'a Path>,
    /// What it starts outside its process group may stay when it ends in time.
    pub may_stay: bool,
}

/// Runs it to its end, or to the deadline, with `input` on its standard input.
pub(super) async fn run(
    how: &ChildSpec<'_>,
    input: &[u8],
    probe: &CheckContext,
) -> Result<FinishedChild, Fault> {
    let [program, arguments @ ..] = how.argv else {
        return Err(Fault::new(
            CauseCode::Internal,
            "there is no program to run",
        ));
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        // LC_ALL would outdo LC_NUMERIC.
        .env_remove("LC_ALL")
        .env("LC_NUMERIC", "C")
        .envs(how.env.iter().map(|(name, value)| (name, value)))
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(cwd) = how.cwd {
        command.current_dir(cwd);
    }
    let shown = program.to_string_lossy();
    let mut running = RunningProgram::start(command, how.may_stay)
        .map_err(|error| not_started(&error, &shown, how.cwd))?;
    let ended = timeout_at(probe.deadline, wait(&mut running, input)).await;
    running.kill(ended.is_ok());
    if let Ok(ended) = ended {
        return ended;
    }
    // Killed just now, so this does not wait; it leaves no zombie.
    let _ = timeout(LEFTOVERS, running.wait()).await;
    let limit = phrase::seconds(probe.timeout.as_secs_f64()).unwrap_or_default();
    let text = format!("the command did not finish within {limit} and was killed");
    Err(Fault::new(CauseCode::Timeout, text))
}

async fn wait(running: &mut RunningProgram, input: &[u8]) -> Result<FinishedChild, Fault> {
    let (stdin, out, err) = running.pipes();
    let (mut kept_out, mut kept_err) = (Vec::new(), Vec::new());
    let status = {
        let reading = async {
            let give = give(stdin, input);
            tokio::join!(give, keep(out, &mut kept_out), keep(err, &mut kept_err));
        };
        tokio::pin!(reading);
        tokio::select! {
            biased;
            () = &mut reading => running.wait().await,
            status = running.wait() => {
                // What does not end now is held open by others.
                let _ = timeout(LEFTOVERS, reading).await;
                status
            }
        }
    };
    let status = status.map_err(|error| {
        let text = format!("the command could not be waited for: {}", words(&error));
        Fault::new(CauseCode::Internal, text)
    })?;
    let end = match status.code() {
        Some(code) => ChildEnd::Code(code),
        None => ChildEnd::Signal(signal(status).unwrap_or_default()),
    };
    Ok(FinishedChild {
        end,
        out: kept_out,
        err: kept_err,
    })
}

/// Writes all of it and closes the pipe. A child that does not want it all need not take it.
async fn give(pipe: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut pipe) = pipe {
        let _ = pipe.write_all(input).await;
    }
}

/// Reads to the end, so that the child never waits for us, and keeps the first of it.
async fn keep(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = vec![0; 8 * 1024];
    // A pipe that cannot be read has ended as far as we are concerned.
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let room = KEPT.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}

fn not_started(error: &Error, program: &str, cwd: Option<&Path>) -> Fault {
    let missing_folder = cwd.filter(|folder| !folder.is_dir());
    if is_exhaustion(error) || error.kind() == ErrorKind::WouldBlock {
        let text = format!(
            "this machine has no room to start {program}: {}",
            words(error)
        );
        return Fault::new(CauseCode::Resource, text);
    }
    if let Some(folder) = missing_folder {
        let text = format!("{} is no folder to run {program} in", folder.display());
        return Fault::new(CauseCode::Permission, text);
    }
    let text = match error.kind() {
        ErrorKind::NotFound => format!("there is no program {program}: is it installed?"),
        ErrorKind::PermissionDenied => {
            format!("{program} cannot be run: this user may not execute it (chmod +x)")
        }
        _ => format!("{program} cannot be run: {}", words(error)),
    };
    Fault::new(CauseCode::Permission, text)
}
