//! What Up costs, beside what others cost in the same run. `cargo xtask bench` builds what is
//! measured and calls this with the paths of `up` and `up-tray` in `UP_BIN` and `UP_TRAY_BIN`.

mod alerts;
mod checks;
mod client;
mod measure;
mod server;
mod table;
mod tls;
mod tray;
mod watch;

use std::process::ExitCode;

use table::Table;

/// A part of the benchmark, by name.
type Part = (&'static str, fn(&mut Table));

const PARTS: &[Part] = &[
    ("alerts", alerts::run),
    ("check", checks::run),
    ("tls", tls::run),
    ("watch", watch::run),
    ("tray", tray::run),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        // Helpers of the benchmark itself, each a process of its own.
        Some("measure") => return measure::child(&args[1..]),
        Some("client") => return client::child(&args[1..]),
        Some("handshakes") => return tls::child(&args[1..]),
        Some("server") => return server::child(&args[1..]),
        _ => {}
    }
    if let Some(unknown) = args
        .iter()
        .find(|name| PARTS.iter().all(|(part, _)| part != name))
    {
        let known: Vec<_> = PARTS.iter().map(|(part, _)| *part).collect();
        eprintln!("no benchmark {unknown:?}: there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let mut table = Table::new();
    for (name, part) in PARTS {
        if args.is_empty() || args.iter().any(|arg| arg == name) {
            part(&mut table);
        }
    }
    table.print();
    if table.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
