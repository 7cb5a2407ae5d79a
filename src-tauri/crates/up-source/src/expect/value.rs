//! A condition on one JSON value: `"ok"`, `"< 100"`, `{ regex = "…" }`.

use std::cmp::Ordering;
use std::fmt;

use super::json::PointerLookup;
use super::keys::ValueKeys;
use super::number::Number;
use crate::text::{DecodedText, Pace, Pattern};

/// A condition on a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValueCondition {
    /// The value equals this one and has its type.
    Is(PointerLookup),
    /// The value is there and differs from this one.
    Not(PointerLookup),
    /// The value is a number in this order to the bound.
    Order(Order, Number),
    /// The value's text has a match of this pattern.
    Matches(Pattern),
    /// The value is there (`true`), or is not (`false`).
    Exists(bool),
}

/// The order of a number to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// The comparison operators. A longer one stands before its own prefix.
const ORDERS: [(&str, Order); 4] = [
    ("<=", Order::AtMost),
    ("<", Order::Below),
    (">=", Order::AtLeast),
    (">", Order::Above),
];

impl ValueCondition {
    /// Parses a value of up.toml. The error is a sentence for a person.
    pub(crate) fn read(keys: &ValueKeys) -> Result<Self, String> {
        Ok(match keys {
            ValueKeys::Flag(flag) => Self::Is(PointerLookup::Flag(*flag)),
            ValueKeys::Whole(whole) => {
                Self::Is(PointerLookup::Number(Number::Whole((*whole).into())))
            }
            ValueKeys::Real(real) if real.is_finite() => {
                Self::Is(PointerLookup::Number(Number::Real(*real)))
            }
            ValueKeys::Real(real) => return Err(format!("{real} is not a JSON number")),
            ValueKeys::Text(text) => Self::parse_comparison(text)?,
            ValueKeys::Is(keys) => Self::Is(PointerLookup::Text(keys.is.clone())),
            ValueKeys::Regex(keys) => Self::Matches(Pattern::parse(&keys.regex)?),
            ValueKeys::Exists(keys) => Self::Exists(keys.exists),
        })
    }

    /// Parses a text: a comparison when it begins with an operator, else the text itself.
    fn parse_comparison(text: &str) -> Result<Self, String> {
        let trimmed = text.trim_start();
        if !trimmed.starts_with(['<', '>', '=', '!']) {
            return Ok(Self::Is(PointerLookup::Text(text.to_owned())));
        }
        let wrong = |what: &str| {
            Err(format!(
                "{text:?} is no comparison: {what}; for that very text write {{ is = {text:?} }}"
            ))
        };
        if let Some((sign, order)) = ORDERS.iter().find(|(sign, _)| trimmed.starts_with(sign)) {
            return match Number::parse(trimmed[sign.len()..].trim()) {
                Some(number) => Ok(Self::Order(*order, number)),
                None => wrong("a number has to follow, as in \"< 100\""),
            };
        }
        let (is, value) = match trimmed.split_at_checked(2) {
            Some(("==", value)) => (true, value),
            Some(("!=", value)) => (false, value),
            _ => return wrong("the signs are <, <=, >, >=, == and !="),
        };
        let value = match value.trim() {
            "null" => Some(PointerLookup::Null),
            "true" => Some(PointerLookup::Flag(true)),
            "false" => Some(PointerLookup::Flag(false)),
            text if text.starts_with('"') => {
                serde_json::from_str(text).ok().map(PointerLookup::Text)
            }
            text => Number::parse(text).map(PointerLookup::Number),
        };
        match value {
            Some(value) if is => Ok(Self::Is(value)),
            Some(value) => Ok(Self::Not(value)),
            None => wrong("a number, true, false, null or a text in quotes has to follow"),
        }
    }

    /// True when the value found satisfies the condition. A missing value satisfies only `{ exists
    /// = false }`.
    pub(crate) async fn is_met(&self, found: Option<&PointerLookup>, pace: &mut Pace) -> bool {
        let Some(found) = found else {
            return *self == Self::Exists(false);
        };
        match (self, found) {
            (Self::Is(wanted), found) => wanted == found,
            (Self::Not(unwanted), found) => unwanted != found,
            (Self::Order(order, bound), PointerLookup::Number(number)) => number
                .partial_cmp(bound)
                .is_some_and(|stands| order.allows(stands)),
            (Self::Order(..), _) => false,
            (Self::Matches(pattern), found) => match found.as_text() {
                Some(text) => pattern.is_in(&DecodedText::from(&*text), pace).await,
                None => false,
            },
            (Self::Exists(there), _) => *there,
        }
    }
}

