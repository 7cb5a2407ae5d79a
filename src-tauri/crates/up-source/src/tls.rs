//! `type = "tls"`: one TLS handshake, and what the certificate says.
//!
//! - `starttls`: the dialogues after which some protocols begin TLS
//! - `validity`: what an expiry date means
//! - `names`: for which names a certificate is

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod names;
mod starttls;
mod validity;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{Error, InvalidMessage};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use up_core::guard::{Proof, Reach};
use up_core::{Answer, CauseCode, Detail, Value, phrase};

pub use starttls::StartTls;

use crate::http::certificate::Certificate;
use crate::http::timing::{self, Record};
use crate::http::{Client, Options, tls_cause, trusted};
use crate::net::dial;
use crate::net::fault::{self, Fault};
use crate::net::names::{Names, host};
use crate::{Built, Configure, Probe, Problem, Shared, Source};

/// Shakes hands over TLS. Up when the server's certificate is trusted, is for that name, and is
/// valid for some time yet.
///
/// Each check is one whole handshake, closed again in good order. The detail has the certificate's
/// issuer, names, chain and expiry, and what TLS was agreed upon.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The host: a name or an address.
    pub host: String,
    /// The port: 443 unless said otherwise. With `starttls`, that protocol's own: 25, 143, 110, 389
    /// or 5432.
    pub port: Option<NonZeroU16>,
    /// The name to ask for (SNI), which the certificate has to be for: the host's unless said
    /// otherwise.
    pub server_name: Option<String>,
    /// Begin in this protocol, and ask it for TLS.
    pub starttls: Option<StartTls>,
    /// With fewer days left of the certificate, the status is 0.5: 14 unless said otherwise, 0 for
    /// never. Once it has expired, it is down.
    pub days_left: Option<u32>,
    /// Accept any issuer, and any name. Dates count all the same.
    #[serde(default)]
    pub insecure: bool,
    /// A PEM file with the certificates to trust in place of the system's: of an authority, or of
    /// the server itself. Relative to up.toml.
    pub ca: Option<String>,
}

/// So many days before its end a certificate should have been renewed.
const DAYS_LEFT: u32 = 14;

impl Configure for TlsConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        let host = host(&self.host)
            .ok_or_else(|| {
                let message = format!("{:?} is neither a host's name nor an address", self.host);
                Problem::new("host", message).help("write one like \"example.com\"; the port apart")
            })?
            .to_string();
        let port = match (self.port, self.starttls) {
            (Some(port), _) => port.get(),
            (None, Some(protocol)) => protocol.port(),
            (None, None) => 443,
        };
        let (key, name) = match &self.server_name {
            Some(name) => ("server_name", name.as_str()),
            None => ("host", host.as_str()),
        };
        let name = name.trim_matches(['[', ']']);
        let name = name.strip_suffix('.').unwrap_or(name);
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| Problem::new(key, format!("{name:?} is no name that TLS can ask for")))?;
        let options = Options {
            insecure: self.insecure,
            ca: trusted(self.insecure, self.ca.as_deref(), shared)?,
            ..Options::default()
        };
        let client = shared.http.with(options);
        let target = format!("{host}:{port}");
        let source = TlsSource {
            names: shared.http.names(),
            client: client.map_err(|e| Problem::new("ca", e))?,
            host: host.into(),
            port,
            peer: target.as_str().into(),
            name,
            starttls: self.starttls,
            days_left: self.days_left.unwrap_or(DAYS_LEFT),
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: target.clone(),
            target,
            names_itself: false,
        })
    }
}

#[derive(Debug)]
struct TlsSource {
    names: Arc<Names>,
    /// Holds the TLS settings that all sources share which trust the same.
    client: Arc<Client>,
    host: Box<str>,
    port: u16,
    /// Both, as messages call it.
    peer: Box<str>,
    name: ServerName<'static>,
    starttls: Option<StartTls>,
    days_left: u32,
}

/// How far it came.
#[derive(Default)]
struct Progress {
    resolved: Option<Instant>,
    connected: Option<Instant>,
    /// The dialogue before TLS was over.
    agreed: Option<Instant>,
    secured: Option<Instant>,
    remote: Option<SocketAddr>,
    learnt: Detail,
}

/// How long the server is given to close its side too. Nothing depends on it.
const GOODBYE: Duration = Duration::from_millis(200);

impl Source for TlsSource {
    fn reach(&self) -> Reach {
        let proof = if self.client.is_trusting() {
            Proof::Answer
        } else {
            Proof::Verified
        };
        Reach::to(&self.host, proof)
    }

    fn check<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Answer> {
        // The verifier notes the certificate in the record, trusted or not.
        Box::pin(timing::recorded(async move {
            let began = Instant::now();
            let mut progress = Progress::default();
            let shaken = timeout_at(probe.deadline, self.shake_hands(&mut progress)).await;
            let record = timing::take();
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |since| since.as_secs().cast_signed());
            let answer = match shaken {
                Ok(Ok(stream)) => {
                    let end = timeout_at(probe.deadline, close(stream));
                    // It has been asked to close; more than that is not ours to judge.
                    let _ = end.await;
                    match &record.certificate {
                        Some(facts) => validity::judge(facts.expires, now, self.days_left),
                        None => Answer::up(),
                    }
                }
                Ok(Err(fault)) => fault.answer(),
                Err(_) => self.late(&progress, probe).answer(),
            };
            answer.with_detail(progress.detail(began, &record, now))
        }))
    }
}

