//! A session with one v3 engine: the keys localized for it, and its clock (RFC 3414, sections 2 and
//! 3).
//!
//! snmp2 does the cryptography. It builds a secured message only from one that it has read, keeps a
//! clock of its own, and computes with numbers before they are authenticated. Therefore messages
//! reach it through [`super::ber`], which checks them, and the clock is kept here.

use snmp2::v3::{Auth, AuthErrorKind, Security};
use snmp2::{Error, MessageType, Pdu};
use tokio::time::Instant;

use super::ber::{self, Envelope, RawOid};
use super::link::ReceivedDatagram;
use super::reply::SnmpResponse;
use super::report::EngineReport;

/// What is known of the engine of an agent.
#[derive(Clone)]
pub(super) struct EngineSession {
    /// The user, with keys localized for that engine.
    security: Security,
    /// The clock of the engine.
    pub(super) clock: Clock,
}

/// The clock of an engine (boots and seconds), and when it was read by our clock.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    boots: i64,
    time: i64,
    read_at: Instant,
}

/// What an engine sent for a request.
pub(super) enum EngineReply {
    /// A response, and the clock that came with it.
    Reply(SnmpResponse, Clock),
    /// The clock, because the request was not in the engine's time window.
    Clock(Clock),
    /// A message of another engine.
    OtherEngine,
    /// A report that refuses the request.
    Refusal(EngineReport),
    /// A message with a larger maximum size than snmp2 reads.
    TooLarge(i64),
}

impl Clock {
    pub(super) fn of(envelope: &Envelope<'_>) -> Self {
        Self {
            boots: envelope.boots,
            time: envelope.time,
            read_at: Instant::now(),
        }
    }

    /// The boots and seconds that the engine's clock shows now. A clock that was never read (boots
    /// 0) does not advance.
    fn now(self) -> (i64, i64) {
        let passed = if self.boots == 0 {
            0
        } else {
            self.read_at.elapsed().as_secs().cast_signed()
        };
        (self.boots, (self.time + passed).min(i32::MAX.into()))
    }
}

impl EngineSession {
    /// A session with the engine `engine_id`. If the user has passwords, this hashes for
    /// milliseconds (RFC 3414, appendix A.2).
    pub(super) fn new(user: Security, engine_id: &[u8], clock: Clock) -> Result<Self, Error> {
        let security = user.with_engine_id(engine_id)?;
        Ok(Self { security, clock })
    }

    /// A request for `oids` as a message, authenticated and encrypted as the user is configured.
    pub(super) fn seal(&self, id: i32, oids: &[&RawOid]) -> Result<Vec<u8>, Error> {
        let bare = ber::bare_v3_get(id, oids);
        let mut unsecured = Security::new(b"", b"")
            .with_auth(Auth::NoAuthNoPriv)
            // An engine ID is set only so that snmp2 takes the message for a request and not for a
            // discovery.
            .with_engine_id(&[0])?;
        let request = Pdu::from_bytes_with_security(&bare, Some(&mut unsecured))?;
        let (boots, time) = self.clock.now();
        let security = self.security.clone();
        let security = security.with_engine_boots_and_time(boots, time);
        request.to_bytes_with_security(Some(&security))
    }

    /// Reads a datagram that may be the answer to the request with that `id`.
    pub(super) fn open(
        &self,
        bytes: &[u8],
        id: i32,
        oids: &[&RawOid],
    ) -> ReceivedDatagram<EngineReply> {
        let Some(envelope) = Envelope::read(bytes) else {
            return ReceivedDatagram::Malformed(NO_MESSAGE.into());
        };
        if envelope.message_id != i64::from(id) {
            return ReceivedDatagram::Stray;
        }
        if envelope.engine_id != self.security.engine_id() {
            return ReceivedDatagram::Answer(EngineReply::OtherEngine);
        }
        if envelope.largest > ber::MAX_MESSAGE {
            return ReceivedDatagram::Answer(EngineReply::TooLarge(envelope.largest));
        }
        let clock = Clock::of(&envelope);
        match envelope.report.map(EngineReport::of) {
            Some(EngineReport::NotInTimeWindow) => match self.authenticate(bytes, &envelope) {
                Ok(()) => ReceivedDatagram::Answer(EngineReply::Clock(clock)),
                Err(error) => ReceivedDatagram::Malformed(error.to_string()),
            },
            Some(EngineReport::UnknownEngine) => ReceivedDatagram::Answer(EngineReply::OtherEngine),
            Some(report) => ReceivedDatagram::Answer(EngineReply::Refusal(report)),
            None => self.read(bytes, &envelope, id, oids),
        }
    }

    /// Verifies, decrypts and reads a message that is no unencrypted report.
    fn read(
        &self,
        bytes: &[u8],
        envelope: &Envelope<'_>,
        id: i32,
        oids: &[&RawOid],
    ) -> ReceivedDatagram<EngineReply> {
        let mut security = self.security_at(envelope);
        match Pdu::from_bytes_with_security(bytes, Some(&mut security)) {
            Err(error) => ReceivedDatagram::Malformed(error.to_string()),
            Ok(pdu) if pdu.message_type == MessageType::Report => {
                let mut counters = pdu.varbinds;
                let report = counters
                    .next()
                    .map(|(name, _)| EngineReport::of(name.as_bytes()));
                ReceivedDatagram::Answer(EngineReply::Refusal(
                    report.unwrap_or(EngineReport::Other),
                ))
            }
            Ok(pdu) if pdu.req_id != id => ReceivedDatagram::Stray,
            Ok(pdu) => match SnmpResponse::read(&pdu, oids) {
                Ok(reply) => {
                    ReceivedDatagram::Answer(EngineReply::Reply(reply, Clock::of(envelope)))
                }
                Err(how) => ReceivedDatagram::Malformed(how),
            },
        }
    }

