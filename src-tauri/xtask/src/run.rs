//! `cargo xtask run`: builds Up and starts it in the tray.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use crate::command;
use crate::failure::TaskFailure;
use crate::needs::{self, BUILD};
use crate::panel;
use crate::rust::{self, BUILD_LIMIT};

/// The annotated sample in the checkout, for people without a configuration.
const SAMPLE: &str = "config/up.toml";

/// Installs what is missing, builds, and starts `up-tray`. Returns its exit status.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, TaskFailure> {
    let (release, arguments) = split(arguments)?;
    if cfg!(target_os = "linux") {
        needs::ensure(&[BUILD], Duration::from_mins(20))?;
    }
    needs::ensure_node()?;
    panel::ensure_packages(Duration::from_mins(10))?;
    panel::build(Duration::from_mins(10))?;
    let tray = rust::tray(release, BUILD_LIMIT)?;
    let mut start = std::process::Command::new(tray);
    start.args(arguments);
    if !is_configured(arguments, places().as_slice()) {
        let sample = crate::root().join(SAMPLE);
        say!(
            "\nThere is no up.toml of yours, so Up starts on {}.",
            sample.display()
        );
        say!("`up init` writes one to begin with.");
        start.arg("-c").arg(sample);
    }
    let status = command::hand_over(&mut start)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Separates our own option from the arguments of `up-tray`, which follow `--`.
fn split(arguments: &[String]) -> Result<(bool, &[String]), TaskFailure> {
    let at = arguments.iter().position(|argument| argument == "--");
    let (ours, theirs) = at.map_or((arguments, &[][..]), |at| {
        (&arguments[..at], &arguments[at + 1..])
    });
    match ours {
        [] => Ok((false, theirs)),
        [option] if option == "--release" => Ok((true, theirs)),
        [other, ..] => Err(TaskFailure::Usage(format!(
            "run knows `--release`, not `{other}`; what is for up-tray goes behind `--`"
        ))),
    }
}

/// True if `up-tray` was given a configuration, even a wrong one, or finds one in `places`.
fn is_configured(arguments: &[String], places: &[PathBuf]) -> bool {
    let told = arguments.iter().any(|argument| {
        argument.starts_with("-c") || argument.split('=').next() == Some("--config")
    });
    told || std::env::var_os("UP_CONFIG").is_some() || places.iter().any(|place| place.exists())
}

/// Where `up-tray` looks for its configuration: the working directory, then the user's
/// configuration folder.
fn places() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let home = || variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let configuration = if cfg!(windows) {
        variable("APPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        // The XDG Base Directory Specification says that a relative path is ignored.
        let named = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        named.or_else(|| home().map(|home| home.join(".config")))
    };
    let own = configuration.map(|folder| folder.join("up/up.toml"));
    [Some(Path::new("up.toml").to_path_buf()), own]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn our_option_stands_before_the_two_dashes() {
        let check = |line: &str, expected: Option<(bool, &str)>| {
            let arguments = words(line);
            let found = split(&arguments)
                .ok()
                .map(|(release, rest)| (release, rest.join(" ")));
            assert_eq!(
                found,
                expected.map(|(r, rest)| (r, rest.to_owned())),
                "{line}"
            );
        };
        check("", Some((false, "")));
        check("--release", Some((true, "")));
        check("-- --panel", Some((false, "--panel")));
        check(
            "--release -- -c x.toml --release",
            Some((true, "-c x.toml --release")),
        );
        check("--panel", None);
    }

    #[test]
    fn who_names_a_configuration_gets_no_other() {
        let nowhere = [PathBuf::from("/nowhere/up.toml")];
        let here = [PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")];
        let check = |line: &str, places: &[PathBuf], expected: bool| {
            assert_eq!(is_configured(&words(line), places), expected, "{line}");
        };
        check("", &nowhere, false);
        check("--panel", &nowhere, false);
        check("-c mine.toml", &nowhere, true);
        check("--config=mine.toml", &nowhere, true);
        check("", &here, true);
    }
}
