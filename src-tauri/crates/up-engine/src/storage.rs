//! The stores of a running engine: the embedded history, which always exists, and its replication
//! to `MongoDB`s.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use up_config::{HistoryPlan, Plan};
use up_core::control::Acknowledgement;
use up_core::{Controls, Outline};
use up_files::private;
use up_history::embedded::{Embedded, UpkeepKind};
use up_history::mongo::{Agent, AgentDuty, MongoStore, SharedRules};
use up_history::{KeptAcknowledgement, RulesOfPaths, Store, StoreError};
use up_sink::BuiltSink;
use up_sink::configure::MongoDatabase;
use up_sink::history::HistorySink;

use crate::clock;
use crate::health::Health;
use crate::outlet::Outlet;
use crate::replication::ReplicatedTarget;
use crate::view::TroubleKind;

/// How often records that are too old are deleted.
const PRUNE_EVERY: Duration = Duration::from_mins(15);
/// The pause before a store that could not be opened is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// The stores of a running engine.
pub(crate) struct Storage {
    data: PathBuf,
    /// Held by one Up a data folder; a second one reports that there is another.
    lock: Option<File>,
    embedded: Option<Embedded>,
    outlet: Option<Outlet>,
    targets: Vec<ReplicatedTarget>,
    replicas: Vec<MongoDatabase>,
    /// The acknowledgements that were last recorded.
    acknowledged: BTreeMap<String, Acknowledgement>,
    agent: Agent,
    /// By which rules the history's incidents are judged.
    rules: SharedRules,
    periods: HistoryPlan,
    next: Instant,
}

impl Storage {
    /// Opens the embedded store. On failure it sets a trouble in `board` and tries again later.
    pub(crate) async fn open(data: PathBuf, board: &Health) -> Self {
        let mut keep = Self {
            data,
            lock: None,
            embedded: None,
            outlet: None,
            targets: Vec::new(),
            replicas: Vec::new(),
            acknowledged: BTreeMap::new(),
            agent: Agent::default(),
            rules: SharedRules::default(),
            periods: HistoryPlan::default(),
            next: Instant::now() + PRUNE_EVERY,
        };
        keep.try_open(board).await;
        keep
    }

    async fn try_open(&mut self, board: &Health) {
        let opened = open(&self.data).await;
        self.take_lock(board);
        match opened {
            Ok(embedded) => {
                tokio::spawn(report(embedded.troubles(), board.clone()));
                let (trouble, troubles) = watch::channel(None);
                let sink = HistorySink::new(embedded.clone(), trouble);
                self.outlet = Some(Outlet::open(Box::new(sink)));
                self.embedded = Some(embedded);
                self.keep_rules();
                board.set(TroubleKind::History, "", None);
                let board = board.clone();
                // This task ends with the sink, which holds the sender.
                tokio::spawn(async move {
                    board.follow(TroubleKind::History, "", troubles).await;
                });
            }
            Err(error) => {
                board.set(TroubleKind::History, "", Some(error.to_string()));
                self.next = Instant::now() + RETRY;
            }
        }
    }

    /// Judges the incidents of these sources by the rules that they have now.
    pub(crate) fn judge(&mut self, outline: &Outline) {
        let rules = rules_of(outline);
        {
            let mut known = self.rules.write().unwrap_or_else(PoisonError::into_inner);
            if *known == rules {
                return;
            }
            *known = rules;
        }
        self.keep_rules();
    }

    fn keep_rules(&self) {
        let rules = (self.rules.read().unwrap_or_else(PoisonError::into_inner)).clone();
        if let (Some(embedded), Some(root)) = (&self.embedded, rules.root()) {
            // The store reports a failure with the next samples that it cannot keep.
            drop(tokio::spawn(embedded.judge_by(root, rules.clone())));
        }
    }

    /// Takes the lock of the data folder, and reports whether another Up has it.
    fn take_lock(&mut self, board: &Health) {
        if self.lock.is_some() {
            return;
        }
        let another = match lock(&self.data) {
            Ok(lock) => {
                self.lock = lock;
                self.lock.is_none()
            }
            // A folder that cannot be used is reported by the store.
            Err(_) => false,
        };
        let text = another.then(|| {
            format!(
                "Another Up runs over {}. Both check what both configure, and both write to its \
                 history",
                self.data.display()
            )
        });
        board.set(TroubleKind::History, "another", text);
    }

    /// Replicates to the `MongoDB`s of this plan, and stops replicating to all others.
    pub(crate) fn take_up(&mut self, plan: &Plan, board: &Health) {
        self.periods = plan.history;
        let replicas: Vec<_> = (plan.sinks.iter().filter_map(BuiltSink::replica))
            .cloned()
            .collect();
        let agent = agent(plan);
        if self.agent == agent && self.replicas == replicas {
            return;
        }
        self.replicas = replicas;
        self.agent = agent;
        self.feed(board);
    }

