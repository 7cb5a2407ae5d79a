//! Up on a desktop, from its start to its end, as a person uses it. Each test has a desktop of its
//! own: X server, session bus, window manager, tray host, notification service.

mod alone;
mod axe;
mod bubbles;
mod comparison;
mod descriptors;
mod fleet;
mod history;
mod incidents;
mod login;
mod marks;
mod menu;
mod overview;
mod pictures;
mod reload;
mod restart;
mod saved_files;
mod screen_reader;
mod seeded;
mod stays;
mod story;
mod tray;
mod wayland;
mod window;

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::webdriver::DrivenPage;

/// The head of an up.toml with intervals so short that a story takes seconds.
const QUICK: &str = r#"
name = "Example"
interval = "1s"
timeout = "5s"

[alert]
retry = "500ms"
"#;

/// An up.toml with one source.
fn prod(nginx: &Nginx) -> String {
    format!("{QUICK}{}", source("PROD", &nginx.url("/ok")))
}

fn source(name: &str, url: &str) -> String {
    format!("\n[[source]]\ntype = \"http\"\nname = \"{name}\"\nurl = \"{url}\"\n")
}

/// Waits for the panel, and returns its window.
async fn panel(desktop: &Desktop) -> String {
    eventually("the panel's window", async || desktop.windows("Up").pop()).await
}

/// Waits until the panel is not on the screen.
async fn no_panel(desktop: &Desktop) {
    eventually("no panel", async || {
        desktop.windows("Up").is_empty().then_some(())
    })
    .await;
}

/// Starts Up again, which opens the panel of the running one, and returns its page.
async fn page_by_second_start(up: &UpTray, desktop: &Desktop) -> DrivenPage {
    let end = up.start_again(desktop);
    assert!(end.success(), "a second start is no failure: {end}");
    panel(desktop).await;
    assert!(desktop.items().await.len() <= 1, "there is one Up");
    up.page(desktop).await
}

/// Waits until the panel shows a trouble of Up itself, or no longer shows it.
async fn has_problem(page: &DrivenPage, title: &str, expected: bool) {
    let problems = "[aria-label='Problems of Up itself']";
    eventually(
        format_args!("{title:?} among the problems: {expected}"),
        async || {
            let text = page.text_of(problems).await.unwrap_or_default();
            (text.contains(title) == expected).then_some(())
        },
    )
    .await;
}
