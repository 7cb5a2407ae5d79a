//! BER (X.690): writes requests, and reads the outermost part of a v3 message. The messages are
//! those of RFC 3416 (PDUs), RFC 3417 and RFC 3412 (v3).

use snmp2::{AsnReader, asn1, snmp};

/// An object identifier in BER, without tag and length.
pub(super) type RawOid = [u8];

/// `SNMPv2-MIB::sysName.0`, 1.3.6.1.2.1.1.5.0 (RFC 3418).
pub(super) const SYS_NAME: &RawOid = &[0x2b, 6, 1, 2, 1, 1, 5, 0];

/// The version number of v3 in a message. It is 0 for v1 and 1 for v2c.
pub(super) const V3: i64 = 3;

/// A v1 or v2c `GetRequest` for the objects `oids`.
pub(super) fn community_get(
    version: i64,
    community: &[u8],
    request_id: i32,
    oids: &[&RawOid],
) -> Vec<u8> {
    let parts = [
        integer(version),
        element(asn1::TYPE_OCTETSTRING, community),
        get(request_id, oids),
    ];
    element(asn1::TYPE_SEQUENCE, &parts.concat())
}

/// A v3 `GetRequest` for the objects `oids`, without security and without an engine ID. Without
/// objects it discovers the agent's engine (RFC 3414, section 4).
pub(super) fn bare_v3_get(request_id: i32, oids: &[&RawOid]) -> Vec<u8> {
    let nothing = element(asn1::TYPE_OCTETSTRING, &[]);
    let header = [
        integer(request_id.into()),
        integer(MAX_MESSAGE),
        element(asn1::TYPE_OCTETSTRING, &[snmp::V3_MSG_FLAGS_REPORTABLE]),
        integer(USER_SECURITY_MODEL),
    ];
    let security = [
        nothing.clone(), // engine id
        integer(0),      // boots
        integer(0),      // time
        nothing.clone(), // user
        nothing.clone(), // authentication
        nothing.clone(), // privacy
    ];
    let security = element(asn1::TYPE_SEQUENCE, &security.concat());
    let scoped = [nothing.clone(), nothing, get(request_id, oids)];
    let parts = [
        integer(V3),
        element(asn1::TYPE_SEQUENCE, &header.concat()),
        element(asn1::TYPE_OCTETSTRING, &security),
        element(asn1::TYPE_SEQUENCE, &scoped.concat()),
    ];
    element(asn1::TYPE_SEQUENCE, &parts.concat())
}

/// The largest UDP payload over IPv4. It is also the largest message size that snmp2 accepts of an
/// engine.
pub(super) const MAX_MESSAGE: i64 = 65_507;
/// The User-based Security Model among the security models (RFC 3411, section 5).
const USER_SECURITY_MODEL: i64 = 3;

/// The outermost part of a v3 message, and the counter in an unencrypted report. Nothing here has
/// been authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    /// The message id, which is that of the request.
    pub(super) message_id: i64,
    /// The largest message that the engine accepts, in bytes.
    pub(super) largest: i64,
    /// The ID of the engine that answers; 1 to 32 bytes.
    pub(super) engine_id: &'a [u8],
    /// How often the engine has started (`snmpEngineBoots`).
    pub(super) boots: i64,
    /// Seconds since the engine's last start (`snmpEngineTime`).
    pub(super) time: i64,
    /// The first object of an unencrypted report: the counter that says why the engine refuses.
    pub(super) report: Option<&'a RawOid>,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope of `bytes`. `None` if this is no v3 message, or if its numbers are out of
    /// the range of RFC 3412 and RFC 3414, which snmp2 does not check before it computes with them.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let message = AsnReader::from_bytes(bytes).read_raw(asn1::TYPE_SEQUENCE);
        let mut message = AsnReader::from_bytes(message.ok()?);
        if message.read_asn_integer().ok()? != V3 {
            return None;
        }
        let header = message.read_raw(asn1::TYPE_SEQUENCE).ok()?;
        let mut header = AsnReader::from_bytes(header);
        let message_id = header.read_asn_integer().ok()?;
        let largest = header.read_asn_integer().ok()?;
        let flags = *header.read_asn_octetstring().ok()?.first()?;

        let security = message.read_asn_octetstring().ok()?;
        let security = AsnReader::from_bytes(security).read_raw(asn1::TYPE_SEQUENCE);
        let mut security = AsnReader::from_bytes(security.ok()?);
        let engine_id = security.read_asn_octetstring().ok()?;
        let boots = security.read_asn_integer().ok()?;
        let time = security.read_asn_integer().ok()?;
        let plausible = 0..=i64::from(i32::MAX);
        if !(1..=32).contains(&engine_id.len())
            || !plausible.contains(&boots)
            || !plausible.contains(&time)
        {
            return None;
        }
        let encrypted = flags & snmp::V3_MSG_FLAGS_PRIVACY != 0;
        let report = if encrypted { None } else { report(message) };
        Some(Self {
            message_id,
            largest,
            engine_id,
            boots,
            time,
            report,
        })
    }
}

/// The first object of a report. `None` for any other PDU.
fn report(mut message: AsnReader<'_>) -> Option<&RawOid> {
    let scoped = message.read_raw(asn1::TYPE_SEQUENCE).ok()?;
    let mut scoped = AsnReader::from_bytes(scoped);
    scoped.read_asn_octetstring().ok()?;
    scoped.read_asn_octetstring().ok()?;
    let mut report = AsnReader::from_bytes(scoped.read_raw(snmp::MSG_REPORT).ok()?);
    for _ in ["request id", "error status", "error index"] {
        report.read_asn_integer().ok()?;
    }
    let objects = report.read_raw(asn1::TYPE_SEQUENCE).ok()?;
    let first = AsnReader::from_bytes(objects).read_raw(asn1::TYPE_SEQUENCE);
    AsnReader::from_bytes(first.ok()?)
        .read_raw(asn1::TYPE_OBJECTIDENTIFIER)
        .ok()
}

