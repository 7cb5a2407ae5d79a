//! What it takes to plan a file grows with the file, and not with its square.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use up_config::{ConfigFile, explain, load_text};

/// So much longer is the longer file.
const TIMES: usize = 10;
/// What grows with the square takes `TIMES` times that many times as long; what does not, about
/// `TIMES` times, on a machine that has other things to do.
const MOST: u32 = 45;
/// Anything may take that long.
const NOTHING: Duration = Duration::from_millis(300);

/// Compares the time for that many parts with the time for ten times as many.
fn check(what: &str, parts: usize, work: impl Fn(usize)) {
    let time = |parts: usize| {
        let begun = Instant::now();
        work(parts);
        begun.elapsed()
    };
    let mut told = Vec::new();
    for _ in 0..4 {
        let (short, long) = (time(parts), time(parts * TIMES));
        if long < short * MOST + NOTHING {
            return;
        }
        told.push((short, long));
    }
    panic!("{what}: {TIMES} times as many take far longer than {TIMES} times as long: {told:?}");
}

/// Plans `head`, then each part once; the whole is right or wrong as said.
fn plans(what: &str, is_right: bool, head: &str, part: impl Fn(&mut String, usize)) {
    check(what, 1_000, |parts| {
        let mut text = head.to_owned();
        (0..parts).for_each(|number| part(&mut text, number));
        let planned = load_text(&text, Path::new("up.toml"));
        assert_eq!(planned.is_ok(), is_right, "{what}: {:?}", planned.err());
    });
}

const HEAD: &str = "name = \"x\"\n[[source]]\ntype = \"tcp\"\nname = \"a\"\naddress = \"h:1\"\n";

/// Writing to a string cannot fail.
macro_rules! put {
    ($to:expr, $($part:tt)*) => { write!($to, $($part)*).expect("a string takes anything") };
}

#[test]
fn sinks() {
    plans("webhooks", true, HEAD, |text, n| {
        put!(
            text,
            "[[sink]]\ntype = \"webhook\"\nurl = \"http://h/{n}\"\n"
        );
    });
    plans("commands", true, HEAD, |text, n| {
        put!(
            text,
            "[[sink]]\ntype = \"command\"\ncommand = [\"a\", \"{n}\"]\n"
        );
    });
    plans("databases", true, HEAD, |text, n| {
        put!(
            text,
            "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://h{n}\"\n"
        );
    });
    plans("the same sinks", false, HEAD, |text, _| {
        put!(text, "[[sink]]\ntype = \"webhook\"\nurl = \"http://h/\"\n");
    });
}

#[test]
fn sources() {
    let source = |text: &mut String, n: usize, keys: &str| {
        put!(
            text,
            "[[source]]\ntype = \"tcp\"\nname = \"s{n}\"\naddress = \"h:1\"\n{keys}\n"
        );
    };
    plans("sources", true, HEAD, |text, n| source(text, n, ""));
    plans("sources without names", true, HEAD, |text, _| {
        put!(text, "[[source]]\ntype = \"tcp\"\naddress = \"h:1\"\n");
    });
    plans("a chain of dependencies", true, HEAD, |text, n| {
        let on = n.checked_sub(1).map_or("a".into(), |n| format!("s{n}"));
        source(text, n, &format!("depends_on = [\"{on}\"]"));
    });
    plans(
        "all on the tree beside them",
        true,
        &format!(
            "{HEAD}[[source]]\ntype = \"tree\"\nname = \"t\"\n[[source.source]]\ntype = \"tcp\"\nname = \"a\"\naddress = \"h:1\"\n"
        ),
        |text, n| {
            source(text, n, "depends_on = [\"t\"]");
        },
    );
    plans("dependencies on nothing", false, HEAD, |text, n| {
        source(text, n, &format!("depends_on = [\"z{n}\"]"));
    });
    plans("references of their own", true, HEAD, |text, n| {
        source(text, n, &format!("reference = [\"http://r{n}/\"]"));
    });
}

#[test]
fn syntax_errors() {
    for line in [
        "a = x\n",
        "a = 1 = 2\n",
        "a = { b = 1 b = 2 }\n",
        "[]\n",
        "a = [\n",
    ] {
        plans(line, false, HEAD, |text, _| text.push_str(line));
    }
}

#[test]
fn trees() {
    check("a tree on a tree", 1_000, |parts| {
        let mut text = "name = \"x\"\n".to_owned();
        for (tree, keys) in [("a", ""), ("b", "depends_on = [\"a\"]\n")] {
            put!(
                text,
                "[[source]]\ntype = \"tree\"\nname = \"{tree}\"\n{keys}"
            );
            for n in 0..parts / 2 {
                put!(
                    text,
                    "[[source.source]]\ntype = \"tcp\"\nname = \"{n}\"\naddress = \"h:1\"\n"
                );
            }
        }
        load_text(&text, Path::new("up.toml")).expect("it is right");
    });
    check("trees in trees", 6, |deep| {
        let mut text = "name = \"x\"\n".to_owned();
        for level in 1..=deep {
            let header = vec!["source"; level].join(".");
            put!(text, "[[{header}]]\ntype = \"tree\"\nname = \"t\"\n");
        }
        load_text(&text, Path::new("up.toml")).expect("it is right");
    });
}

#[test]
fn maintenance() {
    let window = |text: &mut String, path: &str| {
        put!(
            text,
            "[[maintenance]]\npaths = [\"{path}\"]\nat = \"02:00\"\nfor = \"1h\"\n"
        );
    };
    for (what, is_right) in [("windows", true), ("windows of nothing", false)] {
        plans(what, is_right, HEAD, |text, n| {
            put!(
                text,
                "[[source]]\ntype = \"tcp\"\nname = \"s{n}\"\naddress = \"h:1\"\n"
            );
            window(
                text,
                &if is_right {
                    format!("/x/s{n}")
                } else {
                    format!("/x/z{n}")
                },
            );
        });
    }
}

#[test]
fn secrets_of_one_source() {
    let head = "[[source]]\ntype = \"command\"\ncommand = [\"a\"]\n[source.env]\n";
    let folder = tempfile::tempdir().expect("a temporary directory");
    check("variables that all may read", 2_000, |parts| {
        let mut text = head.to_owned();
        (0..parts).for_each(|n| put!(text, "A{n} = \"v{n}\"\n"));
        let path = folder.path().join("up.toml");
        std::fs::write(&path, text).expect("a file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let all = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(&path, all).expect("a mode can be set");
        }
        explain(&ConfigFile::named(&path), "/a").expect("it is right");
    });
}

#[test]
fn explaining_one_of_many() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for path in ["/x/s9", "/x/nothing"] {
        check("explaining", 1_000, |parts| {
            let mut text = HEAD.to_owned();
            for n in 0..parts {
                put!(
                    text,
                    "[[source]]\ntype = \"tcp\"\nname = \"s{n}\"\naddress = \"h:1\"\n"
                );
            }
            let file = folder.path().join("up.toml");
            std::fs::write(&file, text).expect("a file");
            let explained = explain(&ConfigFile::named(&file), path);
            assert_eq!(explained.is_ok(), path == "/x/s9");
        });
    }
}
