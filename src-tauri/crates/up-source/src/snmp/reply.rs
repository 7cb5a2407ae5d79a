//! Responses of an agent: the values of objects, or an SNMP error.

use std::net::Ipv4Addr;

use snmp2::{MessageType, Pdu, Value, snmp as status};
use up_core::{CauseCode, CheckResult, Detail, cause::one_line};

use super::ber::RawOid;
use super::rate::Counter;
use super::{oid, opaque};
use crate::net::fault::Fault;

/// A response that fits its request.
#[derive(Debug)]
pub(super) enum SnmpResponse {
    /// One entry for each requested object, in the same order: its value, or `None` if the response
    /// has no readable value for it. At least one value is there.
    Values(Vec<Option<VariableReading>>),
    /// The agent responded with an error (RFC 3416, section 3).
    Error {
        /// The error status.
        status: u32,
        /// The object to blame, counted from 1. 0 blames none.
        index: u32,
    },
}

/// What is known of one object.
#[derive(Debug)]
pub(super) enum VariableReading {
    /// An octet string.
    Text(Box<[u8]>),
    /// An integer or a gauge.
    Number(i64),
    /// A counter.
    Counter(Counter),
    /// Time ticks: hundredths of a second.
    Ticks(u32),
    /// An address or an object identifier, as text.
    Object(String),
    /// A floating-point number, which may be `NaN` or infinite.
    Real(f64),
    /// A value of another type.
    Other,
    /// No value, for the reason that SNMP gives, such as `noSuchObject`.
    Missing(&'static str),
    /// No value, but an error with that status (RFC 3416, section 3).
    Refused(u32),
    /// No value, because the request was not answered.
    Unanswered(Fault),
}

/// The error status `tooBig`.
pub(super) const TOO_BIG: u32 = status::ERRSTATUS_TOOBIG;
/// The error status `noAccess`, which RFC 3416 does not allow for a `GetRequest`, but agents send.
const NO_ACCESS: u32 = status::ERRSTATUS_NOACCESS;

/// The largest length of a sysName (RFC 3418: `DisplayString`, 0 to 255).
const MAX_NAME: usize = 255;

impl SnmpResponse {
    /// Reads a response to a request for `oids`. The error says why it does not fit the request.
    pub(super) fn read(pdu: &Pdu<'_>, oids: &[&RawOid]) -> Result<Self, String> {
        if pdu.message_type != MessageType::Response {
            return Err(format!(
                "a {:?} came instead of a response",
                pdu.message_type
            ));
        }
        if pdu.error_status != status::ERRSTATUS_NOERROR {
            return Ok(Self::Error {
                status: pdu.error_status,
                index: pdu.error_index,
            });
        }
        // Values are matched by their OIDs, because agents leave objects out and reorder them. An
        // unreadable value ends the iterator's turn like the end of the list, although others may
        // follow.
        let mut objects = pdu.varbinds.clone();
        let objects = std::iter::repeat_with(|| objects.next()).take(2 * oids.len());
        let mut values: Vec<Option<VariableReading>> = Vec::new();
        values.resize_with(oids.len(), || None);
        let mut others = false;
        for (name, value) in objects.flatten() {
            let place = oids.iter().position(|oid| name.as_bytes() == *oid);
            match place {
                Some(at) => {
                    values[at].get_or_insert_with(|| VariableReading::from(value));
                }
                None => others = true,
            }
        }
        match values.iter().any(Option::is_some) {
            true => Ok(Self::Values(values)),
            false if others => Err("its response has only objects that were not requested".into()),
            false => Err("its response has no value that can be read".into()),
        }
    }
}

/// The result of a check that requested only sysName.
pub(super) fn name_result(name: Option<VariableReading>, target: &str) -> CheckResult {
    match name {
        Some(VariableReading::Missing(word)) => missing(target, "sysName", word),
        Some(VariableReading::Refused(status)) => error_result(status, target, "sysName"),
        Some(VariableReading::Unanswered(fault)) => fault.check_result(),
        Some(VariableReading::Text(text)) => up_named(&text),
        Some(_) | None => CheckResult::up(),
    }
}

/// The result of a check whose only response was an error for `what`.
pub(super) fn error_result(status: u32, target: &str, what: &str) -> CheckResult {
    if is_forbidden(status) {
        return CheckResult::unknown(CauseCode::Credentials, forbidden(target, what));
    }
    let word = error_word(status);
    let text = format!("{target} answers with an error: {word}");
    CheckResult::down(CauseCode::Agent, text)
}

/// The cause for one object that has an error, while others have values.
pub(super) fn refused(status: u32, target: &str, what: &str) -> (CauseCode, String) {
    if is_forbidden(status) {
        return (CauseCode::Credentials, forbidden(target, what));
    }
    let word = error_word(status);
    (
        CauseCode::Agent,
        format!("{target} cannot return {what}: {word}"),
    )
}

fn is_forbidden(status: u32) -> bool {
    matches!(status, status::ERRSTATUS_AUTHORIZATIONERROR | NO_ACCESS)
}

fn forbidden(target: &str, what: &str) -> String {
    format!("{target} does not let this user or community read {what}")
}

impl VariableReading {
    /// The reading of an object that was requested alone and answered with an error.
    pub(super) fn refused(status: u32) -> Self {
        match status {
            // v1 has no exceptions and sends this instead of noSuchInstance (RFC 3584, section
            // 4.2.2.2).
            status::ERRSTATUS_NOSUCHNAME => Self::Missing("noSuchName"),
            status => Self::Refused(status),
        }
    }

