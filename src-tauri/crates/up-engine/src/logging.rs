//! The log: one line for each thing that Up does, for finding faults. It is off unless `UP_LOG` or
//! `--log-file` asks for it.
//!
//! Only Up's own crates are logged. The HTTP, TLS and database libraries would log headers,
//! addresses and commands, which may be secrets.

mod file;
#[cfg(target_os = "linux")]
mod journal;

use std::path::Path;
use std::sync::Mutex;

use jiff::Zoned;
use tracing::Subscriber;
use tracing_subscriber::filter::{FilterExt, FilterFn, LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;

use file::BoundedFile;

/// The environment variable that says what is logged.
pub const VARIABLE: &str = "UP_LOG";

/// The crates of Up, by their names in the log.
pub const OWN: [&str; 9] = [
    "up",
    "up_config",
    "up_core",
    "up_engine",
    "up_files",
    "up_history",
    "up_sink",
    "up_source",
    "up_tray",
];

/// Starts the log if `UP_LOG` or a log file asks for it. It goes to the file, or else to the journal if
/// standard error leads there, or else to standard error. The error is a sentence about the variable
/// or the file.
pub fn start(file: Option<&Path>) -> Result<(), String> {
    let said = std::env::var_os(VARIABLE).filter(|said| !said.is_empty());
    let said = said.map(|said| {
        said.into_string()
            .map_err(|_| format!("{VARIABLE} is no text"))
    });
    let filter = match (said.transpose()?, file) {
        (Some(said), _) => filter(&said)?,
        (None, Some(_)) => filter("info")?,
        (None, None) => return Ok(()),
    };
    let began = match file {
        Some(path) => {
            let open = BoundedFile::open(path.to_owned());
            let file = open.map_err(|error| {
                format!("{} cannot be written to as a log: {error}", path.display())
            })?;
            tracing::subscriber::set_global_default(subscriber(filter, Mutex::new(file)))
        }
        None => match in_journal(filter.clone()) {
            Some(journal) => tracing::subscriber::set_global_default(journal),
            None => tracing::subscriber::set_global_default(subscriber(filter, std::io::stderr)),
        },
    };
    began.map_err(|error| error.to_string())
}

/// A subscriber that logs to the journal of systemd, if standard error leads there and it listens.
#[cfg(target_os = "linux")]
fn in_journal(filter: Targets) -> Option<impl Subscriber + Send + Sync> {
    let layer = journal::is_stderr().then(|| journal::JournalLayer::new(journal::SOCKET));
    Some(registry().with(layer?.ok()?.with_filter(filter.and(own()))))
}

/// Only Linux has a journal.
#[cfg(not(target_os = "linux"))]
fn in_journal(_: Targets) -> Option<tracing_subscriber::Registry> {
    None
}

/// A filter that only Up's own crates pass.
fn own() -> FilterFn {
    filter_fn(|metadata| is_own(metadata.target()))
}

/// Parses `UP_LOG`: levels (`off`, `error`, `warn`, `info`, `debug`, `trace`) separated by commas.
/// A level is for all of Up, or, as `CRATE=LEVEL`, for one part of it.
pub fn filter(said: &str) -> Result<Targets, String> {
    let help = "write a level (off, error, warn, info, debug or trace), or CRATE=LEVEL, with commas \
                between them: \"info\", \"warn,up_engine=debug\"";
    let mut filter = Targets::new();
    for directive in said.split(',').map(str::trim) {
        let (target, level) = match directive.split_once('=') {
            Some((target, level)) => (Some(target.trim()), level.trim()),
            None => (None, directive),
        };
        // The library would also accept a number as a level, and an empty word as "off".
        let is_word = level.chars().all(|c| c.is_ascii_alphabetic()) && !level.is_empty();
        let level = level.parse::<LevelFilter>().ok().filter(|_| is_word);
        let Some(level) = level else {
            let directive = up_core::line::one_line(directive, 100);
            return Err(format!(
                "{VARIABLE}: {directive:?} is no level\nhelp: {help}"
            ));
        };
        filter = match target {
            None => filter.with_default(level),
            Some(target) if is_own(target) => filter.with_target(target, level),
            Some(target) => {
                let target = up_core::line::one_line(target, 100);
                let own = OWN.join(", ");
                return Err(format!(
                    "{VARIABLE}: {target:?} is no part of Up that is logged: use one of {own}"
                ));
            }
        };
    }
    Ok(filter)
}

/// A subscriber that logs what passes the filter, of Up's own crates only.
pub fn subscriber<W>(filter: Targets, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .with_timer(LocalTime)
        // A full disk must not end the watch, and its errors must not be written to a terminal.
        .log_internal_errors(false);
    registry().with(lines.with_filter(filter.and(own())))
}

/// True of one of Up's own crates and of a module in it.
fn is_own(target: &str) -> bool {
    let of = target.split("::").next().unwrap_or(target);
    OWN.contains(&of)
}

/// Formats the time of a log line in the system's time zone: `2026-11-22T12:00:00.123+01:00`.
struct LocalTime;

impl FormatTime for LocalTime {
    fn format_time(&self, to: &mut Writer<'_>) -> std::fmt::Result {
        write!(to, "{}", Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.3f%:z"))
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn what_is_asked_for_is_a_level_of_up_or_of_a_part_of_it() {
        let check = |said: &str, target: &str, level: Level, expected: bool| {
            let filter = filter(said).unwrap_or_else(|wrong| panic!("{said}: {wrong}"));
            assert_eq!(filter.would_enable(target, &level), expected, "{said}");
        };
        check("info", "up_engine::run", Level::INFO, true);
        check("info", "up_engine::run", Level::DEBUG, false);
        check(
            "WARN, up_engine=debug",
            "up_engine::run",
            Level::DEBUG,
            true,
        );
        check("warn,up_engine=debug", "up_sink", Level::INFO, false);
        check(
            "trace,up_engine::run=off",
            "up_engine::run::load",
            Level::ERROR,
            false,
        );
        check("off", "up", Level::ERROR, false);
    }

    #[test]
    fn what_is_no_level_and_no_part_of_up_is_refused() {
        let check = |said: &str, part: &str| {
            let wrong = filter(said).expect_err(said);
            assert!(wrong.starts_with("UP_LOG: "), "{wrong}");
            assert!(wrong.contains(part), "{said}: {wrong}");
        };
        check("loud", "\"loud\" is no level");
        check("up_engine", "\"up_engine\" is no level");
        check("info,", "\"\" is no level");
        check("3", "\"3\" is no level");
        check("up_engine=", "is no level");
        check("hyper=trace", "\"hyper\" is no part of Up");
        check("info,mongodb::cmap=debug", "is no part of Up");
        check("upper=info", "is no part of Up");
        check("\u{1b}[31m", "is no level");
    }
}
