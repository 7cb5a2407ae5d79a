//! `up watch`: polls for ever without a desktop, prints changes.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use up_config::{Loader, PlannedProbe};
use up_core::{Mood, World};
use up_engine::memory::nearly_full;
use up_engine::{Engine, EngineOptions, View};
use up_sink::Sink;
use up_sink::stdout::{self, StdoutSink, Style};

use crate::args::Cli;
use crate::config::{config_file, warn};
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::signals::{Signals, WatchSignal};
use crate::{heap, json, time};

/// Watches until SIGINT or SIGTERM. SIGHUP reads the configuration again, and every file that it
/// names.
pub(crate) async fn watch(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    // First of all: the default of each of these is to end the process.
    let mut signals = Signals::new().map_err(CommandFailure::io("signals"))?;
    let terminal = Terminal::of_ours();
    let config = Loader::new(config_file(cli)?);
    let plan = config.load().plan?;
    warn(&plan.warnings);
    let mood = cli.mood.mood().unwrap_or(plan.mood);
    let style = Style {
        mood,
        colour: colour(cli.color),
    };

    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    let prints = plan.prints();
    if prints {
        sinks.push(Box::new(if cli.json {
            StdoutSink::json(mood)
        } else {
            StdoutSink::new(style, time::local)
        }));
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), config = %config.file().path().display(), data = %up_config::data_dir().display(), "up watch starts");
    let engine = Engine::start(EngineOptions {
        config,
        plan: Some(plan),
        data: up_config::data_dir(),
        program: Some("watch"),
        mood: cli.mood.mood(),
        sinks,
    });
    if let Some(note) = &cli.note {
        // The engine has just been started and takes it.
        let _ = engine
            .commands()
            .send(up_engine::Command::Note(note.clone()));
    }
    let first = prints.then_some(if cli.json {
        First::Json(mood)
    } else {
        First::Lines(style, cli.verbose.into())
    });
    let commands = engine.commands();
    // Tasks of their own: each wake-up of this one costs the runtime a system call.
    let mut report = tokio::spawn(report(engine.view(), first));
    let mut full = tokio::spawn(nearly_full(heap::limit(), heap::allocated));
    let full = loop {
        tokio::select! {
            _ = &mut report => break None,
            Ok(why) = &mut full => break Some(why),
            signal = signals.next() => {
                if signal == WatchSignal::End || terminal.is_gone() {
                    break None;
                }
                // The engine runs: nobody else ends it.
                let _ = commands.send(up_engine::Command::Reload);
            }
        }
    };
    report.abort();
    engine.stop().await;
    match full {
        None => Ok(ExitCode::SUCCESS),
        Some(why) => Err(CommandFailure::Memory(why)),
    }
}

/// The terminal that somebody watches at. When it is closed, SIGHUP says so, and nobody is left to
/// end the watch.
struct Terminal {
    was_there: bool,
}

impl Terminal {
    fn of_ours() -> Self {
        let was_there = Self::is_there();
        Self { was_there }
    }

    fn is_gone(&self) -> bool {
        self.was_there && !Self::is_there()
    }

    fn is_there() -> bool {
        io::stdout().is_terminal() || io::stderr().is_terminal() || io::stdin().is_terminal()
    }
}

/// How the tree is printed.
#[derive(Clone, Copy)]
enum First {
    /// In that style, that deep.
    Lines(Style, u16),
    /// One object, in the words of that mood.
    Json(Mood),
}

impl First {
    fn text(self, world: &World) -> Option<String> {
        match self {
            Self::Lines(style, depth) => {
                let mut out = Vec::new();
                stdout::tree(&mut out, world, depth, None, style).ok()?;
                Some(String::from_utf8_lossy(&out).into_owned())
            }
            Self::Json(mood) => json::event(world, mood).ok().map(|text| text + "\n"),
        }
    }
}

/// Prints the tree once, after the first round; says on stderr what is wrong with Up itself, each
/// thing once, and when it is over.
async fn report(view: View, mut first: Option<First>) {
    let mut news = view.news();
    let mut told = BTreeSet::new();
    while news.changed().await.is_ok() {
        let (troubles, tree) = view.read(|known| {
            let troubles: BTreeSet<String> = known
                .troubles
                .iter()
                .map(|trouble| trouble.text.clone())
                .collect();
            let world = &known.world;
            let asked = || {
                known.plan.as_ref().is_some_and(|plan| {
                    let asked = |probe: &PlannedProbe| {
                        let state = world.state(probe.node);
                        state.sample.is_some() || state.hold.is_some()
                    };
                    plan.probes.iter().all(asked)
                })
            };
            let tree = first
                .filter(|_| asked())
                .and_then(|first| first.text(world));
            (troubles, tree)
        });
        for text in troubles.difference(&told) {
            let _ = writeln!(io::stderr(), "{text}");
        }
        for text in told.difference(&troubles) {
            let line = text.lines().next().unwrap_or_default();
            let _ = writeln!(io::stderr(), "over: {line}");
        }
        told = troubles;
        if let Some(tree) = tree {
            first = None;
            // A closed pipe ends nothing: the histories go on.
            let _ = print(&tree);
        }
    }
}
