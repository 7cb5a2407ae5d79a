//! The effective settings of one source, and where each comes from.

mod defaults;
mod show;

use std::rc::Rc;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use up_core::{Mood, NodeId};
use up_files::FileReader;

use crate::error::ConfigError;
use crate::files::ConfigFiles;
use crate::load;
use crate::place::ConfigFile;
use crate::schema::{self, SchemaParts, parts};
use crate::suggest;
use crate::text::ConfigText;

pub use show::in_toml;

/// Keys of `[alert]` that stand at the top of the file only.
const ALERT_TOP: [&str; 2] = ["group_within", "per_minute"];

/// What applies to one source or tree.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSettings {
    /// Its path.
    pub path: String,
    /// Its `type`.
    pub kind: &'static str,
    /// What it asks, for a person; `None` of a tree.
    pub target: Option<String>,
    /// What is inherited first, then its own; keys that say nothing unless given are left out.
    pub settings: Vec<Setting>,
    /// What of the file is allowed but unwise, as `FILE:LINE:COL: …` lines.
    pub warnings: Vec<String>,
}

/// One key that applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// As up.toml writes it; `alert.retry` for one within a table.
    pub key: String,
    /// The value in JSON, secrets as `•••`; null when nothing stands for it unless given.
    pub value: Value,
    /// The line of the file that says so, counted from 1; `None` of a default.
    pub line: Option<usize>,
}

/// Why there is nothing to explain.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExplainError {
    /// The file is wrong.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// It has nothing at that path.
    #[error("{file}: there is no source {path:?}{}", meant(.nearest.as_deref()))]
    NoSuchPath {
        /// The file, as it was named to us.
        file: String,
        /// The path that was asked for.
        path: String,
        /// One that may have been meant.
        nearest: Option<String>,
    },
}

fn meant(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("\nhelp: did you mean {nearest:?}?"),
        None => "\nhelp: a path has all names from the root on, as in \"/Root/Tree/source\"".into(),
    }
}

/// Reads a file, and says what applies to the source or tree at `path`.
pub fn explain(config: &ConfigFile, path: &str) -> Result<SourceSettings, ExplainError> {
    let (file, files) = (
        config.path(),
        Rc::new(ConfigFiles::new(FileReader::default())),
    );
    let (text, open_to_others) = load::read(&files, config)?;
    let (plan, origins) = load::plan(&text, file, open_to_others, &files)?;
    let Some(id) = plan.outline.find(path) else {
        let paths: Vec<&str> = plan.outline.iter().map(|(_, node)| &*node.path).collect();
        return Err(ExplainError::NoSuchPath {
            file: file.display().to_string(),
            path: path.to_owned(),
            nearest: nearest(path, &paths).map(str::to_owned),
        });
    };
    let text = ConfigText::new(String::new(), load::without_mark(&text), schema::known);
    let document = DeTable::parse(text.text()).map(Spanned::into_inner);
    let document = document.expect("a text that was planned can be parsed");
    let is_root = id == NodeId::ROOT && !plan.trees.is_empty();
    let mut tables = vec![&document];
    if !is_root {
        lead_to(origins[id.index()], &mut tables);
    }
    let node = plan.outline.node(id);
    let probe = plan.probes.iter().find(|probe| probe.node == id);
    let effective = Effective {
        text: &text,
        tables,
        parts: &parts(),
        kind: node.kind.0,
        mood: plan.mood,
        is_root,
    };
    Ok(SourceSettings {
        path: node.path.to_string(),
        kind: node.kind.0,
        target: probe.map(|probe| probe.target.to_string()),
        settings: effective.settings(),
        warnings: plan.warnings,
    })
}

/// A path that ends like the one asked for, or is spelled nearly like it.
fn nearest<'p>(path: &str, paths: &[&'p str]) -> Option<&'p str> {
    let end = format!("/{}", path.trim_matches('/'));
    let same_end = paths.iter().find(|known| known.ends_with(&end)).copied();
    same_end.or_else(|| suggest::nearest(path, paths))
}

