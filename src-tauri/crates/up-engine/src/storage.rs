//! Keeping: the embedded history that is always there, and the feeds that bring it to `MongoDB`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use up_config::{HistoryPlan, Plan};
use up_history::embedded::Embedded;
use up_history::{Store, StoreError};
use up_sink::BuiltSink;
use up_sink::configure::MongoDatabase;
use up_sink::history::HistorySink;

use crate::clock;
use crate::health::Health;
use crate::outlet::Outlet;
use crate::replication::ReplicatedTarget;
use crate::view::TroubleKind;

/// How often what is too old is thrown away.
const PRUNE_EVERY: Duration = Duration::from_mins(15);
/// How soon a store that could not be opened is tried again.
const OPEN_AGAIN: Duration = Duration::from_secs(30);

/// The stores of a running engine.
pub(crate) struct Storage {
    data: PathBuf,
    embedded: Option<Embedded>,
    outlet: Option<Outlet>,
    feeds: Vec<ReplicatedTarget>,
    replicas: Vec<MongoDatabase>,
    agent: String,
    periods: HistoryPlan,
    next: Instant,
}

impl Storage {
    /// Opens the embedded store; when that fails, says so on the board and tries again later.
    pub(crate) async fn open(data: PathBuf, board: &Health) -> Self {
        let mut keep = Self {
            data,
            embedded: None,
            outlet: None,
            feeds: Vec::new(),
            replicas: Vec::new(),
            agent: String::new(),
            periods: HistoryPlan::default(),
            next: Instant::now() + PRUNE_EVERY,
        };
        keep.try_open(board).await;
        keep
    }

    async fn try_open(&mut self, board: &Health) {
        match open(&self.data).await {
            Ok(embedded) => {
                let (trouble, mut told) = watch::channel(None);
                let sink = HistorySink::new(embedded.clone(), trouble);
                self.outlet = Some(Outlet::open(Box::new(sink)));
                self.embedded = Some(embedded);
                board.set(TroubleKind::History, "", None);
                let board = board.clone();
                // Ends with the sink, which holds the other side.
                tokio::spawn(async move {
                    while told.changed().await.is_ok() {
                        let text = told.borrow_and_update().clone();
                        board.set(TroubleKind::History, "", text);
                    }
                });
            }
            Err(error) => {
                board.set(TroubleKind::History, "", Some(error.to_string()));
                self.next = Instant::now() + OPEN_AGAIN;
            }
        }
    }

    /// Feeds whom this plan names, and no one else.
    pub(crate) fn take_up(&mut self, plan: &Plan, board: &Health) {
        self.periods = plan.history;
        let replicas: Vec<_> = (plan.sinks.iter().filter_map(BuiltSink::replica))
            .cloned()
            .collect();
        if self.agent == plan.agent && self.replicas == replicas {
            return;
        }
        self.replicas = replicas;
        self.agent.clone_from(&plan.agent);
        self.feed(board);
    }

    fn feed(&mut self, board: &Health) {
        let Some(embedded) = &self.embedded else {
            return;
        };
        let old = std::mem::take(&mut self.feeds);
        board.wipe(TroubleKind::Mongo);
        for replica in &self.replicas {
            match ReplicatedTarget::start(embedded, replica, &self.agent, board) {
                Ok(fed) => self.feeds.push(fed),
                Err(error) => {
                    board.set(TroubleKind::Mongo, &error.name, Some(error.to_string()));
                }
            }
        }
        // Only now, so that a target that stays misses nothing; aside, because one that is slow
        // may take its two seconds.
        tokio::spawn(futures_util::future::join_all(
            old.into_iter()
                .map(ReplicatedTarget::stop)
                .collect::<Vec<_>>(),
        ));
    }

    /// When the next bit of upkeep is due.
    pub(crate) fn due(&self) -> Instant {
        self.next
    }

    /// Does it: throws away what is too old, or tries again to open what could not be opened.
    pub(crate) async fn upkeep(&mut self, board: &Health) {
        self.next = Instant::now() + PRUNE_EVERY;
        if let Some(embedded) = &self.embedded {
            let (embedded, periods) = (embedded.clone(), self.periods);
            // On its own: it takes its time, and the loop does not wait for it.
            tokio::spawn(async move {
                // A store in trouble says so when it is written to.
                let _ = embedded
                    .prune(clock::now(), periods.raw, periods.keep)
                    .await;
            });
        } else {
            self.try_open(board).await;
            self.feed(board);
        }
    }

    /// Where history can be asked, first choice first.
    pub(crate) fn stores(&self) -> Vec<Arc<dyn Store>> {
        let fed = self.feeds.iter().map(ReplicatedTarget::store);
        let embedded = self
            .embedded
            .iter()
            .map(|e| Arc::new(e.clone()) as Arc<dyn Store>);
        fed.chain(embedded).collect()
    }

    /// Where samples go.
    pub(crate) fn outlet(&self) -> Option<&Outlet> {
        self.outlet.as_ref()
    }

    /// Writes out what is held back, and closes.
    pub(crate) async fn close(self, patience: Duration) {
        let stopped = self.feeds.into_iter().map(ReplicatedTarget::stop);
        if let Some(outlet) = self.outlet {
            outlet.close(patience).await;
        }
        futures_util::future::join_all(stopped).await;
        if let Some(embedded) = self.embedded {
            embedded.close().await;
        }
    }
}

/// Opens the embedded store without holding up the runtime: another process may be writing.
pub(crate) async fn open(data: &Path) -> Result<Embedded, StoreError> {
    let folder = data.to_owned();
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&folder)).await;
    opened.unwrap_or_else(|_| {
        Err(StoreError {
            name: up_history::embedded::NAME.into(),
            code: up_history::StoreErrorCode::Closed,
            message: format!("opening {} was broken off", data.display()),
        })
    })
}
