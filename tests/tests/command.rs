//! Commands: the plugin contract, with scripts of our own and with the real monitoring plugins.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use up_core::{Answer, CauseCode, Status, Value};
use up_source::Probe;
use up_source::command::Program;
use up_tests::aloud::aloud;
use up_tests::ask::{ask, build};
use up_tests::nginx::Nginx;
use up_tests::up::eventually;

const SECOND: Duration = Duration::from_secs(1);

async fn run(toml: &str, timeout: Duration) -> Answer {
    ask("command", toml, timeout).await
}

/// A script of sh.
fn sh(script: &str) -> String {
    format!("command = [\"sh\", \"-c\", {script:?}]")
}

fn said(answer: &Answer) -> (Option<f64>, Option<CauseCode>, String) {
    let cause = answer.cause.as_ref();
    let text = cause
        .map(|cause| cause.text.to_string())
        .unwrap_or_default();
    (
        answer.status.map(Status::value),
        cause.map(|cause| cause.code),
        text,
    )
}

fn text(answer: &Answer, name: &str) -> String {
    match answer.detail.get(name) {
        Some(Value::Text(text)) => text.to_string(),
        other => panic!("{name} is {other:?}"),
    }
}

#[tokio::test]
async fn the_exit_status_is_the_status_and_the_first_line_says_why() {
    let check = async |script: &str, status: Option<f64>, code: Option<CauseCode>, why: &str| {
        let answer = run(&sh(script), 10 * SECOND).await;
        assert_eq!(said(&answer), (status, code, why.to_owned()), "{script}");
    };
    let exit = Some(CauseCode::Exit);
    check("echo 'OK | a=1'", Some(1.0), None, "").await;
    check(
        "echo 'WARN - so so | a=1'; exit 1",
        Some(0.5),
        exit,
        "WARN - so so",
    )
    .await;
    check("echo CRIT; exit 2", Some(0.0), exit, "CRIT").await;
    check("echo '?'; exit 3", None, exit, "?").await;
    check("echo oh >&2; exit 2", Some(0.0), exit, "oh").await;
    check(
        "kill -9 $$",
        None,
        exit,
        "the command was ended by signal 9",
    )
    .await;
    let odd = "exit status 4 means nothing in the plugin contract: x";
    check("echo x; exit 4", None, exit, odd).await;
}

#[tokio::test]
async fn it_runs_as_the_configuration_says() {
    let answer = run(
        &format!(
            "{}\nenv = {{ A = \"x y\" }}\ncwd = \"/usr\"",
            sh("echo $A $PWD $LC_NUMERIC $0")
        ),
        10 * SECOND,
    )
    .await;
    assert_eq!(text(&answer, "text"), "x y /usr C sh");
    let answer = run("command = [\"echo\", \"$HOME; exit 2\"]", 10 * SECOND).await;
    assert_eq!(text(&answer, "text"), "$HOME; exit 2", "no shell sees it");
    let answer = run(&sh("cat; echo read all"), 10 * SECOND).await;
    assert_eq!(text(&answer, "text"), "read all", "standard input is empty");
}

#[tokio::test]
async fn what_cannot_be_run_is_unknown() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plain"), "no program").expect("a file");
    let plain = format!("command = [{:?}]", folder.path().join("plain"));
    for (toml, why) in [
        (
            "command = [\"/no/such/program\"]",
            "there is no program /no/such/program",
        ),
        (plain.as_str(), "may not execute it"),
        (
            "command = [\"true\"]\ncwd = \"/no/such/folder\"",
            "/no/such/folder is no folder",
        ),
    ] {
        let answer = run(toml, 10 * SECOND).await;
        let (status, code, text) = said(&answer);
        assert_eq!(
            (status, code),
            (None, Some(CauseCode::Permission)),
            "{toml}"
        );
        assert!(text.contains(why), "{text}");
    }
}

#[tokio::test]
async fn output_without_end_is_read_and_bounded() {
    let answer = run(
        &sh("head -c 3000000 /dev/zero | tr '\\\\0' 'x'; exit 2"),
        20 * SECOND,
    )
    .await;
    let (status, _, text) = said(&answer);
    assert_eq!(status, Some(0.0), "three megabytes did not block it");
    assert!(text.len() <= 300);
    let start = Instant::now();
    let answer = run(&sh("yes"), SECOND).await;
    assert_eq!(said(&answer).1, Some(CauseCode::Timeout));
    assert!(start.elapsed() < 3 * SECOND);
}

