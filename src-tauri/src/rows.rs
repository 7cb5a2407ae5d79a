//! Converts the engine's state to the shapes that the panel receives: nodes to rows, a plan and a
//! sample to a source's page.
//!
//! This module is pure and decides nothing.

use std::path::Path;

use up_config::{Opener, SourceLabels};
use up_core::phrase;
use up_core::{Cause, Kind, Level, NodeId, Status, counts_as_source, shown_hold};
use up_engine::view::CurrentState;
use up_wire::{Header, Mood, Problem, Row, RowsChanged, SourceView, Tree};

use crate::address::address_of;
use crate::details;
use crate::flapping::flapping_of;
use crate::state::AppState;
use crate::steer;

/// The whole tree as rows.
pub(crate) fn tree(known: &CurrentState, header: Header) -> Tree {
    let ids = known.world.outline().ids().zip(sizes_below(known));
    Tree {
        shape: known.shape,
        header,
        rows: ids.map(|(id, below)| row(known, id, below)).collect(),
    }
}

/// The rows that changed after the revision `since` of the world.
pub(crate) fn changed(known: &CurrentState, since: u64, header: Header) -> RowsChanged {
    let outline = known.world.outline();
    let fresh = |id: &NodeId| known.world.state(*id).revision > since;
    let row = |id| row(known, id, outline.subtree(id).len() as u32 - 1);
    RowsChanged {
        shape: known.shape,
        rows: outline.ids().filter(fresh).map(row).collect(),
        header,
    }
}

/// The panel's header for the present state.
pub(crate) fn header_now(up: &AppState, known: &CurrentState) -> Header {
    // A missing configuration file is not in use, although its path is known.
    let there = known.plan.is_some() || up.config.exists();
    let problems = up.problems.with(&known.troubles);
    let pinned = up.window.get().pinned;
    Header {
        pinned,
        starts_at_login: up.starts_at_login(),
        ..header(known, problems, &up.config, there)
    }
}

/// The panel's header. `place` is the path of the configuration, and `there` says whether it
/// exists.
pub(crate) fn header(
    known: &CurrentState,
    problems: Vec<Problem>,
    place: &Path,
    there: bool,
) -> Header {
    let place = place.display().to_string();
    let world = &known.world;
    let sources = || {
        let ids = world.outline().ids();
        ids.filter(|id| counts_as_source(world, *id))
    };
    let count = |test: &dyn Fn(NodeId) -> bool| sources().filter(|id| test(*id)).count() as u32;
    Header {
        mood: mood_to_wire(known.mood),
        sources: sources().count() as u32,
        down: count(&|id| world.level(id).is_some_and(|level| level < Level::Up)),
        unknown: count(&|id| world.level(id).is_none() && world.state(id).hold.is_none()),
        problems,
        config: there.then(|| place.clone()),
        place,
        checking: known.checking,
        muted: steer::muted(known),
        pinned: false,
        starts_at_login: None,
    }
}

/// The page of one source; `None` when no source has this path.
pub(crate) fn source(known: &CurrentState, path: &str) -> Option<SourceView> {
    let outline = known.world.outline();
    let id = outline.find(path)?;
    let plan = known.plan.as_ref();
    // A component is checked together with its source.
    let probe = plan.and_then(|plan| Some(&plan.probes[plan.probe_of(outline, id)?]));
    let open = own_labels(known, id).and_then(|labels| labels.open.as_ref());
    let detail = known
        .world
        .state(id)
        .sample
        .as_ref()
        .map(|sample| (&sample.detail, sample.date));
    Some(SourceView {
        row: row(known, id, outline.subtree(id).len() as u32 - 1),
        target: probe.map(|probe| probe.target.to_string()),
        address: match open {
            None => probe.and_then(|probe| address_of(&probe.target)),
            Some(Opener::Address(address)) => Some(address.clone()),
            Some(Opener::Program(_)) => None,
        },
        program: match open {
            Some(Opener::Program(parts)) => parts.first().cloned(),
            _ => None,
        },
        interval: interval(known, id).unwrap_or_default(),
        timeout: probe
            .map(|probe| probe.timeout.as_secs_f64())
            .unwrap_or_default(),
        timing: detail
            .map(|(detail, _)| details::timing(detail))
            .unwrap_or_default(),
        facts: detail
            .map(|(detail, date)| details::facts(detail, date))
            .unwrap_or_default(),
    })
}

/// What the configuration says that people open for a node; `None` if it does not say that.
pub(crate) fn opener(known: &CurrentState, path: &str) -> Option<Opener> {
    let id = known.world.outline().find(path)?;
    own_labels(known, id)?.open.clone()
}

/// The labels of a node itself: what a source opens is not what its components open.
fn own_labels(known: &CurrentState, id: NodeId) -> Option<&SourceLabels> {
    let outline = known.world.outline();
    let is_part = outline.node(id).kind == Kind::PART;
    let plan = known.plan.as_ref().filter(|_| !is_part)?;
    plan.labels(outline, id)
}

