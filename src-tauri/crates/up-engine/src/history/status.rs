//! The state of the embedded history and of its replication, and its rollups made anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::join_all;
use up_config::Plan;
use up_history::embedded::{EmbeddedStatus, NAME, RollupProgress, TargetLag};
use up_history::mongo::{BackfillProgress, MongoRollups, MongoStore};
use up_history::{BackgroundWork, PathExtent, Store, StoreError};

use super::replicas;
use crate::storage::open;

/// The state of the embedded history, and of what is replicated from it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryStatus {
    /// The file.
    pub file: PathBuf,
    /// Its state.
    pub embedded: EmbeddedStatus,
    /// The paths that it has samples of.
    pub paths: Vec<PathExtent>,
    /// Each `MongoDB`.
    pub targets: Vec<TargetStatus>,
    /// The troubles of the file, one line each for a person.
    pub troubles: Vec<String>,
}

/// What a `MongoDB` has not received yet.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetStatus {
    /// Its name, for a person.
    pub name: String,
    /// What waits for it.
    pub lag: TargetLag,
    /// How far it has what was stored before it was a target; `None` if no running Up has begun with that.
    pub backfill: Option<BackfillProgress>,
    /// How far its rollups are; an error if it does not answer.
    pub rollups: Result<Option<MongoRollups>, String>,
}

/// Reads the state of the embedded history in a data folder, and of the rollups of each `MongoDB`.
pub async fn history_status(plan: Option<&Plan>, data: &Path) -> Result<HistoryStatus, StoreError> {
    let embedded = open(data).await?;
    let (mut targets, mut asked) = (Vec::new(), Vec::new());
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        let lags = embedded.lags(vec![store.key().to_owned()]).await?;
        targets.push(TargetStatus {
            name: store.name().to_owned(),
            lag: lags.first().copied().unwrap_or_default(),
            backfill: BackfillProgress::read(&embedded, store.key()).await?,
            rollups: Ok(None),
        });
        asked.push(async move { store.rollups().await.map_err(|error| error.message) });
    }
    for (target, rollups) in targets.iter_mut().zip(join_all(asked).await) {
        target.rollups = rollups;
    }
    let status = HistoryStatus {
        file: embedded.file().to_owned(),
        embedded: embedded.status().await?,
        paths: embedded.extents().await?,
        targets,
        troubles: embedded.troubles().borrow().values().cloned().collect(),
    };
    embedded.close().await;
    Ok(status)
}

/// The work on some stores that is under way, with the name of the store. A store that does not answer
/// is left out.
pub async fn work_under_way(stores: &[Arc<dyn Store>]) -> Vec<(String, BackgroundWork)> {
    let asked = stores.iter().map(|store| async {
        let work = store.background_work().await.unwrap_or_default();
        let name = store.name().to_owned();
        work.into_iter().map(move |work| (name.clone(), work))
    });
    let found = join_all(asked).await;
    found.into_iter().flatten().collect()
}

/// Makes the rollups of the embedded history in a data folder anew, and then those of each `MongoDB`: of
/// a path and all below it, or all. Reports how far it is, with the name of the store.
pub async fn rebuild_history(
    plan: Option<&Plan>,
    data: &Path,
    path: Option<&str>,
    report: impl Fn(&str, RollupProgress) + Clone + Send + 'static,
) -> Result<(), StoreError> {
    let embedded = open(data).await?;
    let of_embedded = report.clone();
    embedded
        .rebuild(move |progress| of_embedded(NAME, progress))
        .await?;
    embedded.close().await;
    let agent = plan.map_or("", |plan| &plan.agent);
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        let report = |progress| report(store.name(), progress);
        store.rebuild((agent, replica.keep), path, report).await?;
    }
    Ok(())
}
