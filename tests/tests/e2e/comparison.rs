//! Several sources beside each other on one axis: their figures are those that `up` says.

use serde_json::Value;
use up_tests::desktop::{Desktop, UpTray, becomes};
use up_tests::nginx::Nginx;
use up_tests::webdriver::DrivenPage;

use crate::saved_files::saved;
use crate::seeded::{PATHS, SeededHistory, config, opened_wide, percent};

const SPAN: (u32, u32) = (480, 1_920);

/// The strips with that caption: the name, the figure, and whether there is red in it.
async fn strips(page: &DrivenPage, caption: &str) -> Vec<(String, String, bool)> {
    let script = format!(
        "return [...document.querySelectorAll(\"ul[aria-label='{caption}'] li\")].map((li) => [
             li.querySelector('.name bdi').innerText,
             li.querySelector('.figure').innerText,
             li.querySelector('path.down').getAttribute('d') !== '',
         ])"
    );
    serde_json::from_value(page.run(&script).await).expect("strips")
}

/// What the strips of these paths must say, by the command line.
fn expected(
    desktop: &Desktop,
    seeded: SeededHistory,
    paths: &[&str],
) -> Vec<(String, String, bool)> {
    let strip = |path: &&str| {
        let told = seeded.told(desktop, path, SPAN);
        let name = path.rsplit('/').next().expect("a name").to_owned();
        let fell = !told["incidents"].as_array().expect("incidents").is_empty();
        (name, percent(&told["uptime"]), fell)
    };
    paths.iter().map(strip).collect()
}

/// Fails unless the saved comparison has the figures of the command line.
async fn is_saved(page: &DrivenPage, desktop: &Desktop, seeded: SeededHistory, paths: &[&str]) {
    let file = saved(page, "JSON: Save this comparison").await;
    let text = std::fs::read_to_string(file).expect("text");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let bands = written["paths"].as_array().expect("paths");
    assert_eq!(bands.len(), paths.len(), "{text:.300}");
    for (band, path) in bands.iter().zip(paths) {
        let told = seeded.told(desktop, path, SPAN);
        assert_eq!(band["path"], *path);
        let uptime = |of: &Value| of["uptime"].as_f64().expect("an uptime");
        assert!((uptime(band) - uptime(&told)).abs() < 1e-9, "{path}");
        let parts = band["parts"].as_array().expect("parts");
        let samples: u64 = parts.iter().filter_map(|part| part["count"].as_u64()).sum();
        // The sample at the very end belongs to the span, and to no part of it.
        let count = told["count"].as_u64().expect("a count");
        assert!(
            samples == count || samples + 1 == count,
            "{path}: {samples} of {count}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_are_compared_on_one_axis() {
    let desktop = Desktop::start().await;
    let seeded = SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Web", "UP").await;
    let [web, pay, _, printer] = PATHS.map(|seeded| seeded.path);
    seeded.show((&desktop, &page), web, SPAN).await;
    page.click_text("summary", "Compare with other sources")
        .await;
    for (name, found) in [
        ("pay", "Example › Shop › Pay"),
        ("print", "Example › Printer"),
    ] {
        page.fill("input[aria-label='Compare with']", name).await;
        page.click_text(".add button", found).await;
    }
    let paths = [web, pay, printer];
    let told = expected(&desktop, seeded, &paths);
    becomes("the compared sources", &told, async || {
        strips(&page, "Web and others").await
    })
    .await;
    assert_eq!(
        told.iter().map(|strip| strip.2).collect::<Vec<_>>(),
        [true, true, false],
        "the printer's outage was before: {told:?}"
    );
    // One chart has the lines of all three. The keyboard reads all of them at one moment.
    let chart = "[role=slider][aria-label='Median durations of 3 sources over time']";
    page.wait_for(chart).await;
    assert_eq!(page.count(&format!("{chart} canvas")).await, 1);
    let said = page
        .run(&format!(
            "return document.querySelector(\"{chart}\").getAttribute('aria-valuetext')"
        ))
        .await;
    let said = said.as_str().expect("a text").to_owned();
    for name in ["Web", "Pay", "Printer"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    is_saved(&page, &desktop, seeded, &paths).await;

    page.click("[aria-label='Compare with Pay no longer']")
        .await;
    let told = expected(&desktop, seeded, &[web, printer]);
    becomes("the sources that are left", &told, async || {
        strips(&page, "Web and others").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_below_a_tree_is_side_by_side() {
    let desktop = Desktop::start().await;
    let seeded = SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Mail", "UP").await;
    let [web, pay, mail, _] = PATHS.map(|seeded| seeded.path);
    seeded.show((&desktop, &page), "/Example/Shop", SPAN).await;
    page.says("The 3 sources below, side by side").await;
    let paths = [web, pay, mail];
    let told = expected(&desktop, seeded, &paths);
    becomes("the sources below", &told, async || {
        strips(&page, "What is below Shop").await
    })
    .await;
    is_saved(&page, &desktop, seeded, &paths).await;
    page.click("ul[aria-label='What is below Shop'] li:nth-child(2) .name")
        .await;
    page.wait_for("section[aria-label='History of Pay']").await;
}
