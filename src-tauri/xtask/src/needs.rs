//! What a machine needs besides Rust and Node, each with its reason, and how it is installed (on
//! Debian and its derivatives).

mod tables;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::command;
use crate::failure::TaskFailure;
pub(crate) use tables::{BUILD, CHROMIUM, FETCH, FUZZ, Need, PACKAGE, TEST};
use tables::{PresenceCheck, SERVICES};

/// How often an installation is tried, because mirrors fail now and then.
const TRIES: usize = 3;

/// Makes sure that all of `needs` are met. Prints what is missing and installs it. Fails with
/// instructions if it cannot be installed here.
pub(crate) fn ensure(needs: &[&[Need]], limit: Duration) -> Result<(), TaskFailure> {
    let missing = missing(needs);
    if missing.is_empty() {
        say!("Nothing is missing on this machine.");
        return Ok(());
    }
    let debian = std::fs::read_to_string("/etc/os-release").is_ok_and(|text| is_debian(&text));
    if !debian || command::find("apt-get").is_none() {
        return Err(TaskFailure::Missing(advice(&missing)));
    }
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    say!("These packages of the system are missing and will be installed now:");
    for need in &missing {
        say!("  {:22} {}", need.package, need.why);
    }
    let mut update = apt(&["update"]);
    let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
    install.args(&packages);
    say!("with these commands:");
    say!(
        "  {}\n  {}",
        command::shown(&update),
        command::shown(&install)
    );
    if packages
        .iter()
        .any(|p| SERVICES.iter().any(|(package, _)| package == p))
    {
        let names: Vec<_> = SERVICES.iter().map(|(_, service)| *service).collect();
        say!(
            "Debian starts nginx, snmpd and the like as services when it installs them, and postfix \
             takes the place of another mail server. The tests start their own; \
             `systemctl disable --now {}` stops those.",
            names.join(" ")
        );
    }
    retried(&mut update, limit)?;
    retried(&mut install, limit)?;
    let left = self::missing(needs);
    if left.is_empty() {
        return Ok(());
    }
    Err(TaskFailure::Missing(format!(
        "installed, and yet not found:\n{}",
        lines(&left)
    )))
}

/// Makes sure that Node can build the panel, and that rustfmt and clippy are there.
pub(crate) fn ensure_toolchains(limit: Duration) -> Result<(), TaskFailure> {
    ensure_node()?;
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if command::succeeds(command::cargo().args([subcommand, "--version"])) {
            continue;
        }
        say!("{component} is missing and will be installed now:");
        let mut add = command::program("rustup");
        command::run(add.args(["component", "add", component]), limit)?;
    }
    Ok(())
}

/// Makes sure that there is a recent Node. It is not installed here: that of Debian is too old, and
/// people install it in many ways.
pub(crate) fn ensure_node() -> Result<(), TaskFailure> {
    let wanted = "Node 20.19 or newer with npm is needed to build the panel (https://nodejs.org/)";
    let version = command::read(
        command::program("node").arg("--version"),
        Duration::from_mins(1),
    );
    let version = version.map_err(|e| TaskFailure::Missing(format!("{wanted}: {e}")))?;
    if !is_recent_node(&version) {
        return Err(TaskFailure::Missing(format!(
            "{wanted}; here is {}",
            version.trim()
        )));
    }
    if !command::succeeds(command::program("npm").arg("--version")) {
        return Err(TaskFailure::Missing(format!(
            "{wanted}: there is node, but no npm"
        )));
    }
    Ok(())
}

fn missing<'a>(needs: &[&'a [Need]]) -> Vec<&'a Need> {
    needs
        .iter()
        .copied()
        .flatten()
        .filter(|need| !is_met(need.proof))
        .collect()
}

fn is_met(proof: PresenceCheck) -> bool {
    match proof {
        PresenceCheck::Program(names) => names.iter().any(|name| command::find(name).is_some()),
        PresenceCheck::Library(name) => {
            command::succeeds(Command::new("pkg-config").args(["--exists", name]))
        }
        PresenceCheck::File(file) => Path::new(file).is_file(),
        PresenceCheck::Python(module) => {
            command::succeeds(Command::new("python3").args(["-m", module, "--version"]))
        }
    }
}

