//! The desktop application in a Debian of its own, with nothing but the packages that it declares:
//! installed, used by a person, upgraded and purged.

use std::path::Path;

use up_tests::desktop::pictures;
use up_tests::privilege::as_root;
use up_tests::screen::{Area, Hue, Screen};
use up_tests::up::eventually;

use super::container::Container;
use super::debian::{System, archive};
use super::{BEFORE, VERSION, find, output, packages, packages_before};

/// A desktop: X server, bus, window manager, and a panel with a tray.
const DESKTOP: &str = "xvfb dbus openbox xfce4-panel xdotool fonts-dejavu-core";

/// Settings of apt for packages that are declared, and no others.
const APT: &str = "DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet --no-install-recommends \
                   --option Acquire::Retries=3";

/// A person with a desktop. `at_desk NAME COMMAND` starts a program there as a unit of that name, and
/// `as_ann COMMAND` runs one.
const PERSON: &str = r#"
export HOME=/home/ann DISPLAY=:7 XDG_RUNTIME_DIR=/run/user/ann
export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
as_ann() { setpriv --reuid=ann --regid=ann --init-groups "$@"; }
at_desk() {
    unit=$1; shift
    systemd-run --quiet --unit="$unit" --uid=ann --working-directory=$HOME --setenv=HOME \
        --setenv=DISPLAY --setenv=XDG_RUNTIME_DIR --setenv=DBUS_SESSION_BUS_ADDRESS "$@"
}
"#;

const SITE: &str = "name = \"Site\"\n[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = \
                    [\"true\"]\n";

/// The part of the screen with the tray, in which nothing is green but an icon of Up.
const TRAY: Area = Area {
    left: 0,
    top: 0,
    width: 1280,
    height: 26,
};
/// The part of the screen with windows.
const BELOW: Area = Area {
    left: 0,
    top: 26,
    width: 1280,
    height: 774,
};

/// A system with a desktop, and with the packages that ours need at hand, so that apt can install
/// ours without a network. The first run makes it.
fn with_desktop() -> System {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ready = tmp.join("desktop.tar");
    if ready.exists() {
        return System::unpacked(&ready);
    }
    let system = System::new();
    system.run(&format!(
        "{APT} update && {APT} install {DESKTOP} && apt-get clean"
    ));
    put(&system, packages_before());
    system.run(&format!(
        "{APT} --download-only install /opt/*.deb && rm /opt/*.deb"
    ));
    archive(system.root(), &ready);
    system
}

/// Puts our packages of that folder into the system.
fn put(system: &System, folder: &Path) {
    for name in ["up", "up-tray"] {
        let deb = find(folder, &format!("{name}_"), ".deb");
        output(
            as_root(Path::new("cp"))
                .arg(deb)
                .arg(system.root().join("opt")),
        );
    }
}

/// The desktop of the person in a container.
struct Desk {
    container: Container,
}

impl Desk {
    /// Boots the system, and starts the desktop.
    fn start(system: System) -> Self {
        let desk = Self {
            container: Container::boot(system),
        };
        desk.run(
            "useradd --create-home ann; install -d -m 700 -o ann -g ann $XDG_RUNTIME_DIR
             as_ann mkdir -p $HOME/screen $HOME/.config/up
             at_desk xvfb Xvfb $DISPLAY -nolisten tcp -screen 0 1280x800x24 -fbdir $HOME/screen
             at_desk bus dbus-daemon --session --nofork --address=$DBUS_SESSION_BUS_ADDRESS",
        );
        eventually("an X server", || {
            desk.succeeds("xdotool getdisplaygeometry")
        });
        desk.run("at_desk openbox openbox; at_desk panel xfce4-panel --disable-wm-check");
        desk.run(&format!(
            "printf '%s' '{SITE}' | as_ann tee $HOME/.config/up/up.toml"
        ));
        desk
    }

    fn run(&self, script: &str) -> String {
        self.container.run(&format!("{PERSON}{script}"))
    }

    fn succeeds(&self, script: &str) -> bool {
        self.container.succeeds(&format!("{PERSON}{script}"))
    }

    /// The screen as it is now.
    fn screen(&self) -> Screen {
        let frame = self
            .container
            .system()
            .root()
            .join("home/ann/screen/Xvfb_screen0");
        let mut cat = as_root(Path::new("cat"));
        let dump = cat.arg(frame).output().expect("cat can be run").stdout;
        Screen::of_xwd(&dump)
    }

