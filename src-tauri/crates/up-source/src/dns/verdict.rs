//! The check result that a DNS answer gives.

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::RecordType;
use up_core::{CauseCode, CheckResult};

use super::form::{DnsAnswer, ExpectedAnswer, agree, difference};
use crate::net::fault::Fault;

/// The check result of the answer `message` to `query`. `expected` lists all records that there
/// must be; `None` accepts any. With `dnssec`, the AD flag must be set.
pub(super) fn result(
    message: &Message,
    query: &Query,
    expected: Option<&[ExpectedAnswer]>,
    dnssec: bool,
) -> CheckResult {
    if let Some(fault) = failure(message, query, "the resolver") {
        return fault.check_result();
    }
    let name = name_of(query);
    let record = query.query_type();
    if message.metadata.response_code == ResponseCode::NXDomain {
        let text = format!("{name} does not exist (NXDOMAIN)");
        return CheckResult::down(CauseCode::Missing, text);
    }
    let found = answers(message, record);
    if found.is_empty() {
        let text = format!("{name} has no {record} record");
        return CheckResult::down(CauseCode::Missing, text);
    }
    if dnssec && !message.metadata.authentic_data {
        let text = format!("the resolver did not verify the signatures of {name} (no AD flag)");
        return CheckResult::down(CauseCode::Expect, text);
    }
    match expected {
        Some(expected) if !agree(expected, &found) => {
            CheckResult::down(CauseCode::Expect, difference(expected, &found))
        }
        _ => CheckResult::up(),
    }
}

/// The error when `peer`, a resolver, gives no usable answer, so that another one may know more.
pub(super) fn failure(message: &Message, query: &Query, peer: &str) -> Option<Fault> {
    let name = name_of(query);
    let text = match message.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain if message.metadata.truncation => {
            let text = format!("{peer} gives a truncated answer for {name}, even over TCP");
            return Some(Fault::new(CauseCode::Truncated, text));
        }
        ResponseCode::NoError | ResponseCode::NXDomain => return None,
        ResponseCode::ServFail => format!("{peer} failed to look up {name} (SERVFAIL)"),
        ResponseCode::Refused => format!("{peer} refuses to answer for {name} (REFUSED)"),
        other => format!("{peer} answered with an error for {name}: {other}"),
    };
    Some(Fault::new(CauseCode::Dns, text))
}

fn name_of(query: &Query) -> String {
    let name = query.name().to_utf8();
    name.trim_end_matches('.').to_owned()
}

/// The records of the type `record` in the answer, sorted and each once. (Aliases on the way are
/// skipped.)
pub(super) fn answers(message: &Message, record: RecordType) -> Vec<DnsAnswer> {
    let all = message.answers.iter();
    let matching = all.filter(|answer| answer.data.record_type() == record);
    let mut found: Vec<_> = matching
        .map(|answer| DnsAnswer::new(&answer.data))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
