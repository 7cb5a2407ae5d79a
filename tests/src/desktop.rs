//! A desktop for one test: X server, session bus, window manager, and if wanted a tray host and a
//! notification service. The test starts all of it in a directory of its own and ends it. Nothing
//! of the real desktop is seen or touched.

pub(crate) mod bus;
mod display;
mod host;
mod input;
mod item;
mod session;
mod up_tray;
mod wait;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use zbus::Connection;

use crate::daemon::{Daemon, program};
use crate::screen::{Area, Hue, Screen};
use bus::Bus;
pub(crate) use bus::join;
use display::Display;
pub use display::{Eye, pictures};
use host::TrayHost;
pub use item::{MenuLine, RegisteredItem};
pub use session::DesktopSession;
pub(crate) use session::{FOLDERS, settle};
pub use up_tray::{TrayStart, UpTray};
pub mod webdriver;

pub use wait::{becomes, eventually};

/// The size of the screen in pixels.
pub const SIZE: (u32, u32) = (1280, 800);

/// The configuration of dunst. Bubbles are away from tray and panel and stay, so that pictures show
/// all of them. The title of each is written to a file.
const DUNST: &str = "
[global]
    origin = bottom-left
    offset = 24x24
    font = Sans 10
    max_icon_size = 48
    corner_radius = 6
    frame_width = 1
    width = (300, 340)
    notification_limit = 0
[all]
    summary = *
    timeout = 0
    script = SCRIPT
";
/// The colours of dunst on a light desktop, because its own are dark.
const LIGHT_DUNST: &str = "
[light]
    summary = *
    background = \"#fafafa\"
    foreground = \"#202020\"
    frame_color = \"#a0a0a0\"
";
const TOLD: &str = "#!/bin/sh\nprintf '%s\\n' \"$DUNST_SUMMARY\" >> FILE\n";

/// The colour scheme that a person chooses for the whole desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// Bright on dark.
    Dark,
    /// Dark on bright.
    Light,
}

/// A desktop. When it is dropped, everything on it is killed and its files are removed.
#[derive(Debug)]
pub struct Desktop {
    // The order matters: what depends on something is dropped before it.
    dunst: Option<Daemon>,
    host: Option<TrayHost>,
    _openbox: Daemon,
    bus: Bus,
    display: Display,
    shade: Shade,
    dir: TempDir,
}

impl Desktop {
    /// Starts a dark desktop with a tray host.
    pub async fn start() -> Self {
        let mut desktop = Self::bare(Shade::Dark).await;
        desktop.start_tray_host().await;
        desktop
    }

