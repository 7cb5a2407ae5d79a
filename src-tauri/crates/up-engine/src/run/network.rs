//! Our own network and sleep: what is heard of them goes to the watch, and what the watch wants to
//! know of them is asked.

use std::time::Duration;

use tokio::time::Instant;
use up_core::connectivity::ConnectivityEvent;
use up_core::{Input, NodeId, Sample};

use super::{Loop, SETTLE, log};
use crate::connectivity::Said;
use crate::view::TroubleKind;

/// Woken so long after the time that it waited for, the process was stopped, or starved of time:
/// what it finds then says nothing of anyone else.
const LATE: Duration = Duration::from_secs(20);

impl Loop {
    /// Takes what the world says of our network, or of sleep.
    pub(super) async fn outside(&mut self, said: Said) {
        log::outside(&said);
        match said {
            Said::News(news) => self.network(news).await,
            Said::Asleep => self.watch(Input::Asleep).await,
            Said::Awake(slept) => self.watch(Input::Awake(slept)).await,
        }
    }

    pub(super) async fn network(&mut self, news: Vec<ConnectivityEvent>) {
        for news in news {
            self.watch(Input::Network(news)).await;
        }
    }

    /// Looks, before anything that came late is taken for news, whether the machine slept, or this
    /// process was stopped.
    pub(super) async fn notice_gap(&mut self) {
        let late = self
            .expected
            .take()
            .is_some_and(|then| then.elapsed() > LATE);
        let slept = self.outside.slept();
        if slept.is_some() || late {
            tracing::info!(
                ?slept,
                late,
                "the machine slept, or this process was stopped"
            );
            self.watch(Input::Awake(slept)).await;
            self.outside.look_soon();
        }
    }

    /// Looks at a sample before the watch does: a failure may be the first sign of a lost route.
    pub(super) async fn before(&mut self, node: NodeId, sample: &Sample) {
        let news = self.outside.before(node, sample);
        self.network(news).await;
    }

    /// When the loop will wake at the latest, if that is still to come.
    pub(super) fn expect(&mut self, wakes: [Option<Instant>; 2]) {
        let now = Instant::now();
        let first = wakes.into_iter().flatten().min();
        self.expected = first.filter(|first| *first > now);
    }

    /// Shows what is wrong with our network, where that has changed.
    pub(super) fn show_network(&mut self) {
        let revision = self.watch.network_revision();
        if std::mem::replace(&mut self.network_shown, revision) == revision {
            return;
        }
        let said = self.watch.network_troubles();
        let text = (!said.is_empty()).then(|| said.join("\n"));
        self.board.set(TroubleKind::Network, "", text);
        self.settle_at
            .get_or_insert_with(|| Instant::now() + SETTLE);
    }
}
