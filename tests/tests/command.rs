//! `type = "command"`: the plugin contract, with scripts and with the real monitoring plugins.

use std::path::Path;
use std::time::{Duration, Instant};

use up_core::{CauseCode, CheckResult, Status, Value};
use up_source::CheckContext;
use up_tests::aloud::aloud;
use up_tests::check_source::{build, check_source};
use up_tests::nginx::Nginx;
use up_tests::up::eventually;

const SECOND: Duration = Duration::from_secs(1);

async fn run(toml: &str, timeout: Duration) -> CheckResult {
    check_source("command", toml, timeout).await
}

/// The keys of a command that runs a shell script.
fn sh(script: &str) -> String {
    format!("command = [\"sh\", \"-c\", {script:?}]")
}

fn said(answer: &CheckResult) -> (Option<f64>, Option<CauseCode>, String) {
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

fn text(answer: &CheckResult, name: &str) -> String {
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

/// True if the process exists and is no zombie.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
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
    let probe = CheckContext::starting_now(60 * SECOND);
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

/// The mount point of a file system with some room. It is `/`, except in a chroot, which may have
/// only others.
fn mounted() -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let has_room = |place: &&str| {
        rustix::fs::statvfs(*place)
            .is_ok_and(|system| system.f_blocks > 0 && Path::new(place).is_dir())
    };
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let mut places: Vec<&str> = places.filter(has_room).collect();
    // The shortest one is the root, if that is there.
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
