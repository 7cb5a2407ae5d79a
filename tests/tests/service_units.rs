//! The units for systemd in config/systemd: systemd finds no mistake in them, and rates their
//! hardening. systemd itself need not run.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use up_tests::up::program;

/// The highest exposure that the unit of the system may have, by the measure of systemd.
const MOST_EXPOSED: f64 = 2.0;

fn units() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/systemd")
}

/// A folder with this unit, which starts the `up` of the tests, and with this drop-in.
fn installed(unit: &str, drop_in: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let text = std::fs::read_to_string(units().join(unit)).expect("the unit is there");
    assert!(text.contains("ExecStart=/usr/bin/up watch"), "{text}");
    let text = text.replace("/usr/bin/up", &program().display().to_string());
    std::fs::write(folder.path().join(unit), text).expect("a file");
    if let Some(drop_in) = drop_in {
        let name = format!("{unit}.d");
        std::fs::create_dir(folder.path().join(&name)).expect("a folder");
        let name = Path::new(&name).join(drop_in);
        std::fs::copy(units().join(&name), folder.path().join(&name)).expect("a drop-in");
    }
    folder
}

/// Runs systemd-analyze (Debian package: systemd). Returns its success and all that it says.
fn analyze(args: &[&str], unit: &Path) -> (bool, String) {
    let output = Command::new("systemd-analyze")
        .args(args)
        .arg(unit)
        .output()
        .expect("systemd-analyze can be started");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn exposure(folder: &Path, unit: &str) -> f64 {
    let (_, text) = analyze(
        &["security", "--offline=yes", "--no-pager"],
        &folder.join(unit),
    );
    let line = text.lines().find(|line| line.contains("exposure level"));
    let rate = line.and_then(|line| line.split(": ").nth(1)?.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("systemd rates it: {text}"))
}

const ALL: [(&str, Option<&str>); 3] = [
    ("up.service", None),
    ("up-system.service", None),
    ("up-system.service", Some("icmp.conf")),
];

#[test]
fn systemd_finds_no_mistake() {
    for (unit, drop_in) in ALL {
        let folder = installed(unit, drop_in);
        let (success, text) = analyze(&["verify", "--man=no"], &folder.path().join(unit));
        assert!(
            success && !text.contains(unit),
            "{unit} {drop_in:?}: {text}"
        );
    }
}

#[test]
fn a_mistake_would_be_found() {
    let folder = installed("up.service", None);
    let path = folder.path().join("up.service");
    let text = std::fs::read_to_string(&path).expect("the unit");
    std::fs::write(&path, text.replace("WatchdogSec=", "WatchDogSeconds=")).expect("a file");
    let (_, text) = analyze(&["verify", "--man=no"], &path);
    assert!(text.contains("WatchDogSeconds"), "{text}");
}

#[test]
fn the_unit_of_the_system_is_hardened() {
    for (unit, drop_in) in &ALL[1..] {
        let folder = installed(unit, *drop_in);
        let rate = exposure(folder.path(), unit);
        assert!(rate <= MOST_EXPOSED, "{unit} {drop_in:?}: {rate}");
    }
}
