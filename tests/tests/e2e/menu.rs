//! The menu of a row, by mouse and by keyboard: what a person chooses takes effect in the engine, and
//! in the icon.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use up_tests::desktop::{Desktop, UpTray, becomes, eventually};
use up_tests::screen::Screen;
use up_tests::webdriver::DrivenPage;

use crate::seeded::{answer, opened_wide};
use crate::tray::tray_end;

/// An up.toml with sources that are down and others that are up. They are checked once an hour, so that
/// a check comes from a person. Each leaves a line in a file.
fn site(desktop: &Desktop, down: &[&str], up: &[&str]) -> String {
    let source = |name: &str, end: &str| {
        let file = desktop.dir().join(format!("checked-{name}"));
        format!(
            "\n[[source]]\ntype = \"command\"\nname = {name:?}\ninterval = \"1h\"\n\
             command = [\"sh\", \"-c\", \"echo x >> {}; {end}\"]\n",
            file.display()
        )
    };
    let down = down
        .iter()
        .map(|name| source(name, "echo the disk is full; exit 2"));
    let up = up.iter().map(|name| source(name, "true"));
    let sources: String = down.chain(up).collect();
    format!("{}{sources}", crate::QUICK)
}

/// How often a source was checked.
fn checked(desktop: &Desktop, name: &str) -> usize {
    let file = desktop.dir().join(format!("checked-{name}"));
    std::fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

async fn is_checked_again(desktop: &Desktop, name: &str, before: usize) {
    eventually(format_args!("{name} is checked again"), async || {
        (checked(desktop, name) > before).then_some(())
    })
    .await;
}

/// The controls of one kind that the engine has kept.
fn kept(desktop: &Desktop, kind: &str) -> serde_json::Value {
    answer(desktop, &["controls"])[kind].clone()
}

/// Waits until the controls of one kind are about these paths alone.
async fn is_kept_for(desktop: &Desktop, kind: &str, paths: &[&str]) {
    becomes(
        format_args!("what is {kind}"),
        &paths.to_vec(),
        async || {
            let kept = kept(desktop, kind);
            let paths_kept = kept.as_object().expect("paths").keys();
            let known = |path: &str| paths.iter().find(|known| **known == path).copied();
            paths_kept
                .map(|path| known(path).unwrap_or("another path"))
                .collect::<Vec<_>>()
        },
    )
    .await;
}

fn name_of(row: &str) -> String {
    format!("[role=treeitem][data-path='/Example/{row}'] .name")
}

/// Clicks the name of a row with a button of the mouse.
async fn click(desktop: &Desktop, page: &DrivenPage, row: &str, button: u8) {
    let middle = page.middle_of(&name_of(row)).await;
    desktop.click_in(&crate::panel(desktop).await, middle, button);
}

/// Opens the menu of the row that has the focus by that key, and waits for it.
async fn menu_by(desktop: &Desktop, page: &DrivenPage, key: &str) {
    page.wait_for("[role=treeitem]:focus").await;
    desktop.press(&[key]);
    page.wait_for("[role=menu] [role=menuitem]:focus").await;
}

/// Opens the menu of a row with the right button of the mouse, and clicks an item.
async fn choose(desktop: &Desktop, page: &DrivenPage, row: &str, item: &str) {
    click(desktop, page, row, 3).await;
    page.click_text("[role=menu] [role=menuitem]", item).await;
    page.wait_for("main:not(:has([role=menu]))").await;
}

/// What the clipboard has, as another field of text receives it.
async fn pasted(desktop: &Desktop, page: &DrivenPage) -> String {
    page.run(
        "const field = document.createElement('textarea');
         field.id = 'pasted';
         document.querySelector('main').append(field);
         field.focus();",
    )
    .await;
    page.wait_for("#pasted:focus").await;
    desktop.press(&["ctrl+v"]);
    let text = eventually("a text in the clipboard", async || {
        let text = page
            .run("return document.querySelector('#pasted').value")
            .await;
        text.as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    })
    .await;
    page.run("document.querySelector('#pasted').remove()").await;
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_is_checked_snoozed_and_paused() {
    let desktop = Desktop::start().await;
    let up = UpTray::start(&desktop, &site(&desktop, &["Backup"], &["Mail", "Wiki"]));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "DOWN").await;
    page.row("Mail", "UP").await;

    let before = checked(&desktop, "Backup");
    choose(&desktop, &page, "Backup", "Check now").await;
    is_checked_again(&desktop, "Backup", before).await;

    // By the keyboard: the fifth item that begins with this letter, then a time of their own.
    click(&desktop, &page, "Backup", 1).await;
    menu_by(&desktop, &page, "shift+F10").await;
    desktop.press(&["s", "s", "s", "s", "s", "Return"]);
    page.wait_for("dialog input[aria-label='For how long']:focus")
        .await;
    desktop.press(&["ctrl+a", "3", "Return"]);
    is_kept_for(&desktop, "snoozed", &["/Example/Backup"]).await;
    let until = kept(&desktop, "snoozed")["/Example/Backup"]["until"].clone();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs_f64();
    let ahead = until.as_f64().expect("a date") - now;
    assert!((ahead - 3.0 * 3_600.0).abs() < 300.0, "for {ahead} s");
    page.says("snoozed until").await;
    menu_by(&desktop, &page, "Menu").await;
    desktop.press(&["e", "Return"]);
    is_kept_for(&desktop, "snoozed", &[]).await;

    menu_by(&desktop, &page, "Menu").await;
    desktop.press(&["p", "Return"]);
    is_kept_for(&desktop, "paused", &["/Example/Backup"]).await;
    page.row("Backup", "PAUSED").await;
    let (before, others) = (checked(&desktop, "Backup"), checked(&desktop, "Mail"));
    page.click("[aria-label='Check everything now']").await;
    is_checked_again(&desktop, "Mail", others).await;
    assert_eq!(checked(&desktop, "Backup"), before, "it is paused");
    choose(&desktop, &page, "Backup", "Resume").await;
    is_kept_for(&desktop, "paused", &[]).await;
    is_checked_again(&desktop, "Backup", before).await;
    page.row("Backup", "DOWN").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paused_is_not_checked_by_a_restart() {
    let desktop = Desktop::start().await;
    let mut up = UpTray::start(&desktop, &site(&desktop, &["Backup"], &["Mail"]));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "DOWN").await;
    choose(&desktop, &page, "Backup", "Pause").await;
    is_kept_for(&desktop, "paused", &["/Example/Backup"]).await;
    let (before, others) = (checked(&desktop, "Backup"), checked(&desktop, "Mail"));
    drop(page);
    up.stop(Signal::TERM);
    up.start_anew(&desktop);
    is_checked_again(&desktop, "Mail", others).await;
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "PAUSED").await;
    page.row("Mail", "UP").await;
    assert_eq!(checked(&desktop, "Backup"), before, "it is paused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_need_to_know_is_copied() {
    let desktop = Desktop::start().await;
    let up = UpTray::start(&desktop, &site(&desktop, &["Backup"], &["Mail"]));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "DOWN").await;
    for (item, expected) in [
        ("Copy the path", "/Example/Backup"),
        ("Copy the cause", "the disk is full"),
        (
            "Copy a report (Markdown)",
            "## Backup: DOWN\n\n- Path: `/Example/Backup`\n",
        ),
    ] {
        choose(&desktop, &page, "Backup", item).await;
        page.says("Copied.").await;
        let text = pasted(&desktop, &page).await;
        let is_expected = match item {
            "Copy the path" => text == expected,
            _ => text.contains(expected),
        };
        assert!(is_expected, "{item}: {text:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_rows_are_acknowledged_with_one_note() {
    let desktop = Desktop::start().await;
    let sources = site(&desktop, &["Backup", "Files"], &["Mail", "Wiki"]);
    let up = UpTray::start(&desktop, &sources);
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "DOWN").await;
    page.row("Files", "DOWN").await;
    click(&desktop, &page, "Backup", 1).await;
    page.wait_for("[role=treeitem][data-path='/Example/Backup']:focus")
        .await;
    desktop.press(&["shift+Down"]);
    page.wait_for("[role=treeitem][data-path='/Example/Files']:focus")
        .await;
    assert_eq!(page.count("[role=treeitem][aria-selected=true]").await, 2);
    menu_by(&desktop, &page, "shift+F10").await;
    desktop.press(&["a", "Return"]);
    page.wait_for("dialog input:focus").await;
    desktop.press(&["k", "n", "o", "w", "n", "Return"]);
    page.says("Acknowledged 2 rows.").await;
    is_kept_for(
        &desktop,
        "acknowledged",
        &["/Example/Backup", "/Example/Files"],
    )
    .await;
    let kept = kept(&desktop, "acknowledged");
    for path in ["/Example/Backup", "/Example/Files"] {
        assert_eq!(kept[path]["note"], "known", "{kept}");
    }
    eventually("the notes in the history", async || {
        let notes = crate::seeded::printed(&desktop, &["history", "notes"]);
        let both = ["Backup", "Files"]
            .iter()
            .all(|name| notes.contains(&format!("{name} acknowledged: known")));
        both.then_some(())
    })
    .await;
}

/// The icon, once it has been the same for some time.
async fn settled_icon(desktop: &Desktop) -> Screen {
    let mut seen = (tray_end(desktop), 0);
    eventually("an icon that stays as it is", async || {
        let now = tray_end(desktop);
        seen = if now == seen.0 {
            (now, seen.1 + 1)
        } else {
            (now, 0)
        };
        (seen.1 >= 20).then(|| seen.0.clone())
    })
    .await
}

async fn icon_is(desktop: &Desktop, what: &str, expected: &Screen) {
    eventually(format_args!("the icon {what}"), async || {
        (tray_end(desktop) == *expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_icons_number_leaves_out_what_is_acknowledged() {
    let desktop = Desktop::start().await;
    let two_of_four = site(&desktop, &["Backup", "Files"], &["Mail", "Wiki"]);
    let mut up = UpTray::start(&desktop, &two_of_four);
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "DOWN").await;
    page.row("Files", "DOWN").await;
    page.row("Wiki", "UP").await;
    let two = settled_icon(&desktop).await;

    choose(&desktop, &page, "Backup", "Acknowledge…").await;
    page.enter("dialog input", "known").await;
    is_kept_for(&desktop, "acknowledged", &["/Example/Backup"]).await;
    eventually("another number", async || {
        (tray_end(&desktop) != two).then_some(())
    })
    .await;
    let one = settled_icon(&desktop).await;

    // The outage goes on over a restart, and it is still acknowledged.
    drop(page);
    up.stop(Signal::TERM);
    up.start_anew(&desktop);
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Backup", "DOWN").await;
    page.says("acknowledged").await;
    icon_is(&desktop, "after a restart", &one).await;
    is_kept_for(&desktop, "acknowledged", &["/Example/Backup"]).await;

    choose(&desktop, &page, "Backup", "Take back the acknowledgement").await;
    is_kept_for(&desktop, "acknowledged", &[]).await;
    icon_is(&desktop, "with both again", &two).await;

    // One of two is as far down as two of four, and its icon has the number 1.
    up.edit(&site(&desktop, &["Backup"], &["Mail"]));
    page.wait_for("[role=tree]:not(:has([data-path='/Example/Files']))")
        .await;
    icon_is(&desktop, "of one that is down", &one).await;
}
