//! The idle cost of `up-tray`: 20 sources every 30 s on a real desktop, with the panel never
//! opened, open, and closed again.

use std::collections::HashMap;
use std::time::Duration;

use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::screen::Hue;

use crate::checks::config;
use crate::server::BenchServer;
use crate::table::FigureTable;
use crate::watch::{cpu_seconds, pause};

/// The measured time, in which every source is checked twice.
const MEASURED: Duration = Duration::from_mins(1);
/// The time before a measurement, because starting, opening and closing are not measured.
const SETTLED: Duration = Duration::from_secs(10);
/// The time after which a hidden panel has been destroyed.
const DESTROYED: Duration = Duration::from_mins(1);

pub(crate) fn run(table: &mut FigureTable) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let server = BenchServer::start();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = config(folder.path(), &server.address, "/", 20, "30s");
        let text = std::fs::read_to_string(file).expect("it was just written");
        let desktop = Desktop::start().await;
        let tray = UpTray::start(&desktop, &text);
        let icon = desktop.icon_turns(Hue::Green).await;

        pause(SETTLED);
        let (share, before) = idle(tray.pid());
        table.must(
            "up-tray, panel never opened: own memory of all",
            before,
            "MB",
            60.0,
        );
        table.must(
            "up-tray, panel never opened: one core's share",
            share,
            "%",
            0.5,
        );

        desktop.click(icon.middle(), 1);
        eventually("the panel", async || desktop.windows("Up").pop()).await;
        pause(SETTLED);
        let (share, memory) = idle(tray.pid());
        table.must(
            "up-tray, panel open: own memory it adds",
            memory - before,
            "MB",
            110.0,
        );
        table.note("up-tray, panel open: one core's share", share, "%");

        desktop.press(&["Escape"]);
        eventually("no panel", async || {
            desktop.windows("Up").is_empty().then_some(())
        })
        .await;
        pause(DESTROYED);
        let (share, memory) = idle(tray.pid());
        table.must(
            "up-tray, panel closed: own memory that stays",
            memory - before,
            "MB",
            20.0,
        );
        table.note("up-tray, panel closed: one core's share", share, "%");
    });
}

/// The share of one core in percent, and the unshared memory in MB, of a process and all its
/// descendants.
fn idle(pid: u32) -> (f64, f64) {
    let spent = |family: &[u32]| family.iter().map(|pid| cpu_seconds(*pid)).sum::<f64>();
    let family = family_of(pid);
    let before = spent(&family);
    pause(MEASURED);
    let share = 100.0 * (spent(&family) - before) / MEASURED.as_secs_f64();
    (share, family.iter().map(|pid| own_memory(*pid)).sum())
}

/// The ids of a process and all its descendants.
fn family_of(pid: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").expect("the processes").flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // The process may have ended meanwhile.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut family = vec![pid];
    let mut at = 0;
    while at < family.len() {
        family.extend(children.remove(&family[at]).unwrap_or_default());
        at += 1;
    }
    family
}

/// The memory in MB that only this process has (USS).
fn own_memory(pid: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let own = rollup.lines().filter(|line| line.starts_with("Private_"));
    let kb = own.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.sum::<f64>() / 1024.0
}
