//! The history without a running engine: what a one-shot check records, and queries to the first
//! store that answers.

mod choice;
mod export;
mod failed;
mod import;
mod incidents;
mod json;
mod metrics;
mod notes;
mod outcomes;
mod overview;
mod parts;
mod routes;
mod status;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use up_config::Plan;
use up_core::{Note, NoteEdit, Outline, Record, World};
use up_history::embedded::UpkeepKind;
use up_history::mongo::{Feed, MongoStore, SharedRules};
use up_history::{
    Embedded, HistoryPart, Query, Series, SpanCut, Store, StoreError, StoreErrorCode,
};
use up_sink::configure::MongoDatabase;
use up_sink::{BuiltSink, SinkRole};

use crate::clock;
use crate::storage::{open, rules_of};
use choice::{AnsweredQuery, ask_best, damage, joined};
use failed::FailedStore;

pub use choice::stores_of_agent;
pub use export::{
    CSV_HEADER, ExportError, csv_field, csv_lines, export_csv, export_history, export_json,
};
pub use import::{Importer, writes_to};
pub use incidents::{IncidentSearch, Incidents, PathIncident, WantedPage, ask_incidents};
pub use json::{HistoryFiguresJson, IncidentJson, SampleJson, sample_lines};
pub use metrics::ask_metrics;
pub use notes::{ask_notes, note_edits};
pub use outcomes::{IncidentOutcome, ask_outcomes};
pub use overview::{Extents, ask_extents, paths_below};
pub use parts::{
    HistoryLongView, HistoryOverview, HistoryParts, WINDOWS, ask_long_view, ask_overview,
    ask_parts, ask_uptimes, ask_windows,
};
pub use routes::HistoryRoutes;
pub use status::{HistoryStatus, TargetStatus, history_status, rebuild_history, work_under_way};

/// How long a one-shot check spends on removing what is too old. What is left goes with the next one.
const PRUNE_TIMEOUT: Duration = Duration::from_secs(2);

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
    let now = clock::now();
    let note = note.map(|text| NoteEdit::add(Note::new(text, now), now));
    keep(Some(plan), data, world, note)
        .await
        .unwrap_or_else(|error| vec![error.to_string()])
}

/// Does what a person did with notes, in the embedded store and in the plan's `MongoDB`s. Returns one
/// line for each `MongoDB` that failed.
pub async fn edit_notes_once(
    plan: Option<&Plan>,
    data: &Path,
    edit: NoteEdit,
) -> Result<Vec<String>, StoreError> {
    keep(plan, data, None, Some(edit)).await
}

async fn keep(
    plan: Option<&Plan>,
    data: &Path,
    world: Option<&World>,
    note: Option<NoteEdit>,
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
    if let Some(edit) = note {
        embedded.edit_notes(edit).await?;
    }
    if let Some(world) = world {
        judge_by(&embedded, world.outline()).await?;
        embedded.append(records(world)).await?;
        let periods = plan.map(|plan| plan.history).unwrap_or_default();
        let pruned = embedded.prune(clock::now(), periods.raw, periods.keep);
        // A failure is among the store's troubles.
        let _ = tokio::time::timeout(PRUNE_TIMEOUT, pruned).await;
    }
    troubles.extend(embedded.troubles().borrow().values().cloned());
    let drained = feeds
        .into_iter()
        .map(|feed| feed.drain(REPLICATION_TIMEOUT));
    for drained in futures_util::future::join_all(drained).await {
        troubles.extend(drained.trouble);
    }
    embedded.close().await;
    Ok(troubles)
}

/// Has the incidents of these sources judged by their rules.
async fn judge_by(embedded: &Embedded, outline: &Outline) -> Result<(), StoreError> {
    let rules = rules_of(outline);
    match rules.root() {
        Some(root) => embedded.judge_by(root, rules.clone()).await,
        None => Ok(()),
    }
}

/// The databases to which a plan replicates the embedded store.
fn replicas(plan: Option<&Plan>) -> impl Iterator<Item = &MongoDatabase> {
    let sinks = plan.into_iter().flat_map(|plan| &plan.sinks);
    sinks.filter_map(BuiltSink::replica)
}

