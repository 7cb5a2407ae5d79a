//! The icon in the tray.
//!
//! Room: what stands in the desktop's tray and what a click on it asks for.

use up_core::Mood;

pub(crate) mod face;
pub(crate) mod icon;
pub(crate) mod look;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::raise;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::raise;

/// A mood as a menu names it.
const fn title_of(mood: Mood) -> &'static str {
    match mood {
        Mood::Realist => "Realist",
        Mood::Optimist => "Optimist",
        Mood::Pessimist => "Pessimist",
    }
}

/// Text with nothing in it that a desktop could take for markup.
#[cfg(target_os = "linux")]
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