#[tokio::test]
async fn at_the_deadline_it_is_killed_with_its_children() {
    let folder = tempfile::tempdir().expect("a folder");
    let pids = folder.path().join("pids");
    let script = format!(
        "trap '' TERM; (trap '' TERM; sleep 100) & echo $! $$ > {}; wait",
        pids.display()
    );
    let start = Instant::now();
    let answer = run(&sh(&script), SECOND).await;
    let (status, code, text) = said(&answer);
    assert_eq!((status, code), (Some(0.0), Some(CauseCode::Timeout)));
    assert_eq!(text, "the command did not finish within 1s and was killed");
    assert!(start.elapsed() < 3 * SECOND);
    let pids = std::fs::read_to_string(pids).expect("the script wrote them");
    for pid in pids.split_whitespace() {
        eventually("it is gone", || !runs(pid));
    }
}

/// True of a process that is there and no zombie.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Scripts that start a process which writes its id to `$PIDS`, outside their process group. `$0` is
/// how it is started.
const ESCAPES: &[&str] = &[
    // A child in a session of its own.
    "setsid sh -c 'echo $$ >> $PIDS; exec sleep 100' &",
    // An orphan in one.
    "(setsid sh -c 'echo $$ >> $PIDS; exec sleep 100' &)",
    // Its child, and a child of that.
    "(setsid sh -c '(setsid sh -c \"echo \\$\\$ >> $PIDS; sleep 100 & echo \\$! >> $PIDS; wait\" &)' &)",
    // One without a parent whose child has no environment.
    "(setsid sh -c 'env -i setsid sleep 100 & echo $$ $! >> $PIDS; wait' &)",
    // A child without an environment.
    "env -i setsid sleep 100 & echo $! >> $PIDS",
    // One that ignores what it is asked.
    "(setsid sh -c 'trap \"\" TERM HUP INT; echo $$ >> $PIDS; sleep 100' &)",
    // One that goes on starting others.
    "(setsid sh -c 'echo $$ >> $PIDS; while :; do setsid sleep 100 & echo $! >> $PIDS; sleep 0.01; done' &)",
];

/// Waits until a file holds ids of processes, says which, and waits until they are gone.
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
        assert_eq!(said(&answer).1, Some(CauseCode::Timeout), "{script}");
        assert!(start.elapsed() < 5 * SECOND, "{script}");
        all_gone(&pids, script);
    }
}

#[tokio::test]
async fn those_that_left_its_group_do_not_outlive_its_end() {
    // Without a mark, an orphan cannot be told from any other.
    for script in ESCAPES
        .iter()
        .filter(|script| !script.starts_with("env -i"))
    {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let wait = "until [ -s $PIDS ]; do sleep 0.01; done; echo fine";
        let answer = run(&escaping(&pids, script, wait), 10 * SECOND).await;
        assert_eq!(said(&answer).0, Some(1.0), "{script}");
        all_gone(&pids, script);
    }
}

#[tokio::test]
async fn a_check_that_is_given_up_takes_those_that_left_its_group_along() {
    for script in ESCAPES {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let built = build("command", &escaping(&pids, script, "sleep 100")).expect("a command");
        let probe = Probe::starting_now(60 * SECOND);
        let asking = tokio::time::timeout(SECOND, built.source.check(&probe));
        assert!(asking.await.is_err());
        all_gone(&pids, script);
    }
}

#[tokio::test]
async fn nobody_else_is_killed_or_waited_for() {
    // A child of this process that is none of a check's, and one that has ended.
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
    // One check goes on while the other is killed.
    let (late_toml, good_toml) = (
        escaping(&late, escape, "sleep 100"),
        escaping(
            &good,
            escape,
            "sleep 2; kill -0 $(cat $PIDS) && echo 'it lives'",
        ),
    );
    let (was_late, was_good) = tokio::join!(run(&late_toml, SECOND), run(&good_toml, 30 * SECOND));
    assert_eq!(said(&was_late).1, Some(CauseCode::Timeout));
    assert_eq!(text(&was_good, "text"), "it lives", "{was_good:?}");
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
    assert_eq!(waits.hand(b"", &[], 10 * SECOND).await, Ok(()));
    // The next check looks for what others have left behind.
    run("command = [\"true\"]", 10 * SECOND).await;
    let id = std::fs::read_to_string(&pids).expect("the script wrote it");
    assert!(runs(id.trim()), "it was started to stay");
    let id = rustix::process::Pid::from_raw(id.trim().parse().expect("an id"));
    let _ = rustix::process::kill_process(id.expect("an id"), rustix::process::Signal::KILL);
    // But not beyond the deadline.
    std::fs::remove_file(&pids).expect("the file");
    let late = program(&script("sleep 100"));
    assert!(late.hand(b"", &[], SECOND).await.is_err());
    all_gone(&pids, "of a sink's command");
}