    /// The error status, if the agent responded with an error instead of a value.
    pub(super) fn error(&self) -> Option<u32> {
        match self {
            Self::Refused(status) => Some(*status),
            _ => None,
        }
    }
}

impl From<Value<'_>> for VariableReading {
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
            Value::Opaque(octets) => opaque::read(octets),
            Value::NoSuchObject => Self::Missing("noSuchObject"),
            Value::NoSuchInstance => Self::Missing("noSuchInstance"),
            Value::EndOfMibView => Self::Missing("endOfMibView"),
            _ => Self::Other,
        }
    }
}

/// Up, with the sysName as the name and in the detail.
fn up_named(text: &[u8]) -> CheckResult {
    let name = one_line(&String::from_utf8_lossy(text), MAX_NAME);
    let mut detail = Detail::new();
    detail.put("sys_name", name.as_str());
    CheckResult {
        name: (!name.is_empty()).then(|| name.into()),
        ..CheckResult::up().with_detail(detail)
    }
}

fn missing(target: &str, what: &str, word: &str) -> CheckResult {
    let text = format!("{target} has no {what}: {word}");
    CheckResult::unknown(CauseCode::Missing, text)
}

/// The name of an error status (RFC 3416, section 3).
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

    /// Checks the result of a v2c request for sysName that was answered with this error status and
    /// value.
    fn check(error: u8, value: Value<'_>, expected: (Option<f64>, &str, Option<&str>)) {
        let bytes = community_get(1, b"public", 1, &[SYS_NAME]);
        let mut pdu = Pdu::from_bytes(&bytes).expect("a message");
        pdu.message_type = MessageType::Response;
        pdu.error_status = error.into();
        let reading = match SnmpResponse::read(&pdu, &[SYS_NAME]).expect("a reply") {
            SnmpResponse::Values(_) => value.into(),
            SnmpResponse::Error { status, .. } => VariableReading::refused(status),
        };
        let result = name_result(Some(reading), "a:161");
        let code = result.cause.as_ref().map_or("", |cause| cause.code.code());
        let status = result.status.map(up_core::Status::value);
        assert_eq!(
            (status, code, result.name.as_deref()),
            expected,
            "{result:?}"
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
        check(6, Value::Null, (None, "credentials", None));
        check(16, Value::Null, (None, "credentials", None));
        check(200, Value::Null, (Some(0.0), "agent", None));
    }

    #[test]
    fn a_long_name_is_cut() {
        let text = vec![b'x'; 60_000];
        let name = up_named(&text).name.expect("a name");
        assert_eq!(name.chars().count(), MAX_NAME - 2, "with … for the rest");
    }

    #[test]
    fn answers_to_other_questions_are_none() {
        let bytes = community_get(1, b"public", 1, &[SYS_NAME]);
        let mut pdu = Pdu::from_bytes(&bytes).expect("a message");
        assert!(SnmpResponse::read(&pdu, &[SYS_NAME]).is_err(), "a question");
        pdu.message_type = MessageType::Response;
        assert!(SnmpResponse::read(&pdu, &[SYS_NAME]).is_ok(), "its answer");
        assert!(
            SnmpResponse::read(&pdu, &[&[0x2b, 6]]).is_err(),
            "another object"
        );
    }

    /// Reads a v2c response with `objects`, each a number and a value in BER, to a request for the
    /// objects 1, 2 and 3. Returns one character for each: its value, or `-`.
    fn told(objects: &[(u8, &[u8])]) -> String {
        let object = |(last, value): &(u8, &[u8])| {
            let name = [&[6, 3, 0x2b, 6, *last], *value].concat();
            [&[0x30, name.len() as u8], name.as_slice()].concat()
        };
        let objects: Vec<u8> = objects.iter().flat_map(object).collect();
        let bytes = community_get(1, b"public", 1, &[]);
        let mut pdu = Pdu::from_bytes(&bytes).expect("a message");
        pdu.message_type = MessageType::Response;
        pdu.varbinds = snmp2::Varbinds::from_bytes(&objects);
        let asked: [&RawOid; 3] = [&[0x2b, 6, 1], &[0x2b, 6, 2], &[0x2b, 6, 3]];
        match SnmpResponse::read(&pdu, &asked) {
            Ok(SnmpResponse::Values(values)) => {
                let letter = |value: &Option<VariableReading>| match value {
                    Some(VariableReading::Number(number)) => number.to_string(),
                    Some(other) => panic!("{other:?}"),
                    None => "-".into(),
                };
                values.iter().map(letter).collect()
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn objects_are_found_by_their_names() {
        let check = |objects: &[(u8, &[u8])], expected: &str| {
            assert_eq!(told(objects), expected, "{objects:?}");
        };
        let number = |number: u8| [2, 1, number];
        let [one, two, three, nine] = [1, 2, 3, 9].map(number);
        check(&[(1, &one), (2, &two), (3, &three)], "123");
        check(&[(3, &three), (1, &one), (2, &two)], "123");
        check(&[(2, &two)], "-2-");
        check(&[(9, &nine), (3, &three)], "--3");
        check(&[(1, &one), (1, &nine), (2, &two)], "12-");
        // Values that cannot be read: of an unknown type, too long for their type, and longer than
        // the message.
        check(&[(1, &[0x1f, 1, 1]), (2, &two), (3, &three)], "-23");
        check(
            &[
                (1, &one),
                (2, &[2, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
                (3, &three),
            ],
            "1-3",
        );
        check(&[(1, &[2, 9, 1]), (2, &[2, 0]), (3, &three)], "--3");
        let other = "Err(\"its response has only objects that were not requested\")";
        check(&[(9, &nine)], other);
        check(&[], "Err(\"its response has no value that can be read\")");
    }
}