    /// Verifies the signature of a report, if the user authenticates. A report is not encrypted,
    /// which snmp2 refuses only after it has verified the signature.
    fn authenticate(&self, bytes: &[u8], envelope: &Envelope<'_>) -> Result<(), Error> {
        let mut security = self.security_at(envelope);
        match Pdu::from_bytes_with_security(bytes, Some(&mut security)) {
            Ok(_) | Err(Error::AuthFailure(AuthErrorKind::ReplyNotEncrypted)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The user's keys with the clock of the message itself, which decryption needs. A replayed
    /// message is refused anyway: its message id, which the signature covers, is not that of the
    /// request.
    fn security_at(&self, envelope: &Envelope<'_>) -> Security {
        let security = self.security.clone();
        security.with_engine_boots_and_time(envelope.boots, envelope.time)
    }
}

/// What is wrong with a datagram that is no v3 message.
pub(super) const NO_MESSAGE: &str = "no SNMPv3 message came";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use snmp2::v3::{AuthProtocol, Cipher};

    use super::super::ber::SYS_NAME;
    use super::*;

    const ENGINE: &[u8] = b"\x80\x00\x1f\x88\x04up";

    fn session(user: Security) -> EngineSession {
        let clock = Clock {
            boots: 3,
            time: 1_000,
            read_at: Instant::now(),
        };
        EngineSession::new(user, ENGINE, clock).expect("a session")
    }

    /// Users without authentication, with authentication, and with encryption.
    fn users() -> [Security; 3] {
        let user = || Security::new(b"up", b"12345678").with_auth_protocol(AuthProtocol::Sha1);
        let privacy = Auth::AuthPriv {
            cipher: Cipher::Aes128,
            privacy_password: b"12345678".to_vec(),
        };
        [
            user().with_auth(Auth::NoAuthNoPriv),
            user().with_auth(Auth::AuthNoPriv),
            user().with_auth(privacy),
        ]
    }

    #[test]
    fn a_sealed_question_names_the_engine_and_its_time() {
        for user in users() {
            let sealed = session(user).seal(9, &[SYS_NAME]).expect("a message");
            let envelope = Envelope::read(&sealed).expect("an envelope");
            assert_eq!((envelope.message_id, envelope.engine_id), (9, ENGINE));
            assert_eq!(envelope.boots, 3);
            assert!((1_000..1_060).contains(&envelope.time), "{envelope:?}");
        }
    }

    #[test]
    fn the_engines_clock_goes_on_with_ours() {
        let check = |boots, time, passed, expected| {
            let read_at = Instant::now().checked_sub(Duration::from_secs(passed));
            let clock = Clock {
                boots,
                time,
                read_at: read_at.expect("a moment that was"),
            };
            assert_eq!(clock.now(), expected, "{boots} {time} {passed}");
        };
        check(3, 1_000, 0, (3, 1_000));
        check(3, 1_000, 200, (3, 1_200));
        check(3, 0x7fff_fff0, 200, (3, 0x7fff_ffff));
        check(0, 0, 200, (0, 0));
    }

    #[test]
    fn an_engine_that_takes_larger_messages_than_snmp2_reads_is_said_to() {
        let [unsecured, ..] = users();
        let session = session(unsecured);
        let mut message = session.seal(9, &[SYS_NAME]).expect("a message");
        let largest = [2, 3, 0, 0xff, 0xe3];
        let mut places = message.windows(largest.len());
        let at = places.position(|bytes| bytes == largest);
        message[at.expect("65,507 in the header") + 4] = 0xff;
        let received = session.open(&message, 9, &[SYS_NAME]);
        assert!(matches!(
            received,
            ReceivedDatagram::Answer(EngineReply::TooLarge(65_535))
        ));
    }

    #[test]
    fn whatever_comes_is_read_without_a_panic() {
        for user in users() {
            let session = session(user);
            let sealed = session.seal(9, &[SYS_NAME]).expect("a message");
            for at in 0..sealed.len() {
                for put in [0, 1, 0x7f, 0x80, 0x84, 0x88, 0xff, sealed[at] ^ 1] {
                    let mut bytes = sealed.clone();
                    bytes[at] = put;
                    session.open(&bytes, 9, &[SYS_NAME]);
                    session.open(&bytes[at..], 9, &[SYS_NAME]);
                }
                session.open(&sealed[..at], 9, &[SYS_NAME]);
            }
        }
    }

    #[test]
    fn an_answer_that_is_not_as_secure_as_its_question_is_none() {
        let [unsecured, someone, secretive] = users();
        let check = |asked: &Security, answered: &Security| {
            let message = session(answered.clone()).seal(9, &[SYS_NAME]);
            let message = message.expect("a message");
            let received = session(asked.clone()).open(&message, 9, &[SYS_NAME]);
            // The session sealed a request. Where it is readable, the error names its type.
            let ReceivedDatagram::Malformed(how) = received else {
                panic!("taken for an answer");
            };
            how.contains("GetRequest")
        };
        assert!(check(&someone, &someone), "read when it is signed");
        assert!(check(&secretive, &secretive), "read when it is encrypted");
        assert!(
            !check(&someone, &unsecured),
            "not read when it is not signed"
        );
        assert!(!check(&secretive, &someone), "not read when not encrypted");
        let stranger = Security::new(b"up", b"another password");
        let stranger = stranger.with_auth_protocol(AuthProtocol::Sha1);
        assert!(
            !check(&someone, &stranger),
            "not read when signed by another"
        );
    }
}
