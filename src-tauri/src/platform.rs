//! Calls to the platform that tauri does not offer.
//!
//! This is the only module of the shell that may use `unsafe`, and each block says why.
#![allow(unsafe_code)]

#[cfg(target_os = "linux")]
mod resident;
#[cfg(target_os = "linux")]
mod wayland;

/// How the window gets its place on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Wayland refuses to move a window")
)]
pub(crate) enum Placement {
    /// It is moved to any point.
    #[default]
    Moved,
    /// The compositor keeps it at an edge or in a corner of the screen.
    Anchored,
    /// The compositor decides.
    Floating,
}

/// The edge or corner of the screen at which a window is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// True for the lower edge of the screen, false for the upper one.
    pub is_bottom: bool,
    /// Where along that edge.
    pub side: Side,
}

/// A part of the upper or lower edge of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The left corner.
    Left,
    /// The middle of the edge.
    Middle,
    /// The right corner.
    Right,
}

/// The smallest size of the panel's window, in logical pixels.
pub(crate) const MIN_SIZE: (f64, f64) = (320.0, 360.0);

#[cfg(target_os = "linux")]
mod linux {
    use gtk::prelude::*;
    use std::time::Duration;

    use tauri::WebviewWindow;

    use super::{Placement, wayland};

    /// How long the main thread may take to tell the desktop's settings.
    const SETTINGS_TIMEOUT: Duration = Duration::from_millis(300);

    /// The variable that turns off `WebKit`'s DMA-BUF renderer, which takes 54 MB and is of no use
    /// to a small window without animation.
    const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// Sets the environment variables that `WebKit` reads. Call it before anything else.
    pub(crate) fn prepare_environment() {
        let x11 = std::env::var_os("WAYLAND_DISPLAY").is_none();
        if x11 && std::env::var_os(NO_DMABUF).is_none() {
            // SAFETY: called at the top of `main`, while there is one thread, so nothing else can
            // be reading the environment.
            unsafe { std::env::set_var(NO_DMABUF, "1") };
        }
    }

