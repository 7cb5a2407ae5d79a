//! The incidents of many paths, page by page, all or those that a search wants.

mod search;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use up_core::Timestamp;
use up_history::{IncidentFilter, IncidentPage, IncidentQuery, KeptIncident, Store, StoreError};

use super::HistoryRoutes;
use super::choice::{AnsweredQuery, ask_best};

pub use search::IncidentSearch;
use search::PathFilters;

/// An incident of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathIncident {
    /// The path.
    pub path: String,
    /// The incident.
    pub incident: KeptIncident,
}

/// Which page of the incidents of a span is wanted.
#[derive(Clone, Debug)]
pub struct WantedPage {
    /// The span: those that last at some time of it.
    pub span: (Timestamp, Timestamp),
    /// [`Incidents::next`] of the page before; `None` for the first page.
    pub before: Option<Timestamp>,
    /// How many are wanted. There may be more, where several began at the same time.
    pub limit: usize,
    /// Only those that it wants; all without one.
    pub search: Option<IncidentSearch>,
}

/// A page of the incidents of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incidents {
    /// Newest first. The first page has all that last, however long ago they began, and no other page
    /// has one of them.
    pub newest: Vec<PathIncident>,
    /// How many older ones are known.
    pub more: u64,
    /// The next page has those that began before this time; `None` if this page is the last one.
    pub next: Option<Timestamp>,
    /// The time back to which was searched; `None` if the whole span was.
    pub searched: Option<Timestamp>,
    /// Why preferred stores did not answer, one line each for a person.
    pub fallbacks: Vec<String>,
}

/// The shortest span that a store answers about, in seconds.
const MOMENT: f64 = 1e-3;
/// The part of a span that is searched first, in seconds, and how much longer each next part is. Few
/// parts, because each path is asked about each of them.
const FIRST_PART: f64 = 32.0 * 86_400.0;
const LONGER: f64 = 4.0;
/// How many paths a store is asked about in one question, and how many questions are asked at once.
const PATHS_AT_ONCE: usize = 1_000;
const QUESTIONS_AT_ONCE: usize = 8;

/// A page of the incidents of the paths, judged over all samples of the span. A search goes back in time
/// part by part, until the page is full or `is_spent` says that it took long enough.
pub async fn ask_incidents(
    routes: &HistoryRoutes,
    paths: &[String],
    wanted: &WantedPage,
    is_spent: &(dyn Fn() -> bool + Sync),
) -> Result<Incidents, StoreError> {
    let (from, to) = wanted.span;
    let filters = match &wanted.search {
        Some(search) => Some(PathFilters::read(routes, search, to).await),
        None => None,
    };
    let mut page = PageOfMany::new(wanted);
    if let Some(fallback) = filters.as_ref().and_then(PathFilters::fallback) {
        page.fallbacks.insert(fallback);
    }
    let mut end = wanted.before.unwrap_or(to);
    let mut length = FIRST_PART;
    loop {
        let begin = if filters.is_some() && end - length > from {
            end - length
        } else {
            from
        };
        for paths in paths.chunks(PATHS_AT_ONCE) {
            page.add(routes, paths, (begin, end), filters.as_ref())
                .await?;
        }
        if begin <= from {
            return Ok(page.finish(None));
        }
        if page.oldest.is_some() || is_spent() {
            return Ok(page.finish(Some(begin)));
        }
        (end, length) = (begin, length * LONGER);
    }
}

/// The path of a question, and what the store that has its span answers.
async fn ask(
    routes: &HistoryRoutes,
    query: IncidentQuery,
) -> Result<(String, AnsweredQuery<IncidentPage>), StoreError> {
    let (path, span) = (query.path.clone(), (query.from, query.to));
    let page = |store: Arc<dyn Store>| {
        let query = query.clone();
        async move { store.incidents(query).await }.boxed()
    };
    let answered = ask_best(&routes.stores(&path), &path, span, page).await?;
    Ok((path, answered))
}

/// A page that is put together path by path.
struct PageOfMany<'w> {
    wanted: &'w WantedPage,
    newest: Vec<PathIncident>,
    /// How many were found, those that are not on the page included.
    count: u64,
    /// When the last one of a full page began.
    oldest: Option<Timestamp>,
    fallbacks: BTreeSet<String>,
}

impl<'w> PageOfMany<'w> {
    fn new(wanted: &'w WantedPage) -> Self {
        Self {
            wanted,
            newest: Vec::new(),
            count: 0,
            oldest: None,
            fallbacks: BTreeSet::new(),
        }
    }

