//! What Up itself has to say, on the icon and in its tooltip: that notifications are muted, and
//! that the configuration has mistakes. And bubbles that say what is not so any more.

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::{Hue, Screen};
use up_tests::up;
use up_tests::witness::Witness;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_configuration_is_told_once_marked_and_taken_back() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let nginx = Nginx::start();
    let good = prod(&nginx);
    let up = UpTray::start(&desktop, &good);
    desktop.icon_turns(Hue::Green).await;
    let plain = tray_end(&desktop);

    up.edit(&format!("colour = \"red\"\n{good}"));
    let told = witness.bubble(1).await;
    assert_eq!(told.summary, "The configuration cannot be used");
    let place = format!("{}:1:1: unknown key `colour`", up.config().display());
    assert!(told.body.starts_with(&place), "{told:?}");
    assert!(told.body.contains("stays in use"), "{told:?}");
    let marked = changes(&desktop, &plain).await;
    tooltip(&desktop, "unknown key `colour`", true).await;

    // Another mistake takes its place: there is one bubble.
    up.edit(&format!("color = \"red\"\nsize = 3\n{good}"));
    let again = witness.bubble(2).await;
    assert_eq!((again.replaces, again.id), (told.id, told.id));
    assert!(again.body.contains("and 1 more mistake"), "{again:?}");

    up.edit(&good);
    let mended = changes(&desktop, &marked).await;
    assert!(mended == plain, "the mark is gone");
    tooltip(&desktop, "unknown key", false).await;
    eventually("the bubble closed", async || {
        witness.closed().contains(&told.id).then_some(())
    })
    .await;
    assert_eq!(witness.bubbles().len(), 2, "nothing else was told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bubble_goes_when_its_outage_was_dealt_with() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let mut nginx = Nginx::start();
    let steady = "[source.alert]\nflapping = false\n";
    let _up = UpTray::start(&desktop, &format!("{}{steady}", prod(&nginx)));
    desktop.icon_turns(Hue::Green).await;
    let closed = async |number: usize| {
        eventually(format_args!("{number} closed bubbles"), async || {
            (witness.closed().len() == number).then_some(())
        })
        .await;
    };
    // Some services, such as dunst, leave a bubble where it is when its button was pressed.
    nginx.stop();
    let down = witness.bubble(1).await;
    witness.press(down.id, "snooze").await;
    closed(1).await;
    nginx.start_again();
    desktop.icon_turns(Hue::Green).await;
    run(&desktop, &["snooze", "--off", "/Example/PROD"]);
    // What happened meanwhile is told at the end of the snooze.
    let back = witness.bubble(2).await;
    assert!(back.summary.starts_with("PROD: UP again"), "{back:?}");
    nginx.stop();
    let down = witness.bubble(3).await;
    assert_eq!(down.summary, "PROD: DOWN");
    // Nobody is told of a recovery while everything is muted, so that nothing replaces the bubble.
    run(&desktop, &["mute"]);
    nginx.start_again();
    closed(2).await;
}