    /// Why no window can be shown; `None` when one can.
    pub(crate) fn no_display() -> Option<&'static str> {
        let there = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !there("DISPLAY") && !there("WAYLAND_DISPLAY") {
            return Some("there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)");
        }
        // tao would panic without a display, so that GTK is tried first.
        gtk::init()
            .err()
            .map(|_| "the display cannot be opened (DISPLAY, WAYLAND_DISPLAY)")
    }

    /// What the system wants of texts.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) struct TextWishes {
        /// How much larger than usual.
        pub(crate) scale: f64,
        /// True for more contrast than usual.
        pub(crate) more_contrast: bool,
    }

    /// What the desktop's settings want of texts: the resolution of fonts, which accessibility
    /// settings raise and `WebKit` follows, and a theme of high contrast, which it does not. Do not
    /// call this on the main thread, which answers.
    pub(crate) fn text_wishes(window: &WebviewWindow) -> TextWishes {
        let (sender, answer) = std::sync::mpsc::channel();
        let asked = window.run_on_main_thread(move || {
            let settings = gtk::Settings::default();
            let resolution = settings
                .as_ref()
                .map_or(-1, |settings| settings.property::<i32>("gtk-xft-dpi"));
            let theme = settings.and_then(|settings| settings.gtk_theme_name());
            let theme = theme.unwrap_or_default().to_lowercase();
            // Sending fails only when nobody waits any more.
            let _ = sender.send(TextWishes {
                scale: scale_of(resolution),
                more_contrast: theme.replace([' ', '-'], "").contains("highcontrast"),
            });
        });
        let usual = TextWishes {
            scale: 1.0,
            more_contrast: false,
        };
        match asked {
            Ok(()) => answer.recv_timeout(SETTINGS_TIMEOUT).unwrap_or(usual),
            Err(_) => usual,
        }
    }

    /// The scale of texts for a resolution in 1024ths of a dot per inch; usual are 96 dots.
    fn scale_of(resolution: i32) -> f64 {
        if resolution <= 0 {
            return 1.0;
        }
        (f64::from(resolution) / 1024.0 / 96.0).clamp(0.5, 3.0)
    }

    /// Makes a new window take the focus whenever it appears. GTK stamps the request with the time
    /// of the last input that it received, and a click on a tray icon goes to another process.
    /// Window managers would take the request for an old one and refuse it.
    pub(crate) fn prepare(window: &WebviewWindow, placement: Placement) -> tauri::Result<()> {
        let made = window.clone();
        window.run_on_main_thread(move || {
            if let Ok(window) = made.gtk_window() {
                if placement == Placement::Anchored {
                    wayland::adopt(&window);
                }
                window.add_events(gtk::gdk::EventMask::PROPERTY_CHANGE_MASK);
                window.connect_map(|window| window.present_with_time(now(window)));
            }
        })
    }

    /// Shows a window and gives it the focus.
    pub(crate) fn present(window: &WebviewWindow, placement: Placement) -> tauri::Result<()> {
        let shown = window.clone();
        window.run_on_main_thread(move || {
            let Ok(window) = shown.gtk_window() else {
                return;
            };
            if window.is_visible() {
                window.present_with_time(now(&window));
                return;
            }
            if placement == Placement::Floating {
                wayland::float(&window);
            }
            window.realize();
            if let Some(x11) = x11(&window) {
                x11.set_user_time(gdkx11::functions::x11_get_server_time(&x11));
            }
            // Showing fails only when the window is gone.
            let _ = shown.show();
        })
    }

    /// The time of the X server; "now" without one.
    fn now(window: &gtk::ApplicationWindow) -> u32 {
        let current = gtk::gdk::ffi::GDK_CURRENT_TIME as u32;
        x11(window).map_or(current, |x11| gdkx11::functions::x11_get_server_time(&x11))
    }

    fn x11(window: &gtk::ApplicationWindow) -> Option<gdkx11::X11Window> {
        window.window()?.downcast().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::scale_of;

        #[test]
        fn texts_are_as_large_as_the_resolution_of_fonts_says() {
            let check = |resolution, expected: f64| {
                assert!(
                    (scale_of(resolution) - expected).abs() < 1e-9,
                    "{resolution}"
                );
            };
            check(-1, 1.0);
            check(96 * 1024, 1.0);
            check(144 * 1024, 1.5);
            check(1, 0.5);
            check(i32::MAX, 3.0);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use tauri::{AppHandle, LogicalSize, WebviewWindow};

    use super::{Anchor, Placement};

    /// What the system wants of texts.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) struct TextWishes {
        /// How much larger than usual.
        pub(crate) scale: f64,
        /// True for more contrast than usual.
        pub(crate) more_contrast: bool,
    }

    /// Nothing: the web views of these systems follow their settings.
    pub(crate) fn text_wishes(_: &WebviewWindow) -> TextWishes {
        TextWishes {
            scale: 1.0,
            more_contrast: false,
        }
    }

    /// Sets nothing: these systems need no variables.
    pub(crate) fn prepare_environment() {}

    /// These systems always have a display.
    pub(crate) fn no_display() -> Option<&'static str> {
        None
    }

    /// Does nothing: a window takes the focus by itself.
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn prepare(_: &WebviewWindow, _: Placement) -> tauri::Result<()> {
        Ok(())
    }

    /// Shows a window and gives it the focus.
    pub(crate) fn present(window: &WebviewWindow, _: Placement) -> tauri::Result<()> {
        window.show()?;
        window.set_focus()
    }

    /// These systems move a window to any point.
    pub(crate) fn placement(_: &AppHandle, _: bool) -> Placement {
        Placement::Moved
    }

    /// Does nothing: these systems move a window to any point.
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn anchor(_: &WebviewWindow, _: Anchor) -> tauri::Result<()> {
        Ok(())
    }

    /// Gives a window another size.
    pub(crate) fn require_size(
        window: &WebviewWindow,
        size: LogicalSize<f64>,
    ) -> tauri::Result<()> {
        window.set_size(size)
    }

    /// Does nothing: the web engines of these systems run in processes of their own.
    pub(crate) fn release_engine_code() {}
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{no_display, prepare, prepare_environment, present, text_wishes};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{
    anchor, no_display, placement, prepare, prepare_environment, present, release_engine_code,
    require_size, text_wishes,
};
#[cfg(target_os = "linux")]
pub(crate) use resident::release_engine_code;
#[cfg(target_os = "linux")]
pub(crate) use wayland::{anchor, placement, require_size};

/// The wanted limit of open files. It suffices for checking every source at once and for the
/// window, which leaks one file each time it is made (a `WebKitGTK` defect).
#[cfg(unix)]
const FILES: u64 = 8_192;

/// Raises the limit of open files, as far as that is allowed and useful.
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
        // If the system forbids it, the present limit remains, which suffices for a while.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// Does nothing: this system has no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_file_limit() {}
