//! Pictures of the panel for people, in `e2e/screens` of cargo's target folder. The tests check
//! only that they are not blank.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use up_core::{Cause, CauseCode, Detail, Kind, Note, Record, Sample, Status};
use up_history::Embedded;
use up_tests::desktop::{Desktop, Shade, UpTray, eventually, pictures};
use up_tests::nginx::Nginx;
use up_tests::screen::{Area, Hue, Screen};
use up_tests::webdriver::DrivenPage;

use crate::{QUICK, no_panel, panel};

/// A position where the pointer is not in the way.
const CORNER: (u32, u32) = (1279, 799);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dark_desktop() {
    pictures_in(Shade::Dark, "dark").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_light_desktop() {
    pictures_in(Shade::Light, "light").await;
}

async fn pictures_in(shade: Shade, name: &str) {
    let mut desktop = Desktop::bare(shade).await;
    desktop.paint_background();
    desktop.start_tray_host().await;
    desktop.start_dunst().await;
    remember(&desktop).await;
    let mut nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let keep = |what: &str| keep(&desktop.screen(), &format!("{name}-{what}.png"));

    let icon = desktop.icon_turns(Hue::Yellow).await;
    let bubble = Area {
        left: 24,
        top: 600,
        width: 360,
        height: 180,
    };
    eventually("a bubble of dunst", async || {
        desktop.screen().part(bubble).patch(Hue::Red)
    })
    .await;
    keep("told");

    desktop.click(icon.middle(), 1);
    let window = panel(&desktop).await;
    desktop.point(CORNER);
    let page = up.page(&desktop).await;
    page.row("Printer", "DOWN").await;
    // So that the heartbeats vary.
    for _ in 0..2 {
        nginx.stop();
        page.row("Wiki", "DOWN").await;
        nginx.start_again();
        settled(&page).await;
    }
    keep("panel");

    page.click("[role=treeitem][data-path='/Example/Shop']")
        .await;
    page.wait_for("[role=slider][aria-label^='Status and duration of Shop']")
        .await;
    desktop.point(CORNER);
    keep("details");

    let wide = Area {
        left: 384,
        top: 40,
        width: 880,
        height: 700,
    };
    desktop.put(&window, wide);
    eventually("tree and details beside each other", async || {
        (page.run("return innerWidth").await == wide.width).then_some(())
    })
    .await;
    settled(&page).await;
    keep("wide");
    page.click("[aria-label='Incidents']").await;
    // What can be saved was read from the history, too.
    page.wait_for("[aria-label='Incidents of everything'] .save")
        .await;
    desktop.point(CORNER);
    keep("incidents");
    page.click("[aria-label='Overview']").await;
    page.wait_for("[aria-label='Overview of everything'] canvas")
        .await;
    page.run("document.querySelector('.year').scrollIntoView({ block: 'center' })")
        .await;
    desktop.point(CORNER);
    keep("overview");

    desktop.click(icon.middle(), 3);
    no_panel(&desktop).await;
    keep("menu");
}

/// Waits until all sources have their final status and cause.
async fn settled(page: &DrivenPage) {
    for (name, word) in [
        ("Web site", "UP"),
        ("Shop", "DOWN"),
        ("Wiki", "UP"),
        ("Mail", "UP"),
        ("Printer", "DOWN"),
        ("Database", "UP"),
    ] {
        page.row(name, word).await;
    }
    page.says("503").await;
}

fn config(nginx: &Nginx) -> String {
    let url = |path: &str| nginx.url(path);
    format!(
        r#"{}
[[source]]
type = "http"
name = "Web site"
url = "{}"

[[source]]
type = "http"
name = "Shop"
url = "{}"

[[source]]
type = "tree"
name = "Office"

[[source.source]]
type = "http"
name = "Wiki"
url = "{}"

[[source.source]]
type = "http"
name = "Mail"
url = "{}"

[[source.source]]
type = "tcp"
name = "Printer"
host = "127.0.0.1"
port = 1

[[source]]
type = "tcp"
name = "Database"
host = "127.0.0.1"
port = {}
"#,
        QUICK,
        url("/ok"),
        url("/503"),
        url("/gzip"),
        url("/redirect"),
        nginx.port(),
    )
}

/// Writes a day of history for the shop: two outages, a slow afternoon, a note.
async fn remember(desktop: &Desktop) {
    const DAY: u32 = 24 * 60;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    let minute = |ago: u32| now.as_secs_f64() - f64::from(ago) * 60.0;
    let record = |ago: u32| {
        let down = (300..335).contains(&ago) || (805..812).contains(&ago) || ago < 9;
        let slow = if (400..560).contains(&ago) { 0.18 } else { 0.0 };
        let wave = (f64::from(ago) / 97.0).sin() * 0.02 + f64::from(ago * 7919 % 13) * 0.002;
        let cause = Cause::new(CauseCode::HttpStatus, "HTTP 503 Service Unavailable");
        Arc::new(Record {
            path: "/Example/Shop".into(),
            kind: Kind("http"),
            sample: Sample {
                status: Some(if down { Status::DOWN } else { Status::UP }),
                date: minute(ago),
                duration: 0.08 + wave + slow,
                cause: down.then_some(cause),
                detail: Detail::new(),
            },
        })
    };
    let data = desktop.dir().join("data/up");
    std::fs::create_dir_all(&data).expect("a folder for the history");
    let history = Embedded::open(&data).expect("a new history");
    history
        .append((1..DAY).rev().map(record).collect())
        .await
        .expect("samples kept");
    let note = Note::new("Moved the shop to the new host", minute(336));
    history.import_note(note).await.expect("a note kept");
    history.close().await;
}

fn keep(screen: &Screen, name: &str) {
    assert!(screen.colours() > 50, "{name} shows something");
    screen.save(&pictures().join("screens").join(name));
}