/// The tags of a node.
pub(crate) fn tags(known: &CurrentState, id: NodeId) -> Vec<String> {
    let plan = known.plan.as_ref();
    let labels = plan.and_then(|plan| plan.labels(known.world.outline(), id));
    let tags = labels.map(|labels| labels.tags.iter().map(ToString::to_string));
    tags.into_iter().flatten().collect()
}

/// How often a leaf is checked, or a tree is recorded, in seconds.
pub(crate) fn interval(known: &CurrentState, id: NodeId) -> Option<f64> {
    let plan = known.plan.as_ref()?;
    let probe = plan.probe_of(known.world.outline(), id);
    let check_interval = probe.map(|entry| plan.probes[entry].interval);
    let tree = || plan.trees.iter().find(|tree| tree.node == id);
    let interval = check_interval.or_else(|| Some(tree()?.interval))?;
    Some(interval.as_secs_f64())
}

/// The number of descendants of each node, by its position in the outline.
fn sizes_below(known: &CurrentState) -> Vec<u32> {
    let outline = known.world.outline();
    let mut below = vec![0; outline.len()];
    for (id, node) in outline.iter().rev() {
        if let Some(parent) = node.parent {
            below[outline.position(parent)] += below[outline.position(id)] + 1;
        }
    }
    below
}

fn row(known: &CurrentState, id: NodeId, below: u32) -> Row {
    let outline = known.world.outline();
    let position = |id| outline.position(id) as u32;
    let (node, state) = (outline.node(id), known.world.state(id));
    let sample = state.sample.as_ref();
    let hold = shown_hold(&known.world, id);
    let since = Some(state.since()).filter(|since| since.date > 0.0 && state.hold.is_none());
    Row {
        id: position(id),
        path: node.path.to_string(),
        name: node.name.to_string(),
        kind: node.kind.0.into(),
        depth: node.depth,
        parent: node.parent.map(position),
        below,
        counts: counts_as_source(&known.world, id),
        status: state.status().map(Status::value),
        level: state.level().map(Level::number),
        word: known.mood.word_of(state.level(), hold).into(),
        percent: phrase::percent_between(state.status()),
        hold: hold.map(|hold| hold.name().into()),
        standing: steer::effective_controls(known, id),
        waiting: sample.is_none() && hold.is_none(),
        date: sample.map(|sample| sample.date),
        duration: sample.map(|sample| sample.duration),
        cause: sample
            .filter(|_| !node.is_tree())
            .and_then(|s| s.cause.as_ref())
            .map(cause),
        since: since.map(|since| since.date),
        since_at_least: since.is_some_and(|since| !since.is_observed),
        flapping: flapping_of(state),
        beats: state
            .beats()
            .iter()
            .map(|level| level.map(Level::number))
            .collect(),
        tags: tags(known, id),
    }
}

fn cause(cause: &Cause) -> up_wire::Cause {
    up_wire::Cause {
        code: cause.code.code().into(),
        text: cause.text.to_string(),
    }
}

/// Converts the core's mood to the panel's.
pub(crate) const fn mood_to_wire(mood: up_core::Mood) -> Mood {
    match mood {
        up_core::Mood::Realist => Mood::Realist,
        up_core::Mood::Optimist => Mood::Optimist,
        up_core::Mood::Pessimist => Mood::Pessimist,
    }
}

/// Converts the panel's mood to the core's.
pub(crate) const fn mood_of_wire(mood: Mood) -> up_core::Mood {
    match mood {
        Mood::Realist => up_core::Mood::Realist,
        Mood::Optimist => up_core::Mood::Optimist,
        Mood::Pessimist => up_core::Mood::Pessimist,
    }
}

#[cfg(test)]
mod tests {
    use up_core::Hold;

    use super::*;
    use crate::test_support::{ScriptedLeaf, known, sample};

    const LEAVES: [(&str, ScriptedLeaf); 4] = [
        ("fine", ScriptedLeaf::At(1.0)),
        ("half", ScriptedLeaf::At(0.5)),
        ("odd", ScriptedLeaf::Unknown),
        ("unasked", ScriptedLeaf::Nothing),
    ];

    fn plain_header(known: &CurrentState) -> Header {
        header(known, Vec::new(), Path::new("up.toml"), false)
    }

    #[test]
    fn rows_stand_in_pre_order_with_what_is_below_them() {
        let known = known(&LEAVES);
        let tree = tree(&known, plain_header(&known));
        let shape: Vec<_> = tree
            .rows
            .iter()
            .map(|r| (r.id, r.parent, r.depth, r.below, &*r.path))
            .collect();
        assert_eq!(
            shape,
            [
                (0, None, 0, 4, "/Root"),
                (1, Some(0), 1, 0, "/Root/fine"),
                (2, Some(0), 1, 0, "/Root/half"),
                (3, Some(0), 1, 0, "/Root/odd"),
                (4, Some(0), 1, 0, "/Root/unasked"),
            ]
        );
    }

