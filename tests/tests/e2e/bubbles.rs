//! Actions of notifications, and what each kind looks like. The pictures are in `e2e/screens` of
//! cargo's target folder.

use std::path::Path;

use up_tests::desktop::{Desktop, Shade, UpTray, eventually, pictures};
use up_tests::nginx::Nginx;
use up_tests::screen::{Area, Hue};
use up_tests::witness::{ABLE, Witness, WitnessedNotification};

use crate::{QUICK, page_by_second_start, prod, source};

/// The actions of bad news: the key and label of the click, then those of two buttons.
const CHOICES: [&str; 6] = [
    "default",
    "Show",
    "snooze",
    "Snooze 1 h",
    "acknowledge",
    "Acknowledge",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_acknowledged_or_snoozed_where_it_is_told() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let mut nginx = Nginx::start();
    let steady = "[source.alert]\nflapping = false\n";
    let up = UpTray::start(&desktop, &format!("{}{steady}", prod(&nginx)));
    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    let row_says = async |words: &str, expected: bool| {
        eventually(
            format_args!("{words:?} in the row: {expected}"),
            async || {
                let rows = page.rows().await.into_iter();
                let mut prod = rows.filter(|row| row.name == "PROD");
                (prod.next()?.says(words) == expected).then_some(())
            },
        )
        .await;
    };

    nginx.stop();
    let told = witness.bubble(1).await;
    assert_eq!(
        (&*told.summary, &*told.actions),
        ("PROD: DOWN", &CHOICES.map(String::from)[..])
    );
    let lines: Vec<&str> = told.body.lines().collect();
    assert!(
        lines[0].contains("refused"),
        "the cause comes first: {told:?}"
    );
    assert!(lines[1].starts_with("Since "), "then since when: {told:?}");
    witness.choose(told.id, "acknowledge").await;
    row_says("acknowledged", true).await;
    let list = listed(&desktop, "controls");
    assert!(list.contains("/Example/PROD"), "{list}");
    assert!(list.contains("acknowledged"), "{list}");

    nginx.start_again();
    let over = back(&witness, 1).await;
    assert_eq!(
        over.actions,
        ["default", "Show"],
        "there is nothing to answer"
    );
    row_says("acknowledged", false).await;

    // A service without support for actions gets none.
    witness.can(&["body"]);
    let before = witness.bubbles().len();
    nginx.stop();
    let told = witness.bubble(before + 1).await;
    assert_eq!((&*told.summary, &*told.actions), ("PROD: DOWN", &[][..]));
    nginx.start_again();
    back(&witness, before + 1).await;
    witness.can(&ABLE);

    let before = witness.bubbles().len();
    nginx.stop();
    let told = witness.bubble(before + 1).await;
    assert_eq!(told.summary, "PROD: DOWN");
    witness.choose(told.id, "snooze").await;
    row_says("snoozed until", true).await;
    let list = listed(&desktop, "controls");
    assert!(list.contains("snoozed"), "{list}");
}

/// The recovery that is notified after that many bubbles.
async fn back(witness: &Witness, after: usize) -> WitnessedNotification {
    let over = witness.bubble(after + 1).await;
    assert!(over.summary.starts_with("PROD: UP again"), "{over:?}");
    over
}

/// The output of `up controls` or `up alerts` on that desktop.
pub(crate) fn listed(desktop: &Desktop, what: &str) -> String {
    let mut command = desktop.command(&up_tests::up::program());
    let done = command.arg(what).output().expect("`up` runs");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_notification_on_a_dark_desktop() {
    kinds_in(Shade::Dark, "dark").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_notification_on_a_light_desktop() {
    kinds_in(Shade::Light, "light").await;
}

async fn kinds_in(shade: Shade, name: &str) {
    let mut desktop = Desktop::bare(shade).await;
    desktop.paint_background();
    desktop.start_tray_host().await;
    desktop.start_dunst().await;
    let (mut shop, mut office) = (Nginx::start(), Nginx::start());
    let flap = desktop.dir().join("flap");
    let _up = UpTray::start(&desktop, &kinds(&shop, &office, &flap));
    desktop.icon_turns(Hue::Green).await;

    let corner = || {
        desktop.screen().part(Area {
            left: 0,
            top: 300,
            width: 440,
            height: 500,
        })
    };
    let mut before = corner();
    let mut shown = async |what: &str, summary: &str| {
        eventually(format_args!("{summary:?} by dunst"), async || {
            desktop.told_by_dunst().contains(summary).then_some(())
        })
        .await;
        // dunst records a notification before it draws it.
        before = eventually(format_args!("a bubble of dunst: {what}"), async || {
            let now = corner();
            (now != before).then_some(now)
        })
        .await;
        let name = format!("bubble-{name}-{what}.png");
        before.save(&pictures().join("screens").join(name));
    };
    shop.stop();
    shown("down", "Shop: DOWN").await;
    office.stop();
    shown("several", "Office: all 3 DOWN").await;
    std::fs::write(&flap, "").expect("a file for the flapper");
    shown("flapping", "Backup: FLAPPING").await;
    office.start_again();
    shown("recovered", "3 sources UP again").await;
    // A minute after the first notice.
    shown("reminder", "Shop: still DOWN").await;
}

/// Sources for all kinds of notices: a shop with reminders, an office of three, and a backup that
/// flaps while the file exists. They have many neighbours, so that nothing counts as one common
/// cause.
fn kinds(shop: &Nginx, office: &Nginx, flap: &Path) -> String {
    let command = |name: &str, script: &str| {
        format!(
            "\n[[source]]\ntype = \"command\"\nname = \"{name}\"\n\
             command = [\"sh\", \"-c\", \"{script}\"]\n"
        )
    };
    let flap = flap.display();
    let turns = format!(
        "if rm '{flap}-now'; then exit 2; elif test -e '{flap}'; then touch '{flap}-now'; fi"
    );
    let fine = ["Door", "Gate", "Lift", "Roof", "Wall", "Yard"].map(|name| command(name, "true"));
    let office = ["Wiki <beta> & more", "Mail", "Printer"]
        .map(|name| source(name, &office.url("/ok")).replace("[[source]]", "[[source.source]]"));
    [
        QUICK,
        &source("Shop", &shop.url("/ok")),
        "[source.alert]\nremind = \"1m\"\n",
        &command("Backup", &turns),
        "[source.alert]\ndown_after = 1\n",
        &fine.concat(),
        "\n[[source]]\ntype = \"tree\"\nname = \"Office\"\n",
        &office.concat(),
    ]
    .concat()
}
