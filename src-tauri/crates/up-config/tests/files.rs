//! Files that can hardly be read, and what is said of them.

use std::path::{Path, PathBuf};

use up_config::{ConfigFile, load};

const SOURCE: &str = "[[source]]\ntype = \"github\"\n";

fn written(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("up.toml");
    std::fs::write(&path, bytes).expect("a file can be written");
    path
}

/// What is said of a file of those bytes, the folder's name left out.
fn check(bytes: &[u8], expected: &str) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = written(&folder, bytes);
    let told = match load(&ConfigFile::named(&path)) {
        Ok(plan) => format!("ok: {} sources", plan.sources()),
        Err(error) => error.to_string(),
    };
    let told = told.replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(told, expected);
}

#[test]
fn a_mark_and_windows_line_breaks_are_fine() {
    check(format!("\u{feff}{SOURCE}").as_bytes(), "ok: 1 sources");
    check(SOURCE.replace('\n', "\r\n").as_bytes(), "ok: 1 sources");
    check(
        b"\xef\xbb\xbf\r\nnmae = 1\r\n[[source]]\r\ntype = \"github\"\r\n",
        "up.toml:2:1: unknown key `nmae` at the top of the file\n    nmae = 1\n    ^^^^\nhelp: did \
         you mean `name`?",
    );
}

#[test]
fn bytes_that_are_not_utf8_are_found() {
    check(
        b"name = \"x\"\n# \xc3\xa4\xc3\xa4 \xe4 \xff\n",
        "up.toml:2:6: this file is not UTF-8: the byte 0xE4\n    # ää \u{fffd} \u{fffd}\n         \
         ^\nhelp: save it as UTF-8",
    );
    check(
        b"\xef\xbb\xbf\xff",
        "up.toml:1:1: this file is not UTF-8: the byte 0xFF\n    \u{fffd}\n    ^\nhelp: save it as \
         UTF-8",
    );
    check(
        b"\xff\xfen\0a\0",
        "up.toml:1:1: this file is not UTF-8: the byte 0xFF\n    \
         \u{fffd}\u{fffd}n\u{fffd}a\u{fffd}\n    ^\nhelp: it seems to be UTF-16: save it as UTF-8",
    );
}

#[test]
fn files_that_are_none() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let check = |path: &Path, expected: &str| {
        let told = load(&ConfigFile::named(path))
            .expect_err("it cannot be read")
            .to_string();
        let expected = format!("{}: {expected}", path.display());
        assert_eq!(told, expected);
    };
    let none = folder.path().join("none.toml");
    let help = "writes a commented one to start with";
    check(
        &none,
        &format!(
            "there is no such file\nhelp: `up init {}` {help}",
            none.display()
        ),
    );
    let odd = folder.path().join("it's mine.toml");
    let quoted = odd.display().to_string().replace('\'', r"'\''");
    check(
        &odd,
        &format!("there is no such file\nhelp: `up init '{quoted}'` {help}"),
    );
    check(folder.path(), "this file cannot be read: it is a folder");
    let large = folder.path().join("large.toml");
    let file = std::fs::File::create(&large).expect("a file can be made");
    file.set_len(64 * 1024 * 1024 + 1)
        .expect("a file can be sparse");
    check(
        &large,
        "this file is larger than 64 MiB\nhelp: it should hold a configuration: is it the right \
         one?",
    );
}

#[test]
fn secret_files_are_looked_for_beside_the_configuration() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(folder.path().join("uri"), "mongodb://h\n").expect("a file");
    let sink = "[[sink]]\ntype = \"mongo\"\nuri = { file = \"uri\" }\n";
    let path = written(&folder, format!("{SOURCE}{sink}").as_bytes());
    let plan = load(&ConfigFile::named(&path)).expect("the secret is read");
    let replica = plan.sinks[0].replica().expect("a mongo sink is a replica");
    assert_eq!(
        replica.uri.reveal(),
        "mongodb://h",
        "without the line break"
    );
    std::fs::remove_file(folder.path().join("uri")).expect("a file can be removed");
    let told = load(&ConfigFile::named(&path))
        .expect_err("the secret is gone")
        .to_string();
    assert!(told.contains(":5:7: the secret file "), "{told}");
}

#[cfg(unix)]
#[test]
fn plain_secrets_that_all_may_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a temporary directory");
    let http = "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n";
    let warnings = |keys: &str, mode: u32| {
        let path = written(
            &folder,
            format!("name = \"x\"\n{SOURCE}{http}{keys}").as_bytes(),
        );
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&path, permissions).expect("a mode can be set");
        load(&ConfigFile::named(&path)).expect("valid").warnings
    };
    let told = warnings("token = \"hunter2\"", 0o644);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("up.toml:7:9: other users of this machine can read this secret"),
        "{told:?}"
    );
    assert!(!told[0].contains("hunter2"), "{told:?}");
    assert_eq!(warnings("token = \"hunter2\"", 0o600), [""; 0]);
    assert_eq!(warnings("headers = { Accept = \"x\" }", 0o644), [""; 0]);
    assert_eq!(warnings("headers = { X-Token = \"x\" }", 0o644).len(), 1);
}
