//! The changes of a watch for programs: one JSON object a line.

use serde_json::{Value, json};
use up_core::{Change, Mood, Note, Verdict};

/// A change. `from` and `to` are levels, 0 to 4; null for a verdict that has none. `since` is when
/// `from` began; null for what had not been asked before. `stopped`, when Up stopped, is there only if
/// the change was at some time between that and `date`.
pub(super) fn changed(change: &Change, mood: Mood) -> Value {
    let cause = change.cause.as_ref();
    let mut line = json!({
        "schema": 1,
        "event": "change",
        "date": change.date,
        "path": &*change.path,
        "word": change.to.word(mood),
        "status": change.status.map(up_core::Status::value),
        "from": change.from.level().map(up_core::Level::number),
        "to": change.to.level().map(up_core::Level::number),
        "since": (change.from != Verdict::Unasked).then_some(change.since),
        "cause": cause.map(|cause| json!({ "code": cause.code.code(), "text": cause.text })),
    });
    if let Some(off) = change.off {
        line["stopped"] = off.stopped.into();
    }
    line
}

/// A note.
pub(super) fn noted(note: &Note) -> Value {
    json!({ "schema": 1, "event": "note", "date": note.date, "message": note.message() })
}

/// Lines that the reader was too slow for.
pub(super) fn lost(lines: u64) -> Value {
    json!({ "schema": 1, "event": "lost", "lines": lines })
}
