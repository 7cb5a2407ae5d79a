//! What a long history costs: 10 million samples (100 paths, one a minute, 70 days) and one path with a
//! year, generated from a seed and written as the engine writes them.
//!
//! Every view is queried by a process that has just started, over every range, while the system has the
//! file in its memory. Dates end at a fixed time, so that a seed is a history.

pub(crate) mod samples;
pub(crate) mod views;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use rusqlite::Connection;
use up_history::Embedded;
use up_history::embedded::FILE;

use crate::measure::{self, program};
use crate::table::{FigureTable, median};
use samples::{DAY, END, GeneratedHistory, LONG_PATH, PATHS, YEAR};
use views::{OVERVIEW, RANGES, ask_cold};

/// How many batches of a hundred samples wait to be written at once.
const IN_FLIGHT: usize = 200;
/// As often is each view queried over each range.
const REPETITIONS: usize = 5;

/// Milliseconds.
const VIEW: f64 = 15.0;
const OF_ALL: f64 = 50.0;
/// The slowest query may take so many times as long as the median.
const WORST: f64 = 3.0;
/// MB.
const MEMORY: f64 = 50.0;

/// Which history is generated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistorySelection {
    seed: u64,
    samples: u64,
}

impl Default for HistorySelection {
    fn default() -> Self {
        Self {
            seed: 1,
            samples: 10_000_000,
        }
    }
}

impl HistorySelection {
    /// Sets the value of an option. `None` if there is no such option, or if the value is wrong.
    pub(crate) fn set(&mut self, option: &str, value: Option<&str>) -> Option<()> {
        let number = || value?.parse().ok();
        match option {
            "--seed" => self.seed = number()?,
            "--samples" => self.samples = number().filter(|samples| *samples > 0)?,
            _ => return None,
        }
        Some(())
    }

    /// The history that was asked for: so many days that its paths have these samples.
    pub(crate) fn history(&self) -> GeneratedHistory {
        let days = self.samples.div_ceil(PATHS as u64 * 24 * 60);
        GeneratedHistory::new(self.seed, days.min(YEAR.into()) as u32)
    }
}

/// Measures the embedded store.
pub(crate) fn run(table: &mut FigureTable, wanted: HistorySelection) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let history = wanted.history();
    let samples = history.samples() as f64;
    let (took, written, rolled) = write(folder.path(), history);
    let size = file_size(folder.path());
    table.note("history: samples", samples / 1e6, "mill.");
    table.must_reach("history: written a second", samples / took, "/s", 2e5);
    table.note("history: rolled up after that, in", rolled, "s");
    let times = written / size;
    table.must("history: bytes written to disk / file", times, "", 10.0);
    table.note("history: file, a sample", size / samples, "bytes");
    let raw = bytes_of(folder.path(), "runs") + bytes_of(folder.path(), "blocks");
    table.must("history: raw, a sample", raw / samples, "bytes", 4.0);
    view_all(table, &folder.path().display().to_string(), &EMBEDDED);
    memory(table, folder.path());
    year(table, wanted.seed);
}

/// Writes a history into a new file, and waits until it is rolled up. Returns the seconds that writing
/// took, the bytes that went to the disk, and the seconds after that until all was rolled up.
fn write(folder: &Path, history: GeneratedHistory) -> (f64, f64, f64) {
    let before = written_bytes();
    let start = Instant::now();
    let (written, rolled) = runtime().block_on(async {
        let store = Embedded::open(folder).expect("a new history");
        stream::iter(history)
            .map(|records| store.append(records))
            .buffer_unordered(IN_FLIGHT)
            .try_collect::<()>()
            .await
            .expect("written");
        let written = start.elapsed().as_secs_f64();
        while !store.status().await.expect("a status").rolled_up.is_done() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        store.close().await;
        (written, start.elapsed().as_secs_f64() - written)
    });
    (written, written_bytes() - before, rolled)
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime")
}

/// What this process has made the system write to a disk.
fn written_bytes() -> f64 {
    let io = fs::read_to_string("/proc/self/io").expect("the system keeps accounts");
    let line = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|bytes| bytes.parse().ok()).expect("a number")
}

fn file_size(folder: &Path) -> f64 {
    let file = fs::metadata(folder.join(FILE)).expect("the history is there");
    file.len() as f64
}

/// The bytes of the whole pages of tables and their indexes.
fn bytes_of(folder: &Path, tables: &str) -> f64 {
    let connection = Connection::open(folder.join(FILE)).expect("the history is there");
    let query = "SELECT ifnull(sum(pgsize), 0) FROM dbstat JOIN sqlite_schema USING(name)
                 WHERE tbl_name GLOB ?1";
    let bytes = connection.query_row(query, [tables], |row| row.get::<_, i64>(0));
    bytes.expect("the pages of each table") as f64
}

