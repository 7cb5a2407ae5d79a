//! SNMP v3: requests by a user (User-based Security Model, RFC 3414). Discovering the engine takes
//! a round trip, and localizing the keys takes milliseconds of hashing. The session is therefore
//! kept between checks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use snmp2::v3::{KeyExtension, Security};
use tokio::time::Instant;
use up_core::CauseCode;

use super::ber::{self, Envelope, RawOid};
use super::link::{AgentLink, LinkFailure, ReceivedDatagram};
use super::reply::SnmpResponse;
use super::report::EngineReport;
use super::session::{Clock, EngineReply, EngineSession, NO_MESSAGE};
use crate::CheckContext;
use crate::net::fault::Fault;

/// How often, in one check, the engine ID or the clock may differ from what was known.
const ROUNDS: usize = 3;

/// How long to wait, at most, for an agent that may be unable to decrypt, before the next key
/// extension is tried.
const FIRST_SHARE: Duration = Duration::from_secs(3);

/// A user, and the session with the agent.
pub(super) struct SnmpUser {
    /// The user name, for messages.
    pub(super) name: String,
    /// The value of `auth` in up.toml, for messages.
    pub(super) auth: Option<&'static str>,
    /// The value of `privacy` in up.toml, for messages.
    pub(super) privacy: Option<&'static str>,
    /// The user for snmp2, with the passwords, not yet localized for an engine.
    pub(super) security: Security,
    /// The ways to extend a key if the hash is shorter than the cipher needs, the likeliest first.
    /// No standard defines one, agents differ, and the right one shows only in whether the agent
    /// can decrypt.
    pub(super) extensions: &'static [KeyExtension],
    /// The index of the key extension that worked last. The next search starts there.
    pub(super) last_working: AtomicUsize,
    /// The session, if one has worked. Locked only to take it out or put it in, never across an
    /// await.
    pub(super) session: Mutex<Option<EngineSession>>,
}

/// How an exchange with an engine ended.
enum RequestEnd {
    Reply(SnmpResponse),
    /// Another engine is there, which must be discovered first.
    OtherEngine,
}

impl SnmpUser {
    /// Requests `oids`, over the kept session or a new one.
    pub(super) async fn request(
        &self,
        link: &mut AgentLink<'_>,
        oids: &[&RawOid],
        context: &CheckContext,
    ) -> Result<SnmpResponse, LinkFailure> {
        for _ in 0..ROUNDS {
            // The session is taken out until it has worked. After a failure, and if this future is
            // dropped, the next check starts with a discovery.
            let end = match self.replace_session(None) {
                Some(session) => {
                    self.request_over(link, session, oids, context.deadline)
                        .await?
                }
                None => {
                    self.discover_and_request(link, oids, context.deadline)
                        .await?
                }
            };
            if let RequestEnd::Reply(reply) = end {
                return Ok(reply);
            }
        }
        let text = format!("{} answers with another engine ID each time", link.target());
        Err(Fault::new(CauseCode::Protocol, text).into())
    }

    /// Discovers the engine, and requests `oids` over a new session with it.
    async fn discover_and_request(
        &self,
        link: &mut AgentLink<'_>,
        oids: &[&RawOid],
        deadline: Instant,
    ) -> Result<RequestEnd, LinkFailure> {
        let (engine_id, clock) = discover(link, deadline).await?;
        let count = self.extensions.len();
        let first = self.last_working.load(Ordering::Relaxed);
        for tried in 0..count {
            let extension = (first + tried) % count;
            let is_last = tried + 1 == count;
            let session = self.make_session(extension, &engine_id, clock).await?;
            // An agent that cannot decrypt a request may not answer at all.
            let left = deadline.saturating_duration_since(Instant::now());
            let share = if is_last {
                left
            } else {
                FIRST_SHARE.min(left / 3)
            };
            let end = self.request_over(link, session, oids, Instant::now() + share);
            match end.await {
                Err(failure) if !is_last && may_be_wrong_key(&failure) => {}
                Err(LinkFailure::Silence) => {
                    return Err(self.silence_after_discovery(link.target()));
                }
                Err(failure) => return Err(failure),
                Ok(RequestEnd::OtherEngine) => return Ok(RequestEnd::OtherEngine),
                Ok(RequestEnd::Reply(reply)) => {
                    self.last_working.store(extension, Ordering::Relaxed);
                    return Ok(RequestEnd::Reply(reply));
                }
            }
        }
        Ok(RequestEnd::OtherEngine)
    }

    /// A session that uses the key extension with the index `extension`.
    async fn make_session(
        &self,
        extension: usize,
        engine_id: &[u8],
        clock: Clock,
    ) -> Result<EngineSession, LinkFailure> {
        let user = self.security.clone();
        let user = user.with_key_extension_method(self.extensions[extension]);
        let engine_id = engine_id.to_vec();
        // Hashing here would block every other check on this thread.
        let making =
            tokio::task::spawn_blocking(move || EngineSession::new(user, &engine_id, clock));
        match making.await {
            Ok(session) => session.map_err(|e| internal_failure(&e)),
            Err(error) => Err(internal_failure(&error)),
        }
    }

