//! The history without a running engine: what a one-shot check records, and queries to the first
//! store that answers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use up_config::Plan;
use up_core::{Note, Record, World};
use up_history::mongo::{Feed, MongoStore};
use up_history::{Query, Series, Store, StoreError, StoreErrorCode};
use up_sink::configure::MongoDatabase;
use up_sink::{BuiltSink, SinkRole};

use crate::clock;
use crate::storage::open;

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
    Err(failed.unwrap_or_else(|| StoreError {
        name: up_history::embedded::NAME.into(),
        code: StoreErrorCode::Unavailable,
        message: "the history is not open".into(),
    }))
}