    fn feed(&mut self, board: &Health) {
        let old = std::mem::take(&mut self.targets);
        board.wipe(TroubleKind::Mongo);
        let Some(embedded) = &self.embedded else {
            // A `MongoDB` is fed from the embedded history only.
            for replica in &self.replicas {
                if let Ok(store) = MongoStore::open(replica.uri.reveal(), &replica.database) {
                    let name = store.name();
                    let text = format!(
                        "{name} is not being written: it is fed from the embedded history, which \
                         cannot be opened"
                    );
                    board.set(TroubleKind::Mongo, name, Some(text));
                }
            }
            return;
        };
        for replica in &self.replicas {
            match ReplicatedTarget::start(embedded, replica, (&self.agent, &self.rules), board) {
                Ok(fed) => self.targets.push(fed),
                Err(error) => {
                    board.set(TroubleKind::Mongo, &error.name, Some(error.to_string()));
                }
            }
        }
        // The old targets stop only after the new ones are registered, so that a target in both
        // misses no record. They stop in the background, because a slow one may take two seconds.
        tokio::spawn(futures_util::future::join_all(
            old.into_iter()
                .map(ReplicatedTarget::stop)
                .collect::<Vec<_>>(),
        ));
    }

    /// When the next upkeep is due.
    pub(crate) fn due(&self) -> Instant {
        self.next
    }

    /// Deletes records that are too old, or tries again to open the store.
    pub(crate) async fn upkeep(&mut self, board: &Health) {
        self.next = Instant::now() + PRUNE_EVERY;
        self.take_lock(board);
        if let Some(embedded) = &self.embedded {
            let (embedded, periods) = (embedded.clone(), self.periods);
            // Deleting runs in the background, because it may take long.
            tokio::spawn(async move {
                // The store reports a failure among its troubles.
                let _ = embedded
                    .prune(clock::now(), periods.raw, periods.keep)
                    .await;
            });
        } else {
            self.try_open(board).await;
            self.feed(board);
        }
    }

    /// Keeps acknowledgements that are new, so that the incident says later that it was known.
    pub(crate) fn record_acknowledgements(&mut self, controls: &Controls) {
        let Some(embedded) = &self.embedded else {
            return;
        };
        let given = controls.acknowledged.iter();
        let fresh = given.filter(|(path, given)| self.acknowledged.get(*path) != Some(*given));
        let fresh = fresh.map(|(path, given)| KeptAcknowledgement {
            path: path.clone(),
            date: given.since,
            note: given.note.clone(),
            by: given.by.clone(),
        });
        let fresh: Vec<_> = fresh.collect();
        self.acknowledged.clone_from(&controls.acknowledged);
        if !fresh.is_empty() {
            // The store reports a failure with the next samples that it cannot keep.
            drop(tokio::spawn(embedded.acknowledged(fresh)));
        }
    }

    /// The stores to query, the preferred first.
    pub(crate) fn stores(&self) -> Vec<Arc<dyn Store>> {
        let fed = self.targets.iter().map(ReplicatedTarget::store);
        let embedded = self
            .embedded
            .iter()
            .map(|e| Arc::new(e.clone().written_by(&self.agent.name)) as Arc<dyn Store>);
        fed.chain(embedded).collect()
    }

    /// The outlet that samples are published to.
    pub(crate) fn outlet(&self) -> Option<&Outlet> {
        self.outlet.as_ref()
    }

    /// Writes what is buffered, and closes the stores.
    pub(crate) async fn close(self, patience: Duration) {
        let stopped = self.targets.into_iter().map(ReplicatedTarget::stop);
        if let Some(outlet) = self.outlet {
            outlet.close(patience).await;
        }
        futures_util::future::join_all(stopped).await;
        if let Some(embedded) = self.embedded {
            embedded.close().await;
        }
    }
}

/// How the sources of a tree are judged.
pub(crate) fn rules_of(outline: &Outline) -> RulesOfPaths {
    let mut rules = RulesOfPaths::default();
    for (_, node) in outline.iter() {
        rules.put(&node.path, (&node.rules).into());
    }
    rules
}

/// What this Up writes about itself to a `MongoDB`.
fn agent(plan: &Plan) -> Agent {
    let shortest = plan.probes.iter().map(|probe| probe.interval).min();
    Agent {
        name: plan.agent.clone(),
        duty: shortest.map(|interval| AgentDuty {
            sources: plan.probes.len(),
            interval,
        }),
        ..Agent::default()
    }
}

/// Sets the troubles of the store's file in `board`, until the store is closed.
async fn report(mut troubles: watch::Receiver<BTreeMap<UpkeepKind, String>>, board: Health) {
    let mut reported = BTreeMap::new();
    loop {
        let lines = troubles.borrow_and_update().clone();
        for (kind, text) in &lines {
            board.set_class(
                TroubleKind::History,
                &format!("{kind:?}"),
                kind,
                text.clone(),
            );
        }
        for kind in reported.keys().filter(|kind| !lines.contains_key(kind)) {
            board.set(TroubleKind::History, &format!("{kind:?}"), None);
        }
        reported = lines;
        if troubles.changed().await.is_err() {
            return;
        }
    }
}

/// Takes the lock of a data folder, which ends with the process; `None` while another Up has it.
fn lock(data: &Path) -> std::io::Result<Option<File>> {
    let lock = private::file(&data.join("running.lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Opens the embedded store on another thread, because another process may be writing to it.
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
