//! What Up itself has to say, on the icon and in its tooltip: that notifications are muted, and
//! that the configuration has mistakes.

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::{Hue, Screen};
use up_tests::up;

use crate::prod;
use crate::tray::tray_end;

/// Runs `up` with these arguments on that desktop.
fn run(desktop: &Desktop, arguments: &[&str]) {
    let mut command = desktop.command(&up::program());
    let done = command.args(arguments).output().expect("`up` runs");
    assert!(done.status.success(), "up {arguments:?}: {done:?}");
}

/// Waits for a tooltip that contains `text`, or that does not.
async fn tooltip(desktop: &Desktop, text: &str, expected: bool) {
    eventually(
        format_args!("{text:?} in the tooltip: {expected}"),
        async || {
            let (_, lines) = desktop.items().await.pop()?.tooltip().await;
            (lines.contains(text) == expected).then_some(())
        },
    )
    .await;
}

/// Waits until the icon looks different from `before`.
async fn changes(desktop: &Desktop, before: &Screen) -> Screen {
    eventually("another icon", async || {
        let now = tray_end(desktop);
        (now != *before).then_some(now)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mute_is_said_by_icon_and_tooltip() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let _up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let plain = tray_end(&desktop);
    run(&desktop, &["mute"]);
    let muted = changes(&desktop, &plain).await;
    tooltip(&desktop, "Notifications are muted", true).await;
    run(&desktop, &["unmute"]);
    let again = changes(&desktop, &muted).await;
    assert!(again == plain, "the icon is as it was");
    tooltip(&desktop, "muted", false).await;
}
