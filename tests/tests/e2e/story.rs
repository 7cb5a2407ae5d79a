//! The main story of Up: an icon, a notification when something goes down, a click to see why, and
//! the history.

use rustix::process::Signal;
use up_tests::desktop::{Desktop, UpTray, eventually, pictures};
use up_tests::nginx::Nginx;
use up_tests::screen::{Area, Hue};
use up_tests::witness::Witness;

use crate::{no_panel, panel, prod};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_seen_told_explained_and_over() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let mut nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));

    let icon = desktop.icon_turns(Hue::Green).await;
    let (title, _) = desktop.item().await.tooltip().await;
    assert_eq!(title, "Example: UP");
    assert_eq!(witness.bubbles(), [], "what is up at the start is no news");

    nginx.stop();
    desktop.icon_turns(Hue::Red).await;
    let told = witness.bubble(1).await;
    assert_eq!(told.summary, "PROD: DOWN");
    assert!(told.body.contains("refused"), "the cause is told: {told:?}");
    assert_eq!(told.urgency, 2, "an outage is critical");

    desktop.click(icon.middle(), 1);
    let place = desktop.place(&panel(&desktop).await);
    assert!(place.top < 100, "the panel opens by the tray: {place:?}");
    let page = up.page(&desktop).await;
    let row = page.row("PROD", "DOWN").await;
    assert!(row.says("refused"), "the panel says why: {row:?}");
    let names = page.rows().await.into_iter();
    let names: Vec<_> = names.map(|row| (row.level, row.name)).collect();
    let expected = [(1, "Example".into()), (2, "PROD".into())];
    assert_eq!(names, expected, "the source is in the root");

    nginx.start_again();
    desktop.icon_turns(Hue::Green).await;
    let over = witness.bubble(2).await;
    assert!(
        over.summary.starts_with("PROD: UP again after "),
        "the recovery says how long it was: {over:?}"
    );
    assert_eq!(over.replaces, told.id, "good news takes the place of bad");
    page.row("Example", "UP").await;
    page.row("PROD", "UP").await;
    assert_eq!(witness.bubbles().len(), 2, "each was told once");

    page.click("[role=treeitem][aria-level='2']").await;
    let chart = "[role=slider][aria-label^='Status and duration of PROD']";
    page.wait_for(chart).await;
    eventually("the outage in the history's line", async || {
        (page.painted(chart, Hue::Red).await > 10).then_some(())
    })
    .await;
    let history = page.text_of("section[aria-label='History of PROD']").await;
    let history = history.expect("it was there already");
    assert!(history.contains("Down\n1"), "{history}");

    // Quit is the last item of the menu, which the up key selects first.
    let below = Area {
        left: icon.left - 100,
        top: 40,
        width: 100,
        height: 60,
    };
    desktop.click(icon.middle(), 3);
    no_panel(&desktop).await;
    eventually("the menu", async || {
        (desktop.screen().part(below).colours() > 1).then_some(())
    })
    .await;
    desktop.screen().save(&pictures().join("screens/menu.png"));
    desktop.press(&["Up", "Return"]);
    let end = up.wait_end();
    assert!(end.success(), "{end}\n{}", up.log());
    eventually("no icon", async || desktop.icon().is_none().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_click_on_a_message_leads_to_its_incident() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let nginx = Nginx::start();
    let bad = crate::source("Billing", &nginx.url("/503"));
    let up = UpTray::start(&desktop, &format!("{}{bad}", prod(&nginx)));

    let told = witness.bubble(1).await;
    assert_eq!(
        told.summary, "Billing: DOWN",
        "what is down at the start is told"
    );
    desktop.icon_turns(Hue::Yellow).await;
    assert_eq!(
        desktop.windows("Up"),
        [] as [&str; 0],
        "nothing opens by itself"
    );

    witness.choose(told.id, "default").await;
    panel(&desktop).await;
    let page = up.page(&desktop).await;
    page.wait_for("section[aria-label='Incidents of Billing'] [aria-current=true]:focus")
        .await;
    page.says("503").await;

    // To the history of that time, back to the tree, and out of the panel.
    desktop.press(&["Return"]);
    page.wait_for("section[aria-label='Details of Billing']")
        .await;
    desktop.press(&["Escape"]);
    page.wait_for("section[aria-label='Incidents of Billing']")
        .await;
    desktop.press(&["Escape"]);
    page.wait_for("[role=treeitem][aria-selected=true][data-path='/Example/Billing']")
        .await;
    page.row("Billing", "DOWN").await;
    desktop.press(&["Escape"]);
    no_panel(&desktop).await;
    assert_eq!(witness.bubbles().len(), 1, "it was told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mood_changes_the_words_everywhere_and_is_kept() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let mut nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    let icon = desktop.icon_turns(Hue::Green).await;
    desktop.click(icon.middle(), 1);
    panel(&desktop).await;
    let page = up.page(&desktop).await;
    page.row("PROD", "UP").await;

    desktop.item().await.choose("Pessimist").await;
    page.row("PROD", "WHATEVER").await;
    page.click("[role=radiogroup][aria-label=Mood] [role=radio][aria-label=optimist]")
        .await;
    page.row("PROD", "UP").await;
    nginx.stop();
    page.row("PROD", "HANG IN THERE!").await;
    assert_eq!(witness.bubble(1).await.summary, "PROD: HANG IN THERE!");

    // The icon that opened the panel closes it.
    desktop.click(icon.middle(), 1);
    no_panel(&desktop).await;
    drop(page);
    assert!(up.stop(Signal::TERM).success(), "{}", up.log());
    up.start_anew(&desktop);
    desktop.icon_turns(Hue::Red).await;
    eventually("the mood of before in the tray", async || {
        let (title, _) = desktop.item().await.tooltip().await;
        (title == "Example: HANG IN THERE!").then_some(())
    })
    .await;
}
