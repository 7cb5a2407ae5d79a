//! Start at login on macOS (a launch agent) and Windows (a value below `Run`), by a kept library.

use std::ffi::OsString;
use std::path::Path;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

use super::AutostartFailure;

pub(super) fn is_on() -> Result<bool, AutostartFailure> {
    Ok(item(Path::new("up-tray"), &[])?.is_enabled()?)
}

pub(super) fn turn_on(program: &Path, arguments: &[OsString]) -> Result<(), AutostartFailure> {
    Ok(item(program, arguments)?.enable()?)
}

pub(super) fn turn_off() -> Result<(), AutostartFailure> {
    // Windows refuses to remove what is not there.
    if is_on()? {
        item(Path::new("up-tray"), &[])?.disable()?;
    }
    Ok(())
}

fn item(program: &Path, arguments: &[OsString]) -> Result<AutoLaunch, AutostartFailure> {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy())
        .collect();
    Ok(AutoLaunchBuilder::new()
        .set_app_name("Up")
        .set_app_path(&program.to_string_lossy())
        .set_args(&arguments)
        .build()?)
}
