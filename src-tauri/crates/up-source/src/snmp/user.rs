//! v3: who asks (the User-based Security Model, RFC 3414). Finding the agent's engine takes a round
//! trip and its keys some milliseconds of hashing, so the session is kept between checks.

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

/// How often, in one check, an engine or its clock may turn out to be another than was thought.
const ROUNDS: usize = 3;

/// How long at most to wait for an agent that may not decipher, before the other way is tried.
const FIRST_SHARE: Duration = Duration::from_secs(3);

/// Who asks, and the session with the agent.
pub(super) struct SnmpUser {
    /// The name, and the words of configuration for its security, for messages.
    pub(super) name: String,
    /// `auth`, when there is one.
    pub(super) auth: Option<&'static str>,
    /// `privacy`, when there is one.
    pub(super) privacy: Option<&'static str>,
    /// The same for snmp2, with the passwords; made for no engine yet.
    pub(super) security: Security,
    /// How to make a longer key than the hash gives, best guess first. The standard does not say,
    /// agents differ, and which way is right only shows when the agent can decipher.
    pub(super) extensions: &'static [KeyExtension],
    /// Which of them has served last: where the next search begins.
    pub(super) proven: AtomicUsize,
    /// Held only to copy a session out or in, never while waiting.
    pub(super) session: Mutex<Option<EngineSession>>,
}

/// How a conversation with an engine ended.
enum ConversationEnd {
    Reply(SnmpResponse),
    /// Another engine is there: it must be found first.
    OtherEngine,
}

impl SnmpUser {
    /// Asks, over the session that is known or a new one.
    pub(super) async fn request(
        &self,
        link: &mut AgentLink<'_>,
        oids: &[&RawOid],
        probe: &CheckContext,
    ) -> Result<SnmpResponse, LinkFailure> {
        for _ in 0..ROUNDS {
            // Out of its place until it has proved itself: after a failure, and when this future
            // is dropped, the next check begins with what the agent says then.
            let end = match self.exchange_session(None) {
                Some(session) => self.converse(link, session, oids, probe.deadline).await?,
                None => self.introduce(link, oids, probe.deadline).await?,
            };
            if let ConversationEnd::Reply(reply) = end {
                return Ok(reply);
            }
        }
        let text = format!("{} answers as another engine each time", link.target());
        Err(Fault::new(CauseCode::Protocol, text).into())
    }

    /// Finds the engine, and asks over a session made for it.
    async fn introduce(
        &self,
        link: &mut AgentLink<'_>,
        oids: &[&RawOid],
        deadline: Instant,
    ) -> Result<ConversationEnd, LinkFailure> {
        let (engine_id, clock) = discover(link, deadline).await?;
        let count = self.extensions.len();
        let first = self.proven.load(Ordering::Relaxed);
        for tried in 0..count {
            let way = (first + tried) % count;
            let is_last = tried + 1 == count;
            let session = self.make_session(way, &engine_id, clock).await?;
            // An agent that cannot decipher may well say nothing.
            let left = deadline.saturating_duration_since(Instant::now());
            let share = if is_last {
                left
            } else {
                FIRST_SHARE.min(left / 3)
            };
            let end = self.converse(link, session, oids, Instant::now() + share);
            match end.await {
                Err(failure) if !is_last && may_be_the_key(&failure) => {}
                Err(LinkFailure::Silence) => return Err(self.ignored(link.target())),
                Err(failure) => return Err(failure),
                Ok(ConversationEnd::OtherEngine) => return Ok(ConversationEnd::OtherEngine),
                Ok(ConversationEnd::Reply(reply)) => {
                    self.proven.store(way, Ordering::Relaxed);
                    return Ok(ConversationEnd::Reply(reply));
                }
            }
        }
        Ok(ConversationEnd::OtherEngine)
    }

    async fn make_session(
        &self,
        way: usize,
        engine_id: &[u8],
        clock: Clock,
    ) -> Result<EngineSession, LinkFailure> {
        let user = self.security.clone();
        let user = user.with_key_extension_method(self.extensions[way]);
        let engine_id = engine_id.to_vec();
        // Hashing would hold up every other check on this thread.
        let making =
            tokio::task::spawn_blocking(move || EngineSession::new(user, &engine_id, clock));
        match making.await {
            Ok(session) => session.map_err(|e| defect(&e)),
            Err(error) => Err(defect(&error)),
        }
    }

    /// What it means that an agent has said who it is, and then says nothing more.
    fn ignored(&self, target: &str) -> LinkFailure {
        let Some(privacy) = self.privacy else {
            return LinkFailure::Silence;
        };
        let text = format!(
            "{target} is there, but drops what it is asked: wrong privacy_password, or another \
             privacy than {privacy}"
        );
        Fault::new(CauseCode::Credentials, text).into()
    }

    /// Asks over that session, and keeps it when it has served.
    async fn converse(
        &self,
        link: &mut AgentLink<'_>,
        mut session: EngineSession,
        oids: &[&RawOid],
        until: Instant,
    ) -> Result<ConversationEnd, LinkFailure> {
        for _ in 0..ROUNDS {
            let id = super::request_id();
            let message = session.seal(id, oids).map_err(|e| defect(&e))?;
            let read = |bytes: &[u8]| session.open(bytes, id, oids);
            match link.exchange(&message, until, read).await? {
                EngineReply::Reply(reply, clock) => {
                    session.clock = clock;
                    self.exchange_session(Some(session));
                    return Ok(ConversationEnd::Reply(reply));
                }
                EngineReply::Clock(clock) => session.clock = clock,
                EngineReply::OtherEngine => return Ok(ConversationEnd::OtherEngine),
                EngineReply::Refusal(report) => {
                    return Err(self.refusal(report, link.target()).into());
                }
                EngineReply::Larger(bytes) => {
                    let text = format!(
                        "{} takes messages of {bytes} bytes, and Up cannot read SNMPv3 from an \
                         agent that takes more than {}",
                        link.target(),
                        ber::LARGEST_MESSAGE
                    );
                    return Err(Fault::new(CauseCode::Internal, text).into());
                }
            }
        }
        let text = format!("the clock of {} is another one each time", link.target());
        Err(Fault::new(CauseCode::Protocol, text).into())
    }

    /// Puts a session in its place, or none; says which stood there.
    fn exchange_session(&self, session: Option<EngineSession>) -> Option<EngineSession> {
        let mut place = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut place, session)
    }

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
                    "{target} cannot decipher what user {name:?} asks: wrong privacy_password, or \
                     another privacy than {privacy}"
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
                format!("{target} answers with a report of an error"),
            ),
        };
        Fault::new(code, text)
    }
}

/// True of what an agent does that deciphers with another key.
fn may_be_the_key(failure: &LinkFailure) -> bool {
    match failure {
        LinkFailure::Silence => true,
        LinkFailure::Fault(fault) => fault.code == CauseCode::Credentials,
    }
}

/// Asks who is there: any engine answers an unsecured question with its own id and clock
/// (RFC 3414, 4).
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

fn defect(error: &dyn std::fmt::Display) -> LinkFailure {
    let text = format!("cannot make an SNMPv3 message: {error}");
    Fault::new(CauseCode::Internal, text).into()
}
