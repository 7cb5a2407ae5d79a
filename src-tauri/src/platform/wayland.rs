//! Places the window on a Wayland desktop, where no application can move its own windows.
//!
//! A compositor with the layer shell (`zwlr_layer_shell_v1`) keeps a window at an edge of the screen
//! and clear of the bars. The library that speaks this protocol for GTK is loaded at run time, so
//! that Up also starts on a machine without it. Elsewhere the window asks to float.

use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;
use std::time::Duration;

use gtk::gdk;
use gtk::glib::translate::ToGlibPtr;
use gtk::prelude::*;
use libloading::Library;
use tauri::{AppHandle, LogicalSize, WebviewWindow};

use super::{Anchor, Placement, Side};

/// The library, by the name under which every distribution has it.
const LIBRARY: &str = "libgtk-layer-shell.so.0";
/// What the compositor's rules know the panel by.
const NAMESPACE: &CStr = c"up-panel";
/// The distance to the edges of the screen and to its bars, in logical pixels.
const MARGIN: c_int = 8;
/// The values of the library's enumerations: the layer above windows, the keyboard of a window that
/// takes and loses the focus like others, and the edges.
const LAYER_TOP: c_int = 2;
const KEYBOARD_ON_DEMAND: c_int = 2;
const LEFT: c_int = 0;
const RIGHT: c_int = 1;
const TOP: c_int = 2;
const BOTTOM: c_int = 3;
/// How long the main thread may take to tell what the display is.
const DISPLAY_TIMEOUT: Duration = Duration::from_secs(5);
/// A compositor decides that a window floats when it first shows it. By this time it has.
const SHOWN: Duration = Duration::from_secs(1);

type GtkWindow = *mut gtk::ffi::GtkWindow;

/// The functions of the library. They may be called on the main thread only.
struct LayerShell {
    init: unsafe extern "C" fn(GtkWindow),
    set_namespace: unsafe extern "C" fn(GtkWindow, *const c_char),
    set_layer: unsafe extern "C" fn(GtkWindow, c_int),
    set_keyboard: unsafe extern "C" fn(GtkWindow, c_int),
    set_anchor: unsafe extern "C" fn(GtkWindow, c_int, c_int),
    set_margin: unsafe extern "C" fn(GtkWindow, c_int, c_int),
    /// The functions are valid as long as the library is loaded.
    _library: Library,
}

impl LayerShell {
    /// The library, if it is installed and the compositor of this Wayland display has the protocol.
    fn of_display() -> Option<&'static Self> {
        static LOADED: OnceLock<Option<LayerShell>> = OnceLock::new();
        LOADED.get_or_init(Self::load).as_ref()
    }

    fn load() -> Option<Self> {
        // SAFETY: this library has no code that runs when it is loaded, and the signatures are those
        // of its header gtk-layer-shell.h, which have been the same since version 0.6.
        unsafe {
            let library = Library::new(LIBRARY).ok()?;
            let is_supported = library
                .get::<unsafe extern "C" fn() -> c_int>(b"gtk_layer_is_supported\0")
                .ok()?;
            if is_supported() == 0 {
                return None;
            }
            Some(Self {
                init: *library.get(b"gtk_layer_init_for_window\0").ok()?,
                set_namespace: *library.get(b"gtk_layer_set_namespace\0").ok()?,
                set_layer: *library.get(b"gtk_layer_set_layer\0").ok()?,
                set_keyboard: *library.get(b"gtk_layer_set_keyboard_mode\0").ok()?,
                set_anchor: *library.get(b"gtk_layer_set_anchor\0").ok()?,
                set_margin: *library.get(b"gtk_layer_set_margin\0").ok()?,
                _library: library,
            })
        }
    }

    /// Makes a window that was not shown yet a surface of the layer shell.
    fn adopt(&self, window: &gtk::ApplicationWindow) {
        let window: GtkWindow = window.upcast_ref::<gtk::Window>().to_glib_none().0;
        // SAFETY: `window` is a living GTK window, and this is GTK's thread.
        unsafe {
            (self.init)(window);
            (self.set_namespace)(window, NAMESPACE.as_ptr());
            (self.set_layer)(window, LAYER_TOP);
            (self.set_keyboard)(window, KEYBOARD_ON_DEMAND);
            for edge in [LEFT, RIGHT, TOP, BOTTOM] {
                (self.set_margin)(window, edge, MARGIN);
            }
        }
    }

    /// Moves the window to an edge or a corner of the screen.
    fn anchor(&self, window: &gtk::ApplicationWindow, anchor: Anchor) {
        let window: GtkWindow = window.upcast_ref::<gtk::Window>().to_glib_none().0;
        let edges = [
            (LEFT, anchor.side == Side::Left),
            (RIGHT, anchor.side == Side::Right),
            (TOP, !anchor.is_bottom),
            (BOTTOM, anchor.is_bottom),
        ];
        for (edge, is_anchored) in edges {
            // SAFETY: `window` is a living GTK window, and this is GTK's thread.
            unsafe { (self.set_anchor)(window, edge, c_int::from(is_anchored)) };
        }
    }
}

