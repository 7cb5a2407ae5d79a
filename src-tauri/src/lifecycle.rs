//! From the start to the end: one instance, one engine, one loop, and a clean way out.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::{App, AppHandle, Manager, RunEvent};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use up_config::{ConfigFile, Loader};
use up_engine::memory::nearly_full;
use up_engine::{Command, Engine, EngineOptions};
use up_wire::PanelEvent;

use crate::action::{Wish, Wishes};
use crate::notify::Notifier;
use crate::panel::Panel;
use crate::problems::Problems;
use crate::push::PushedState;
use crate::state::{AppState, up};
use crate::{HEAP, edit, panel, preferences, push, rpc, steer, tray};

/// How long what still runs gets once the engine has stopped.
const REST: Duration = Duration::from_secs(1);

/// What the application is started with.
pub(crate) struct StartOptions {
    /// The configuration file; it need not exist.
    pub config: ConfigFile,
    /// The folder for state and history; it need not exist.
    pub data: PathBuf,
    /// True to open the panel at once.
    pub panel: bool,
}

/// Why the application could not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartupFailure {
    /// No runtime.
    #[error("no threads can be started: {0}")]
    Runtime(#[from] std::io::Error),
    /// No window system.
    #[error("the desktop cannot be used: {0}")]
    Desktop(#[from] tauri::Error),
}

/// Runs until a person or the system ends it; returns the exit status.
pub(crate) fn run(start: StartOptions) -> Result<u8, StartupFailure> {
    // One worker is enough for everything that waits; what blocks goes to threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("up")
        .enable_all()
        .build()?;
    let inside = runtime.enter();
    tauri::async_runtime::set(runtime.handle().clone());
    let (sender, asked) = mpsc::unbounded_channel();
    let wishes = Wishes(sender);
    let engine = Arc::new(Mutex::new(None));
    let (again, started) = (wishes.clone(), Arc::clone(&engine));
    let app = tauri::Builder::default()
        // First, so that a second start gets no further than to ask the first for its panel.
        .plugin(tauri_plugin_single_instance::init(move |_, _, _| again.send(Wish::Panel(None))))
        .invoke_handler(tauri::generate_handler![rpc::request])
        .on_window_event(panel::on_event)
        .setup(move |app| {
            let running = begin(app, start, &wishes, asked);
            *started.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
            Ok(())
        })
        .build(context())?;
    let status = app.run_return(|_, event| {
        // The last window's end is not ours: the tray stays.
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    drop(inside);
    let engine = engine.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(engine) = engine {
        runtime.block_on(Engine::stop(engine));
    }
    runtime.shutdown_timeout(REST);
    Ok(u8::try_from(status).unwrap_or(1))
}

/// What was built in: the panel, what it may do, the icons.
#[expect(
    clippy::disallowed_methods,
    reason = "tauri's macro ends a process that was tampered with"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

fn begin(
    app: &App,
    start: StartOptions,
    wishes: &Wishes,
    asked: UnboundedReceiver<Wish>,
) -> Engine {
    let StartOptions {
        config,
        data,
        panel,
    } = start;
    let (up, engine) = start_engine(&config, data, wishes);
    app.manage(Arc::clone(&up));
    app.manage(Panel::new());
    app.manage(PushedState::default());
    let app = app.handle();
    tokio::spawn(grant_all(app.clone(), asked));
    tokio::spawn(heed_signals(wishes.clone()));
    tokio::spawn(end_when_full(app.clone()));
    tokio::spawn(preferences::yield_to_file(Arc::clone(&up)));
    push::push(app.clone(), Arc::clone(&up));
    tray::raise(app, &up, wishes.clone());
    if panel {
        wishes.send(Wish::Panel(None));
    }
    engine
}

/// Starts the engine on the current runtime, and the notifications that follow it.
fn start_engine(config: &ConfigFile, data: PathBuf, wishes: &Wishes) -> (Arc<AppState>, Engine) {
    let problems = Problems::new();
    let mood = preferences::mood(&data);
    let (notifier, sink) = Notifier::new(wishes.clone(), problems.clone());
    let engine = Engine::start(EngineOptions {
        config: Loader::new(config.clone()),
        plan: None,
        data: data.clone(),
        program: Some("tray"),
        mood,
        sinks: vec![Box::new(sink)],
    });
    let up = AppState::new(&engine, problems, config.path().to_owned(), data);
    notifier.run(up.view.clone());
    (Arc::new(up), engine)
}

async fn grant_all(app: AppHandle, mut asked: UnboundedReceiver<Wish>) {
    while let Some(wish) = asked.recv().await {
        if let Err(message) = grant(&app, wish).await {
            eprintln!("up-tray: {message}");
        }
    }
}

async fn grant(app: &AppHandle, wish: Wish) -> Result<(), String> {
    let up = up(app);
    match wish {
        Wish::Toggle(spot) => on_panel(app, move |app, panel| panel.toggle(app, spot)).await,
        Wish::Panel(path) => {
            let event = path.map(PanelEvent::Show);
            on_panel(app, move |app, panel| panel.show(app, None, event)).await
        }
        Wish::Note => {
            on_panel(app, |app, panel| {
                panel.show(app, None, Some(PanelEvent::Note))
            })
            .await
        }
        Wish::CheckNow => up.command(Command::CheckNow(None)),
        Wish::All(all) => steer::all(up, all),
        Wish::Outage(outage, paths) => steer::outage(up, outage, paths),
        Wish::Mood(mood) => preferences::choose(up, mood),
        Wish::OpenConfig => edit::open(&up.config).await,
        Wish::Reload => up.command(Command::Reload),
        Wish::Quit => {
            app.exit(0);
            Ok(())
        }
    }
}

/// Making a window waits for the main thread, so it is done where waiting harms nobody.
async fn on_panel(
    app: &AppHandle,
    work: impl FnOnce(&AppHandle, &Panel) -> tauri::Result<()> + Send + 'static,
) -> Result<(), String> {
    let app = app.clone();
    tokio::task::spawn_blocking(move || work(&app, panel::panel(&app)))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("the panel cannot be shown: {error}"))
}

/// Ends the application before it takes more memory than it may.
async fn end_when_full(app: AppHandle) {
    let why = nearly_full(HEAP.limit(), || HEAP.allocated()).await;
    eprintln!("up-tray: {why}");
    app.exit(1);
}

/// Ends the application when the session or a person at a terminal wants that. SIGHUP reads the
/// configuration again.
#[cfg(unix)]
async fn heed_signals(wishes: Wishes) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int), Ok(mut hup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            _ = hup.recv() => wishes.send(Wish::Reload),
        }
    }
    wishes.send(Wish::Quit);
}

#[cfg(not(unix))]
async fn heed_signals(wishes: Wishes) {
    if tokio::signal::ctrl_c().await.is_ok() {
        wishes.send(Wish::Quit);
    }
}
