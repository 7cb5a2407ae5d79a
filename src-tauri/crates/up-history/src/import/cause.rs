//! What the messages of other monitors mean in Up's closed list of cause codes.

use up_core::CauseCode;

use crate::sample::KeptCause;

/// What a message says, by a part of it, in lower case.
const SIGNS: [(&str, CauseCode); 18] = [
    ("econnrefused", CauseCode::Refused),
    ("connection refused", CauseCode::Refused),
    ("enotfound", CauseCode::Dns),
    ("eai_again", CauseCode::Dns),
    ("getaddrinfo", CauseCode::Dns),
    ("no such host", CauseCode::Dns),
    ("ehostunreach", CauseCode::Unreachable),
    ("enetunreach", CauseCode::Unreachable),
    ("no route to host", CauseCode::Unreachable),
    ("network is unreachable", CauseCode::Unreachable),
    ("econnreset", CauseCode::Reset),
    ("socket hang up", CauseCode::Reset),
    ("connection reset", CauseCode::Reset),
    ("certificate", CauseCode::Tls),
    ("tls:", CauseCode::Tls),
    ("status code", CauseCode::HttpStatus),
    ("timeout", CauseCode::Timeout),
    ("deadline exceeded", CauseCode::Timeout),
];

/// The cause of a sample that is not up. What fits no code is the other monitor's own report.
pub(super) fn cause(message: &str) -> KeptCause {
    let lower = message.to_lowercase();
    let sign = SIGNS.iter().find(|(sign, _)| lower.contains(sign));
    let code = sign.map_or(CauseCode::Reported, |(_, code)| *code);
    let text = if message.trim().is_empty() {
        "down, without a message"
    } else {
        message
    };
    KeptCause::new(Some(code), text)
}
