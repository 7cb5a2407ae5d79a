//! What a person asks of the shell, wherever it was asked: tray, menu, notification, a second
//! start, a signal.

use tokio::sync::mpsc::UnboundedSender;
use up_core::Mood;

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

/// What can be asked of all sources at once, from a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum All {
    /// Ask nothing.
    Pause,
    /// Ask again.
    Resume,
    /// Tell nothing for 15 minutes.
    Quarter,
    /// Tell nothing for an hour.
    Hour,
    /// Tell nothing until nine o'clock tomorrow.
    Tomorrow,
    /// Tell again.
    Unmute,
}

// The tray of Linux needs no ids.
#[cfg(not(target_os = "linux"))]
impl All {
    const ALL: [Self; 6] = [
        Self::Pause,
        Self::Resume,
        Self::Quarter,
        Self::Hour,
        Self::Tomorrow,
        Self::Unmute,
    ];

    /// As an item's id.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Quarter => "quarter",
            Self::Hour => "hour",
            Self::Tomorrow => "tomorrow",
            Self::Unmute => "unmute",
        }
    }

    /// The one of that id.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|all| all.name() == name)
    }
}

/// What can be asked of an outage from its notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// Tell nothing of it for an hour.
    Snooze,
    /// Somebody knows: no reminders until it is over.
    Acknowledge,
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
