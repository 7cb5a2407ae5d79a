//! The names of one tree's children: what is wrong with those given, and what to call the others.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use up_core::path::{self, MAX_NAME, NameProblem};

use crate::diagnostics::Diagnostics;

/// The names taken by the children of one tree.
pub(crate) struct SiblingNames {
    taken: HashSet<Box<str>>,
    /// For each stand-in, the number to try next, so that many alike cost no more than few.
    next: HashMap<Box<str>, u32>,
}

impl SiblingNames {
    /// Takes all given names first, so that a stand-in never takes one from whoever asked for it.
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
                // Reading the child's keys says what is wrong with it.
                continue;
            };
            check(report, text, name);
            if let Some(before) = first.get(&**text) {
                let line = report.line(before.start);
                report.error(
                    name.span(),
                    format!("a source beside this one is already named {text:?}, in line {line}"),
                    Some("names must differ within a tree: give one of them another".into()),
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

    /// A name for a child that was given none: `wish`, with a number behind it when it is taken.
    pub(crate) fn stand_in(&mut self, wish: &str) -> Box<str> {
        // Room for the number.
        let wish = up_core::cause::one_line(wish, MAX_NAME - 12);
        let wish = path::tame_name(&wish).unwrap_or_else(|| "source".into());
        let mut name: Box<str> = wish.as_str().into();
        let next = self.next.entry(name.clone()).or_insert(2);
        while !self.taken.insert(name.clone()) {
            name = format!("{wish} {next}").into();
            *next += 1;
        }
        name
    }
}

/// Reports what is wrong with a name, if anything.
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
            "a name cannot contain control characters, such as a line break, or characters that \
             are not seen"
                .to_owned(),
            "write it on one line, in characters that can be seen".to_owned(),
        ),
        NameProblem::Long => (
            format!("this name is longer than {MAX_NAME} bytes"),
            "write a shorter one".to_owned(),
        ),
    };
    report.error(at.span(), message, Some(help));
}
