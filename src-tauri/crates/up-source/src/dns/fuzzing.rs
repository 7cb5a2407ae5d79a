//! The entry point of the fuzz targets into the parser of DNS answers.

use hickory_proto::op::Message;
use up_core::CheckResult;

use super::form::{DnsAnswer, ExpectedAnswer};
use super::{exchange, verdict};

/// The check result of a message taken as the answer to its own question. It is also parsed as the
/// answer to another query.
pub fn dns(bytes: &[u8]) -> Option<CheckResult> {
    let _ = exchange::parse_answer(bytes, &Message::query(), "resolver:53");
    let message = exchange::parse_message(bytes)?;
    let query = message.queries.first()?;
    let record = query.query_type();
    let expected = [ExpectedAnswer::read("192.0.2.1", record)];
    let answer = verdict::result(&message, query, Some(&expected), true);
    if let Some(first) = message.answers.first() {
        let found: Vec<DnsAnswer> = verdict::answers(&message, first.data.record_type());
        let shown = found.iter().all(|found| found.shown(500).len() <= 500);
        assert!(shown, "{found:?}");
    }
    Some(answer)
}
