//! What is in the packages, and what they say that they need.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;

use super::{VERSION, build, find, output, packages, tray, unpacked, work};

/// The packages, with the program of each.
const NAMES: [&str; 2] = ["up", "up-tray"];

fn gunzip(path: &Path) -> String {
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("compressed text");
    text
}

#[test]
fn the_same_programs_give_the_same_bytes() {
    let again = work("packages-again");
    build(&again, VERSION, "077");
    let names = |folder: &Path| -> BTreeSet<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder of packages");
        entries
            .map(|entry| entry.expect("an entry").file_name().into())
            .collect()
    };
    let all = names(packages());
    assert_eq!(
        all.len(),
        6,
        "a .deb, a .rpm and a .tar.gz of each: {all:?}"
    );
    assert_eq!(all, names(&again));
    for name in all {
        let read = |folder: &Path| std::fs::read(folder.join(&name)).expect("a package");
        assert!(read(packages()) == read(&again), "{}", name.display());
    }
}

#[test]
fn lintian_finds_no_error() {
    for name in NAMES {
        let deb = find(packages(), &format!("{name}_"), ".deb");
        output(
            Command::new("lintian")
                .args(["--allow-root", "--fail-on=error"])
                .arg(deb),
        );
    }
}

#[test]
fn the_desktop_accepts_the_entry_and_the_metadata() {
    let tray = unpacked("up-tray");
    let share = tray.path().join("usr/share");
    let id = "io.github.up-monitor.up";
    let entry = share.join(format!("applications/{id}.desktop"));
    assert_eq!(
        output(Command::new("desktop-file-validate").arg(&entry)),
        ""
    );
    let metadata = share.join(format!("metainfo/{id}.metainfo.xml"));
    output(
        Command::new("appstreamcli")
            .args(["validate", "--no-net"])
            .arg(&metadata),
    );
    let metadata = std::fs::read_to_string(metadata).expect("the metadata");
    assert!(metadata.contains(&format!("<release version=\"{VERSION}\" date=\"20")));
    for size in [16, 22, 24, 32, 48, 64, 96, 128, 256, 512] {
        let icon = share.join(format!("icons/hicolor/{size}x{size}/apps/{id}.png"));
        let drawn = image::open(&icon).unwrap_or_else(|e| panic!("{}: {e}", icon.display()));
        assert_eq!((drawn.width(), drawn.height()), (size, size));
    }
    assert!(
        share
            .join(format!("icons/hicolor/scalable/apps/{id}.svg"))
            .is_file()
    );
}

/// The names of the libraries that a program asks the dynamic linker for.
fn linked(program: &Path) -> Vec<String> {
    let text = output(
        Command::new("readelf")
            .args(["--dynamic", "--wide"])
            .arg(program),
    );
    let lines = text.lines().filter(|line| line.contains("(NEEDED)"));
    let name = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    let names: Vec<_> = lines.filter_map(name).collect();
    assert!(names.contains(&"libc.so.6".to_owned()), "{text}");
    names
}

/// The packages of this system that own a library.
fn owners(library: &str) -> BTreeSet<String> {
    let text = output(Command::new("dpkg").args(["--search", &format!("*/{library}")]));
    let owner = |line: &str| Some(line.split_once(": ")?.0.split(':').next()?.to_owned());
    text.lines().filter_map(owner).collect()
}

#[test]
fn nothing_is_linked_that_is_not_declared() {
    for name in NAMES {
        let folder = unpacked(name);
        let linked = linked(&folder.path().join("usr/bin").join(name));
        let deb = find(packages(), &format!("{name}_"), ".deb");
        let depends = output(
            Command::new("dpkg-deb")
                .arg("--field")
                .arg(deb)
                .arg("Depends"),
        );
        let depends: BTreeSet<_> = depends
            .split(',')
            .filter_map(|one| one.split_whitespace().next())
            .collect();
        let rpm = find(packages(), &format!("{name}-{VERSION}"), ".rpm");
        let requires = output(Command::new("rpm").args(["-qp", "--requires"]).arg(rpm));
        for library in linked {
            // The dynamic linker belongs to the C library.
            if library.starts_with("ld-linux") {
                continue;
            }
            let owners = owners(&library);
            assert!(
                owners.iter().any(|owner| depends.contains(owner.as_str())),
                "{name}: {library} of {owners:?} is not in {depends:?}"
            );
            assert!(
                requires.contains(&format!("{library}(")),
                "{name}: {library} in {requires}"
            );
        }
    }
}

/// `.cargo/config.toml` says which parts of SQLite are compiled in.
#[test]
fn sqlite_comes_without_what_no_query_names() {
    for program in [super::program(), tray()] {
        let mut grep = Command::new("grep");
        grep.args(["--text", "--only-matching", "--extended-regexp"])
            .arg("sqlite_master|fts3tokenize|fts5_api_ptr|rtreenode")
            .arg(&program);
        let text = output(&mut grep);
        let found: BTreeSet<_> = text.lines().collect();
        assert_eq!(found, ["sqlite_master"].into(), "{}", program.display());
    }
}

