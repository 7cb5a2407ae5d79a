//! Everything that Up depends on may be missing, at the start or later: it runs on, says so, and
//! uses each thing as soon as it is there.

use rustix::process::Signal;
use up_tests::daemon::program;
use up_tests::desktop::{Desktop, Shade, TrayStart, UpTray, eventually};
use up_tests::mongod::Mongod;
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;
use up_tests::witness::Witness;

use crate::{QUICK, has_problem, page_by_second_start, panel, prod, source};

const NO_TRAY: &str = "No tray";
const NO_NOTIFICATIONS: &str = "No notifications";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn configuration_tray_and_notifications_may_come_later() {
    let mut desktop = Desktop::bare(Shade::Dark).await;
    let mut nginx = Nginx::start();
    let mut up = UpTray::start_as(&desktop, TrayStart::default());

    eventually("a word on the missing tray", async || {
        up.log().contains("This desktop has no tray").then_some(())
    })
    .await;
    let page = page_by_second_start(&up, &desktop).await;
    has_problem(&page, NO_TRAY, true).await;
    has_problem(&page, NO_NOTIFICATIONS, true).await;
    page.says("There is no configuration yet").await;

    up.edit(&prod(&nginx));
    page.row("PROD", "UP").await;

    desktop.start_tray_host().await;
    desktop.icon_turns(Hue::Green).await;
    has_problem(&page, NO_TRAY, false).await;

    nginx.stop();
    desktop.icon_turns(Hue::Red).await;
    let witness = Witness::appear(&desktop).await;
    assert_eq!(
        witness.bubble(1).await.summary,
        "PROD: DOWN",
        "it is told as soon as it can be"
    );
    has_problem(&page, NO_NOTIFICATIONS, false).await;

    // A panel that can be opened again by its icon hides. One that cannot stays.
    desktop.stop_tray_host();
    has_problem(&page, NO_TRAY, true).await;
    witness.vanish().await;
    has_problem(&page, NO_NOTIFICATIONS, true).await;
    nginx.start_again();
    page.row("PROD", "UP").await;
    desktop.start_tray_host().await;
    desktop.icon_turns(Hue::Green).await;

    let end = up.stop(Signal::TERM);
    assert!(
        end.success(),
        "SIGTERM ends it cleanly: {end}\n{}",
        up.log()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_service_that_hangs_delays_nothing_else() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let mut nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;

    witness.hang(true);
    nginx.stop();
    desktop.icon_turns(Hue::Red).await;
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "DOWN").await;
    has_problem(&page, "does not answer", true).await;
    nginx.start_again();
    desktop.icon_turns(Hue::Green).await;

    witness.hang(false);
    nginx.stop();
    eventually("the next outage told", async || {
        let mut bubbles = witness.bubbles().into_iter().rev();
        bubbles.find(|bubble| bubble.summary == "PROD: DOWN")
    })
    .await;
    has_problem(&page, "does not answer", false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mongodb_may_be_away() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let mut mongod = Mongod::start();
    mongod.stop();
    let sink = format!("\n[[sink]]\ntype = \"mongo\"\nuri = \"{}\"\n", mongod.uri());
    let up = UpTray::start(&desktop, &format!("{}{sink}", prod(&nginx)));
    desktop.icon_turns(Hue::Green).await;

    let page = page_by_second_start(&up, &desktop).await;
    has_problem(&page, "MongoDB", true).await;
    page.click("[role=treeitem][data-path='/Example/PROD']")
        .await;
    // The shortest span is refreshed most often.
    page.click("section[aria-label='History of PROD'] [role=radiogroup] button")
        .await;
    let from = async || page.text_of("section[aria-label='History of PROD']").await;
    eventually("a history from elsewhere", async || {
        from().await.filter(|text| text.contains("embedded"))
    })
    .await;

    mongod.start_again();
    has_problem(&page, "MongoDB", false).await;
    eventually("a history from MongoDB", async || {
        from()
            .await
            .filter(|text| text.contains("samples from MongoDB"))
    })
    .await;
}

/// A network namespace of its own has no network, not even a loopback, which is no outage of the
/// sources. If the system forbids namespaces, a name that cannot be resolved takes its place; the
/// machine's resolver then decides whether that is the fault of a source or of our network.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_may_be_no_network() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let alone = may_unshare(&desktop);
    let through: &[&str] = if alone {
        &["unshare", "--map-current-user", "--net"]
    } else {
        &[]
    };
    let config = format!("{QUICK}{}", source("PROD", "http://nowhere.invalid/"));
    let start = TrayStart {
        config: Some(&config),
        through,
        ..TrayStart::default()
    };
    let mut up = UpTray::start_as(&desktop, start);

    let expected = if alone {
        ["Example: OFFLINE"].as_slice()
    } else {
        ["Example: OFFLINE", "Example: DOWN"].as_slice()
    };
    let lines = eventually(
        format_args!("one of {expected:?} in the tray"),
        async || {
            let (title, lines) = desktop.items().await.pop()?.tooltip().await;
            expected.contains(&title.as_str()).then_some(lines)
        },
    )
    .await;
    if alone {
        assert!(lines.contains("You are offline"), "{lines}");
        desktop.icon_turns(Hue::Grey).await;
    }
    assert!(up.start_again(&desktop).success());
    panel(&desktop).await;
    if alone {
        assert_eq!(witness.bubbles(), [], "nothing of it is anybody's outage");
    }
    let end = up.stop(Signal::TERM);
    assert!(end.success(), "{end}\n{}", up.log());
}

fn may_unshare(desktop: &Desktop) -> bool {
    let mut command = desktop.command(&program("unshare", &[]));
    let done = command
        .args(["--map-current-user", "--net", "true"])
        .output();
    done.is_ok_and(|done| done.status.success())
}
