//! `up-tray` as a person starts it, on the desktop of a test. Its configuration and data are where
//! it looks for them by default, so that a desktop has one of them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use rustix::process::Signal;

use super::webdriver::DrivenPage;
use super::{DesktopSession, Eye};
use crate::daemon::Daemon;
use crate::port::Port;

/// How it is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrayStart<'a> {
    /// The text of its up.toml. `None` writes no file.
    pub config: Option<&'a str>,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// Environment variables in addition to those of the desktop.
    pub env: &'a [(&'a str, &'a str)],
    /// A program, with its arguments, that starts it, such as `unshare`.
    pub through: &'a [&'a str],
}

/// A running `up-tray`. It is killed when it is dropped.
#[derive(Debug)]
pub struct UpTray {
    eye: Eye,
    daemon: Daemon,
    inspector: Port,
    config: PathBuf,
}

impl UpTray {
    /// Starts it with that up.toml.
    pub fn start(desktop: &impl DesktopSession, config: &str) -> Self {
        let config = Some(config);
        Self::start_as(
            desktop,
            TrayStart {
                config,
                ..TrayStart::default()
            },
        )
    }

    /// Starts it with those settings.
    pub fn start_as(desktop: &impl DesktopSession, start: TrayStart<'_>) -> Self {
        let config = desktop.dir().join("config/up/up.toml");
        if let Some(text) = start.config {
            replace(&config, text);
        }
        let inspector = Port::claim();
        let daemon = spawn(desktop, &inspector, &start);
        Self {
            eye: desktop.eye(),
            daemon,
            inspector,
            config,
        }
    }

    /// Starts it again after its end, with the same configuration and data.
    pub fn start_anew(&mut self, desktop: &impl DesktopSession) {
        assert!(!self.daemon.is_running(), "up-tray is still running");
        self.daemon = spawn(desktop, &self.inspector, &TrayStart::default());
    }

    /// Starts it a second time while it runs, as a person may do. Returns when the second process
    /// has ended.
    pub fn start_again(&self, desktop: &impl DesktopSession) -> ExitStatus {
        Self::start_again_as(desktop, TrayStart::default())
    }

    /// Starts it with those settings while another one runs. Returns when the process has ended.
    pub fn start_again_as(desktop: &impl DesktopSession, start: TrayStart<'_>) -> ExitStatus {
        let mut command = command(desktop, &start);
        let mut second = Daemon::spawn("up-tray-again", &mut command, desktop.dir());
        second.wait_end()
    }

    /// The path of the program: that of `UP_TRAY_BIN`, or the one that was built with the tests.
    pub fn program() -> PathBuf {
        program()
    }

    /// The path of its up.toml, which need not exist.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Replaces its up.toml as editors do: writes another file and renames it.
    pub fn edit(&self, config: &str) {
        replace(&self.config, config);
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.daemon.pid()
    }

    /// True until it has ended.
    pub fn is_running(&mut self) -> bool {
        self.daemon.is_running()
    }

    /// Sends a signal that asks it to end, and waits for that.
    pub fn stop(&mut self, signal: Signal) -> ExitStatus {
        self.daemon.stop(signal)
    }

    /// Waits until it has ended on its own.
    pub fn wait_end(&mut self) -> ExitStatus {
        self.daemon.wait_end()
    }

    /// Its standard output and error so far.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    /// The page of its panel, which must have been opened.
    pub async fn page(&self, desktop: &impl DesktopSession) -> DrivenPage {
        DrivenPage::attach(desktop, self.inspector()).await
    }

    fn inspector(&self) -> SocketAddr {
        self.inspector.address()
    }
}

impl Drop for UpTray {
    fn drop(&mut self) {
        self.eye.keep_if_failed();
    }
}

fn spawn(desktop: &impl DesktopSession, inspector: &Port, start: &TrayStart<'_>) -> Daemon {
    let mut command = command(desktop, start);
    command
        .env("WEBKIT_INSPECTOR_SERVER", inspector.address().to_string())
        .env("TAURI_WEBVIEW_AUTOMATION", "true");
    Daemon::spawn("up-tray", &mut command, desktop.dir())
}

fn command(desktop: &impl DesktopSession, start: &TrayStart<'_>) -> Command {
    let tray = desktop.built(&program());
    let mut command = match start.through {
        [] => desktop.command(&tray),
        [first, rest @ ..] => {
            let mut command = desktop.command(&crate::daemon::program(first, &[]));
            command.args(rest).arg(&tray);
            command
        }
    };
    command
        .args(start.arguments)
        .envs(start.env.iter().copied());
    command
}

fn replace(file: &Path, text: &str) {
    let folder = file.parent().expect("up.toml lies in a folder");
    std::fs::create_dir_all(folder).expect("a folder for up.toml");
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).expect("up.toml can be written");
    std::fs::rename(&beside, file).expect("up.toml can be replaced");
}

/// The path of the program: that of `UP_TRAY_BIN`, or the one that was built with the tests.
fn program() -> PathBuf {
    let built = || super::target().join("debug/up-tray");
    let program = std::env::var_os("UP_TRAY_BIN").map_or_else(built, PathBuf::from);
    assert!(
        program.is_file(),
        "there is no {}: `cargo build -p up-tray` builds it, after `npm run build` in ui; \
         `cargo xtask test` does both",
        program.display()
    );
    program
}
