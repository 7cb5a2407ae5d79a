//! How the stores of a plan are doing.

use std::path::{Path, PathBuf};

use up_config::Plan;
use up_history::embedded::EmbeddedStatus;
use up_history::mongo::MongoStore;
use up_history::{PathExtent, Store, StoreError};

use super::replicas;
use crate::storage::open;

/// How the embedded history and its replication are doing.
#[derive(Clone, Debug)]
pub struct HistoryStatus {
    /// The file of the embedded history.
    pub file: PathBuf,
    /// What it holds.
    pub embedded: EmbeddedStatus,
    /// The paths that it has samples of.
    pub paths: Vec<PathExtent>,
    /// The `MongoDB`s that it is replicated to.
    pub replicas: Vec<ReplicaStatus>,
}

/// How the replication to one `MongoDB` is doing.
#[derive(Clone, Debug)]
pub struct ReplicaStatus {
    /// Its name, for a person.
    pub name: String,
    /// How many samples and notes it has not acknowledged.
    pub waiting: u64,
    /// The date of the one that has waited longest.
    pub since: Option<f64>,
    /// Why it does not answer; `None` if it does.
    pub trouble: Option<String>,
}

/// Asks the embedded history, and each `MongoDB` of the plan.
pub async fn history_status(plan: Option<&Plan>, data: &Path) -> Result<HistoryStatus, StoreError> {
    let embedded = open(data).await?;
    let status = embedded.status().await?;
    let paths = embedded.extents().await?;
    let mut asked = Vec::new();
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        let (waiting, since) = embedded.waiting(store.key()).await?;
        asked.push(async move {
            // A query that reads next to nothing.
            let trouble = store.notes(0.0, 1.0).await.err();
            ReplicaStatus {
                name: store.name().to_owned(),
                waiting,
                since,
                trouble: trouble.map(|error| error.to_string()),
            }
        });
    }
    let replicas = futures_util::future::join_all(asked).await;
    let file = embedded.file().to_owned();
    embedded.close().await;
    Ok(HistoryStatus {
        file,
        embedded: status,
        paths,
        replicas,
    })
}
