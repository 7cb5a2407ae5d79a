//! The panel's window. It is made when it is first shown, hidden when it loses the focus, and
//! destroyed when it stays hidden. `window` knows how large it is and where, `memory` what of that
//! is remembered.
//!
//! This module handles the window alone. The data sent to the panel are in `rpc` and `push`.

mod own;
mod place;
#[cfg(target_os = "linux")]
mod theme;
mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tauri::{
    AppHandle, Emitter, LogicalSize, Manager, PhysicalPosition, WebviewWindow, Window, WindowEvent,
};
#[cfg(target_os = "linux")]
use tokio::runtime::Handle;
use tokio::sync::watch;
use up_wire::{EVENT, PanelEvent};

use crate::action::ScreenPoint;
use crate::platform::{self, Placement};
use crate::state::up;
use window::FittedSize;
pub(crate) use window::{face, remember, set_icon, zoom};

/// The window's label. Only the window of this label has the panel's capability.
pub(crate) const LABEL: &str = "panel";
/// A click on the tray icon this soon after the panel lost the focus is the click that took the
/// focus.
const SAME_CLICK: Duration = Duration::from_millis(200);
/// How long a hidden window is kept, because people often look twice. Then its memory is freed.
const KEEP_HIDDEN: Duration = Duration::from_secs(30);
/// How long the web engine works on after its window was destroyed.
const ENGINE_ENDS: Duration = Duration::from_secs(2);
/// A new window is shown when its page has drawn something, or at the latest after this time.
const LATEST: Duration = Duration::from_millis(1_500);
/// How long a window manager takes to resize a window.
const RESIZING: Duration = Duration::from_secs(1);
/// How many windows are made. Each that is destroyed leaks an open file (a `WebKitGTK` defect), so
/// that from then on a hidden window is kept.
const MAX_WINDOWS: u32 = 200;
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
    /// How the window gets its place.
    placement: Placement,
    /// The number of showings, so that a delayed destruction knows whether the window was shown
    /// again.
    showing: u64,
    /// How many windows were made.
    made: u32,
    /// True once the page has drawn something.
    drawn: bool,
    /// Where the window was put when it was last shown.
    asked: Option<(i32, i32)>,
    /// The size that the window was last given for its text.
    grown: Option<FittedSize>,
    /// True once the page has requested the tree, and so listens for events.
    listening: bool,
    /// Events for the page, sent once it listens.
    waiting: Vec<PanelEvent>,
    /// What the desktop preferred when the window was last shown.
    #[cfg(target_os = "linux")]
    appearance: theme::Appearance,
}

