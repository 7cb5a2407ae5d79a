//! `up` without a command: checks every source once, and prints the tree.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use up_core::{Level, World};
use up_sink::stdout::{self, Style};

use crate::args::Cli;
use crate::config::{config_file, plan};
use crate::failure::{self, CommandFailure};
use crate::output::{colour, print};
use crate::{control, json, record};

/// A check that takes longer than this shows a progress line.
const SILENT: Duration = Duration::from_millis(400);
/// The shortest time between two changes of the progress line.
const TICK: Duration = Duration::from_millis(100);

/// Checks every source once, prints the tree, and records it if a sink asks for that.
pub(crate) async fn check(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let plan = plan(&config_file(cli)?)?;
    let mood = cli.mood.mood().unwrap_or(plan.mood);
    let progress = ProgressLine::new();
    let world = up_engine::check_once(&plan, &control::in_force(), &|checked, all| {
        progress.show(checked, all);
    })
    .await;
    progress.wipe();

    if cli.json {
        let document = json::document(&world, mood).map_err(|error| {
            CommandFailure::Usage(format!("the tree has no JSON form: {error}"))
        })?;
        print(&(document + "\n"))?;
    } else if plan.prints() {
        let style = Style {
            mood,
            colour: colour(cli.color),
        };
        let mut out = Vec::new();
        stdout::tree(
            &mut out,
            &world,
            cli.verbose.into(),
            cli.note.as_deref(),
            style,
        )
        .map_err(CommandFailure::io("standard output"))?;
        print(&String::from_utf8_lossy(&out))?;
    }
    record::record(&plan, &world, cli.note.as_deref()).await;
    Ok(failure::status(all_up(&world)))
}

/// True if no node is below up or unknown. Held nodes do not count, and neither does a tree without
/// a source that counts.
fn all_up(world: &World) -> bool {
    world.outline().iter().all(|(id, node)| {
        let state = world.state(id);
        let is_theirs = state.level().is_none() && !node.children.is_empty();
        state.hold.is_some() || state.level() == Some(Level::Up) || is_theirs
    })
}

/// The progress line on stderr. It is shown only on a terminal, and only for a check that takes
/// long.
struct ProgressLine {
    shown: bool,
    start: Instant,
    last: Cell<Option<Instant>>,
}

impl ProgressLine {
    fn new() -> Self {
        let shown = io::stderr().is_terminal();
        Self {
            shown,
            start: Instant::now(),
            last: Cell::new(None),
        }
    }

    fn show(&self, checked: usize, all: usize) {
        if !self.shown {
            return;
        }
        let now = Instant::now();
        let due = match self.last.get() {
            None => now - self.start >= SILENT,
            Some(last) => now - last >= TICK,
        };
        if due && checked < all {
            self.last.set(Some(now));
            let _ = write!(io::stderr(), "\r{checked} of {all} checked\x1b[K");
        }
    }

    fn wipe(&self) {
        if self.last.get().is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