/// How a new window gets its place. Do not call this on the main thread, which answers.
pub(crate) fn placement(app: &AppHandle, by_tray: bool) -> Placement {
    let (sender, answer) = std::sync::mpsc::channel();
    let asked = app.run_on_main_thread(move || {
        let display = gdk::Display::default();
        let is_wayland = display.is_some_and(|display| display.backend().is_wayland());
        let found = if !is_wayland {
            Placement::Moved
        } else if by_tray && LayerShell::of_display().is_some() {
            Placement::Anchored
        } else {
            Placement::Floating
        };
        // Sending fails only when nobody waits any more.
        let _ = sender.send(found);
    });
    let answer = asked
        .ok()
        .and_then(|()| answer.recv_timeout(DISPLAY_TIMEOUT).ok());
    answer.unwrap_or(Placement::Moved)
}

/// Makes a new window that the compositor keeps at an edge of the screen.
pub(super) fn adopt(window: &gtk::ApplicationWindow) {
    if let Some(shell) = LayerShell::of_display() {
        // The protocol knows no default size, only one that is required.
        let (width, height) = window.default_size();
        window.set_size_request(width, height);
        shell.adopt(window);
    }
}

/// Moves a window with [`Placement::Anchored`] to an edge or a corner of the screen.
pub(crate) fn anchor(window: &WebviewWindow, anchor: Anchor) -> tauri::Result<()> {
    let anchored = window.clone();
    window.run_on_main_thread(move || {
        if let (Some(shell), Ok(window)) = (LayerShell::of_display(), anchored.gtk_window()) {
            shell.anchor(&window, anchor);
        }
    })
}

/// Gives a window with [`Placement::Anchored`] another size.
pub(crate) fn require_size(window: &WebviewWindow, size: LogicalSize<f64>) -> tauri::Result<()> {
    let resized = window.clone();
    window.run_on_main_thread(move || {
        if let Ok(window) = resized.gtk_window() {
            window.set_size_request(size.width as i32, size.height as i32);
        }
    })
}

/// Makes a window float that is about to be shown. A tiling compositor lets a window float whose
/// size cannot change; once the window is shown, a person may change its size.
pub(super) fn float(window: &gtk::ApplicationWindow) {
    window.set_type_hint(gdk::WindowTypeHint::Dialog);
    let (width, height) = window.size();
    limit_size(window, (width, height), (width, height));
    let window = window.downgrade();
    gtk::glib::timeout_add_local_once(SHOWN, move || {
        if let Some(window) = window.upgrade() {
            let (width, height) = super::MIN_SIZE;
            limit_size(&window, (width as i32, height as i32), (i32::MAX, i32::MAX));
        }
    });
}

fn limit_size(window: &gtk::ApplicationWindow, least: (i32, i32), most: (i32, i32)) {
    let unused = gdk::Gravity::NorthWest;
    let limits = gdk::Geometry::new(
        least.0, least.1, most.0, most.1, 0, 0, 0, 0, 0.0, 0.0, unused,
    );
    let which = gdk::WindowHints::MIN_SIZE | gdk::WindowHints::MAX_SIZE;
    window.set_geometry_hints(None::<&gtk::Widget>, Some(&limits), which);
}
