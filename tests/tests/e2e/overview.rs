//! The overview of all paths, and the year of one: their figures are those that `up` says, and a click
//! leads to the history.

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::webdriver::DrivenPage;

use crate::seeded::{PATHS, SeededHistory, answer, config, opened_wide, percent};

/// The uptimes of the table, by path, as they are written.
async fn table(page: &DrivenPage) -> Vec<(String, String)> {
    let script = "return [...document.querySelectorAll('tbody tr')].flatMap((row) => {
             const path = row.querySelector('.path button')?.title;
             return path ? [[path, row.cells[1].innerText]] : [];
         })";
    serde_json::from_value(page.run(script).await).unwrap_or_default()
}

/// The minutes of a day.
const DAY: u32 = 24 * 60;

/// The distance of the points at which bubbles are looked for, in pixels. The largest are wider.
const STEP: usize = 8;

/// The place of the drawn bubble of a path. The canvas names the bubble under the pointer.
async fn bubble_of(desktop: &Desktop, window: &str, page: &DrivenPage, path: &str) -> (u32, u32) {
    let canvas = "const canvas = document.querySelector('.list canvas');
        const { left, top, width, height } = canvas.getBoundingClientRect();";
    let ask = format!("{canvas} return [left, top, width, height]");
    let place = page.run(&ask).await;
    let [left, top, width, height]: [f64; 4] =
        serde_json::from_value(place).expect("the place of the canvas");
    let title_of = format!("{canvas} return canvas.title");
    for y in (0..height as u32).step_by(STEP) {
        for x in (0..width as u32).step_by(STEP) {
            let (x, y) = (left as u32 + x, top as u32 + y);
            desktop.point_in(window, (x, y));
            // The second answer comes when the pointer has arrived.
            page.run(&title_of).await;
            let title = page.run(&title_of).await;
            if title.as_str().is_some_and(|title| title.starts_with(path)) {
                return (x, y);
            }
        }
    }
    panic!("no bubble of {path}")
}

fn number(percent: &str) -> f64 {
    let number = percent.trim_end_matches('%').parse();
    number.unwrap_or_else(|_| panic!("{percent:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bubble_leads_to_the_history_of_its_path() {
    let desktop = Desktop::start().await;
    SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (window, page) = opened_wide(&up, &desktop).await;
    page.row("Web", "UP").await;
    page.click("[aria-label='Overview']").await;
    let section = "section[aria-label='Overview of everything']";
    page.click_text(&format!("{section} [role=radio]"), "7 d")
        .await;
    for path in PATHS.map(|seeded| seeded.path) {
        let told = answer(&desktop, &["history", path, "--since", "7d"]);
        let expected = number(&percent(&told["uptime"]));
        eventually(format_args!("{expected} % of {path}"), async || {
            let table = table(&page).await;
            let (_, shown) = table.iter().find(|(of, _)| of == path)?;
            // The span moves on between the two answers.
            ((number(shown) - expected).abs() < 0.03).then_some(())
        })
        .await;
    }
    let first = table(&page).await.remove(0).0;
    assert_eq!(first, "/Example/Printer", "the least up comes first");
    let place = bubble_of(&desktop, &window, &page, "/Example/Printer:").await;
    desktop.click_in(&window, place, 1);
    page.wait_for("section[aria-label='History of Printer']")
        .await;

    page.click("[aria-label='Incidents of Printer'][title='List its incidents']")
        .await;
    page.wait_for("section[aria-label='Incidents of Printer'] li")
        .await;
    page.says("5 h").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_the_year_leads_to_its_history_and_its_incidents() {
    let desktop = Desktop::start().await;
    let seeded = SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (window, page) = opened_wide(&up, &desktop).await;
    page.row("Web", "UP").await;
    page.click("[role=treeitem][data-path='/Example/Shop/Web'] .name")
        .await;
    page.click_text("section[aria-label='History of Web'] [role=radio]", "UTC")
        .await;
    for number in [0, 1] {
        let told = seeded.told(
            &desktop,
            "/Example/Shop/Web",
            (number * DAY, (number + 1) * DAY),
        );
        let said = format!("{}: {} up", seeded.day(number), percent(&told["uptime"]));
        page.wait_for(&format!(
            "[role=listbox] [role=option][aria-label='{said}']"
        ))
        .await;
    }
    // What comes late moves the days.
    page.wait_for(".graphs figure").await;
    let day = seeded.day(0);
    let place = page
        .middle_of(&format!("[role=option][aria-label^='{day}']"))
        .await;
    desktop.click_in(&window, place, 1);
    let list = "section[aria-label='Incidents of Web'] li [aria-current=true]";
    page.wait_for(list).await;
    assert_eq!(page.count(list).await, 1, "the other one was a day later");
    let text = page.text_of(list).await.expect("it is there");
    assert!(
        text.contains("30 min") && text.contains("refused"),
        "{text}"
    );
    let from = "input[aria-label^='From, such as']";
    let shown = format!("{day} 00:00");
    eventually(format_args!("the history from {shown}"), async || {
        let value = page
            .run(&format!("return document.querySelector(\"{from}\").value"))
            .await;
        (value == shown).then_some(())
    })
    .await;
}
