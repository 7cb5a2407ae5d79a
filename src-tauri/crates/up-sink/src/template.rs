//! Templates of a webhook's body: a text with `{fields}` in it, or a table whose texts have them.
//! Fields are filled in after the table was parsed, so their values need no escaping.

use serde_json::{Map, Value};

use crate::report::FIELDS;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Template {
    /// A text in parts. A text that is a single field keeps that field's type.
    Text(Vec<TemplatePart>),
    /// A value without fields.
    Plain(Value),
    /// A list.
    List(Vec<Self>),
    /// A table.
    Table(Vec<(String, Self)>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TemplatePart {
    /// Literal text.
    Text(String),
    /// The value of the report's field of this name.
    Field(&'static str),
}

impl Template {
    /// Parses a template. The error is one line that names the mistake.
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(parts(text)?),
            Value::Array(items) => {
                Self::List(items.iter().map(Self::read).collect::<Result<_, _>>()?)
            }
            Value::Object(keys) => {
                let read = |(key, value): (&String, &Value)| Ok((key.clone(), Self::read(value)?));
                Self::Table(keys.iter().map(read).collect::<Result<_, String>>()?)
            }
            other => Self::Plain(other.clone()),
        })
    }

    /// Fills in the fields of a report.
    pub(crate) fn fill(&self, report: &Value) -> Value {
        match self {
            Self::Text(parts) => match parts.as_slice() {
                [TemplatePart::Field(name)] => report.get(name).cloned().unwrap_or_default(),
                parts => Value::String(parts.iter().map(|part| part.fill(report)).collect()),
            },
            Self::Plain(value) => value.clone(),
            Self::List(items) => items.iter().map(|item| item.fill(report)).collect(),
            Self::Table(keys) => {
                let filled = keys
                    .iter()
                    .map(|(key, value)| (key.clone(), value.fill(report)));
                Value::Object(filled.collect::<Map<_, _>>())
            }
        }
    }
}

impl TemplatePart {
    fn fill(&self, report: &Value) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Field(name) => match report.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => String::new(),
            },
        }
    }
}

/// Splits a text into its parts: `{field}` is a field, `{{` and `}}` are literal braces.
fn parts(text: &str) -> Result<Vec<TemplatePart>, String> {
    let (mut parts, mut plain) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        plain.push_str(before);
        let twice = brace.starts_with("{{") || brace.starts_with("}}");
        if twice {
            plain.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let Some((name, after)) = brace
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        else {
            return Err("a brace stands alone: write {{ or }} for one that is meant".into());
        };
        let Some(field) = FIELDS.iter().find(|field| **field == name.trim()) else {
            let known = FIELDS.join(", ");
            return Err(format!("there is no field {{{name}}}; there are {known}"));
        };
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
        }
        parts.push(TemplatePart::Field(field));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(TemplatePart::Text(plain));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(template: &Value, expected: &Value) {
        let report = json!({"title": "PROD: DOWN", "priority": 5, "cause": "said \"no\"\n{title}"});
        let read = Template::read(template).expect("a template");
        assert_eq!(read.fill(&report), *expected, "{template}");
    }

    #[test]
    fn fields_are_filled_in_and_keep_their_type() {
        check(&json!("{title}!"), &json!("PROD: DOWN!"));
        check(&json!("{ title }"), &json!("PROD: DOWN"));
        check(&json!("{priority}"), &json!(5));
        check(&json!("p{priority}"), &json!("p5"));
        check(&json!("{{title}} }}"), &json!("{title} }"));
        check(&json!(""), &json!(""));
        check(
            &json!({"a": ["{title}", 1, true], "{title}": {"b": "{cause}"}}),
            &json!({"a": ["PROD: DOWN", 1, true], "{title}": {"b": "said \"no\"\n{title}"}}),
        );
        check(&json!("{mood}"), &Value::Null);
        check(&json!("in {mood}"), &json!("in "));
    }

    #[test]
    fn what_is_no_template_is_told() {
        for (template, word) in [
            ("{titel}", "no field {titel}; there are title,"),
            ("{title", "a brace stands alone"),
            ("}", "a brace stands alone"),
            ("{", "a brace stands alone"),
        ] {
            let error = Template::read(&json!([template])).expect_err(template);
            assert!(error.contains(word), "{template}: {error}");
        }
    }
}
