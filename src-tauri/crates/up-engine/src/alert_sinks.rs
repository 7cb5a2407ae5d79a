//! The open sinks that deliver notices to other programs, as the current plan names them.

use std::time::Duration;

use tokio::sync::watch;
use up_config::Plan;
use up_sink::{AlertSink, BuiltSink, DeliveryContext, Receipts};

use crate::health::Health;
use crate::outlet::Outlet;
use crate::view::{TroubleKind, View};

/// An open sink, with the configuration that it was opened from.
struct OpenSink {
    sink: AlertSink,
    agent: String,
    outlet: Outlet,
}

/// The open sinks that deliver notices.
#[derive(Default)]
pub(crate) struct AlertSinks {
    open: Vec<OpenSink>,
}

impl AlertSinks {
    /// Opens the sinks that are new in this plan, keeps those that it still names, and closes the
    /// others.
    pub(crate) fn take_up(
        &mut self,
        plan: &Plan,
        (view, board): (&View, &Health),
        receipts: &dyn Fn(&str) -> Receipts,
        patience: Duration,
    ) {
        let mut old = std::mem::take(&mut self.open);
        for sink in plan.sinks.iter().filter_map(BuiltSink::alert) {
            let same = |open: &OpenSink| open.sink == *sink && open.agent == plan.agent;
            let open = if let Some(kept) = old.iter().position(same) {
                old.swap_remove(kept)
            } else {
                let all = self.open.iter().chain(&old);
                let taken: Vec<&str> = all.filter_map(|open| open.outlet.name()).collect();
                let name = free_name(&sink.shown(), &taken);
                let receipts = receipts(&name);
                start(sink, &plan.agent, (view, board), (name, receipts))
            };
            self.open.push(open);
        }
        for gone in old {
            // The sink may still have notices to deliver, which must not delay the engine.
            tokio::spawn(gone.outlet.close(patience));
        }
    }

    /// The outlets that notices are published to.
    pub(crate) fn outlets(&self) -> impl Iterator<Item = &Outlet> {
        self.open.iter().map(|open| &open.outlet)
    }

    /// Closes all sinks at once. Each has `patience` to deliver what is queued.
    pub(crate) async fn close(self, patience: Duration) {
        let closed = self.open.into_iter();
        let closed = closed.map(|open| open.outlet.close(patience));
        futures_util::future::join_all(closed).await;
    }
}

/// A name for a sink that no other open sink has: its shown text, with a number after it if needed.
/// Two webhooks of one service may differ only in a secret, which is not shown.
fn free_name(shown: &str, taken: &[&str]) -> String {
    let numbered = (2..).map(|number| format!("{shown} ({number})"));
    let mut names = std::iter::once(shown.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(&name.as_str()));
    free.unwrap_or_else(|| shown.to_owned())
}

fn start(
    sink: &AlertSink,
    agent: &str,
    (view, board): (&View, &Health),
    (name, receipts): (String, Receipts),
) -> OpenSink {
    let (trouble, troubles) = watch::channel(None);
    let view = view.clone();
    let context = DeliveryContext {
        agent: agent.to_owned(),
        mood: Box::new(move || view.read(|known| known.mood)),
        trouble,
        receipts,
    };
    let (board, who) = (board.clone(), sink.key());
    // This task ends with the sink, which holds the sender.
    tokio::spawn(async move {
        board.follow(TroubleKind::Sink, &who, troubles).await;
        board.set(TroubleKind::Sink, &who, None);
    });
    OpenSink {
        sink: sink.clone(),
        agent: agent.to_owned(),
        outlet: Outlet::open(sink.open(context)).named(Some(name)),
    }
}
