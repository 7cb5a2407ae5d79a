//! The whole of Up on a desktop, as a person lives with it: an icon, a message when something goes
//! down, a click to see why, and how it has been.

use rustix::process::Signal;
use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;
use up_tests::witness::Witness;

/// Short intervals, so that a story takes seconds.
fn config(nginx: &Nginx) -> String {
    format!(
        r#"
name = "Example"
interval = "1s"
timeout = "5s"

[alert]
retry = "500ms"

[[source]]
type = "http"
name = "PROD"
url = "{}"
"#,
        nginx.url("/ok")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_seen_told_explained_and_over() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let mut nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &config(&nginx));

    let icon = desktop.icon_turns(Hue::Green).await;
    let (title, _) = desktop.item().await.tooltip().await;
    assert_eq!(title, "Example: UP");
    assert_eq!(witness.bubbles(), [], "what is up at the start is no news");

    nginx.stop();
    desktop.icon_turns(Hue::Red).await;
    let told = witness.bubble(1).await;
    assert_eq!(told.summary, "PROD: DOWN");
    assert!(told.body.contains("refused"), "the cause is told: {told:?}");

    desktop.click(icon.middle(), 1);
    let window = eventually("the panel's window", async || desktop.windows("Up").pop()).await;
    let place = desktop.place(&window);
    assert!(place.top < 100, "the panel opens by the tray: {place:?}");
    let page = up.page(&desktop).await;
    let row = page.row("PROD", "DOWN").await;
    assert!(row.says("refused"), "the panel says why: {row:?}");
    let names = page
        .rows()
        .await
        .into_iter()
        .map(|row| (row.level, row.name));
    let names: Vec<_> = names.collect();
    assert_eq!(
        names,
        [(1, "Example".into()), (2, "PROD".into())],
        "the source is in the root"
    );

    nginx.start_again();
    desktop.icon_turns(Hue::Green).await;
    let over = witness.bubble(2).await;
    assert!(
        over.summary.starts_with("PROD: UP again after "),
        "{over:?}"
    );
    assert_eq!(
        over.replaces, told.id,
        "good news takes the place of the bad"
    );
    page.row("Example", "UP").await;
    page.row("PROD", "UP").await;
    assert_eq!(witness.bubbles().len(), 2, "each was told once");

    up.stop(Signal::TERM);
}
