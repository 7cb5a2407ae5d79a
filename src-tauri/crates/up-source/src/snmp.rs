//! `type = "snmp"`: checks that an SNMP agent answers. Requests `SNMPv2-MIB::sysName.0` over SNMP
//! v1, v2c or v3, or the objects of `oid`, and judges their values.

mod ber;
mod community;
mod condition;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod keys;
mod link;
mod names;
mod oid;
mod opaque;
mod rate;
mod reply;
mod report;
mod requests;
mod session;
mod user;
mod value;
mod wanted;
mod words;

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU16;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::timeout_at;
use up_core::connectivity::{Proof, Reach};
use up_core::{CauseCode, CheckResult};

use self::condition::ObjectConditions;
use self::link::{AgentLink, LinkFailure};
use self::reply::VariableReading;
use self::requests::PendingRequests;
use self::user::SnmpUser;
pub use self::wanted::{SnmpExpect, SnmpOid, SnmpOids, SnmpRegex};
use crate::net::names::NameResolver;
use crate::text::{Pace, aside};
use crate::{Built, CheckContext, ConfigProblem, Configure, Secret, SecretRef, Shared, Source};

/// Asks an SNMP agent for objects. Without `oid`, the source is up if the agent answers with its
/// name (`sysName.0`), and a source without `name` is then called that (at most 20 new names at
/// once, and 10 a day). With `oid`, the source is up if all objects are as expected; the worst of
/// them counts. An object that the agent does not have makes the source unknown, unless another one
/// is worse.
///
/// ```toml
/// [[source]]
/// type = "snmp"
/// name = "switch"
/// host = "192.168.1.2"
/// community = "public"
/// oid = [
///     { oid = "ifOperStatus.2", expect = "up" },
///     { oid = "ifInErrors.2", rate = true, warn = "1", crit = "100", label = "errors a second" },
/// ]
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnmpConfig {
    /// The host of the agent: a name or an address: `"192.168.1.1"`.
    pub host: String,
    /// The UDP port of the agent, 1 to 65535.
    #[serde(default = "default_port")]
    pub port: NonZeroU16,
    /// The version of SNMP. Default: `"2c"`.
    #[serde(default)]
    pub version: SnmpVersion,
    /// The community, for the versions 1 and 2c. At most 255 bytes. Default: `"public"`.
    pub community: Option<SecretRef>,
    /// The user, 1 to 32 bytes. Required for version 3, and only for it: `"monitor"`.
    pub user: Option<String>,
    /// For version 3: the algorithm that authenticates messages. It must be the one that the agent
    /// uses. Needs `auth_password`. Default: messages are not authenticated.
    pub auth: Option<SnmpAuth>,
    /// The password for `auth`: `{ env = "SNMP_AUTH" }`.
    pub auth_password: Option<SecretRef>,
    /// For version 3: the algorithm that encrypts messages. It must be the one that the agent uses.
    /// Needs `auth` and `privacy_password`. Default: messages are not encrypted.
    pub privacy: Option<SnmpPrivacy>,
    /// The password for `privacy`: `{ env = "SNMP_PRIVACY" }`.
    pub privacy_password: Option<SecretRef>,
    /// For version 3: the context, at most 32 bytes. Default: the default context of the agent.
    pub context: Option<String>,
    /// The objects to ask for. Either the name of one object, which is up if it has a value:
    /// `"ifOperStatus.2"`, `"IF-MIB::ifOperStatus.2"`, `"1.3.6.1.2.1.2.2.1.8.2"`. Or a list of up
    /// to 64 tables, one for each object and its conditions:
    /// `[{ oid = "ifOperStatus.2", expect = "up" }]`. Up knows the names of the system group,
    /// IF-MIB, HOST-RESOURCES-MIB, UPS-MIB and Printer-MIB; every other object is written in
    /// numbers. Default: `sysName.0`.
    pub oid: Option<SnmpOids>,
}

/// A version of SNMP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum SnmpVersion {
    /// version 1, with a community.
    #[serde(rename = "1")]
    V1,
    /// version 2, with a community.
    #[default]
    #[serde(rename = "2c")]
    V2c,
    /// version 3, with a user.
    #[serde(rename = "3")]
    V3,
}

/// The hash of the HMAC that authenticates messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SnmpAuth {
    /// MD5 (RFC 3414).
    Md5,
    /// SHA-1 (RFC 3414).
    Sha1,
    /// SHA-224 (RFC 7860).
    Sha224,
    /// SHA-256 (RFC 7860).
    Sha256,
    /// SHA-384 (RFC 7860).
    Sha384,
    /// SHA-512 (RFC 7860).
    Sha512,
}

/// The cipher that encrypts messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SnmpPrivacy {
    /// DES-CBC (RFC 3414).
    Des,
    /// AES-CFB with 128 bits (RFC 3826).
    Aes128,
    /// AES-CFB with 192 bits.
    Aes192,
    /// AES-CFB with 256 bits.
    Aes256,
}

const fn default_port() -> NonZeroU16 {
    NonZeroU16::new(161).expect("161 is not zero")
}

