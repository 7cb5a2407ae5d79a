//! `type = "ping"`: sends ICMP echo requests, and measures their loss and round trip time.
//!
//! - `series`: the requests to one address
//! - `limits`: how much loss and which round trip time are acceptable

mod limits;
mod series;

use std::io;
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use up_core::connectivity::{Proof, Reach};
use up_core::{CauseCode, CheckResult, phrase};

pub use limits::{LossLimits, TimeLimits};

use crate::net::fault::{self, Fault};
use crate::net::names::{AddressFamily, NameResolver, host};
use crate::net::stagger::staggered;
use crate::{Built, CheckContext, ConfigProblem, Configure, Shared, Source};
use limits::Limits;
use series::{Echoes, PingSeries};

/// Sends ICMP echo requests (pings) to a host. The source is up if at least one is answered and no
/// limit is exceeded.
///
/// ```toml
/// [[source]]
/// type = "ping"
/// name = "office"
/// host = "office.example.com"
/// count = 5
/// loss = { warn = 20, crit = 60 }              # percent
/// rtt = { warn = "150ms", crit = "1s" }
/// ```
///
/// The duration of a check is the mean round trip. If a name has several addresses, the next
/// address is tried when one does not answer; the requests to the one that answers count.
///
/// The system must permit Up to send pings: on Linux by `sysctl net.ipv4.ping_group_range`, or by
/// the capability `cap_net_raw`. If it does not, the source is unknown, and the cause says how to
/// permit it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PingConfig {
    /// The host to ping: a name or an address: `"192.168.1.1"`.
    pub host: String,
    /// The number of requests in one check, 1 to 20. Default: 3.
    pub count: Option<NonZeroU8>,
    /// Limits for the percentage of requests that are not answered: `{ warn = 20, crit = 60 }`.
    /// Default: no limits; the source is down only if no request is answered.
    pub loss: Option<LossLimits>,
    /// Limits for the mean round-trip time: `{ warn = "100ms", crit = "1s" }`. Default: no limits.
    pub rtt: Option<TimeLimits>,
    /// The only version of the Internet Protocol to use. Default: both.
    pub ip: Option<AddressFamily>,
}

/// The number of requests of one check if `count` is not set.
const DEFAULT_COUNT: u8 = 3;
/// The largest `count`.
const MAX_COUNT: u8 = 20;

/// How long an address may keep silent, at most, before the next is tried beside it.
const PAUSE: Duration = Duration::from_secs(1);

/// How long before the deadline the check stops waiting, so that its result is in time.
const SLACK: Duration = Duration::from_millis(5);

impl Configure for PingConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let count = self.count.map_or(DEFAULT_COUNT, NonZeroU8::get);
        if count > MAX_COUNT {
            return Err(ConfigProblem::new(
                "count",
                format!("{count} requests for one check are too many"),
            )
            .help("write 20 or fewer"));
        }
        let host = host(&self.host).ok_or_else(|| {
            let message = format!("{:?} is neither a host's name nor an address", self.host);
            ConfigProblem::new("host", message)
        })?;
        let host = host.to_string();
        let shown = host.trim_matches(['[', ']']).to_owned();
        let fits = shown.parse().map_or(true, |address: IpAddr| {
            self.ip
                .is_none_or(|ip| address.is_ipv4() == (ip == AddressFamily::V4))
        });
        if !fits {
            return Err(
                ConfigProblem::new("ip", "the host's address is of the other IP version")
                    .help("leave `ip` out, or write an address that fits"),
            );
        }
        let source = PingSource {
            names: shared.names.clone(),
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
    names: Arc<NameResolver>,
    host: Box<str>,
    family: Option<AddressFamily>,
    count: u8,
    limits: Limits,
}

impl Source for PingSource {
    fn reach(&self) -> Reach {
        Reach::to(&self.host, Proof::Answer)
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            let until = context
                .deadline
                .checked_sub(SLACK)
                .unwrap_or(context.deadline);
            match self.echo(context.timeout, until).await {
                Ok(echoes) => {
                    let answer = self
                        .limits
                        .judge(echoes.loss_percent(), echoes.mean_seconds());
                    let answer = answer.with_detail(echoes.detail());
                    // The pauses between the requests are no part of what is measured.
                    answer.that_took(echoes.mean())
                }
                Err(failures) => self.failure_result(&failures, context),
            }
        })
    }
}

