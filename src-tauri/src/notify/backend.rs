//! What a desktop must be able to do for notifications, whichever it is.

use std::time::Duration;

use super::words::{Bubble, NotificationAction};

/// How long a notification service may take; one that hangs delays nothing but notifications.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

const NO_SERVICE: &str = "This desktop has no notification service, so what goes down is told by \
    the tray and here only. One that is started is used at once.";
const NO_BUS: &str = "There is no session D-Bus, so there can be no notifications.";
const SILENT: &str =
    "The notification service does not answer. What there is to tell is kept for it.";

/// Where bubbles are shown.
pub(super) trait NotificationBackend: Send + 'static {
    /// Looks whether there is, or could be, somebody to show bubbles.
    fn open(&mut self) -> impl Future<Output = Result<(), NotificationRefusal>> + Send;

    /// Shows a bubble, in place of an older one or as a new one; returns its id. Ends within
    /// twice [`PATIENCE`].
    fn show(
        &mut self,
        bubble: &Bubble,
        replaces: Option<u32>,
    ) -> impl Future<Output = Result<u32, NotificationRefusal>> + Send;

    /// Tells this notification service from any other, and from its next start: a bubble of ours
    /// has its id there as long as this is the same. `None` where bubbles do not outlast us.
    fn service(&mut self) -> impl Future<Output = Option<String>> + Send {
        std::future::ready(None)
    }

    /// Takes a bubble from the screen, if that can be done at once.
    fn take_back(&mut self, id: u32) -> impl Future<Output = ()> + Send;

    /// Forgets a connection that was lost; the next call makes a new one.
    fn close(&mut self);
}

/// What comes back from the desk.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells")
)]
pub(super) enum DesktopSignal {
    /// A person chose that on that bubble.
    Chosen(u32, NotificationAction),
    /// That bubble is gone.
    Closed(u32),
    /// There is a notification service now.
    Came,
    /// There is none any more.
    Went,
    /// The desk itself is gone.
    Lost,
}

/// Why a bubble could not be shown.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells")
)]
pub(super) enum NotificationRefusal {
    /// There is nobody to show it. It can be told later.
    Nobody,
    /// There is no bus either.
    NoBus,
    /// Somebody is there who does not even say what they can do. It can be told later.
    Silent,
    /// Somebody took it and does not say so. It may yet be shown, so it is not told again.
    Slow,
    /// Somebody is there who will not, and this is why.
    Unwilling(String),
}

impl NotificationRefusal {
    /// For a person.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Nobody => NO_SERVICE.into(),
            Self::NoBus => NO_BUS.into(),
            Self::Silent | Self::Slow => SILENT.into(),
            Self::Unwilling(why) => format!("The notification service refused: {why}"),
        }
    }

    /// True when nothing was given away, so that telling it later does not tell it twice.
    pub(super) const fn can_be_told_later(&self) -> bool {
        matches!(self, Self::Nobody | Self::NoBus | Self::Silent)
    }
}
