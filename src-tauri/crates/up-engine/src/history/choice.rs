//! Which store answers a query about one path.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use up_core::Timestamp;
use up_history::{PathExtent, Store, StoreError, StoreErrorCode};

/// The answer of the store that has a span.
pub(super) struct AnsweredQuery<T> {
    pub(super) answer: T,
    pub(super) store: Arc<dyn Store>,
    /// Why it is not the preferred store; one line for a person.
    pub(super) fallback: Option<String>,
}

/// A store and what it has of a span; `None` where nobody else could have more.
type Candidate = (Arc<dyn Store>, Option<PathExtent>);

/// Puts a question to the store that has a span of a path: the preferred one, unless another one has
/// more of it. If that store fails, the others are asked that have some of the span. A store that failed
/// is an error if no other one has anything, because the answer may have been there.
pub(super) async fn ask_best<'q, T>(
    stores: &[Arc<dyn Store>],
    path: &str,
    span: (Timestamp, Timestamp),
    question: impl Fn(Arc<dyn Store>) -> BoxFuture<'q, Result<T, StoreError>>,
) -> Result<AnsweredQuery<T>, StoreError> {
    if let [store] = stores {
        return Ok(AnsweredQuery {
            answer: question(Arc::clone(store)).await?,
            store: Arc::clone(store),
            fallback: None,
        });
    }
    let extents = stores.iter().map(|store| store.extent(path.into(), span));
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut failed: Option<StoreError> = None;
    let mut passed_over: Option<String> = None;
    let extents = futures_util::future::join_all(extents).await;
    for (store, extent) in stores.iter().zip(extents) {
        match (extent, candidates.first()) {
            (Err(error), _) => failed = failed.or(Some(error)),
            (Ok(found), Some((best, extent)))
                if has_more(found.as_ref(), extent.as_ref(), span) =>
            {
                passed_over = Some(format!(
                    "{} has less of this: {} of {} samples",
                    best.name(),
                    samples(extent.as_ref()),
                    samples(found.as_ref())
                ));
                candidates.insert(0, (Arc::clone(store), found));
            }
            (Ok(found), _) => candidates.push((Arc::clone(store), found)),
        }
    }
    for (store, extent) in candidates {
        if extent.is_none()
            && let Some(error) = failed
        {
            return Err(error);
        }
        match question(Arc::clone(&store)).await {
            Err(error) => failed = failed.or(Some(error)),
            Ok(answer) => {
                let is_first = (stores.first()).is_some_and(|first| Arc::ptr_eq(first, &store));
                let failed = failed.filter(|_| !is_first).map(|e| e.to_string());
                return Ok(AnsweredQuery {
                    answer,
                    store,
                    fallback: failed.or(passed_over),
                });
            }
        }
    }
    Err(failed.unwrap_or_else(not_open))
}

/// The samples of a span, unknown ones included.
fn samples(extent: Option<&PathExtent>) -> u64 {
    extent.map_or(0, |extent| extent.count.saturating_add(extent.unknown))
}

/// A part of the span that a store may lack without being passed over for it, beside five minutes.
/// A `MongoDB` always lags a little.
const LACK: f64 = 0.01;
const SHORT_LACK: f64 = 300.0;

/// True if `other` has much more of the span than `extent`: it begins earlier or ends later, or has
/// samples in between that `extent` lacks.
fn has_more(
    other: Option<&PathExtent>,
    extent: Option<&PathExtent>,
    (from, to): (Timestamp, Timestamp),
) -> bool {
    let (Some(mine), Some(others)) = (extent, other) else {
        return samples(other) > samples(extent);
    };
    let lack = |mine: f64, others: f64| (mine - others).max(0.0);
    let lacks = lack(mine.first, others.first) + lack(others.last, mine.last);
    let other_lacks = lack(others.first, mine.first) + lack(mine.last, others.last);
    let bearable = SHORT_LACK.max((to - from) * LACK);
    if lacks > bearable || other_lacks > bearable {
        return lacks > other_lacks;
    }
    samples(other) as f64 > samples(extent) as f64 * 1.05 + 10.0
}

/// Where a store is damaged; one line for a person.
pub(super) fn damage(store: &dyn Store, damaged: u64) -> Option<String> {
    (damaged > 0).then(|| {
        format!(
            "{} is damaged in {damaged} places; the samples there are left out",
            store.name()
        )
    })
}

/// Two remarks in one line.
pub(super) fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    let remarks: Vec<String> = one.into_iter().chain(other).collect();
    Some(remarks.join(". ")).filter(|text| !text.is_empty())
}

pub(super) fn not_open() -> StoreError {
    StoreError {
        name: up_history::embedded::NAME.into(),
        code: StoreErrorCode::Unavailable,
        message: "the history is not open".into(),
    }
}

/// The stores that may have something that this agent wrote, answering from that alone.
pub fn stores_of_agent(
    stores: &[Arc<dyn Store>],
    agent: &str,
) -> Result<Vec<Arc<dyn Store>>, StoreError> {
    let narrowed = stores.iter().filter_map(|store| store.of_agent(agent));
    let narrowed: Vec<_> = narrowed.collect();
    if narrowed.is_empty() {
        return Err(StoreError {
            name: up_history::embedded::NAME.into(),
            code: StoreErrorCode::Refused,
            message: format!(
                "it has nothing of the agent {agent:?}, and no MongoDB is configured that other agents write to"
            ),
        });
    }
    Ok(narrowed)
}
