//! Tests with files that are replaced, rotated, touched and removed, in all the ways that are in
//! use.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use tokio::time::timeout;

use super::*;

/// A change must be reported within this time. The promise is two seconds; test machines are slow.
const SOON: Duration = Duration::from_secs(20);
/// What must not be reported would have been by then: a beat and the pause for the writer.
const LONG_ENOUGH: Duration = Duration::from_millis(1_500);

struct WatchedFolder {
    _folder: tempfile::TempDir,
    at: PathBuf,
}

impl WatchedFolder {
    fn new(folders: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let at = folder.path().to_owned();
        for made in folders {
            std::fs::create_dir_all(at.join(made)).expect("a folder");
        }
        Self {
            _folder: folder,
            at,
        }
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.at.join(path), text).expect("a file");
    }

    fn link(&self, to: &str, path: &str) {
        symlink(to, self.at.join(path)).expect("a link");
    }

    fn remove(&self, path: &str) {
        std::fs::remove_file(self.at.join(path)).expect("it can be removed");
    }

    fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.at.join(from), self.at.join(to)).expect("it can be renamed");
    }

    /// Watches these files as they are now.
    async fn watch(&self, files: &[&str]) -> FileWatch {
        let never = |file: &&str| SeenFile::never(&self.at.join(file));
        let mut watch = FileWatch::new(files.iter().map(never).collect());
        let now = watch.scans.scan().await;
        watch.follow(now);
        watch
    }
}

async fn told(watch: &mut FileWatch, what: &str) {
    let changed = timeout(SOON, watch.changed()).await;
    assert!(changed.is_ok(), "{what} is not told");
}

async fn not_told(watch: &mut FileWatch, what: &str) {
    let changed = timeout(LONG_ENOUGH, watch.changed()).await;
    assert!(changed.is_err(), "{what} is told");
}

/// Runs a check with kernel events, and with scans alone.
async fn both(check: impl AsyncFn(bool)) {
    check(true).await;
    check(false).await;
}

fn silence(watch: &mut FileWatch, rings: bool) {
    if !rings {
        watch.events = FileEvents::default();
    }
}

#[tokio::test]
async fn every_link_of_the_way_may_be_turned() {
    both(async |rings| {
        let place =
            WatchedFolder::new(&["releases/1", "releases/2", "releases/3", "a", "b", "etc"]);
        for release in ["1", "2", "3"] {
            place.write(&format!("releases/{release}/up.toml"), release);
        }
        place.link("releases/1", "current");
        let mut watch = place.watch(&["current/up.toml"]).await;
        silence(&mut watch, rings);
        place.link("releases/2", "fresh");
        place.rename("fresh", "current");
        told(&mut watch, "a link replaced by rename").await;
        place.remove("current");
        place.link("releases/3", "current");
        told(&mut watch, "a link made anew").await;
        place.rename("releases", "old");
        place.rename("old", "releases");
        not_told(&mut watch, "what is as it was").await;

        place.write("a/up.toml", "a");
        place.write("b/up.toml", "b");
        place.link("../a", "etc/gen");
        place.link("gen/up.toml", "etc/up.toml");
        let mut watch = place.watch(&["etc/up.toml"]).await;
        silence(&mut watch, rings);
        place.remove("etc/gen");
        place.link("../b", "etc/gen");
        told(&mut watch, "a link in the middle").await;
        place.write("b/up.toml", "written");
        told(&mut watch, "what the links lead to").await;
    })
    .await;
}

#[tokio::test]
async fn a_config_map_is_turned_as_kubernetes_does() {
    both(async |rings| {
        let place = WatchedFolder::new(&["..1", "..2"]);
        place.write("..1/up.toml", "1");
        place.write("..2/up.toml", "2");
        place.link("..1", "..data");
        place.link("..data/up.toml", "up.toml");
        let mut watch = place.watch(&["up.toml"]).await;
        silence(&mut watch, rings);
        place.link("..2", "..data_tmp");
        place.rename("..data_tmp", "..data");
        std::fs::remove_dir_all(place.at.join("..1")).expect("the old folder is removed");
        told(&mut watch, "..data").await;
    })
    .await;
}

#[tokio::test]
async fn folders_and_files_come_and_go() {
    both(async |rings| {
        let place = WatchedFolder::new(&["x/etc", "y/etc"]);
        place.write("x/etc/up.toml", "x");
        place.write("y/etc/up.toml", "y");
        let mut watch = place.watch(&["x/etc/up.toml", "secret"]).await;
        silence(&mut watch, rings);
        place.rename("x", "z");
        place.rename("y", "x");
        told(&mut watch, "a folder high above").await;
        place.write("secret", "one");
        told(&mut watch, "a file that was not there").await;
        place.remove("secret");
        told(&mut watch, "a file that is gone").await;
        place.write("secret", "");
        not_told(&mut watch, "an empty file in place of none").await;
        place.write("secret.new", "two");
        place.rename("secret.new", "secret");
        told(&mut watch, "a file put there by rename").await;
    })
    .await;
}

#[tokio::test]
async fn a_touch_is_no_change() {
    both(async |rings| {
        let place = WatchedFolder::new(&[]);
        place.write("up.toml", "text");
        let mut watch = place.watch(&["up.toml"]).await;
        silence(&mut watch, rings);
        place.write("up.toml", "text");
        not_told(&mut watch, "the same text").await;
        place.write("up.toml", "another");
        told(&mut watch, "another text").await;
        not_told(&mut watch, "what was told").await;
    })
    .await;
}

#[tokio::test]
async fn what_changed_while_nobody_looked_is_told() {
    let place = WatchedFolder::new(&[]);
    place.write("up.toml", "one");
    let mut watch = place.watch(&["up.toml"]).await;
    let known = watch.scans.known().to_vec();
    place.write("up.toml", "two");
    watch.follow(known);
    told(&mut watch, "a write between reading and following").await;
    let mut unknown = FileWatch::of(&place.at.join("up.toml"));
    told(&mut unknown, "a file of which nothing was known").await;
}

#[tokio::test]
async fn a_wait_that_is_given_up_loses_nothing() {
    let place = WatchedFolder::new(&[]);
    place.write("up.toml", "one");
    let mut watch = place.watch(&["up.toml"]).await;
    place.write("up.toml", "two");
    let end = Instant::now() + SOON;
    while timeout(Duration::from_millis(7), watch.changed())
        .await
        .is_err()
    {
        assert!(Instant::now() < end, "it is never told");
    }
}
