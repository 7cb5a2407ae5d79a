//! `up-tray`: Up on a desktop. It shows the engine's state as an icon in the tray, as notifications
//! and in a panel.
//!
//! This crate is the shell: the only one that uses tauri. It decides nothing about what it shows.

mod action;
mod address;
mod asking;
mod autostart;
mod details;
mod edit;
mod flapping;
mod lifecycle;
mod long_past;
mod marks;
mod measured;
mod notes;
mod notify;
mod open;
mod outcomes;
mod panel;
mod past;
#[cfg(test)]
mod past_counted;
mod past_incidents;
mod path;
mod platform;
mod preferences;
mod problems;
mod push;
mod rows;
mod rpc;
mod save;
mod spread;
mod state;
mod steer;
#[cfg(test)]
mod test_support;
mod tray;
mod watched;
mod window_memory;

use std::alloc::System;
use std::path::PathBuf;
use std::process::ExitCode;

use cap::Cap;
use clap::Parser;
use up_config::{ConfigFile, Located, data_dir, locate, user_config_file};

use autostart::AutostartChoice;
use lifecycle::StartOptions;

const CONFIG: &str =
    "The configuration; else $UP_CONFIG, ./up.toml, then up/up.toml in your configuration folder";

/// Is it up? An icon in the tray says so.
#[derive(Debug, Parser)]
#[command(name = "up-tray", version)]
struct Arguments {
    /// The configuration.
    #[arg(short = 'c', value_name = "FILE", help = CONFIG)]
    config: Option<PathBuf>,
    /// Log into this file; `$UP_LOG` says what, as for `up watch`
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// Open the panel at start
    #[arg(long)]
    panel: bool,
    /// Start Up whenever you log in, or no longer, or print whether it does; then end
    #[arg(long, value_name = "CHOICE", value_enum)]
    autostart: Option<AutostartChoice>,
    /// Your login starts this: nothing is judged for a minute, until the desktop is complete
    #[arg(long, conflicts_with = "autostart")]
    at_login: bool,
}

/// The allocator with the bound of memory, so that the process ends before the machine suffers.
/// `WebKit`'s memory is not counted.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

fn main() -> ExitCode {
    platform::prepare_environment();
    let arguments = Arguments::parse();
    let config = match locate(arguments.config.as_deref()) {
        Located::File(file) => file,
        Located::Nowhere { .. } => ConfigFile::found(user_config_file()),
    };
    let config = config.absolute();
    if let Some(choice) = arguments.autostart {
        return match autostart::choose(choice, config.path()) {
            Ok(status) => {
                println!("{status}");
                ExitCode::SUCCESS
            }
            Err(failure) => {
                eprintln!("up-tray: {failure}");
                ExitCode::from(2)
            }
        };
    }
    let bounded = up_engine::memory::bound().map(|bound| HEAP.set_limit(bound));
    if let Err(why) = bounded {
        eprintln!("up-tray: {why}");
        return ExitCode::from(2);
    }
    if let Err(why) = up_engine::logging::start(arguments.log_file.as_deref()) {
        eprintln!("up-tray: {why}");
        return ExitCode::from(2);
    }
    if let Some(why) = platform::no_display() {
        eprintln!("up-tray: {why}. Without a desktop, use `up watch`.");
        return ExitCode::from(2);
    }
    platform::raise_file_limit();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), config = %config.path().display(), "up-tray starts");
    match lifecycle::run(StartOptions {
        config,
        data: data_dir(),
        panel: arguments.panel,
        at_login: arguments.at_login,
    }) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            eprintln!("up-tray: {failure}");
            ExitCode::from(2)
        }
    }
}
