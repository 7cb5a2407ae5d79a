//! Queries about many paths: which there are, and their incidents.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::FutureExt;
use up_core::Timestamp;
use up_core::path::is_at_or_below;
use up_history::{IncidentPage, KeptIncident, PathExtent, Store, StoreError};

use super::HistoryRoutes;
use super::choice::{ask_best, not_open};

/// What a store has of every path.
#[derive(Clone, Debug, PartialEq)]
pub struct Extents {
    /// The paths, sorted.
    pub paths: Vec<PathExtent>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the preferred stores did not answer, one line for a person.
    pub fallback: Option<String>,
}

/// Queries the stores in order until one has anything.
pub async fn ask_extents(stores: &[Arc<dyn Store>]) -> Result<Extents, StoreError> {
    let mut empty: Option<Extents> = None;
    let mut failed: Option<StoreError> = None;
    for store in stores {
        match store.extents().await {
            Err(error) => failed = failed.or(Some(error)),
            Ok(paths) => {
                let is_empty = paths.is_empty();
                let extents = Extents {
                    paths,
                    store: store.name().to_owned(),
                    fallback: failed.as_ref().map(ToString::to_string),
                };
                if !is_empty {
                    return Ok(extents);
                }
                empty = empty.or(Some(extents));
            }
        }
    }
    // A store that failed may have had some.
    match (failed, empty) {
        (None, Some(empty)) => Ok(empty),
        (failed, _) => Err(failed.unwrap_or_else(not_open)),
    }
}

/// The paths of all stores that lie in one of the trees, sorted; all paths if no tree is named.
pub async fn paths_below(
    routes: &HistoryRoutes,
    trees: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut paths = BTreeSet::new();
    let mut failed: Option<StoreError> = None;
    let mut take = |found: Result<Vec<String>, StoreError>| match found {
        Ok(found) => paths.extend(found),
        Err(error) => failed = failed.take().or(Some(error)),
    };
    for store in routes.own() {
        take(store.paths().await);
    }
    for tree in trees {
        if let Some(agent) = routes.agent(tree) {
            take(agent.paths_below(tree).await);
        }
    }
    if let (true, Some(error)) = (paths.is_empty(), failed) {
        return Err(error);
    }
    let is_below = |path: &str, tree: &str| is_at_or_below(path, tree.trim_end_matches('/'));
    paths.retain(|path| trees.is_empty() || trees.iter().any(|tree| is_below(path, tree)));
    Ok(paths.into_iter().collect())
}

/// An incident of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathIncident {
    /// The path.
    pub path: String,
    /// The incident.
    pub incident: KeptIncident,
}

/// A page of the incidents of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incidents {
    /// Newest first. The first page has all that last, however long ago they began.
    pub newest: Vec<PathIncident>,
    /// How many older ones there are.
    pub more: u64,
    /// The next page has those that began before this time; `None` if this page is the last one.
    pub next: Option<Timestamp>,
    /// Why preferred stores did not answer, one line each for a person.
    pub fallbacks: Vec<String>,
}

/// The shortest span that a store answers about, in seconds.
const MOMENT: f64 = 1e-3;

/// The newest `limit` incidents of the paths that began before a time, judged over all samples of the
/// span. There may be more, where several began at the same time. The first page, which is not asked for
/// `before` a time, also has all that last. They are on the page of their own time too.
pub async fn ask_incidents(
    routes: &HistoryRoutes,
    paths: &[String],
    (from, to): (Timestamp, Timestamp),
    before: Option<Timestamp>,
    limit: usize,
) -> Result<Incidents, StoreError> {
    let mut found = Incidents::default();
    let mut fallbacks = BTreeSet::new();
    let mut count = 0_u64;
    // What begins before the end of a span lies in it. What lasts when the span begins may have begun
    // before `before` even if that is no time of the span.
    let before_or_end = before.unwrap_or(to);
    let span = (from, before_or_end.clamp((from + MOMENT).min(to), to));
    let mut oldest = None;
    for path in paths {
        let page = |store: Arc<dyn Store>| {
            let path = path.clone();
            async move { store.incidents(path, span, limit).await }.boxed()
        };
        let answered = ask_best(&routes.stores(path), path, span, page).await?;
        fallbacks.extend(answered.fallback);
        let IncidentPage { mut newest, more } = answered.answer;
        newest.retain(|incident| incident.from < before_or_end);
        count += newest.len() as u64 + more;
        found.newest.extend(newest.into_iter().map(|incident| {
            let path = path.clone();
            PathIncident { path, incident }
        }));
        // So that only a page of them is held, and at most one more of each path: the one that lasts.
        found
            .newest
            .sort_by(|a, b| b.incident.from.total_cmp(&a.incident.from));
        if let Some(last) = limit.checked_sub(1).and_then(|last| found.newest.get(last)) {
            let last = last.incident.from;
            found.newest.retain(|found| {
                let lasts = found.incident.until.is_none();
                found.incident.from >= last || (before.is_none() && lasts)
            });
            oldest = Some(last);
        }
    }
    found.more = count - found.newest.len() as u64;
    found.next = oldest.filter(|_| found.more > 0);
    found.fallbacks = fallbacks.into_iter().collect();
    Ok(found)
}
