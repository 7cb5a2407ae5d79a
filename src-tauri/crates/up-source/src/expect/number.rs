//! Numbers of JSON and TOML: whole ones exactly, others as floats.

use std::cmp::Ordering;
use std::fmt;

/// A finite number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// One of 64 bits, with or without a sign.
    Whole(i128),
    /// Any other.
    Real(f64),
}

impl Number {
    /// Reads JSON's form of a number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number: serde_json::Number = serde_json::from_str(text).ok()?;
        Some(if let Some(whole) = number.as_i64() {
            Self::Whole(whole.into())
        } else if let Some(whole) = number.as_u64() {
            Self::Whole(whole.into())
        } else {
            Self::Real(number.as_f64()?)
        })
    }

    /// As a float, the nearest one.
    pub(crate) fn real(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(other)),
            (one, other) => one.real().partial_cmp(&other.real()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(f),
            // Debug writes a very large or small one with an exponent, not with 300 digits.
            Self::Real(real) => write!(f, "{real:?}"),
        }
    }
}