    /// Waits for something of that hue in a part of the screen, and returns its place.
    fn shows(&self, hue: Hue, part: Area) -> Area {
        let mut found = None;
        eventually(&format!("{hue:?} in {part:?}"), || {
            found = self.screen().part(part).patch(hue);
            found.is_some()
        });
        let found = found.expect("it was waited for");
        Area {
            left: part.left + found.left,
            top: part.top + found.top,
            ..found
        }
    }

    /// Clicks the icon, and waits until the window of its panel shows the status. Returns the place of
    /// the icon.
    fn open_panel(&self) -> Area {
        let mut icon = TRAY;
        let mut looks = 0;
        eventually("the window of the panel", || {
            // A click is lost while the desktop still moves its icons: another one follows.
            if looks % 100 == 0 {
                icon = self.shows(Hue::Green, TRAY);
                let (x, y) = icon.middle();
                self.run(&format!("xdotool mousemove {x} {y} click 1"));
            }
            looks += 1;
            self.succeeds("xdotool search --onlyvisible --name '^Up$'")
        });
        self.shows(Hue::Green, BELOW);
        let picture = pictures().join("packages-desktop.png");
        self.screen().save(&picture);
        icon
    }

    /// The samples and the controls that are there.
    fn kept(&self) -> String {
        let kept = self.run("as_ann up history paths; as_ann up controls");
        for part in ["/Site/a", "pause"] {
            assert!(kept.contains(part), "{part} in {kept}");
        }
        kept
    }

    fn installed(&self) -> String {
        self.run("dpkg-query --show --showformat='${Package} ${Version}\n' up up-tray")
    }
}

#[test]
fn the_desktop_application_is_installed_used_upgraded_and_purged() {
    let system = with_desktop();
    put(&system, packages_before());
    // apt takes what they depend on from its cache.
    system.run(&format!("{APT} install /opt/*.deb && rm /opt/*.deb"));
    let desk = Desk::start(system);
    assert_eq!(desk.installed(), format!("up {BEFORE}\nup-tray {BEFORE}\n"));
    desk.run("at_desk tray up-tray; as_ann up-tray --autostart on");
    let icon = desk.open_panel();
    desk.run("as_ann up pause /Site/a");
    desk.shows(Hue::Grey, icon);
    let state = desk.kept();

    for name in ["up", "up-tray"] {
        desk.container.install(packages(), name);
    }
    assert_eq!(
        desk.installed(),
        format!("up {VERSION}\nup-tray {VERSION}\n")
    );
    assert_eq!(desk.run("dpkg --verify up up-tray"), "");
    desk.run("systemctl is-active tray; systemctl stop tray");
    eventually("the icon is gone", || {
        desk.screen().part(icon).patch(Hue::Grey).is_none()
    });
    desk.run("systemctl is-failed tray && exit 1; at_desk tray up-tray");
    desk.shows(Hue::Grey, icon);
    assert_eq!(desk.kept(), state, "its history and controls are kept");
    desk.run("as_ann up resume /Site/a");
    desk.shows(Hue::Green, icon);

    let files = desk.run("systemctl stop tray; dpkg --listfiles up up-tray");
    desk.run("dpkg --remove up-tray up; dpkg --purge up-tray up");
    let left = desk.container.system().paths();
    let ours = files.lines().filter(|file| file.contains("up-"));
    let ours: Vec<_> = ours.filter(|file| left.contains(*file)).collect();
    assert!(ours.is_empty(), "{ours:?}");
    let named = |path: &&String| path.contains("up-tray") || path.contains("up-monitor");
    let named: Vec<_> = left.iter().filter(named).collect();
    let is_data = |path: &&String| path.starts_with("/home/ann/");
    assert!(named.iter().all(is_data), "{named:?}");
    for data in [".config/up/up.toml", ".local/share/up/history.db"] {
        assert!(
            left.contains(&format!("/home/ann/{data}")),
            "{data} is kept"
        );
    }
    let tried = desk.run("sed -n s/^TryExec=//p $HOME/.config/autostart/*.desktop");
    assert!(
        !left.contains(tried.trim()),
        "a login starts nothing: {tried}"
    );
}
