//! The child process of a check. It is started so that it can be killed with everything that it
//! starts. Its output is read to the end but kept only up to a bound. It is killed when it misses the
//! deadline or when the check is dropped.

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

/// How many bytes of each output stream are kept. The rest is read and discarded.
const MAX_OUTPUT: usize = 64 * 1024;
/// How long the output is still read after the child has ended. Processes that it left behind may
/// hold the pipes open for ever; what the child itself wrote has arrived by then.
const PIPE_GRACE: Duration = Duration::from_millis(200);

/// Variables by which a service manager speaks with Up itself. A child that had them could notify the
/// service manager in Up's name.
const SERVICE_VARIABLES: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"];

/// How the child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChildEnd {
    /// It exited with this status.
    Code(i32),
    /// It was terminated by this signal.
    Signal(i32),
}

/// The result of a child that ended before the deadline.
#[derive(Debug)]
pub(super) struct FinishedChild {
    pub end: ChildEnd,
    /// The first [`MAX_OUTPUT`] bytes of its standard output.
    pub out: Vec<u8>,
    /// The first [`MAX_OUTPUT`] bytes of its standard error.
    pub err: Vec<u8>,
}

/// The command line, environment and working folder of a child.
pub(super) struct ChildSpec<'a> {
    pub argv: &'a [OsString],
    pub env: &'a [(OsString, OsString)],
    pub cwd: Option<&'a Path>,
    /// Processes that the child starts outside its process group may live on when it ends in time.
    pub may_stay: bool,
}

/// Runs the child to its end or to the deadline, with `input` on its standard input.
pub(super) async fn run(
    spec: &ChildSpec<'_>,
    input: &[u8],
    context: &CheckContext,
) -> Result<FinishedChild, Fault> {
    let [program, arguments @ ..] = spec.argv else {
        return Err(Fault::new(
            CauseCode::Internal,
            "there is no program to run",
        ));
    };
    let mut command = Command::new(program);
    for name in SERVICE_VARIABLES {
        command.env_remove(name);
    }
    command
        .args(arguments)
        // LC_ALL takes precedence over LC_NUMERIC.
        .env_remove("LC_ALL")
        .env("LC_NUMERIC", "C")
        .envs(spec.env.iter().map(|(name, value)| (name, value)))
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(cwd) = spec.cwd {
        command.current_dir(cwd);
    }
    let shown = program.to_string_lossy();
    let mut running = RunningProgram::start(command, spec.may_stay)
        .map_err(|error| start_fault(&error, &shown, spec.cwd))?;
    let ended = timeout_at(context.deadline, wait_for_end(&mut running, input)).await;
    running.kill(ended.is_ok());
    if let Ok(ended) = ended {
        return ended;
    }
    // The child was just killed, so that this wait is short. It reaps the zombie.
    let _ = timeout(PIPE_GRACE, running.wait()).await;
    let limit = phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_default();
    let text = format!("the command did not finish within {limit} and was killed");
    Err(Fault::new(CauseCode::Timeout, text))
}

async fn wait_for_end(running: &mut RunningProgram, input: &[u8]) -> Result<FinishedChild, Fault> {
    let (stdin, out, err) = running.pipes();
    let (mut kept_out, mut kept_err) = (Vec::new(), Vec::new());
    let status = {
        let reading = async {
            let writing = write_input(stdin, input);
            tokio::join!(
                writing,
                read_output(out, &mut kept_out),
                read_output(err, &mut kept_err)
            );
        };
        tokio::pin!(reading);
        tokio::select! {
            biased;
            () = &mut reading => running.wait().await,
            status = running.wait() => {
                // A pipe that is still open now is held open by other processes.
                let _ = timeout(PIPE_GRACE, reading).await;
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

/// Writes all of `input` and closes the pipe. A child may end without having read its input, so
/// that a failed write is no error.
async fn write_input(pipe: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut pipe) = pipe {
        let _ = pipe.write_all(input).await;
    }
}

/// Reads the pipe to its end, so that the child never blocks on a full pipe, and keeps the first
/// [`MAX_OUTPUT`] bytes.
async fn read_output(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = vec![0; 8 * 1024];
    // A pipe that cannot be read is treated as ended.
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let room = MAX_OUTPUT.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}

fn start_fault(error: &Error, program: &str, cwd: Option<&Path>) -> Fault {
    let missing_folder = cwd.filter(|folder| !folder.is_dir());
    if is_exhaustion(error) || error.kind() == ErrorKind::WouldBlock {
        let text = format!(
            "this machine has no resources left to start {program}: {}",
            words(error)
        );
        return Fault::new(CauseCode::Resource, text);
    }
    if let Some(folder) = missing_folder {
        let text = format!(
            "{} is no folder, so {program} cannot be run in it",
            folder.display()
        );
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
