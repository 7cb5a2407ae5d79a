//! The entry in the autostart folder of a freedesktop.org session.
//!
//! Rules: Desktop Application Autostart Specification 0.5, Desktop Entry Specification 1.5 ("The
//! Exec key"). `auto-launch`, which does this on other systems, neither follows `$XDG_CONFIG_HOME`
//! nor quotes a path with a blank, and takes an entry that the session's settings have switched off
//! for one that is on.

use std::ffi::OsString;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use up_files::{FileReader, ReadError, ReadRequest, private};

use super::AutostartFailure;

const NAME: &str = "io.github.up-monitor.up.desktop";
/// The bounds of reading an entry.
const READ_BOUNDS: ReadRequest = ReadRequest {
    largest: 64 * 1024,
    patience: Duration::from_millis(300),
    trusted: false,
};

pub(super) fn is_on() -> Result<bool, AutostartFailure> {
    is_on_in(&folder())
}

pub(super) fn turn_on(program: &Path, arguments: &[OsString]) -> Result<(), AutostartFailure> {
    turn_on_in(&folder(), program, arguments)
}

pub(super) fn turn_off() -> Result<(), AutostartFailure> {
    turn_off_in(&folder())
}

/// The autostart folder of this person. It need not exist.
fn folder() -> PathBuf {
    up_config::config_dir().join("autostart")
}

fn is_on_in(folder: &Path) -> Result<bool, AutostartFailure> {
    let file = folder.join(NAME);
    match FileReader::default().read(&file, READ_BOUNDS) {
        Ok(content) => Ok(starts(&String::from_utf8_lossy(&content.bytes))),
        Err(ReadError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(AutostartFailure::Unreadable(file, error)),
    }
}

/// False for an entry that a session's settings have switched off.
fn starts(entry: &str) -> bool {
    entry.lines().all(|line| {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        !matches!(
            (key.trim(), value.trim()),
            ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false")
        )
    })
}

fn turn_on_in(
    folder: &Path,
    program: &Path,
    arguments: &[OsString],
) -> Result<(), AutostartFailure> {
    let entry = entry(program, arguments)?;
    let file = folder.join(NAME);
    let failed = |error| AutostartFailure::Entry(file.clone(), error);
    private::folder(folder).map_err(failed)?;
    let fresh = folder.join(format!(".{NAME}.new"));
    private::replace(&file, &fresh, entry.as_bytes()).map_err(failed)
}

fn turn_off_in(folder: &Path) -> Result<(), AutostartFailure> {
    let file = folder.join(NAME);
    match std::fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(AutostartFailure::Entry(file, error))
        }
        _ => Ok(()),
    }
}

fn entry(program: &Path, arguments: &[OsString]) -> Result<String, AutostartFailure> {
    let try_exec = escaped(written(program)?);
    let mut exec = quoted(written(program)?);
    for argument in arguments {
        exec.push(' ');
        exec.push_str(&quoted(written(Path::new(argument))?));
    }
    let exec = escaped(&exec);
    Ok(format!(
        "[Desktop Entry]\nType=Application\nName=Up\nComment=Is it up? An icon in the tray says so\n\
         TryExec={try_exec}\nExec={exec}\nIcon=io.github.up-monitor.up\nTerminal=false\n\
         StartupNotify=false\nX-GNOME-Autostart-enabled=true\n"
    ))
}

fn written(path: &Path) -> Result<&str, AutostartFailure> {
    path.to_str()
        .filter(|path| !path.chars().any(char::is_control))
        .ok_or_else(|| AutostartFailure::Path(path.into()))
}

/// An argument of an `Exec` line, in quotation marks.
fn quoted(argument: &str) -> String {
    let mut text = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '"' | '`' | '$' | '\\' => {
                let _ = write!(text, "\\{letter}");
            }
            '%' => text.push_str("%%"),
            _ => text.push(letter),
        }
    }
    text.push('"');
    text
}

/// A value of a desktop entry, in which a backslash begins an escape.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_quoted_as_the_specification_says() {
        let check = |argument: &str, expected: &str| {
            let exec = format!("Exec={}", escaped(&quoted(argument)));
            assert_eq!(exec, format!("Exec={expected}"), "{argument}");
        };
        check("/usr/bin/up-tray", r#""/usr/bin/up-tray""#);
        check("/home/a b/up", r#""/home/a b/up""#);
        check("100%", r#""100%%""#);
        check("a$b`c", r#""a\\$b\\`c""#);
        check(r#"a"b"#, r#""a\\"b""#);
        check(r"a\b", r#""a\\\\b""#);
    }

    #[test]
    fn the_entry_follows_the_switch() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let folder = home.path().join("not/there/yet");
        let is_on = || is_on_in(&folder).expect("it can be read");
        assert!(!is_on());
        turn_off_in(&folder).expect("what is off can be switched off");
        for program in ["/usr/bin/up-tray", "/opt/a b/up-tray"] {
            turn_on_in(&folder, Path::new(program), &["--at-login".into()]).expect("it is on");
            assert!(is_on());
            let text = std::fs::read_to_string(folder.join(NAME)).expect("an entry");
            assert!(text.contains(&format!("\nTryExec={program}\n")), "{text}");
            assert!(
                text.contains(&format!("\nExec=\"{program}\" \"--at-login\"\n")),
                "{text}"
            );
        }
        turn_off_in(&folder).expect("it is off");
        assert!(!is_on());
    }

    #[test]
    fn what_the_session_switched_off_is_off() {
        let check = |line: &str, expected| {
            let entry = entry(Path::new("/usr/bin/up-tray"), &[]).expect("an entry");
            assert_eq!(starts(&format!("{entry}{line}\n")), expected, "{line}");
        };
        check("", true);
        check("Hidden=true", false);
        check("Hidden = true", false);
        check("Hidden=false", true);
        check("X-GNOME-Autostart-enabled=false", false);
    }

    #[test]
    fn a_path_that_no_entry_can_hold_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        let broken = PathBuf::from(OsString::from_vec(b"/opt/\xff".to_vec()));
        for path in [Path::new("/opt/a\nb"), &broken] {
            assert!(matches!(entry(path, &[]), Err(AutostartFailure::Path(_))));
        }
    }
}
