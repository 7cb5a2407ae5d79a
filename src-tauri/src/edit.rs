//! Opens the configuration in the desktop's editor. A missing file is created as a starter first.

use std::io::{ErrorKind, Write};
use std::path::Path;

use tokio::process::Command;
use up_files::private;

use crate::open::launch;

/// Opens `file`. The error is one line for a person.
pub(crate) async fn open(file: &Path) -> Result<(), String> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    create_starter(&file)
        .map_err(|error| format!("{} cannot be written: {error}.", file.display()))?;
    launch(opener(&file), |why| opener_failure(&file, why)).await
}

fn opener_failure(file: &Path, why: &str) -> String {
    format!(
        "No program was found that opens {} ({why}): please edit it by hand.",
        file.display()
    )
}

/// Creates the starter file, unless there is a file already.
fn create_starter(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        private::folder(folder)?;
    }
    match private::new_file(file) {
        Ok(mut out) => out.write_all(up_config::starter().as_bytes()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
fn opener(file: &Path) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(file);
    command
}

#[cfg(target_os = "macos")]
fn opener(file: &Path) -> Command {
    let mut command = Command::new("open");
    command.arg("-t").arg(file);
    command
}

#[cfg(windows)]
fn opener(file: &Path) -> Command {
    let mut command = Command::new("notepad");
    command.arg(file);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_starter_is_written_once_and_never_over_something() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = folder.path().join("up/up.toml");
        create_starter(&file).expect("it can be written");
        let starter = std::fs::read_to_string(&file).expect("it is there");
        assert_eq!(starter, up_config::starter());
        std::fs::write(&file, "mine").expect("it can be written");
        create_starter(&file).expect("nothing is to be done");
        assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "mine");
    }
}
