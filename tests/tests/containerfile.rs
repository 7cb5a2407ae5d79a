//! The recipe of the container in config/packaging: its instructions, the files that it copies, its
//! user and its health check. Building it needs a registry of images, which is not asked for here.

use std::path::{Path, PathBuf};
use std::process::Command;

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The instructions of a recipe, each with its arguments on one line.
fn instructions(text: &str) -> Vec<(String, String)> {
    let lines = text.replace("\\\n", " ");
    let lines = lines.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        (name.to_owned(), rest.trim().to_owned())
    };
    lines.map(split).collect()
}

fn recipe() -> Vec<(String, String)> {
    let path = top().join("config/packaging/Containerfile");
    instructions(&std::fs::read_to_string(path).expect("the recipe is there"))
}

/// The arguments of the last instruction of this name.
fn last(name: &str) -> String {
    let recipe = recipe();
    let found = recipe.iter().rfind(|(of, _)| of == name);
    found.unwrap_or_else(|| panic!("no {name}")).1.clone()
}

/// The words of an instruction in the form that no shell interprets.
fn words(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The files that are copied from the repository.
fn copied() -> Vec<String> {
    let recipe = recipe();
    let copies = recipe.iter().filter(|(name, _)| name == "COPY");
    let own = copies.filter(|(_, of)| !of.contains("--from="));
    own.flat_map(|(_, of)| {
        let mut names: Vec<_> = of.split_whitespace().map(str::to_owned).collect();
        names.pop();
        names
    })
    .collect()
}

#[test]
fn every_instruction_is_one_of_the_format() {
    const KNOWN: [&str; 11] = [
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "FROM",
        "HEALTHCHECK",
        "RUN",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ];
    let recipe = recipe();
    for (name, rest) in &recipe {
        assert!(KNOWN.contains(&name.as_str()), "{name}");
        assert!(!rest.is_empty(), "{name} says nothing");
    }
    assert_eq!(recipe[0].0, "FROM", "a stage comes first");
    for stage in recipe.iter().filter_map(|(_, of)| of.split_once("--from=")) {
        let stage = stage.1.split(' ').next().expect("a name");
        let named = format!(" AS {stage}");
        assert!(
            recipe
                .iter()
                .any(|(name, of)| name == "FROM" && of.ends_with(&named)),
            "no stage {stage}"
        );
    }
}

#[test]
fn nothing_in_it_needs_root_or_a_shell() {
    let user = last("USER");
    assert!(
        user.split(':')
            .all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)),
        "the user is a number, so that an orchestrator can tell that it is not root: {user}"
    );
    let base = last("FROM");
    assert!(base == "scratch" || base.contains("/distroless/"), "{base}");
    let recipe = recipe();
    let image = recipe.iter().rposition(|(name, _)| name == "FROM");
    let image = &recipe[image.expect("an image")..];
    assert!(
        !image.iter().any(|(name, _)| name == "RUN"),
        "there is no shell"
    );
    let data = format!("--chown={user} /data /var/lib/up");
    assert!(
        image
            .iter()
            .any(|(name, of)| name == "COPY" && of.ends_with(&data)),
        "the user owns its data"
    );
    assert_eq!(words(&last("ENTRYPOINT")), ["/usr/bin/up"]);
    assert_eq!(words(&last("CMD")), ["watch"]);
    assert_eq!(words(&last("VOLUME")), ["/var/lib/up"]);
    let (_, check) = last("HEALTHCHECK")
        .split_once("CMD ")
        .map(|(options, check)| (options.to_owned(), words(check)))
        .expect("a check");
    assert_eq!(check, ["/usr/bin/up", "watch", "--check"]);
}

/// What is copied is a workspace that cargo can read, with every file that the program includes.
#[cfg(unix)]
#[test]
fn all_that_is_built_is_copied() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for name in copied() {
        assert!(top().join(&name).exists(), "no {name}");
        std::os::unix::fs::symlink(
            top().canonicalize().expect("a path").join(&name),
            folder.path().join(&name),
        )
        .expect("a link");
    }
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--no-deps",
            "--format-version=1",
        ])
        .current_dir(folder.path())
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        folder.path().join("config/starter.toml").is_file(),
        "the program includes it"
    );
}

#[test]
fn a_recipe_is_read_by_instructions() {
    let read = instructions("# a\nFROM x AS y\n\nRUN a && \\\n  b\n");
    let expected = [("FROM", "x AS y"), ("RUN", "a &&    b")];
    let expected = expected.map(|(name, rest)| (name.to_owned(), rest.to_owned()));
    assert_eq!(read, expected);
}
