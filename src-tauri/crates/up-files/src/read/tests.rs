//! Tests with files that never deliver their bytes, never end, or cannot be trusted.

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::sync::mpsc::channel;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::geteuid;

use super::*;

const REQUEST: ReadRequest = ReadRequest {
    largest: 1 << 20,
    patience: Duration::from_millis(300),
    trusted: false,
};

fn pipe(path: &Path) {
    let mode = Mode::RUSR | Mode::WUSR;
    mknodat(CWD, path, FileType::Fifo, mode, 0).expect("a pipe can be made");
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let read = FileReader::default().read(path, REQUEST);
    read.map(|content| content.bytes)
        .map_err(|error| error.to_string())
}

#[test]
fn whatever_does_not_end_is_given_up() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| folder.path().join(name);
    pipe(&at("pipe"));
    let sparse = File::create(at("huge")).expect("a file can be made");
    sparse.set_len(10 << 30).expect("a file can be sparse");
    std::fs::write(at("mebibyte"), vec![b'x'; 1 << 20]).expect("a file");
    let check = |path: &Path, expected: Result<usize, &str>| match (read(path), expected) {
        (Ok(bytes), Ok(expected)) => assert_eq!(bytes.len(), expected, "{}", path.display()),
        (Err(told), Err(expected)) => assert!(told.contains(expected), "{told}"),
        (read, _) => panic!("{}: {:?}", path.display(), read.map(|bytes| bytes.len())),
    };
    check(&at("pipe"), Err("did not come within 0.3s"));
    check(Path::new("/dev/zero"), Err("larger than 1 MiB"));
    check(Path::new("/dev/null"), Ok(0));
    check(&at("huge"), Err("larger than 1 MiB"));
    check(&at("mebibyte"), Ok(1 << 20));
    check(folder.path(), Err("it is a folder"));
    check(&at("none"), Err("No such file"));
}

#[test]
fn a_pipe_with_a_writer_is_read_to_its_end() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("pipe");
    pipe(&path);
    let own = path.clone();
    let writer = std::thread::spawn(move || {
        let mut end = File::options()
            .write(true)
            .open(own)
            .expect("a reader is there");
        end.write_all(b"one ").expect("it is written");
        end.write_all(b"two").expect("it is written");
    });
    let patient = ReadRequest {
        patience: Duration::from_secs(20),
        ..REQUEST
    };
    let content = FileReader::default()
        .read(&path, patient)
        .expect("it is read");
    assert_eq!(content.bytes, b"one two");
    assert!(!content.identity().is_regular());
    writer.join().expect("it has written");
}

#[test]
fn a_file_that_is_stuck_keeps_one_thread_and_is_read_when_it_comes_back() {
    let reader = FileReader::default();
    let (path, patience) = (Path::new("/dead/mount"), Duration::from_millis(1));
    let (answers, mount) = channel::<()>();
    let late = reader.wait(path, patience, move |_| {
        // This blocks like a call to a mount that does not answer.
        let _ = mount.recv();
        Ok(1)
    });
    assert!(matches!(late, Err(ReadError::Late(_))), "{late:?}");
    let again = reader.wait(path, patience, |_| Ok(2));
    assert!(matches!(again, Err(ReadError::Stuck)), "{again:?}");
    drop(answers);
    let end = Instant::now() + Duration::from_secs(20);
    while reader.stuck().contains(path) {
        assert!(Instant::now() < end, "the thread has not ended");
        std::thread::yield_now();
    }
    let back = reader.wait(path, Duration::from_secs(20), |_| Ok(3));
    assert_eq!(back.expect("it answers again"), 3);
}

/// Reads `path` as a file that must be trusted, and returns why it was refused.
fn trusted(path: &Path) -> Option<Refused> {
    let request = ReadRequest {
        trusted: true,
        ..REQUEST
    };
    match FileReader::default().read(path, request) {
        Ok(_) => None,
        Err(ReadError::Refused(refused)) => Some(refused),
        Err(other) => panic!("{}: {other}", path.display()),
    }
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("a mode can be set");
}

#[test]
fn a_file_is_trusted_when_nobody_else_can_change_it() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let at = folder.path().canonicalize().expect("it is there");
    let (file, link) = (at.join("in/up.toml"), at.join("links/up.toml"));
    for made in ["in", "links"] {
        std::fs::create_dir(at.join(made)).expect("a folder");
        set_mode(&at.join(made), 0o755);
    }
    std::fs::write(&file, "").expect("a file");
    symlink("../in/up.toml", &link).expect("a link");
    set_mode(&file, 0o644);
    let check = |path: &Path, expected: Option<&Path>| {
        let refused = trusted(path);
        let at = refused.as_ref().map(|refused| match refused {
            Refused::Writable(path) | Refused::Belongs(path, _) | Refused::Replaced(path) => path,
        });
        assert_eq!(at.map(PathBuf::as_path), expected, "{refused:?}");
    };
    check(&file, None);
    check(&link, None);
    for (mode, others_write) in [(0o600, false), (0o620, true), (0o602, true), (0o444, false)] {
        set_mode(&file, mode);
        check(&file, others_write.then_some(&file));
        check(&link, others_write.then_some(&link));
    }
    for (mode, refused) in [
        (0o775, true),
        (0o757, true),
        (0o1777, false),
        (0o711, false),
    ] {
        set_mode(&at.join("in"), mode);
        check(&file, refused.then_some(&at.join("in")));
        check(&link, refused.then_some(&at.join("in")));
    }
    set_mode(&at.join("links"), 0o777);
    check(&link, Some(&at.join("links")));
    check(&file, None);
}

#[test]
fn what_belongs_to_somebody_else_is_not_trusted() {
    if !geteuid().is_root() {
        // Only root can give files away, so this test checks nothing for other users. The suites
        // that run as root cover it.
        return;
    }
    let give = |path: &Path| {
        std::os::unix::fs::lchown(path, Some(65_534), Some(65_534)).expect("root gives it away");
    };
    let set = || {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let at = folder.path().canonicalize().expect("it is there");
        std::fs::create_dir_all(at.join("a/b")).expect("folders");
        std::fs::write(at.join("a/b/up.toml"), "").expect("a file");
        symlink("b/up.toml", at.join("a/link")).expect("a link");
        (folder, at)
    };
    for (given, path, refused) in [
        ("a/b/up.toml", "a/b/up.toml", true),
        ("a/b", "a/b/up.toml", true),
        ("a/link", "a/link", true),
        ("a", "a/link", true),
        ("a/link", "a/b/up.toml", false),
    ] {
        let (_folder, at) = set();
        assert_eq!(trusted(&at.join(path)), None);
        give(&at.join(given));
        let expected = refused.then(|| Refused::Belongs(at.join(given), 65_534));
        assert_eq!(trusted(&at.join(path)), expected, "{given} given away");
    }
    let (_folder, at) = set();
    chown(at.join("a/b/up.toml"), Some(0), Some(65_534)).expect("root gives it away");
    assert_eq!(
        trusted(&at.join("a/b/up.toml")),
        None,
        "a group owns nothing"
    );
}
