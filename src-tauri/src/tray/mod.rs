//! The icon in the desktop's tray, with its tooltip and menu.

use up_core::Mood;

pub(crate) mod face;
pub(crate) mod icon;
pub(crate) mod look;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::start;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::start;

/// The name of a mood in a menu.
const fn title_of(mood: Mood) -> &'static str {
    match mood {
        Mood::Realist => "Realist",
        Mood::Optimist => "Optimist",
        Mood::Pessimist => "Pessimist",
    }
}

/// `text` with the characters escaped that a desktop would read as markup.
#[cfg(target_os = "linux")]
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
