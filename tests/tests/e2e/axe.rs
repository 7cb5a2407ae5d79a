//! What axe-core finds in the real web view: nothing, in no view, whatever it looks like.

use std::path::Path;

use serde::Deserialize;
use up_tests::desktop::{Desktop, Shade, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::portal::SettingsPortal;
use up_tests::webdriver::DrivenPage;

use crate::seeded::{SeededHistory, config, opened_wide, printed};

/// The rules that are checked: all of WCAG 2.2 up to level AA, and good practice.
const ALL: &str = r#"["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]"#;
/// The rule about colours alone, for looks that differ in nothing else.
const COLOURS: &str = r#"{ type: "rule", values: ["color-contrast"] }"#;

/// An element that breaks a rule.
#[derive(Debug, PartialEq, Deserialize)]
struct Violation {
    rule: String,
    element: String,
    why: String,
}

/// What axe finds in the page by these rules.
async fn violations(page: &DrivenPage, rules: &str) -> Vec<Violation> {
    if page.run("return 'axe' in window").await == false {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR"));
        let axe = axe.join("../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&axe)
            .unwrap_or_else(|e| panic!("{}: {e}: `npm ci` in ui", axe.display()));
        page.run(&axe).await;
    }
    page.run(&format!(
        "window.axeFound = null;
         axe.run({{ runOnly: {rules}, resultTypes: ['violations'] }}).then(
             ({{ violations }}) => (window.axeFound = violations.flatMap(({{ id, nodes }}) =>
                 nodes.map(({{ target, failureSummary }}) =>
                     ({{ rule: id, element: target.join(' '), why: failureSummary ?? '' }})))),
             (error) => (window.axeFound = [{{ rule: 'axe', element: '', why: String(error) }}]));"
    ))
    .await;
    let found = eventually("axe's answer", async || {
        let found = page.run("return window.axeFound").await;
        (!found.is_null()).then_some(found)
    })
    .await;
    serde_json::from_value(found).expect("violations")
}

/// Clicks what matches the selector and has this text, by a script: the driver misses what is enlarged.
async fn press(page: &DrivenPage, css: &str, text: &str) {
    let wanted = [css, text].map(serde_json::Value::from);
    let script = format!(
        "const found = [...document.querySelectorAll({})]
             .find((element) => element.innerText.trim() === {});
         found?.click();
         return found !== undefined;",
        wanted[0], wanted[1]
    );
    eventually(format_args!("{css} that says {text:?}"), async || {
        (page.run(&script).await == true).then_some(())
    })
    .await;
}

/// Opens the details of a path, which may cover the tree.
async fn open(page: &DrivenPage, path: &str) {
    let back = "[aria-label='Back to the tree']";
    if page.count(back).await > 0 {
        press(page, back, "").await;
    }
    let name = path.rsplit('/').next().expect("a name");
    press(page, "[role=treeitem] .name", name).await;
}

/// Leads to each view in turn, and calls `look` there with the name of the view.
async fn visit(page: &DrivenPage, mut look: impl AsyncFnMut(&str)) {
    page.row("Web", "UP").await;
    look("tree").await;
    open(page, "/Example/Shop/Web").await;
    page.wait_for("section[aria-label='History of Web'] [role=slider]")
        .await;
    look("details and history").await;
    open(page, "/Example/Page").await;
    page.wait_for(".graphs figure").await;
    page.run("document.querySelector('.graphs').scrollIntoView()")
        .await;
    look("measured").await;
    press(page, "button[aria-label^='Change the note: moved']", "").await;
    page.wait_for("[aria-label='What the note is about']").await;
    look("notes").await;
    open(page, "/Example/Shop").await;
    page.wait_for("ul[aria-label='What is below Shop'] .strip")
        .await;
    page.run("document.querySelector('ul .strip').scrollIntoView()")
        .await;
    look("comparison").await;
    press(page, "[aria-label='Overview']", "").await;
    press(page, ".bar [role=radio]", "7 d").await;
    page.wait_for("[aria-label='Overview of everything'] tbody tr:nth-child(4)")
        .await;
    look("overview").await;
    press(page, "[aria-label='Incidents']", "").await;
    press(page, ".bar [role=radio]", "7 d").await;
    page.wait_for("[aria-label='Incidents of everything'] li:nth-child(2)")
        .await;
    look("incidents").await;
    press(page, "[aria-label='Incidents']", "").await;
}

/// Visits each view in a look, and collects what axe finds.
async fn examine(page: &DrivenPage, look: &str, rules: &str, found: &mut Vec<String>) {
    visit(page, async |view| {
        // What moves into its place is pale for a moment, which is no violation.
        let still = "return document.getAnimations().every((one) => one.playState !== 'running')";
        eventually("a view that stands still", async || {
            (page.run(still).await == true).then_some(())
        })
        .await;
        for violation in violations(page, rules).await {
            found.push(format!("{look}, {view}: {violation:?}"));
        }
    })
    .await;
}

/// Fails unless axe finds a picture that says nothing to who cannot see it.
async fn finds_what_is_wrong(page: &DrivenPage) {
    let picture = "document.querySelector('main').append(document.createElement('img'))";
    page.run(picture).await;
    let found = violations(page, ALL).await;
    page.run("document.querySelector('main > img').remove()")
        .await;
    assert!(
        found.iter().any(|found| found.rule == "image-alt"),
        "{found:?}"
    );
}

async fn everybody_on(shade: Shade) {
    let mut desktop = Desktop::bare(shade).await;
    desktop.start_tray_host().await;
    let portal = SettingsPortal::appear(&desktop).await;
    SeededHistory::import(&desktop);
    printed(&desktop, &["note", "moved the router"]);
    let nginx = Nginx::start();
    let page = crate::source("Page", &nginx.url("/ok"));
    let down = crate::source("Billing", &nginx.url("/503"));
    let up = UpTray::start(&desktop, &[config(&nginx), page, down].concat());
    let mut found = Vec::new();

    let (window, page) = opened_wide(&up, &desktop).await;
    let is_dark = page
        .run("return matchMedia('(prefers-color-scheme: dark)').matches")
        .await;
    assert_eq!(is_dark, shade == Shade::Dark, "the desktop is {shade:?}");
    page.row("Billing", "DOWN").await;
    finds_what_is_wrong(&page).await;
    examine(&page, "plain", ALL, &mut found).await;
    for _ in 0..5 {
        desktop.press(&["ctrl+plus"]);
    }
    eventually("text of 200 %", async || {
        let width = page.run("return innerWidth").await.as_f64()?;
        let zoom = f64::from(desktop.place(&window).width) / width;
        ((zoom - 2.0).abs() < 0.02).then_some(())
    })
    .await;
    examine(&page, "200 %", ALL, &mut found).await;
    desktop.press(&["ctrl+0"]);

    portal.prefer_contrast(1);
    drop(page);
    desktop.press(&["Escape"]);
    crate::no_panel(&desktop).await;
    let (_, page) = opened_wide(&up, &desktop).await;
    eventually("more contrast", async || {
        let contrast = page
            .run("return document.documentElement.dataset.contrast")
            .await;
        (contrast == "more").then_some(())
    })
    .await;
    examine(&page, "more contrast", COLOURS, &mut found).await;
    assert_eq!(found, [] as [&str; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_is_for_everybody_on_a_dark_desktop() {
    everybody_on(Shade::Dark).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_is_for_everybody_on_a_light_desktop() {
    everybody_on(Shade::Light).await;
}
