//! Installation, upgrade and removal of the `.rpm`, by rpm in a root folder. Its system is a Debian, so
//! that no package of rpm there meets what it requires; the other tests compare that.

use std::path::Path;

use up_tests::privilege::as_root;

use super::debian::{System, kept, use_it};
use super::{BEFORE, VERSION, find, output, packages, packages_before};

fn rpm(system: &System, action: &[&str], package: &Path) {
    let mut rpm = as_root(Path::new("rpm"));
    // Debian's rpm keeps its database in the home of root otherwise.
    rpm.args(["--dbpath", "/var/lib/rpm", "--root"])
        .arg(system.root())
        .args(action)
        .arg(package);
    output(&mut rpm);
}

#[test]
fn an_rpm_is_installed_used_upgraded_and_removed() {
    let system = System::new();
    let before = system.paths();
    let install = ["--nodeps", "-U"];
    rpm(
        &system,
        &install,
        &find(packages_before(), &format!("up-{BEFORE}"), ".rpm"),
    );
    let used = use_it(&system);
    assert!(
        used.starts_with("Site: UP ")
            && used.contains(
                "
    a: UP "
            ),
        "{used}"
    );
    let state = kept(&system);
    system.run("systemctl enable up-system");
    rpm(
        &system,
        &install,
        &find(packages(), &format!("up-{VERSION}"), ".rpm"),
    );
    assert_eq!(system.run("up --version"), format!("up {VERSION}\n"));
    assert_eq!(kept(&system), state, "its history and controls are kept");
    assert!(system.paths().contains("/usr/share/zsh/site-functions/_up"));
    let wanted = "/etc/systemd/system/multi-user.target.wants/up-system.service";
    assert!(system.paths().contains(wanted), "it is enabled as before");

    rpm(&system, &["-e"], Path::new("up"));
    let now = system.paths();
    let is_ours = |path: &&String| {
        !path.starts_with("/var/lib/up") && !path.starts_with("/etc/up") && !path.ends_with('-')
    };
    // rpm leaves the folders that no package owns.
    let is_file = |path: &&String| !system.root().join(&path[1..]).is_dir();
    let left = now.difference(&before).filter(is_ours).filter(is_file);
    let left: Vec<_> = left.collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(
        now.contains("/etc/up/up.toml"),
        "the configuration belongs to people"
    );
}
