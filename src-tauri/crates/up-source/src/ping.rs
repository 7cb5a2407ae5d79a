//! `type = "ping"`: ICMP echo requests, and how many come back how soon. `limits`: how many and how
//! soon is enough.

mod limits;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use schemars::JsonSchema;
use serde::Deserialize;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::time::{Instant, sleep_until, timeout_at};
use up_core::guard::{Proof, Reach};
use up_core::{Answer, CauseCode, Detail, phrase};

pub use limits::{LossLimits, TimeLimits};

use crate::net::fault::{self, Fault};
use crate::net::names::{Family, Names, host};
use crate::{Built, Configure, Probe, Problem, Shared, Source};
use limits::Limits;

/// Sends ICMP echo requests. Up when one at least is answered, and the conditions are met.
///
/// The system has to permit it: Linux by `sysctl net.ipv4.ping_group_range`, or by the capability
/// `cap_net_raw`. Where it does not, the source is unknown, never down.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PingConfig {
    /// The host: a name or an address.
    pub host: String,
    /// How many requests a check sends: 3 unless said otherwise, at most 20.
    pub count: Option<NonZeroU8>,
    /// How much may be lost, in percent: `{ warn = 20, crit = 60 }`. More than `warn` is 0.5, more
    /// than `crit` is down.
    pub loss: Option<LossLimits>,
    /// How long the mean round trip may take: `{ warn = "100ms", crit = "1s" }`. Longer than `warn`
    /// is 0.5, longer than `crit` is down.
    pub rtt: Option<TimeLimits>,
    /// Use only this Internet Protocol.
    pub ip: Option<Family>,
}

const COUNT: u8 = 3;
const MOST: u8 = 20;

/// So far apart are requests, so that one short gap does not take them all.
const APART: Duration = Duration::from_millis(100);

/// So long the others are waited for once a reply has come: then the host is there, and what is
/// still on its way after that counts as lost.
const STRAGGLERS: Duration = Duration::from_secs(2);

/// So long before the deadline the waiting ends, for the answer to be in time.
const SLACK: Duration = Duration::from_millis(5);

impl Configure for PingConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        let count = self.count.map_or(COUNT, NonZeroU8::get);
        if count > MOST {
            return Err(
                Problem::new("count", format!("{count} requests are a nuisance"))
                    .help("write 20 or fewer"),
            );
        }
        let host = host(&self.host).ok_or_else(|| {
            let message = format!("{:?} is neither a host's name nor an address", self.host);
            Problem::new("host", message)
        })?;
        let host = host.to_string();
        let shown = host.trim_matches(['[', ']']).to_owned();
        let fits = shown.parse().map_or(true, |address: IpAddr| {
            self.ip
                .is_none_or(|ip| address.is_ipv4() == (ip == Family::V4))
        });
        if !fits {
            return Err(
                Problem::new("ip", "the host's address is of the other protocol")
                    .help("leave `ip` out, or write an address that fits"),
            );
        }
        let source = PingSource {
            names: shared.http.names(),
            host: host.into(),
            family: self.ip,
            count,
            limits: Limits::new(self.loss.as_ref(), self.rtt.as_ref())?,
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: shown.clone(),
            target: shown,
            names_itself: false,
        })
    }
}

#[derive(Debug)]
struct PingSource {
    names: Arc<Names>,
    host: Box<str>,
    family: Option<Family>,
    count: u8,
    limits: Limits,
}

/// What came back.
#[derive(Debug, Default)]
struct Echoes {
    address: Option<IpAddr>,
    /// Requests sent.
    sent: u8,
    /// The round trips of those answered.
    times: Vec<Duration>,
    /// What someone on the way said in place of an answer.
    refusal: Option<String>,
}

impl Source for PingSource {
    fn reach(&self) -> Reach {
        Reach::to(&self.host, Proof::Answer)
    }

    fn check<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let mut echoes = Echoes::default();
            let until = probe.deadline.checked_sub(SLACK).unwrap_or(probe.deadline);
            let asked = timeout_at(until, self.ask(&mut echoes, probe.timeout, until)).await;
            let answer = match asked {
                Ok(Err(fault)) => fault.answer(),
                Ok(Ok(())) | Err(_) if echoes.times.is_empty() => {
                    self.silence(&echoes, probe).answer()
                }
                Ok(Ok(())) | Err(_) => self.limits.judge(echoes.lost(), echoes.mean()),
            };
            answer.with_detail(echoes.detail())
        })
    }
}

