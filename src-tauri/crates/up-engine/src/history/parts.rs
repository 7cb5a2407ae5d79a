//! Queries about the parts of a span, and about all paths at once.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use futures_util::{FutureExt, StreamExt};
use jiff::tz::TimeZone;
use up_core::Timestamp;
use up_history::{
    DurationDetail, HistoryPart, HistorySummary, PathOverview, Query, SpanCut, SpanToCut, Store,
    StoreError,
};

use super::HistoryRoutes;
use super::choice::{ask_best, joined, not_open};

/// What the parts of a span come to.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryParts {
    /// Those that have something.
    pub parts: Vec<HistoryPart>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the answer is not that of the preferred store, or is not whole; one line for a person.
    pub fallback: Option<String>,
}

/// Cuts the span of a query. All parts come from the store that has the span (see
/// [`ask_history`](super::ask_history)).
pub async fn ask_parts(
    stores: &[Arc<dyn Store>],
    query: &Query,
    cut: SpanCut,
) -> Result<HistoryParts, StoreError> {
    let span = (query.from, query.to);
    let parts = |store: Arc<dyn Store>| {
        let (path, cut) = (query.path.clone(), cut.clone());
        async move { store.parts(path, span, cut).await }.boxed()
    };
    let answered = ask_best(stores, &query.path, span, parts).await?;
    Ok(HistoryParts {
        parts: answered.answer,
        store: answered.store.name().to_owned(),
        fallback: answered.fallback,
    })
}

/// The windows that a history is summarized over, each with its name and its length in seconds, the
/// longest first.
pub const WINDOWS: [(&str, f64); 5] = [
    ("365 d", 365.0 * DAY),
    ("90 d", 90.0 * DAY),
    ("30 d", 30.0 * DAY),
    ("7 d", 7.0 * DAY),
    ("24 h", DAY),
];

const DAY: f64 = 86_400.0;

/// What each of the [`WINDOWS`] that end at `to` comes to, and why a preferred store did not answer. All
/// of them come from the store that has the longest one.
pub async fn ask_windows(
    stores: &[Arc<dyn Store>],
    path: &str,
    to: Timestamp,
) -> Result<(Vec<HistorySummary>, Option<String>), StoreError> {
    let longest = (to - WINDOWS[0].1, to);
    let summaries = |store: Arc<dyn Store>| {
        let path = path.to_owned();
        let spans = WINDOWS.map(|(_, length)| (to - length, to)).into();
        async move { store.summaries(path, spans, DurationDetail::Spread).await }.boxed()
    };
    let answered = ask_best(stores, path, longest, summaries).await?;
    Ok((answered.answer, answered.fallback))
}

/// The long view of one path: how it was over several windows, in each day of the longest one, and
/// in each hour of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLongView {
    /// What each window comes to, in the order of the question; without percentiles.
    pub windows: Vec<HistorySummary>,
    /// The days that have something, oldest first.
    pub days: Vec<HistoryPart>,
    /// The hours of the week that have something; 24 times the day from Monday on, and the hour.
    pub hours: Vec<HistoryPart>,
    /// The months of the year that have something, 0 for January.
    pub months: Vec<HistoryPart>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the answer is not that of the preferred store, or is not whole; one line for a person.
    pub fallback: Option<String>,
}

/// Answers for windows of these lengths in seconds that end at `to`, of which the first is the
/// longest. All of it comes from the store that has the longest one.
pub async fn ask_long_view(
    stores: &[Arc<dyn Store>],
    path: String,
    to: Timestamp,
    windows: &[f64],
    zone: &TimeZone,
) -> Result<HistoryLongView, StoreError> {
    let from = to - windows.first().copied().unwrap_or_default();
    let mut spans: Vec<_> = (windows.iter())
        .map(|length| (to - length, SpanCut::Whole))
        .collect();
    for cut in [SpanCut::Days, SpanCut::HoursOfWeek, SpanCut::Months] {
        spans.push((from, cut(zone.clone())));
    }
    // How durations are spread takes the most time to read, and nothing here says it.
    let detail = DurationDetail::Sums;
    let spans: Vec<_> = (spans.into_iter())
        .map(|(from, cut)| SpanToCut {
            from,
            to,
            cut,
            detail,
        })
        .collect();
    let view = |store: Arc<dyn Store>| {
        let (path, spans) = (path.clone(), spans.clone());
        async move { store.cut(path, spans).await }.boxed()
    };
    let answered = ask_best(stores, &path, (from, to), view).await?;
    let mut parts = answered.answer.into_iter();
    let summaries = parts.by_ref().take(windows.len());
    Ok(HistoryLongView {
        windows: summaries.map(HistoryPart::summary_of_whole).collect(),
        days: parts.next().unwrap_or_default(),
        hours: parts.next().unwrap_or_default(),
        months: parts.next().unwrap_or_default(),
        store: answered.store.name().to_owned(),
        fallback: answered.fallback,
    })
}