    /// The failure of an agent that answered the discovery, and nothing after it.
    fn silence_after_discovery(&self, target: &str) -> LinkFailure {
        let Some(privacy) = self.privacy else {
            return LinkFailure::Silence;
        };
        let text = format!(
            "{target} is there, but drops the request: wrong privacy_password, or another \
             privacy than {privacy}"
        );
        Fault::new(CauseCode::Credentials, text).into()
    }

    /// Requests `oids` over `session`, and keeps the session if that worked.
    async fn request_over(
        &self,
        link: &mut AgentLink<'_>,
        mut session: EngineSession,
        oids: &[&RawOid],
        until: Instant,
    ) -> Result<RequestEnd, LinkFailure> {
        for _ in 0..ROUNDS {
            let id = super::request_id();
            let message = session.seal(id, oids).map_err(|e| internal_failure(&e))?;
            let read = |bytes: &[u8]| session.open(bytes, id, oids);
            match link.exchange(&message, until, read).await? {
                EngineReply::Reply(reply, clock) => {
                    session.clock = clock;
                    self.replace_session(Some(session));
                    return Ok(RequestEnd::Reply(reply));
                }
                EngineReply::Clock(clock) => session.clock = clock,
                EngineReply::OtherEngine => return Ok(RequestEnd::OtherEngine),
                EngineReply::Refusal(report) => {
                    return Err(self.refusal(report, link.target()).into());
                }
                EngineReply::TooLarge(bytes) => {
                    let text = format!(
                        "{} takes messages of {bytes} bytes, and Up cannot read SNMPv3 from an \
                         agent that takes more than {}",
                        link.target(),
                        ber::MAX_MESSAGE
                    );
                    return Err(Fault::new(CauseCode::Internal, text).into());
                }
            }
        }
        let text = format!("the SNMPv3 clock of {} changes each time", link.target());
        Err(Fault::new(CauseCode::Protocol, text).into())
    }

    /// Replaces the kept session, and returns the one before.
    fn replace_session(&self, session: Option<EngineSession>) -> Option<EngineSession> {
        let mut place = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut place, session)
    }

    /// The fault for a report of the engine.
    fn refusal(&self, report: EngineReport, target: &str) -> Fault {
        let name = &self.name;
        let (auth, privacy) = (self.auth.unwrap_or("none"), self.privacy.unwrap_or("none"));
        let (code, text) = match report {
            EngineReport::UnknownUser => (
                CauseCode::Credentials,
                format!("{target} knows no user {name:?}"),
            ),
            EngineReport::WrongDigest => (
                CauseCode::Credentials,
                format!(
                    "{target} refuses user {name:?}: wrong auth_password, or another auth than \
                     {auth}"
                ),
            ),
            EngineReport::Undecipherable => (
                CauseCode::Credentials,
                format!(
                    "{target} cannot decrypt the requests of user {name:?}: wrong \
                     privacy_password, or another privacy than {privacy}"
                ),
            ),
            EngineReport::UnsupportedLevel => (
                CauseCode::Credentials,
                format!(
                    "{target} does not offer user {name:?} this security (auth: {auth}, privacy: \
                     {privacy})"
                ),
            ),
            EngineReport::UnknownContext => {
                (CauseCode::Missing, format!("{target} has no such context"))
            }
            EngineReport::NotInTimeWindow | EngineReport::UnknownEngine | EngineReport::Other => (
                CauseCode::Agent,
                format!("{target} answers with an SNMPv3 report instead of a value"),
            ),
        };
        Fault::new(code, text)
    }
}

/// True if a wrong key extension may be the reason for `failure`.
fn may_be_wrong_key(failure: &LinkFailure) -> bool {
    match failure {
        LinkFailure::Silence => true,
        LinkFailure::Fault(fault) => fault.code == CauseCode::Credentials,
    }
}

/// Discovers the engine of the agent: any engine answers an unsecured request with its ID and clock
/// (RFC 3414, section 4).
async fn discover(
    link: &mut AgentLink<'_>,
    until: Instant,
) -> Result<(Vec<u8>, Clock), LinkFailure> {
    let id = super::request_id();
    let message = ber::bare_v3_get(id, &[]);
    let read = |bytes: &[u8]| match Envelope::read(bytes) {
        None => ReceivedDatagram::Malformed(NO_MESSAGE.into()),
        Some(envelope) if envelope.message_id != i64::from(id) => ReceivedDatagram::Stray,
        Some(envelope) => {
            ReceivedDatagram::Answer((envelope.engine_id.to_vec(), Clock::of(&envelope)))
        }
    };
    link.exchange(&message, until, read).await
}

/// The failure of snmp2 to build a message, which is a fault of Up.
fn internal_failure(error: &dyn std::fmt::Display) -> LinkFailure {
    let text = format!("cannot make an SNMPv3 message: {error}");
    Fault::new(CauseCode::Internal, text).into()
}
