//! Links on the path of up.toml, and SIGHUP.

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use up_tests::up::{RunningUp, Up, eventually, program};

/// An up.toml with one source that prints `word`.
fn site(word: &str, exit: u8) -> String {
    format!(
        "name = \"R\"\ninterval = \"1s\"\nalert = {{ retry = \"100ms\" }}\n[[source]]\n\
         type = \"command\"\nname = \"c\"\ncommand = [\"sh\", \"-c\", \"echo from {word}; exit {exit}\"]\n"
    )
}

fn hang_up(watch: &RunningUp) {
    let pid = Pid::from_raw(watch.pid().cast_signed()).expect("a process");
    kill_process(pid, Signal::HUP).expect("it can be signalled");
}

#[test]
fn a_turned_link_in_the_middle_of_the_way_is_taken_up() {
    let up = Up::new();
    let at = |path: &str| up.dir().join(path);
    for (release, text) in [
        ("1", site("One", 0)),
        ("2", site("Two", 2)),
        ("3", site("Three", 2)),
    ] {
        std::fs::create_dir_all(at(&format!("releases/{release}"))).expect("a folder");
        up.write(&format!("releases/{release}/up.toml"), text);
    }
    symlink("releases/1", at("current")).expect("a link");
    symlink("current/up.toml", at("up.toml")).expect("a link");
    let mut watch = up.start(["watch"]);
    watch.out_until("R: UP");
    symlink("releases/2", at("fresh")).expect("a link");
    std::fs::rename(at("fresh"), at("current")).expect("the link is turned");
    watch.out_until("/R/c: DOWN — from Two");
    std::fs::remove_file(at("current")).expect("the link is removed");
    symlink("releases/3", at("current")).expect("a link");
    watch.out_until("/R/c: DOWN — from Three");
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert_eq!(watch.err_now(), [""; 0], "nothing was ever wrong");
}

#[test]
fn a_hangup_reloads_and_ends_nothing() {
    let up = Up::with(site("One", 0));
    let mut watch = up.start(["watch"]);
    watch.out_until("R: UP");
    hang_up(&watch);
    // An invalid file is reported at once, with its line, and the last valid one stays in force.
    up.write("up.toml", "name = \"R\"\nintervall = 1\n");
    hang_up(&watch);
    let told = watch.err_until("up.toml:2:1: ");
    assert!(told.contains("unknown key `intervall`"), "{told}");
    up.write("up.toml", site("Two", 2));
    hang_up(&watch);
    watch.out_until("/R/c: DOWN — from Two");
    watch.err_until("over: up.toml:2:1: ");
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn a_terminal_that_is_closed_ends_the_watch_at_it() {
    let up = Up::with(site("One", 0));
    let pid_file = up.dir().join("pid");
    let watch = format!(
        "echo $$ >{}; exec {} -c {} watch",
        pid_file.display(),
        program().display(),
        up.dir().join("up.toml").display()
    );
    // A terminal of its own, which closes when `script` ends.
    let mut terminal = Command::new("script")
        .args(["-q", "-f", "-c", &watch, "/dev/null"])
        .env("UP_DATA_DIR", up.data())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("script (bsdutils) can be started");
    let pid = || {
        let text = std::fs::read_to_string(&pid_file).ok()?;
        Pid::from_raw(text.trim().parse().ok()?)
    };
    eventually("it keeps a history", || {
        up.data().join("history.db").exists()
    });
    let pid = pid().expect("it has written its number");
    kill_process(pid, Signal::HUP).expect("it can be signalled");
    assert!(
        test_kill_process(pid).is_ok(),
        "the terminal is still there"
    );
    terminal.kill().expect("it can be killed");
    terminal.wait().expect("it can be waited for");
    eventually("nobody watches on", || test_kill_process(pid).is_err());
}
