//! The changes of a watch as JSON for programs: one object a line.

use serde_json::{Value, json};
use up_core::{Change, Mood, Note, Verdict};

/// The JSON of a change. `from` and `to` are levels, 0 to 4; null for a verdict without a level.
/// `since` is when `from` began; null for a source that had not been checked before.
/// `since_at_least` is present, and true, only if `from` may have begun earlier. `stopped`,
/// when Up stopped, is present only if the change happened at some unknown time between that and
/// `date`.
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
        "since": (change.from != Verdict::Unasked).then_some(change.since.date),
        "cause": cause.map(|cause| json!({ "code": cause.code.code(), "text": cause.text })),
    });
    if change.from != Verdict::Unasked && !change.since.is_observed {
        line["since_at_least"] = true.into();
    }
    if let Some(off) = change.off {
        line["stopped"] = off.stopped.into();
    }
    line
}

/// The JSON of a note that was written (`note`) or is no longer there (`note_removed`).
pub(super) fn noted(event: &str, note: &Note) -> Value {
    json!({
        "schema": 1, "event": event, "date": note.date, "message": note.message(), "path": note.path,
    })
}

/// The JSON that says how many lines were dropped because the reader was too slow.
pub(super) fn lost(lines: u64) -> Value {
    json!({ "schema": 1, "event": "lost", "lines": lines })
}