/// Why an address gave no reply.
enum PingFailure {
    /// The requests could not be sent.
    Fault(Fault),
    /// No echo reply came. A router may have reported an error.
    Silent(Echoes),
}

impl PingSource {
    /// Sends requests to one address after the other until one replies, then waits for the
    /// remaining replies from that address. Without addresses, when resolving took until `until`,
    /// the error is empty.
    async fn echo(&self, timeout: Duration, until: Instant) -> Result<Echoes, Vec<PingFailure>> {
        let found = self.names.addresses(&self.host, 0, self.family);
        let found = match timeout_at(until, found).await {
            Ok(found) => found.map_err(|fault| vec![PingFailure::Fault(fault)])?,
            Err(_) => return Err(Vec::new()),
        };
        let left = until.saturating_duration_since(Instant::now());
        // Every address gets an equal share of the time, and so do the replies of the last one.
        let shares = u32::try_from(found.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let pause = (left / shares).min(PAUSE);
        let attempts = found.iter().map(async |address| {
            let failed = |error: io::Error| PingFailure::Fault(self.fault(&error));
            let series = PingSeries::begin(address.ip(), self.count, timeout);
            let mut series = series.await.map_err(failed)?;
            if series.first(until).await.map_err(failed)? {
                Ok(series)
            } else {
                Err(PingFailure::Silent(series.echoes))
            }
        });
        let mut series = staggered(attempts, pause).await?;
        let rest = series.rest(until).await;
        rest.map_err(|error| vec![PingFailure::Fault(self.fault(&error))])?;
        Ok(series.echoes)
    }

    fn fault(&self, error: &io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Fault::new(CauseCode::Permission, HOW_TO_PERMIT),
            _ => fault::from_io(error, &self.host),
        }
    }

    /// The result when no address replied. Its cause names every failed address. `failures` is
    /// empty if the name was not resolved in time.
    fn failure_result(&self, failures: &[PingFailure], context: &CheckContext) -> CheckResult {
        let within = phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
        let host = &self.host;
        let of_one = |failed: &PingFailure| match failed {
            PingFailure::Fault(fault) => fault.clone(),
            PingFailure::Silent(echoes) => {
                let place = if failures.len() > 1 {
                    format!("{host} at {}", echoes.address)
                } else {
                    host.to_string()
                };
                if let Some(router_error) = &echoes.router_error {
                    return Fault::new(CauseCode::Unreachable, format!("{place}: {router_error}"));
                }
                let requests = requests(echoes.sent);
                let text = format!("no reply from {place} to {requests} within {within}");
                Fault::new(CauseCode::Timeout, text)
            }
        };
        let faults: Vec<Fault> = failures.iter().map(of_one).collect();
        let Some(first) = faults.first() else {
            let text = format!("no answer within {within}: {host} was still being looked up");
            return Fault::new(CauseCode::Dns, text).check_result();
        };
        let texts: Vec<&str> = faults.iter().map(|fault| &*fault.text).collect();
        let answer = Fault::new(first.code, texts.join("; ")).check_result();
        let echoes = failures.iter().find_map(|failed| match failed {
            PingFailure::Silent(echoes) => Some(echoes.detail()),
            PingFailure::Fault(_) => None,
        });
        match echoes {
            Some(detail) => answer.with_detail(detail),
            None => answer,
        }
    }
}

#[cfg(target_os = "linux")]
const HOW_TO_PERMIT: &str = "this system does not permit ICMP echo requests: allow them to all \
     programs with `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`, or to Up alone with \
     `setcap cap_net_raw+ep` on its program";

#[cfg(not(target_os = "linux"))]
const HOW_TO_PERMIT: &str = "this system does not permit ICMP echo requests: \
     run Up with the rights for them";

fn requests(count: u8) -> String {
    match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    }
}