    #[test]
    fn parts_of_a_source_are_rows_below_it() {
        let mut known = known(&LEAVES);
        let page = known.world.outline().find("/Root/fine");
        let page = page.expect("it is there");
        let reported = up_core::ReportedComponents::new(vec![up_core::Component::up("API")], false);
        for (part, _) in known.world.reconcile(page, reported, 0.0).components {
            known.world.apply(part, sample(Some(0.5), 1_000.0));
        }
        let tree = tree(&known, plain_header(&known));
        let shape = |row: &Row| (row.path.clone(), row.kind.clone(), row.depth, row.below);
        assert_eq!(
            shape(&tree.rows[1]),
            ("/Root/fine".into(), "http".into(), 1, 1)
        );
        let part = ("/Root/fine/API".into(), "part".into(), 2, 0);
        assert_eq!(shape(&tree.rows[2]), part);
        assert_eq!(tree.rows[2].parent, Some(1));
        assert!(tree.rows[2].cause.is_some(), "it says why by itself");
        assert_eq!(tree.rows.len(), 6, "the others are still there");
        assert!(tree.rows[1].counts && !tree.rows[2].counts);
        let counts = (tree.header.sources, tree.header.down);
        assert_eq!(counts, (4, 1), "the page counts once");
        assert_eq!(tree.rows[3].path, "/Root/half");
    }

    #[test]
    fn a_row_says_what_its_node_says() {
        let known = known(&LEAVES);
        let tree = tree(&known, plain_header(&known));
        let half = &tree.rows[2];
        assert_eq!(
            (half.status, half.level, &*half.word),
            (Some(0.5), Some(2), "HALF UP")
        );
        assert_eq!(half.percent.as_deref(), Some("50%"));
        assert_eq!((half.date, half.duration), (Some(1_000.0), Some(0.12)));
        assert_eq!(half.cause.as_ref().map(|c| &*c.code), Some("refused"));
        assert_eq!(half.beats, [Some(2)]);
        assert!(!half.waiting);
        let odd = &tree.rows[3];
        assert_eq!(
            (odd.status, odd.level, &*odd.word, odd.waiting),
            (None, None, "UNKNOWN", false)
        );
        assert!(tree.rows[4].waiting, "nothing was answered yet");
        assert_eq!(tree.rows[0].cause, None, "a tree has no cause of its own");
        assert_eq!(tree.rows[1].percent, None, "100% goes without saying");
    }

    #[test]
    fn the_header_counts_leaves() {
        let mut known = known(&LEAVES);
        let counts = |known: &CurrentState| {
            let header = plain_header(known);
            (header.sources, header.down, header.unknown)
        };
        assert_eq!(counts(&known), (4, 1, 2));
        let id = known
            .world
            .outline()
            .find("/Root/half")
            .expect("it is there");
        known.world.hold(id, Hold::Paused, true);
        assert_eq!(
            counts(&known),
            (4, 0, 2),
            "what is held is neither down nor unknown"
        );
        let said = |known: &CurrentState, row: usize| {
            let tree = tree(known, plain_header(known));
            (tree.rows[row].hold.clone(), tree.rows[row].word.clone())
        };
        let paused = (Some("paused".into()), "PAUSED".into());
        assert_eq!(said(&known, 2), paused);
        assert_eq!(said(&known, 0).0, None, "the others are checked");
        for id in known.world.outline().ids().skip(1) {
            known.world.hold(id, Hold::Paused, true);
        }
        assert_eq!(said(&known, 0), paused, "all of the tree is");
    }

    #[test]
    fn only_rows_with_news_are_told() {
        let mut known = known(&LEAVES);
        let before = known.world.revision();
        let changed_rows = |known: &CurrentState, since| -> Vec<u32> {
            changed(known, since, plain_header(known))
                .rows
                .iter()
                .map(|row| row.id)
                .collect()
        };
        assert_eq!(changed_rows(&known, before), [] as [u32; 0]);
        let id = known
            .world
            .outline()
            .find("/Root/fine")
            .expect("it is there");
        known.world.apply(id, sample(Some(0.0), 1_030.0));
        known
            .world
            .settle(up_core::world::TreeTiming::Latest, 1_030.0);
        assert_eq!(changed_rows(&known, before), [0, 1]);
        assert_eq!(
            changed_rows(&known, 0).len(),
            4,
            "the unasked one has no news at all"
        );
    }

    #[test]
    fn a_source_that_is_none_has_no_page() {
        let known = known(&LEAVES);
        assert!(source(&known, "/Root/gone").is_none());
        assert!(source(&known, "").is_none());
        let page = source(&known, "/Root/half").expect("it is there");
        assert_eq!((page.row.id, page.target, page.interval), (2, None, 0.0));
    }

    #[test]
    fn nothing_configured_is_an_empty_tree() {
        let known = known(&[]);
        let tree = tree(&known, plain_header(&known));
        assert_eq!((tree.rows.len(), tree.header.sources), (0, 0));
    }
}
