//! Up is killed, or ended, and started again. Known outages are not notified again, and their
//! recoveries are.

use rustix::process::Signal;
use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;
use up_tests::witness::Witness;

use crate::bubbles::listed;
use crate::{QUICK, source};

/// An up.toml with `PROD`, and others that are up, so that it is no outage of the whole tree.
fn site(prod: &Nginx, second: &Nginx, steady: &Nginx) -> String {
    let more = ["x", "y", "z"].map(|name| source(name, &steady.url("/ok")));
    let two = [("PROD", prod), ("TEST", second)].map(|(name, at)| source(name, &at.url("/ok")));
    let head = format!("{QUICK}group_within = \"1s\"\nflapping = false\n");
    [head, two.concat(), more.concat()].concat()
}

/// Waits until that many notices have a receipt.
async fn delivered(desktop: &Desktop, number: usize) {
    eventually(format_args!("{number} are known to be shown"), async || {
        let list = listed(desktop, "alerts");
        let shown = list.matches("notifications: delivered").count();
        (shown == number).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_before_a_restart_is_not_told_again() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let (mut prod, mut second, steady) = (Nginx::start(), Nginx::start(), Nginx::start());
    let mut up = UpTray::start(&desktop, &site(&prod, &second, &steady));
    desktop.icon_turns(Hue::Green).await;
    prod.stop();
    let down = witness.bubble(1).await;
    assert_eq!(down.summary, "PROD: DOWN");
    // If Up is killed before the receipt, it delivers the notice again, because it cannot know that
    // it was shown.
    delivered(&desktop, 1).await;

    up.stop(Signal::KILL);
    up.start_anew(&desktop);
    // Any other notice would come before this one.
    second.stop();
    let next = witness.bubble(2).await;
    assert_eq!(next.summary, "TEST: DOWN", "{:#?}", witness.bubbles());
    delivered(&desktop, 2).await;

    up.stop(Signal::KILL);
    prod.start_again();
    up.start_anew(&desktop);
    let back = witness.bubble(3).await;
    assert_eq!(back.summary, "PROD: UP again", "{back:?}");
    let words = "it was DOWN when Up stopped at ";
    assert!(back.body.contains(words), "{back:?}");
    assert_eq!(
        back.replaces, down.id,
        "the bubble that outlasted Up changes"
    );

    up.stop(Signal::TERM);
    up.start_anew(&desktop);
    second.start_again();
    let over = witness.bubble(4).await;
    assert!(over.summary.starts_with("TEST: UP again"), "{over:?}");
    up.stop(Signal::TERM);
    assert_eq!(witness.bubbles().len(), 4, "each was told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_desktop_took_waits_over_a_restart() {
    let desktop = Desktop::start().await;
    let (mut prod, second, steady) = (Nginx::start(), Nginx::start(), Nginx::start());
    let mut up = UpTray::start(&desktop, &site(&prod, &second, &steady));
    desktop.icon_turns(Hue::Green).await;
    prod.stop();
    desktop.icon_turns(Hue::Yellow).await;
    let untold = |desktop: &Desktop| {
        let list = listed(desktop, "alerts");
        list.contains("notifications: not delivered yet")
    };
    eventually("it waits", async || untold(&desktop).then_some(())).await;
    up.stop(Signal::KILL);
    let witness = Witness::appear(&desktop).await;
    up.start_anew(&desktop);
    let down = witness.bubble(1).await;
    assert_eq!(down.summary, "PROD: DOWN");
    prod.start_again();
    let over = witness.bubble(2).await;
    assert!(over.summary.starts_with("PROD: UP again"), "{over:?}");
    up.stop(Signal::TERM);
}
