//! The panel's window. It is made when it is first shown, hidden when it loses the focus, and
//! destroyed when it stays hidden.
//!
//! This module handles the window alone. The data sent to the panel are in `rpc` and `push`.

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
use crate::tray::look::IconFace;
use crate::tray::{face, icon};
use place::{WorkArea, place};

/// The window's label. Only the window of this label has the panel's capability.
pub(crate) const LABEL: &str = "panel";
/// Its initial and its smallest size, in logical pixels.
const SIZE: (f64, f64) = (420.0, 640.0);
const MIN_SIZE: (f64, f64) = (320.0, 360.0);
/// The width and height of its icon, in pixels.
const ICON: u32 = 64;
/// A click on the tray icon this soon after the panel lost the focus is the click that took the
/// focus.
const SAME_CLICK: Duration = Duration::from_millis(200);
/// How long a hidden window is kept, because people often look twice. Then its memory is freed.
const KEEP_HIDDEN: Duration = Duration::from_secs(30);
/// How long after the first tree was sent an event waits that was meant for the new page.
const EVENT_DELAY: Duration = Duration::from_millis(100);

/// The state of the panel. tauri owns the window itself.
pub(crate) struct Panel {
    /// Whether the panel is shown. A watch channel, so that the task in `push` sleeps while it is
    /// hidden.
    shown: watch::Sender<bool>,
    /// The lock is held for moments only, by the main thread and by commands.
    state: Mutex<PanelState>,
}

#[derive(Default)]
struct PanelState {
    /// When the panel was last hidden because it lost the focus.
    left: Option<Instant>,
    /// True once the panel had the focus since it was shown. Some window managers report a loss of
    /// focus before that.
    focused: bool,
    /// The number of showings, so that a delayed destruction knows whether the window was shown
    /// again.
    showing: u64,
    /// True once the page has requested the tree, and so listens for events.
    listening: bool,
    /// Events for the page, sent once it listens.
    waiting: Vec<PanelEvent>,
    /// The theme that the window was last given.
    #[cfg(target_os = "linux")]
    theme: Option<tauri::Theme>,
}

/// The panel of the application.
pub(crate) fn panel(app: &AppHandle) -> &Panel {
    app.state::<Panel>().inner()
}

impl Panel {
    /// A panel without a window.
    pub(crate) fn new() -> Self {
        Self {
            shown: watch::channel(false).0,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, PanelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A receiver that follows whether the panel is shown.
    pub(crate) fn shown(&self) -> watch::Receiver<bool> {
        self.shown.subscribe()
    }

    /// Handles a click on the tray icon.
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

    /// Shows the panel near `spot`, or near the pointer, and sends it `event`. Do not call this on
    /// the main thread: making a window waits for that thread.
    pub(crate) fn show(
        &self,
        app: &AppHandle,
        spot: Option<ScreenPoint>,
        event: Option<PanelEvent>,
    ) -> tauri::Result<()> {
        let fresh = app.get_webview_window(LABEL).is_none();
        let pinned = !up(app).problems.has_tray();
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
        // Without a tray, a person could not find a hidden panel again, so that it stays in the
        // task bar.
        window.set_skip_taskbar(!pinned)?;
        if !*self.shown.borrow() {
            self.state().focused = false;
            #[cfg(target_os = "linux")]
            self.apply_theme(&window)?;
            move_near(&window, spot)?;
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

    /// Applies the desktop's colour scheme to the window. Unless the desktop asks for a dark one,
    /// the GTK theme decides, as for other windows.
    #[cfg(target_os = "linux")]
    fn apply_theme(&self, window: &WebviewWindow) -> tauri::Result<()> {
        let theme = Handle::current().block_on(theme::preferred());
        let before = std::mem::replace(&mut self.state().theme, theme);
        if theme == before {
            Ok(())
        } else {
            window.set_theme(theme)
        }
    }

    /// Records that the page has requested the tree, and so listens. Waiting events are sent a
    /// moment later, when the page has the tree.
    pub(crate) fn on_page_ready(&self, app: &AppHandle) {
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
            tokio::time::sleep(EVENT_DELAY).await;
            for event in waiting {
                // Sending fails only when the window is gone.
                let _ = app.emit_to(LABEL, EVENT, event);
            }
        });
    }
}

/// Hides the panel, and destroys its window after a while.
pub(crate) fn hide(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    // A window that cannot be hidden is being destroyed already.
    let _ = window.hide();
    let hidden = panel(app);
    hidden.shown.send_replace(false);
    let showing = hidden.state().showing;
    let app = app.clone();
    tokio::spawn(async move {
        tokio::time::sleep(KEEP_HIDDEN).await;
        let hidden = panel(&app);
        if hidden.state().showing == showing && !*hidden.shown.borrow() {
            let _ = window.destroy();
        }
    });
}

/// Handles an event of the panel's window.
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
        WindowEvent::Focused(false) if up.problems.has_tray() => {
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

/// The face of the window's icon, which is the tray's.
pub(crate) fn face(up: &AppState) -> IconFace {
    face::now(up).look
}

/// Sets the window's icon, which the desktop shows in the title bar, task list and switcher.
pub(crate) fn set_icon(app: &AppHandle, face: IconFace) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Setting it fails only when the window is gone.
        let _ = window.set_icon(picture(face));
    }
}

fn picture(face: IconFace) -> Image<'static> {
    Image::new_owned(icon::rgba(face, ICON), ICON, ICON)
}

fn build(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    // The web view keeps files in this folder, and their permissions depend on the umask.
    private::folder(&app.path().app_local_data_dir()?)?;
    let page = WebviewUrl::App("index.html".into());
    let window = own::restrict(WebviewWindowBuilder::new(app, LABEL, page))
        .title("Up")
        .icon(picture(face(up(app))))?
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(MIN_SIZE.0, MIN_SIZE.1)
        .maximizable(false)
        .visible(false)
        .build()?;
    platform::prepare(&window)?;
    Ok(window)
}

fn move_near(window: &WebviewWindow, spot: Option<ScreenPoint>) -> tauri::Result<()> {
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
    // A window manager adds the frame later, so that the outer size is not known yet.
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
