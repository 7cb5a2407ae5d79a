//! The key `depends_on`: finds the sources that it names, and refuses cycles.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use up_core::watch::find_cycle;
use up_core::{NodeId, Outline, path};

use crate::diagnostics::Diagnostics;
use crate::read::Table;
use crate::suggest;

/// The key `depends_on` of one source.
pub(crate) struct Claim {
    pub(crate) node: NodeId,
    /// Each name or path in the key, with its bytes in the file.
    pub(crate) on: Vec<(String, Range<usize>)>,
}

impl Claim {
    /// The claim of the source `node`, whose table is `keys`.
    pub(crate) fn of(node: NodeId, paths: Vec<String>, keys: &Table<'_>) -> Self {
        let on = paths.into_iter().enumerate();
        let on = on.map(|(i, path)| (path, keys.item("depends_on", i)));
        Self {
            node,
            on: on.collect(),
        }
    }
}

/// Finds every source that a claim names, and enters the dependencies into the outline.
pub(crate) fn resolve(report: &mut Diagnostics<'_>, outline: &mut Outline, claims: &[Claim]) {
    if claims.is_empty() {
        return;
    }
    let known: HashMap<Arc<str>, NodeId> = outline
        .iter()
        .map(|(id, node)| (Arc::clone(&node.path), id))
        .collect();
    for claim in claims {
        let mut found = Vec::new();
        for (text, span) in &claim.on {
            if report.gives_up() {
                return;
            }
            let wanted = absolute(outline, claim.node, text);
            match known.get(wanted.as_str()) {
                Some(on) => found.push(*on),
                None => unknown(report, outline, claim.node, text, span),
            }
        }
        outline.depend(claim.node, found);
    }
    if !report.is_clean() {
        return;
    }
    if let Some(cycle) = find_cycle(outline) {
        report_cycle(report, outline, claims, &cycle);
    }
}

/// The path from the root. A relative path begins in the tree that contains the source.
fn absolute(outline: &Outline, node: NodeId, text: &str) -> String {
    if text.starts_with('/') {
        return text.to_owned();
    }
    let parent = outline.node(node).parent;
    path::join(parent.map_or("", |parent| &outline.node(parent).path), text)
}

fn unknown(
    report: &mut Diagnostics<'_>,
    outline: &Outline,
    node: NodeId,
    text: &str,
    span: &Range<usize>,
) {
    let names = |parent: NodeId| outline.node(parent).children.iter();
    let beside = outline.node(node).parent.map(names).into_iter().flatten();
    let beside: Vec<&str> = beside
        .filter(|sibling| **sibling != node)
        .map(|sibling| &*outline.node(*sibling).name)
        .collect();
    let paths: Vec<&str> = outline.iter().map(|(_, node)| &*node.path).collect();
    let candidates = if text.starts_with('/') {
        &paths
    } else {
        &beside
    };
    let help = match suggest::nearest(text, candidates) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => "write the name of a source in the same tree, or a path from the root like \
                 \"/Root/Tree/Name\""
            .into(),
    };
    let message = format!("`depends_on` names {text:?}, but there is no such source");
    report.error(span.clone(), message, Some(help));
}

/// Reports a cycle at the key `depends_on` of one of its members.
fn report_cycle(
    report: &mut Diagnostics<'_>,
    outline: &Outline,
    claims: &[Claim],
    cycle: &[NodeId],
) {
    let is_of = |claim: &Claim, node: NodeId| {
        outline
            .subtree(claim.node)
            .contains(&outline.position(node))
            && !claim.on.is_empty()
    };
    let claim = cycle
        .iter()
        .find_map(|node| claims.iter().find(|claim| is_of(claim, *node)));
    let Some((_, span)) = claim.and_then(|claim| claim.on.first()) else {
        return;
    };
    let paths = cycle.iter().chain(cycle.first());
    let paths: Vec<&str> = paths.map(|node| &*outline.node(*node).path).collect();
    report.error(
        span.clone(),
        format!("`depends_on` forms a cycle: {}", paths.join(" → ")),
        Some("remove one of these dependencies".into()),
    );
}