    /// Starts a desktop without a tray host and without a notification service.
    pub async fn bare(shade: Shade) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let display = Display::start(dir.path(), SIZE.0, SIZE.1);
        let bus = Bus::start(dir.path()).await;
        let at_home = |program: &Path| at_home(program, dir.path(), &display, &bus);
        for folder in FOLDERS {
            std::fs::create_dir_all(dir.path().join(folder)).expect("a folder of the desktop");
        }
        let dark = u8::from(shade == Shade::Dark);
        let settings = format!("[Settings]\ngtk-application-prefer-dark-theme={dark}\n");
        std::fs::write(dir.path().join("config/gtk-3.0/settings.ini"), settings)
            .expect("the settings of GTK");
        let openbox = at_home(&program("openbox", &[]));
        let openbox = Daemon::spawn("openbox", &mut { openbox }, dir.path());
        Self {
            dunst: None,
            host: None,
            _openbox: openbox,
            bus,
            display,
            shade,
            dir,
        }
    }

    /// A command with the environment of this desktop only.
    pub fn command(&self, program: &Path) -> Command {
        at_home(program, self.dir.path(), &self.display, &self.bus)
    }

    /// Starts the tray host. Returns when it accepts icons.
    pub async fn start_tray_host(&mut self) {
        let command = |program: &Path| self.command(program);
        let config = self.dir.path().join("config");
        let host = TrayHost::start(command, &self.bus, self.dir.path(), &config, self.shade).await;
        self.host = Some(host);
    }

    /// Ends the tray host.
    pub fn stop_tray_host(&mut self) {
        self.host
            .take()
            .expect("there is a tray host to stop")
            .stop();
    }

    /// Kills the tray host, as if it had crashed.
    pub fn kill_tray_host(&mut self) {
        self.host
            .take()
            .expect("there is a tray host to kill")
            .kill();
    }

    /// Starts dunst as the notification service. Its bubbles are at the bottom left.
    pub async fn start_dunst(&mut self) {
        let folder = self.dir.path().join("config/dunst");
        std::fs::create_dir_all(&folder).expect("a folder of the desktop");
        let script = folder.join("told.sh");
        let told = TOLD.replace("FILE", &self.dunst_file().to_string_lossy());
        std::fs::write(&script, told).expect("a script for dunst");
        std::fs::set_permissions(&script, Permissions::from_mode(0o700))
            .expect("a script can be run");
        let mut settings = DUNST.replace("SCRIPT", &script.to_string_lossy());
        if self.shade == Shade::Light {
            settings.push_str(LIGHT_DUNST);
        }
        std::fs::write(folder.join("dunstrc"), settings).expect("the settings of dunst");
        let mut command = self.command(&program("dunst", &[]));
        let mut dunst = Daemon::spawn("dunst", &mut command, self.dir.path());
        eventually("dunst on the bus", async || {
            assert!(
                dunst.is_running(),
                "dunst ended at its start\n{}",
                dunst.log()
            );
            self.bus
                .has("org.freedesktop.Notifications")
                .await
                .then_some(())
        })
        .await;
        self.dunst = Some(dunst);
    }

    /// The titles of all notifications that dunst has shown, one a line.
    pub fn told_by_dunst(&self) -> String {
        std::fs::read_to_string(self.dunst_file()).unwrap_or_default()
    }

    fn dunst_file(&self) -> PathBuf {
        self.dir.path().join("told-by-dunst")
    }

    /// The address of the session bus.
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// The connection of the test to the session bus.
    pub fn connection(&self) -> &Connection {
        self.bus.connection()
    }

    /// The home folder on this desktop.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Takes pictures of the screen.
    pub fn eye(&self) -> Eye {
        self.display.eye()
    }

    /// The screen as it is now.
    pub fn screen(&self) -> Screen {
        self.eye().look()
    }

    /// The part of the screen that the tray host covers.
    pub fn tray(&self) -> Screen {
        self.screen().part(Area {
            left: 0,
            top: 0,
            width: SIZE.0,
            height: host::HEIGHT,
        })
    }

    /// The hue and the area of the icon in the tray. `None` if there is no icon.
    pub fn icon(&self) -> Option<(Hue, Area)> {
        let tray = self.tray();
        Hue::ALL
            .into_iter()
            .find_map(|hue| Some((hue, tray.patch(hue)?)))
    }

    /// Waits until the icon has that hue, and returns its area.
    pub async fn icon_turns(&self, hue: Hue) -> Area {
        // While the tray lays itself out, an icon that was there is not: no second look is taken.
        let what = format!("an icon in the tray that is {hue:?}");
        eventually(&what, async || {
            let (found, area) = self.icon()?;
            (found == hue).then_some(area)
        })
        .await
    }

    /// The icons that are registered with the tray host.
    pub async fn items(&self) -> Vec<RegisteredItem> {
        RegisteredItem::all(self.connection()).await
    }

    /// Waits for an icon on the bus.
    pub async fn item(&self) -> RegisteredItem {
        eventually("an icon on the bus", async || self.items().await.pop()).await
    }

    /// The visible windows with that title, by their ids in xdotool.
    pub fn windows(&self, title: &str) -> Vec<String> {
        let title = format!("^{title}$");
        let found = self.command(&program("xdotool", &[]));
        let mut found = { found };
        let found = found
            .args(["search", "--onlyvisible", "--name", &title])
            .output();
        let found = found.expect("xdotool can be run").stdout;
        String::from_utf8_lossy(&found)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// The area of a window, without its decoration.
    pub fn place(&self, window: &str) -> Area {
        let said = self.xdotool(&["getwindowgeometry", "--shell", window]);
        let field = |name: &str| {
            let field = said
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            field
                .and_then(|number| number.parse().ok())
                .unwrap_or_else(|| panic!("{name}: {said}"))
        };
        let (left, top) = (field("X"), field("Y"));
        Area {
            left,
            top,
            width: field("WIDTH"),
            height: field("HEIGHT"),
        }
    }

    /// Moves a window to about that area, as the window manager decides about the decoration.
    pub fn put(&self, window: &str, area: Area) {
        let [left, top, width, height] =
            [area.left, area.top, area.width, area.height].map(|number| number.to_string());
        self.xdotool(&["windowmove", window, &left, &top]);
        self.xdotool(&["windowsize", window, &width, &height]);
    }

    /// Gives the screen a background, for pictures.
    pub fn paint_background(&self) {
        let mut command = self.command(&program("display", &[]));
        let size = format!("{}x{}", SIZE.0, SIZE.1);
        command.args([
            "-window",
            "root",
            "-size",
            &size,
            "gradient:#44537a-#20273a",
        ]);
        // The exit status is 1 in any case.
        let done = command.output().expect("display can be run");
        assert!(
            self.screen().colours() > 2,
            "the background is as it was: {done:?}"
        );
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        let mut command = self.command(&program("xdotool", &[]));
        let done = command
            .args(arguments)
            .output()
            .expect("xdotool can be run");
        assert!(done.status.success(), "xdotool {arguments:?}: {done:?}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }
}

impl DesktopSession for Desktop {
    fn command(&self, program: &Path) -> Command {
        self.command(program)
    }

    fn dir(&self) -> &Path {
        self.dir()
    }

    fn bus_address(&self) -> &str {
        self.bus_address()
    }

    fn eye(&self) -> Eye {
        self.eye()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.eye().keep_if_failed();
    }
}

/// A command with the environment of this desktop only.
fn at_home(program: &Path, dir: &Path, display: &Display, bus: &Bus) -> Command {
    let mut command = Command::new(program);
    settle(&mut command, dir, bus.address());
    command.env("DISPLAY", display.name());
    command
}

/// cargo's target folder. The test program is in its `debug/deps`.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a file");
    let folder = test.ancestors().nth(3).map(Path::to_path_buf);
    folder.expect("cargo keeps test programs three folders down")
}
