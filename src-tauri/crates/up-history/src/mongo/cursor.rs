//! Reading cursors: a server may send more than it was asked for, and for ever.

use bson::RawDocumentBuf;
use bson::raw::RawDocument;
use mongodb::Cursor;
use mongodb::error::Result;

/// What `read` makes of the first `most` documents. What comes beyond them is not waited for: the
/// server was told to stop there.
pub(super) async fn gather<T>(
    mut cursor: Cursor<RawDocumentBuf>,
    most: usize,
    mut read: impl FnMut(&RawDocument) -> Option<T>,
) -> Result<Vec<T>> {
    let mut gathered = Vec::new();
    let mut left = most;
    while left > 0 && cursor.advance().await? {
        left -= 1;
        gathered.extend(read(cursor.current()));
    }
    Ok(gathered)
}
