//! All files that Up creates are readable by their owner only, whatever the umask, and are created
//! through no link.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::process::{Signal, geteuid};
use up_tests::up::{Up, eventually};

const SITE: &str = "[[source]]\ntype = \"command\"\nname = \"c\"\ncommand = [\"true\"]\n\
                    [[sink]]\ntype = \"history\"\n[[sink]]\ntype = \"stdout\"\n";

/// An `up` with a umask of 0. The configuration is named, because with that umask anybody may write
/// it.
fn careless() -> Up {
    let mut up = Up::with(SITE);
    let words = ["sh", "-c", "umask 0; exec \"$@\"", "sh"].map(str::to_owned);
    up.env("UP_CONFIG", "up.toml").through(&words);
    up
}

/// Each command, with its further arguments.
const COMMANDS: [(&str, &[&str]); 18] = [
    ("validate", &[]),
    ("init", &["made/by.toml"]),
    ("note", &["text"]),
    ("snooze", &["/c"]),
    ("ack", &["/c", "--note", "text"]),
    ("pause", &["/c"]),
    ("resume", &["/c"]),
    ("mute", &[]),
    ("unmute", &[]),
    ("controls", &[]),
    ("history", &["/c"]),
    ("agents", &[]),
    ("alerts", &[]),
    ("why", &["/c"]),
    ("schema", &[]),
    ("completions", &["bash"]),
    ("man", &[]),
    ("watch", &["--log-file", "up.log"]),
];

/// All files and folders below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let is_folder = path.symlink_metadata().expect("it is there").is_dir();
        all.push(path.clone());
        if is_folder {
            all.extend(below(&path));
        }
    }
    all
}

/// Checks that only the owner has access to what was created since `before`. Returns how many these
/// are.
fn all_private(up: &Up, before: &BTreeSet<PathBuf>, by: &str) -> usize {
    let made: Vec<PathBuf> = below(up.dir());
    let made: Vec<_> = made.iter().filter(|path| !before.contains(*path)).collect();
    for path in &made {
        let metadata = path.symlink_metadata().expect("it is there");
        let (rights, shown) = (metadata.permissions().mode() & 0o777, path.display());
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(
            rights, expected,
            "{shown}, made by `up {by}`, is {rights:o}"
        );
    }
    made.len()
}

#[test]
fn every_command_makes_what_is_its_owners_alone() {
    let listed = Up::new().run(["--help"]).out;
    let listed: BTreeSet<&str> = listed
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.starts_with("Options:"))
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty())
        .collect();
    let known: BTreeSet<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, known, "every command is tried here");
    let mut makers = Vec::new();
    for (name, rest) in COMMANDS.into_iter().chain([("--json", [].as_slice())]) {
        let up = careless();
        std::fs::create_dir(up.dir().join("made")).expect("a folder");
        let before = below(up.dir()).into_iter().collect();
        let args: Vec<&str> = [name].into_iter().chain(rest.iter().copied()).collect();
        if name == "watch" {
            let mut watch = up.start(args);
            watch.out_until("c: UP");
            eventually("it listens", || up.data().join("control.sock").exists());
            assert_eq!(up.run(["mute"]).code, Some(0));
            all_private(&up, &before, "watch, while it runs");
            watch.end(Signal::TERM);
        } else {
            up.run(args);
        }
        if all_private(&up, &before, name) > 0 {
            makers.push(name);
        }
    }
    let expected = [
        "init", "note", "snooze", "ack", "pause", "mute", "history", "watch", "--json",
    ];
    for maker in expected {
        assert!(
            makers.contains(&maker),
            "{maker} makes something: {makers:?}"
        );
    }
}

#[test]
fn nothing_is_made_through_a_link() {
    for (name, args) in [
        ("controls.json.new", ["mute"].as_slice()),
        ("controls.lock", &["mute"]),
        ("controls.json", &["mute"]),
        ("history.db", &["note", "text"]),
        ("history.db", &["history", "/c"]),
        ("../made.toml", &["init", "made.toml"]),
    ] {
        for victim_is_there in [true, false] {
            let up = careless();
            let victim = up.dir().join("victim");
            if victim_is_there {
                std::fs::write(&victim, "precious").expect("a file");
            }
            std::fs::create_dir(up.data()).expect("a folder");
            symlink(&victim, up.data().join(name)).expect("a link");
            let outcome = up.run(args);
            let left = std::fs::read_to_string(&victim).ok();
            let expected = victim_is_there.then(|| "precious".to_owned());
            assert_eq!(left, expected, "{name}, {args:?}: {outcome:?}");
        }
    }
}

#[test]
fn a_socket_is_made_through_no_link() {
    for name in ["control.new", "control.sock", "control.sock.lock"] {
        let up = careless();
        std::fs::create_dir(up.data()).expect("a folder");
        symlink(up.dir().join("victim"), up.data().join(name)).expect("a link");
        let mut watch = up.start(["watch"]);
        watch.out_until("c: UP");
        let listens = || {
            let socket = up.data().join("control.sock");
            socket
                .symlink_metadata()
                .is_ok_and(|there| !there.is_symlink())
        };
        if name != "control.sock.lock" {
            eventually("it listens", listens);
        }
        watch.end(Signal::TERM);
        assert!(!up.dir().join("victim").exists(), "{name}");
    }
}

#[test]
fn a_data_folder_that_others_may_change_is_refused_and_said() {
    let check = |spoil: &dyn Fn(&Path), expected: &str| {
        for args in [["mute"].as_slice(), &["note", "text"], &["history", "/c"]] {
            let up = Up::with(SITE);
            std::fs::create_dir(up.data()).expect("a folder");
            spoil(&up.data());
            let outcome = up.run([["-c", "up.toml"].as_slice(), args].concat());
            assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
            assert!(outcome.err.contains(expected), "{args:?}: {}", outcome.err);
            assert_eq!(
                below(&up.data()),
                Vec::<PathBuf>::new(),
                "nothing was made there"
            );
        }
        let up = Up::with(SITE);
        std::fs::create_dir(up.data()).expect("a folder");
        spoil(&up.data());
        let watch = up.start(["-c", "up.toml", "watch"]);
        watch.err_until(expected);
        watch.out_until("c: UP");
    };
    for mode in [0o777, 0o770, 0o1777] {
        let open = move |data: &Path| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(data, permissions).expect("a mode can be set");
        };
        check(&open, "may be written by other users");
    }
    if geteuid().is_root() {
        let give = |data: &Path| {
            lchown(data, Some(65_534), Some(65_534)).expect("root gives it away");
            assert_eq!(data.metadata().expect("it is there").uid(), 65_534);
        };
        check(&give, "belongs to another user");
    }
}
