//! `up watch`: polls for ever without a desktop, prints changes.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use up_config::PlannedProbe;
use up_engine::{Engine, Options, View};
use up_sink::Sink;
use up_sink::registry::SinkConfig;
use up_sink::stdout::{self, StdoutSink, Style};

use crate::args::Cli;
use crate::failure::Failure;
use crate::{colour, config_file, plan, print, time};

/// Watches until SIGINT or SIGTERM.
pub(crate) async fn watch(cli: &Cli) -> Result<ExitCode, Failure> {
    let file = config_file(cli)?;
    let plan = plan(&file)?;
    let mood = cli.mood.mood().unwrap_or(plan.mood);
    let style = Style {
        mood,
        colour: colour(cli.color),
    };
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::io("SIGINT"))?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::io("SIGTERM"))?;

    let prints = plan.sinks.is_empty()
        || plan
            .sinks
            .iter()
            .any(|sink| sink.config == SinkConfig::Stdout);
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if prints {
        sinks.push(Box::new(StdoutSink::new(style, time::local)));
    }
    let engine = Engine::start(Options {
        config: file,
        plan: Some(plan),
        data: up_config::data_dir(),
        mood: cli.mood.mood(),
        sinks,
    });
    if let Some(note) = &cli.note {
        // The engine has just been started and takes it.
        let _ = engine
            .commands()
            .send(up_engine::Command::Note(note.clone()));
    }
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        () = report(engine.view(), prints.then_some((style, cli.verbose.into()))) => {}
    }
    engine.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Prints the tree once, after the first round; says on stderr what is wrong with Up itself, each
/// thing once, and when it is over.
async fn report(view: View, mut first: Option<(Style, u16)>) {
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
                    let asked = |probe: &PlannedProbe| world.state(probe.node).sample.is_some();
                    plan.probes.iter().all(asked)
                })
            };
            let tree = first.filter(|_| asked()).and_then(|(style, depth)| {
                let mut out = Vec::new();
                stdout::tree(&mut out, world, depth, None, style)
                    .ok()
                    .map(|()| out)
            });
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
            let _ = print(&String::from_utf8_lossy(&tree));
        }
    }
}
