//! An X server without a monitor. Its screen is a file that can be read at any time.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::daemon::{Daemon, program};
use crate::screen::Screen;

/// A running `Xvfb`.
#[derive(Debug)]
pub(super) struct Display {
    _daemon: Daemon,
    name: String,
    frame: PathBuf,
}

impl Display {
    /// Starts it on a display that it finds itself. Its screen is a file in `dir`.
    pub(super) fn start(dir: &Path, width: u32, height: u32) -> Self {
        let mut command = Command::new(program("Xvfb", &[]));
        command
            // The number of the display goes to standard output, which is the log.
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", &format!("{width}x{height}x24"), "-fbdir"])
            .arg(dir);
        let mut daemon = Daemon::spawn("Xvfb", &mut command, dir);
        let log = dir.join("Xvfb.log");
        let number = || -> Option<u32> {
            let said = std::fs::read_to_string(&log).ok()?;
            // Only a complete line counts, as it may still be written.
            let mut lines = said
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'));
            lines.find_map(|line| line.parse().ok())
        };
        daemon.wait_ready(|| number().is_some());
        let name = format!(":{}", number().expect("it was there already"));
        Self {
            _daemon: daemon,
            name,
            frame: dir.join("Xvfb_screen0"),
        }
    }

    /// The name of the display, for the variable `DISPLAY`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Takes pictures of the screen.
    pub(super) fn eye(&self) -> Eye {
        Eye {
            frame: self.frame.clone(),
        }
    }
}

/// Takes pictures of a screen.
#[derive(Clone, Debug)]
pub struct Eye {
    frame: PathBuf,
}

impl Eye {
    /// The screen as it is now.
    pub fn look(&self) -> Screen {
        let dump = std::fs::read(&self.frame).expect("the screen of Xvfb");
        Screen::of_xwd(&dump)
    }

    /// If the test has failed, saves the screen under the name of the test and prints its path.
    /// This happens once a test, because the first part to be dropped saw the screen best.
    pub(super) fn keep_if_failed(&self) {
        if !std::thread::panicking() || !self.frame.exists() {
            return;
        }
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("test").replace("::", "-");
        let file = pictures().join(format!("{test}-{}.png", std::process::id()));
        if !file.exists() {
            self.look().save(&file);
            eprintln!("what was on the screen: {}", file.display());
        }
    }
}

/// The folder `e2e` in cargo's target folder, where tests save pictures.
pub fn pictures() -> PathBuf {
    super::target().join("e2e")
}
