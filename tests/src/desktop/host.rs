//! A real tray host: xfce4-panel with nothing but its tray, across the top of the screen.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;

use super::{Bus, Shade};
use crate::daemon::{Daemon, program};

/// The height of the panel in pixels.
pub(super) const HEIGHT: u32 = 30;
/// The name of a tray host on the bus.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// A running panel.
#[derive(Debug)]
pub(super) struct TrayHost {
    panel: Daemon,
    _settings: Daemon,
}

impl TrayHost {
    /// Starts the panel, and returns when its tray accepts icons. `command` makes commands with the
    /// environment of the desktop, `dir` is the folder of the desktop, and `config` that of its
    /// configuration.
    pub(super) async fn start(
        command: impl Fn(&Path) -> Command,
        bus: &Bus,
        dir: &Path,
        config: &Path,
        shade: Shade,
    ) -> Self {
        let channels = config.join("xfce4/xfconf/xfce-perchannel-xml");
        std::fs::create_dir_all(&channels).expect("the panel's configuration");
        let file = channels.join("xfce4-panel.xml");
        std::fs::write(file, described(shade)).expect("the panel's configuration");
        // Nothing is activated on this bus, so that the panel's settings service is started first.
        let mut settings = Daemon::spawn("xfconfd", &mut command(&xfconfd()), dir);
        ready(&mut settings, bus, "org.xfce.Xfconf").await;
        let mut run = command(&program("xfce4-panel", &[]));
        let mut panel = Daemon::spawn("xfce4-panel", run.arg("--disable-wm-check"), dir);
        ready(&mut panel, bus, WATCHER).await;
        Self {
            panel,
            _settings: settings,
        }
    }

    /// Ends the panel, after which there is no place for icons.
    pub(super) fn stop(mut self) {
        self.panel.stop(Signal::TERM);
    }

    /// Kills the panel, which cannot notify anyone.
    pub(super) fn kill(mut self) {
        self.panel.kill9();
    }
}

async fn ready(daemon: &mut Daemon, bus: &Bus, name: &'static str) {
    super::eventually(format_args!("{name} on the bus"), async || {
        assert!(
            daemon.is_running(),
            "it ended at its start\n{}",
            daemon.log()
        );
        bus.has(name).await.then_some(())
    })
    .await;
}

/// The path of xfconfd, which depends on the architecture. It is read from the service file.
fn xfconfd() -> PathBuf {
    const SERVICE: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";
    let service = std::fs::read_to_string(SERVICE).unwrap_or_else(|e| {
        panic!("{SERVICE}: {e}; it comes with xfce4-panel, which `cargo xtask test` installs")
    });
    let run = service.lines().find_map(|line| line.strip_prefix("Exec="));
    PathBuf::from(run.expect("a service says what it runs"))
}

fn described(shade: Shade) -> String {
    let dark = shade == Shade::Dark;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{HEIGHT}"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="22"/>
    </property>
  </property>
</channel>
"#
    )
}
