//! The history without a running engine: what a one-shot check records, and queries to the first
//! store that answers.

mod import;
mod overview;
mod status;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use up_config::Plan;
use up_core::{Note, Record, World};
use up_history::mongo::{Feed, MongoStore};
use up_history::{Point, Query, Series, Store, StoreError, StoreErrorCode};
use up_sink::configure::MongoDatabase;
use up_sink::{BuiltSink, SinkRole};

use crate::clock;
use crate::storage::open;

pub use import::Importer;
pub use overview::{Extents, Incidents, PathIncident, ask_extents, ask_incidents, paths_below};
pub use status::{HistoryStatus, ReplicaStatus, history_status};

/// How long a one-shot check waits for a `MongoDB`. What is left is replicated by the next run.
const REPLICATION_TIMEOUT: Duration = Duration::from_secs(5);

/// Records the samples and the note of a one-shot check in the stores of the plan's sinks. Returns
/// one line for each thing that failed.
pub async fn keep_once(
    plan: &Plan,
    data: &Path,
    world: Option<&World>,
    note: Option<&str>,
) -> Vec<String> {
    let wanted = plan
        .sinks
        .iter()
        .any(|sink| matches!(sink.role, SinkRole::Record | SinkRole::Replicate(_)));
    if !wanted {
        return Vec::new();
    }
    keep(Some(plan), data, world, note)
        .await
        .unwrap_or_else(|error| vec![error.to_string()])
}

/// Records a note in the embedded store and in the plan's `MongoDB`s. Returns one line for each
/// `MongoDB` that failed.
pub async fn note_once(
    plan: Option<&Plan>,
    data: &Path,
    text: &str,
) -> Result<Vec<String>, StoreError> {
    keep(plan, data, None, Some(text)).await
}

async fn keep(
    plan: Option<&Plan>,
    data: &Path,
    world: Option<&World>,
    note: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let embedded = open(data).await?;
    let mut troubles = Vec::new();
    let mut feeds = Vec::new();
    let agent = plan.map_or("", |plan| &plan.agent);
    for replica in replicas(plan) {
        let (uri, database) = (replica.uri.reveal(), &replica.database);
        // The target is registered before anything is written, so that the records are replicated
        // to it.
        match Feed::prepare(&embedded, uri, database, agent) {
            Ok(feed) => feeds.push(feed),
            Err(error) => troubles.push(error.to_string()),
        }
    }
    if let Some(text) = note {
        embedded.note(Note::new(text, clock::now())).await?;
    }
    if let Some(world) = world {
        embedded.append(records(world)).await?;
    }
    let drained = feeds
        .into_iter()
        .map(|feed| feed.drain(REPLICATION_TIMEOUT));
    for drained in futures_util::future::join_all(drained).await {
        troubles.extend(drained.trouble);
    }
    embedded.close().await;
    Ok(troubles)
}

/// The databases to which a plan replicates the embedded store.
fn replicas(plan: Option<&Plan>) -> impl Iterator<Item = &MongoDatabase> {
    let sinks = plan.into_iter().flat_map(|plan| &plan.sinks);
    sinks.filter_map(BuiltSink::replica)
}

/// Every node's sample, trees included, parents first.
fn records(world: &World) -> Vec<Arc<Record>> {
    let record = |(id, node): (up_core::NodeId, &up_core::Node)| {
        let state = world.state(id);
        // A source that is held for a reason of ours has no sample: the history shows a gap.
        let is_held = state.hold.is_some() && state.reported.is_none();
        let sample = state.sample.clone().filter(|_| !is_held)?;
        Some(Arc::new(Record {
            path: Arc::clone(&node.path),
            kind: node.kind,
            sample,
        }))
    };
    world.outline().iter().filter_map(record).collect()
}

/// The stores of a plan: its `MongoDB`s first, then the embedded store.
pub async fn stores(plan: Option<&Plan>, data: &Path) -> Result<Vec<Arc<dyn Store>>, StoreError> {
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        stores.push(Arc::new(store));
    }
    stores.push(Arc::new(open(data).await?));
    Ok(stores)
}

/// The answer of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The samples of the span.
    pub series: Series,
    /// The notes of the span.
    pub notes: Vec<Note>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the preferred stores did not answer, one line for a person; `None` when the first one
    /// did.
    pub fallback: Option<String>,
}

/// Queries the stores in order until one answers.
pub async fn ask_history(stores: &[Arc<dyn Store>], query: &Query) -> Result<History, StoreError> {
    let mut failed: Option<StoreError> = None;
    for store in stores {
        let answer = async {
            let series = store.series(query.clone()).await?;
            let notes = store.notes(query.from, query.to).await?;
            Ok((series, notes))
        };
        match answer.await {
            Ok((series, notes)) => {
                let (store, fallback) = (store.name().to_owned(), failed.map(|e| e.to_string()));
                return Ok(History {
                    series,
                    notes,
                    store,
                    fallback,
                });
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or_else(not_open))
}

fn not_open() -> StoreError {
    StoreError {
        name: up_history::embedded::NAME.into(),
        code: StoreErrorCode::Unavailable,
        message: "the history is not open".into(),
    }
}

/// Why an export ended before it was whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store did not answer.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Whoever takes the samples did not take them.
    #[error("{0}")]
    Output(#[from] std::io::Error),
}

/// As many samples are held at a time during an export.
const EXPORT_PAGE: usize = 20_000;

/// The first and the longest span that an export asks for at once, in seconds.
const EXPORT_SPAN: f64 = 3_600.0;
const EXPORT_LONGEST: f64 = 400.0 * 86_400.0;

/// Below this span, in seconds, an export takes what there is: a store keeps no finer dates.
const EXPORT_SHORTEST: f64 = 1e-3;

/// Hands out every sample of the query's span, oldest first, whatever `query.most` is. The first
/// store that answers gives all of them. Says why an earlier choice did not answer, a line for a
/// person.
pub async fn export_history(
    stores: &[Arc<dyn Store>],
    query: &Query,
    mut take: impl FnMut(&[Point]) -> std::io::Result<()>,
) -> Result<Option<String>, ExportError> {
    let mut failed: Option<StoreError> = None;
    for store in stores {
        let mut begun = false;
        let mut from = query.from;
        let mut span = EXPORT_SPAN;
        loop {
            let to = query.to.min(from + span);
            let whole = span <= EXPORT_SHORTEST;
            let page = Query {
                path: query.path.clone(),
                from,
                to,
                most: if whole { usize::MAX } else { EXPORT_PAGE },
            };
            match store.series(page).await {
                Ok(series) if series.thinned => span /= 2.0,
                Ok(series) => {
                    begun = true;
                    take(&series.points)?;
                    if to >= query.to {
                        return Ok(failed.map(|error| error.to_string()));
                    }
                    from = to;
                    if series.points.len() < EXPORT_PAGE / 4 {
                        span = (span * 2.0).min(EXPORT_LONGEST);
                    }
                }
                // Half an export from one store and half from another may lack or repeat samples.
                Err(error) if begun => return Err(error.into()),
                Err(error) => {
                    failed = failed.or(Some(error));
                    break;
                }
            }
        }
    }
    Err(failed.unwrap_or_else(not_open).into())
}

#[cfg(test)]
mod tests;
