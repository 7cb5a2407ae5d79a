//! The HTTP statuses that `status` accepts.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::ConfigProblem;

/// One status, or a range of them with both ends in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a status like 204, or a range like \"200-299\"")]
pub enum StatusRange {
    /// `204`
    One(u16),
    /// `"200-299"`
    Range(String),
}

impl StatusRange {
    /// Parses the range. An error names the key `status`.
    pub(crate) fn read(&self) -> Result<RangeInclusive<u16>, ConfigProblem> {
        let range = match self {
            Self::One(status) => Some(*status..=*status),
            Self::Range(text) => {
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                let ends = (first.trim().parse::<u16>(), last.trim().parse::<u16>());
                ends.0.ok().zip(ends.1.ok()).map(|(a, z)| a..=z)
            }
        };
        range
            .filter(|r| !r.is_empty() && *r.start() >= 100 && *r.end() <= 599)
            .ok_or_else(|| {
                let what = match self {
                    Self::One(status) => status.to_string(),
                    Self::Range(text) => format!("{text:?}"),
                };
                ConfigProblem::new(
                    "status",
                    format!("{what} is no HTTP status or range of them"),
                )
                .help("write numbers from 100 to 599, or ranges like \"200-299\"")
            })
    }
}
