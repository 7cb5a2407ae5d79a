//! What an answer says.

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{RData, RecordType};
use up_core::cause::one_line;
use up_core::{Answer, CauseCode};

/// Judges an answer to `asked`: `expected` are all there must be, plain and sorted.
pub(super) fn of(
    message: &Message,
    asked: &Query,
    expected: Option<&[String]>,
    dnssec: bool,
) -> Answer {
    let name = asked.name().to_utf8();
    let name = name.trim_end_matches('.');
    let record = asked.query_type();
    let down = |code, text: String| Answer::down(code, text);
    match message.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => {
            return down(
                CauseCode::Missing,
                format!("{name} does not exist (NXDOMAIN)"),
            );
        }
        ResponseCode::ServFail => {
            let text = format!("the resolver could not find out about {name} (SERVFAIL)");
            return down(CauseCode::Dns, text);
        }
        ResponseCode::Refused => {
            let text = format!("the resolver refuses to answer for {name} (REFUSED)");
            return down(CauseCode::Dns, text);
        }
        other => {
            let text = format!("the resolver answered with an error for {name}: {other}");
            return down(CauseCode::Dns, text);
        }
    }
    if message.metadata.truncation {
        let text = format!("the resolver's answer for {name} is not whole, even over TCP");
        return down(CauseCode::Truncated, text);
    }
    let found = answers(message, record);
    if found.is_empty() {
        return down(CauseCode::Missing, format!("{name} has no {record} record"));
    }
    if dnssec && !message.metadata.authentic_data {
        let text = format!("the resolver did not verify the signatures of {name} (no AD flag)");
        return down(CauseCode::Expect, text);
    }
    match expected {
        Some(expected) if expected != found => {
            let text = format!("expected {}, got {}", listed(expected), listed(&found));
            down(CauseCode::Expect, text)
        }
        _ => Answer::up(),
    }
}

/// The answers of that type, plain and sorted. (Beside them stand the aliases on the way.)
pub(super) fn answers(message: &Message, record: RecordType) -> Vec<String> {
    let all = message.answers.iter();
    let fitting = all.filter(|answer| answer.data.record_type() == record);
    sorted(fitting.map(|answer| text(&answer.data)))
}

/// Each once, in one order.
pub(super) fn sorted(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// An answer as a zone file puts it, names in small letters and without the final dot.
fn text(data: &RData) -> String {
    const LONGEST: usize = 500;
    let text = match data {
        // Its parts are one text, cut at 255 bytes (RFC 7208, section 3.3).
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        data => data.to_string(),
    };
    plain(&one_line(&text, LONGEST), data.record_type())
}

/// `text` in the one form in which answers of that type are compared.
pub(super) fn plain(text: &str, record: RecordType) -> String {
    match record {
        RecordType::TXT | RecordType::CAA => text.split_whitespace().collect::<Vec<_>>().join(" "),
        RecordType::A | RecordType::AAAA => {
            let address = text.trim().parse::<std::net::IpAddr>();
            address.map_or_else(|_| text.trim().to_owned(), |address| address.to_string())
        }
        _ => {
            let words = text.split_whitespace();
            let words = words.map(|word| match word.strip_suffix('.') {
                Some(name) if !name.is_empty() => name.to_ascii_lowercase(),
                _ => word.to_ascii_lowercase(),
            });
            words.collect::<Vec<_>>().join(" ")
        }
    }
}

fn listed(all: &[String]) -> String {
    const MOST: usize = 4;
    let mut text = all
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if all.len() > MOST {
        text.push_str(", …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_one_form() {
        let check = |text: &str, record, expected: &str| assert_eq!(plain(text, record), expected);
        check(" 192.0.2.1", RecordType::A, "192.0.2.1");
        check("2001:DB8:0::1", RecordType::AAAA, "2001:db8::1");
        check(
            "10  Mail.Example.com.",
            RecordType::MX,
            "10 mail.example.com",
        );
        check("0 .", RecordType::MX, "0 .");
        check("v=spf1 -ALL", RecordType::TXT, "v=spf1 -ALL");
        check(
            "0 issue \"CA.example\"",
            RecordType::CAA,
            "0 issue \"CA.example\"",
        );
    }
}
