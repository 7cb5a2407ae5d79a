//! The panel's window: made when asked for, hidden when it is left, given back when it stays
//! hidden.
//!
//! Room: the window as a thing on the screen. What the panel is sent is in `rpc` and `push`.

mod own;
mod place;
#[cfg(target_os = "linux")]
mod theme;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tauri::image::Image;
use tauri::{
    AppHandle, Emitter, Manager, PhysicalPosition, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    Window, WindowEvent,
};
#[cfg(target_os = "linux")]
use tokio::runtime::Handle;
use tokio::sync::watch;
use up_files::private;
use up_wire::{EVENT, PanelEvent};

use crate::action::ScreenPoint;
use crate::platform;
use crate::state::{AppState, up};
use crate::tray::icon;
use crate::tray::look::IconFace;
use place::{WorkArea, place};

/// The window's label; its capability is given to no other.
pub(crate) const LABEL: &str = "panel";
/// Its size at first, and the smallest, in logical pixels.
const SIZE: (f64, f64) = (420.0, 640.0);
const LEAST: (f64, f64) = (320.0, 360.0);
/// The side of its icon, in pixels.
const ICON: u32 = 64;
/// A click on the icon this soon after the panel lost the focus is the click that took it.
const SAME_CLICK: Duration = Duration::from_millis(200);
/// A hidden panel is kept so long, because people look twice; then its memory is given back.
const KEPT: Duration = Duration::from_secs(30);
/// How long after the first tree an event waits that was meant for a panel not there yet.
const SETTLED: Duration = Duration::from_millis(100);

/// The panel's state. The window itself is tauri's.
pub(crate) struct Panel {
    /// A watch, so that what feeds the panel sleeps while it is hidden.
    shown: watch::Sender<bool>,
    /// Taken for moments only, from the main thread and from commands.
    state: Mutex<PanelState>,
}

#[derive(Default)]
struct PanelState {
    /// When it was last hidden because it lost the focus.
    left: Option<Instant>,
    /// True once it had the focus since it was shown; some window managers say it was lost before.
    focused: bool,
    /// Counts showings, so that an old wish to destroy the window is known to be old.
    showing: u64,
    /// True once the page has asked for the tree, and so listens.
    listening: bool,
    /// What it is to be told when it does.
    waiting: Vec<PanelEvent>,
    /// The colours it was given.
    #[cfg(target_os = "linux")]
    theme: Option<tauri::Theme>,
}

/// The panel of that application.
pub(crate) fn panel(app: &AppHandle) -> &Panel {
    app.state::<Panel>().inner()
}

impl Panel {
    /// No window yet.
    pub(crate) fn new() -> Self {
        Self {
            shown: watch::channel(false).0,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, PanelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says when it is shown and hidden.
    pub(crate) fn shown(&self) -> watch::Receiver<bool> {
        self.shown.subscribe()
    }

    /// A click on the icon.
    pub(crate) fn toggle(&self, app: &AppHandle, spot: Option<ScreenPoint>) -> tauri::Result<()> {
        let left = self.state().left.take();
        if *self.shown.borrow() {
            hide(app);
            Ok(())
        } else if left.is_some_and(|left| left.elapsed() < SAME_CLICK) {
            Ok(())
        } else {
            self.show(app, spot, None)
        }
    }

    /// Shows it, near a spot or near the pointer, and tells it something. Not on the main thread:
    /// making a window waits for that.
    pub(crate) fn show(
        &self,
        app: &AppHandle,
        spot: Option<ScreenPoint>,
        event: Option<PanelEvent>,
    ) -> tauri::Result<()> {
        let fresh = app.get_webview_window(LABEL).is_none();
        let pinned = !up(app).problems.tray_is_there();
        {
            let mut state = self.state();
            state.showing += 1;
            state.listening &= !fresh;
            if !state.listening {
                state.waiting.extend(event.clone());
            }
        }
        let window = match app.get_webview_window(LABEL) {
            Some(window) => window,
            None => build(app)?,
        };
        // Without a tray a hidden panel could not be found again, so it is a window like others.
        window.set_skip_taskbar(!pinned)?;
        if !*self.shown.borrow() {
            self.state().focused = false;
            #[cfg(target_os = "linux")]
            self.colour(&window)?;
            put_near(&window, spot)?;
        }
        platform::present(&window)?;
        self.shown.send_replace(true);
        if self.state().listening
            && let Some(event) = event
        {
            window.emit_to(LABEL, EVENT, event)?;
        }
        Ok(())
    }

    /// Takes the desktop's colours. Where it does not ask for dark ones, the GTK theme decides, as
    /// it does for other windows.
    #[cfg(target_os = "linux")]
    fn colour(&self, window: &WebviewWindow) -> tauri::Result<()> {
        let theme = Handle::current().block_on(theme::wanted());
        let before = std::mem::replace(&mut self.state().theme, theme);
        if theme == before {
            Ok(())
        } else {
            window.set_theme(theme)
        }
    }

    /// The page asked for the tree: it listens now. What waited for that is told a moment later,
    /// when it knows the tree.
    pub(crate) fn listens(&self, app: &AppHandle) {
        let waiting = {
            let mut state = self.state();
            state.listening = true;
            std::mem::take(&mut state.waiting)
        };
        if waiting.is_empty() {
            return;
        }
        let app = app.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SETTLED).await;
            for event in waiting {
                // Fails only when the window is gone, and its wishes with it.
                let _ = app.emit_to(LABEL, EVENT, event);
            }
        });
    }
}

