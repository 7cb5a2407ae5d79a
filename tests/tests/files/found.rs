//! Who may own and write a configuration that was found, not named.

use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::Path;

use rustix::process::geteuid;
use up_tests::up::{RunOutcome, Up};

/// An up.toml with a source that leaves a trace when it is checked.
const SITE: &str =
    "[[source]]\ntype = \"command\"\nname = \"c\"\ncommand = [\"sh\", \"-c\", \"echo >>asked\"]\n";
/// The user `nobody` of Debian.
const NOBODY: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("a mode can be set");
}

fn refused(up: &Up, args: &[&str], outcome: &RunOutcome) {
    assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
    let told = &outcome.err;
    assert!(
        told.contains("was found, not named, and is not used"),
        "{args:?}: {told}"
    );
    assert!(told.contains("-c "), "{told} says how to name it");
    assert!(
        !up.dir().join("asked").exists(),
        "{args:?}: nothing of it was run"
    );
}

/// Checks that every command refuses the configuration that it finds, and reads it when it is
/// named.
fn all_refuse(up: &Up) {
    for args in [
        [].as_slice(),
        &["watch"],
        &["validate"],
        &["validate", "--explain", "/c"],
        &["note", "text"],
        &["history", "/c"],
        &["controls"],
        &["snooze", "/c"],
        &["ack", "/c"],
        &["pause", "/c"],
        &["resume", "/c"],
    ] {
        refused(up, args, &up.run(args));
    }
    let named = up.run(["-c", "up.toml", "validate"]);
    assert_eq!(named.code, Some(0), "{named:?}");
    let named = up.run_with(&[("UP_CONFIG", "up.toml")], ["validate"]);
    assert_eq!(named.code, Some(0), "{named:?}");
}

#[test]
fn a_file_that_others_may_write_is_not_used() {
    for bits in [0o620, 0o602, 0o666] {
        let up = Up::with(SITE);
        mode(&up.dir().join("up.toml"), bits);
        all_refuse(&up);
    }
    let up = Up::with(SITE);
    mode(&up.dir().join("up.toml"), 0o644);
    assert_eq!(up.run(["validate"]).code, Some(0));
}

#[test]
fn a_folder_in_which_others_may_write_is_as_good_as_the_file() {
    let up = Up::with(SITE);
    mode(&up.dir().join("up.toml"), 0o644);
    mode(up.dir(), 0o777);
    all_refuse(&up);
    mode(up.dir(), 0o1777);
    assert_eq!(
        up.run(["validate"]).code,
        Some(0),
        "nobody else may replace what is mine"
    );
    // For a link, the folder of its target counts as well.
    let linked = Up::new();
    for made in ["open", "link"] {
        std::fs::create_dir(linked.dir().join(made)).expect("a folder");
    }
    linked.write("open/up.toml", SITE);
    symlink("open/up.toml", linked.dir().join("up.toml")).expect("a link");
    assert_eq!(linked.run(["validate"]).code, Some(0));
    mode(&linked.dir().join("open"), 0o777);
    all_refuse(&linked);
}

#[test]
fn the_configuration_folder_is_no_exception() {
    let up = Up::new();
    std::fs::create_dir_all(up.dir().join("config/up")).expect("a folder");
    up.write("config/up/up.toml", SITE);
    let file = up.dir().join("config/up/up.toml");
    mode(&file, 0o644);
    assert_eq!(up.run(["validate"]).code, Some(0));
    mode(&file, 0o666);
    refused(&up, &["validate"], &up.run(["validate"]));
}

#[test]
fn what_is_somebody_elses_is_not_used() {
    if !geteuid().is_root() {
        // Only root can give a file away, and then even root refuses it.
        return;
    }
    for given in ["up.toml", "."] {
        let up = Up::with(SITE);
        mode(&up.dir().join("up.toml"), 0o644);
        lchown(up.dir().join(given), Some(NOBODY), Some(NOBODY)).expect("root gives it away");
        all_refuse(&up);
    }
    let up = Up::new();
    up.write("mine.toml", SITE);
    symlink("mine.toml", up.dir().join("up.toml")).expect("a link");
    mode(&up.dir().join("mine.toml"), 0o644);
    lchown(up.dir().join("up.toml"), Some(NOBODY), Some(NOBODY)).expect("root gives it away");
    all_refuse(&up);
}

#[test]
fn a_watch_that_found_its_file_goes_on_with_the_last_one_that_it_could_trust() {
    let up = Up::with(SITE.replace("name = \"c\"", "name = \"c\"\ninterval = \"1s\""));
    let file = up.dir().join("up.toml");
    mode(&file, 0o644);
    let watch = up.start(["watch"]);
    watch.out_until("c: UP");
    up.write("evil.toml", SITE.replace("asked", "evil"));
    mode(&up.dir().join("evil.toml"), 0o666);
    std::fs::rename(up.dir().join("evil.toml"), &file).expect("it is replaced");
    watch.err_until("is not used");
    assert!(!up.dir().join("evil").exists(), "nothing of it was run");
}
