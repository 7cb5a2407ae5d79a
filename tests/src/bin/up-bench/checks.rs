//! One-shot checks: `up` with 1, 100, 1,000 and 10,000 sources, beside a bare client.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::measure::{self, ProcessRun, own_program, pair, program};
use crate::server::BenchServer;
use crate::table::{FigureTable, median};

const ROUNDS: usize = 7;

pub(crate) fn run(table: &mut FigureTable) {
    let server = BenchServer::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (up, own) = (program("UP_BIN"), own_program());
    let own = own.to_string_lossy();

    let start: Vec<_> = (0..15)
        .map(|_| measure::run(&[&up, "--version"], &[]))
        .collect();
    table.note("up --version: CPU", 1_000.0 * median(cpu(&start)), "ms");

    for count in [1, 100, 1_000, 10_000] {
        let file = config(folder.path(), &server.address, "/", count, "30s");
        let url = format!("http://{}/", server.address);
        let number = count.to_string();
        let (ours, bare) = pair(
            if count > 1_000 { 3 } else { ROUNDS },
            || check(&up, &file),
            || measure::run(&[&own, "client", &url, &number, "1000"], &[]),
        );
        let ratios = ours.iter().zip(&bare).map(|(a, b)| a.cpu / b.cpu).collect();
        let what = format!("up, {count} fast sources");
        let (spent, ratio) = (1_000.0 * median(cpu(&ours)), median(ratios));
        match count {
            1 => table.must(format!("{what}: CPU"), spent, "ms", 15.0),
            _ => table.note(format!("{what}: CPU"), spent, "ms"),
        }
        match count {
            1_000 => table.must(format!("{what}: CPU / bare client's"), ratio, "", 1.5),
            _ => table.note(format!("{what}: CPU / bare client's"), ratio, ""),
        }
        table.note(format!("{what}: wall"), median(wall(&ours)), "s");
        table.note(
            format!("{what}: bare client's wall"),
            median(wall(&bare)),
            "s",
        );
        table.note(format!("{what}: peak memory"), median(peak(&ours)), "MB");
    }

    let file = config(folder.path(), &server.address, "/slow", 1_000, "30s");
    let slow: Vec<_> = (0..5).map(|_| check(&up, &file)).collect();
    table.must(
        "up, 1,000 sources of 100 ms: wall",
        median(wall(&slow)),
        "s",
        0.5,
    );

    let file = config(folder.path(), &server.address, "/", 2_000, "30s");
    let tight = format!("ulimit -n 256; exec {up} -c {} --json", file.display());
    let output = std::process::Command::new("sh")
        .args(["-c", &tight])
        .output();
    let text = String::from_utf8_lossy(&output.expect("a shell").stdout).into_owned();
    let wrong = 2_001 - text.matches("\"status\":1.0").count();
    table.must(
        "up, 2,000 sources, ulimit -n 256: not up",
        wrong as f64,
        "",
        0.0,
    );
}

/// Runs one check of all sources, which must all be up.
fn check(up: &str, file: &Path) -> ProcessRun {
    measure::run(&[up, "-c", &file.to_string_lossy()], &[])
}

/// Writes a configuration with `count` sources at that server.
pub(crate) fn config(
    folder: &Path,
    address: &str,
    path: &str,
    count: usize,
    interval: &str,
) -> PathBuf {
    let mut text = format!("name = \"Bench\"\ninterval = \"{interval}\"\n");
    for i in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "[[source]]\ntype = \"http\"\nname = \"s{i}\"\nurl = \"http://{address}{path}?{i}\"\n"
        );
    }
    let file = folder.join(format!("up-{count}{}.toml", path.replace('/', "-")));
    std::fs::write(&file, text).expect("a configuration can be written");
    file
}

fn cpu(runs: &[ProcessRun]) -> Vec<f64> {
    runs.iter().map(|run| run.cpu).collect()
}

fn wall(runs: &[ProcessRun]) -> Vec<f64> {
    runs.iter().map(|run| run.wall).collect()
}

fn peak(runs: &[ProcessRun]) -> Vec<f64> {
    runs.iter().map(|run| run.peak).collect()
}
