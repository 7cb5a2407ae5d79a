//! Starts and ends the application: one instance, one engine, one event loop, and an orderly
//! shutdown.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::{App, AppHandle, Manager, RunEvent};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use up_config::{ConfigFile, Loader};
use up_engine::memory::nearly_full;
use up_engine::{Command, Engine, EngineOptions};
use up_wire::PanelEvent;

use crate::action::{Action, Actions};
use crate::autostart::AT_LOGIN;
use crate::notify::Notifier;
use crate::panel::Panel;
use crate::problems::Problems;
use crate::push::PushedState;
use crate::state::{AppState, up};
use crate::{HEAP, edit, panel, preferences, push, rpc, steer, tray};

/// How long remaining tasks may run once the engine has stopped.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// The options of a start.
pub(crate) struct StartOptions {
    /// The configuration file, which need not exist.
    pub config: ConfigFile,
    /// The folder for state and history, which need not exist.
    pub data: PathBuf,
    /// True to open the panel at once.
    pub panel: bool,
    /// True if the person's login starts the application.
    pub at_login: bool,
}

/// Why the application could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartupFailure {
    /// The async runtime could not start.
    #[error("no threads can be started: {0}")]
    Runtime(#[from] std::io::Error),
    /// The window system could not be used.
    #[error("the desktop cannot be used: {0}")]
    Desktop(#[from] tauri::Error),
}

/// Runs until a person or the system ends it. Returns the exit status.
pub(crate) fn run(start: StartOptions) -> Result<u8, StartupFailure> {
    // One worker is enough for everything that waits. Blocking work runs on other threads.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("up")
        .enable_all()
        .build()?;
    let guard = runtime.enter();
    tauri::async_runtime::set(runtime.handle().clone());
    let (sender, requests) = mpsc::unbounded_channel();
    let actions = Actions(sender);
    let engine = Arc::new(Mutex::new(None));
    let (second_start, started) = (actions.clone(), Arc::clone(&engine));
    let app = tauri::Builder::default()
        // This plugin comes first, so that a second start only asks the first one to show its
        // panel.
        .plugin(tauri_plugin_single_instance::init(move |_, arguments, _| {
            // A login that finds Up running has nobody who wants to see it.
            if !arguments.iter().any(|argument| argument == AT_LOGIN) {
                second_start.send(Action::Panel(None));
            }
        }))
        .invoke_handler(tauri::generate_handler![rpc::request])
        .on_window_event(panel::on_event)
        .setup(move |app| {
            let running = set_up(app, start, &actions, requests);
            *started.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
            Ok(())
        })
        .build(context())?;
    let status = app.run_return(|_, event| {
        // The application goes on in the tray when its last window is closed.
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    drop(guard);
    let engine = engine.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(engine) = engine {
        runtime.block_on(Engine::stop(engine));
    }
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    Ok(u8::try_from(status).unwrap_or(1))
}

/// The parts that were compiled in: the panel, its capabilities, the icons.
#[expect(
    clippy::disallowed_methods,
    reason = "tauri's macro ends a process that was tampered with"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

fn set_up(
    app: &App,
    start: StartOptions,
    actions: &Actions,
    requests: UnboundedReceiver<Action>,
) -> Engine {
    let StartOptions {
        config,
        data,
        panel,
        at_login,
    } = start;
    let (up, engine) = start_engine(&config, data, at_login, actions);
    app.manage(Arc::clone(&up));
    app.manage(Panel::new());
    app.manage(PushedState::default());
    let app = app.handle();
    tokio::spawn(perform_all(app.clone(), requests));
    tokio::spawn(handle_signals(actions.clone()));
    tokio::spawn(end_at_memory_bound(app.clone()));
    tokio::spawn(preferences::follow_config(Arc::clone(&up)));
    push::push(app.clone(), Arc::clone(&up));
    tray::start(app, &up, actions.clone());
    if panel {
        actions.send(Action::Panel(None));
    }
    engine
}

/// Starts the engine on the current runtime, and the notifier that follows it.
fn start_engine(
    config: &ConfigFile,
    data: PathBuf,
    at_login: bool,
    actions: &Actions,
) -> (Arc<AppState>, Engine) {
    let problems = Problems::new();
    let mood = preferences::mood(&data);
    let (notifier, sink) = Notifier::new(actions.clone(), problems.clone());
    let engine = Engine::start(EngineOptions {
        config: Loader::new(config.clone()),
        plan: None,
        data: data.clone(),
        program: Some("tray"),
        mood,
        logged_in: at_login,
        sinks: vec![Box::new(sink)],
    });
    let up = AppState::new(&engine, problems, config.path().to_owned(), data);
    notifier.run(up.view.clone(), up.config.clone());
    (Arc::new(up), engine)
}

async fn perform_all(app: AppHandle, mut requests: UnboundedReceiver<Action>) {
    while let Some(action) = requests.recv().await {
        if let Err(message) = perform(&app, action).await {
            eprintln!("up-tray: {message}");
        }
    }
}

async fn perform(app: &AppHandle, action: Action) -> Result<(), String> {
    let up = up(app);
    match action {
        Action::Toggle(spot) => on_panel(app, move |app, panel| panel.toggle(app, spot)).await,
        Action::Panel(path) => {
            let event = path.map(PanelEvent::Show);
            on_panel(app, move |app, panel| panel.show(app, None, event)).await
        }
        Action::Incidents(place) => {
            let event = Some(PanelEvent::Incidents(place));
            on_panel(app, move |app, panel| panel.show(app, None, event)).await
        }
        Action::Note => {
            on_panel(app, |app, panel| {
                panel.show(app, None, Some(PanelEvent::Note))
            })
            .await
        }
        Action::CheckNow => up.command(Command::CheckNow(None)),
        Action::All(all) => steer::bulk(up, all),
        Action::Outage(outage, paths) => steer::outage(up, outage, paths),
        Action::Mood(mood) => preferences::choose(up, mood),
        Action::OpenConfig => edit::open(&up.config).await,
        Action::Reload => up.command(Command::Reload),
        Action::Quit => {
            panel::remember(app);
            app.exit(0);
            Ok(())
        }
    }
}

/// Runs `work` on a thread that may block: making a window waits for the main thread.
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

/// Ends the application before it exceeds its bound of memory.
async fn end_at_memory_bound(app: AppHandle) {
    let why = nearly_full(HEAP.limit(), || HEAP.allocated()).await;
    eprintln!("up-tray: {why}");
    app.exit(1);
}

/// Ends the application on SIGTERM and SIGINT. SIGHUP reloads the configuration.
#[cfg(unix)]
async fn handle_signals(actions: Actions) {
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
            _ = hup.recv() => actions.send(Action::Reload),
        }
    }
    actions.send(Action::Quit);
}

#[cfg(not(unix))]
async fn handle_signals(actions: Actions) {
    if tokio::signal::ctrl_c().await.is_ok() {
        actions.send(Action::Quit);
    }
}