/// What a store is called in the figures, and how long its answers may take, in milliseconds.
pub(crate) struct ViewBounds {
    pub(crate) name: &'static str,
    pub(crate) view: f64,
    pub(crate) all: f64,
}

const EMBEDDED: ViewBounds = ViewBounds {
    name: "history",
    view: VIEW,
    all: OF_ALL,
};

/// Queries every view over every range. `store` is a folder or a URI.
pub(crate) fn view_all(table: &mut FigureTable, store: &str, bounds: &ViewBounds) {
    let name = bounds.name;
    for view in views::names() {
        let (mut slowest, mut worst) = ((0.0, ""), 0.0_f64);
        for (range, length) in RANGES {
            let ask = || ask_cold(store, view, LONG_PATH, (END - length, END));
            let took: Vec<f64> = (0..REPETITIONS).map(|_| ask()).collect();
            worst = took.iter().copied().fold(worst, f64::max);
            let middle = median(took);
            eprintln!("{name}, {view}, {range}: {middle:.1} ms");
            if middle > slowest.0 {
                slowest = (middle, range);
            }
        }
        let (slowest, range) = slowest;
        table.must(
            format!("{name}, {view}: {range}"),
            slowest,
            "ms",
            bounds.view,
        );
        let most = WORST * bounds.view;
        table.must(format!("{name}, {view}: worst"), worst, "ms", most);
    }
    for (range, length) in RANGES {
        let ask = || ask_cold(store, OVERVIEW, "/", (END - length, END));
        let took: Vec<f64> = (0..REPETITIONS).map(|_| ask()).collect();
        let what = format!("{name}, {OVERVIEW}: {range}");
        table.must(what, median(took), "ms", bounds.all);
    }
}

/// The memory of the command line, whole processes.
fn memory(table: &mut FigureTable, folder: &Path) {
    let up = program("UP_BIN");
    let fresh = tempfile::tempdir().expect("a temporary folder");
    let (config, file) = (
        fresh.path().join("up.toml"),
        fresh.path().join("export.csv"),
    );
    let source = "[[source]]\ntype = \"tcp\"\nname = \"Root\"\nhost = \"127.0.0.1\"\nport = 1\n";
    fs::write(&config, source).expect("a new file");
    let [config, file, fresh, data] =
        [&config, &file, fresh.path(), folder].map(|path| path.display().to_string());
    let mut peak = |what: &str, data: &str, args: &[&str]| -> String {
        let environment = [("UP_DATA_DIR", data), ("UP_CONFIG", &*config)];
        let command: Vec<&str> = [&*up, "history"].iter().chain(args).copied().collect();
        let run = std::process::Command::new(&up)
            .args(&command[1..])
            .envs(environment)
            .output()
            .expect("up can be started");
        assert!(run.status.success(), "{command:?}: {run:?}");
        // An import is repeated, and adds nothing then.
        let peak = measure::run(&command, &environment).peak;
        table.must(format!("history: memory of {what}"), peak, "MB", MEMORY);
        String::from_utf8_lossy(&run.stdout).into_owned()
    };
    let query = [
        LONG_PATH,
        "--json",
        "--since",
        "2025-11-01",
        "--until",
        "2026-11-01",
    ];
    let answer = peak("a query of a year", &data, &query);
    assert!(answer.contains("\"thinned\":true"), "a year is thinned");
    let exported = peak("an export of a year", &data, &["export", LONG_PATH]);
    assert!(exported.lines().count() > 500_000, "a year of samples");
    fs::write(&file, exported).expect("a new file");
    peak("an import of a year", &fresh, &["import", &file]);
}

/// What the rollups of one path and year take, with the samples of its last 30 days.
fn year(table: &mut FigureTable, seed: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), GeneratedHistory::of_long_path(seed));
    let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
    runtime().block_on(async {
        let store = Embedded::open(folder.path()).expect("a history");
        // Retention follows the days that it sees.
        let pruned = store.prune(END + DAY / 2.0, days(30), days(400)).await;
        pruned.expect("pruned");
        store.close().await;
    });
    let kilobytes = bytes_of(folder.path(), "rollups*") / 1e3;
    table.must(
        "history: rollups of a path and year",
        kilobytes,
        "KB",
        200.0,
    );
    let store = folder.path().display().to_string();
    let span = (END - f64::from(YEAR) * DAY, END);
    for view in views::names() {
        let took = (0..REPETITIONS).map(|_| ask_cold(&store, view, LONG_PATH, span));
        let what = format!("history, {view}: 1 y, rolled up");
        table.must(what, median(took.collect()), "ms", VIEW);
    }
}
