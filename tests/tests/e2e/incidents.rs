//! The list of incidents: what it has, how it is filtered, what is new in it, and the ways that lead to
//! it.

use up_tests::desktop::{Desktop, UpTray, becomes, eventually};
use up_tests::nginx::Nginx;
use up_tests::up;
use up_tests::webdriver::DrivenPage;

use crate::seeded::{SeededHistory, answer, config, opened_wide};

const LIST: &str = "section[aria-label='Incidents of everything']";

/// An up.toml with one more source, which is down while a file is there.
fn with_door(desktop: &Desktop, nginx: &Nginx) -> String {
    let open = desktop.dir().join("door-is-open");
    let door = format!(
        "\n[[source]]\ntype = \"command\"\nname = \"Door\"\n\
         command = [\"sh\", \"-c\", \"test ! -e {} || {{ echo it is open; exit 2; }}\"]\n",
        open.display()
    );
    [config(nginx), door].concat()
}

/// The names in the list, from top to bottom.
async fn names(page: &DrivenPage) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll(\"{LIST} li .name\")].map((name) => name.innerText)"
    );
    serde_json::from_value(page.run(&script).await).expect("names")
}

async fn lists(page: &DrivenPage, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|&name| name.into()).collect();
    becomes("the listed incidents", &expected, async || {
        names(page).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn incidents_are_filtered_acknowledged_and_new() {
    let desktop = Desktop::start().await;
    SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &with_door(&desktop, &nginx));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Door", "UP").await;
    page.click("[aria-label='Incidents']").await;
    page.click_text(&format!("{LIST} [role=radio]"), "7 d")
        .await;
    let told = answer(&desktop, &["history", "incidents", "--since", "7d"]);
    let told = told["incidents"].as_array().expect("incidents").clone();
    let expected: Vec<&str> = told
        .iter()
        .map(|incident| incident["path"].as_str().expect("a path"))
        .map(|path| path.rsplit('/').next().expect("a name"))
        .collect();
    assert_eq!(expected, ["Web", "Pay", "Web", "Printer"], "newest first");
    lists(&page, &expected).await;

    let filter = format!("{LIST} input[aria-label^='Filter by path']");
    for (text, expected) in [
        ("shop pay", &["Pay"][..]),
        (">1h", &["Pay", "Printer"]),
        ("<1h", &["Web", "Web"]),
        ("refused <20m", &["Web"]),
    ] {
        page.fill(&filter, text).await;
        lists(&page, expected).await;
    }
    // Back to the tree. What happens from now on is new at the next look.
    page.click("[aria-label='Incidents']").await;
    let door = desktop.dir().join("door-is-open");
    std::fs::write(&door, "").expect("a file on the desktop");
    page.row("Door", "DOWN").await;
    eventually("the engine believes it", async || {
        let mut ack = desktop.command(&up::program());
        let ack = ack.args(["ack", "/Example/Door", "--note", "the mailman"]);
        let done = ack.output().expect("`up` runs");
        done.status.success().then_some(())
    })
    .await;
    page.click("[aria-label='Incidents']").await;
    page.wait_for(&format!("{LIST} li .new")).await;
    page.says("1 new since you last looked").await;
    page.click_text(&format!("{LIST} [role=radio]"), "Since I last looked")
        .await;
    lists(&page, &["Door"]).await;
    eventually("who acknowledged it", async || {
        let text = page.text_of(&format!("{LIST} li")).await?;
        (text.contains("acknowledged") && text.contains(": the mailman")).then_some(())
    })
    .await;
    std::fs::remove_file(&door).expect("it is there");
}

/// The time of an outage of one source, and a little around it.
const SPAN: (u32, u32) = (480, 960);
/// Where its middle is within that time, from minute 600 to 630.
const MIDDLE: f64 = 135.0 / 480.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_red_of_a_chart_leads_to_the_incident() {
    let path = "/Example/Shop/Web";
    leads_to_the_incident(path, "section[aria-label='History of Web'] .plots .u-over").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_red_of_a_strip_leads_to_the_incident() {
    let strip = "ul[aria-label='What is below Shop'] li:first-child .strip";
    leads_to_the_incident("/Example/Shop", strip).await;
}

/// Shows the history of a path, and clicks where an outage is drawn.
async fn leads_to_the_incident(path: &str, drawn: &str) {
    let desktop = Desktop::start().await;
    let seeded = SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (window, page) = opened_wide(&up, &desktop).await;
    page.row("Web", "UP").await;
    seeded.show((&desktop, &page), path, SPAN).await;
    page.middle_of(drawn).await;
    let place = page
        .run(&format!(
            "const {{ left, top, width, height }} =
                 document.querySelector(\"{drawn}\").getBoundingClientRect();
             return [left + width * {MIDDLE}, top + height / 2].map(Math.round)"
        ))
        .await;
    let place = serde_json::from_value(place).expect("a place");
    desktop.click_in(&window, place, 1);
    let below = "section[aria-label='Incidents of Web']";
    page.wait_for(&format!("{below} li [aria-current=true]"))
        .await;
    let found = page
        .text_of(&format!("{below} li:has([aria-current=true])"))
        .await;
    let found = found.expect("it was there");
    assert!(found.contains("30 min"), "{found}");
}