impl PanelState {
    /// True if the window that was hidden at the end of `showing` may be destroyed.
    fn may_destroy(&self, showing: u64) -> bool {
        self.showing == showing && self.made < MAX_WINDOWS
    }
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
        let in_taskbar = !up(app).problems.has_tray() || up(app).window.get().pinned;
        if fresh {
            // Only a window of the tray belongs at the tray's edge of the screen.
            self.state().placement = platform::placement(app, !in_taskbar);
        }
        {
            let mut state = self.state();
            state.showing += 1;
            state.listening &= !fresh;
            state.drawn &= !fresh;
            state.made += u32::from(fresh);
            if !state.listening {
                state.waiting.extend(event.clone());
            }
        }
        let window = match app.get_webview_window(LABEL) {
            Some(window) => window,
            None => window::build(app, self.placement())?,
        };
        // Without a tray, a person could not find a hidden panel again, so that it stays in the
        // task bar.
        window.set_skip_taskbar(!in_taskbar)?;
        if !*self.shown.borrow() {
            self.state().focused = false;
            #[cfg(target_os = "linux")]
            self.apply_appearance(&window)?;
            let zoom = window::apply_text(app, &window)?;
            if fresh {
                window::fit_text(app, &window, zoom)?;
            }
            let asked = window::move_to(app, &window, spot)?;
            self.state().asked = asked;
        }
        self.shown.send_replace(true);
        if self.state().drawn {
            self.present(&window)?;
        } else {
            self.present_at_the_latest(app);
        }
        if self.state().listening
            && let Some(event) = event
        {
            window.emit_to(LABEL, EVENT, event)?;
        }
        Ok(())
    }

    /// Puts the window on the screen. Until its page has drawn something, it would be blank.
    fn present(&self, window: &WebviewWindow) -> tauri::Result<()> {
        platform::present(window, self.placement())?;
        // A window manager may have put it back to where it was before it was hidden.
        if let Some((x, y)) = self.state().asked {
            window.set_position(PhysicalPosition::new(x, y))?;
        }
        Ok(())
    }

    /// Presents a window whose page draws nothing, so that a person sees that.
    fn present_at_the_latest(&self, app: &AppHandle) {
        let (app, showing) = (app.clone(), self.state().showing);
        tokio::spawn(async move {
            tokio::time::sleep(LATEST).await;
            let is_late = {
                let state = panel(&app).state();
                !state.drawn && state.showing == showing
            };
            if is_late {
                on_page_drawn(&app);
            }
        });
    }

    /// The size that the window is being given, until it has it.
    fn resizing(&self) -> Option<LogicalSize<f64>> {
        let grown = self.grown()?;
        (grown.since.elapsed() < RESIZING).then_some(grown.given)
    }

    /// The size that the window was last given for its text.
    fn grown(&self) -> Option<FittedSize> {
        self.state().grown
    }

    /// Records that the window is being given this size instead of its usual one.
    fn resize(&self, given: LogicalSize<f64>, usual: LogicalSize<f64>) {
        let since = Instant::now();
        self.state().grown = Some(FittedSize {
            since,
            given,
            usual,
        });
    }

    /// How the window gets its place.
    fn placement(&self) -> Placement {
        self.state().placement
    }

    /// Where the window was put when it was last shown.
    fn asked(&self) -> Option<(i32, i32)> {
        self.state().asked
    }

    /// Reads what the desktop prefers, and applies its colour scheme to the window. Unless the
    /// desktop asks for a dark one, the GTK theme decides, as for other windows.
    #[cfg(target_os = "linux")]
    fn apply_appearance(&self, window: &WebviewWindow) -> tauri::Result<()> {
        let appearance = Handle::current().block_on(theme::preferred());
        let before = std::mem::replace(&mut self.state().appearance, appearance);
        if appearance.theme == before.theme {
            Ok(())
        } else {
            window.set_theme(appearance.theme)
        }
    }

    /// True if the desktop asked for more contrast when the window was last shown.
    #[cfg(target_os = "linux")]
    fn more_contrast(&self) -> bool {
        self.state().appearance.more_contrast
    }

    /// False: the web views of these systems follow their settings.
    #[cfg(not(target_os = "linux"))]
    fn more_contrast(&self) -> bool {
        false
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

/// Presents the window that a person waits for: its page has drawn something.
pub(crate) fn on_page_drawn(app: &AppHandle) {
    let panel = panel(app);
    let is_first = !std::mem::replace(&mut panel.state().drawn, true);
    if !is_first || !*panel.shown.borrow() {
        return;
    }
    if let Some(window) = app.get_webview_window(LABEL) {
        // Showing fails only when the window is gone.
        let _ = panel.present(&window);
    }
}

/// Keeps the panel on the screen when it loses the focus, or no longer.
pub(crate) fn pin(app: &AppHandle, pinned: bool) {
    let kept = &up(app).window;
    kept.change(|now| crate::window_memory::Remembered { pinned, ..now });
    let in_taskbar = pinned || !up(app).problems.has_tray();
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.set_skip_taskbar(!in_taskbar);
    }
}

/// Hides the panel, and destroys its window after a while.
pub(crate) fn hide(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    remember(app);
    // The loss of focus that follows is none that a click on the icon could have caused.
    panel(app).state().focused = false;
    // A window that cannot be hidden is being destroyed already.
    let _ = window.hide();
    let hidden = panel(app);
    hidden.shown.send_replace(false);
    let showing = hidden.state().showing;
    let app = app.clone();
    tokio::spawn(async move {
        tokio::time::sleep(KEEP_HIDDEN).await;
        let hidden = panel(&app);
        let may_destroy = hidden.state().may_destroy(showing);
        if may_destroy && !*hidden.shown.borrow() {
            let _ = window.destroy();
            tokio::time::sleep(ENGINE_ENDS).await;
            if app.get_webview_window(LABEL).is_none() {
                platform::release_engine_code();
            }
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
        WindowEvent::Focused(false) if up.problems.has_tray() && !up.window.get().pinned => {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the window that was hidden at the end of the third showing may be destroyed.
    fn check(showing: u64, made: u32, expected: bool) {
        let state = PanelState {
            showing,
            made,
            ..PanelState::default()
        };
        let may = state.may_destroy(3);
        assert_eq!(may, expected, "showing {showing}, {made} windows made");
    }

    #[test]
    fn a_hidden_window_is_destroyed_unless_too_many_files_would_leak() {
        check(3, 1, true);
        check(3, MAX_WINDOWS - 1, true);
        // The last window is kept, so that no further one is made: none leaks a file any more.
        check(3, MAX_WINDOWS, false);
        check(3, MAX_WINDOWS + 1, false);
        // It was shown again meanwhile.
        check(4, 1, false);
    }
}
