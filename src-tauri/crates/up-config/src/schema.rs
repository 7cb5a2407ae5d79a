//! The JSON Schema of up.toml, generated from the types that read it.

use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use up_sink::registry::SinkConfig;
use up_source::SourceConfig;

use crate::keys::{CommonKeys, TopKeys, TreeKeys};
use crate::mask::KnownKeys;
use crate::suggest;

/// The JSON Schema (draft 2020-12) of up.toml, with a line break at its end. Editors that support
/// TOML complete and check keys with it.
pub fn schema() -> String {
    let mut text = format!("{:#}", Value::Object(document()));
    text.push('\n');
    text
}

/// The parts of the schema that the reference manual needs.
pub(crate) struct SchemaParts {
    /// The keys at the top of the file.
    pub(crate) top: Map<String, Value>,
    /// The keys of every source.
    pub(crate) common: Map<String, Value>,
    /// Each source type with the schema of its keys, `tree` first.
    pub(crate) sources: Vec<(&'static str, Map<String, Value>)>,
    /// Each sink type with the schema of its keys.
    pub(crate) sinks: Vec<(&'static str, Map<String, Value>)>,
    /// The schemas that the others refer to by name.
    pub(crate) shared: Map<String, Value>,
}

/// The known keys, by which the mask decides which values of a file may be shown.
pub(crate) fn known() -> &'static KnownKeys {
    static KNOWN: LazyLock<KnownKeys> = LazyLock::new(|| {
        let parts = parts();
        let own = parts.sources.iter();
        // Every source has the common keys.
        let own = own.map(|(kind, own)| (*kind, vec![own, &parts.common]));
        let sources: Vec<_> = own.collect();
        let own = parts.sinks.iter().map(|(kind, own)| (*kind, vec![own]));
        let sinks: Vec<_> = own.collect();
        KnownKeys::new(&parts.top, &sources, &sinks, &parts.shared, schema())
    });
    &KNOWN
}

/// Generates the parts of the schema, without what is particular to Rust.
pub(crate) fn parts() -> SchemaParts {
    let mut generator = SchemaGenerator::default();
    let top = plain(TopKeys::json_schema(&mut generator));
    let common = plain(CommonKeys::json_schema(&mut generator));
    let mut sources = vec![("tree", TreeKeys::json_schema(&mut generator))];
    sources.extend(SourceConfig::schemas(&mut generator));
    let sinks = SinkConfig::schemas(&mut generator);
    let all_plain = |kinds: Vec<(&'static str, Schema)>| {
        let each = kinds.into_iter();
        each.map(|(kind, schema)| (kind, plain(schema))).collect()
    };
    let mut shared = Value::Object(generator.take_definitions(true));
    tidy(&mut shared);
    SchemaParts {
        top,
        common,
        sources: all_plain(sources),
        sinks: all_plain(sinks),
        shared: object(shared),
    }
}

fn plain(schema: Schema) -> Map<String, Value> {
    let mut value = schema.to_value();
    tidy(&mut value);
    object(value)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Removes null, which TOML does not have, and what has a meaning in Rust only.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            map.remove("title");
            map.remove("$schema");
            if map.get("default").is_some_and(Value::is_null) {
                map.remove("default");
            }
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(options)) = map.get_mut("anyOf") {
                options.retain(|option| *option != json!({ "type": "null" }));
                if let [Value::Object(only)] = options.as_mut_slice() {
                    let only = std::mem::take(only);
                    map.remove("anyOf");
                    map.extend(only);
                }
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = unwrapped(text);
            }
            map.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// A doc comment with each paragraph on one line. Blocks of code keep their lines.
fn unwrapped(text: &str) -> String {
    let mut whole = String::new();
    let (mut is_code, mut begins) = (false, true);
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        if is_code || is_fence || line.is_empty() {
            if !whole.is_empty() {
                whole.push('\n');
            }
            is_code ^= is_fence;
            begins = true;
        } else if begins {
            if !whole.is_empty() {
                whole.push('\n');
            }
            begins = false;
        } else {
            whole.push(' ');
        }
        whole.push_str(line);
    }
    whole
}

