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
        Eye(PictureSource::Dump(self.frame.clone()))
    }
}

/// Takes pictures of a screen.
#[derive(Clone, Debug)]
pub struct Eye(PictureSource);

#[derive(Clone, Debug)]
enum PictureSource {
    /// The file that has the screen of an X server.
    Dump(PathBuf),
    /// A Wayland compositor, by its socket.
    Compositor(PathBuf),
}

impl Eye {
    /// Takes pictures of the compositor with that socket.
    pub(crate) fn of_compositor(socket: PathBuf) -> Self {
        Self(PictureSource::Compositor(socket))
    }

    /// The screen as it is now.
    pub fn look(&self) -> Screen {
        match &self.0 {
            PictureSource::Dump(frame) => {
                Screen::of_xwd(&std::fs::read(frame).expect("the screen of Xvfb"))
            }
            PictureSource::Compositor(socket) => {
                let mut grim = Command::new(program("grim", &[]));
                // grim takes an absolute path for the name of a display, but wants a folder, too.
                grim.env("WAYLAND_DISPLAY", socket)
                    .env("XDG_RUNTIME_DIR", socket.parent().unwrap_or(socket));
                let done = grim.arg("-").output().expect("grim can be run");
                assert!(done.status.success(), "grim: {done:?}");
                Screen::of_png(&done.stdout)
            }
        }
    }

    fn is_open(&self) -> bool {
        let (PictureSource::Dump(file) | PictureSource::Compositor(file)) = &self.0;
        file.exists()
    }

    /// If the test has failed, saves the screen under the name of the test and prints its path.
    /// This happens once a test, because the first part to be dropped saw the screen best.
    pub(crate) fn keep_if_failed(&self) {
        if !std::thread::panicking() || !self.is_open() {
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
