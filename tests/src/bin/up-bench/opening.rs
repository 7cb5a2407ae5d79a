//! How long the panel of `up-tray` takes from a click on the icon to its window, on a real desktop. The
//! window is shown when it has something to show, so that its appearance is the picture.

use std::time::Instant;

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::screen::Hue;

use crate::checks::config;
use crate::server::BenchServer;
use crate::table::{FigureTable, median};

/// How many starts have their first opening measured.
const STARTS: usize = 5;
/// How many openings of a panel that was open before are measured at each start.
const AGAIN: usize = 4;

pub(crate) fn run(table: &mut FigureTable) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let (mut first, mut again) = (Vec::new(), Vec::new());
    runtime.expect("a runtime").block_on(async {
        let server = BenchServer::start();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = config(folder.path(), &server.address, "/", 20, "30s");
        let text = std::fs::read_to_string(file).expect("it was just written");
        for _ in 0..STARTS {
            let desktop = Desktop::start().await;
            let _tray = UpTray::start(&desktop, &text);
            let icon = desktop.icon_turns(Hue::Green).await.middle();
            first.push(opening(&desktop, icon).await);
            for _ in 0..AGAIN {
                again.push(opening(&desktop, icon).await);
            }
        }
    });
    table.must("panel, first opening: median", median(first), "ms", 600.0);
    table.must("panel, opening again: median", median(again), "ms", 100.0);
}

/// The milliseconds from a click on the icon to the visible window, which is closed afterwards. They
/// include the start of the program that clicks, and the last call of the one that looks.
async fn opening(desktop: &Desktop, icon: (u32, u32)) -> f64 {
    let begin = Instant::now();
    let mut click = desktop.click_begun(icon, 1);
    while desktop.windows("Up").is_empty() {
        assert!(begin.elapsed().as_secs() < 30, "no panel within 30 s");
    }
    let took = begin.elapsed().as_secs_f64() * 1e3;
    let clicked = click.wait().expect("the click ends");
    assert!(clicked.success(), "xdotool: {clicked}");
    // A window that lost the focus at once would be closed by the next click.
    eventually("the panel has the focus", async || {
        desktop.press(&["Escape"]);
        desktop.windows("Up").is_empty().then_some(())
    })
    .await;
    took
}
