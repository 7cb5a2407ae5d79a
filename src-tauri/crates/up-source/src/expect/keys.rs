//! The keys of `expect`, `warn` and `status_from` in an `http` source.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::StatusRange;
use crate::WrittenDuration;

/// Conditions on a response. All of them must hold. At least one key is required.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// The status of the final response is one of these: numbers from 100 to 599, or ranges:
    /// `[200, "300-399"]`.
    pub status: Option<Vec<StatusRange>>,
    /// The final response has these headers, by name:
    /// `{ content-type = "text/html", x-debug = { exists = false } }`. Of a header that occurs
    /// several times, one occurrence must match. The `content-encoding` of a body that Up
    /// decompressed does not count.
    #[serde(default)]
    pub headers: BTreeMap<String, HeaderKeys>,
    /// The body contains this text, or all texts of this list: `["<title>Shop", "basket"]`. Capital
    /// and small letters differ. The body is decoded by its byte order mark, by the charset in
    /// `content-type`, by the charset that HTML or XML names, or else as UTF-8; what cannot be
    /// decoded does no harm.
    pub contains: Option<Texts>,
    /// The body does not contain this text, or any text of this list: `"Fatal error"`.
    pub not_contains: Option<Texts>,
    /// This [regular expression](#values) matches somewhere in the body: `'\d+ articles'`. If the
    /// search does not end within `timeout`, the source is unknown.
    pub regex: Option<String>,
    /// The body is JSON and has these values, each at its [JSON Pointer](#values): `{
    /// "/database/connected" = true, "/queue" = "< 100", "/error" = { exists = false }
    /// }`. A missing value meets no condition except `{ exists = false }`.
    #[serde(default)]
    pub json: BTreeMap<String, ValueKeys>,
    /// The whole request takes at most this time, from the look-up of the name to the end of the
    /// body: `"800ms"`.
    pub time: Option<WrittenDuration>,
    /// The certificate of the server is valid for at least this number of days: `14`. Without TLS,
    /// the condition does not hold.
    pub certificate_days: Option<u32>,
}

/// One text, or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text, or a list of them")]
pub enum Texts {
    /// `"fine"`
    One(String),
    /// `["fine", "ready"]`
    Several(Vec<String>),
}

impl Texts {
    /// All the texts.
    pub(crate) fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// A condition on a header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a text that the header contains, or one of { is = \"…\" }, { regex = \"…\" }, { exists = true }"
)]
pub enum HeaderKeys {
    /// The header contains this text: `"text/html"`.
    Contains(String),
    /// The header is exactly this text: `{ is = "DENY" }`.
    Is(Is),
    /// The regular expression matches in the header: `{ regex = 'max-age=\d+' }`.
    Regex(Regex),
    /// The header is present (`true`), or is not (`false`).
    Exists(Exists),
}

/// A condition on a JSON value.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a text, a number, true, false, a comparison like \"< 100\", or one of { is = \"…\" }, { regex = \"…\" }, { exists = true }"
)]
pub enum ValueKeys {
    /// The value is `true`, or is `false`.
    Flag(bool),
    /// The value is this number: `3`.
    Whole(i64),
    /// The value is this number: `0.5`.
    Real(f64),
    /// The value is this text: `"running"`. A text that begins with `<`, `<=`, `>`, `>=`, `==` or
    /// `!=` is a comparison: `"< 100"`, `">= 2"`, `'!= "x"'`, `"== null"`.
    Text(String),
    /// The value is exactly this text, even if it looks like a comparison: `{ is = "<none>" }`.
    Is(Is),
    /// The regular expression matches in the value: `{ regex = '^2\.' }`.
    Regex(Regex),
    /// The value is present (`true`), or is not (`false`).
    Exists(Exists),
}

/// `{ is = "…" }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Is {
    /// The text.
    pub is: String,
}

/// `{ regex = "…" }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Regex {
    /// The regular expression.
    pub regex: String,
}

/// `{ exists = true }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exists {
    /// Whether it must be present.
    pub exists: bool,
}

/// Where in the body the status is, and what its words mean. Exactly one of `json` and `regex` is
/// required. Without `map` and `percent`, the value must be a number from 0 (down) to 1 (up).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusFrom {
    /// The [JSON Pointer](#values) of the value: `"/status/indicator"`.
    pub json: Option<String>,
    /// A [regular expression](#values) that finds the value in any text: `'done: ([0-9.]+) %'`. The
    /// value is the first group, or the whole match if there is no group.
    pub regex: Option<String>,
    /// The status for each word, from 0.0 (down) to 1.0 (up):
    /// `{ none = 1.0, minor = 0.5, major = 0.0 }`. With a word that is not in the table, the source
    /// is unknown.
    #[serde(default)]
    pub map: BTreeMap<String, f64>,
    /// Whether the value is a percentage, from 0 to 100, instead of a number from 0 to 1. It
    /// excludes `map`.
    #[serde(default)]
    pub percent: bool,
}
