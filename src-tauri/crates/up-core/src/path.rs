//! Names and paths: `/Root/Child/Leaf`. A name never contains `/`, siblings never share one.

/// Why a name cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// It is empty, or only white space.
    Empty,
    /// It contains `/`, which separates names in a path.
    Slash,
    /// It contains a control character (a line break, say).
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
    } else if name.chars().any(char::is_control) {
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

/// The path of `name` below `parent`.
pub fn join(parent: &str, name: &str) -> String {
    format!("{parent}/{name}")
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
        check(&"x".repeat(201), Some(NameProblem::Long));
    }

    #[test]
    fn a_peers_name_is_made_fit() {
        assert_eq!(tame_name("rack/7\n").as_deref(), Some("rack∕7"));
        assert_eq!(tame_name("\n"), None);
    }
}
