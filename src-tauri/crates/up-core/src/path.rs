//! Names and paths: `/Root/Child/Leaf`. A name never contains `/`, siblings never share one.

/// Why a name cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// It is empty, or only white space.
    Empty,
    /// It contains `/`, which separates names in a path.
    Slash,
    /// It contains a control character (a line break, say), or one that is not seen.
    Control,
    /// It is longer than [`MAX_NAME`] bytes.
    Long,
}

/// The longest name, in bytes.
pub const MAX_NAME: usize = 200;

/// What is wrong with a name, if anything.
pub fn name_problem(name: &str) -> Option<NameProblem> {
    if name.trim().is_empty() {
        Some(NameProblem::Empty)
    } else if name.contains('/') {
        Some(NameProblem::Slash)
    } else if !crate::line::is_plain(name) {
        Some(NameProblem::Control)
    } else if name.len() > MAX_NAME {
        Some(NameProblem::Long)
    } else {
        None
    }
}

/// A name that a peer gave itself, made fit to be one; `None` when nothing is left of it.
pub fn tame_name(name: &str) -> Option<String> {
    let name = crate::cause::one_line(name, MAX_NAME).replace('/', "∕");
    name_problem(&name).is_none().then_some(name)
}

/// The longest path that is kept or looked up, in bytes.
pub const MAX_PATH: usize = 40_000;

/// True of what can be the path of a source or tree.
pub fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= MAX_PATH && crate::line::is_plain(path)
}

/// The path of `name` below `parent`.
pub fn join(parent: &str, name: &str) -> String {
    format!("{parent}/{name}")
}

/// The deepest path that all of these are at or below; `None` of none.
pub fn common<'p>(mut paths: impl Iterator<Item = &'p str>) -> Option<String> {
    let mut shared: Vec<&str> = paths.next()?.split('/').collect();
    for path in paths {
        let same = shared
            .iter()
            .zip(path.split('/'))
            .take_while(|(a, b)| *a == b);
        let same = same.count();
        shared.truncate(same);
    }
    Some(shared.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_one() {
        let check = |name: &str, expected| assert_eq!(name_problem(name), expected, "{name:?}");
        check("PROD", None);
        check("Ärger & Co. (intern)", None);
        check("", Some(NameProblem::Empty));
        check("  ", Some(NameProblem::Empty));
        check("a/b", Some(NameProblem::Slash));
        check("a\nb", Some(NameProblem::Control));
        check("ad\u{200b}min", Some(NameProblem::Control));
        check("gnp\u{202e}exe", Some(NameProblem::Control));
        check("می\u{200c}خواهم ❤\u{fe0f}\u{200d}🔥", None);
        check(&"x".repeat(201), Some(NameProblem::Long));
    }

    #[test]
    fn what_paths_share_ends_at_a_name() {
        let check = |paths: &[&str], expected: Option<&str>| {
            let shared = common(paths.iter().copied());
            assert_eq!(shared.as_deref(), expected, "{paths:?}");
        };
        check(&[], None);
        check(&["/Root/a"], Some("/Root/a"));
        check(&["/Root/t/a", "/Root/t/b"], Some("/Root/t"));
        check(&["/Root/t/a", "/Root/tt/b"], Some("/Root"));
    }

    #[test]
    fn a_peers_name_is_made_fit() {
        assert_eq!(tame_name("rack/7\n").as_deref(), Some("rack∕7"));
        assert_eq!(tame_name("\n"), None);
    }
}
