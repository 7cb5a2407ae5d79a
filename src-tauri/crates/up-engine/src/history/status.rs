//! The state of the embedded history and of its replication, and its rollups made anew.

use std::path::{Path, PathBuf};

use up_config::Plan;
use up_history::embedded::{EmbeddedStatus, RollupProgress, TargetLag};
use up_history::mongo::{BackfillProgress, MongoStore};
use up_history::{PathExtent, Store, StoreError};

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
}

/// Reads the state of the embedded history in a data folder. It asks no `MongoDB`.
pub async fn history_status(plan: Option<&Plan>, data: &Path) -> Result<HistoryStatus, StoreError> {
    let embedded = open(data).await?;
    let mut targets = Vec::new();
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        let lags = embedded.lags(vec![store.key().to_owned()]).await?;
        targets.push(TargetStatus {
            name: store.name().to_owned(),
            lag: lags.first().copied().unwrap_or_default(),
            backfill: BackfillProgress::read(&embedded, store.key()).await?,
        });
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

/// Makes the rollups of the embedded history in a data folder anew, and reports how far it is.
pub async fn rebuild_history(
    data: &Path,
    report: impl FnMut(RollupProgress) + Send + 'static,
) -> Result<(), StoreError> {
    let embedded = open(data).await?;
    embedded.rebuild(report).await?;
    embedded.close().await;
    Ok(())
}
