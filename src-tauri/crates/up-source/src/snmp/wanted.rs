//! The key `oid`: which objects to request, and what their values must be.

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::value::{ObjectValue, number};
use super::words::Words;
use crate::ConfigProblem;
use crate::text::{DecodedText, Pace, Pattern};

/// One object, or several with conditions.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub enum SnmpOids {
    /// An object that is up if it has a value: `"ifOperStatus.2"`.
    One(String),
    /// Objects with conditions: `[{ oid = "ifOperStatus.2", expect = "up" }]`.
    Several(Vec<SnmpOid>),
}

/// One object and its conditions. Without a condition, it is up if it has a value.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnmpOid {
    /// The name or number of the object, with the row of a table after a dot: `"ifOperStatus.2"`,
    /// `"upsBatteryStatus"`, `"1.3.6.1.2.1.1.3.0"`.
    pub oid: String,
    /// What Up calls the object in causes and details: `"uplink"`. Default: the name of the object.
    pub label: Option<String>,
    /// The expected value; with another value, the source is down. It excludes `of` and `rate`.
    pub expect: Option<SnmpExpect>,
    /// The source is half up (0.5) if the number is outside this [Nagios range](#values): `"80"`.
    pub warn: Option<String>,
    /// The source is down if the number is outside this [Nagios range](#values): `"90"`.
    pub crit: Option<String>,
    /// The number is the percentage that the value is of this other object: `"hrStorageSize.31"`
    /// for `hrStorageUsed.31`. For `warn` and `crit`. It excludes `rate`.
    pub of: Option<String>,
    /// Whether the number is the increase of a counter in one second, since the check before, in
    /// place of its value. The first check has no rate yet. For `warn` and `crit`.
    #[serde(default)]
    pub rate: bool,
}

/// The expected value of an object.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a number, a string, a list of strings, or { regex = \"…\" }"
)]
pub enum SnmpExpect {
    /// The value is this number: `2`.
    Number(f64),
    /// The value is this text, this number, or the word that the MIB has for its number: `"up"`.
    Text(String),
    /// The value is one of these: `["up", "dormant"]`. Of an object that is a set of bits, only
    /// these may be set.
    Any(Vec<String>),
    /// The [regular expression](#values) matches in the value: `{ regex = "^up" }`.
    Regex(SnmpRegex),
}

/// `{ regex = "…" }`
#[derive(Clone, Debug, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnmpRegex {
    /// The regular expression. It may match anywhere in the text.
    pub regex: String,
}

// Not derived, because a derived implementation would name neither the wrong key of a table nor its
// place.
impl<'de> Deserialize<'de> for SnmpOids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Oids;
        impl<'de> Visitor<'de> for Oids {
            type Value = SnmpOids;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name like \"ifOperStatus.2\", or a list of tables with such an oid")
            }

            fn visit_str<E>(self, text: &str) -> Result<SnmpOids, E> {
                Ok(SnmpOids::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SnmpOids, A::Error> {
                let mut oids = Vec::new();
                while let Some(oid) = list.next_element()? {
                    oids.push(oid);
                }
                Ok(SnmpOids::Several(oids))
            }
        }
        deserializer.deserialize_any(Oids)
    }
}

/// The key `expect`, ready to be compared.
#[derive(Debug)]
pub(super) enum ExpectedValue {
    Number(f64),
    Text(String),
    Any(Vec<String>),
    Regex(Pattern),
}

impl ExpectedValue {
    /// Checks and prepares `expect` for the object `name`, whose values have `words`.
    pub(super) fn new(
        expect: &SnmpExpect,
        name: &str,
        words: Words,
    ) -> Result<Self, ConfigProblem> {
        let known = |word: &str| match words.all() {
            Some(all) if number(word).is_none() && !all.contains(&word) => {
                let text = format!("{name} is never {word:?}");
                Err(ConfigProblem::new("oid", text)
                    .help(format!("it is one of {}", all.join(", "))))
            }
            _ => Ok(()),
        };
        match expect {
            SnmpExpect::Number(wanted) => Ok(Self::Number(*wanted)),
            SnmpExpect::Text(text) => known(text).map(|()| Self::Text(text.clone())),
            SnmpExpect::Any(list) if list.is_empty() => {
                let text = format!("the list of expected values of {name} is empty");
                Err(ConfigProblem::new("oid", text).help("write at least one word"))
            }
            SnmpExpect::Any(list) => {
                list.iter().try_for_each(|word| known(word))?;
                Ok(Self::Any(list.clone()))
            }
            SnmpExpect::Regex(SnmpRegex { regex }) => Pattern::parse(regex)
                .map(Self::Regex)
                .map_err(|what| ConfigProblem::new("oid", what)),
        }
    }

