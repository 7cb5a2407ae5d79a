//! The reference manual of up.toml: an introduction, then tables of keys made from the schema.

mod nested;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value};

use crate::schema::{SchemaParts, parts};
use nested::{Nested, anchor, deserves_a_table, forms, properties, target};

/// What the manual says before its tables.
const INTRODUCTION: &str = include_str!("reference/introduction.md");

const SOURCES: &str = "
## Sources: `[[source]]`

A source is what Up checks. Its `type` says how, and which other keys it has:
";

const TYPE_OF_SOURCE: &str = "| `type` | string, required | The type of the source: one of those \
    in the list above. |\n";

const CHILDREN: &str = "| `source` | array of tables | The sources in the tree. Each begins with a \
    line `[[source.source]]` below the line of its tree. |\n";

const SINKS: &str = "
## Sinks: `[[sink]]`

A sink receives results or notices. Each begins with a line `[[sink]]` and needs a `type`. \
`up-tray` always has its icon, its panel and its notifications in addition. Without a `[[sink]]`, \
`up` and `up watch` print on standard output. With one, they print only if there is a `stdout` \
sink, or if all sinks are webhooks and commands.
";

/// The reference manual of up.toml, as Markdown.
pub fn reference() -> String {
    let parts = parts();
    let mut manual = Manual {
        text: INTRODUCTION.to_owned(),
        parts: &parts,
        written: BTreeSet::new(),
    };
    manual.top();
    manual.text.push_str(SOURCES);
    manual.overview(&parts.sources);
    manual.section(
        "### Keys of every source",
        &parts.common,
        Some(TYPE_OF_SOURCE),
    );
    for (kind, schema) in &parts.sources {
        let children = (*kind == "tree").then_some(CHILDREN);
        manual.section(&format!("### `type = \"{kind}\"`"), schema, children);
    }
    manual.text.push_str(SINKS);
    for (kind, schema) in &parts.sinks {
        manual.section(&format!("### `type = \"{kind}\"`"), schema, None);
    }
    if let Some(secret) = parts.shared.get("SecretRef").and_then(Value::as_object) {
        manual.text.push_str("\n## Secrets\n");
        manual.about(secret);
        manual.forms(secret);
    }
    manual.text
}

/// The part of the manual that is already written.
struct Manual<'p> {
    text: String,
    parts: &'p SchemaParts,
    /// The types whose table is already written.
    written: BTreeSet<&'p str>,
}

impl<'p> Manual<'p> {
    fn top(&mut self) {
        let top = &self.parts.top;
        let tables: Vec<_> = properties(top)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key, target(self.parts, value.as_object()?)?)))
            .filter(|(_, (_, schema))| schema.get("type").is_some_and(|is| is == "object"))
            .collect();
        self.written
            .extend(tables.iter().map(|(_, (name, _))| *name));
        self.section("## The top of the file", top, None);
        for (key, (_, schema)) in tables {
            self.section(&format!("### `[{key}]`"), schema, None);
        }
    }

    /// A list of the types, each with the first sentence of its description.
    fn overview(&mut self, types: &[(&str, Map<String, Value>)]) {
        self.text
            .push_str("\n| type | what it does |\n| --- | --- |\n");
        for (kind, schema) in types {
            let about = description(schema).unwrap_or_default();
            let sentence = about.split_once(". ").map_or(about, |(first, _)| first);
            let _ = writeln!(
                self.text,
                "| [`{kind}`](#type--{kind}) | {}. |",
                cell(sentence)
            );
        }
    }

    /// A section, and the tables of the types that its keys refer to.
    fn section(&mut self, title: &str, schema: &'p Map<String, Value>, extra: Option<&str>) {
        let _ = write!(self.text, "\n{title}\n");
        self.about(schema);
        self.keys(schema, extra);
        for Nested { name, schema, keys } in nested::below(self.parts, schema) {
            if !self.written.insert(name) {
                continue;
            }
            let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
            let _ = write!(
                self.text,
                "\n#### <a id=\"{}\"></a>{}\n",
                anchor(name),
                keys.join(", ")
            );
            self.about(schema);
            if forms(schema).is_some() {
                self.forms(schema);
            } else {
                self.keys(schema, None);
            }
        }
    }

    fn about(&mut self, schema: &Map<String, Value>) {
        if let Some(description) = description(schema) {
            let _ = write!(self.text, "\n{description}\n");
        }
    }

    fn forms(&mut self, schema: &Map<String, Value>) {
        self.text.push_str("\n| value | meaning |\n| --- | --- |\n");
        for form in forms(schema).into_iter().flatten() {
            let is = type_name(self.parts, form);
            let about = description(form).unwrap_or_default();
            let _ = writeln!(self.text, "| {} | {} |", cell(&is), cell(about));
        }
    }

    fn keys(&mut self, schema: &Map<String, Value>, extra: Option<&str>) {
        let none = Map::new();
        let keys = properties(schema).unwrap_or(&none);
        if keys.is_empty() && extra.is_none() {
            self.text.push_str("\nIt has no keys.\n");
            return;
        }
        self.text
            .push_str("\n| key | value | meaning |\n| --- | --- | --- |\n");
        self.text.push_str(extra.unwrap_or_default());
        let required = schema.get("required").and_then(Value::as_array);
        for (key, value) in keys {
            let Some(value) = value.as_object() else {
                continue;
            };
            let is_required = required.is_some_and(|keys| keys.iter().any(|name| name == key));
            let mut is = type_name(self.parts, value);
            if is_required {
                is.push_str(", required");
            }
            let mut about = description(value).unwrap_or_default().to_owned();
            if let Some(default) = default(value) {
                let _ = write!(about, " Default: `{default}`.");
            }
            for (word, meaning) in words(self.parts, value) {
                let _ = write!(about, "\n{word}: {meaning}");
            }
            let _ = writeln!(self.text, "| `{key}` | {} | {} |", cell(&is), cell(&about));
        }
    }
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace("\n\n", "\n")
        .replace('\n', "<br>")
}

