//! GitHub's own status API, as it was before 2018: `{"status":"good"}`.

use serde_json::Value;

use super::json::text;
use super::report::{Report, State};

const WORDS: [(&str, State); 3] = [
    ("good", State::At(1.0)),
    ("minor", State::At(0.5)),
    ("major", State::At(0.0)),
];

/// Reads `{"status":"good"}`.
pub(super) fn read(body: &Value) -> Option<Report> {
    let word = body["status"].as_str()?;
    Some(Report {
        description: text(&body["body"]),
        ..Report::new(text(&body["status"]), State::of(word, &WORDS))
    })
}
