//! What a screen reader says of the panel: the tree, the incidents, and the history with its charts
//! and tables.

use up_tests::desktop::{Desktop, TrayStart, UpTray};
use up_tests::screen::Hue;
use up_tests::screen_reader::{SPEAKING, ScreenReader, SpokenObject, SpokenRole};
use up_tests::webdriver::DrivenPage;

use crate::{QUICK, page_by_second_start};

const SOURCES: &str = r#"
[[source]]
type = "tree"
name = "Office"

[[source.source]]
type = "command"
name = "printer"
command = ["sh", "-c", "echo paper jam; exit 2"]

[[source.source]]
type = "command"
name = "router"
command = ["sh", "-c", "exit 0"]
"#;

/// A desktop with a screen reader and the opened panel.
struct SpokenPanel {
    reader: ScreenReader,
    page: DrivenPage,
    _up: UpTray,
    _desktop: Desktop,
}

impl SpokenPanel {
    async fn open() -> Self {
        let desktop = Desktop::start().await;
        let reader = ScreenReader::start(&desktop).await;
        let up = UpTray::start_as(
            &desktop,
            TrayStart {
                config: Some(&format!("{QUICK}{SOURCES}")),
                through: &SPEAKING,
                ..TrayStart::default()
            },
        );
        desktop.icon_turns(Hue::Yellow).await;
        let page = page_by_second_start(&up, &desktop).await;
        page.row("printer", "DOWN").await;
        Self {
            reader,
            page,
            _up: up,
            _desktop: desktop,
        }
    }

    async fn reads<T>(&self, what: &str, look: impl Fn(&SpokenObject) -> Option<T>) -> T {
        self.reader.reads(what, look).await
    }
}

/// The rows of the tree as they are read: level, whether it is expanded, and the name.
fn rows(panel: &SpokenObject) -> Vec<(String, Option<bool>, String)> {
    let tree = panel.find(SpokenRole::Tree, "Sources");
    let rows = tree
        .into_iter()
        .flat_map(|tree| tree.having(SpokenRole::TreeItem));
    rows.map(|row| {
        let level = row.attributes.get("level").cloned().unwrap_or_default();
        (level, row.expanded, row.name.clone())
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tree_is_read_row_by_row() {
    let panel = SpokenPanel::open().await;
    let expected = [
        ("1", Some(true), "Example", "HALF UP 50%"),
        ("2", Some(true), "Office", "HALF UP 50%"),
        ("3", None, "printer", "DOWN"),
        ("3", None, "router", "UP"),
    ];
    let read = panel
        .reads("all rows", |all| {
            Some(rows(all)).filter(|rows| rows.len() == 4)
        })
        .await;
    for (row, (level, expanded, name, word)) in read.iter().zip(expected) {
        assert_eq!((row.0.as_str(), row.1), (level, expanded), "{row:?}");
        assert!(row.2.starts_with(&format!("{name} {word} ")), "{row:?}");
    }
    assert!(read[2].2.contains("s, paper jam "), "{:?}", read[2]);

    panel
        .page
        .click("[role=treeitem][aria-level='2'] [data-fold]")
        .await;
    let office = panel.reads("a folded row", |all| {
        rows(all).into_iter().find(|row| row.1 == Some(false))
    });
    assert!(office.await.2.starts_with("Office "), "which one is folded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn incidents_and_histories_are_read_with_their_charts_and_tables() {
    let panel = SpokenPanel::open().await;
    panel.page.click("button[aria-label='Incidents']").await;
    let incident = panel.reads("an incident in a list", |all| {
        let items = all
            .having(SpokenRole::List)
            .into_iter()
            .flat_map(|list| list.having(SpokenRole::ListItem));
        let buttons = items.flat_map(|item| item.having(SpokenRole::Button));
        buttons
            .map(|button| button.name.clone())
            .find(|name| name.contains("paper jam"))
    });
    let incident = incident.await;
    for said in ["printer", "paper jam, down ", ":", " s"] {
        assert!(incident.contains(said), "{said:?} in {incident:?}");
    }
    panel.page.click("button[aria-label='Incidents']").await;

    panel.page.click("[role=treeitem][aria-level='3']").await;
    let name = "Status and duration of printer over";
    let chart = panel.reads("a chart with a value", |all| {
        let chart = all.find(SpokenRole::Slider, name)?;
        chart
            .attributes
            .get("valuetext")
            .map(|value| (chart.name.clone(), value.clone()))
    });
    let (chart, value) = chart.await;
    assert!(
        chart.contains("uptime 0%") && chart.contains("The table below"),
        "{chart}"
    );
    assert!(value.contains("paper jam"), "{value}");
    let cells = panel.reads("the table of incidents", |all| {
        let table = all.find(SpokenRole::Table, "Incidents, newest first")?;
        let heads = table.having(SpokenRole::ColumnHeader).into_iter();
        let heads: Vec<_> = heads.map(|head| head.text.trim().to_owned()).collect();
        Some((heads, table.outline())).filter(|(_, read)| read.contains("paper jam"))
    });
    assert_eq!(cells.await.0, ["From", "To", "For", "Status", "Cause"]);

    panel
        .page
        .run("document.querySelector('details.tables').open = true")
        .await;
    panel
        .reads("the chart as a table", |all| {
            let table = all.find(SpokenRole::Table, "Parts of the span")?;
            (table.having(SpokenRole::RowHeader).len() > 1).then_some(())
        })
        .await;
}
