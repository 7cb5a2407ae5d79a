//! Queries about many paths: which there are, and what stores have of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use up_core::path::is_at_or_below;
use up_history::{PathExtent, Store, StoreError};

use super::HistoryRoutes;
use super::choice::not_open;

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
