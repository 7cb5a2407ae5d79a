//! Histories outside a running engine: what a one-shot check leaves behind, and asking the first
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

/// How long a one-shot check waits for a `MongoDB`; what is left goes with the next one.
const DRAIN: Duration = Duration::from_secs(5);

/// Keeps a one-shot check's samples and note where the plan's sinks want them. Says, a line each,
/// what could not be done.
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

/// Keeps a note in the embedded store, and in the plan's `MongoDB`s. Says what of the latter could
/// not be done.
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
        // Before anything is written, so that what is written is meant for it.
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
    let drained = feeds.into_iter().map(|feed| feed.drain(DRAIN));
    for drained in futures_util::future::join_all(drained).await {
        troubles.extend(drained.trouble);
    }
    embedded.close().await;
    Ok(troubles)
}

/// The databases that a plan replicates the embedded store to.
fn replicas(plan: Option<&Plan>) -> impl Iterator<Item = &MongoDatabase> {
    let sinks = plan.into_iter().flat_map(|plan| &plan.sinks);
    sinks.filter_map(BuiltSink::replica)
}

/// Every node's sample, as the original stored them: trees too, parents first.
fn records(world: &World) -> Vec<Arc<Record>> {
    let record = |(id, node): (up_core::NodeId, &up_core::Node)| {
        let state = world.state(id);
        // What is held for a reason of ours is a gap.
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

/// The stores that a plan names, `MongoDB`s first, then the embedded one.
pub async fn stores(plan: Option<&Plan>, data: &Path) -> Result<Vec<Arc<dyn Store>>, StoreError> {
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        stores.push(Arc::new(store));
    }
    stores.push(Arc::new(open(data).await?));
    Ok(stores)
}

/// What a history answered.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The samples.
    pub series: Series,
    /// The notes of the span.
    pub notes: Vec<Note>,
    /// Which store answered, for a person.
    pub store: String,
    /// Why an earlier choice did not, a line for a person.
    pub fallback: Option<String>,
}

/// Asks the first store that answers.
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
