//! The sinks that tell other programs what people are told, as the plan of now names them.

use std::time::Duration;

use tokio::sync::watch;
use up_config::Plan;
use up_sink::{AlertSink, BuiltSink, DeliveryContext, Receipts};

use crate::health::Health;
use crate::outlet::Outlet;
use crate::view::{TroubleKind, View};

/// One of them, and what it was made of.
struct OpenSink {
    sink: AlertSink,
    agent: String,
    outlet: Outlet,
}

/// All of them.
#[derive(Default)]
pub(crate) struct AlertSinks {
    open: Vec<OpenSink>,
}

impl AlertSinks {
    /// Opens those that this plan names, keeps those that it names still, closes the others.
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
            // Aside: it may still have to tell what is queued.
            tokio::spawn(gone.outlet.close(patience));
        }
    }

    /// Where notices go.
    pub(crate) fn outlets(&self) -> impl Iterator<Item = &Outlet> {
        self.open.iter().map(|open| &open.outlet)
    }

    /// Lets each tell what is queued.
    pub(crate) async fn close(self, patience: Duration) {
        let closed = self.open.into_iter();
        let closed = closed.map(|open| open.outlet.close(patience));
        futures_util::future::join_all(closed).await;
    }
}

/// What is shown of a sink, with a number behind it when others are shown so too. Two webhooks of
/// one service differ by a secret only.
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
    let (trouble, mut told) = watch::channel(None);
    let view = view.clone();
    let context = DeliveryContext {
        agent: agent.to_owned(),
        mood: Box::new(move || view.read(|known| known.mood)),
        trouble,
        receipts,
    };
    let (board, who) = (board.clone(), sink.key());
    // Ends with the sink, which holds the other side.
    tokio::spawn(async move {
        while told.changed().await.is_ok() {
            let text = told.borrow_and_update().clone();
            board.set(TroubleKind::Sink, &who, text);
        }
        board.set(TroubleKind::Sink, &who, None);
    });
    OpenSink {
        sink: sink.clone(),
        agent: agent.to_owned(),
        outlet: Outlet::open(sink.open(context)).named(Some(name)),
    }
}
