//! `type = "tcp"`: opens a TCP connection and closes it again. `talk`: what is sent and expected in
//! between.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod talk;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::timeout_at;
use up_core::connectivity::{Proof, Reach};
use up_core::{CauseCode, CheckResult, Detail, phrase};

pub use talk::{TcpExpect, TcpPattern};

use talk::{ReceivedText, Talk};

use crate::net::dial;
use crate::net::fault::{self, Fault};
use crate::net::names::{self, NameResolver};
use crate::{Built, CheckContext, ConfigProblem, Configure, Shared, Source};

/// Opens a TCP connection. The source is up if the connection is accepted and, with `expect`, if
/// the expected text comes back. Either `host` and `port` or `address` is required.
///
/// ```toml
/// [[source]]
/// type = "tcp"
/// name = "cache"
/// host = "cache.example.com"
/// port = 6379
/// send = 'PING\r\n'
/// expect = "+PONG"
/// ```
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TcpConfig {
    /// The host to connect to, by name or address: `"db.example.com"`. Needs `port`.
    pub host: Option<String>,
    /// The port to connect to, 1 to 65535: `5432`. Needs `host`.
    pub port: Option<u16>,
    /// Host and port in one, in place of `host` and `port`: `"db.example.com:5432"`, `"[::1]:443"`.
    pub address: Option<String>,
    /// The text to send after the connection is open. `\r`, `\n`, `\t`, `\0`, `\xHH` and `\\` stand
    /// for single bytes. Write it in single quotes, in which TOML leaves the backslashes alone:
    /// `'PING\r\n'`. Default: nothing is sent.
    pub send: Option<String>,
    /// The answer to wait for: a text that the answer contains anywhere, or
    /// `{ regex = "^220 .*ESMTP" }`. At most 64 KiB of the answer are read. The source is down if
    /// the connection ends or `timeout` passes without it. Default: no answer is waited for.
    pub expect: Option<TcpExpect>,
}

up_core::opaque_debug!(TcpConfig);

impl Configure for TcpConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let (host, port) = self.host_and_port()?;
        let target = format!("{host}:{port}");
        let source = TcpSource {
            names: shared.names.clone(),
            host: host.into(),
            port,
            peer: target.as_str().into(),
            talk: self.talk()?,
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: target.clone(),
            target,
            names_itself: false,
        })
    }
}

impl TcpConfig {
    fn talk(&self) -> Result<Option<Box<Talk>>, ConfigProblem> {
        if self.send.is_none() && self.expect.is_none() {
            return Ok(None);
        }
        let talk = Talk::new(self.send.as_deref(), self.expect.as_ref())?;
        Ok(Some(Box::new(talk)))
    }

    /// The host, with brackets around an IPv6 address, and the port.
    fn host_and_port(&self) -> Result<(String, u16), ConfigProblem> {
        let help = "write host = \"db.example\" and port = 5432, or address = \"db.example:5432\"";
        let (key, host, port) = match (&self.address, &self.host, self.port) {
            (Some(address), None, None) => {
                let parts = address.rsplit_once(':');
                let parts = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
                let (host, port) = parts.ok_or_else(|| {
                    let message = format!("{address:?} is not a host and a port");
                    ConfigProblem::new("address", message).help(help)
                })?;
                ("address", host, port)
            }
            (Some(_), _, _) => {
                return Err(
                    ConfigProblem::new("address", "host or port is given as well").help(help),
                );
            }
            (None, Some(host), Some(port)) => ("host", host.as_str(), port),
            (None, Some(_), None) => {
                return Err(ConfigProblem::new("", "there is no port").help(help));
            }
            (None, None, _) => return Err(ConfigProblem::new("", "there is no host").help(help)),
        };
        if port == 0 {
            let key = if key == "host" { "port" } else { key };
            return Err(ConfigProblem::new(key, "there is no port 0").help(help));
        }
        // An IPv6 address needs brackets if a port follows it.
        let bare = key == "address" && host.parse::<std::net::Ipv6Addr>().is_ok();
        let parsed = names::host(host).filter(|_| !bare).ok_or_else(|| {
            let message = format!("{host:?} is neither a host's name nor an address");
            ConfigProblem::new(key, message).help(help)
        })?;
        Ok((parsed.to_string(), port))
    }
}

#[derive(Debug)]
struct TcpSource {
    names: Arc<NameResolver>,
    host: Box<str>,
    port: u16,
    /// Host and port, as messages name them.
    peer: Box<str>,
    talk: Option<Box<Talk>>,
}

/// How far the check came, and when.
#[derive(Default)]
struct TcpProgress {
    resolved: Option<Instant>,
    connected: Option<Instant>,
    remote: Option<SocketAddr>,
    received: ReceivedText,
    answered: Option<Instant>,
}