/// Extends the way to the table that begins at that byte; false when it is not below.
fn lead_to<'a>(origin: usize, way: &mut Vec<&'a DeTable<'a>>) -> bool {
    let last = way.last().and_then(|table| table.get("source"));
    let items = last.and_then(|sources| sources.get_ref().as_array());
    for item in items.into_iter().flatten() {
        let Some(table) = item.get_ref().as_table() else {
            continue;
        };
        way.push(table);
        if item.span().start == origin || lead_to(origin, way) {
            return true;
        }
        way.pop();
    }
    false
}

/// The tables that say what applies, and what says what they may hold.
struct Effective<'a> {
    text: &'a ConfigText<'a>,
    /// From the top of the file to the source's own.
    tables: Vec<&'a DeTable<'a>>,
    parts: &'a SchemaParts,
    kind: &'a str,
    mood: Mood,
    is_root: bool,
}

impl<'a> Effective<'a> {
    fn settings(&self) -> Vec<Setting> {
        let own = self.parts.sources.iter();
        let own = own
            .filter(|(kind, _)| *kind == self.kind)
            .map(|(_, own)| own);
        let common = properties(Some(&self.parts.common));
        let mut settings = Vec::new();
        for (key, schema) in common {
            match key.as_str() {
                "name" => {}
                // The root stands in no tree.
                _ if self.is_root
                    && !properties(Some(&self.parts.top)).any(|(top, _)| top == key) => {}
                "alert" => settings.extend(self.alert()),
                "interval" | "timeout" => settings.push(self.inherited(&[key], schema)),
                "reference" => {
                    let own = self.inherited(&[key], schema);
                    let network = || self.inherited(&["network", "reference"], schema);
                    let said = own.line.map_or_else(network, |_| own.clone());
                    settings.extend(Some(said).filter(|said| said.line.is_some()));
                }
                _ => settings.extend(self.own(key, schema)),
            }
        }
        for (key, schema) in own.flat_map(|own| properties(Some(own))) {
            settings.extend(self.own(key, schema));
        }
        settings
    }

    fn alert(&self) -> Vec<Setting> {
        let keys = self.parts.shared.get("AlertKeys");
        properties(keys.and_then(Value::as_object))
            // What is for all sources says nothing of one of them.
            .filter(|(key, _)| self.is_root || !ALERT_TOP.contains(&key.as_str()))
            .map(|(key, schema)| self.inherited(&["alert", key], schema))
            .collect()
    }

    /// A key that the innermost table with it says.
    fn inherited(&self, way: &[&str], schema: &Value) -> Setting {
        let key = way.join(".");
        let said = self.tables.iter().rev().find_map(|table| {
            let (first, rest) = way.split_first()?;
            rest.iter().try_fold(table.get(*first)?, |value, key| {
                value.get_ref().as_table()?.get(*key)
            })
        });
        match said {
            Some(value) => self.said(key, value, schema),
            None => self.by_default(key, schema),
        }
    }

    /// A key that only the source's own table may have; `None` when nothing stands for it.
    fn own(&self, key: &str, schema: &Value) -> Option<Setting> {
        let value = self.tables.last().and_then(|table| table.get(key));
        match value {
            Some(value) => Some(self.said(key.to_owned(), value, schema)),
            None => Some(self.by_default(key.to_owned(), schema)).filter(|is| !is.value.is_null()),
        }
    }

    fn by_default(&self, key: String, schema: &Value) -> Setting {
        Setting {
            value: defaults::default(&key, self.kind, self.mood, schema),
            key,
            line: None,
        }
    }

    fn said(&self, key: String, value: &Spanned<DeValue<'a>>, schema: &Value) -> Setting {
        Setting {
            value: show::shown(&key, value.get_ref(), schema),
            key,
            line: Some(self.text.line(value.span().start)),
        }
    }
}

fn properties(schema: Option<&Map<String, Value>>) -> impl Iterator<Item = (&String, &Value)> {
    let keys = schema.and_then(|schema| schema.get("properties")?.as_object());
    keys.into_iter().flatten()
}