impl PingSource {
    /// Sends all requests, and hears replies until all are there or `until`.
    async fn ask(
        &self,
        echoes: &mut Echoes,
        timeout: Duration,
        until: Instant,
    ) -> Result<(), Fault> {
        let found = self.names.addresses(&self.host, 0, self.family).await?;
        let address = found
            .first()
            .map(std::net::SocketAddr::ip)
            .ok_or_else(|| Fault::new(CauseCode::Dns, format!("{} has no address", self.host)))?;
        echoes.address = Some(address);
        let kind = if address.is_ipv4() {
            ICMP::V4
        } else {
            ICMP::V6
        };
        let config = Config::builder().kind(kind).build();
        // Dropped with this check, and its reader with it.
        let client = Client::new(&config).map_err(|error| self.forbidden(&error))?;
        let ident = PingIdentifier(RandomState::new().hash_one(()) as u16);
        let mut flying = FuturesUnordered::new();
        let began = Instant::now();
        for number in 0..self.count {
            let mut pinger = client.pinger(address, ident).await;
            pinger.timeout(timeout);
            let at = began + APART * u32::from(number);
            flying.push(async move {
                sleep_until(at).await;
                pinger.ping(PingSequence(number.into()), &[0x75; 56]).await
            });
        }
        let all_sent = began + APART * u32::from(self.count - 1);
        echoes.sent = self.count;
        let mut end = until;
        while let Ok(Some(echo)) = timeout_at(end, flying.next()).await {
            match echo {
                Ok((packet, time)) => match refusal(&packet) {
                    None => {
                        echoes.times.push(time);
                        end = end.min(all_sent.max(Instant::now()) + STRAGGLERS);
                    }
                    Some(said) => echoes.refusal = Some(said),
                },
                Err(SurgeError::IOError(error)) => return Err(fault::from_io(&error, &self.host)),
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn forbidden(&self, error: &io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Fault::new(CauseCode::Permission, HOW_TO_PERMIT),
            _ => fault::from_io(error, &self.host),
        }
    }

    fn silence(&self, echoes: &Echoes, probe: &Probe) -> Fault {
        let within = phrase::seconds(probe.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
        let host = &self.host;
        match (echoes.address, &echoes.refusal) {
            (_, Some(said)) => Fault::new(CauseCode::Unreachable, format!("{host}: {said}")),
            (None, _) => Fault::new(
                CauseCode::Dns,
                format!("no answer within {within}: {host} was still being looked up"),
            ),
            (Some(_), None) => Fault::new(
                CauseCode::Timeout,
                format!(
                    "no reply from {host} to {} within {within}",
                    requests(echoes.sent)
                ),
            ),
        }
    }
}

#[cfg(target_os = "linux")]
const HOW_TO_PERMIT: &str = "this system does not permit to ping: allow it to all with \
     `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`, or to Up alone with \
     `setcap cap_net_raw+ep` on its program";

#[cfg(not(target_os = "linux"))]
const HOW_TO_PERMIT: &str = "this system does not permit to ping: run Up with the rights for it";

fn requests(count: u8) -> String {
    match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    }
}

/// What a router says of a request that cannot arrive (RFC 792, RFC 4443); `None` for a reply.
fn refusal(packet: &IcmpPacket) -> Option<String> {
    let (kind, from) = match packet {
        IcmpPacket::V4(packet) => match packet.get_icmp_type().0 {
            0 => return None,
            3 => ("it cannot be reached", IpAddr::V4(packet.get_source())),
            11 => ("it is too many hops away", IpAddr::V4(packet.get_source())),
            _ => ("the request was refused", IpAddr::V4(packet.get_source())),
        },
        IcmpPacket::V6(packet) => match packet.get_icmpv6_type().0 {
            129 => return None,
            1 => ("it cannot be reached", IpAddr::V6(packet.get_source())),
            3 => ("it is too many hops away", IpAddr::V6(packet.get_source())),
            _ => ("the request was refused", IpAddr::V6(packet.get_source())),
        },
    };
    Some(format!("{kind}, says {from}"))
}

impl Echoes {
    /// How many percent were lost.
    fn lost(&self) -> f64 {
        let lost = usize::from(self.sent).saturating_sub(self.times.len());
        100.0 * lost as f64 / f64::from(self.sent.max(1))
    }

    /// The mean round trip in seconds.
    fn mean(&self) -> f64 {
        let sum: Duration = self.times.iter().sum();
        sum.as_secs_f64() / self.times.len().max(1) as f64
    }

    fn detail(&self) -> Detail {
        let mut detail = Detail::new();
        if let Some(address) = self.address {
            detail.put("remote", address.to_string());
        }
        if self.sent > 0 {
            detail.put("sent", u32::from(self.sent));
            detail.put("received", self.times.len() as f64);
            detail.put("loss", self.lost());
        }
        if let (Some(least), Some(most)) = (self.times.iter().min(), self.times.iter().max()) {
            let mut rtt = Detail::new();
            rtt.put("min", least.as_secs_f64());
            rtt.put("mean", self.mean());
            rtt.put("max", most.as_secs_f64());
            detail.put("rtt", rtt);
        }
        detail
    }
}
