//! Events of our own network and of sleep: the watch receives them, and the panel shows what is wrong.

use std::time::Duration;

use tokio::time::Instant;
use up_core::Input;

use super::{Loop, log};
use crate::connectivity::SystemEvent;
use crate::view::TroubleKind;

/// A loop that wakes up this much later than planned was stopped or starved of processor time. What
/// it measures then says nothing about any source.
const LATE: Duration = Duration::from_secs(20);

impl Loop {
    /// Hands the watch an event of our network, or of sleep.
    pub(super) async fn system_event(&mut self, event: SystemEvent) {
        log::system_event(&event);
        match event {
            SystemEvent::Network(events) => {
                self.watch(events.into_iter().map(Input::Network)).await;
            }
            SystemEvent::Asleep => self.watch([Input::Asleep]).await,
            SystemEvent::Awake(slept) => self.watch([Input::Awake(slept)]).await,
        }
    }

    /// Returns an input when the machine slept, or this process was stopped, since the loop last
    /// planned its wake-up. The watch needs it before anything that arrived late.
    pub(super) fn notice_gap(&mut self) -> Option<Input> {
        let late = self
            .planned_wake
            .take()
            .is_some_and(|then| then.elapsed() > LATE);
        let slept = self.system.slept();
        if slept.is_none() && !late {
            return None;
        }
        tracing::info!(
            ?slept,
            late,
            "the machine slept, or this process was stopped"
        );
        self.system.look_soon();
        Some(Input::Awake(slept))
    }

    /// Notes the time at which the loop will wake up at the latest, if that is still to come.
    pub(super) fn plan_wake(&mut self, wakes: [Option<Instant>; 2]) {
        let now = Instant::now();
        let first = wakes.into_iter().flatten().min();
        self.planned_wake = first.filter(|first| *first > now);
    }

    /// Shows what is wrong with our network, if that has changed.
    pub(super) fn show_network(&mut self) {
        let revision = self.watch.network_revision();
        if std::mem::replace(&mut self.network_shown, revision) == revision {
            return;
        }
        let troubles = self.watch.network_troubles();
        let text = (!troubles.is_empty()).then(|| troubles.join("\n"));
        self.health.set(TroubleKind::Network, "", text);
        self.settle_soon();
    }
}
