//! Starts other programs. Each is printed before it starts, has a time limit, and is killed with
//! its children when the limit passes.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, PipeReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::failure::TaskFailure;

/// How long to read output after the program that wrote it has ended. A grandchild may hold the
/// pipe open for ever, and is not waited for.
const AFTERGLOW: Duration = Duration::from_secs(5);

/// The cargo that runs this task, without the variables that it sets for this package. Build
/// scripts watch some of them, and would run again for each difference.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(crate::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A program that runs in the top folder of the checkout.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(crate::root());
    command
}

/// Prints the command and runs it without input. Fails unless it succeeds within `limit`.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<(), TaskFailure> {
    announce(command);
    let status = wait(spawn(command.stdin(Stdio::null()))?, command, limit)?;
    judge(command, status)
}

/// Like [`run`], and passes each line of output to `see` as well as to the terminal. Standard
/// output and error share one pipe, because two would change the order of their lines.
pub(crate) fn run_watched(
    command: &mut Command,
    limit: Duration,
    see: impl Fn(&str) + Send + 'static,
) -> Result<(), TaskFailure> {
    announce(command);
    let (reader, child) = spawn_piped(command)?;
    let (done, all_seen) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches('\n');
            say!("{text}");
            see(text);
            line.clear();
        }
        let _ = done.send(());
    });
    let status = wait(child, command, limit);
    let _ = all_seen.recv_timeout(AFTERGLOW);
    judge(command, status?)
}

fn spawn_piped(command: &mut Command) -> Result<(PipeReader, Child), TaskFailure> {
    let pipe = || {
        let (reader, out) = std::io::pipe()?;
        let err = out.try_clone()?;
        Ok((reader, out, err))
    };
    let (reader, out, err) = pipe().map_err(|error| start_failure(command, error))?;
    let child = spawn(command.stdin(Stdio::null()).stdout(out).stderr(err));
    // The command holds write ends of the pipe, which does not end while one of them is open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok((reader, child?))
}

/// Runs the command and returns its standard output. It is not printed, because it changes nothing.
pub(crate) fn read(command: &mut Command, limit: Duration) -> Result<String, TaskFailure> {
    let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut pipe = child.stdout.take().expect("its output was just piped");
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = std::io::Read::read_to_end(&mut pipe, &mut bytes);
        bytes
    });
    let status = wait(child, command, limit)?;
    judge(command, status)?;
    let bytes = reader.join().unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// True if the command can be started and succeeds. Its output is discarded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let child = spawn(command);
    child.is_ok_and(|child| wait(child, command, Duration::from_mins(1)).is_ok_and(|s| s.success()))
}

/// Prints the command and runs it without a time limit, on the terminal of the person.
pub(crate) fn hand_over(command: &mut Command) -> Result<ExitStatus, TaskFailure> {
    announce(command);
    spawn(command)?
        .wait()
        .map_err(|error| start_failure(command, error))
}

/// The path of the program `name`: on PATH, or in the folders of system programs, which the PATH of
/// a user often lacks.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut places = std::env::split_paths(&path).chain(system);
    places.find_map(|place| {
        let file = place
            .join(name)
            .with_extension(std::env::consts::EXE_EXTENSION);
        file.is_file().then_some(file)
    })
}

/// A command line as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_stem()
        .unwrap_or_default();
    let settings = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}={}", name.display(), value.display()))
    });
    let words = [name].into_iter().chain(command.get_args());
    let words = words.map(|word| {
        let word = word.to_string_lossy();
        if word.contains([' ', '*']) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    });
    settings.chain(words).collect::<Vec<_>>().join(" ")
}

fn announce(command: &Command) {
    say!("\n$ {}", shown(command));
}

fn spawn(command: &mut Command) -> Result<Child, TaskFailure> {
    command
        .spawn()
        .map_err(|error| start_failure(command, error))
}

fn start_failure(command: &Command, error: std::io::Error) -> TaskFailure {
    TaskFailure::Start {
        command: shown(command),
        error,
    }
}

fn judge(command: &Command, status: ExitStatus) -> Result<(), TaskFailure> {
    if status.success() {
        return Ok(());
    }
    Err(TaskFailure::Ended {
        command: shown(command),
        status,
    })
}

fn wait(mut child: Child, command: &Command, limit: Duration) -> Result<ExitStatus, TaskFailure> {
    let pid = child.id();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait()));
    match end.recv_timeout(limit) {
        Ok(status) => status.map_err(|error| start_failure(command, error)),
        Err(RecvTimeoutError::Timeout) => {
            kill_family(pid);
            let _ = end.recv_timeout(AFTERGLOW);
            Err(TaskFailure::Late {
                command: shown(command),
                limit,
            })
        }
        Err(RecvTimeoutError::Disconnected) => {
            unreachable!("the thread that waits sends before it ends")
        }
    }
}

/// Kills a process and all its descendants by their process ids. A process group of its own would
/// be out of the reach of Ctrl-C. Processes that have ended meanwhile are ignored.
fn kill_family(pid: u32) {
    let mut family = vec![pid];
    let parents = parents();
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        family.extend(
            parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(child, _)| child),
        );
        next += 1;
    }
    let pids: Vec<String> = family.iter().map(u32::to_string).collect();
    // The `kill` of the shell, because a bare machine has no other.
    succeeds(Command::new("sh").args(["-c", &format!("kill -KILL {}", pids.join(" "))]));
}

/// All process ids with those of their parents, from /proc/PID/stat (proc(5)). Empty if there is no
/// /proc.
fn parents() -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name is in brackets and may contain anything, even brackets.
        let parent = stat
            .rsplit_once(')')?
            .1
            .split_whitespace()
            .nth(1)?
            .parse()
            .ok()?;
        Some((pid, parent))
    });
    processes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_late_command_is_gone_with_its_children() {
        let start = Instant::now();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 987 & sleep 987"]);
        let limit = Duration::from_millis(300);
        let failure = run(&mut command, limit).expect_err("it sleeps longer than that");
        assert!(matches!(failure, TaskFailure::Late { .. }), "{failure}");
        assert!(
            start.elapsed() < Duration::from_mins(2),
            "nobody waited for the sleepers"
        );
        let sleepers = || {
            let processes = parents().into_iter();
            let lines = processes.map(|(pid, _)| std::fs::read(format!("/proc/{pid}/cmdline")));
            lines
                .filter(|line| line.as_ref().is_ok_and(|line| line == b"sleep\x00987\x00"))
                .count()
        };
        // A killed process can still be seen for a moment.
        while sleepers() > 0 {
            assert!(
                start.elapsed() < Duration::from_mins(2),
                "no sleeper is left"
            );
            thread::yield_now();
        }
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/opt/rust/bin/cargo");
        command
            .args(["test", "--test", "e2e*"])
            .env("UP_CODEGEN", "1");
        assert_eq!(shown(&command), "UP_CODEGEN=1 cargo test --test 'e2e*'");
    }

    #[test]
    fn output_is_seen_line_by_line() {
        let (send, lines) = mpsc::channel();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three"]);
        let see = move |line: &str| drop(send.send(line.to_owned()));
        run_watched(&mut command, Duration::from_mins(1), see).expect("echo succeeds");
        assert_eq!(lines.iter().collect::<Vec<_>>(), ["one", "two", "three"]);
    }
}
