//! What must be asked of the platform itself, beside what tauri offers.
//!
//! Room: glue. The only module of the shell that may be unsafe, and each block says why.
#![allow(unsafe_code)]

#[cfg(target_os = "linux")]
mod linux {
    use gtk::prelude::*;
    use tauri::WebviewWindow;

    /// What of the rendering is worth 54 MB, and is of no use to a small still window.
    const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// Sets what `WebKit` reads from the environment. Call it first of all.
    pub(crate) fn prepare_environment() {
        let x11 = std::env::var_os("WAYLAND_DISPLAY").is_none();
        if x11 && std::env::var_os(NO_DMABUF).is_none() {
            // SAFETY: called at the top of `main`, while there is one thread, so nothing else can
            // be reading the environment.
            unsafe { std::env::set_var(NO_DMABUF, "1") };
        }
    }

    /// Says why no window can be shown here, if none can.
    pub(crate) fn no_display() -> Option<&'static str> {
        let there = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !there("DISPLAY") && !there("WAYLAND_DISPLAY") {
            return Some("there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)");
        }
        // tao would panic, so it is tried first.
        gtk::init()
            .err()
            .map(|_| "the display cannot be opened (DISPLAY, WAYLAND_DISPLAY)")
    }

    /// Makes a new window one that takes the focus whenever it appears. GTK stamps the request
    /// with the time of the last input it saw, and a click on a tray icon goes to another process,
    /// so window managers take it for an old one and refuse.
    pub(crate) fn prepare(window: &WebviewWindow) -> tauri::Result<()> {
        let made = window.clone();
        window.run_on_main_thread(move || {
            if let Ok(window) = made.gtk_window() {
                window.add_events(gtk::gdk::EventMask::PROPERTY_CHANGE_MASK);
                window.connect_map(|window| window.present_with_time(now(window)));
            }
        })
    }

    /// Shows a window and gives it the focus.
    pub(crate) fn present(window: &WebviewWindow) -> tauri::Result<()> {
        let shown = window.clone();
        window.run_on_main_thread(move || {
            let Ok(window) = shown.gtk_window() else {
                return;
            };
            if window.is_visible() {
                window.present_with_time(now(&window));
                return;
            }
            window.realize();
            if let Some(x11) = x11(&window) {
                x11.set_user_time(gdkx11::functions::x11_get_server_time(&x11));
            }
            // Fails only when the window is gone.
            let _ = shown.show();
        })
    }

    /// The time as the X server counts it; elsewhere "now".
    fn now(window: &gtk::ApplicationWindow) -> u32 {
        let current = gtk::gdk::ffi::GDK_CURRENT_TIME as u32;
        x11(window).map_or(current, |x11| gdkx11::functions::x11_get_server_time(&x11))
    }

    fn x11(window: &gtk::ApplicationWindow) -> Option<gdkx11::X11Window> {
        window.window()?.downcast().ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use tauri::WebviewWindow;

    /// Nothing is to be set.
    pub(crate) fn prepare_environment() {}

    /// There is always a display.
    pub(crate) fn no_display() -> Option<&'static str> {
        None
    }

    /// A window takes the focus by itself.
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn prepare(_: &WebviewWindow) -> tauri::Result<()> {
        Ok(())
    }

    /// Shows a window and gives it the focus.
    pub(crate) fn present(window: &WebviewWindow) -> tauri::Result<()> {
        window.show()?;
        window.set_focus()
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{no_display, prepare, prepare_environment, present};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{no_display, prepare, prepare_environment, present};

/// So many open files are enough for every source at once and for the window, which leaks one each
/// time it is made anew (a `WebKitGTK` defect).
#[cfg(unix)]
const FILES: u64 = 8_192;

/// Raises the number of files that may be open, as far as that is allowed and useful.
#[cfg(unix)]
pub(crate) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(FILES, |maximum| maximum.min(FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit {
            current: Some(wanted),
            ..limit
        };
        // A system that forbids it leaves us with what there was, which does for a while.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// There is no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_file_limit() {}
