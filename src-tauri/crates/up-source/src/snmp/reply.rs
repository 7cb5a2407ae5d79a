//! What an agent answered: its values, or the error that it answers with instead.

use std::net::Ipv4Addr;

use snmp2::{MessageType, Pdu, Value, snmp as status};
use up_core::{Answer, CauseCode, Detail, cause::one_line};

use super::ber::RawOid;
use super::oid;
use super::rate::Counter;

/// A response that fits its question.
#[derive(Debug)]
pub(super) enum Reply {
    /// One value for each object asked for, in that order.
    Values(Vec<Reading>),
    /// The agent answers with an error (RFC 3416, 3).
    Error {
        /// Which one.
        status: u32,
        /// The object that it minds, counted from 1; 0 when it is none of them.
        index: u32,
    },
}

/// One value.
#[derive(Debug)]
pub(super) enum Reading {
    /// An octet string.
    Text(Box<[u8]>),
    /// An integer or a gauge.
    Number(i64),
    /// A counter.
    Counter(Counter),
    /// Hundredths of a second.
    Ticks(u32),
    /// An address or an object identifier, as it is written.
    Object(String),
    /// A value of another type.
    Other,
    /// None, and why in SNMP's own word.
    Missing(&'static str),
}

/// The longest sysName (RFC 3418: `DisplayString`, 0 to 255).
const LONGEST_NAME: usize = 255;

impl Reply {
    /// Reads a response to a question for `oids`; or how it does not fit.
    pub(super) fn read(pdu: &Pdu<'_>, oids: &[&RawOid]) -> Result<Self, String> {
        if pdu.message_type != MessageType::Response {
            return Err(format!("a {:?} came for an answer", pdu.message_type));
        }
        if pdu.error_status != status::ERRSTATUS_NOERROR {
            return Ok(Self::Error {
                status: pdu.error_status,
                index: pdu.error_index,
            });
        }
        let mut objects = pdu.varbinds.clone();
        let values: Result<Vec<_>, _> = oids
            .iter()
            .map(|oid| match objects.next() {
                Some((name, value)) if name.as_bytes() == *oid => Ok(Reading::from(value)),
                Some(_) => Err("it answers for another object than was asked for"),
                None => Err("its answer holds no value that can be read"),
            })
            .collect();
        Ok(Self::Values(values?))
    }

    /// What it says of the agent that was asked for its sysName.
    pub(super) fn answer(self, target: &str) -> Answer {
        match self {
            Self::Values(values) => match values.into_iter().next() {
                Some(Reading::Missing(word)) => missing(target, "sysName", word),
                Some(Reading::Text(text)) => named(&text),
                Some(_) | None => Answer::up(),
            },
            Self::Error { status, .. } => Self::refusal(status, target, "sysName"),
        }
    }

    /// What an error says of the agent that was asked for `what`.
    pub(super) fn refusal(status: u32, target: &str, what: &str) -> Answer {
        match status {
            // How v1, which has no exceptions, says noSuchInstance (RFC 3584, 4.2.2.2).
            status::ERRSTATUS_NOSUCHNAME => missing(target, what, "noSuchName"),
            status::ERRSTATUS_AUTHORIZATIONERROR => Answer::unknown(
                CauseCode::Credentials,
                format!("{target} does not let this user or community read {what}"),
            ),
            number => {
                let word = error_word(number);
                let text = format!("{target} answers with an error: {word}");
                Answer::down(CauseCode::Agent, text)
            }
        }
    }
}

impl From<Value<'_>> for Reading {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::OctetString(text) => Self::Text(text.into()),
            Value::Integer(number) => Self::Number(number),
            Value::Unsigned32(number) => Self::Number(number.into()),
            Value::Counter32(count) => Self::Counter(Counter::Short(count)),
            Value::Counter64(count) => Self::Counter(Counter::Long(count)),
            Value::Timeticks(ticks) => Self::Ticks(ticks),
            Value::IpAddress(octets) => Self::Object(Ipv4Addr::from(octets).to_string()),
            Value::ObjectIdentifier(oid) => {
                oid::shown(oid.as_bytes()).map_or(Self::Other, Self::Object)
            }
            Value::NoSuchObject => Self::Missing("noSuchObject"),
            Value::NoSuchInstance => Self::Missing("noSuchInstance"),
            Value::EndOfMibView => Self::Missing("endOfMibView"),
            _ => Self::Other,
        }
    }
}

