//! What a person asks of the shell, wherever it was asked: tray, menu, notification, a second
//! start, a signal.

use tokio::sync::mpsc::UnboundedSender;
use up_core::Mood;

use crate::steer::{All, Outage};

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// A click on the icon: shows the panel near it, or hides it when it is shown.
    Toggle(Option<ScreenPoint>),
    /// The panel, with this source selected if one is named.
    Panel(Option<String>),
    /// The panel, ready to take a note.
    Note,
    /// Every source asked now.
    CheckNow,
    /// Pause, resume, snooze or tell again, all.
    All(All),
    /// Less of the outage of these, from a notification.
    Outage(Outage, Vec<String>),
    /// Another mood, from now on.
    Mood(Mood),
    /// The configuration, in the person's editor.
    OpenConfig,
    /// The configuration, and every file that it names, read again.
    Reload,
    /// The end.
    Quit,
}

/// A place on the screen, in pixels from the top left of the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScreenPoint {
    /// Rightwards.
    pub x: i32,
    /// Downwards.
    pub y: i32,
}

/// Where wishes go. They are granted in order, on the main thread.
#[derive(Clone, Debug)]
pub(crate) struct Wishes(pub UnboundedSender<Wish>);

impl Wishes {
    /// Asks for something. What is asked while the application ends is lost, as it should be.
    pub(crate) fn send(&self, wish: Wish) {
        let _ = self.0.send(wish);
    }
}
