//! `up watch`: checks sources until it is ended, and prints changes.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use up_config::{Loader, PlannedProbe};
use up_core::{Mood, Note, NoteEdit, World};
use up_engine::memory::nearly_full;
use up_engine::{Engine, EngineOptions, View};
use up_sink::Sink;
use up_sink::stdout::{self, StdoutSink, Style};

use crate::args::Cli;
use crate::config::{config_file, warn};
use crate::failure::CommandFailure;
use crate::output::{colour, print};
use crate::service::ServiceManager;
use crate::signals::{Signals, WatchSignal};
use crate::{heap, json, time};

/// Runs the engine until SIGINT or SIGTERM. SIGHUP reads the configuration and every file that it
/// names again. A service manager that asks for it is notified of each.
pub(crate) async fn watch(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    // The handlers come first, because the default of each signal is to end the process.
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
        logged_in: false,
        sinks,
    });
    let service = ServiceManager::of_environment();
    service.follow(&engine);
    if let Some(note) = &cli.note {
        // The engine has just been started, so that it receives the note.
        let now = up_engine::clock::now();
        let edit = NoteEdit::add(Note::new(note, now), now);
        let _ = engine.commands().send(up_engine::Command::Note(edit));
    }
    let first = prints.then_some(if cli.json {
        InitialTree::Json(mood)
    } else {
        InitialTree::Lines(style, cli.verbose.into())
    });
    let commands = engine.commands();
    // These are tasks of their own, because each wake-up of the main task costs a system call.
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
                service.reloading(engine.pulse());
                // Sending cannot fail, because the engine is running.
                let _ = commands.send(up_engine::Command::Reload);
            }
        }
    };
    report.abort();
    service.stopping();
    engine.stop().await;
    match full {
        None => Ok(ExitCode::SUCCESS),
        Some(why) => Err(CommandFailure::Memory(why)),
    }
}

/// The terminal of `up watch`. When it is closed, the process receives SIGHUP and must end, because
/// nobody is left to end it.
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

/// How the tree is printed after the first round.
#[derive(Clone, Copy)]
enum InitialTree {
    /// As lines, with this style and depth.
    Lines(Style, u16),
    /// As a JSON object, in the words of this mood.
    Json(Mood),
}

impl InitialTree {
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

/// Prints the tree after the first round. Prints each trouble of Up itself on stderr once, and once
/// more when it is over.
async fn report(view: View, mut first: Option<InitialTree>) {
    let mut news = view.news();
    // What the engine found while it started counts as a change.
    news.mark_changed();
    let mut reported: BTreeMap<u64, String> = BTreeMap::new();
    while news.changed().await.is_ok() {
        let (troubles, tree) = view.read(|state| {
            let troubles = state.troubles.clone();
            let world = &state.world;
            let is_round_over = || {
                state.plan.as_ref().is_some_and(|plan| {
                    let is_checked = |probe: &PlannedProbe| {
                        let state = world.state(probe.node);
                        state.sample.is_some() || state.hold.is_some()
                    };
                    plan.probes.iter().all(is_checked)
                })
            };
            let tree = first
                .filter(|_| is_round_over())
                .and_then(|first| first.text(world));
            (troubles, tree)
        });
        for trouble in &troubles {
            if !reported.contains_key(&trouble.id) {
                let _ = writeln!(io::stderr(), "{}", trouble.text);
            }
        }
        // A trouble whose text has changed since is over under the text that was printed.
        reported.retain(|id, text| {
            let lasts = troubles.iter().any(|trouble| trouble.id == *id);
            if !lasts {
                let line = text.lines().next().unwrap_or_default();
                let _ = writeln!(io::stderr(), "over: {line}");
            }
            lasts
        });
        for trouble in troubles {
            reported.entry(trouble.id).or_insert(trouble.text);
        }
        if let Some(tree) = tree {
            first = None;
            // If the pipe is closed, the watch goes on recording.
            let _ = print(&tree);
        }
    }
}