    /// True if the value is as expected.
    pub(super) async fn is_met(&self, found: &ObjectValue, pace: &mut Pace) -> bool {
        let is = |word: &str| {
            let same = number(word).zip(found.number);
            found.text == word || same.is_some_and(|(a, b)| equal(a, b))
        };
        match self {
            Self::Number(wanted) => found.number.is_some_and(|found| equal(*wanted, found)),
            Self::Text(text) => is(text),
            Self::Any(list) => match &found.bits {
                Some(bits) => bits.iter().all(|bit| list.contains(bit)),
                None => list.iter().any(|word| is(word)),
            },
            Self::Regex(pattern) => pattern.is_in(&DecodedText::from(&*found.text), pace).await,
        }
    }

    /// What is expected, for messages. A number is replaced by its word, if it has one.
    pub(super) fn describe(&self, words: Words) -> String {
        match self {
            Self::Number(wanted) => {
                let whole = wanted.fract().abs() < f64::EPSILON;
                let word = words.of(*wanted as i64).filter(|_| whole);
                word.map_or_else(|| wanted.to_string(), str::to_owned)
            }
            Self::Text(text) => text.clone(),
            Self::Any(list) => list.join(" or "),
            Self::Regex(pattern) => format!("a match of {:?}", pattern.shown()),
        }
    }
}

/// True if the numbers are equal. Not `==`, which clippy forbids for floats.
fn equal(a: f64, b: f64) -> bool {
    a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_eq)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use serde_json::{Value, json};

    use super::super::oid::Oid;
    use super::super::reply::VariableReading;
    use super::*;

    /// Checks whether a reading of the object `name` meets `expect`.
    fn check(name: &str, expect: Value, reading: &VariableReading, expected: bool) {
        let words = Oid::parse(name).expect("a name").words();
        let expect: SnmpExpect = serde_json::from_value(expect).expect("an expectation");
        let wanted = ExpectedValue::new(&expect, name, words).expect("a possible one");
        let found = ObjectValue::read(reading, words).expect("a value");
        let met = wanted.is_met(&found, &mut Pace::undivided()).now_or_never();
        assert_eq!(met, Some(expected), "{name} {expect:?} {found:?}");
    }

    #[test]
    fn numbers_words_and_texts_are_compared_as_what_they_are() {
        let number = |expect, found, expected| {
            check(
                "ifOperStatus.1",
                expect,
                &VariableReading::Number(found),
                expected,
            );
        };
        number(json!("up"), 1, true);
        number(json!("up"), 2, false);
        number(json!(1), 1, true);
        number(json!(1.0), 1, true);
        number(json!("1"), 1, true);
        number(json!(1), 2, false);
        number(json!(["up", "dormant"]), 5, true);
        number(json!(["up", "dormant"]), 2, false);
        number(json!({ "regex": "^(up|dormant)$" }), 5, true);
        number(json!({ "regex": "^up$" }), 7, false);
        let text = |expect, found: &[u8], expected| {
            check(
                "sysDescr",
                expect,
                &VariableReading::Text(found.into()),
                expected,
            );
        };
        text(json!("router"), b"router", true);
        text(json!("router"), b"Router", false);
        text(json!("router"), b"router\0", true);
        text(json!(12), b" 12.0 ", true);
        text(json!("0.15"), b"0.150", true);
        text(json!("fe:ad:00"), b"\xfe\xad\0", true);
        text(json!({ "regex": "(?i)ROUT" }), b"a router", true);
        let long = "x".repeat(60_000) + "end";
        text(json!(long), long.as_bytes(), true);
        text(json!(long), &long.as_bytes()[1..], false);
        text(json!({ "regex": "xend$" }), long.as_bytes(), true);
        let object = |expect, expected| {
            let reading = VariableReading::Object("1.3.6".into());
            check("sysObjectID", expect, &reading, expected);
        };
        object(json!("1.3.6"), true);
        object(json!("1.3.6.1"), false);
    }

    #[test]
    fn of_bits_a_list_says_which_may_be_set() {
        let bits = |expect, found: &[u8], expected| {
            let name = "hrPrinterDetectedErrorState.1";
            check(name, expect, &VariableReading::Text(found.into()), expected);
        };
        bits(json!("none"), &[0, 0], true);
        bits(json!("none"), &[], true);
        bits(json!("none"), &[0x40], false);
        bits(json!("noPaper"), &[0x40], true);
        bits(json!(["lowPaper", "lowToner"]), &[0xa0], true);
        bits(json!(["lowPaper", "lowToner"]), &[0], true);
        bits(json!(["lowPaper", "lowToner"]), &[0xa0, 0x02], false);
        bits(json!({ "regex": "noPaper" }), &[0xc0], true);
        // A bit far behind those with words counts as well.
        let late = [&[0; 100][..], &[1]].concat();
        bits(json!("none"), &late, false);
        bits(json!(["lowPaper"]), &late, false);
        bits(json!(["lowPaper"]), &vec![0xff; 60_000], false);
    }
}
