//! The graph of the modules of a crate: which top-level module uses which, read from the text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// For each top-level module of the crate in `src`, the others that it uses outside of its tests.
pub(crate) fn uses(src: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let files: Vec<_> = crate::rust_files(src)
        .into_iter()
        .map(|file| {
            let inner = file
                .strip_prefix(src)
                .expect("a file of the crate")
                .to_owned();
            let text = std::fs::read_to_string(&file).expect("a source file");
            (inner, text)
        })
        .collect();
    let tops: BTreeSet<String> = files.iter().filter_map(|(file, _)| top(file)).collect();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in &files {
        let is_test = file
            .iter()
            .any(|part| part.to_string_lossy().starts_with("test"));
        let (Some(top), false) = (top(file), is_test) else {
            continue;
        };
        let mut used = used_in(text);
        if file.iter().count() == 1 {
            used.extend(after(text, "super::"));
        }
        used.retain(|other| tops.contains(other) && *other != top);
        graph.entry(top).or_default().extend(used);
    }
    graph
}

/// A cycle of modules that use each other, if there is one. The first module is repeated at the
/// end.
pub(crate) fn cycle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut whole = BTreeSet::new();
    for start in graph.keys() {
        if let Some(cycle) = walk(graph, start, &mut Vec::new(), &mut whole) {
            return Some(cycle);
        }
    }
    None
}

fn walk(
    graph: &BTreeMap<String, BTreeSet<String>>,
    at: &str,
    way: &mut Vec<String>,
    whole: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(begin) = way.iter().position(|before| before == at) {
        let mut cycle = way[begin..].to_vec();
        cycle.push(at.into());
        return Some(cycle);
    }
    if whole.contains(at) {
        return None;
    }
    way.push(at.into());
    for next in graph.get(at).into_iter().flatten() {
        let found = walk(graph, next, way, whole);
        if found.is_some() {
            return found;
        }
    }
    way.pop();
    whole.insert(at.into());
    None
}

/// The top-level module that a file belongs to. `None` for the root of the crate.
fn top(file: &Path) -> Option<String> {
    let first = file.iter().next()?.to_string_lossy();
    let name = first.strip_suffix(".rs").unwrap_or(&first);
    (!["lib", "main", "bin"].contains(&name)).then(|| name.to_owned())
}

/// The modules named after `crate::`, alone or in braces, outside of comments and tests.
pub(crate) fn used_in(text: &str) -> BTreeSet<String> {
    after(text, "crate::")
}

fn after(text: &str, root: &str) -> BTreeSet<String> {
    let code: String = (text.lines())
        .take_while(|line| !line.starts_with("mod tests {"))
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(root) {
        let is_whole =
            !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let rest = &code[at + root.len()..];
        if !is_whole {
            continue;
        }
        match rest.strip_prefix('{') {
            Some(list) => names.extend(firsts(list)),
            None => names.extend(word(rest)),
        }
    }
    names
}

/// The first word of each entry of a list in braces.
fn firsts(list: &str) -> Vec<String> {
    let (mut depth, mut begins, mut found) = (0_usize, true, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && depth == 0 && !letter.is_whitespace() => {
                found.extend(word(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    found
}

fn word(text: &str) -> Option<String> {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let word = &text[..end.unwrap_or(text.len())];
    (!word.is_empty()).then(|| word.to_owned())
}
