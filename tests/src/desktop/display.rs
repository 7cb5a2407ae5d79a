//! An X server without a monitor, whose screen is a file that can be read at any time.

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
    /// Starts one on a display that it finds free itself, with its screen as a file in `dir`.
    pub(super) fn start(dir: &Path, width: u32, height: u32) -> Self {
        let mut command = Command::new(program("Xvfb", &[]));
        command
            // Standard output, which goes to its log.
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", &format!("{width}x{height}x24"), "-fbdir"])
            .arg(dir);
        let mut daemon = Daemon::spawn("Xvfb", &mut command, dir);
        let log = dir.join("Xvfb.log");
        let number = || -> Option<u32> {
            let said = std::fs::read_to_string(&log).ok()?;
            // A line, and a whole one: not the beginning of one that is still being written.
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

    /// Its name, as `DISPLAY` wants it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where its screen can be read.
    pub(super) fn eye(&self) -> Eye {
        Eye {
            frame: self.frame.clone(),
        }
    }
}

/// Looks at a screen.
#[derive(Clone, Debug)]
pub struct Eye {
    frame: PathBuf,
}

impl Eye {
    /// What is there now.
    pub fn look(&self) -> Screen {
        let dump = std::fs::read(&self.frame).expect("the screen of Xvfb");
        Screen::of_xwd(&dump)
    }

    /// When the test has failed, keeps what is there now under the test's name and says where;
    /// once a test, because the first thing to be torn down saw it best.
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

/// `e2e` in cargo's target folder: where tests leave pictures.
pub fn pictures() -> PathBuf {
    super::target().join("e2e")
}