fn apt(arguments: &[&str]) -> Command {
    // `env` sets the variable, because sudo does not pass it on.
    let settings = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let mut command = if is_root() {
        command::program(settings[0])
    } else {
        let mut sudo = command::program("sudo");
        if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            sudo.arg("--non-interactive");
        }
        sudo.arg(settings[0]);
        sudo
    };
    command.args(&settings[1..]);
    command.args([
        "--option",
        "Acquire::Retries=3",
        "--option",
        "DPkg::Lock::Timeout=300",
    ]);
    command.args(arguments);
    command
}

fn is_root() -> bool {
    let user = command::read(Command::new("id").arg("-u"), Duration::from_mins(1));
    user.is_ok_and(|user| user.trim() == "0")
}

fn retried(command: &mut Command, limit: Duration) -> Result<(), TaskFailure> {
    for attempt in 1..TRIES {
        match command::run(command, limit) {
            Err(failure @ TaskFailure::Ended { .. }) => {
                say!("{failure}; attempt {attempt} of {TRIES}, trying again");
            }
            other => return other,
        }
    }
    command::run(command, limit)
}

/// True if os-release(5) describes Debian or a derivative: `ID` names the system, `ID_LIKE` its
/// ancestors.
fn is_debian(os_release: &str) -> bool {
    let mut ids = os_release.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        ["ID", "ID_LIKE"]
            .contains(&key)
            .then(|| value.trim_matches('"'))
    });
    ids.any(|value| value.split(' ').any(|id| id == "debian" || id == "ubuntu"))
}

/// True if Vite supports this version of Node: 20.19, or 22.12 and newer.
fn is_recent_node(version: &str) -> bool {
    let mut numbers = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        return false;
    };
    match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    }
}

fn advice(missing: &[&Need]) -> String {
    format!(
        "this machine lacks the following, and only for Debian and Ubuntu is it known here how to \
         install it. Install what your system calls these Debian packages, and try again:\n{}",
        lines(missing)
    )
}

fn lines(needs: &[&Need]) -> String {
    let line = |need: &&Need| {
        let what = match need.proof {
            PresenceCheck::Program(names) => format!("program {}", names.join(" or ")),
            PresenceCheck::Library(name) => format!("library {name}, with headers"),
            PresenceCheck::Python(module) => format!("Python module {module}"),
            PresenceCheck::File(file) => format!("file {file}"),
        };
        format!("  {:22} {what}: {}", need.package, need.why)
    };
    needs.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::tables::program;
    use super::*;

    #[test]
    fn debian_and_its_children_are_known() {
        let check = |text: &str, expected: bool| assert_eq!(is_debian(text), expected, "{text}");
        check("NAME=\"Debian GNU/Linux\"\nID=debian\n", true);
        check("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true);
        check("ID=fedora\n", false);
        check("NAME=debian\nID=\"opensuse\"\n", false);
        check("", false);
    }

    #[test]
    fn old_nodes_are_refused() {
        let check = |text: &str, expected: bool| {
            assert_eq!(is_recent_node(text), expected, "{text}");
        };
        check("v18.20.4\n", false);
        check("v20.18.0\n", false);
        check("v20.19.0\n", true);
        check("v21.7.0\n", false);
        check("v22.12.0\n", true);
        check("v24.1.0\n", true);
        check("node?", false);
    }

    #[test]
    fn what_is_missing_is_told_with_its_reason() {
        let need = program(&["no-such-program"], "no-such-package", "nobody needs it");
        let needs: &[Need] = &[need];
        let missing = missing(&[needs]);
        let advice = advice(&missing);
        for word in [
            "no-such-package",
            "program no-such-program",
            "nobody needs it",
        ] {
            assert!(advice.contains(word), "{word} in {advice}");
        }
    }
}
