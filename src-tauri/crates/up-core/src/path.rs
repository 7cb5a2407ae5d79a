//! Names and paths such as `/Root/Child`. A name never contains `/`, and siblings never have the
//! same name.

/// Why a text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// The text is empty or only white space.
    Empty,
    /// The text contains `/`, which separates the names of a path.
    Slash,
    /// The text contains a control character (such as a line break) or an invisible one.
    Control,
    /// The text is longer than [`MAX_NAME`] bytes.
    Long,
}

/// The longest name, in bytes.
pub const MAX_NAME: usize = 200;

/// Why `name` cannot be a name; `None` when it can.
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

/// Makes a name that a peer reported fit to be one. Returns `None` when nothing is left of it.
pub fn tame_name(name: &str) -> Option<String> {
    let name = crate::cause::one_line(name, MAX_NAME).replace('/', "∕");
    name_problem(&name).is_none().then_some(name)
}

/// The longest path that is stored or looked up, in bytes.
pub const MAX_PATH: usize = 40_000;

/// True of a text that can be the path of a source or tree.
pub fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= MAX_PATH && crate::line::is_plain(path)
}

/// True of `/Root/a` and `/Root/a/b` if `above` is `/Root/a`.
pub fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path of `name` below `parent`.
pub fn join(parent: &str, name: &str) -> String {
    format!("{parent}/{name}")
}

/// The deepest path that contains all of the given ones; `None` when there are none.
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
