//! A time that is saved as a text, so that it is restored to the last bit. Readers of JSON numbers
//! may lose the last bit, and a notice that is delivered again is identified by its date.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sample::Timestamp;

/// A time in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exact(pub(crate) Timestamp);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(Box<str>),
            Number(Timestamp),
        }
        let time = match Written::deserialize(deserializer)? {
            Written::Text(text) => text.parse().map_err(D::Error::custom)?,
            Written::Number(number) => number,
        };
        if f64::is_finite(time) {
            Ok(Self(time))
        } else {
            Err(D::Error::custom("that is no time"))
        }
    }
}
