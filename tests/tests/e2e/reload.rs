//! up.toml changes while Up runs.

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;
use up_tests::witness::Witness;

use crate::{QUICK, has_problem, page_by_second_start, prod, source};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_taken_up_at_once_and_costs_nothing_that_is_known() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let nginx = Nginx::start();
    let bad = source("Billing", &nginx.url("/503"));
    let up = UpTray::start(&desktop, &format!("{}{bad}", prod(&nginx)));
    witness.bubble(1).await;
    let page = page_by_second_start(&up, &desktop).await;
    page.row("Billing", "DOWN").await;
    page.click("[role=treeitem][data-path='/Example/Billing']")
        .await;
    let since = async || {
        let details = page
            .text_of("section[aria-label='Details of Billing']")
            .await?;
        let lines = details
            .lines()
            .skip_while(|line| *line != "At least since")
            .nth(1)?
            .to_owned();
        Some(lines.split(" (").next()?.to_owned())
    };
    let before = eventually("since when it is down", since).await;
    desktop.press(&["Escape"]);

    // Another rhythm, place in the file and neighbour, but the same source.
    let new = source("Shop", &nginx.url("/ok"));
    let other = QUICK.replace("timeout = \"5s\"", "timeout = \"4s\"");
    up.edit(&format!("{other}{new}{bad}"));
    page.row("Shop", "UP").await;
    let names: Vec<_> = page.rows().await.into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["Example", "Shop", "Billing"], "PROD is gone");
    page.row("Billing", "DOWN").await;
    page.click("[role=treeitem][data-path='/Example/Billing']")
        .await;
    let after = eventually("since when it is down", since).await;
    assert_eq!(after, before, "it has been down all the time");
    desktop.press(&["Escape"]);

    // If it were notified again, that would have happened by the time the next source falls. Others
    // are up, so that this is no outage of the whole tree.
    let others: String = ["Mail", "Wiki", "Files", "Chat"]
        .map(|name| source(name, &nginx.url("/ok")))
        .concat();
    let fallen = source("Shop", &nginx.url("/500"));
    up.edit(&format!("{QUICK}{bad}{fallen}{others}"));
    assert_eq!(witness.bubble(2).await.summary, "Shop: DOWN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_edit_keeps_the_last_good_one_and_says_where_it_is() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "UP").await;

    let broken = prod(&nginx).replace("timeout = ", "timeoot = ");
    up.edit(&broken);
    let line = 1 + broken
        .lines()
        .position(|line| line.contains("timeoot"))
        .expect("it is there");
    page.says(&format!("{}:{line}:1: ", up.config().display()))
        .await;
    page.says("timeoot = \"5s\"").await;
    page.row("PROD", "UP").await;
    eventually("the same in the tray", async || {
        let (title, lines) = desktop.item().await.tooltip().await;
        assert_eq!(title, "Example: UP", "what is watched is watched on");
        lines.contains("timeoot").then_some(())
    })
    .await;

    up.edit("name = \"cut off");
    has_problem(&page, ":1:", true).await;
    std::fs::remove_file(up.config()).expect("up.toml can be removed");
    has_problem(&page, "up.toml", true).await;
    page.row("PROD", "UP").await;

    up.edit(&prod(&nginx).replace("\"PROD\"", "\"Shop\""));
    page.row("Shop", "UP").await;
    has_problem(&page, "up.toml", false).await;
}
