//! A Wayland desktop for one test: the compositor sway without a monitor, a session bus, and if
//! wanted the bar waybar as tray host and mako as notification service. Its user is not root, as
//! sway refuses root. The test starts all of it in a directory of its own and ends it.

mod input;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::daemon::{Daemon, program};
use crate::desktop::bus::Bus;
use crate::desktop::{DesktopSession, Eye, FOLDERS, RegisteredItem, SIZE, eventually, settle};
use crate::privilege::{give_away, without_root};
use crate::screen::{Area, Hue, Screen};
use input::VirtualInput;

/// The height of the bar in pixels.
pub const BAR: u32 = 30;
/// The colour of the screen where no window is.
pub const BACKGROUND: [u8; 3] = [0x30, 0x50, 0x90];
/// The socket of the compositor, as sway names it in an empty folder.
const SOCKET: &str = "wayland-1";

const SWAY: &str = "
output HEADLESS-1 resolution WIDTHxHEIGHT
output * background #BACKGROUND solid_color
default_border none
default_floating_border none
xwayland disable
";
const WAYBAR: &str = r#"{
    "layer": "top", "position": "top", "height": BAR,
    "modules-right": ["tray"], "tray": { "icon-size": 22, "spacing": 8 }
}"#;
/// Bubbles are away from tray and panel and stay, so that pictures show all of them.
const MAKO: &str = "anchor=bottom-left\ndefault-timeout=0\nignore-timeout=1\n";

/// A desktop. When it is dropped, everything on it is killed and its files are removed.
#[derive(Debug)]
pub struct WaylandDesktop {
    // The order matters: what depends on something is dropped before it.
    input: VirtualInput,
    mako: Option<Daemon>,
    waybar: Option<Daemon>,
    _sway: Daemon,
    bus: Bus,
    dir: TempDir,
}

impl WaylandDesktop {
    /// Starts a dark desktop with a tray host.
    pub async fn start() -> Self {
        let mut desktop = Self::bare().await;
        desktop.start_tray_host().await;
        desktop
    }