/// The default of a key, if the schema has one that is a single value.
fn default(schema: &Map<String, Value>) -> Option<&Value> {
    schema
        .get("default")
        .filter(|default| default.is_boolean() || default.is_number() || default.is_string())
}

fn description(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("description")?.as_str()
}

/// `a, b or c`
fn commas(words: &[String]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// `strings`; the name of a type that is more than words is left as it is.
fn plural(name: &str) -> String {
    if name.contains('{') {
        return name.to_owned();
    }
    name.replace("string", "strings")
        .replace("number", "numbers")
        .replace("[table]", "[tables]")
        .replace("[secret]", "[secrets]")
}

/// The type of a value, in a few words.
fn type_name(parts: &SchemaParts, schema: &Map<String, Value>) -> String {
    if let Some((name, of)) = target(parts, schema) {
        return match name {
            "SecretRef" => "[secret](#secrets)".into(),
            "Duration" => "duration".into(),
            _ if deserves_a_table(parts, name, of) => match type_name(parts, of).as_str() {
                "table" => format!("[table](#{})", anchor(name)),
                several => format!("{several} ([forms](#{}))", anchor(name)),
            },
            _ => type_name(parts, of),
        };
    }
    let either = |options: &Vec<Value>| {
        let mut names: Vec<String> = Vec::new();
        for option in options.iter().filter_map(Value::as_object) {
            let name = type_name(parts, option);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        commas(&names)
    };
    for key in ["oneOf", "anyOf"] {
        if let Some(Value::Array(options)) = schema.get(key) {
            return either(options);
        }
    }
    if let Some(word) = schema.get("const") {
        return format!("`{word}`");
    }
    if let Some(Value::Array(words)) = schema.get("enum") {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        return commas(&words);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "string".into(),
        Some("boolean") => "true or false".into(),
        Some("integer") => "whole number".into(),
        Some("number") => "number".into(),
        Some("array") => {
            let items = schema.get("items").and_then(Value::as_object);
            let items = items.map_or_else(String::new, |items| type_name(parts, items));
            format!("array of {}", plural(&items))
        }
        Some("object") => {
            let keys = schema.get("properties").and_then(Value::as_object);
            match keys.map(|keys| keys.iter().collect::<Vec<_>>()).as_deref() {
                Some([(key, value)]) => {
                    let value = value.as_object().map(|value| type_name(parts, value));
                    format!("`{{ {key} = … }}` ({})", value.unwrap_or_default())
                }
                _ => match schema
                    .get("additionalProperties")
                    .and_then(Value::as_object)
                {
                    Some(each) => table_of(parts, each),
                    None => "table".into(),
                },
            }
        }
        _ => String::new(),
    }
}

/// The type of a table that may have any keys, by the schema of each value.
fn table_of(parts: &SchemaParts, each: &Map<String, Value>) -> String {
    match target(parts, each) {
        Some((name, of)) if deserves_a_table(parts, name, of) && forms(of).is_some() => {
            format!(
                "table whose values have one of [these forms](#{})",
                anchor(name)
            )
        }
        _ => format!("table of {}", plural(&type_name(parts, each))),
    }
}

/// The strings that a value may be, each with its meaning, if they have meanings.
fn words<'p>(parts: &'p SchemaParts, schema: &'p Map<String, Value>) -> Vec<(String, &'p str)> {
    let schema = match target(parts, schema) {
        Some((name, of)) if deserves_a_table(parts, name, of) => return Vec::new(),
        Some((_, of)) => of,
        None => schema,
    };
    let Some(Value::Array(options)) = schema.get("oneOf") else {
        return Vec::new();
    };
    options
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|option| Some((type_name(parts, option), description(option)?)))
        .collect()
}
