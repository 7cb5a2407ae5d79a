//! The panel's window as a person arranges it: size, place, pin and text, from one start to the
//! next; and that it is never blank.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::portal::SettingsPortal;
use up_tests::screen::{Area, Hue};
use up_tests::up;
use up_tests::webdriver::DrivenPage;

use crate::{no_panel, page_by_second_start, panel, prod};

/// A note of another program is promised within two seconds. One more is for the driver of the test.
const NOTE_SHOWN: Duration = Duration::from_secs(3);

/// Where the window is, and its page.
async fn opened(up: &UpTray, desktop: &Desktop) -> (String, DrivenPage) {
    let page = page_by_second_start(up, desktop).await;
    page.row("PROD", "UP").await;
    (panel(desktop).await, page)
}

async fn number(page: &DrivenPage, script: &str) -> f64 {
    let value = page.run(&format!("return {script}")).await;
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{script}: {value}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_as_large_and_where_a_person_left_it() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let chosen = Area {
        left: 200,
        top: 120,
        width: 560,
        height: 480,
    };
    let is_there = |area: Area| {
        (area.width, area.height) == (560, 480)
            && area.left.abs_diff(200) < 8
            && area.top.abs_diff(120) < 60
    };
    let (window, page) = opened(&up, &desktop).await;
    desktop.put(&window, chosen);
    eventually("the window is moved", async || {
        is_there(desktop.place(&window)).then_some(())
    })
    .await;
    drop(page);
    desktop.press(&["Escape"]);
    no_panel(&desktop).await;
    let (window, page) = opened(&up, &desktop).await;
    let left = desktop.place(&window);
    assert!(is_there(left), "when it is opened again: {left:?}");
    drop(page);
    let end = up.stop(Signal::TERM);
    assert!(end.success(), "{end}\n{}", up.log());
    up.start_anew(&desktop);
    desktop.icon_turns(Hue::Green).await;
    let (window, _page) = opened(&up, &desktop).await;
    eventually("the window there after another start", async || {
        is_there(desktop.place(&window)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_text_is_as_large_as_a_person_and_the_system_want() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let (window, page) = opened(&up, &desktop).await;
    let zoom = async |page: &DrivenPage, window: &str| {
        f64::from(desktop.place(window).width) / number(page, "innerWidth").await
    };
    let becomes = async |page: &DrivenPage, window: &str, expected: f64| {
        eventually(format_args!("text of {expected}"), async || {
            ((zoom(page, window).await - expected).abs() < 0.02).then_some(())
        })
        .await;
    };
    becomes(&page, &window, 1.0).await;
    desktop.press(&["ctrl+plus"]);
    becomes(&page, &window, 1.1).await;
    for _ in 0..4 {
        desktop.press(&["ctrl+plus"]);
    }
    becomes(&page, &window, 2.0).await;
    desktop.press(&["ctrl+minus"]);
    becomes(&page, &window, 1.75).await;
    desktop.press(&["ctrl+plus"]);
    becomes(&page, &window, 2.0).await;
    page.row("PROD", "UP").await;
    eventually("a page of which nothing is cut at 200 %", async || {
        let wide = "document.documentElement.scrollWidth - innerWidth";
        (number(&page, wide).await <= 1.0).then_some(())
    })
    .await;
    desktop.eye().look().save(&shots().join("zoom-200.png"));
    drop(page);
    up.stop(Signal::TERM);
    // The system's own size of fonts counts, too.
    let settings = desktop.dir().join("config/gtk-3.0/settings.ini");
    let theme = "[Settings]\ngtk-theme-name=HighContrast\n";
    std::fs::write(settings, theme).expect("the settings of GTK");
    let resources = desktop.dir().join(".Xdefaults");
    std::fs::write(resources, "Xft.dpi: 144\n").expect("the resources of X");
    up.start_anew(&desktop);
    desktop.icon_turns(Hue::Green).await;
    let (window, page) = opened(&up, &desktop).await;
    becomes(&page, &window, 3.0).await;
    desktop.press(&["ctrl+0"]);
    becomes(&page, &window, 1.5).await;
    let contrast = page
        .run("return document.documentElement.dataset.contrast")
        .await;
    assert_eq!(contrast, "more", "the theme asks for it");
    desktop
        .eye()
        .look()
        .save(&shots().join("high-contrast.png"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stays_where_it_is_while_it_is_pinned() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    let icon = desktop.icon_turns(Hue::Green).await;
    let (window, page) = opened(&up, &desktop).await;
    let is_pinned = async |page: &DrivenPage, expected: &str| {
        page.wait_for(&format!("button.pin[aria-pressed='{expected}']"))
            .await;
    };
    is_pinned(&page, "false").await;
    page.click("button.pin").await;
    is_pinned(&page, "true").await;
    // The menu of the icon takes the focus.
    let look_away = async |page: &DrivenPage| {
        desktop.click(icon.middle(), 3);
        eventually("the focus lost", async || {
            let focus = page.run("return document.hasFocus()").await;
            (focus == false).then_some(())
        })
        .await;
        page.row("PROD", "UP").await;
    };
    look_away(&page).await;
    assert_eq!(desktop.windows("Up"), [window], "it stays");
    desktop.press(&["Escape"]);
    drop(page);
    let end = up.stop(Signal::TERM);
    assert!(end.success(), "{end}\n{}", up.log());
    up.start_anew(&desktop);
    let icon = desktop.icon_turns(Hue::Green).await;
    let (window, page) = opened(&up, &desktop).await;
    is_pinned(&page, "true").await;
    look_away(&page).await;
    assert_eq!(desktop.windows("Up"), [window], "it stays after a restart");
    desktop.press(&["Escape"]);
    page.click("button.pin").await;
    is_pinned(&page, "false").await;
    desktop.click(icon.middle(), 3);
    no_panel(&desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_has_more_contrast_if_the_desktops_portal_asks_for_it() {
    let desktop = Desktop::start().await;
    let portal = SettingsPortal::appear(&desktop).await;
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    for (setting, expected) in [(1, "more"), (0, ""), (1, "more")] {
        portal.prefer_contrast(setting);
        let (_, page) = opened(&up, &desktop).await;
        let contrast = page
            .run("return document.documentElement.dataset.contrast")
            .await;
        assert_eq!(contrast, expected, "the portal's setting is {setting}");
        drop(page);
        desktop.press(&["Escape"]);
        no_panel(&desktop).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_drawn_before_it_is_shown_and_its_targets_can_be_hit() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    let icon = desktop.icon_turns(Hue::Green).await;
    desktop.click(icon.middle(), 1);
    let window = panel(&desktop).await;
    let place = desktop.place(&window);
    let first = desktop.screen().part(place);
    first.save(&shots().join("first-frame.png"));
    assert!(first.colours() > 50, "the window shows something at once");
    assert!(
        first.patch(Hue::Green).is_some(),
        "and it is the tree: PROD is up"
    );
    let page = up.page(&desktop).await;
    page.row("PROD", "UP").await;
    let drawn = number(
        &page,
        "performance.getEntriesByName('drawn')[0]?.startTime ?? 0",
    )
    .await;
    let shown = number(
        &page,
        "performance.getEntriesByName('shown')[0]?.startTime ?? 0",
    )
    .await;
    assert!(
        drawn > 0.0 && drawn < shown,
        "drawn at {drawn}, shown at {shown}"
    );
    page.click("[role=treeitem][aria-level='2']").await;
    page.wait_for("section.details").await;
    let small = page
        .run(
            "return [...document.querySelectorAll('button, summary, [data-fold], [data-undo]')]
                 .map((e) => [e.getAttribute('aria-label') ?? e.innerText, e.getBoundingClientRect()])
                 .filter(([, r]) => r.width > 0 && (r.width < 24 || r.height < 24))
                 .map(([name, r]) => `${name}: ${r.width} x ${r.height}`)",
        )
        .await;
    assert_eq!(small, serde_json::json!([]), "smaller than 24 px");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_of_another_program_is_shown_at_every_range() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let (_, page) = opened(&up, &desktop).await;
    page.click("[role=treeitem][aria-level='2']").await;
    for (range, text) in [("1 h", "moved the router"), ("30 d", "moved it back")] {
        page.run(&format!(
            "[...document.querySelectorAll('[role=radio]')]
                 .find((radio) => radio.innerText === '{range}').click()"
        ))
        .await;
        let mut note = desktop.command(&up::program());
        let done = note.args(["note", text]).output().expect("`up` runs");
        assert!(done.status.success(), "{done:?}");
        let noted = Instant::now();
        page.says(text).await;
        let took = noted.elapsed();
        assert!(
            took < NOTE_SHOWN,
            "{text:?} is shown at {range} after {took:?}"
        );
    }
}

/// The folder of pictures that people look at.
fn shots() -> std::path::PathBuf {
    up_tests::desktop::pictures().join("screens")
}
