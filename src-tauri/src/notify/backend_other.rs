//! Notifications on macOS and Windows, through notify-rust. Bubbles cannot be replaced there, a
//! click only dismisses them, and they have no buttons.

use tokio::sync::mpsc::UnboundedSender;

use super::backend::{CALL_TIMEOUT, DesktopSignal, NotificationBackend, NotificationRefusal};
use super::words::Bubble;

/// The system's notification service.
pub(super) struct Session {
    next: u32,
    _events: UnboundedSender<DesktopSignal>,
}

impl Session {
    /// A backend for these systems, which report no events.
    pub(super) fn new(events: UnboundedSender<DesktopSignal>) -> Self {
        Self {
            next: 0,
            _events: events,
        }
    }
}

impl NotificationBackend for Session {
    // The system always accepts bubbles, and hides them where its settings say so.
    async fn open(&mut self) -> Result<(), NotificationRefusal> {
        Ok(())
    }

    // Bubbles close by themselves.
    async fn close_bubble(&mut self, _: u32) {}

    fn disconnect(&mut self) {}

    // The id is Up's own number.
    async fn show(
        &mut self,
        bubble: &Bubble,
        _replaces: Option<u32>,
    ) -> Result<u32, NotificationRefusal> {
        let (summary, body) = (bubble.summary.clone(), bubble.lines.join("\n"));
        let shown = tokio::task::spawn_blocking(move || {
            let mut notification = notify_rust::Notification::new();
            notification.appname("Up").summary(&summary).body(&body);
            notification
                .show()
                .map(drop)
                .map_err(|error| error.to_string())
        });
        let shown = tokio::time::timeout(CALL_TIMEOUT, shown).await;
        let ended = shown.map_err(|_| NotificationRefusal::Slow)?;
        ended
            .map_err(|_| NotificationRefusal::Slow)?
            .map_err(NotificationRefusal::Refused)?;
        self.next = self.next.wrapping_add(1);
        Ok(self.next)
    }
}