impl Source for TcpSource {
    fn reach(&self) -> Reach {
        Reach::to(&self.host, Proof::Answer)
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            let began = Instant::now();
            let mut progress = TcpProgress::default();
            let answer = match timeout_at(context.deadline, self.connect(&mut progress)).await {
                Ok(Ok(())) => CheckResult::up(),
                Ok(Err(fault)) => fault.check_result(),
                Err(_) => self.timeout_fault(&progress, context).check_result(),
            };
            answer.with_detail(progress.detail(began))
        })
    }
}

impl TcpSource {
    async fn connect(&self, progress: &mut TcpProgress) -> Result<(), Fault> {
        let addresses = self.names.addresses(&self.host, self.port, None).await?;
        progress.resolved = Some(Instant::now());
        let mut stream = dial::dial(&addresses)
            .await
            .map_err(|error| fault::from_io(&error, &self.peer))?;
        progress.connected = Some(Instant::now());
        progress.remote = stream.peer_addr().ok();
        if let Some(talk) = &self.talk {
            talk.run(&mut stream, &self.peer, &mut progress.received)
                .await?;
            progress.answered = Some(Instant::now());
        }
        Ok(())
    }

    fn timeout_fault(&self, progress: &TcpProgress, context: &CheckContext) -> Fault {
        let within = phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
        match progress.resolved {
            None => Fault::new(
                CauseCode::Dns,
                format!(
                    "no answer within {within}: {} was still being looked up",
                    self.host
                ),
            ),
            Some(_) if progress.connected.is_some() => match &self.talk {
                Some(talk) if progress.received.is_being_searched => {
                    talk.unsearched(&progress.received.bytes)
                }
                Some(talk) if !progress.received.bytes.is_empty() => {
                    let unmet = talk.unmet(&progress.received.bytes);
                    Fault::new(unmet.code, format!("{} within {within}", unmet.text))
                }
                _ => Fault::new(
                    CauseCode::Timeout,
                    format!("no answer within {within}: connected, but nothing was received"),
                ),
            },
            Some(_) => Fault::new(
                CauseCode::Timeout,
                format!(
                    "no answer within {within}: {} did not accept the connection",
                    self.peer
                ),
            ),
        }
    }
}

impl TcpProgress {
    fn detail(&self, began: Instant) -> Detail {
        let mut detail = Detail::new();
        if let Some(remote) = self.remote {
            detail.put("remote", remote.to_string());
        }
        if !self.received.bytes.is_empty() {
            detail.put("banner", talk::banner(&self.received.bytes));
        }
        let mut parts = Detail::new();
        if let Some(resolved) = self.resolved {
            parts.put("resolve", (resolved - began).as_secs_f64());
            if let Some(connected) = self.connected {
                parts.put("connect", (connected - resolved).as_secs_f64());
                if let Some(answered) = self.answered {
                    parts.put("talk", (answered - connected).as_secs_f64());
                }
            }
            detail.put("timing", parts);
        }
        detail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_told_apart() {
        let address = |text: &str| TcpConfig {
            address: Some(text.into()),
            ..TcpConfig::default()
        };
        let pair = |host: &str, port: u16| TcpConfig {
            host: Some(host.into()),
            port: Some(port),
            ..TcpConfig::default()
        };
        let check = |config: &TcpConfig, expected: Result<(&str, u16), &str>| {
            let found = config.host_and_port();
            let found = found
                .as_ref()
                .map(|(host, port)| (host.as_str(), *port))
                .map_err(|problem| problem.key);
            assert_eq!(found, expected, "{config:?}");
        };
        check(&address("db.example:5432"), Ok(("db.example", 5432)));
        check(&address("[::1]:443"), Ok(("[::1]", 443)));
        check(
            &address("bücher.example:1"),
            Ok(("xn--bcher-kva.example", 1)),
        );
        check(&address("db_1.example.:1"), Ok(("db_1.example.", 1)));
        check(&address("192.0.2.1:1"), Ok(("192.0.2.1", 1)));
        check(&pair("db.example", 5432), Ok(("db.example", 5432)));
        check(&pair("::1", 443), Ok(("[::1]", 443)));
        check(&pair("[::1]", 443), Ok(("[::1]", 443)));
        check(&address("::1:443"), Err("address"));
        check(&address("db.example"), Err("address"));
        check(&address("db.example:0"), Err("address"));
        check(&address("db.example:65536"), Err("address"));
        check(&address(":80"), Err("address"));
        check(&address("http://db.example:80"), Err("address"));
        check(&address("[db.example]:80"), Err("address"));
        check(&pair("two words", 80), Err("host"));
        check(&pair("", 80), Err("host"));
        check(&pair("db.example", 0), Err("port"));
        check(&TcpConfig::default(), Err(""));
        let both = TcpConfig {
            port: Some(80),
            ..address("db.example:80")
        };
        check(&both, Err("address"));
    }
}
