//! The state of the embedded history and of its replication, and its rollups made anew.

use std::path::{Path, PathBuf};

use up_config::Plan;
use up_history::embedded::{EmbeddedStatus, RollupProgress};
use up_history::mongo::MongoStore;
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
    /// Each `MongoDB` by its name, and how many rows it has not received yet.
    pub lags: Vec<(String, u64)>,
    /// The troubles of the file, one line each for a person.
    pub troubles: Vec<String>,
}

/// Reads the state of the embedded history in a data folder. It asks no `MongoDB`.
pub async fn history_status(plan: Option<&Plan>, data: &Path) -> Result<HistoryStatus, StoreError> {
    let embedded = open(data).await?;
    let mut targets = Vec::new();
    for replica in replicas(plan) {
        targets.push(MongoStore::open(replica.uri.reveal(), &replica.database)?);
    }
    let keys = targets
        .iter()
        .map(|target| target.key().to_owned())
        .collect();
    let lags = embedded.lags(keys).await?;
    let status = HistoryStatus {
        file: embedded.file().to_owned(),
        embedded: embedded.status().await?,
        paths: embedded.extents().await?,
        lags: targets
            .iter()
            .map(|target| target.name().to_owned())
            .zip(lags)
            .collect(),
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