/// A `GetRequest` PDU (RFC 3416, section 4.2.1).
fn get(request_id: i32, oids: &[&RawOid]) -> Vec<u8> {
    let null = element(asn1::TYPE_NULL, &[]);
    let objects: Vec<u8> = oids
        .iter()
        .flat_map(|oid| {
            let name = element(asn1::TYPE_OBJECTIDENTIFIER, oid);
            element(asn1::TYPE_SEQUENCE, &[name, null.clone()].concat())
        })
        .collect();
    let parts = [
        integer(request_id.into()),
        integer(0), // error status
        integer(0), // error index
        element(asn1::TYPE_SEQUENCE, &objects),
    ];
    element(snmp::MSG_GET, &parts.concat())
}

/// An INTEGER.
fn integer(number: i64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    // The leading bytes that repeat the sign are left out (X.690, section 8.3.2).
    let spare = (0..7)
        .take_while(|&i| {
            let sign = if bytes[i + 1] & 0x80 == 0 { 0 } else { 0xff };
            bytes[i] == sign
        })
        .count();
    element(asn1::TYPE_INTEGER, &bytes[spare..])
}

/// A BER element: tag, length and content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let spare = length.iter().take_while(|&&byte| byte == 0).count();
    let mut bytes = vec![tag];
    match &length[spare..] {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            bytes.push(0x80 | long.len() as u8);
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use snmp2::{MessageType, Pdu};

    #[test]
    fn integers_take_as_few_bytes_as_keep_the_sign() {
        let check = |number: i64, expected: &[u8]| {
            assert_eq!(integer(number)[2..], *expected, "{number}");
        };
        check(0, &[0]);
        check(127, &[127]);
        check(128, &[0, 128]);
        check(256, &[1, 0]);
        check(-1, &[0xff]);
        check(-129, &[0xff, 0x7f]);
        check(i64::from(i32::MAX), &[0x7f, 0xff, 0xff, 0xff]);
        check(i64::MIN, &i64::MIN.to_be_bytes());
    }

    #[test]
    fn lengths_take_the_short_form_while_they_fit() {
        let check = |length: usize, expected: &[u8]| {
            let bytes = element(4, &vec![7; length]);
            assert_eq!(bytes[1..=expected.len()], *expected, "{length}");
            assert_eq!(bytes.len(), 1 + expected.len() + length, "{length}");
        };
        check(0, &[0]);
        check(127, &[127]);
        check(128, &[0x81, 128]);
        check(256, &[0x82, 1, 0]);
        check(65_536, &[0x83, 1, 0, 0]);
    }

    #[test]
    fn a_question_reads_back_as_it_was_written() {
        let bytes = community_get(1, b"public", 77, &[SYS_NAME]);
        let pdu = Pdu::from_bytes(&bytes).expect("a message");
        assert_eq!(pdu.message_type, MessageType::GetRequest);
        assert_eq!((pdu.req_id, pdu.community), (77, b"public".as_slice()));
        let names: Vec<_> = pdu.varbinds.map(|(name, _)| name.to_id_string()).collect();
        assert_eq!(names, ["1.3.6.1.2.1.1.5.0"]);
    }

    /// The envelope of an answer from the engine `engine_id`, whose clock shows `boots` and `time`.
    fn answer(engine_id: &[u8], boots: i64, time: i64) -> Vec<u8> {
        let flags = element(asn1::TYPE_OCTETSTRING, &[0]);
        let header = [integer(5), integer(1_500), flags, integer(3)];
        let engine_id = element(asn1::TYPE_OCTETSTRING, engine_id);
        let security = [engine_id, integer(boots), integer(time)];
        let security = element(asn1::TYPE_SEQUENCE, &security.concat());
        let parts = [
            integer(V3),
            element(asn1::TYPE_SEQUENCE, &header.concat()),
            element(asn1::TYPE_OCTETSTRING, &security),
        ];
        element(asn1::TYPE_SEQUENCE, &parts.concat())
    }

    #[test]
    fn envelopes_hold_only_numbers_that_can_be_counted_with() {
        let check = |engine_id: &[u8], boots, time, expected: bool| {
            let bytes = answer(engine_id, boots, time);
            let envelope = Envelope::read(&bytes);
            assert_eq!(envelope.is_some(), expected, "{envelope:?}");
        };
        let largest = i64::from(i32::MAX);
        check(b"engine", 0, 0, true);
        check(&[7; 32], largest, largest, true);
        check(b"engine", 1, -1, false);
        check(b"engine", -1, 1, false);
        check(b"engine", 1, largest + 1, false);
        check(b"engine", i64::MAX, i64::MIN, false);
        check(b"", 1, 1, false);
        check(&[7; 33], 1, 1, false);
    }

    #[test]
    fn what_is_no_envelope_is_none() {
        let bare = bare_v3_get(5, &[]);
        assert_eq!(Envelope::read(&bare), None, "it names no engine");
        let whole = answer(b"engine", 1, 1);
        for length in 0..whole.len() {
            assert_eq!(Envelope::read(&whole[..length]), None, "cut at {length}");
        }
        let other = community_get(1, b"public", 1, &[]);
        assert_eq!(Envelope::read(&other), None, "another version");
    }
}
