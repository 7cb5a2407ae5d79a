//! `up validate --explain`: the effective settings of one source, and the line that sets each.

mod defaults;
mod show;

use std::rc::Rc;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use up_core::Mood;
use up_files::FileReader;

use crate::error::ConfigError;
use crate::files::ConfigFiles;
use crate::load;
use crate::place::ConfigFile;
use crate::schema::{self, SchemaParts, parts};
use crate::suggest;
use crate::text::ConfigText;

pub use show::in_toml;

/// Keys of `[alert]` that are allowed at the top of the file only.
const ALERT_TOP: [&str; 2] = ["group_within", "per_minute"];

/// The effective settings of one source or tree.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSettings {
    /// The path of the source.
    pub path: String,
    /// The `type` of the source.
    pub kind: &'static str,
    /// The target of the checks, for a person; `None` for a tree.
    pub target: Option<String>,
    /// The inherited keys, then those of the source type. A key without a value and without a
    /// default is left out.
    pub settings: Vec<Setting>,
    /// Warnings about the file, as lines `FILE:LINE:COL: …`.
    pub warnings: Vec<String>,
}

/// One key and its effective value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key as up.toml writes it; `alert.retry` for a key in a table.
    pub key: String,
    /// The value in JSON, with secrets as `•••`; null if there is neither a value nor a default.
    pub value: Value,
    /// The line of the file that sets the key, counted from 1; `None` for a default.
    pub line: Option<usize>,
}

/// Why a source cannot be explained.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExplainError {
    /// The configuration has a mistake.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The configuration has no source at this path.
    #[error("{file}: there is no source {path:?}{}", meant(.nearest.as_deref()))]
    NoSuchPath {
        /// The path of the file, as the caller gave it.
        file: String,
        /// The requested path.
        path: String,
        /// A path that may have been meant.
        nearest: Option<String>,
    },
}

fn meant(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("\nhelp: did you mean {nearest:?}?"),
        None => {
            "\nhelp: a path has all names from the root down, as in \"/Root/Tree/source\"".into()
        }
    }
}

/// Reads a file, and returns the effective settings of the source or tree at `path`.
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
    let is_root = id == plan.outline.root() && !plan.trees.is_empty();
    let mut tables = vec![&document];
    if !is_root {
        lead_to(origins[plan.outline.position(id)], &mut tables);
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

/// A known path with the same end as the requested one, or with a similar spelling.
fn nearest<'p>(path: &str, paths: &[&'p str]) -> Option<&'p str> {
    let end = format!("/{}", path.trim_matches('/'));
    let same_end = paths.iter().find(|known| known.ends_with(&end)).copied();
    same_end.or_else(|| suggest::nearest(path, paths))
}

/// Extends `way` by the tables that lead to the one that begins at this byte. Returns false if it
/// is not below the last table.
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

/// The tables that set the keys of one source, and the schema of those keys.
struct Effective<'a> {
    text: &'a ConfigText<'a>,
    /// The tables from the top of the file down to that of the source.
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
            // A key for all sources is not a setting of one of them.
            .filter(|(key, _)| self.is_root || !ALERT_TOP.contains(&key.as_str()))
            .map(|(key, schema)| self.inherited(&["alert", key], schema))
            .collect()
    }

    /// A key that is set by the innermost table that contains it.
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

    /// A key that only the table of the source may set; `None` without a value and a default.
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