/// Every node's sample, trees included, parents first.
fn records(world: &World) -> Vec<Arc<Record>> {
    let record = |(id, _): (up_core::NodeId, &up_core::Node)| {
        let sample = world.recorded(id)?;
        Some(Arc::new(Record::of(world.outline(), id, sample)))
    };
    world.outline().iter().filter_map(record).collect()
}

/// The stores of a plan: its `MongoDB`s first, then the embedded store. An embedded store that cannot
/// be opened, or that was damaged and has just been begun anew, answers every query with that.
pub async fn stores(plan: Option<&Plan>, data: &Path) -> Result<Vec<Arc<dyn Store>>, StoreError> {
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    let agent = plan.map_or("", |plan| &plan.agent);
    for replica in replicas(plan) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        let rules = plan.map(|plan| rules_of(&plan.outline)).unwrap_or_default();
        stores.push(Arc::new(store.judging_by(SharedRules::new(rules.into()))));
    }
    let embedded = match open(data).await {
        Ok(embedded) => {
            let set_aside = embedded
                .troubles()
                .borrow()
                .get(&UpkeepKind::SetAside)
                .cloned();
            match set_aside {
                None => Ok(embedded),
                Some(message) => Err(StoreError {
                    name: up_history::embedded::NAME.into(),
                    code: StoreErrorCode::Format,
                    message,
                }),
            }
        }
        Err(error) => Err(error),
    };
    stores.push(match embedded {
        Ok(embedded) => Arc::new(embedded.written_by(agent)),
        Err(error) => Arc::new(FailedStore(error)),
    });
    Ok(stores)
}

/// The answer of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The samples of the span.
    pub series: Series,
    /// The notes of the span that concern the path.
    pub notes: Vec<Note>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the answer is not that of the preferred store, or is not whole; one line for a person.
    pub fallback: Option<String>,
}

/// Answers from the store that has the span: the preferred one, unless another one has more of it or
/// answers where that one fails. A store that failed is an error if no other store has anything of the
/// span, because the answer may have been there.
pub async fn ask_history(stores: &[Arc<dyn Store>], query: &Query) -> Result<History, StoreError> {
    let span = (query.from, query.to);
    let series = |store: Arc<dyn Store>| {
        let query = query.clone();
        async move { store.series(query).await }.boxed()
    };
    let answered = ask_best(stores, &query.path, span, series).await?;
    with_notes(stores, query, answered).await
}

/// The same, and the span cut into at most so many equal parts by the same store.
pub async fn ask_history_in_parts(
    stores: &[Arc<dyn Store>],
    query: &Query,
    most: usize,
) -> Result<(History, Vec<HistoryPart>), StoreError> {
    let span = (query.from, query.to);
    let both = |store: Arc<dyn Store>| {
        let query = query.clone();
        async move {
            let parts = store.parts(query.path.clone(), span, SpanCut::AtMost(most));
            let parts = parts.await?;
            Ok((store.series(query).await?, parts))
        }
        .boxed()
    };
    let AnsweredQuery {
        answer: (answer, parts),
        store,
        fallback,
    } = ask_best(stores, &query.path, span, both).await?;
    let series = AnsweredQuery {
        answer,
        store,
        fallback,
    };
    Ok((with_notes(stores, query, series).await?, parts))
}

async fn with_notes(
    stores: &[Arc<dyn Store>],
    query: &Query,
    answered: AnsweredQuery<Series>,
) -> Result<History, StoreError> {
    let span = (query.from, query.to);
    // The store that answered first: another one may be away, and would be waited for again.
    let others = stores
        .iter()
        .filter(|store| !Arc::ptr_eq(store, &answered.store));
    let in_order: Vec<_> = std::iter::once(&answered.store)
        .chain(others)
        .cloned()
        .collect();
    let notes = ask_notes(&in_order, Some(&query.path), span).await;
    let damaged = damage(&*answered.store, answered.answer.damaged);
    Ok(History {
        series: answered.answer,
        notes: notes?,
        store: answered.store.name().to_owned(),
        fallback: joined(answered.fallback, damaged),
    })
}

#[cfg(test)]
mod tests;
