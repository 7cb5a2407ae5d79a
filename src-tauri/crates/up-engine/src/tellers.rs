//! The sinks that tell other programs what people are told, as the plan of now names them.

use std::time::Duration;

use tokio::sync::watch;
use up_config::Plan;
use up_sink::{Telling, Voice};

use crate::outlet::Outlet;
use crate::troubles::Board;
use crate::view::{TroubleKind, View};

/// One of them, and what it was made of.
struct Open {
    telling: Telling,
    agent: String,
    outlet: Outlet,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Tellers {
    open: Vec<Open>,
}

impl Tellers {
    /// Opens those that this plan names, keeps those that it names still, closes the others.
    pub(crate) fn take_up(&mut self, plan: &Plan, view: &View, board: &Board, patience: Duration) {
        let mut old = std::mem::take(&mut self.open);
        for telling in plan.sinks.iter().filter_map(|sink| sink.telling.as_ref()) {
            let same = |open: &Open| open.telling == *telling && open.agent == plan.agent;
            self.open.push(match old.iter().position(same) {
                Some(kept) => old.swap_remove(kept),
                None => start(telling, &plan.agent, view, board),
            });
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

fn start(telling: &Telling, agent: &str, view: &View, board: &Board) -> Open {
    let (trouble, mut told) = watch::channel(None);
    let view = view.clone();
    let voice = Voice {
        agent: agent.to_owned(),
        mood: Box::new(move || view.read(|known| known.mood)),
        trouble,
    };
    let (board, who) = (board.clone(), telling.key());
    // Ends with the sink, which holds the other side.
    tokio::spawn(async move {
        while told.changed().await.is_ok() {
            let text = told.borrow_and_update().clone();
            board.set(TroubleKind::Sink, &who, text);
        }
        board.set(TroubleKind::Sink, &who, None);
    });
    Open {
        telling: telling.clone(),
        agent: agent.to_owned(),
        outlet: Outlet::open(telling.open(voice)),
    }
}
