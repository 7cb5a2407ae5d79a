//! A serde deserializer over a parsed TOML table. It borrows the table, so that a second attempt
//! can be made after a mistake, and every error knows the bytes that it is about. It is stricter
//! than the deserializer of the toml crate: a struct must be a table, never an array of its fields.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::key_error::{KeyError, KeyErrorKind};
use crate::suggest;

/// The keys of a table, without those that begin at a byte in `skip`.
#[derive(Clone, Copy)]
pub(crate) struct PartialTable<'a, 'de> {
    pub(crate) keys: &'a DeTable<'de>,
    pub(crate) skip: &'a [usize],
}

/// One value.
#[derive(Clone, Copy)]
struct SpannedValue<'a, 'de> {
    value: &'a Spanned<DeValue<'de>>,
    skip: &'a [usize],
}

impl<'de> Deserializer<'de> for PartialTable<'_, 'de> {
    type Error = KeyError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, KeyError> {
        visitor.visit_map(Entries {
            rest: self.keys.iter(),
            skip: self.skip,
            value: None,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de> Deserializer<'de> for SpannedValue<'_, 'de> {
    type Error = KeyError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, KeyError> {
        let skip = self.skip;
        let visited = match self.value.get_ref() {
            DeValue::String(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            DeValue::String(Cow::Owned(text)) => visitor.visit_str(text),
            DeValue::Boolean(flag) => visitor.visit_bool(*flag),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => Err(KeyError::custom("this number is too large")),
                }
            }
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => Err(KeyError::custom("this number cannot be read")),
            },
            DeValue::Datetime(_) => Err(KeyError::invalid_type(
                Unexpected::Other("a date"),
                &visitor,
            )),
            DeValue::Array(items) => visitor.visit_seq(Items {
                rest: items.iter(),
                skip,
            }),
            DeValue::Table(keys) => PartialTable { keys, skip }.deserialize_any(visitor),
        };
        visited.map_err(|fault| fault.at(|| self.value.span()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, KeyError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, KeyError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, KeyError> {
        if self.value.get_ref().is_table() {
            return self.deserialize_any(visitor);
        }
        let found = Unexpected::Other(name_of(self.value.get_ref()));
        let fault = KeyError::invalid_type(found, &"a map");
        Err(fault.at(|| self.value.span()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, KeyError> {
        let wrong = |message: String| KeyError::custom(message).at(|| self.value.span());
        match self.value.get_ref() {
            DeValue::String(Cow::Borrowed(text)) => {
                visitor.visit_enum(BorrowedStrDeserializer::new(text))
            }
            DeValue::String(Cow::Owned(text)) => {
                let text: StrDeserializer<'_, KeyError> = text.as_str().into_deserializer();
                visitor.visit_enum(text)
            }
            DeValue::Table(keys) => {
                let mut keys = keys.iter();
                match (keys.next(), keys.next()) {
                    (Some((key, value)), None) => visitor.visit_enum(TaggedWord {
                        key,
                        value: SpannedValue { value, ..self },
                    }),
                    _ => Err(wrong("this table must have exactly one key".into())),
                }
            }
            other => Err(KeyError::new(KeyErrorKind::WrongType {
                found: name_of(other).into(),
                expected: format!("one of the words {}", suggest::list(known, "and")),
                help: bare(other)
                    .filter(|bare| known.contains(bare))
                    .map(|bare| format!("write it in quotes: \"{bare}\"")),
            })),
        }
        .map_err(|fault| fault.at(|| self.value.span()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The type of a value, in the words of an error message.
fn name_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// The text of a value that is written without quotes.
fn bare<'a>(value: &'a DeValue<'_>) -> Option<&'a str> {
    match value {
        DeValue::Integer(number) => Some(number.as_str()),
        DeValue::Float(number) => Some(number.as_str()),
        _ => None,
    }
}

struct Entries<'a, 'de, I> {
    rest: I,
    skip: &'a [usize],
    value: Option<(&'a Spanned<Cow<'de, str>>, &'a Spanned<DeValue<'de>>)>,
}

impl<'a, 'de: 'a, I> MapAccess<'de> for Entries<'a, 'de, I>
where
    I: Iterator<Item = (&'a Spanned<Cow<'de, str>>, &'a Spanned<DeValue<'de>>)>,
{
    type Error = KeyError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, KeyError> {
        let skip = self.skip;
        let unskipped = |(key, _): &(&Spanned<_>, _)| !skip.contains(&key.span().start);
        let Some((key, value)) = self.rest.find(unskipped) else {
            return Ok(None);
        };
        self.value = Some((key, value));
        read_key(key, seed).map(Some).map_err(|fault| {
            fault
                .at(|| key.span())
                .below(key.get_ref(), key.span().start)
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, KeyError> {
        let Some((key, value)) = self.value.take() else {
            return Err(KeyError::custom("a value was asked for before its key"));
        };
        let skip = self.skip;
        seed.deserialize(SpannedValue { value, skip })
            .map_err(|fault| {
                fault
                    .at(|| value.span())
                    .below(key.get_ref(), key.span().start)
            })
    }
}

fn read_key<'de, K: DeserializeSeed<'de>>(
    key: &Spanned<Cow<'de, str>>,
    seed: K,
) -> Result<K::Value, KeyError> {
    match key.get_ref() {
        Cow::Borrowed(text) => seed.deserialize(BorrowedStrDeserializer::<KeyError>::new(text)),
        Cow::Owned(text) => seed.deserialize(StrDeserializer::<KeyError>::new(text)),
    }
}

struct Items<'a, 'de> {
    rest: std::slice::Iter<'a, Spanned<DeValue<'de>>>,
    skip: &'a [usize],
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = KeyError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, KeyError> {
        let skip = self.skip;
        self.rest
            .next()
            .map(|value| seed.deserialize(SpannedValue { value, skip }))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// An enum variant with a value: `{ at_least = 2 }`.
struct TaggedWord<'a, 'de> {
    key: &'a Spanned<Cow<'de, str>>,
    value: SpannedValue<'a, 'de>,
}

impl<'a, 'de> EnumAccess<'de> for TaggedWord<'a, 'de> {
    type Error = KeyError;
    type Variant = SpannedValue<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, SpannedValue<'a, 'de>), KeyError> {
        let word = read_key(self.key, seed).map_err(|fault| fault.at(|| self.key.span()))?;
        Ok((word, self.value))
    }
}

impl<'de> VariantAccess<'de> for SpannedValue<'_, 'de> {
    type Error = KeyError;

    fn unit_variant(self) -> Result<(), KeyError> {
        let fault = KeyError::custom("this word takes no value: write it alone, in quotes");
        Err(fault.at(|| self.value.span()))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, KeyError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, KeyError> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, KeyError> {
        self.deserialize_struct("", fields, visitor)
    }
}
