//! Looks up one value of a JSON text by its JSON Pointer (RFC 6901).
//!
//! The text is read once from end to end, and only the value at the pointer is kept, so that a
//! large body needs no further memory.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use up_core::cause::one_line;

use super::number::Number;
use crate::text::DecodedText;

/// The most bytes shown of a string that was found.
const MAX_SHOWN: usize = 60;

/// A JSON Pointer as text: `/queue`, `/nodes/0/state`, or empty for the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer(Box<str>);

/// The value that a pointer leads to. Arrays and objects are kept without their content.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PointerLookup {
    /// `null`
    Null,
    /// `true` or `false`
    Flag(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Pointer {
    /// Parses a pointer. The error is a sentence for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(format!(
                "{text:?} is no JSON Pointer: write \"/{text}\", or \"/a/b\" for what stands deeper"
            ));
        }
        let mut after = text.split('~').skip(1);
        if after.any(|rest| !rest.starts_with(['0', '1'])) {
            return Err(format!(
                "{text:?} is no JSON Pointer: in one, `~` is written `~0`, and a `/` in a key `~1`"
            ));
        }
        Ok(Self(text.into()))
    }

    /// The value at the pointer in `json`; `None` when there is none. An error when `json` is not
    /// JSON.
    pub(crate) fn find(
        &self,
        json: &DecodedText<'_>,
    ) -> Result<Option<PointerLookup>, serde_json::Error> {
        let keys: Vec<String> = self
            .0
            .split('/')
            .skip(1)
            // `~1` is replaced first, so that `~01` becomes `~1` (RFC 6901, section 4).
            .map(|key| key.replace("~1", "/").replace("~0", "~"))
            .collect();
        match json.plain() {
            Some(json) => read(&keys, serde_json::Deserializer::from_str(json)),
            None => read(&keys, serde_json::Deserializer::from_reader(json.reader())),
        }
    }
}

fn read<'de, R: serde_json::de::Read<'de>>(
    keys: &[String],
    mut json: serde_json::Deserializer<R>,
) -> Result<Option<PointerLookup>, serde_json::Error> {
    let found = Seek(keys).deserialize(&mut json)?;
    json.end()?;
    Ok(found)
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            "" => f.write_str("the whole JSON"),
            text => f.write_str(text),
        }
    }
}

impl fmt::Display for PointerLookup {
    /// The value as JSON writes it, of bounded length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "\"{}\"", one_line(text, MAX_SHOWN)),
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
        }
    }
}

impl PointerLookup {
    /// The text of a string, a number, `true` or `false`, which patterns and the words of a map are
    /// compared with. `None` for other values.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(_) | Self::Flag(_) => Some(self.to_string()),
            Self::Null | Self::Array | Self::Object => None,
        }
    }
}

/// A JSON visitor that descends along these keys and returns the value at their end.
struct Seek<'k>(&'k [String]);

