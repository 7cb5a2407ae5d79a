//! Up starts when the person logs in, if they chose so: in a session that honours the autostart
//! folder, without a window, and without an alarm for what is not up yet.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use up_tests::daemon::program;
use up_tests::desktop::{Desktop, TrayStart, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;
use up_tests::witness::Witness;

use crate::{page_by_second_start, prod};

/// Much longer than it takes to be told of an outage by the configuration of these tests.
const LONG_ENOUGH: Duration = Duration::from_secs(12);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_starts_it_without_a_window_and_without_an_alarm() {
    let desktop = Desktop::start().await;
    let mut nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    assert_eq!(autostart(&desktop, "status"), "off");
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "UP").await;
    page.click("footer [role='switch']").await;
    page.says("Up starts when you log in.").await;
    assert_eq!(autostart(&desktop, "status"), "on");
    drop(page);
    assert!(up.stop(Signal::TERM).success());

    let witness = Witness::appear(&desktop).await;
    nginx.stop();
    log_in(&desktop);
    let tray = LoggedInTray::of(&desktop).await;
    desktop.item().await;
    tokio::time::sleep(LONG_ENOUGH).await;
    let bubbles = witness.bubbles();
    assert!(bubbles.is_empty(), "in the first minute: {bubbles:?}");
    // A session may start it twice, by its autostart folder and by what it restores.
    let end = UpTray::start_again_as(
        &desktop,
        TrayStart {
            arguments: &["--at-login"],
            ..TrayStart::default()
        },
    );
    assert!(end.success());
    assert!(desktop.windows("Up").is_empty(), "a login opens no window");
    nginx.start_again();
    desktop.icon_turns(Hue::Green).await;
    assert_eq!(autostart(&desktop, "off"), "off");
    assert_eq!(autostart(&desktop, "status"), "off");
    drop(tray);
    log_in(&desktop);
    assert_eq!(running(&desktop), None, "it was switched off");
}

/// What `up-tray --autostart CHOICE` prints.
fn autostart(desktop: &Desktop, choice: &str) -> String {
    let mut command = desktop.command(&UpTray::program());
    let output = command.args(["--autostart", choice]).output();
    let output = output.expect("up-tray runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Starts what the session's autostart folders say, as a session does at its begin.
fn log_in(desktop: &Desktop) {
    let mut command = desktop.command(&program("dex", &[]));
    // What dex starts keeps its output open, so that nothing may wait for the end of that.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.arg("--autostart").status().expect("dex runs");
    assert!(status.success(), "{status}");
}

/// The `up-tray` that a login started. It is killed when this is dropped.
struct LoggedInTray(Pid);

impl LoggedInTray {
    async fn of(desktop: &Desktop) -> Self {
        Self(eventually("an up-tray", async || running(desktop)).await)
    }
}

impl Drop for LoggedInTray {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = kill_process(self.0, Signal::KILL);
    }
}

/// The `up-tray` that runs in the session of this desktop.
fn running(desktop: &Desktop) -> Option<Pid> {
    let bus = format!("DBUS_SESSION_BUS_ADDRESS={}", desktop.bus_address());
    let mut processes = std::fs::read_dir("/proc").expect("the processes").flatten();
    let found = processes.find(|process| {
        let process = process.path();
        is_tray(&process) && has_variable(&process, &bus)
    })?;
    Pid::from_raw(found.file_name().to_str()?.parse().ok()?)
}

fn is_tray(process: &Path) -> bool {
    let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
    let mut words = command.split(|byte| *byte == 0);
    words.next() == Some(UpTray::program().as_os_str().as_encoded_bytes())
}

fn has_variable(process: &Path, variable: &str) -> bool {
    let environment = std::fs::read(process.join("environ")).unwrap_or_default();
    let mut variables = environment.split(|byte| *byte == 0);
    variables.any(|one| one == variable.as_bytes())
}
