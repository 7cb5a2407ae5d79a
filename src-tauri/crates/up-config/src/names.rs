//! The names of the sources in one tree: checks those that are given, and chooses the others.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use up_core::path::{self, MAX_NAME, NameProblem};

use crate::diagnostics::Diagnostics;

/// The names in use by the children of one tree.
pub(crate) struct SiblingNames {
    taken: HashSet<Box<str>>,
    /// For each chosen name, the number to try next, so that many equal names take linear time.
    next: HashMap<Box<str>, u32>,
}

impl SiblingNames {
    /// Collects the given names first, so that a chosen name never takes one of them.
    pub(crate) fn given<'i, 'a>(
        report: &mut Diagnostics<'_>,
        children: impl Iterator<Item = &'a DeTable<'i>>,
    ) -> Self
    where
        'i: 'a,
    {
        let mut first: HashMap<&str, Range<usize>> = HashMap::new();
        for child in children {
            if report.gives_up() {
                break;
            }
            let Some(name) = child.get("name") else {
                continue;
            };
            let DeValue::String(text) = name.get_ref() else {
                // The mistake is reported when the keys of the child are read.
                continue;
            };
            check(report, text, name);
            if let Some(before) = first.get(&**text) {
                let line = report.line(before.start);
                report.error(
                    name.span(),
                    format!("a source beside this one is already named {text:?}, in line {line}"),
                    Some("names must differ within a tree: change one of them".into()),
                );
            } else {
                first.insert(text, name.span());
            }
        }
        Self {
            taken: first.into_keys().map(Into::into).collect(),
            next: HashMap::new(),
        }
    }

    /// A name for a child without one: `wish`, followed by a number if that name is in use.
    pub(crate) fn stand_in(&mut self, preferred: &str) -> Box<str> {
        // Room for the number.
        let preferred = up_core::cause::one_line(preferred, MAX_NAME - 12);
        let preferred = path::tame_name(&preferred).unwrap_or_else(|| "source".into());
        let mut name: Box<str> = preferred.as_str().into();
        let next = self.next.entry(name.clone()).or_insert(2);
        while !self.taken.insert(name.clone()) {
            name = format!("{preferred} {next}").into();
            *next += 1;
        }
        name
    }
}

/// Reports a name that is not allowed.
pub(crate) fn check(report: &mut Diagnostics<'_>, name: &str, at: &Spanned<DeValue<'_>>) {
    let Some(problem) = path::name_problem(name) else {
        return;
    };
    let (message, help) = match problem {
        NameProblem::Empty => (
            "this name is empty".to_owned(),
            "write a name, or leave the key out".to_owned(),
        ),
        NameProblem::Slash => (
            format!("a name cannot contain `/`, which separates names in a path: {name:?}"),
            format!("write {:?}", name.replace('/', "-")),
        ),
        NameProblem::Control => (
            "a name cannot contain control characters, such as a line break, or invisible \
             characters"
                .to_owned(),
            "write it on one line, in visible characters".to_owned(),
        ),
        NameProblem::Long => (
            format!("this name is longer than {MAX_NAME} bytes"),
            "write a shorter name".to_owned(),
        ),
    };
    report.error(at.span(), message, Some(help));
}