    /// Starts a dark desktop without a tray host and without a notification service.
    pub async fn bare() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let bus = Bus::start(dir.path()).await;
        give_away(dir.path());
        for folder in FOLDERS {
            let folder = dir.path().join(folder);
            std::fs::create_dir_all(&folder).expect("a folder of the desktop");
            give_away(folder.parent().expect("it lies in the home folder"));
            give_away(&folder);
        }
        let settings = "[Settings]\ngtk-application-prefer-dark-theme=1\n";
        std::fs::write(dir.path().join("config/gtk-3.0/settings.ini"), settings)
            .expect("the settings of GTK");
        let [r, g, b] = BACKGROUND;
        let config = SWAY
            .replace("WIDTH", &SIZE.0.to_string())
            .replace("HEIGHT", &SIZE.1.to_string())
            .replace("BACKGROUND", &format!("{r:02x}{g:02x}{b:02x}"));
        let file = dir.path().join("config/sway.conf");
        std::fs::write(&file, config).expect("the configuration of sway");
        let mut command = at_home(&program("sway", &[]), dir.path(), &bus);
        command
            .arg("--config")
            .arg(&file)
            .env_remove("WAYLAND_DISPLAY")
            .env("WLR_BACKENDS", "headless")
            .env("WLR_RENDERER", "pixman")
            .env("WLR_LIBINPUT_NO_DEVICES", "1");
        let mut sway = Daemon::spawn("sway", &mut command, dir.path());
        let sockets = [run(dir.path()).join(SOCKET), ipc(dir.path())];
        sway.wait_ready(|| sockets.iter().all(|socket| socket.exists()));
        let input = VirtualInput::connect(&sockets[0], SIZE);
        Self {
            input,
            mako: None,
            waybar: None,
            _sway: sway,
            bus,
            dir,
        }
    }

    /// Starts waybar. Returns when it accepts icons.
    pub async fn start_tray_host(&mut self) {
        let config = WAYBAR.replace("BAR", &BAR.to_string());
        let file = self.dir().join("config/waybar.json");
        std::fs::write(&file, config).expect("the configuration of waybar");
        let mut command = self.command(&program("waybar", &[]));
        command.arg("--config").arg(file);
        let name = "org.kde.StatusNotifierWatcher";
        self.waybar = Some(self.serve("waybar", &mut command, name).await);
    }

    /// Starts mako as the notification service. Its bubbles are at the bottom left.
    pub async fn start_mako(&mut self) {
        let file = self.dir().join("config/mako");
        std::fs::write(&file, MAKO).expect("the configuration of mako");
        let mut command = self.command(&program("mako", &[]));
        command.arg("--config").arg(file);
        let name = "org.freedesktop.Notifications";
        self.mako = Some(self.serve("mako", &mut command, name).await);
    }

    async fn serve(&self, name: &'static str, command: &mut Command, bus: &'static str) -> Daemon {
        let mut daemon = Daemon::spawn(name, command, self.dir());
        eventually(format_args!("{bus} on the bus"), async || {
            let log = daemon.log();
            assert!(daemon.is_running(), "it ended at its start\n{log}");
            self.bus.has(bus).await.then_some(())
        })
        .await;
        daemon
    }

    /// What mako shows, in its own words.
    pub fn shown_by_mako(&self) -> String {
        self.output("makoctl", &["list"])
    }

    /// The windows that the compositor knows, with their titles, places and states.
    pub fn windows(&self) -> serde_json::Value {
        let said = self.output("swaymsg", &["--raw", "--type", "get_tree"]);
        serde_json::from_str(&said).expect("sway answers in JSON")
    }

    fn output(&self, name: &str, arguments: &[&str]) -> String {
        let mut command = self.command(&program(name, &[]));
        let done = command.args(arguments).output().expect("it can be run");
        assert!(done.status.success(), "{name} {arguments:?}: {done:?}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// The screen as it is now.
    pub fn screen(&self) -> Screen {
        self.eye().look()
    }

    /// The area below the bar that windows cover. `None` if there are none.
    pub fn covered(&self) -> Option<Area> {
        let below = Area {
            left: 0,
            top: BAR,
            width: SIZE.0,
            height: SIZE.1 - BAR,
        };
        let covered = self.screen().part(below).covered(BACKGROUND)?;
        Some(Area {
            top: covered.top + BAR,
            ..covered
        })
    }

    /// Waits until the icon in the bar has that hue, and returns its area.
    pub async fn icon_turns(&self, hue: Hue) -> Area {
        let bar = Area {
            left: 0,
            top: 0,
            width: SIZE.0,
            height: BAR,
        };
        let what = format!("an icon in the bar that is {hue:?}");
        eventually(&what, async || self.screen().part(bar).patch(hue)).await
    }

    /// Waits for an icon on the bus.
    pub async fn item(&self) -> RegisteredItem {
        eventually("an icon on the bus", async || {
            RegisteredItem::all(self.bus.connection()).await.pop()
        })
        .await
    }

    /// Clicks at that position with the left button of the mouse. Then the pointer goes to the bar,
    /// where it covers nothing that is looked at.
    pub fn click(&mut self, at: (u32, u32)) {
        self.input.click(at);
        self.input.point((SIZE.0 / 2, 0));
    }

    /// Presses and releases the Escape key.
    pub fn press_escape(&mut self) {
        self.input.press(input::ESCAPE);
    }
}

impl DesktopSession for WaylandDesktop {
    fn command(&self, program: &Path) -> Command {
        at_home(program, self.dir(), &self.bus)
    }

    fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn bus_address(&self) -> &str {
        self.bus.address()
    }

    fn eye(&self) -> Eye {
        Eye::of_compositor(run(self.dir()).join(SOCKET))
    }

    /// The folder of the build may be closed to the user of this desktop.
    fn built(&self, program: &Path) -> PathBuf {
        let name = program.file_name().expect("a program has a name");
        let here = self.dir().join(name);
        if !here.exists() && std::fs::hard_link(program, &here).is_err() {
            std::fs::copy(program, &here).expect("a program can be copied");
        }
        here
    }
}

impl Drop for WaylandDesktop {
    fn drop(&mut self) {
        self.eye().keep_if_failed();
    }
}

/// A command of the user of the desktop with its environment only.
fn at_home(program: &Path, dir: &Path, bus: &Bus) -> Command {
    let mut command = without_root(program);
    settle(&mut command, dir, bus.address());
    command
        .env("WAYLAND_DISPLAY", SOCKET)
        .env("SWAYSOCK", ipc(dir))
        .env("GDK_BACKEND", "wayland");
    command
}

fn run(dir: &Path) -> PathBuf {
    dir.join("run")
}

/// The socket for questions to sway.
fn ipc(dir: &Path) -> PathBuf {
    run(dir).join("sway.sock")
}
