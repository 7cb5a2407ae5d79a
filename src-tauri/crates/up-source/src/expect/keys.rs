//! The keys of `expect`, `warn` and `status_from`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::StatusRange;
use crate::WrittenDuration;

/// Conditions on an answer, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// The final answer's status: numbers, or ranges like `"200-299"`.
    pub status: Option<Vec<StatusRange>>,
    /// Headers of the final answer, by name: a text that the header contains,
    /// `{ is = "…" }` for the whole of it, `{ regex = "…" }`, or `{ exists = true }`. Of a header
    /// that stands several times, one must do. (A `content-encoding` that was undone is not there.)
    #[serde(default)]
    pub headers: BTreeMap<String, HeaderKeys>,
    /// A text that the body contains, or a list of them. A body is decoded by its byte order mark,
    /// by the charset that its `content-type` names, or that HTML or XML names within, else as
    /// UTF-8; what cannot be decoded is no reason to be down.
    pub contains: Option<Texts>,
    /// A text that the body does not contain, or a list of them.
    pub not_contains: Option<Texts>,
    /// A regular expression that has a match in the body. Where the time does not suffice to look
    /// for it, the source is unknown.
    pub regex: Option<String>,
    /// Values of a JSON body, each by its JSON Pointer (`"/nodes/0/state"`): a text, number, true
    /// or false that it equals in type and value; a comparison like `"< 100"`, `">= 2"`,
    /// `"!= \"x\""`; `{ regex = "…" }`, `{ exists = true }`, or `{ is = "…" }` for a text that would
    /// read as a comparison. A missing value meets only `{ exists = false }`.
    #[serde(default)]
    pub json: BTreeMap<String, ValueKeys>,
    /// How long all of it may take, from the look-up of the name to the body's end.
    pub time: Option<WrittenDuration>,
    /// So many days must be left of the server's certificate.
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
    /// All of them.
    pub(crate) fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// What a header has to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a text that the header contains, or one of { is = \"…\" }, { regex = \"…\" }, { exists = true }"
)]
pub enum HeaderKeys {
    /// It contains this text.
    Contains(String),
    /// It is this text.
    Is(Is),
    /// It has a match.
    Regex(Regex),
    /// It is there, or it is not.
    Exists(Exists),
}

/// What a JSON value has to be.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a text, a number, true, false, a comparison like \"< 100\", or one of { is = \"…\" }, { regex = \"…\" }, { exists = true }"
)]
pub enum ValueKeys {
    /// `true` or `false`
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// A text, or a comparison like `"< 100"`.
    Text(String),
    /// It is this text, whatever sign it begins with.
    Is(Is),
    /// It has a match.
    Regex(Regex),
    /// It is there, or it is not.
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
    /// Whether it has to be there.
    pub exists: bool,
}

/// Where in the body a status stands, and what its words mean.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusFrom {
    /// The JSON Pointer of the value, like `"/status/indicator"`.
    pub json: Option<String>,
    /// In place of it, a regular expression: its first group is the value, or the whole match where
    /// it has no group.
    pub regex: Option<String>,
    /// What each word means, from 0.0 (down) to 1.0 (up). A word that is not here is unknown.
    /// Without `map`, the value is a number from 0 to 1 itself.
    #[serde(default)]
    pub map: BTreeMap<String, f64>,
    /// The number is a percentage, 0 to 100.
    #[serde(default)]
    pub percent: bool,
}