fn document() -> Map<String, Value> {
    let SchemaParts {
        top,
        common,
        sources,
        sinks,
        shared,
    } = parts();
    let mut definitions = Map::new();
    let all_of = |kinds: &[(&str, Map<String, Value>)], table: &str| {
        let refs = kinds
            .iter()
            .map(|(kind, _)| refer(&format!("{table}_{kind}")));
        json!({ "oneOf": refs.collect::<Vec<_>>() })
    };
    definitions.insert("source".into(), all_of(&sources, "source"));
    definitions.insert("sink".into(), all_of(&sinks, "sink"));
    for (kind, own) in sources {
        let mut schema = typed(kind, own, Some(&common));
        if kind == "tree" {
            require(&mut schema, "name");
            add_key(&mut schema, "source", "source", "The sources in the tree.");
        }
        definitions.insert(format!("source_{kind}"), schema.into());
    }
    for (kind, own) in sinks {
        definitions.insert(format!("sink_{kind}"), typed(kind, own, None).into());
    }
    definitions.extend(shared);

    let mut document = Map::new();
    document.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    document.insert("title".into(), "up.toml".into());
    document.extend(top);
    document.insert(
        "description".into(),
        "What Up watches, when it notifies people, and where its results go.".into(),
    );
    add_key(
        &mut document,
        "source",
        "source",
        "The sources: what Up checks.",
    );
    add_key(
        &mut document,
        "sink",
        "sink",
        "The sinks: where results go, in addition to the tray, its panel and its notifications.",
    );
    require(&mut document, "source");
    document.insert("$defs".into(), definitions.into());
    document
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The schema of the table of one type: `type`, the common keys, and the keys of the type.
fn typed(
    kind: &str,
    own: Map<String, Value>,
    common: Option<&Map<String, Value>>,
) -> Map<String, Value> {
    let mut keys = Map::new();
    keys.insert("type".into(), json!({ "const": kind }));
    if let Some(Value::Object(common)) = common.and_then(|common| common.get("properties")) {
        keys.extend(common.clone());
    }
    let mut schema = own;
    if let Some(Value::Object(own)) = schema.remove("properties") {
        keys.extend(own);
    }
    schema.insert("properties".into(), keys.into());
    require(&mut schema, "type");
    schema
}

fn require(schema: &mut Map<String, Value>, key: &str) {
    let required = schema.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        required.insert(0, key.into());
    }
}

fn add_key(schema: &mut Map<String, Value>, key: &str, of: &str, description: &str) {
    if let Some(Value::Object(keys)) = schema.get_mut("properties") {
        let value = json!({ "description": description, "type": "array", "items": refer(of) });
        keys.insert(key.into(), value);
    }
}

/// Help for a key that belongs to other source types than the one that has it.
pub(crate) fn source_types_with(key: &str) -> Option<String> {
    let mut generator = SchemaGenerator::default();
    let mut types: Vec<(&str, Schema)> = SourceConfig::schemas(&mut generator);
    types.push(("tree", TreeKeys::json_schema(&mut generator)));
    types_with(key, &types, "source")
}

/// Help for a key at the top of the file that belongs below a source.
pub(crate) fn below_the_top(key: &str) -> Option<String> {
    let common = ["type", "weight"].contains(&key);
    source_types_with(key)
        .or_else(|| common.then(|| format!("`{key}` belongs below a line [[source]]")))
}

/// Help for a key that belongs to other sink types than the one that has it.
pub(crate) fn sink_types_with(key: &str) -> Option<String> {
    let types = SinkConfig::schemas(&mut SchemaGenerator::default());
    types_with(key, &types, "sink")
}

fn types_with(key: &str, types: &[(&str, Schema)], table: &str) -> Option<String> {
    let has = |schema: &Schema| {
        let keys = schema.get("properties").and_then(|keys| keys.as_object());
        keys.is_some_and(|keys| keys.contains_key(key))
    };
    let with: Vec<&str> = types
        .iter()
        .filter(|(_, schema)| has(schema))
        .map(|(kind, _)| *kind)
        .collect();
    (!with.is_empty()).then(|| {
        let list = suggest::list(&with, "or");
        format!("`{key}` belongs in a [[{table}]] of type {list}")
    })
}
