//! Entry points for the fuzz targets.

use std::sync::LazyLock;

use futures_util::FutureExt as _;
use snmp2::Version;
use snmp2::v3::{Auth, AuthProtocol, Cipher, Security};
use up_core::{CauseCode, CheckResult};

use super::ber::{self, Envelope};
use super::condition::ObjectConditions;
use super::link::ReceivedDatagram;
use super::oid::{self, Oid};
use super::reply::{self, VariableReading};
use super::requests::PendingRequests;
use super::session::{Clock, EngineReply, EngineSession};
use super::value::ObjectValue;
use super::words::Words;
use super::{SnmpOids, community, opaque};
use crate::net::fault::Fault;
use crate::text::Pace;

/// The id of the request that is answered.
pub const REQUEST_ID: i32 = 7;

/// The ID of the engine that answers.
pub const ENGINE: &[u8] = b"\x80\x00\x1f\x88\x04up";

/// A v1 or v2c agent whose answers are judged by these conditions. Without conditions sysName is
/// requested.
pub struct Community(Option<ObjectConditions>);

impl Community {
    /// An agent that is asked for the objects of `oids`.
    pub fn new(oids: Option<&SnmpOids>) -> Self {
        let conditions =
            oids.map(|oids| ObjectConditions::new(oids).expect("objects that can be asked"));
        Self(conditions)
    }

    /// The result of a check that is answered with the datagram `bytes`. `None` if it is no answer.
    pub fn answer(&self, bytes: &[u8]) -> Option<CheckResult> {
        let oids = match &self.0 {
            Some(conditions) => conditions.oids(),
            None => vec![ber::SYS_NAME],
        };
        let mut requests = PendingRequests::new(oids.len());
        while let Some(request) = requests.next() {
            let requested: Vec<_> = request.objects().iter().map(|at| oids[*at]).collect();
            let received = [Version::V1, Version::V2C]
                .map(|version| community::read(bytes, version, REQUEST_ID, &requested));
            let reply = received.into_iter().find_map(|received| match received {
                ReceivedDatagram::Answer(reply) => Some(reply),
                ReceivedDatagram::Stray | ReceivedDatagram::Malformed(_) => None,
            });
            match reply {
                Some(reply) => requests.record(request, reply),
                None if !requests.has_any() => return None,
                None => {
                    let fault = Fault::new(CauseCode::Protocol, "malformed");
                    requests.fail(&request, &fault);
                }
            }
        }
        let readings = requests.into_readings();
        Some(match &self.0 {
            Some(conditions) => {
                let mut pace = Pace::undivided();
                let result = conditions.answer(&readings, "agent:161", &mut pace);
                result.now_or_never().expect("nobody else waits")
            }
            None => reply::name_result(readings.into_iter().next(), "agent:161"),
        })
    }
}

impl std::fmt::Debug for Community {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Community")
    }
}

/// Sessions without authentication, with authentication, and with encryption.
static SESSIONS: LazyLock<[EngineSession; 3]> = LazyLock::new(|| {
    let user = || Security::new(b"up", b"12345678").with_auth_protocol(AuthProtocol::Sha1);
    let privacy = Auth::AuthPriv {
        cipher: Cipher::Aes128,
        privacy_password: b"12345678".to_vec(),
    };
    [Auth::NoAuthNoPriv, Auth::AuthNoPriv, privacy].map(|auth| {
        let clock = Clock::of(&Envelope {
            message_id: 0,
            largest: ber::MAX_MESSAGE,
            engine_id: ENGINE,
            boots: 3,
            time: 1_000,
            report: None,
        });
        EngineSession::new(user().with_auth(auth), ENGINE, clock)
            .expect("keys are made of any password")
    })
});

/// Well-formed v3 messages, one for each session.
pub fn sealed() -> Vec<Vec<u8>> {
    let seal = |session: &EngineSession| session.seal(REQUEST_ID, &[ber::SYS_NAME]);
    SESSIONS
        .iter()
        .filter_map(|session| seal(session).ok())
        .collect()
}

/// Reads `bytes` as a v3 message in each session.
pub fn v3(bytes: &[u8]) -> Vec<CheckResult> {
    let mut answers = Vec::new();
    for session in &*SESSIONS {
        // snmp2 overwrites the signature in its input, although it borrows it as immutable.
        let bytes = bytes.to_vec();
        let received = session.open(&bytes, REQUEST_ID, &[ber::SYS_NAME]);
        if let ReceivedDatagram::Answer(EngineReply::Reply(reply, _)) = received {
            let mut requests = PendingRequests::new(1);
            if let Some(request) = requests.next() {
                requests.record(request, reply);
            }
            let name = requests.into_readings().into_iter().next();
            answers.push(reply::name_result(name, "agent:161"));
        }
    }
    answers
}

/// Reads octets as values of objects of each kind, and as an object identifier.
pub fn value(octets: &[u8]) -> Option<CheckResult> {
    for name in [
        "sysDescr",
        "ifPhysAddress.1",
        "hrPrinterDetectedErrorState.1",
    ] {
        let words = Oid::parse(name).expect("a known name").words();
        let _ = ObjectValue::read(&VariableReading::Text(octets.into()), words);
    }
    let _ = oid::shown(octets);
    let _ = ObjectValue::read(&opaque::read(octets), Words::None);
    let named = VariableReading::Text(octets.into());
    Some(reply::name_result(Some(named), "agent:161"))
}
