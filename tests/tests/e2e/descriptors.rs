//! The open files of the application stay few, however often the panel is opened. Each web view that is
//! destroyed leaves one behind (`WebKitGTK` forgets a `memfd` of 4 KB), so that a panel is only hidden at
//! first, and the system's bound is raised as far as it may be.

use std::fs;

use up_tests::desktop::{Desktop, UpTray};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;

use crate::{no_panel, panel, prod};

/// The panel is opened so often.
const TIMES: usize = 15;

/// What the process has open, whatever the checks open and close meanwhile.
const FEW: usize = 10;

fn open_files(up: &UpTray) -> usize {
    let folder = format!("/proc/{}/fd", up.pid());
    fs::read_dir(folder).expect("the process runs").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_is_opened_again_and_again_leaves_no_file_open() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let mut counts = Vec::new();
    for _ in 0..TIMES {
        UpTray::start_again(&up, &desktop);
        panel(&desktop).await;
        desktop.press(&["Escape"]);
        no_panel(&desktop).await;
        counts.push(open_files(&up));
    }
    let (first, last) = (counts[0], counts[TIMES - 1]);
    assert!(last < first + FEW, "{counts:?}");

    let limits = fs::read_to_string(format!("/proc/{}/limits", up.pid())).expect("its limits");
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let files: Vec<_> = files.into_iter().flat_map(str::split_whitespace).collect();
    let [.., soft, hard, _files] = files[..] else {
        panic!("{limits}")
    };
    let number = |limit: &str| limit.parse::<u64>().unwrap_or(u64::MAX);
    assert!(number(soft) >= number(hard).min(8_192), "{soft} of {hard}");
}
