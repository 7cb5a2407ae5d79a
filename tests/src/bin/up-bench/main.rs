//! `up-bench` measures what Up costs, beside what other programs cost in the same run. `cargo xtask
//! bench` builds the programs and starts it with the paths of `up` and `up-tray` in `UP_BIN` and
//! `UP_TRAY_BIN`.

mod alerts;
mod checks;
mod client;
mod fleet;
mod measure;
mod server;
mod table;
mod tls;
mod tray;
mod watch;

use std::process::ExitCode;

use alerts::WorldSelection;
use table::FigureTable;
use up_tests::simulation::kinds::WorldKind;

/// A part of the benchmark, with its name.
type BenchPart = (&'static str, fn(&mut FigureTable, &WorldSelection));

const PARTS: &[BenchPart] = &[
    ("alerts", alerts::run),
    ("fleet", |table, _| fleet::run(table)),
    ("check", |table, _| checks::run(table)),
    ("tls", |table, _| tls::run(table)),
    ("watch", |table, _| watch::run(table)),
    ("tray", |table, _| tray::run(table)),
];

/// Parses the names of parts, and the options of `alerts`.
fn options(args: &[String]) -> Result<(Vec<String>, WorldSelection), String> {
    let (mut names, mut wanted) = (Vec::new(), WorldSelection::default());
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
        _ => {}
    }
    let (names, wanted) = match options(&args) {
        Ok(found) => found,
        Err(wrong) => {
            eprintln!(
                "{wrong}: there are --seeds N, --from SEED, --days N and --kinds all|none|{}",
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