#[test]
fn every_command_has_a_page_and_completions() {
    let up = unpacked("up");
    let share = up.path().join("usr/share");
    let help = output(Command::new(super::program()).arg("--help"));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<_> = commands
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"watch"), "{help}");
    for command in &commands {
        let page = share.join(format!("man/man1/up-{command}.1.gz"));
        assert!(page.is_file(), "no page of {command}");
    }
    for folder in [&up, &unpacked("up-tray")] {
        let pages = folder.path().join("usr/share/man/man1");
        for page in std::fs::read_dir(pages).expect("pages") {
            let page = page.expect("a page").path();
            let mut man = Command::new("man");
            let said = man
                .args(["--local-file", "--warnings"])
                .arg(&page)
                .env("LC_ALL", "C.UTF-8");
            let said = said.output().expect("man can be started");
            let warnings = String::from_utf8_lossy(&said.stderr);
            assert!(
                said.status.success() && warnings.is_empty(),
                "{}: {warnings}",
                page.display()
            );
        }
    }
    for name in [
        "bash-completion/completions/up",
        "zsh/vendor-completions/_up",
        "fish/vendor_completions.d/up.fish",
    ] {
        let text = std::fs::read_to_string(share.join(name)).expect("completions");
        for command in &commands {
            assert!(text.contains(command), "{name} completes {command}");
        }
    }
    output(
        Command::new("bash")
            .arg("-n")
            .arg(share.join("bash-completion/completions/up")),
    );
}

/// The texts of the desktop application are written by hand: they must name what it takes.
#[test]
fn the_options_of_the_desktop_application_are_documented() {
    let help = output(Command::new(tray()).arg("--help"));
    let words = help
        .split([' ', ',', '\n'])
        .filter(|word| word.starts_with('-'));
    let options: BTreeSet<_> = words.map(|word| word.trim_end_matches(',')).collect();
    assert!(options.contains("--panel"), "{help}");
    let folder = unpacked("up-tray");
    let share = folder.path().join("usr/share");
    let read = |name: &str| std::fs::read_to_string(share.join(name)).expect("it is there");
    let page = gunzip(&share.join("man/man1/up-tray.1.gz")).replace('\\', "");
    let texts = [
        ("man page", page, false),
        ("bash", read("bash-completion/completions/up-tray"), false),
        ("zsh", read("zsh/vendor-completions/_up-tray"), false),
        ("fish", read("fish/vendor_completions.d/up-tray.fish"), true),
    ];
    for (name, text, is_bare) in &texts {
        for option in &options {
            let option = match (is_bare, option.strip_prefix("--")) {
                (false, _) => (*option).to_owned(),
                (true, Some(long)) => format!("-l {long}"),
                (true, None) => format!("-s {}", option.trim_start_matches('-')),
            };
            assert!(text.contains(&option), "{name} has {option}");
        }
    }
    output(
        Command::new("bash")
            .arg("-n")
            .arg(share.join("bash-completion/completions/up-tray")),
    );
}

#[test]
fn every_library_comes_with_its_licence() {
    for (name, some) in [("up", "rusqlite "), ("up-tray", "svelte ")] {
        let folder = unpacked(name);
        let doc = folder.path().join("usr/share/doc").join(name);
        let text = gunzip(&doc.join("third-party-licences.txt.gz"));
        let (list, texts) = text.split_once(&"-".repeat(79)).expect("a list, and texts");
        let libraries: Vec<_> = list
            .lines()
            .skip(2)
            .filter(|line| !line.is_empty())
            .collect();
        assert!(libraries.len() > 100, "{list}");
        assert!(
            libraries.iter().any(|line| line.starts_with(some)),
            "{list}"
        );
        // The first line of a text lists the libraries that it belongs to.
        let named: BTreeSet<_> = texts
            .split(&"-".repeat(79))
            .filter_map(|text| text.trim_start().lines().next())
            .flat_map(|line| line.split(", "))
            .collect();
        for library in libraries {
            let (of, licence) = library.split_once(": ").expect("a licence");
            assert!(
                !licence.is_empty() && !licence.starts_with(','),
                "{library}"
            );
            let is_rust = of == "standard library of Rust";
            assert!(named.contains(of) || is_rust, "no text: {library}");
        }
        let own = std::fs::read_to_string(doc.join("copyright")).expect("the copyright");
        assert!(own.contains("The Up authors") && own.contains("Permission is hereby granted"));
    }
}

#[test]
fn the_samples_are_valid() {
    let folder = unpacked("up");
    let doc = folder.path().join("usr/share/doc/up");
    let sample = doc.join("up.toml");
    let mut validate = Command::new(super::program());
    let data = tempfile::tempdir().expect("a temporary directory");
    validate
        .env("UP_DATA_DIR", data.path())
        .arg("validate")
        .arg("-c")
        .arg(sample);
    assert!(output(&mut validate).starts_with("ok: "));
    assert!(doc.join("examples/http.toml").is_file());
    assert!(doc.join("examples/up-system.service.d/icmp.conf").is_file());
    assert!(
        folder
            .path()
            .join("usr/lib/systemd/system/up-system.service")
            .is_file()
    );
    assert!(
        folder
            .path()
            .join("usr/lib/systemd/user/up.service")
            .is_file()
    );
}
