//! The interface of a desktop's notification service.

use std::time::Duration;

use super::words::{Bubble, NotificationAction};

/// How long one call of the notification service may take. A service that hangs delays
/// notifications only.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(5);

const NO_SERVICE: &str = "This desktop has no notification service, so outages are shown by the \
    tray and here only. A service that starts is used at once.";
const NO_BUS: &str = "There is no session D-Bus, so no notification can be shown.";
const SILENT: &str = "The notification service does not answer. Notifications wait until it does.";

/// A service that shows bubbles: one per notification.
pub(super) trait NotificationBackend: Send + 'static {
    /// Checks whether there is a notification service, or one that the bus can start.
    fn open(&mut self) -> impl Future<Output = Result<(), NotificationRefusal>> + Send;

    /// Shows a bubble, in place of the bubble `replaces` or as a new one, and returns its id. Ends
    /// within twice [`CALL_TIMEOUT`].
    fn show(
        &mut self,
        bubble: &Bubble,
        replaces: Option<u32>,
    ) -> impl Future<Output = Result<u32, NotificationRefusal>> + Send;

    /// Identifies the notification service and its current run. Ids of bubbles are valid as long as
    /// this stays the same. `None` where bubbles do not outlast Up.
    fn service(&mut self) -> impl Future<Output = Option<String>> + Send {
        std::future::ready(None)
    }

    /// Closes a bubble, if the service can do so at once.
    fn close_bubble(&mut self, id: u32) -> impl Future<Output = ()> + Send;

    /// Drops a lost connection. The next call connects again.
    fn disconnect(&mut self);
}

/// An event from the notification service.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells")
)]
pub(super) enum DesktopSignal {
    /// A person chose this action on this bubble.
    Chosen(u32, NotificationAction),
    /// This bubble was closed.
    Closed(u32),
    /// A notification service has appeared.
    ServiceStarted,
    /// The notification service has gone.
    ServiceStopped,
    /// The connection to the bus was lost.
    BusLost,
}

/// Why a bubble was not shown.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells")
)]
pub(super) enum NotificationRefusal {
    /// There is no notification service. The notice can be delivered later.
    NoService,
    /// There is no session bus. The notice can be delivered later.
    NoBus,
    /// The service does not answer, not even with its capabilities. The notice can be delivered
    /// later.
    Silent,
    /// The service did not confirm the bubble. It may still show it, so that the notice is not
    /// repeated.
    Slow,
    /// The service refused the bubble, for this reason.
    Refused(String),
}

impl NotificationRefusal {
    /// The reason as text for a person.
    pub(super) fn text(&self) -> String {
        match self {
            Self::NoService => NO_SERVICE.into(),
            Self::NoBus => NO_BUS.into(),
            Self::Silent | Self::Slow => SILENT.into(),
            Self::Refused(why) => format!("The notification service refused: {why}"),
        }
    }

    /// True when the service was not given the bubble, so that a later attempt cannot show it
    /// twice.
    pub(super) const fn is_retryable(&self) -> bool {
        matches!(self, Self::NoService | Self::NoBus | Self::Silent)
    }
}
