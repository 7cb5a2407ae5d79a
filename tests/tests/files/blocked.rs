//! Files that cannot be read to their end: pipes without a writer, endless devices, and files that
//! are far too large.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use up_tests::up::{Up, eventually};

/// A time that is longer than all bounds of Up.
const WITHIN: Duration = Duration::from_secs(40);

const SITE: &str = "name = \"R\"\ninterval = \"1s\"\n[[source]]\ntype = \"command\"\nname = \"c\"\n\
                    command = [\"true\"]\n";

fn pipe(path: &Path) {
    let mode = Mode::RUSR | Mode::WUSR;
    mknodat(CWD, path, FileType::Fifo, mode, 0).expect("a pipe can be made");
}

/// Replaces a file by something that cannot be read to its end.
fn put(path: &Path, kind: &str) {
    match kind {
        "pipe" => pipe(path),
        "folder" => std::fs::create_dir(path).expect("a folder"),
        "huge" => {
            let file = std::fs::File::create(path).expect("a file");
            file.set_len(10 << 30).expect("a file can be sparse");
        }
        device => std::os::unix::fs::symlink(device, path).expect("a link"),
    }
}

const KINDS: [(&str, &str); 4] = [
    ("pipe", "did not come within 3s"),
    ("folder", "it is a folder"),
    ("huge", "larger than"),
    ("/dev/zero", "larger than"),
];

/// Runs a check and a validation, which must both report the file in time.
fn both_say(up: &Up, place: &str, why: &str) {
    for args in [["-c", "up.toml"].as_slice(), &["-c", "up.toml", "validate"]] {
        let begun = Instant::now();
        let outcome = up.run(args);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.err.starts_with(place), "{}", outcome.err);
        assert!(outcome.err.contains(why), "{}", outcome.err);
        let took = begun.elapsed();
        assert!(took < WITHIN, "{why} took {took:?}");
    }
}

#[test]
fn a_secret_that_does_not_come_is_said_with_its_file_and_key() {
    for (kind, why) in KINDS {
        let up = Up::with(format!("{SITE}env = {{ A = {{ file = \"secret\" }} }}\n"));
        put(&up.dir().join("secret"), kind);
        both_say(&up, "up.toml:7:", why);
        let told = up.run(["-c", "up.toml", "validate"]).err;
        assert!(told.contains("the secret file secret"), "{told}");
        assert!(
            told.contains("env = { A = { file = \"secret\" } }"),
            "{told}"
        );
    }
}

#[test]
fn many_secrets_that_do_not_come_take_no_longer_than_a_few() {
    let env: Vec<String> = (0..50)
        .map(|n| format!("A{n} = {{ file = \"p{n}\" }}"))
        .collect();
    let up = Up::with(format!("{SITE}env = {{ {} }}\n", env.join(", ")));
    (0..50).for_each(|n| pipe(&up.dir().join(format!("p{n}"))));
    both_say(&up, "up.toml:7:", "did not come");
}

#[test]
fn an_up_toml_that_does_not_come_is_said() {
    for (kind, why) in KINDS {
        let up = Up::new();
        put(&up.dir().join("up.toml"), kind);
        both_say(&up, "up.toml: ", why);
    }
}

#[test]
fn a_secret_that_blocks_stops_no_reload() {
    let up = Up::with(format!("{SITE}env = {{ A = {{ file = \"secret\" }} }}\n"));
    up.write("secret", "one");
    let mut watch = up.start(["watch"]);
    watch.out_until("R: UP");
    let secret = up.dir().join("secret");
    std::fs::remove_file(&secret).expect("it is removed");
    pipe(&secret);
    let told = watch.err_until("up.toml:7:");
    assert!(
        told.contains("secret") && told.contains("did not come"),
        "{told}"
    );
    // Without the key the configuration is valid, and is loaded although the pipe is still there.
    up.write(
        "up.toml",
        SITE.replace("[\"true\"]", "[\"sh\", \"-c\", \"echo new >>new\"]"),
    );
    watch.err_until("over: ");
    eventually("the new one is asked", || up.dir().join("new").exists());
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn a_configuration_may_come_through_a_pipe() {
    let mut up = Up::new();
    let words = ["sh", "-c", "printf %s \"$SITE\" | \"$@\"", "sh"].map(str::to_owned);
    up.env("SITE", SITE).through(&words);
    for args in [
        ["-c", "/dev/stdin", "validate"].as_slice(),
        &["-c", "/dev/stdin", "validate", "--explain", "/R/c"],
    ] {
        let outcome = up.run(args);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}
