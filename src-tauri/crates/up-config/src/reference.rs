//! The reference manual of up.toml, made from the schema.

mod nested;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value};

use crate::schema::{SchemaParts, parts};
use nested::{Nested, anchor, deserves_a_table, forms, properties, target};

const HEAD: &str = "\
<!-- Generated from the types that read up.toml; `cargo xtask codegen` writes it. -->

# up.toml

What Up watches, and how. `up.toml` beside this file is a commented sample, `examples` has one file \
for each type, and `up.schema.json` tells editors the same. `up validate` says what is wrong with a \
file.

Up looks for its configuration at `-c FILE`, `$UP_CONFIG`, `./up.toml`, then `up/up.toml` in the \
user's configuration directory.

- A **duration** is a string of whole numbers with units (`ms`, `s`, `m`, `h`, `d`): `\"30s\"`, \
`\"1h30m\"`.
- A **secret** is a string, or says [where to find it](#secrets). It is never printed, logged or \
stored.
- Unknown keys are errors.
";

/// The reference manual of up.toml, as Markdown.
pub fn reference() -> String {
    let parts = parts();
    let mut manual = Manual {
        text: HEAD.to_owned(),
        parts: &parts,
        written: BTreeSet::new(),
    };
    manual.top();
    manual.text.push_str("\n## Sources: `[[source]]`\n");
    manual.section(
        "### Keys of every source",
        &parts.common,
        Some("| `type` | one of those below, required | What kind of source it is. |\n"),
    );
    for (kind, schema) in &parts.sources {
        let children = "| `source` | array of tables | What stands in the tree, written as \
            `[[source.source]]`. |\n";
        let extra = (*kind == "tree").then_some(children);
        manual.section(&format!("### `type = \"{kind}\"`"), schema, extra);
    }
    manual
        .text
        .push_str("\n## Sinks: `[[sink]]`\n\nWith none, `up` prints to stdout.\n");
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

/// The manual as far as it is written.
struct Manual<'p> {
    text: String,
    parts: &'p SchemaParts,
    /// Types that have their table already.
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

    /// A section, and the tables of what stands within its keys.
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
            let about = description(form).unwrap_or_default().replace('\n', " ");
            let _ = writeln!(self.text, "| {} | {} |", cell(&is), cell(&about));
        }
    }

    fn keys(&mut self, schema: &Map<String, Value>, extra: Option<&str>) {
        let none = Map::new();
        let keys = properties(schema).unwrap_or(&none);
        if keys.is_empty() && extra.is_none() {
            self.text.push_str("\nIt has no keys of its own.\n");
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
            if let Some(default) = default(value) {
                let _ = write!(is, ", `{default}` unless given");
            }
            let mut about = description(value).unwrap_or_default().replace('\n', " ");
            for (word, meaning) in words(self.parts, value) {
                let _ = write!(about, " {word}: {meaning}");
            }
            let _ = writeln!(self.text, "| `{key}` | {} | {} |", cell(&is), cell(&about));
        }
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What stands for a key that is not given, where the schema says it and it says something.
fn default(schema: &Map<String, Value>) -> Option<&Value> {
    schema.get("default").filter(|default| match default {
        Value::Bool(flag) => *flag,
        Value::Object(keys) => !keys.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null => false,
        Value::Number(_) | Value::String(_) => true,
    })
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

/// What a value may be, in a few words.
fn type_name(parts: &SchemaParts, schema: &Map<String, Value>) -> String {
    if let Some((name, of)) = target(parts, schema) {
        return match name {
            "SecretRef" => "[secret](#secrets)".into(),
            "Duration" => "duration".into(),
            _ if deserves_a_table(parts, name, of) => match type_name(parts, of).as_str() {
                "table" => format!("[table](#{})", anchor(name)),
                several => format!("{several}: [see there](#{})", anchor(name)),
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
            format!("array of {items}")
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
                    Some(each) => format!("table of {}", type_name(parts, each)),
                    None => "table".into(),
                },
            }
        }
        _ => String::new(),
    }
}

/// The words that a value may be, each with its meaning, where they have meanings.
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