impl Seek<'_> {
    fn value_at_end(&self, found: PointerLookup) -> Option<PointerLookup> {
        self.0.is_empty().then_some(found)
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<PointerLookup>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Option<PointerLookup>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.value_at_end(PointerLookup::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(self.value_at_end(PointerLookup::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(self.value_at_end(PointerLookup::Number(Number::Whole(number.into()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(self.value_at_end(PointerLookup::Number(Number::Whole(number.into()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(self.value_at_end(PointerLookup::Number(Number::Real(number))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        // Only the value at the end of the keys is copied.
        Ok(self
            .0
            .is_empty()
            .then(|| PointerLookup::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let wanted = self.0.first().and_then(|key| index(key));
        let mut found = self.value_at_end(PointerLookup::Array);
        let mut at = 0_usize;
        loop {
            if wanted == Some(at) {
                let Some(inside) = items.next_element_seed(Seek(&self.0[1..]))? else {
                    return Ok(found);
                };
                found = inside;
            } else if items.next_element::<IgnoredAny>()?.is_none() {
                return Ok(found);
            }
            at += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = self.value_at_end(PointerLookup::Object);
        while let Some(key) = entries.next_key::<String>()? {
            if self.0.first() == Some(&key) {
                // Of a key that appears twice the last value counts, as with most JSON parsers.
                found = entries.next_value_seed(Seek(&self.0[1..]))?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Parses the index of an array: digits without a leading zero (RFC 6901, section 4).
fn index(key: &str) -> Option<usize> {
    let plain = key.bytes().all(|b| b.is_ascii_digit()) && (key == "0" || !key.starts_with('0'));
    plain.then(|| key.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_pointer_leads_to_a_value_or_to_nothing() {
        // The document of RFC 6901, section 5, and a few more.
        let document = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3," ":7,"m~n":8,
            "~1":9,"deep":{"x":[{"y":null},true]},"twice":1,"twice":2.5,"large":18446744073709551615}"#;
        let check = |pointer: &str, expected: Option<&str>| {
            let pointer = Pointer::parse(pointer).expect("a pointer");
            let found = pointer.find(&document.into()).expect("JSON");
            let found = found.map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{pointer}");
        };
        check("", Some("an object"));
        check("/foo", Some("an array"));
        check("/foo/0", Some("\"bar\""));
        check("/foo/1", Some("\"baz\""));
        check("/foo/2", None);
        check("/foo/00", None);
        check("/foo/-", None);
        check("/foo/", None);
        check("/foo/99999999999999999999999", None);
        check("/foo/0/0", None);
        check("/", Some("0"));
        check("/a~1b", Some("1"));
        check("/c%d", Some("2"));
        check("/e^f", Some("3"));
        check("/ ", Some("7"));
        check("/m~0n", Some("8"));
        check("/~01", Some("9"));
        check("/deep/x/0/y", Some("null"));
        check("/deep/x/1", Some("true"));
        check("/twice", Some("2.5"));
        check("/large", Some("18446744073709551615"));
        check("/none", None);
    }

    #[test]
    fn what_is_no_pointer_is_told() {
        let check = |text: &str, words: &str| {
            let error = Pointer::parse(text).expect_err(text);
            assert!(error.contains(words), "{error}");
        };
        check("queue", "write \"/queue\"");
        check("/a~b", "written `~0`");
        check("/a~", "written `~0`");
    }

    #[test]
    fn what_is_no_json_is_an_error_wherever_it_goes_wrong() {
        let deep = "[".repeat(100_000);
        for text in [
            "",
            "{",
            "{\"a\":1",
            "{\"a\":1}x",
            "[1,]",
            "nul",
            "<html>",
            &deep,
        ] {
            for pointer in ["", "/a", "/0/0"] {
                let pointer = Pointer::parse(pointer).expect("a pointer");
                assert!(
                    pointer.find(&text.into()).is_err(),
                    "{pointer} in {text:.20}"
                );
            }
        }
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a~/0 ]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a~/01]{0,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_finds_what_a_whole_document_would_hold(
            document in document(),
            pointer in "(/([a01]|~0|~1){0,2}){0,4}",
        ) {
            let text = document.to_string();
            let expected = document.pointer(&pointer).map(|value| match value {
                Value::Null => "null".to_owned(),
                Value::Array(_) => "an array".to_owned(),
                Value::Object(_) => "an object".to_owned(),
                Value::String(text) => format!("\"{}\"", one_line(text, MAX_SHOWN)),
                other => other.to_string(),
            });
            let found = Pointer::parse(&pointer).expect("a pointer").find(&text.as_str().into()).expect("JSON");
            prop_assert_eq!(found.map(|found| found.to_string()), expected);
        }

        #[test]
        fn no_pointer_and_no_text_is_a_panic(pointer in ".{0,20}", text in ".{0,60}") {
            if let Ok(pointer) = Pointer::parse(&pointer) {
                let _ = pointer.find(&text.as_str().into());
            }
        }
    }
}
