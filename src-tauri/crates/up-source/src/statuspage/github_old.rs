//! GitHub's status API before 2018: `{"status":"good"}`. Some pages still offer JSON of this shape.

use serde_json::Value;

use super::json::text;
use super::report::{ComponentState, PageReport};

const WORDS: [(&str, ComponentState); 3] = [
    ("good", ComponentState::At(1.0)),
    ("minor", ComponentState::At(0.5)),
    ("major", ComponentState::At(0.0)),
];

/// Reads `{"status":"good"}`. `None` if this is not such JSON.
pub(super) fn read(body: &Value) -> Option<PageReport> {
    let word = body["status"].as_str()?;
    Some(PageReport {
        description: text(&body["body"]),
        ..PageReport::new(text(&body["status"]), ComponentState::of(word, &WORDS))
    })
}
