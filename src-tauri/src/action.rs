//! The actions that a person can request of the shell: from the tray, a menu, a notification, a
//! second start or a signal.

use tokio::sync::mpsc::UnboundedSender;
use up_core::Mood;
use up_wire::IncidentPlace;

/// A requested action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// Show the panel near this point, or hide it when it is shown: a click on the icon.
    Toggle(Option<ScreenPoint>),
    /// Show the panel, with the source of this path selected if there is one.
    Panel(Option<String>),
    /// Show the panel with the incidents of a path at a time: a click on a notification.
    Incidents(IncidentPlace),
    /// Show the panel with the field for a new note.
    Note,
    /// Check every source now.
    CheckNow,
    /// Pause or resume all sources, or mute or unmute all notifications.
    All(BulkAction),
    /// Snooze or acknowledge the sources of these paths, from a notification.
    Outage(OutageAction, Vec<String>),
    /// Change the mood.
    Mood(Mood),
    /// Open the configuration in an editor.
    OpenConfig,
    /// Reload the configuration and every file that it names.
    Reload,
    /// End the application.
    Quit,
}

/// An action on all sources at once, from a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BulkAction {
    /// Pause all checks.
    Pause,
    /// Resume all checks.
    Resume,
    /// Mute all notifications for 15 minutes.
    Quarter,
    /// Mute all notifications for an hour.
    Hour,
    /// Mute all notifications until nine o'clock tomorrow.
    Tomorrow,
    /// Unmute all notifications.
    Unmute,
}

// The tray of Linux needs no ids of menu items.
#[cfg(not(target_os = "linux"))]
impl BulkAction {
    const ALL: [Self; 6] = [
        Self::Pause,
        Self::Resume,
        Self::Quarter,
        Self::Hour,
        Self::Tomorrow,
        Self::Unmute,
    ];

    /// The id of the menu item.
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

    /// The action whose menu item has this id.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|all| all.name() == name)
    }
}

/// An action on an outage, from its notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutageAction {
    /// No notifications of it for an hour.
    Snooze,
    /// Acknowledge it: no reminders until it is over.
    Acknowledge,
}

/// A point of the desktop, in pixels from its top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScreenPoint {
    /// The distance from the left edge.
    pub x: i32,
    /// The distance from the top edge.
    pub y: i32,
}

/// The sending end of the queue of actions. They are done in order.
#[derive(Clone, Debug)]
pub(crate) struct Actions(pub UnboundedSender<Action>);

impl Actions {
    /// Requests an action. A request that is made while the application ends is dropped.
    pub(crate) fn send(&self, action: Action) {
        let _ = self.0.send(action);
    }
}
