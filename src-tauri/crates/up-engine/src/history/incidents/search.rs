//! What a person looks for among the incidents of many paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use up_core::path::is_at_or_below;
use up_core::{Level, Timestamp};
use up_history::{IncidentFilter, KeptAcknowledgement};

use super::HistoryRoutes;

/// What incidents have to be to be listed.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentSearch {
    /// Parts of words in lower case. Each must be in the path, the tags, the cause, or in what the last
    /// acknowledgement says.
    pub words: Vec<String>,
    /// Whole tags in lower case. The path must have each of them.
    pub tags: Vec<String>,
    /// The worst level is one of these; any level if there is none.
    pub levels: Vec<Level>,
    /// The least length in seconds.
    pub shortest: f64,
    /// The greatest length in seconds.
    pub longest: f64,
    /// The tags of each path that has some.
    pub tags_of: BTreeMap<String, Vec<String>>,
}

impl Default for IncidentSearch {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            tags: Vec::new(),
            levels: Vec::new(),
            shortest: 0.0,
            longest: f64::INFINITY,
            tags_of: BTreeMap::new(),
        }
    }
}

/// A search with what people said about incidents.
pub(super) struct PathFilters<'s> {
    search: &'s IncidentSearch,
    now: Timestamp,
    acknowledgements: Vec<KeptAcknowledgement>,
    fallback: Option<String>,
}

impl<'s> PathFilters<'s> {
    /// Reads what people said, if words may be in it. Only the embedded store keeps it.
    pub(super) async fn read(
        routes: &HistoryRoutes,
        search: &'s IncidentSearch,
        now: Timestamp,
    ) -> Self {
        let (mut acknowledgements, mut fallback) = (Vec::new(), None);
        if let (false, Some(store)) = (search.words.is_empty(), routes.own().last()) {
            match store.acknowledgements(0.0, Timestamp::MAX).await {
                Ok(found) => acknowledgements = found,
                Err(error) => fallback = Some(error.to_string()),
            }
        }
        Self {
            search,
            now,
            acknowledgements,
            fallback,
        }
    }

    /// Why nothing is known of what people said.
    pub(super) fn fallback(&self) -> Option<String> {
        self.fallback.clone()
    }

    /// What is left to be asked of the incidents of a path; `None` if none of them is wanted.
    pub(super) fn of_path(&self, path: &str) -> Option<Arc<IncidentFilter>> {
        let search = self.search;
        let tags = search.tags_of.get(path).map_or(&[][..], Vec::as_slice);
        let tags: Vec<String> = tags.iter().map(|tag| tag.to_lowercase()).collect();
        if !search.tags.iter().all(|tag| tags.contains(tag)) {
            return None;
        }
        let lower = path.to_lowercase();
        let is_of_path = |word: &&String| {
            lower.contains(word.as_str()) || tags.iter().any(|tag| tag.contains(word.as_str()))
        };
        let words: Vec<String> = (search.words.iter())
            .filter(|word| !is_of_path(word))
            .cloned()
            .collect();
        let concern = |given: &&KeptAcknowledgement| is_at_or_below(path, &given.path);
        let acknowledgements = if words.is_empty() {
            Vec::new()
        } else {
            let given = self.acknowledgements.iter().filter(concern);
            given.cloned().collect()
        };
        Some(Arc::new(IncidentFilter {
            path: path.to_owned(),
            words,
            levels: search.levels.clone(),
            shortest: search.shortest,
            longest: search.longest,
            now: self.now,
            acknowledgements,
        }))
    }
}