fn named(text: &[u8]) -> Answer {
    let name = one_line(&String::from_utf8_lossy(text), LONGEST_NAME);
    let mut detail = Detail::new();
    detail.put("sys_name", name.as_str());
    Answer {
        name: (!name.is_empty()).then(|| name.into()),
        ..Answer::up().with_detail(detail)
    }
}

fn missing(target: &str, what: &str, word: &str) -> Answer {
    let text = format!("{target} has no {what} to tell: {word}");
    Answer::unknown(CauseCode::Missing, text)
}

/// The name of an error status (RFC 3416, 3).
fn error_word(number: u32) -> String {
    const WORDS: [&str; 19] = [
        "noError",
        "tooBig",
        "noSuchName",
        "badValue",
        "readOnly",
        "genErr",
        "noAccess",
        "wrongType",
        "wrongLength",
        "wrongEncoding",
        "wrongValue",
        "noCreation",
        "inconsistentValue",
        "resourceUnavailable",
        "commitFailed",
        "undoFailed",
        "authorizationError",
        "notWritable",
        "inconsistentName",
    ];
    match WORDS.get(number as usize) {
        Some(word) => (*word).to_owned(),
        None => format!("error status {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ber::{SYS_NAME, community_get};
    use super::*;

    /// What an agent that answers a v2c question for sysName with these values is said to be.
    fn check(error: u8, value: Value<'_>, expected: (Option<f64>, &str, Option<&str>)) {
        let bytes = community_get(1, b"public", 1, &[SYS_NAME]);
        let mut pdu = Pdu::from_bytes(&bytes).expect("a message");
        pdu.message_type = MessageType::Response;
        pdu.error_status = error.into();
        let reply = match Reply::read(&pdu, &[SYS_NAME]).expect("a reply") {
            Reply::Values(_) => Reply::Values(vec![value.into()]),
            error @ Reply::Error { .. } => error,
        };
        let answer = reply.answer("a:161");
        let code = answer.cause.as_ref().map_or("", |cause| cause.code.code());
        let status = answer.status.map(up_core::Status::value);
        assert_eq!(
            (status, code, answer.name.as_deref()),
            expected,
            "{answer:?}"
        );
    }

    #[test]
    fn replies_and_what_they_say() {
        let up = |name| (Some(1.0), "", name);
        check(0, Value::OctetString(b"router"), up(Some("router")));
        check(0, Value::OctetString(b"a\r\nb\0"), up(Some("a b")));
        check(0, Value::OctetString(b"caf\xe9"), up(Some("caf\u{fffd}")));
        check(0, Value::OctetString(b" "), up(None));
        check(0, Value::Integer(7), up(None));
        let missing = (None, "missing", None);
        check(0, Value::NoSuchObject, missing);
        check(0, Value::NoSuchInstance, missing);
        check(0, Value::EndOfMibView, missing);
        check(2, Value::Null, missing);
        check(5, Value::Null, (Some(0.0), "agent", None));
        check(16, Value::Null, (None, "credentials", None));
        check(200, Value::Null, (Some(0.0), "agent", None));
    }

    #[test]
    fn a_long_name_is_cut() {
        let text = vec![b'x'; 60_000];
        let name = named(&text).name.expect("a name");
        assert_eq!(
            name.chars().count(),
            LONGEST_NAME - 2,
            "with … for the rest"
        );
    }

    #[test]
    fn answers_to_other_questions_are_none() {
        let bytes = community_get(1, b"public", 1, &[SYS_NAME]);
        let mut pdu = Pdu::from_bytes(&bytes).expect("a message");
        assert!(Reply::read(&pdu, &[SYS_NAME]).is_err(), "a question");
        pdu.message_type = MessageType::Response;
        assert!(Reply::read(&pdu, &[SYS_NAME]).is_ok(), "its answer");
        assert!(Reply::read(&pdu, &[&[0x2b, 6]]).is_err(), "another object");
        assert!(Reply::read(&pdu, &[SYS_NAME, SYS_NAME]).is_err(), "too few");
    }
}
