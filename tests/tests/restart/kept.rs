//! The state that is kept over restarts: where it is, and what happens if it cannot be read.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::Value;
use up_tests::up::eventually;

use crate::RestartSite;

#[test]
fn a_damaged_state_is_set_aside_and_said() {
    let check = |damage: &dyn Fn(&Path)| {
        let mut site = RestartSite::start(&[]);
        let mut watch = site.watch();
        site.web.stop();
        let down = site.told();
        assert_eq!(watch.end(Signal::TERM), Some(0));
        let state = site.state();
        damage(&state);
        watch = site.up.start(["watch"]);
        let said = watch.err_until("set aside");
        let aside = state.with_extension("damaged.db");
        assert!(said.contains(&aside.display().to_string()), "{said}");
        assert!(aside.is_file(), "it is set aside");
        let again = site.told();
        assert!(again.is("down", "/RestartSite/web"), "{again:?}");
        assert_ne!(again.id, down.id, "it is not known to be the same");
        assert_eq!(watch.end(Signal::TERM), Some(0));
    };
    check(&|state| fs::write(state, "no state at all").expect("it can be damaged"));
    check(&|state| {
        let state = Connection::open(state).expect("it is SQLite");
        let rows = "UPDATE rows SET value = '{' WHERE kind = 'leaf'";
        state.execute(rows, []).expect("it can be damaged");
    });
}

#[test]
fn one_watch_keeps_the_state_of_a_configuration() {
    let mut site = RestartSite::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    site.told();
    let mut second = site.up.start(["watch"]);
    second.err_until("another Up runs with this configuration");
    assert_eq!(second.end(Signal::TERM), Some(0));
    // Another configuration is another watch, with its state in the same folder.
    site.up.write("other.toml", site.config(&["witness"]));
    let mut other = site.up.start(["-c", "other.toml", "watch", "-v"]);
    other.out_until("RestartSite: ");
    let listed = site.up.run(["-c", "other.toml", "alerts"]);
    assert!(
        listed.out.starts_with("no notice was sent since "),
        "{listed:?}"
    );
    assert_eq!(other.end(Signal::TERM), Some(0));
    assert_eq!(site.alerts(&[]).len(), 1);
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let said = other.err_now().join("\n");
    assert!(!said.contains("another Up"), "{said}");
}

#[test]
fn a_check_neither_reads_nor_writes_a_state() {
    let site = RestartSite::start(&[]);
    assert_eq!(site.up.run(["-v"]).code, Some(0));
    assert!(!site.up.data().join("state").exists());
}

#[test]
fn a_quiet_watch_writes_nothing_and_no_secret_is_kept() {
    let mut site = RestartSite::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    site.told();
    site.web.start_again();
    site.told();
    site.delivered(2);
    let files = || -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(site.up.data().join("state")).expect("there is a state");
        let files = files.map(|file| file.expect("a file").path());
        // Readers change the index of the write-ahead log, which does not count as writing.
        let files = files.filter(|file| file.extension().is_none_or(|end| end != "db-shm"));
        let mut files: Vec<_> = files
            .map(|file| (file.clone(), fs::read(file).expect("it can be read")))
            .collect();
        files.sort();
        files
    };
    // Samples after a change of the verdict still count for flapping, and are written.
    let samples = || {
        let text = site
            .up
            .run(["history", "/RestartSite/witness", "--json"])
            .out;
        let document: Value = serde_json::from_str(&text).expect("JSON");
        document["samples"].as_array().map_or(0, Vec::len)
    };
    let asked = |more: usize| {
        let enough = samples() + more;
        eventually("it was asked so often", || samples() >= enough);
    };
    asked(24);
    let before = files();
    asked(5);
    assert!(
        files() == before,
        "nothing has changed, and nothing is written"
    );
    for (file, bytes) in before {
        for secret in ["s3cr3t", "k3y"] {
            let is_there = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!is_there, "{secret} is in {}", file.display());
        }
    }
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn without_a_place_for_its_state_it_tells_all_the_same() {
    let mut site = RestartSite::start(&[]);
    fs::create_dir_all(site.up.data()).expect("a folder");
    fs::write(site.up.data().join("state"), "in the way").expect("a file");
    let mut watch = site.up.start(["watch"]);
    watch.err_until("what was told: ");
    eventually("it has asked", || {
        !site
            .up
            .run(["history", "/RestartSite/web", "--json"])
            .out
            .contains("\"samples\":[]")
    });
    site.web.stop();
    assert!(site.told().is("down", "/RestartSite/web"));
    assert_eq!(watch.end(Signal::TERM), Some(0));
}
