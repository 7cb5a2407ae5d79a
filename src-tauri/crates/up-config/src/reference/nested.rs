//! The types inside the values of keys. A type with several keys, or with several forms of which
//! some are tables, has a table of its own in the manual.

use serde_json::{Map, Value};

use crate::schema::SchemaParts;

/// The types that other sections of the manual describe.
const ELSEWHERE: &[&str] = &["SecretRef", "Duration"];

/// A type with a table of its own, and the keys whose values have that type.
pub(super) struct Nested<'p> {
    pub(super) name: &'p str,
    pub(super) schema: &'p Map<String, Value>,
    /// The keys in the order of the manual, like `expect` and `expect.headers`.
    pub(super) keys: Vec<String>,
}

/// All types inside the keys of a section, each after the type that contains it.
pub(super) fn below<'p>(
    parts: &'p SchemaParts,
    section: &'p Map<String, Value>,
) -> Vec<Nested<'p>> {
    let mut found = Vec::new();
    keys(parts, section, "", &mut found);
    found
}

/// The anchor of the table of a type, for links.
pub(super) fn anchor(name: &str) -> String {
    let mut anchor = String::new();
    for c in name
        .trim_end_matches("Keys")
        .trim_end_matches("Key")
        .chars()
    {
        if c.is_uppercase() && !anchor.is_empty() {
            anchor.push('-');
        }
        anchor.extend(c.to_lowercase());
    }
    anchor
}

/// The name and the schema of the type that a schema refers to.
pub(super) fn target<'p>(
    parts: &'p SchemaParts,
    schema: &'p Map<String, Value>,
) -> Option<(&'p str, &'p Map<String, Value>)> {
    let name = schema.get("$ref")?.as_str()?.rsplit('/').next()?;
    Some((name, parts.shared.get(name)?.as_object()?))
}

/// The forms of a value, if it has several.
pub(super) fn forms(schema: &Map<String, Value>) -> Option<Vec<&Map<String, Value>>> {
    let forms = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
    Some(
        forms
            .as_array()?
            .iter()
            .filter_map(Value::as_object)
            .collect(),
    )
}

/// True if the description of a type does not fit into a cell.
pub(super) fn deserves_a_table(
    parts: &SchemaParts,
    name: &str,
    schema: &Map<String, Value>,
) -> bool {
    let is_table = |form: &Map<String, Value>| {
        let form = target(parts, form).map_or(form, |(_, form)| form);
        form.contains_key("properties")
    };
    !ELSEWHERE.contains(&name)
        && match forms(schema) {
            Some(forms) => forms.into_iter().any(is_table),
            None => properties(schema).is_some_and(|keys| keys.len() > 1),
        }
}

pub(super) fn properties(schema: &Map<String, Value>) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn keys<'p>(
    parts: &'p SchemaParts,
    table: &'p Map<String, Value>,
    above: &str,
    found: &mut Vec<Nested<'p>>,
) {
    for (key, value) in properties(table).into_iter().flatten() {
        if let Some(value) = value.as_object() {
            within(parts, value, &format!("{above}{key}"), found);
        }
    }
}

fn within<'p>(
    parts: &'p SchemaParts,
    value: &'p Map<String, Value>,
    key: &str,
    found: &mut Vec<Nested<'p>>,
) {
    if let Some((name, schema)) = target(parts, value) {
        if let Some(known) = found.iter_mut().find(|known| known.name == name) {
            known.keys.push(key.to_owned());
            return;
        }
        if ELSEWHERE.contains(&name) {
            return;
        }
        if deserves_a_table(parts, name, schema) {
            let keys = vec![key.to_owned()];
            found.push(Nested { name, schema, keys });
        }
        inner(parts, schema, key, found);
    } else {
        inner(parts, value, key, found);
    }
}

fn inner<'p>(
    parts: &'p SchemaParts,
    schema: &'p Map<String, Value>,
    key: &str,
    found: &mut Vec<Nested<'p>>,
) {
    keys(parts, schema, &format!("{key}."), found);
    for each in ["items", "additionalProperties"] {
        if let Some(value) = schema.get(each).and_then(Value::as_object) {
            within(parts, value, key, found);
        }
    }
    for form in forms(schema).into_iter().flatten() {
        within(parts, form, key, found);
    }
}
