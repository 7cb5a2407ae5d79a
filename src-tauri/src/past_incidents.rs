//! Answers the panel's requests for the incidents of many paths, all or those that a person looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use up_core::{Outline, Status};
use up_engine::view::CurrentState;
use up_engine::{IncidentSearch, WantedPage, ask_incidents, paths_below};
use up_wire::{IncidentList, PanelResponse, WantedIncidents};

use crate::asking::{check_span, routes, within_timeout};
use crate::outcomes;
use crate::past::{MAX_INCIDENTS, incident};
use crate::path::check_path;
use crate::rows;
use crate::state::AppState;

/// A search begins no further part of the past after this time.
const SEARCH: Duration = Duration::from_secs(3);
/// The most words and tags of a search together, and the longest one in bytes.
const MAX_WORDS: usize = 50;
const MAX_WORD: usize = 1_000;

/// A page of the incidents of a node and everything below it, or of every path. The incidents of trees
/// are left out, because they repeat those of the sources below.
pub(crate) async fn incidents(
    up: &AppState,
    path: Option<String>,
    (from, to): (f64, f64),
    before: Option<f64>,
    search: Option<WantedIncidents>,
) -> Result<PanelResponse, String> {
    path.as_deref().map_or(Ok(()), check_path)?;
    let span = check_span(from, to)?;
    let search = search.map(check_search).transpose()?;
    let (routes, outline, search) = up.view.read(|known| {
        let search = search.map(|search| IncidentSearch {
            tags_of: tags(known),
            ..search
        });
        (routes(known), known.world.outline().clone(), search)
    });
    let wanted = WantedPage {
        span,
        before,
        limit: MAX_INCIDENTS,
        search,
    };
    let began = Instant::now();
    let is_spent = || began.elapsed() >= SEARCH;
    let load = async {
        let trees: Vec<String> = path.into_iter().collect();
        let paths = without_trees(paths_below(&routes, &trees).await?, &outline);
        ask_incidents(&routes, &paths, &wanted, &is_spent).await
    };
    let mut found = within_timeout(load).await?;
    let kept = found.newest.iter();
    let kept: Vec<_> = kept.map(|one| (one.path.as_str(), &one.incident)).collect();
    let mut listed: Vec<_> = kept
        .iter()
        .map(|(path, kept)| incident(path, kept))
        .collect();
    found
        .fallbacks
        .extend(outcomes::attach(up, &kept, &mut listed).await);
    let (mut lasting, ended): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|one| one.until.is_none());
    lasting.extend(ended);
    Ok(PanelResponse::Incidents(IncidentList {
        incidents: lasting,
        more: found.more as f64,
        next: found.next,
        searched: found.searched,
        fallbacks: found.fallbacks,
    }))
}

/// The search of a page, which may have sent anything.
fn check_search(wanted: WantedIncidents) -> Result<IncidentSearch, String> {
    let WantedIncidents {
        words,
        tags,
        levels,
        shortest,
        longest,
    } = wanted;
    let mut all = words.iter().chain(&tags);
    if words.len() + tags.len() > MAX_WORDS || all.any(|word| word.len() > MAX_WORD) {
        return Err("The filter is too long.".into());
    }
    let lower = |words: Vec<String>| words.iter().map(|word| word.to_lowercase()).collect();
    let level = |number: u8| Status::new(f64::from(number) / 4.0).map(Status::level);
    Ok(IncidentSearch {
        words: lower(words),
        tags: lower(tags),
        levels: levels.into_iter().filter_map(level).collect(),
        shortest: shortest.unwrap_or(0.0),
        longest: longest.unwrap_or(f64::INFINITY),
        tags_of: BTreeMap::new(),
    })
}

/// The tags of each path that has some.
fn tags(known: &CurrentState) -> BTreeMap<String, Vec<String>> {
    let outline = known.world.outline();
    let tagged = outline.ids().filter_map(|id| {
        let tags = rows::tags(known, id);
        (!tags.is_empty()).then(|| (outline.node(id).path.to_string(), tags))
    });
    tagged.collect()
}

/// The paths without those of trees: what is a tree in the configuration, and what was one because
/// others lie below it.
fn without_trees(paths: Vec<String>, outline: &Outline) -> Vec<String> {
    let above: BTreeSet<String> = paths
        .iter()
        .flat_map(|path| {
            path.match_indices('/')
                .map(|(end, _)| path[..end].to_owned())
        })
        .collect();
    let is_source = |path: &String| match outline.find(path) {
        Some(id) => !outline.node(id).is_tree(),
        None => !above.contains(path),
    };
    paths.into_iter().filter(is_source).collect()
}

#[cfg(test)]
mod tests {
    use up_core::{Kind, Level, Node};

    use super::*;

    #[test]
    fn a_search_is_bounded() {
        let check = |words: &[&str], number: usize, expected: bool| {
            let search = check_search(WantedIncidents {
                words: words.iter().map(|word| (*word).to_owned()).collect(),
                tags: vec!["db".into(); number],
                levels: vec![0, 9],
                ..WantedIncidents::default()
            });
            assert_eq!(search.is_ok(), expected, "{number} tags");
            if let Ok(search) = search {
                assert_eq!(
                    (search.words, search.levels),
                    (vec!["ab".into()], vec![Level::Down])
                );
            }
        };
        check(&["Ab"], 49, true);
        check(&["Ab"], 50, false);
        check(&[&"x".repeat(MAX_WORD + 1)], 0, false);
    }

    #[test]
    fn incidents_of_trees_are_those_of_their_sources() {
        let mut outline = Outline::default();
        let root = outline.push(None, Node::new(Kind::TREE, "R"));
        outline.push(Some(root), Node::new(Kind::TREE, "empty"));
        outline.push(Some(root), Node::new(Kind("statuspage"), "page"));
        let check = |paths: &[&str], expected: &[&str]| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(without_trees(paths, &outline), expected);
        };
        check(&["/R", "/R/empty"], &[]);
        check(&["/R/page", "/R/page/api"], &["/R/page", "/R/page/api"]);
        check(&["/old", "/old/a", "/old2"], &["/old/a", "/old2"]);
    }
}
