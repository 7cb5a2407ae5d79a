//! `up-bench` measures what Up costs, beside what other programs cost in the same run. `cargo xtask
//! bench` builds the programs and starts it with the paths of `up` and `up-tray` in `UP_BIN` and
//! `UP_TRAY_BIN`.

mod alerts;
mod checks;
mod client;
mod fleet;
mod fleet_load;
mod history;
mod history_mongo;
mod measure;
mod mongod_figures;
mod opening;
mod server;
mod table;
mod tls;
mod tray;
mod watch;

use std::process::ExitCode;

use alerts::WorldSelection;
use fleet_load::FleetSelection;
use history::HistorySelection;
use table::FigureTable;
use up_tests::simulation::kinds::WorldKind;

/// A part of the benchmark, with its name.
type BenchPart = (&'static str, fn(&mut FigureTable, &BenchOptions));

/// The options of the parts that have some.
#[derive(Default)]
struct BenchOptions {
    worlds: WorldSelection,
    fleet: FleetSelection,
    history: HistorySelection,
}

impl BenchOptions {
    /// Sets the value of an option. `None` if no part has such an option, or if the value is wrong.
    fn set(&mut self, option: &str, value: Option<&str>) -> Option<()> {
        let set = self.worlds.set(option, value);
        let set = set.or_else(|| self.history.set(option, value));
        set.or_else(|| self.fleet.set(option, value))
    }
}

const PARTS: &[BenchPart] = &[
    ("alerts", |table, options| {
        alerts::run(table, &options.worlds);
    }),
    ("fleet", |table, _| fleet::run(table)),
    ("fleet-load", |table, options| {
        fleet_load::run(table, options.fleet);
    }),
    ("history", |table, options| {
        history::run(table, options.history);
    }),
    ("history-mongo", |table, options| {
        history_mongo::run(table, options.history);
    }),
    ("check", |table, _| checks::run(table)),
    ("tls", |table, _| tls::run(table)),
    ("watch", |table, _| watch::run(table)),
    ("opening", |table, _| opening::run(table)),
    ("tray", |table, _| tray::run(table)),
];

/// Parses the names of parts, and their options.
fn options(args: &[String]) -> Result<(Vec<String>, BenchOptions), String> {
    let (mut names, mut wanted) = (Vec::new(), BenchOptions::default());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg.starts_with("--") {
            let value = args.next().map(String::as_str);
            let wrong = || format!("{arg} {}", value.unwrap_or_default());
            wanted.set(arg, value).ok_or_else(wrong)?;
        } else {
            names.push(arg.clone());
        }
    }
    Ok((names, wanted))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        // Helpers of the benchmark, each in a process of its own.
        Some("measure") => return measure::child(&args[1..]),
        Some("client") => return client::child(&args[1..]),
        Some("handshakes") => return tls::child(&args[1..]),
        Some("server") => return server::child(&args[1..]),
        Some("view") => return history::views::child(&args[1..]),
        _ => {}
    }
    let (names, wanted) = match options(&args) {
        Ok(found) => found,
        Err(wrong) => {
            eprintln!(
                "{wrong}: there are --seeds N, --from SEED, --days N and --kinds all|none|{} of alerts, \
                 --seed SEED and --samples N of history, and --agents N and --minutes N of fleet-load",
                WorldKind::ALL.map(WorldKind::name).join(",")
            );
            return ExitCode::from(2);
        }
    };
    if let Some(unknown) = names
        .iter()
        .find(|name| PARTS.iter().all(|(part, _)| part != name))
    {
        let known: Vec<_> = PARTS.iter().map(|(part, _)| *part).collect();
        eprintln!("no benchmark {unknown:?}: there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let mut table = FigureTable::new();
    for (name, part) in PARTS {
        if names.is_empty() || names.iter().any(|arg| arg == name) {
            part(&mut table, &wanted);
        }
    }
    table.print();
    if table.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
