//! The icon in a real tray: its states as a real host shows them, and hosts that crash.

use up_tests::desktop::{Desktop, Shade, UpTray, eventually, pictures};
use up_tests::nginx::Nginx;
use up_tests::screen::{Area, Hue, Screen};

use crate::{QUICK, panel, prod, source};

/// The enlargement of the icon in pictures.
const LARGER: u32 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tray_host_may_be_killed_and_come_back() {
    let mut desktop = Desktop::start().await;
    let mut nginx = Nginx::start();
    let mut up = UpTray::start(&desktop, &prod(&nginx));
    let mut expected = Hue::Green;
    for _ in 0..2 {
        desktop.icon_turns(expected).await;
        desktop.kill_tray_host();
        // Changes while there is no icon are shown by the next icon.
        if expected == Hue::Green {
            nginx.stop();
            expected = Hue::Red;
        } else {
            nginx.start_again();
            expected = Hue::Green;
        }
        assert!(up.is_running(), "it outlives its host\n{}", up.log());
        desktop.start_tray_host().await;
    }
    let icon = desktop.icon_turns(expected).await;
    assert_eq!(desktop.items().await.len(), 1, "one icon, not one a host");
    desktop.click(icon.middle(), 1);
    panel(&desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faces_on_a_dark_panel() {
    faces_on(Shade::Dark, "faces-dark.png").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faces_on_a_light_panel() {
    faces_on(Shade::Light, "faces-light.png").await;
}

/// Shows state after state in a real tray, and saves them in one picture below `e2e/screens`.
async fn faces_on(shade: Shade, name: &str) {
    let mut desktop = Desktop::bare(shade).await;
    desktop.start_tray_host().await;
    let nginx = Nginx::start();
    let http = |path: &str| source(&path.replace('/', "To "), &nginx.url(path));
    let (good, bad) = (http("/ok"), http("/503"));
    let more_good = format!("{}{}", http("/gzip"), http("/redirect"));
    let exits = |status: u8| {
        format!(
            "\n[[source]]\ntype = \"command\"\nname = \"Exit {status}\"\n\
             command = [\"sh\", \"-c\", \"exit {status}\"]\n"
        )
    };
    let faces = [
        ("UP", good.clone()),
        ("MOSTLY UP (75%)", format!("{good}{more_good}{bad}")),
        ("MOSTLY UP (75%)", format!("{good}{}", exits(1))),
        ("MOSTLY DOWN (33.33%)", format!("{good}{bad}{}", exits(2))),
        ("DOWN", bad.clone()),
        ("UNKNOWN", exits(3)),
    ];
    let mut up: Option<UpTray> = None;
    let mut seen: Vec<Screen> = vec![tray_end(&desktop)];
    for (said, sources) in faces {
        let config = format!("{QUICK}{sources}");
        match &up {
            Some(up) => up.edit(&config),
            None => up = Some(UpTray::start(&desktop, &config)),
        }
        eventually(format_args!("{said} in the tray"), async || {
            let item = desktop.items().await.pop()?;
            let (title, _) = item.tooltip().await;
            (title == format!("Example: {said}")).then_some(())
        })
        .await;
        let before = seen
            .last()
            .expect("the tray without an icon, if nothing else");
        let face = eventually(format_args!("another face, for {said}"), async || {
            let now = tray_end(&desktop);
            (now != *before).then_some(now)
        })
        .await;
        seen.push(face);
    }
    let sheet = Screen::stacked(&seen[1..], LARGER);
    sheet.save(&pictures().join("screens").join(name));
}

/// The end of the panel, where the icon is.
pub(crate) fn tray_end(desktop: &Desktop) -> Screen {
    let tray = desktop.tray();
    tray.part(Area {
        left: 1280 - 48,
        top: 0,
        width: 48,
        height: 30,
    })
}
