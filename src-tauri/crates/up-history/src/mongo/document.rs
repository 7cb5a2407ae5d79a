//! Documents: ours as they are written, everyone's as they are read.

use bson::oid::ObjectId;
use bson::raw::RawDocument;
use bson::{Bson, DateTime, Document, RawBsonRef, doc};
use sha2::{Digest, Sha256};
use up_core::Timestamp;
use up_core::path::is_path;

use super::{STATUSES, UNKNOWNS};
use crate::downsample::DownsampledPoint;
use crate::embedded::PendingSample;
use crate::sample::KeptCause;

/// The collection that a sample goes into, and the document that it becomes. The original's fields
/// stand first and as it had them: `up`, `date` and `duration` are doubles.
pub(super) fn written(
    agent: &str,
    date: Timestamp,
    sample: PendingSample,
) -> (&'static str, Document) {
    let PendingSample {
        path,
        status,
        duration,
        cause,
    } = sample;
    let collection = if status.is_some() { STATUSES } else { UNKNOWNS };
    let id = id(agent, &path, date);
    let mut document = doc! {
        "_id": id, "path": path, "up": status, "date": date, "duration": duration,
        "at": at(date), "agent": agent,
    };
    if let Some(cause) = cause {
        document.insert("cause", written_cause(&cause));
    }
    (collection, document)
}

/// A cause as it is written.
pub(super) fn written_cause(cause: &KeptCause) -> Document {
    let mut kept = doc! { "text": cause.text() };
    if let Some(code) = cause.code {
        kept.insert("code", code.code());
    }
    kept
}

/// The same for the same agent, path (or message) and date, so that a repeated write is the same
/// document. Like any `ObjectId` it begins with its seconds, so that new ones go to the end of the
/// index; eight bytes of a SHA-256 tell those of one second apart.
pub(super) fn id(agent: &str, of: &str, date: Timestamp) -> ObjectId {
    let mut hash = Sha256::new();
    hash.update(agent);
    hash.update([0]);
    hash.update(of);
    hash.update([0]);
    hash.update(date.to_be_bytes());
    let mut id = [0; 12];
    id[..4].copy_from_slice(&(date as u32).to_be_bytes());
    id[4..].copy_from_slice(&hash.finalize()[..8]);
    ObjectId::from_bytes(id)
}

pub(super) fn at(date: Timestamp) -> DateTime {
    DateTime::from_millis((date * 1e3).round() as i64)
}

/// A number, whichever kind the writer chose: the original stored 1 as an integer. What is not
/// finite is no number.
pub(super) fn number(document: &RawDocument, key: &str) -> Option<f64> {
    let number = match document.get(key).ok()?? {
        RawBsonRef::Double(number) => number,
        RawBsonRef::Int32(number) => f64::from(number),
        RawBsonRef::Int64(number) => number as f64,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A sample; `None` when it has no date, or an `up` that is no status.
pub(super) fn sample(document: &RawDocument) -> Option<DownsampledPoint<Option<KeptCause>>> {
    let status = match document.get("up").ok()? {
        None | Some(RawBsonRef::Null) => None,
        Some(_) => Some(up_core::Status::new(number(document, "up")?)?.value()),
    };
    Some(DownsampledPoint {
        date: number(document, "date")?,
        status,
        duration: number(document, "duration").unwrap_or_default().max(0.0),
        cause: document.get_document("cause").ok().map(cause),
    })
}

/// A cause, whoever wrote it.
pub(super) fn cause(cause: &RawDocument) -> KeptCause {
    let code = cause.get_str("code").ok().and_then(|c| c.parse().ok());
    KeptCause::new(code, cause.get_str("text").unwrap_or_default())
}

/// A path; `None` when it cannot be one of Up's.
pub(super) fn path(path: Bson) -> Option<String> {
    match path {
        Bson::String(path) if is_path(&path) => Some(path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bson::rawdoc;

    use up_core::Note;

    use super::super::notes;
    use super::*;

    const LOUD: &str = "\u{1b}[31mred\r\n/R: UP\u{9b}2J gnp\u{202e}exe\0";
    const QUIET: &str = "red /R: UP gnpexe";

    #[test]
    fn what_others_wrote_is_made_one_line() {
        let document = rawdoc! { "date": 1.0, "up": 0, "cause": { "code": LOUD, "text": LOUD } };
        let cause = sample(&document).and_then(|sample| sample.cause);
        assert_eq!(cause, Some(KeptCause::new(None, QUIET)));
        let document = rawdoc! { "date": 1.0, "message": LOUD };
        assert_eq!(notes::read(&document), Some(Note::new(QUIET, 1.0)));
        let check = |given: &str, expected: bool| {
            assert_eq!(path(given.into()).is_some(), expected, "{given:?}");
        };
        check("/R/a b", true);
        check("R", false);
        check("/R\u{1b}[31m", false);
        check("/R/gnp\u{202e}exe", false);
        check(&"/R".repeat(50_000), false);
    }

    #[test]
    fn numbers_that_are_none_are_left_out() {
        let check = |document: bson::RawDocumentBuf, expected: Option<(f64, f64)>| {
            let read = sample(&document).map(|sample| (sample.date, sample.duration));
            assert_eq!(read, expected, "{document:?}");
        };
        check(
            rawdoc! { "date": 1, "up": 1, "duration": 2_i64 },
            Some((1.0, 2.0)),
        );
        check(
            rawdoc! { "date": 1, "up": 1, "duration": -2.0 },
            Some((1.0, 0.0)),
        );
        check(
            rawdoc! { "date": 1, "up": 1, "duration": f64::NAN },
            Some((1.0, 0.0)),
        );
        check(rawdoc! { "date": f64::NAN, "up": 1 }, None);
        check(rawdoc! { "date": f64::INFINITY, "up": 1 }, None);
        check(rawdoc! { "date": 1, "up": f64::NAN }, None);
        check(rawdoc! { "date": 1, "up": 2 }, None);
    }
}
