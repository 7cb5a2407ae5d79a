//! The panel on a Wayland desktop, where only the compositor places windows: it floats beside the
//! tray, has the focus, and goes with it.

use up_tests::desktop::{DesktopSession, TrayStart, UpTray, eventually, pictures};
use up_tests::nginx::Nginx;
use up_tests::screen::{Area, Hue};
use up_tests::wayland::{BAR, WaylandDesktop};

use crate::prod;

/// The size of the panel, and its distance to the edges.
const PANEL: (u32, u32) = (420, 640);
const MARGIN: u32 = 8;

/// The panel at the corner of the tray.
const BY_THE_TRAY: Area = Area {
    left: 1280 - PANEL.0 - MARGIN,
    top: BAR + MARGIN,
    width: PANEL.0,
    height: PANEL.1,
};
/// A point where no window is.
const ELSEWHERE: (u32, u32) = (300, 400);

/// Waits until windows cover that area and nothing else.
async fn covers(desktop: &WaylandDesktop, area: Option<Area>) {
    up_tests::desktop::becomes("what windows cover", &area, async || desktop.covered()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_floats_beside_the_tray_of_wayland() {
    let mut desktop = WaylandDesktop::start().await;
    desktop.start_mako().await;
    let mut nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    let icon = desktop.icon_turns(Hue::Green).await;
    let item = desktop.item().await;
    assert_eq!(item.tooltip().await.0, "Example: UP");
    let lines = item.lines().await;
    let is_quit = |label: &str| label == "Quit";
    assert!(lines.iter().any(|line| is_quit(&line.label)), "{lines:?}");

    desktop.click(icon.middle());
    covers(&desktop, Some(BY_THE_TRAY)).await;
    let page = up.page(&desktop).await;
    page.row("PROD", "UP").await;
    eventually("the panel has the focus", async || {
        let focus = page.run("return document.hasFocus()").await;
        (focus == true).then_some(())
    })
    .await;
    eventually("a painted panel", async || {
        let panel = desktop.screen().part(BY_THE_TRAY);
        panel.patch(Hue::Green)
    })
    .await;
    save(&desktop, "wayland-panel.png");
    drop(page);
    desktop.press_escape();
    covers(&desktop, None).await;

    item.activate((20, 790)).await;
    let bottom_left = Area {
        left: MARGIN,
        top: 800 - PANEL.1 - MARGIN,
        ..BY_THE_TRAY
    };
    covers(&desktop, Some(bottom_left)).await;
    item.activate((20, 790)).await;
    covers(&desktop, None).await;

    desktop.click(icon.middle());
    covers(&desktop, Some(BY_THE_TRAY)).await;
    desktop.click(ELSEWHERE);
    covers(&desktop, None).await;

    nginx.stop();
    desktop.icon_turns(Hue::Red).await;
    eventually("a bubble of mako", async || {
        desktop.shown_by_mako().contains("PROD").then_some(())
    })
    .await;
    eventually("a bubble on the screen", async || desktop.covered()).await;
    save(&desktop, "wayland-bubble.png");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_layer_shell_the_panel_floats_where_the_compositor_puts_it() {
    let mut desktop = WaylandDesktop::start().await;
    let nginx = Nginx::start();
    // The loader refuses a file that is no library, as if there were none.
    let broken = desktop.dir().join("broken");
    std::fs::create_dir(&broken).expect("a folder");
    std::fs::write(broken.join("libgtk-layer-shell.so.0"), "").expect("a file");
    let _up = UpTray::start_as(
        &desktop,
        TrayStart {
            config: Some(&prod(&nginx)),
            env: &[("LD_LIBRARY_PATH", &broken.to_string_lossy())],
            ..TrayStart::default()
        },
    );
    let icon = desktop.icon_turns(Hue::Green).await;
    for _ in 0..2 {
        desktop.click(icon.middle());
        let area = eventually("a window", async || desktop.covered()).await;
        assert_eq!((area.width, area.height), PANEL, "{}", desktop.windows());
        desktop.press_escape();
        covers(&desktop, None).await;
    }
}

fn save(desktop: &WaylandDesktop, name: &str) {
    let file = pictures().join("screens").join(name);
    desktop.screen().save(&file);
}
