//! Commands whose processes leave their process group: they are killed with the command, and no
//! other process is.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use up_core::{CauseCode, CheckResult, Status, Value};
use up_source::CheckContext;
use up_source::command::Program;
use up_tests::check_source::{build, check_source};
use up_tests::up::eventually;

const SECOND: Duration = Duration::from_secs(1);

async fn run(toml: &str, timeout: Duration) -> CheckResult {
    check_source("command", toml, timeout).await
}

fn status(answer: &CheckResult) -> Option<f64> {
    answer.status.map(Status::value)
}

fn code(answer: &CheckResult) -> Option<CauseCode> {
    answer.cause.as_ref().map(|cause| cause.code)
}

/// True if the process exists and is no zombie.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Scripts that start a process outside their process group, which writes its id to `$PIDS`. `$0`
/// names the way.
const ESCAPES: &[&str] = &[
    // A child in a session of its own.
    "setsid sh -c 'echo $$ >> $PIDS; exec sleep 100' &",
    // An orphan in a session of its own.
    "(setsid sh -c 'echo $$ >> $PIDS; exec sleep 100' &)",
    // The child of such an orphan, and a child of that.
    "(setsid sh -c '(setsid sh -c \"echo \\$\\$ >> $PIDS; sleep 100 & echo \\$! >> $PIDS; wait\" &)' &)",
    // An orphan whose child has no environment.
    "(setsid sh -c 'env -i setsid sleep 100 & echo $$ $! >> $PIDS; wait' &)",
    // A child without an environment.
    "env -i setsid sleep 100 & echo $! >> $PIDS",
    // A process that ignores SIGTERM, SIGHUP and SIGINT.
    "(setsid sh -c 'trap \"\" TERM HUP INT; echo $$ >> $PIDS; sleep 100' &)",
    // A process that keeps starting others.
    "(setsid sh -c 'echo $$ >> $PIDS; while :; do setsid sleep 100 & echo $! >> $PIDS; sleep 0.01; done' &)",
];

/// Waits until a file contains process ids, and then until these processes are gone.
fn all_gone(pids: &Path, script: &str) {
    let ids = || std::fs::read_to_string(pids).unwrap_or_default();
    eventually(&format!("it began: {script}"), || !ids().trim().is_empty());
    eventually(&format!("they are gone: {script}"), || {
        !ids().split_whitespace().any(runs)
    });
}

fn escaping(pids: &Path, script: &str, then: &str) -> String {
    let script = format!("export PIDS={}\n{script}\n{then}", pids.display());
    format!("command = [\"sh\", \"-c\", {}]", toml_text(&script))
}

fn toml_text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[tokio::test]
async fn at_the_deadline_those_that_left_its_group_are_killed_too() {
    for script in ESCAPES {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let start = Instant::now();
        let answer = run(&escaping(&pids, script, "sleep 100"), SECOND).await;
        assert_eq!(code(&answer), Some(CauseCode::Timeout), "{script}");
        assert!(start.elapsed() < 5 * SECOND, "{script}");
        all_gone(&pids, script);
    }
}

#[tokio::test]
async fn those_that_left_its_group_do_not_outlive_its_end() {
    // Without a mark in its environment, an orphan cannot be told from any other process.
    for script in ESCAPES
        .iter()
        .filter(|script| !script.starts_with("env -i"))
    {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let wait = "until [ -s $PIDS ]; do sleep 0.01; done; echo fine";
        let answer = run(&escaping(&pids, script, wait), 10 * SECOND).await;
        assert_eq!(status(&answer), Some(1.0), "{script}");
        all_gone(&pids, script);
    }
}

#[tokio::test]
async fn a_check_that_is_given_up_takes_those_that_left_its_group_along() {
    for script in ESCAPES {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let built = build("command", &escaping(&pids, script, "sleep 100")).expect("a command");
        let probe = CheckContext::starting_now(60 * SECOND);
        let asking = tokio::time::timeout(SECOND, built.source.check(&probe));
        assert!(asking.await.is_err());
        all_gone(&pids, script);
    }
}

#[tokio::test]
async fn nobody_else_is_killed_or_waited_for() {
    // A child of this process that belongs to no check, and one that has ended.
    let mut other = std::process::Command::new("sleep")
        .arg("100")
        .spawn()
        .expect("a child");
    let mut ended = std::process::Command::new("false")
        .spawn()
        .expect("a child");
    let folder = tempfile::tempdir().expect("a folder");
    let [late, good] = ["late", "good"].map(|name| folder.path().join(name));
    let escape = ESCAPES[1];
    // One check runs on while the other is killed.
    let (late_toml, good_toml) = (
        escaping(&late, escape, "sleep 100"),
        escaping(
            &good,
            escape,
            "sleep 2; kill -0 $(cat $PIDS) && echo 'it lives'",
        ),
    );
    let (was_late, was_good) = tokio::join!(run(&late_toml, SECOND), run(&good_toml, 30 * SECOND));
    assert_eq!(code(&was_late), Some(CauseCode::Timeout));
    let said = was_good.detail.get("text");
    assert_eq!(said, Some(&Value::from("it lives")), "{was_good:?}");
    all_gone(&late, "of the late one");
    all_gone(&good, "of the one that ended");
    assert!(runs(&other.id().to_string()), "a child of someone else");
    assert_eq!(ended.wait().expect("its status").code(), Some(1));
    other.kill().expect("it is there");
    other.wait().expect("its status");
}

#[tokio::test]
async fn the_killed_leave_no_zombies() {
    let folder = tempfile::tempdir().expect("a folder");
    let pids = folder.path().join("pids");
    run(&escaping(&pids, ESCAPES[2], "sleep 100"), SECOND).await;
    let ids = std::fs::read_to_string(&pids).expect("the script wrote them");
    let is_there = |pid: &str| Path::new("/proc").join(pid).exists();
    for _ in 0..100 {
        if !ids.split_whitespace().any(is_there) {
            return;
        }
        tokio::time::sleep(SECOND / 10).await;
    }
    panic!("zombies of {ids}");
}

#[tokio::test]
async fn what_a_sinks_command_starts_for_good_stays() {
    let program = |script: &str| {
        let argv: Vec<String> = ["sh", "-c", script].map(str::to_owned).into();
        let secrets = up_source::secret::PlainSecrets;
        Program::read(&argv, &BTreeMap::new(), None, &secrets).expect("a program")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let pids = folder.path().join("pids");
    let script = |then: &str| {
        let pids = pids.display();
        format!("export PIDS={pids}\n{}\n{then}", ESCAPES[1])
    };
    let waits = program(&script("until [ -s $PIDS ]; do sleep 0.01; done"));
    assert_eq!(waits.run_with_input(b"", &[], 10 * SECOND).await, Ok(()));
    // The next check looks for orphans that others have left.
    run("command = [\"true\"]", 10 * SECOND).await;
    let id = std::fs::read_to_string(&pids).expect("the script wrote it");
    assert!(runs(id.trim()), "it was started to stay");
    let id = rustix::process::Pid::from_raw(id.trim().parse().expect("an id"));
    let _ = rustix::process::kill_process(id.expect("an id"), rustix::process::Signal::KILL);
    // It does not wait for them beyond its deadline.
    std::fs::remove_file(&pids).expect("the file");
    let late = program(&script("sleep 100"));
    assert!(late.run_with_input(b"", &[], SECOND).await.is_err());
    all_gone(&pids, "of a sink's command");
}
