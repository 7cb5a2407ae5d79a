//! Shows values of up.toml, with `•••` in place of secrets.

use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::{DeString, DeValue};
use up_core::redact::{HIDDEN, arguments, looks_secret, without_secrets};
use up_source::SecretRef;

/// The value of a key, masked if the schema says that it may be a secret.
pub(super) fn shown(key: &str, value: &DeValue<'_>, schema: &Value) -> Value {
    // A body or a text to send may contain a secret, as a header may.
    if is_secret(schema) || looks_secret(key) && schema.get("type").is_some_and(|of| of == "string")
    {
        return secret(value);
    }
    match (key, value) {
        ("body" | "send", _) => return json!(HIDDEN),
        ("command", DeValue::Array(words)) => {
            let words = words.iter().filter_map(|word| word.get_ref().as_str());
            return arguments(words).into();
        }
        // The panel shows no more of it either.
        ("open", DeValue::Array(words)) => {
            let show = |(at, word): (usize, &Spanned<DeValue<'_>>)| match at {
                0 => plain(word.get_ref()),
                _ => json!(HIDDEN),
            };
            return words.iter().enumerate().map(show).collect();
        }
        _ => {}
    }
    match value.as_table() {
        Some(each) if schema.get("additionalProperties").is_some_and(is_secret) => each
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), secret(value.get_ref())))
            .collect::<Map<_, _>>()
            .into(),
        _ => plain(value),
    }
}

/// The reference to a secret may be shown, but not the secret itself.
fn secret(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::Table(keys) if keys.keys().all(is_pointer) => keys
            .iter()
            .map(|(key, name)| (key.get_ref().to_string(), named(name.get_ref())))
            .collect::<Map<_, _>>()
            .into(),
        DeValue::Table(_) => plain(value),
        _ => json!(HIDDEN),
    }
}

/// A header named `credential` is a secret, but `{ credential = "NAME" }` in place of a secret is not.
fn is_pointer(key: &Spanned<DeString<'_>>) -> bool {
    SecretRef::POINTERS.contains(&key.get_ref().as_ref())
}

fn named(name: &DeValue<'_>) -> Value {
    match name {
        DeValue::String(_) => plain(name),
        _ => json!(HIDDEN),
    }
}

fn is_secret(schema: &Value) -> bool {
    let name = schema.get("$ref").and_then(Value::as_str);
    name.is_some_and(|name| name.ends_with("/SecretRef"))
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(without_secrets(text)),
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => json!(number),
            Err(_) => json!(number.as_str()),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => json!(number.as_str()),
        },
        DeValue::Datetime(date) => json!(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect(),
        DeValue::Table(keys) => keys
            .iter()
            .map(|(key, value)| {
                let hidden = looks_secret(key.get_ref()) && !value.get_ref().is_table();
                let value = if hidden {
                    json!(HIDDEN)
                } else {
                    plain(value.get_ref())
                };
                (key.get_ref().to_string(), value)
            })
            .collect::<Map<_, _>>()
            .into(),
    }
}

/// A value as up.toml writes it, on one line.
pub fn in_toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(in_toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(keys) if keys.is_empty() => "{}".into(),
        Value::Object(keys) => {
            let each = keys.iter().map(|(key, value)| {
                let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                let key = if !key.is_empty() && key.chars().all(bare) {
                    key.clone()
                } else {
                    json!(key).to_string()
                };
                format!("{key} = {}", in_toml(value))
            });
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
