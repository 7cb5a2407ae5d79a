//! Numbers of JSON and TOML. Whole numbers are exact, others are floats.

use std::cmp::Ordering;
use std::fmt;

/// A finite number of JSON or TOML.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// A whole number in the range of `i64` or `u64`.
    Whole(i128),
    /// Any other number.
    Real(f64),
}

impl Number {
    /// Parses a number as JSON writes it.
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

    /// The nearest float.
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
            // Debug formatting writes very large and very small numbers with an exponent, not with
            // 300 digits.
            Self::Real(real) => write!(f, "{real:?}"),
        }
    }
}
