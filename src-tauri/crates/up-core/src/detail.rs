//! Further values of a check's result: typed values with names, for the panel's details and
//! `--json`.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::line::{is_plain, one_line};

/// One value of a detail.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number. The manual states the unit of each name (seconds for the phases of a check).
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A text.
    Text(Box<str>),
    /// A list of values.
    List(Vec<Value>),
    /// Named values.
    Map(Detail),
}

/// Names and values, in the order in which they were added. No name occurs twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail(Vec<(Cow<'static, str>, Value)>);

impl Detail {
    /// No values.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a value, or replaces the value with the same name.
    pub fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (plain(name.into()), value.into());
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some(slot) => slot.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value)
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// True when there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // A whole number is written as 200, not as 200.0.
            Self::Number(n) if n.fract() == 0.0 && n.abs() < WHOLE => {
                serializer.serialize_i64(*n as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => list.serialize(serializer),
            Self::Map(detail) => detail.serialize(serializer),
        }
    }
}

/// Up to this limit, 2^53, a 64-bit float represents every whole number.
const WHOLE: f64 = 9_007_199_254_740_992.0;

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(plain(Cow::Borrowed(text)).into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(plain(Cow::<str>::Owned(text)).into())
    }
}

/// Removes control characters and invisible characters from each line of a text, which may have
/// several.
fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.split('\n').all(is_plain) {
        return text;
    }
    let lines = text.split('\n').map(|line| one_line(line, text.len()));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

impl From<Detail> for Value {
    fn from(detail: Detail) -> Self {
        Self::Map(detail)
    }
}

impl From<Vec<Value>> for Value {
    fn from(list: Vec<Value>) -> Self {
        Self::List(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_names_can_steer_nothing() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Value::from(text), Value::Text(expected.into()), "{text:?}");
            let mut detail = Detail::new();
            detail.put(text.to_owned(), vec![Value::from(text.to_owned())]);
            let (name, value) = detail.iter().next().expect("it was put in");
            assert_eq!(name, expected, "{text:?}");
            assert_eq!(*value, Value::List(vec![Value::Text(expected.into())]));
        };
        check("as  it is ", "as  it is ");
        check("two\nlines", "two\nlines");
        check("red\u{1b}[31m\nand\u{9b}31m", "red\nand");
        check("gnp\u{202e}exe", "gnpexe");
        check("\u{0}\r", "");
    }
}