impl TlsSource {
    async fn shake_hands(&self, progress: &mut Progress) -> Result<TlsStream<TcpStream>, Fault> {
        let settings = self.client.tls();
        let settings = settings.map_err(|text| Fault::new(CauseCode::Internal, text))?;
        let addresses = self.names.addresses(&self.host, self.port, None).await?;
        progress.resolved = Some(Instant::now());
        let mut stream = dial::dial(&addresses)
            .await
            .map_err(|error| fault::from_io(&error, &self.peer))?;
        progress.connected = Some(Instant::now());
        progress.remote = stream.peer_addr().ok();
        if let Some(protocol) = self.starttls {
            protocol.agree(&mut stream, &self.peer).await?;
            progress.agreed = Some(Instant::now());
        }
        let stream = TlsConnector::from(settings)
            .connect(self.name.clone(), stream)
            .await
            .map_err(|error| self.refused(&error))?;
        progress.secured = Some(Instant::now());
        let (_, session) = stream.get_ref();
        if let Some(version) = session.protocol_version() {
            // `TLSv1_3` in code, `TLSv1.3` to people.
            let version = version.as_str().unwrap_or_default().replace('_', ".");
            progress.learnt.put("tls_version", version);
        }
        if let Some(suite) = session.negotiated_cipher_suite() {
            let suite = suite.suite();
            progress
                .learnt
                .put("tls_cipher", suite.as_str().unwrap_or_default());
        }
        if let Some(chain) = session.peer_certificates() {
            progress.shown(chain);
        }
        Ok(stream)
    }

    /// Why there was no handshake.
    fn refused(&self, error: &io::Error) -> Fault {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        match inner {
            Some(Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            )) if self.starttls.is_none() => Fault::new(
                CauseCode::Tls,
                format!("{} does not speak TLS: does it want `starttls`?", self.peer),
            ),
            Some(tls) => tls_cause::of(tls, &self.peer, &self.name.to_str(), &timing::peek()),
            None if fault::is_exhaustion(error) => fault::exhausted(error),
            None if matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            ) =>
            {
                let text = format!("{} broke off the TLS handshake", self.peer);
                // PostgreSQL, for one, hangs up on who does not speak its protocol first.
                let hint = match (self.starttls, timing::peek().certificate) {
                    (None, None) => ": does it want `starttls`?",
                    _ => "",
                };
                Fault::new(CauseCode::Tls, text + hint)
            }
            None => fault::from_io(error, &self.peer),
        }
    }

    fn late(&self, progress: &Progress, probe: &Probe) -> Fault {
        let within = phrase::seconds(probe.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
        let (code, stood) = match self.starttls {
            _ if progress.resolved.is_none() => (
                CauseCode::Dns,
                format!("{} was still being looked up", self.host),
            ),
            _ if progress.connected.is_none() => (
                CauseCode::Timeout,
                format!("{} did not accept the connection", self.peer),
            ),
            Some(protocol) if progress.agreed.is_none() => (
                CauseCode::Timeout,
                format!("connected, but {protocol} did not come to TLS"),
            ),
            _ => (
                CauseCode::Timeout,
                "connected, but the TLS handshake did not end".to_owned(),
            ),
        };
        Fault::new(code, format!("no answer within {within}: {stood}"))
    }
}

/// Says that it is over, and waits a moment for the server to say so too: a connection closed on
/// something unread would be reset.
async fn close(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    const MOST_READS: usize = 16;
    stream.shutdown().await?;
    let (tcp, _) = stream.get_mut();
    let mut rest = [0; 1024];
    for _ in 0..MOST_READS {
        let read = timeout(GOODBYE, tcp.read(&mut rest)).await;
        if !matches!(read, Ok(Ok(1..))) {
            break;
        }
    }
    Ok(())
}

impl Progress {
    /// Notes what the certificates say, the server's own first.
    fn shown(&mut self, chain: &[CertificateDer<'_>]) {
        const MOST: usize = 8;
        let texts = |all: Vec<String>| Value::List(all.into_iter().map(Value::from).collect());
        if let Some(own) = chain.first() {
            let names = names::of(own, MOST);
            self.learnt.put("certificate_names", texts(names));
        }
        let issuers = chain
            .iter()
            .take(MOST)
            .filter_map(|shown| Certificate::read(shown));
        let issuers = issuers.map(|facts| facts.issuer).collect();
        self.learnt.put("certificate_chain", texts(issuers));
    }

    fn detail(self, began: Instant, record: &Record, now: i64) -> Detail {
        let mut detail = self.learnt;
        if let Some(facts) = &record.certificate {
            detail.put("certificate_expires", facts.expires as f64);
            detail.put("certificate_days", validity::days(facts.expires, now));
            detail.put("certificate_issuer", facts.issuer.as_str());
        }
        if let Some(remote) = self.remote {
            detail.put("remote", remote.to_string());
        }
        let mut parts = Detail::new();
        let mut before = Some(began);
        for (name, end) in [
            ("resolve", self.resolved),
            ("connect", self.connected),
            ("starttls", self.agreed),
            ("tls", self.secured),
        ] {
            if let (Some(from), Some(to)) = (before, end) {
                parts.put(name, (to - from).as_secs_f64());
            }
            before = end.or(before);
        }
        if !parts.is_empty() {
            detail.put("timing", parts);
        }
        detail
    }
}
