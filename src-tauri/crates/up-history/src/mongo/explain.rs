//! What the driver said, for a person; never the URI.

use mongodb::error::{Error, ErrorKind, WriteFailure};
use up_core::cause::one_line;

use crate::store::StoreErrorCode;

/// The longest that is repeated of a server's own words.
const MOST: usize = 300;

/// Server codes, from `error_codes.yml` in its source.
const UNAUTHORIZED: i32 = 13;
const AUTHENTICATION_FAILED: i32 = 18;
const TOOK_TOO_LONG: i32 = 50;
const DUPLICATE_KEY: i32 = 11_000;

/// What kind of trouble it is, and what happened. `unreached`: why a server could not be reached
/// when that was last tried.
pub(super) fn why(error: &Error, unreached: Option<&str>) -> (StoreErrorCode, String) {
    use StoreErrorCode::{Refused, Unavailable};
    let (code, text) = match &*error.kind {
        ErrorKind::ServerSelection { message, .. } => match unreached.or(innermost(message)) {
            Some(cause) => (Unavailable, format!("no server answers ({cause})")),
            None => (Unavailable, "no server answers".into()),
        },
        ErrorKind::ProxyConnect { .. } => {
            let cause = unreached.unwrap_or("no server answers");
            (Unavailable, format!("the connection broke: {cause}"))
        }
        ErrorKind::Authentication { .. } => (Refused, "the user or the password is refused".into()),
        ErrorKind::Command(e) => match e.code {
            UNAUTHORIZED => (Refused, format!("not permitted: {}", e.message)),
            AUTHENTICATION_FAILED => (Refused, "the user or the password is refused".into()),
            TOOK_TOO_LONG => (Unavailable, "the server took too long".into()),
            _ => (Refused, e.message.clone()),
        },
        ErrorKind::InsertMany(e) => {
            let refused = e.write_errors.iter().flatten();
            let refused = refused
                .filter(|e| e.code != DUPLICATE_KEY)
                .map(|e| &e.message);
            let unsure = e.write_concern_error.iter().map(|e| &e.message);
            let first = refused.chain(unsure).next().cloned();
            (
                Refused,
                first.unwrap_or_else(|| "some documents are refused".into()),
            )
        }
        ErrorKind::DnsResolve { .. } => (Unavailable, "its name cannot be resolved".into()),
        ErrorKind::Io(e) => (Unavailable, format!("the connection broke: {e}")),
        ErrorKind::ConnectionPoolCleared { .. } => (Unavailable, "the connection broke".into()),
        ErrorKind::InvalidTlsConfig { message, .. }
        | ErrorKind::IncompatibleServer { message, .. } => (Refused, message.clone()),
        // What is said of arguments may quote the URI.
        ErrorKind::InvalidArgument { .. } => {
            (Refused, "the URI's options do not fit together".into())
        }
        _ => (Unavailable, error.kind.to_string()),
    };
    (code, one_line(&text, MOST))
}

/// A selection error lists each server with what happened to it; of that the last cause.
fn innermost(message: &str) -> Option<&str> {
    let (_, cause) = message.rsplit_once("I/O error: ")?;
    let end = cause.find(", labels").unwrap_or(cause.len());
    Some(&cause[..end])
}

/// True when the server knows the user, who is not permitted that.
pub(super) fn is_refused(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(error) if error.code == UNAUTHORIZED)
}

/// True when all that the server refused was there already.
pub(super) fn was_there(error: &Error) -> bool {
    let ErrorKind::InsertMany(refused) = &*error.kind else {
        return false;
    };
    refused.write_concern_error.is_none()
        && refused
            .write_errors
            .as_ref()
            .is_some_and(|all| all.iter().all(|e| e.code == DUPLICATE_KEY))
}

/// True when the one document that was to be written is there already.
pub(super) fn is_there_already(error: &Error) -> bool {
    let ErrorKind::Write(WriteFailure::WriteError(error)) = &*error.kind else {
        return false;
    };
    error.code == DUPLICATE_KEY
}