#[tokio::test]
async fn whom_it_leaves_behind_holds_nothing_up() {
    let start = Instant::now();
    let answer = run(&sh("sleep 60 & echo done; exit 1"), 10 * SECOND).await;
    assert_eq!(said(&answer).2, "done");
    assert!(
        start.elapsed() < 5 * SECOND,
        "the child's child held the pipe"
    );
}

#[tokio::test]
async fn a_check_that_is_given_up_leaves_nothing_running() {
    let folder = tempfile::tempdir().expect("a folder");
    let pids = folder.path().join("pid");
    let script = sh(&format!("echo $$ > {}; sleep 100", pids.display()));
    let built = build("command", &script).expect("a command");
    let probe = Probe::starting_now(60 * SECOND);
    let asking = tokio::time::timeout(SECOND, built.source.check(&probe));
    assert!(asking.await.is_err());
    let pid = std::fs::read_to_string(pids).expect("the script wrote it");
    eventually("it is gone", || !runs(pid.trim()));
}

fn plugin(arguments: &[&str]) -> String {
    let (name, rest) = arguments.split_first().expect("a plugin");
    let program = format!("/usr/lib/nagios/plugins/{name}");
    assert!(
        Path::new(&program).is_file(),
        "no {program}: `cargo xtask test` installs it"
    );
    let argv: Vec<_> = std::iter::once(program.as_str())
        .chain(rest.iter().copied())
        .collect();
    format!("command = {argv:?}")
}

/// Where a file system with some room is mounted: `/`, but for a chroot, which may have only others.
fn mounted() -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let has_room = |place: &&str| {
        rustix::fs::statvfs(*place)
            .is_ok_and(|system| system.f_blocks > 0 && Path::new(place).is_dir())
    };
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let mut places: Vec<&str> = places.filter(has_room).collect();
    // The shortest is the root, where it is there.
    places.sort_by_key(|place| place.len());
    places.first().map(|place| (*place).to_owned())
}

#[tokio::test]
async fn the_real_plugins_are_understood() {
    let nginx = Nginx::start();
    let port = nginx.port().to_string();
    let check = async |arguments: &[&str], status: Option<f64>, part: &str| {
        let answer = run(&plugin(arguments), 30 * SECOND).await;
        assert_eq!(
            answer.status.map(Status::value),
            status,
            "{arguments:?}: {answer:?}"
        );
        assert!(
            text(&answer, "text").contains(part),
            "{arguments:?}: {answer:?}"
        );
        answer
    };
    for (code, status) in [
        ("0", Some(1.0)),
        ("1", Some(0.5)),
        ("2", Some(0.0)),
        ("3", None),
    ] {
        check(&["check_dummy", code, "as told"], status, "as told").await;
    }
    let http = ["check_http", "-H", "127.0.0.1", "-p", &port, "-u"];
    let good = check(&[&http[..], &["/ok"]].concat(), Some(1.0), "HTTP OK").await;
    let Some(Value::Map(figures)) = good.detail.get("perfdata") else {
        panic!("{good:?}")
    };
    let Some(Value::Map(time)) = figures.get("time") else {
        panic!("{figures:?}")
    };
    assert_eq!(time.get("unit"), Some(&Value::from("s")));
    check(&[&http[..], &["/404"]].concat(), Some(0.5), "404").await;
    check(&[&http[..], &["/500"]].concat(), Some(0.0), "500").await;
    if let Some(disk) = mounted() {
        let arguments = ["check_disk", "-w", "0%", "-c", "0%", "-p", &disk];
        let answer = check(&arguments, Some(1.0), "DISK OK").await;
        assert!(
            matches!(answer.detail.get("perfdata"), Some(Value::Map(figures)) if figures.get(&disk).is_some()),
            "{answer:?}"
        );
    } else {
        aloud("nothing is mounted here (as in a bare chroot), so check_disk has nothing to check");
    }
    check(&["check_load", "-w", "9999", "-c", "9999"], Some(1.0), "").await;
}

#[test]
fn what_cannot_be_a_command_is_refused() {
    let check = |toml: &str, key: &str| {
        let problem = build("command", toml).expect_err("it cannot be built");
        assert_eq!(problem.key, key, "{toml}");
    };
    check("command = []", "command");
    check("command = [\"\"]", "command");
    check("command = [\"x\"]\nenv = { \"A=B\" = \"c\" }", "env");
    check(
        "command = [\"x\"]\nenv = { A = { env = \"NO_SUCH_VARIABLE\" } }",
        "env",
    );
}
