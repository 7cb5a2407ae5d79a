//! The keys `tags` and `open`: the words by which people find a source, and what the panel opens for it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::diagnostics::Diagnostics;
use crate::read::Table;

/// The largest number of tags of one source, those of the trees around it included.
const MAX_TAGS: usize = 16;
/// The longest tag, in characters.
const MAX_TAG: usize = 30;
/// The largest number of parts of a command, the program included.
const MAX_PARTS: usize = 64;

/// What people find a source by, and what the panel opens for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLabels {
    /// The tags of the source and of the trees around it, the outermost first.
    pub tags: Tags,
    /// What *Open* opens in place of the address that is checked; `None` for that address.
    pub open: Option<Opener>,
}

/// The tags of a source. Sources share those that they inherit.
pub type Tags = Arc<[Arc<str>]>;

/// What *Open* opens. An argument may be a secret, so that its text is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Opener {
    /// A web address.
    Address(String),
    /// A program with its arguments, never none. It runs without a shell.
    Program(Vec<String>),
}

up_core::opaque_debug!(Opener);

/// The key `open` as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a web address, or a program with its arguments like [\"virt-viewer\", \"db\"]"
)]
pub(crate) enum OpenKey {
    /// A web address.
    Address(String),
    /// A program and its arguments.
    Program(Vec<String>),
}

/// The tags of a source with these written ones, inside a tree with the inherited ones.
pub(crate) fn tags(
    report: &mut Diagnostics<'_>,
    table: &Table<'_>,
    written: Option<&[String]>,
    inherited: &Tags,
) -> Tags {
    let Some(written) = written else {
        return Arc::clone(inherited);
    };
    let mut tags = inherited.to_vec();
    for (number, tag) in written.iter().enumerate() {
        if !is_tag(tag) {
            report.error(
                table.item("tags", number),
                format!("{tag:?} is not a tag"),
                Some(format!(
                    "a tag has 1 to {MAX_TAG} letters, digits, `-`, `_` or `.`: tags = [\"db\", \"berlin-2\"]"
                )),
            );
        } else if !tags.iter().any(|known| **known == **tag) {
            tags.push(tag.as_str().into());
        }
    }
    if tags.len() > MAX_TAGS {
        report.error(
            table.at("tags"),
            format!(
                "this source has {} tags, those of the trees around it included: {MAX_TAGS} are allowed",
                tags.len()
            ),
            Some("keep the words that people look for".into()),
        );
    }
    tags.into()
}

fn is_tag(text: &str) -> bool {
    let fits = (1..=MAX_TAG).contains(&text.chars().count());
    fits && text
        .chars()
        .all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
}

/// What the key `open` says. A mistake is reported, and nothing takes its place.
pub(crate) fn open(
    report: &mut Diagnostics<'_>,
    table: &Table<'_>,
    written: Option<&OpenKey>,
) -> Option<Opener> {
    let (message, help) = match written? {
        OpenKey::Address(address) => match address_problem(address) {
            None => return Some(Opener::Address(address.clone())),
            Some(problem) => problem,
        },
        OpenKey::Program(parts) => match parts.first() {
            Some(program) if !program.is_empty() && parts.len() <= MAX_PARTS => {
                return Some(Opener::Program(parts.clone()));
            }
            _ => (
                "`open` names no program, or has too many arguments",
                "write the program, then each argument on its own: open = [\"virt-viewer\", \"db\"]",
            ),
        },
    };
    report.error(table.at("open"), message, Some(help.into()));
    None
}

fn address_problem(address: &str) -> Option<(&'static str, &'static str)> {
    let schemes = ["http://", "https://"];
    let rest = schemes
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    match host {
        Some(host) if host.contains('@') => Some((
            "`open` is shown in the panel, and must not have a name or a password",
            "remove what stands before the `@`: the browser asks for it",
        )),
        Some(host) if !host.is_empty() && address.bytes().all(|byte| byte.is_ascii_graphic()) => {
            None
        }
        _ => Some((
            "`open` is neither a web address nor a program",
            "write an address that begins with https:// or http://, or a program with its \
             arguments as an array: open = [\"virt-viewer\", \"db\"]",
        )),
    }
}
