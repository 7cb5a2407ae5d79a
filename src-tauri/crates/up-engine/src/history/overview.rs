//! What is asked of the history as a whole: its paths, its incidents, and the state of its stores.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use up_config::Plan;
use up_history::embedded::{EmbeddedStatus, RollupProgress};
use up_history::mongo::MongoStore;
use up_history::{KeptIncident, Query, Store, StoreError};

use super::{ask_history, not_open, replicas};
use crate::storage::open;

/// The paths of all stores, sorted, and why some may be missing, a line for a person each. An error if
/// no store answers, or if none has any and one did not answer.
pub async fn history_paths(
    stores: &[Arc<dyn Store>],
) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let mut paths = BTreeSet::new();
    let mut failed = Vec::new();
    let asked = stores.iter().map(|store| store.paths());
    let answers = futures_util::future::join_all(asked).await;
    let has_answer = answers.iter().any(Result::is_ok);
    for answer in answers {
        match answer {
            Ok(found) => paths.extend(found),
            Err(error) => failed.push(error),
        }
    }
    match failed.first() {
        Some(error) if paths.is_empty() => Err(error.clone()),
        _ if !has_answer => Err(not_open()),
        _ => {
            let remarks = failed.iter().map(ToString::to_string).collect();
            Ok((paths.into_iter().collect(), remarks))
        }
    }
}

/// An incident, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct PathIncident {
    /// The path.
    pub path: String,
    /// The incident.
    pub incident: KeptIncident,
}

/// The incidents of these paths between two times, newest first, and remarks, a line for a person
/// each: a store that did not answer, or that has less than another.
pub async fn history_incidents(
    stores: &[Arc<dyn Store>],
    paths: &[String],
    from: f64,
    to: f64,
) -> Result<(Vec<PathIncident>, BTreeSet<String>), StoreError> {
    let mut incidents = Vec::new();
    let mut remarks = BTreeSet::new();
    for path in paths {
        let query = Query {
            path: path.clone(),
            from,
            to,
            most: 4,
        };
        let history = ask_history(stores, &query).await?;
        remarks.extend(history.fallback);
        let found = history.series.incidents.into_iter();
        incidents.extend(found.map(|incident| PathIncident {
            path: path.clone(),
            incident,
        }));
    }
    incidents.sort_by(|a, b| {
        let dates = b.incident.from.total_cmp(&a.incident.from);
        dates.then_with(|| a.path.cmp(&b.path))
    });
    Ok((incidents, remarks))
}

/// The state of the embedded history, and of what is replicated from it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryStatus {
    /// The file.
    pub file: PathBuf,
    /// Its state.
    pub embedded: EmbeddedStatus,
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
