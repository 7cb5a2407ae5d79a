//! Notes and samples are kept from one start to the next.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use up_tests::desktop::{Desktop, UpTray};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;
use up_tests::up;

use crate::{page_by_second_start, prod};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_stands_on_the_timeline_and_stays_there() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;

    // The menu item puts the cursor into the field for the note.
    desktop.item().await.choose("Add note…").await;
    crate::panel(&desktop).await;
    let page = up.page(&desktop).await;
    page.wait_for("input[aria-label='A note for now']:focus")
        .await;
    page.enter(
        "input[aria-label='A note for now']",
        "Deployed <4.12> & more",
    )
    .await;
    let begun = Instant::now();
    page.says("Noted: Deployed <4.12> & more").await;
    let flag = "button[aria-label^='Note of'][aria-label$=': Deployed <4.12> & more']";
    page.wait_for(flag).await;
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(15),
        "not with the next refresh, a minute later: {took:?}"
    );
    drop(page);

    let end = up.stop(Signal::TERM);
    assert!(
        end.success(),
        "SIGTERM ends it cleanly: {end}\n{}",
        up.log()
    );
    up.start_anew(&desktop);
    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "UP").await;
    page.click("[role=treeitem][aria-level='2']").await;
    page.wait_for(flag).await;

    // It is changed to be about this source alone, and removed. The command line sees both.
    let notes = || {
        let mut listed = desktop.command(&up::program());
        let listed = listed.args(["history", "notes"]).output();
        String::from_utf8(listed.expect("`up` runs").stdout).expect("text")
    };
    page.click("button[aria-label^='Change the note: Deployed']")
        .await;
    page.click("[aria-label='What the note is about'] [role=radio]:first-of-type")
        .await;
    page.enter("input[aria-label='The text of the note']", " again")
        .await;
    page.says("Changed: Deployed <4.12> & more again").await;
    drop(page);
    up.stop(Signal::TERM);
    let kept = notes();
    assert!(kept.contains(" Deployed <4.12> & more again (/"), "{kept}");
    up.start_anew(&desktop);
    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "UP").await;
    page.click("[role=treeitem][aria-level='2']").await;
    page.click("button[aria-label^='Remove the note: Deployed']")
        .await;
    page.says("Removed: Deployed <4.12> & more again").await;
    drop(page);
    up.stop(Signal::TERM);
    assert_eq!(notes(), "");
}