    /// Adds the incidents of some paths that began in a part of the span. The first part of the first
    /// page has all that last, and the last part has those that began before the span.
    async fn add(
        &mut self,
        routes: &HistoryRoutes,
        paths: &[String],
        part: (Timestamp, Timestamp),
        filters: Option<&PathFilters<'_>>,
    ) -> Result<(), StoreError> {
        let (begin, end) = part;
        let (_, to) = self.wanted.span;
        // What begins before the end of a span lies in it. What lasts when the span begins may have
        // begun before `end` even if that is no time of the span.
        let span = (begin, end.clamp((begin + MOMENT).min(to), to));
        let (mut shared, mut own) = (Vec::new(), Vec::new());
        for path in paths {
            let filter = filters.map(|filters| filters.of_path(path));
            if let Some(None) = filter {
                continue;
            }
            let query = self.question(path, span, filter.flatten());
            // Where only one store can have a path, nobody needs to find out which one has more of it.
            let is_shared = routes.own().len() == 1 && !routes.is_foreign(path);
            if is_shared { &mut shared } else { &mut own }.push(query);
        }
        if let ([store], false) = (routes.own(), shared.is_empty()) {
            let pages = store.incidents_of_many(shared.clone()).await?;
            for (query, page) in shared.iter().zip(pages) {
                self.take(routes, &query.path, part, page).await?;
            }
        }
        let answers = stream::iter(own).map(|query| ask(routes, query));
        let answers: Vec<_> = answers.buffered(QUESTIONS_AT_ONCE).try_collect().await?;
        for (path, answered) in answers {
            self.fallbacks.extend(answered.fallback);
            self.take(routes, &path, part, answered.answer).await?;
        }
        Ok(())
    }

    /// Takes the incidents of a path that began in a part of the span.
    async fn take(
        &mut self,
        routes: &HistoryRoutes,
        path: &str,
        (begin, end): (Timestamp, Timestamp),
        page: IncidentPage,
    ) -> Result<(), StoreError> {
        let (from, to) = self.wanted.span;
        let IncidentPage { mut newest, more } = page;
        newest.retain(|incident| incident.from < end);
        let is_first = self.wanted.before.is_none() && end >= to;
        if !is_first
            && let Some(at) = newest.iter().position(|one| one.until.is_none())
            && self.is_down_at_end(routes, path).await?
        {
            newest.remove(at);
        }
        newest
            .retain(|one| one.from >= begin || begin <= from || (is_first && one.until.is_none()));
        self.count += newest.len() as u64 + more;
        let of_path = |incident| PathIncident {
            path: path.to_owned(),
            incident,
        };
        self.newest.extend(newest.into_iter().map(of_path));
        self.trim();
        Ok(())
    }

    fn question(
        &self,
        path: &str,
        (from, to): (Timestamp, Timestamp),
        filter: Option<Arc<IncidentFilter>>,
    ) -> IncidentQuery {
        IncidentQuery {
            path: path.to_owned(),
            from,
            to,
            limit: self.wanted.limit,
            filter,
        }
    }

    /// True if an incident of a path lasts at the end of the span: another store than that which answers
    /// for a part of it, and has what came later, may know that it is over.
    async fn is_down_at_end(&self, routes: &HistoryRoutes, path: &str) -> Result<bool, StoreError> {
        let (_, to) = self.wanted.span;
        let (_, end) = ask(routes, self.question(path, (to - MOMENT, to), None)).await?;
        Ok(end.answer.newest.iter().any(|one| one.until.is_none()))
    }

    /// Holds only a page of incidents, and at most one more of each path: the one that lasts.
    fn trim(&mut self) {
        let begun = |one: &PathIncident| one.incident.from;
        self.newest.sort_by(|a, b| begun(b).total_cmp(&begun(a)));
        let last = self.wanted.limit.checked_sub(1);
        if let Some(last) = last.and_then(|last| self.newest.get(last)) {
            let last = begun(last);
            let is_first = self.wanted.before.is_none();
            self.newest
                .retain(|one| begun(one) >= last || (is_first && one.incident.until.is_none()));
            self.oldest = Some(last);
        }
    }

    fn finish(self, searched: Option<Timestamp>) -> Incidents {
        let more = self.count - self.newest.len() as u64;
        Incidents {
            newest: self.newest,
            more,
            next: self.oldest.filter(|_| more > 0).or(searched),
            searched,
            fallbacks: self.fallbacks.into_iter().collect(),
        }
    }
}
