//! Files that the panel saves: where they are, who can read them, and that they have what `up` says.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::{Hue, Screen};
use up_tests::webdriver::DrivenPage;

use crate::seeded::{SeededHistory, config, opened_wide};

/// Tells the desktop that files are downloaded to that folder of the home folder.
fn downloads(desktop: &Desktop, name: &str) -> PathBuf {
    let folder = desktop.dir().join(name);
    std::fs::create_dir(&folder).expect("a new folder");
    let line = format!("XDG_DOWNLOAD_DIR=\"$HOME/{name}\"\n");
    std::fs::write(desktop.dir().join("config/user-dirs.dirs"), line).expect("a setting");
    folder
}

/// Presses a button that saves something, and returns the path of the file.
pub(crate) async fn saved(page: &DrivenPage, button: &str) -> PathBuf {
    page.click(&format!("button[aria-label^='{button}']")).await;
    let file = eventually(format_args!("a file by {button:?}"), async || {
        let said = "document.querySelectorAll('p[role=status]')";
        let script = format!(
            "return [...{said}].map((p) => p.innerText).filter((text) => /^(Not s|S)aved/.test(text))"
        );
        page.run(&script).await.get(0)?.as_str().map(str::to_owned)
    })
    .await;
    let path = file.strip_prefix("Saved as ");
    PathBuf::from(path.unwrap_or_else(|| panic!("{button}: {file}")))
}

/// Fails unless the file is in that folder and readable by its owner alone.
fn is_private(file: &Path, folder: &Path) {
    assert_eq!(file.parent(), Some(folder));
    let metadata = std::fs::metadata(file).expect("a file");
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{}", file.display());
}

/// Two numbers of a picture's canvases on the page: the widest, and the sum of their heights.
async fn drawn(page: &DrivenPage) -> (u32, u32) {
    let script = "const all = [...document.querySelectorAll(\".details canvas\")];
         return [Math.max(...all.map(({ width }) => width)),
                 Math.max(...all.map(({ height }) => height))]";
    serde_json::from_value(page.run(script).await).expect("two numbers")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_saved_as_up_tells_it() {
    const PATH: &str = "/Example/Shop/Web";
    const SPAN: (u32, u32) = (480, 1_920);
    let desktop = Desktop::start().await;
    let folder = downloads(&desktop, "Saved here");
    let seeded = SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Web", "UP").await;
    seeded.show((&desktop, &page), PATH, SPAN).await;

    let csv = saved(&page, "CSV: Save every sample").await;
    is_private(&csv, &folder);
    let stem = format!("up Example-Shop-Web {} to {}", seeded.day(0), seeded.day(1));
    let name = csv.file_name().expect("a name").to_string_lossy();
    assert_eq!(name, format!("{stem}.csv"));
    let text = std::fs::read_to_string(&csv).expect("text");
    let rows = seeded.rows(&desktop, PATH, SPAN);
    assert!(rows.lines().count() > 1_440, "{rows:.200}");
    assert_eq!(text, rows);

    let json = saved(&page, "JSON: Save figures").await;
    is_private(&json, &folder);
    let text = std::fs::read_to_string(&json).expect("text");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let told = seeded.told(&desktop, PATH, SPAN);
    for (key, value) in written.as_object().expect("an object") {
        if key != "samples" {
            assert_eq!(*value, told[key], "{key}");
        }
    }
    let samples = written["samples"].as_array().expect("samples");
    assert_eq!(samples.len() + 1, rows.lines().count(), "and a headline");

    let again = saved(&page, "CSV: Save every sample").await;
    let name = again.file_name().expect("a name").to_string_lossy();
    assert_eq!(name, format!("{stem} (2).csv"), "nothing is overwritten");

    let (widest, highest) = drawn(&page).await;
    let png = saved(&page, "PNG: Save a picture of").await;
    is_private(&png, &folder);
    let bytes = std::fs::read(&png).expect("a picture");
    let (width, height) = image::load_from_memory(&bytes)
        .map(|picture| (picture.width(), picture.height()))
        .expect("a picture");
    assert!(
        (widest..widest + 200).contains(&width) && height > highest,
        "{width} x {height} of charts of {widest} x {highest}"
    );
    let picture = Screen::of_png(&bytes);
    assert!(picture.patch(Hue::Red).is_some(), "the outage is drawn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_folder_for_downloads_a_file_is_saved_at_home() {
    let desktop = Desktop::start().await;
    let seeded = SeededHistory::import(&desktop);
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &config(&nginx));
    let (_, page) = opened_wide(&up, &desktop).await;
    page.row("Printer", "UP").await;
    seeded
        .show((&desktop, &page), "/Example/Printer", (0, 600))
        .await;
    let csv = saved(&page, "CSV: Save every sample").await;
    is_private(&csv, desktop.dir());
}
