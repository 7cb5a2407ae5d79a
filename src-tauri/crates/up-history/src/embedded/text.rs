//! Texts as the file has them: one that others made or edited may hold anything, of any kind.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::sample::KeptCause;

/// The text of a column, whatever kind of value is there; `None` where there is none.
pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    })
}

/// A cause from the columns of its code and its sentence; `None` where there is no sentence.
pub(super) fn cause(
    row: &Row<'_>,
    code: usize,
    sentence: usize,
) -> rusqlite::Result<Option<KeptCause>> {
    let code = text(row, code)?.and_then(|code| code.parse().ok());
    Ok(text(row, sentence)?.map(|sentence| KeptCause::new(code, sentence)))
}