impl Configure for SnmpConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let host = keys::host(&self.host)?;
        let target = if host.contains(':') {
            format!("[{host}]:{}", self.port)
        } else {
            format!("{host}:{}", self.port)
        };
        let source = Snmp {
            names: shared.names.clone(),
            host: host.into(),
            port: self.port.get(),
            target: target.as_str().into(),
            client: self.client(shared.secrets)?,
            conditions: self
                .oid
                .as_ref()
                .map(ObjectConditions::new)
                .transpose()?
                .map(Arc::new),
        };
        let names_itself = source.conditions.is_none();
        Ok(Built {
            source: Arc::new(source),
            default_name: host.to_owned(),
            target,
            names_itself,
        })
    }
}

/// The source: one agent, and what to request from it.
struct Snmp {
    names: Arc<NameResolver>,
    host: Box<str>,
    port: u16,
    target: Box<str>,
    client: SnmpClient,
    /// The objects to request and their conditions. `None` requests sysName.
    conditions: Option<Arc<ObjectConditions>>,
}

/// How requests are sent: with a community (v1, v2c) or as a user (v3).
enum SnmpClient {
    Community(snmp2::Version, Secret),
    User(Box<SnmpUser>),
}

/// Prints the target alone, because the other fields hold secrets.
impl std::fmt::Debug for Snmp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snmp({})", self.target)
    }
}

impl Source for Snmp {
    fn reach(&self) -> Reach {
        Reach::to(&self.host, Proof::Answer)
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            match self.read(context).await {
                Ok(readings) => match &self.conditions {
                    Some(conditions) => self.judge(conditions, readings, context).await,
                    None => reply::name_result(readings.into_iter().next(), &self.target),
                },
                Err(failure) => self.no_answer(failure, context),
            }
        })
    }
}

impl Snmp {
    /// Requests all objects and returns one reading for each, in the order of `oids`. Objects that
    /// the agent did not return are requested again, alone if need be (see [`requests`]). Fails if
    /// the agent returned no object at all.
    async fn read(&self, context: &CheckContext) -> Result<Vec<VariableReading>, LinkFailure> {
        let mut link =
            AgentLink::to(&self.names, (&self.host, self.port), &self.target, context).await?;
        let oids = match &self.conditions {
            Some(conditions) => conditions.oids(),
            None => vec![ber::SYS_NAME],
        };
        let mut requests = PendingRequests::new(oids.len());
        while let Some(request) = requests.next() {
            let requested: Vec<_> = request.objects().iter().map(|at| oids[*at]).collect();
            let reply = match &self.client {
                SnmpClient::Community(version, community) => {
                    community::request(&mut link, *version, community, &requested, context).await
                }
                SnmpClient::User(user) => user.request(&mut link, &requested, context).await,
            };
            match reply {
                Ok(reply) => requests.record(request, reply),
                Err(failure) if !requests.has_any() => return Err(failure),
                Err(LinkFailure::Fault(fault)) => requests.fail(&request, &fault),
                // The time is over: the remaining objects have no reading.
                Err(LinkFailure::Silence) => break,
            }
        }
        Ok(requests.into_readings())
    }

    /// Judges the readings by the deadline. The judgement runs aside, because a pattern may take
    /// long.
    async fn judge(
        &self,
        conditions: &Arc<ObjectConditions>,
        readings: Vec<VariableReading>,
        context: &CheckContext,
    ) -> CheckResult {
        let (conditions, target) = (Arc::clone(conditions), self.target.clone());
        let job = aside(async move {
            let mut pace = Pace::starting_now();
            conditions.answer(&readings, &target, &mut pace).await
        });
        match timeout_at(context.deadline, job).await {
            Ok(Ok(result)) => result,
            Ok(Err(fault)) => fault.check_result(),
            Err(_) => CheckResult::unknown(
                CauseCode::Resource,
                "the answer came, but there was no time left to match the pattern: write a \
                 simpler regex or raise the timeout",
            ),
        }
    }

    /// The result if the agent returned no object.
    fn no_answer(&self, failure: LinkFailure, context: &CheckContext) -> CheckResult {
        match failure {
            LinkFailure::Silence => {
                let within = link::timeout_text(context);
                // An agent does not answer a request with an unknown community (RFC 3584, section
                // 5.2.1).
                let why = match self.client {
                    SnmpClient::Community(..) => "wrong community, firewall, or no agent",
                    SnmpClient::User(_) => "firewall, or no agent",
                };
                let text = format!("no answer from {} within {within}: {why}", self.target);
                CheckResult::down(CauseCode::Timeout, text)
            }
            // The agent is there and refuses the request, which says nothing about its health.
            LinkFailure::Fault(fault)
                if matches!(fault.code, CauseCode::Credentials | CauseCode::Missing) =>
            {
                CheckResult::unknown(fault.code, fault.text)
            }
            LinkFailure::Fault(fault) => fault.check_result(),
        }
    }
}

/// A random request id, which an attacker off the path cannot guess. A forged answer would have to
/// bear it (RFC 3414, section 2.3).
fn request_id() -> i32 {
    let random = RandomState::new().hash_one(());
    (random & 0x7fff_ffff) as i32
}