impl Order {
    fn allows(self, stands: Ordering) -> bool {
        match self {
            Self::Below => stands.is_lt(),
            Self::AtMost => stands.is_le(),
            Self::Above => stands.is_gt(),
            Self::AtLeast => stands.is_ge(),
        }
    }
}

impl fmt::Display for ValueCondition {
    /// The condition as it follows a pointer in a sentence: `< 100`, `to be there`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) => write!(f, "== {value}"),
            Self::Not(value) => write!(f, "!= {value}"),
            Self::Order(order, bound) => {
                let sign = ORDERS.iter().find(|(_, other)| other == order);
                write!(f, "{} {bound}", sign.map_or("", |(sign, _)| sign))
            }
            Self::Matches(pattern) => write!(f, "to match {pattern}"),
            Self::Exists(true) => f.write_str("to be there"),
            Self::Exists(false) => f.write_str("not to be there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// True when the JSON text `found` satisfies `keys`, the value of a TOML key.
    fn met(keys: &str, found: Option<&str>) -> bool {
        let wanted = ValueCondition::read(&value(keys)).expect(keys);
        let found = found.map(|json| {
            let whole = super::super::json::Pointer::parse("").expect("a pointer");
            whole.find(&json.into()).expect(json).expect("a document")
        });
        let met = wanted
            .is_met(found.as_ref(), &mut Pace::undivided())
            .now_or_never();
        met.expect("nobody else waits")
    }

    fn value(keys: &str) -> ValueKeys {
        serde_json::from_str(keys).expect(keys)
    }

    #[test]
    fn values_are_compared_by_type_and_number() {
        let check = |keys: &str, met_by: &[&str], not_by: &[&str]| {
            for found in met_by {
                assert!(met(keys, Some(found)), "{keys} is met by {found}");
            }
            for found in not_by {
                assert!(!met(keys, Some(found)), "{keys} is not met by {found}");
            }
            assert!(!met(keys, None), "{keys} is not met by nothing");
        };
        check("true", &["true"], &["false", "\"true\"", "1", "null"]);
        check("5", &["5", "5.0"], &["\"5\"", "5.1", "[5]", "true"]);
        check("0.5", &["0.5", "5e-1"], &["0.51", "\"0.5\""]);
        check("\"ok\"", &["\"ok\""], &["\"OK\"", "\"ok \"", "true", "{}"]);
        check(
            "\"< 100\"",
            &["99.9", "-1"],
            &["100", "231", "\"5\"", "null"],
        );
        check("\"<=100\"", &["100", "99"], &["101"]);
        check("\">  2\"", &["2.1"], &["2", "[]"]);
        check("\">= 2\"", &["2"], &["1"]);
        check("\"== 2\"", &["2", "2.0"], &["3", "\"2\""]);
        check("\"== \\\"x\\\"\"", &["\"x\""], &["\"y\""]);
        check("\"== null\"", &["null"], &["0"]);
        check("\"!= \\\"x\\\"\"", &["\"y\"", "1"], &["\"x\""]);
        check("\"!= true\"", &["false"], &["true"]);
        check(r#"{"is":"< 100"}"#, &["\"< 100\""], &["5"]);
        check(
            r#"{"regex":"^2\\d\\d$"}"#,
            &["\"204\"", "204"],
            &["\"2040\"", "null", "{}"],
        );
        check(r#"{"exists":true}"#, &["null", "0", "[]"], &[]);
        let large = "\"> 9007199254740992\"";
        check(large, &["9007199254740993"], &["9007199254740992"]);
        assert!(met(r#"{"exists":false}"#, None));
        assert!(!met(r#"{"exists":false}"#, Some("null")));
    }

    #[test]
    fn what_is_no_comparison_is_told() {
        let check = |keys: &str, words: &str| {
            let error = ValueCondition::read(&value(keys)).expect_err(keys);
            assert!(error.contains(words), "{error}");
        };
        check("\"< many\"", "a number has to follow");
        check("\"<\"", "a number has to follow");
        check("\"< \\\"b\\\"\"", "{ is = \"< \\\"b\\\"\" }");
        check("\"= 5\"", "the signs are");
        check("\"!x\"", "the signs are");
        check("\"=é\"", "the signs are");
        check("\"== yes\"", "a text in quotes");
        check(r#"{"regex":"("}"#, "unclosed group");
    }
}