/// Hides the panel; after a while its window goes too.
pub(crate) fn hide(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    // A window that cannot be hidden is on its way out already.
    let _ = window.hide();
    let hidden = panel(app);
    hidden.shown.send_replace(false);
    let showing = hidden.state().showing;
    let app = app.clone();
    tokio::spawn(async move {
        tokio::time::sleep(KEPT).await;
        let hidden = panel(&app);
        if hidden.state().showing == showing && !*hidden.shown.borrow() {
            let _ = window.destroy();
        }
    });
}

/// What befalls the panel's window.
pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    if window.label() != LABEL {
        return;
    }
    let app = window.app_handle();
    let up = up(app);
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            hide(app);
        }
        WindowEvent::Focused(true) => panel(app).state().focused = true,
        WindowEvent::Focused(false) if up.problems.tray_is_there() => {
            let left = {
                let mut state = panel(app).state();
                let left = std::mem::take(&mut state.focused);
                if left {
                    state.left = Some(Instant::now());
                }
                left
            };
            if left {
                hide(app);
            }
        }
        WindowEvent::Destroyed => {
            panel(app).state().listening = false;
            panel(app).shown.send_replace(false);
        }
        _ => {}
    }
}

/// What its icon looks like now: the tray's.
pub(crate) fn look(up: &AppState) -> IconFace {
    up.view.read(|known| IconFace::now(&known.world))
}

/// Gives the window that icon, wherever the desktop shows it: title bar, task list, switcher.
pub(crate) fn wear(app: &AppHandle, look: IconFace) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Fails only when the window is gone.
        let _ = window.set_icon(picture(look));
    }
}

fn picture(look: IconFace) -> Image<'static> {
    Image::new_owned(icon::rgba(look, ICON), ICON, ICON)
}

fn build(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    // The web view keeps files of its own there, and leaves to the umask who may read them.
    private::folder(&app.path().app_local_data_dir()?)?;
    let page = WebviewUrl::App("index.html".into());
    let window = own::keep(WebviewWindowBuilder::new(app, LABEL, page))
        .title("Up")
        .icon(picture(look(up(app))))?
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(LEAST.0, LEAST.1)
        .maximizable(false)
        .visible(false)
        .build()?;
    platform::prepare(&window)?;
    Ok(window)
}

fn put_near(window: &WebviewWindow, spot: Option<ScreenPoint>) -> tauri::Result<()> {
    let spot = if let Some(spot) = spot {
        spot
    } else {
        let pointer = window.cursor_position()?;
        ScreenPoint {
            x: pointer.x as i32,
            y: pointer.y as i32,
        }
    };
    let Some(monitor) = window.monitor_from_point(f64::from(spot.x), f64::from(spot.y))? else {
        return Ok(());
    };
    let work = monitor.work_area();
    // The outer size is not known before a window manager has seen the window.
    let size = window.inner_size()?;
    let area = WorkArea {
        left: work.position.x,
        top: work.position.y,
        width: work.size.width.cast_signed(),
        height: work.size.height.cast_signed(),
    };
    let at = place(
        spot,
        (size.width.cast_signed(), size.height.cast_signed()),
        area,
        monitor.scale_factor(),
    );
    window.set_position(PhysicalPosition::new(at.x, at.y))
}
