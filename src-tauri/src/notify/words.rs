//! What a notification says.
//!
//! Room: pure. A notice in, a bubble out; nothing here knows a desktop. The words are the core's.

use up_core::alert::Urgency;
use up_core::{Colour, Level, Mood, Notice};

use crate::tray::face::{Glyph, Look};

/// One notification.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bubble {
    /// Its title.
    pub summary: String,
    /// What stands below it, a line each; plain text.
    pub lines: Vec<String>,
    /// How much it presses.
    pub urgency: Urgency,
    /// The picture on it.
    pub look: Look,
    /// What a click on it shows.
    pub path: String,
}

/// The bubble for a notice, in the words of a mood.
pub(crate) fn bubble(notice: &Notice, mood: Mood) -> Bubble {
    Bubble {
        summary: notice.title(mood),
        lines: notice.lines(mood),
        urgency: notice.urgency,
        look: look(notice.worst()),
        path: notice.path.to_string(),
    }
}

fn look(level: Option<Level>) -> Look {
    let glyph = match level {
        None => Glyph::Unknown,
        Some(Level::Down | Level::MostlyDown) => Glyph::Down,
        Some(Level::Half | Level::MostlyUp) => Glyph::Degraded,
        Some(Level::Up) => Glyph::Up,
    };
    let filled = level.map_or(0, |level| u16::from(level.number()) * 250);
    Look {
        glyph,
        colour: Colour::of(level),
        filled,
        down: 0,
    }
}