/// How many paths are queried at once by [`ask_uptimes`].
const PATHS_AT_ONCE: usize = 8;

/// What windows of these lengths in seconds that end at `to` come to for each path, of which the first
/// is the longest; in the order of the question, without percentiles. A path that no store answers for
/// has nothing, unless that is so of all paths. All figures of a path come from the store that has its
/// longest window.
pub async fn ask_uptimes(
    routes: &HistoryRoutes,
    paths: Vec<String>,
    to: Timestamp,
    windows: &[f64],
) -> Result<Vec<Vec<HistorySummary>>, StoreError> {
    let longest = windows.first().copied().unwrap_or_default();
    let of = async |path: String| {
        let summaries = |store: Arc<dyn Store>| {
            let path = path.clone();
            let spans = windows.iter().map(|length| (to - length, to)).collect();
            async move { store.summaries(path, spans, DurationDetail::Sums).await }.boxed()
        };
        let answered =
            ask_best(&routes.stores(&path), &path, (to - longest, to), summaries).await?;
        Ok(answered.answer)
    };
    let answers: Vec<Result<Vec<HistorySummary>, StoreError>> = futures_util::stream::iter(paths)
        .map(of)
        .buffered(PATHS_AT_ONCE)
        .collect()
        .await;
    if answers.iter().all(Result::is_err) {
        return answers.into_iter().collect();
    }
    let none = || vec![HistorySummary::default(); windows.len()];
    let answers = answers.into_iter();
    Ok(answers
        .map(|answer| answer.unwrap_or_else(|_| none()))
        .collect())
}

/// What a span comes to for every path.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryOverview {
    /// Of the paths that have samples in the span, sorted.
    pub paths: Vec<PathOverview>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the preferred stores did not answer, one line for a person.
    pub fallback: Option<String>,
}

/// What a span comes to for every path. The own paths are those of the first store that has anything;
/// the paths of a fleet are those that its agents wrote.
pub async fn ask_overview(
    routes: &HistoryRoutes,
    from: Timestamp,
    to: Timestamp,
) -> Result<HistoryOverview, StoreError> {
    let fleets = routes.fleets().iter();
    let fleets = fleets.map(|fleet| async move { (fleet, fleet.overview(from, to).await) });
    let own = own_overview(routes.own(), from, to);
    let (own, fleets) = join(own, join_all(fleets)).await;
    let mut all = own?;
    for (fleet, found) in fleets {
        match found {
            Ok(found) => {
                let is_own = |path: &str| !fleet.agent(path).is_some_and(|agent| agent.has(path));
                all.paths.retain(|known| is_own(&known.path));
                all.paths.extend(found);
            }
            Err(error) => all.fallback = joined(all.fallback, Some(error.to_string())),
        }
    }
    all.paths.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// Queries the stores in order until one has anything of the span.
async fn own_overview(
    stores: &[Arc<dyn Store>],
    from: Timestamp,
    to: Timestamp,
) -> Result<HistoryOverview, StoreError> {
    let mut empty: Option<HistoryOverview> = None;
    let mut failed: Option<StoreError> = None;
    for store in stores {
        match store.overview(from, to).await {
            Err(error) => failed = failed.or(Some(error)),
            Ok(paths) => {
                let is_empty = paths.is_empty();
                let overview = HistoryOverview {
                    paths,
                    store: store.name().to_owned(),
                    fallback: failed.as_ref().map(ToString::to_string),
                };
                if !is_empty {
                    return Ok(overview);
                }
                empty = empty.or(Some(overview));
            }
        }
    }
    // A store that failed may have had some.
    match (failed, empty) {
        (None, Some(empty)) => Ok(empty),
        (failed, _) => Err(failed.unwrap_or_else(not_open)),
    }
}
