//! `type = "tls"`: makes one TLS handshake, and judges the certificate.
//!
//! - `config`: the keys
//! - `starttls`: the dialogues in which some protocols switch to TLS
//! - `validity`: judges the expiry date
//! - `goodbye`: closes the connection, and waits for the server's verdict on our certificate

mod config;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod goodbye;
mod starttls;
mod validity;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{Error, InvalidMessage};
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use up_core::connectivity::{Proof, Reach};
use up_core::{CauseCode, CheckResult, Detail, Value, phrase};

pub use config::TlsConfig;
pub use starttls::StartTls;

use crate::net::dial;
use crate::net::fault::{self, Fault};
use crate::net::names::NameResolver;
use crate::net::tls::certificate::Certificate;
use crate::net::tls::handshake::{self, ClientCertificate, Handshake};
use crate::net::tls::{TlsClient, cause as tls_cause};
use crate::{CheckContext, Source};

#[derive(Debug)]
struct TlsSource {
    names: Arc<NameResolver>,
    /// The TLS client, which all sources with the same options share.
    client: Arc<TlsClient>,
    host: Box<str>,
    port: u16,
    /// Host and port, as messages name them.
    peer: Box<str>,
    name: ServerName<'static>,
    starttls: Option<StartTls>,
    days_left: u32,
}

/// How far the check came, and when.
#[derive(Default)]
struct TlsProgress {
    resolved: Option<Instant>,
    connected: Option<Instant>,
    /// When the STARTTLS dialogue was over.
    starttls_done: Option<Instant>,
    secured: Option<Instant>,
    remote: Option<SocketAddr>,
    detail: Detail,
}

/// How a handshake succeeded.
enum HandshakeEnd {
    /// The connection is open.
    Connected(Box<TlsStream<TcpStream>>),
    /// The server proved that it has the key of its certificate, and then ended the handshake
    /// because it was sent no client certificate.
    WithoutClientCertificate,
}

impl Source for TlsSource {
    fn reach(&self) -> Reach {
        let proof = if self.client.is_trusting() {
            Proof::Answer
        } else {
            Proof::Verified
        };
        Reach::to(&self.host, proof)
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        // The verifier notes the certificate of the server in the record, whether it is trusted or
        // not.
        Box::pin(handshake::recorded(async move {
            let began = Instant::now();
            let mut progress = TlsProgress::default();
            let ended = timeout_at(context.deadline, self.connect(&mut progress)).await;
            let record = handshake::take();
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |since| since.as_secs().cast_signed());
            let judge = || match &record.certificate {
                Some(facts) => validity::judge(facts.expires, now, self.days_left),
                None => CheckResult::up(),
            };
            let mut client = match record.client {
                ClientCertificate::Unasked => None,
                ClientCertificate::Missing => Some("wanted"),
                ClientCertificate::Shown => Some("shown"),
            };
            let answer = match ended {
                Ok(Ok(HandshakeEnd::Connected(stream))) => {
                    match self.end(*stream, &progress, &record, context).await {
                        None => judge(),
                        Some(error) if self.lacks_only_client_certificate(&error, &record) => {
                            client = Some("required");
                            judge()
                        }
                        Some(error) => self.tls_fault(&error, &record).check_result(),
                    }
                }
                Ok(Ok(HandshakeEnd::WithoutClientCertificate)) => {
                    client = Some("required");
                    judge()
                }
                Ok(Err(fault)) => fault.check_result(),
                Err(_) => self.timeout_fault(&progress, context).check_result(),
            };
            if let Some(client) = client {
                progress.detail.put("client_certificate", client);
            }
            answer.with_detail(progress.detail(began, &record, now))
        }))
    }
}

impl TlsSource {
    /// Resolves, connects, switches to TLS if need be, and makes the handshake.
    async fn connect(&self, progress: &mut TlsProgress) -> Result<HandshakeEnd, Fault> {
        let settings = self.client.settings();
        let settings = settings.map_err(|text| Fault::new(CauseCode::Internal, text))?;
        let addresses = self.names.addresses(&self.host, self.port, None).await?;
        progress.resolved = Some(Instant::now());
        let mut stream = dial::dial(&addresses)
            .await
            .map_err(|error| fault::from_io(&error, &self.peer))?;
        progress.connected = Some(Instant::now());
        progress.remote = stream.peer_addr().ok();
        if let Some(protocol) = self.starttls {
            protocol.start(&mut stream, &self.peer).await?;
            progress.starttls_done = Some(Instant::now());
        }
        let connected = TlsConnector::from(settings)
            .connect(self.name.clone(), stream)
            .await;
        let stream = match connected {
            Ok(stream) => stream,
            Err(error) => {
                let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
                if tls
                    .is_some_and(|tls| self.lacks_only_client_certificate(tls, &handshake::peek()))
                {
                    return Ok(HandshakeEnd::WithoutClientCertificate);
                }
                return Err(self.handshake_fault(&error));
            }
        };
        progress.secured = Some(Instant::now());
        let (_, session) = stream.get_ref();
        if let Some(version) = session.protocol_version() {
            // rustls writes `TLSv1_3`; people write `TLSv1.3`.
            let version = version.as_str().unwrap_or_default().replace('_', ".");
            progress.detail.put("tls_version", version);
        }
        if let Some(suite) = session.negotiated_cipher_suite() {
            let suite = suite.suite();
            progress
                .detail
                .put("tls_cipher", suite.as_str().unwrap_or_default());
        }
        if let Some(chain) = session.peer_certificates() {
            progress.shown(chain);
        }
        Ok(HandshakeEnd::Connected(Box::new(stream)))
    }

    /// Closes the connection. Returns the alert with which a server refused our client certificate,
    /// or the lack of one.
    async fn end(
        &self,
        stream: TlsStream<TcpStream>,
        progress: &TlsProgress,
        record: &Handshake,
        context: &CheckContext,
    ) -> Option<Error> {
        if record.client == ClientCertificate::Unasked {
            // The server was asked to close. Whether it does so is not judged.
            let _ = timeout_at(context.deadline, goodbye::close(stream)).await;
            return None;
        }
        let round_trip = progress.connected.zip(progress.resolved);
        let round_trip = round_trip.map_or_else(Default::default, |(to, from)| to - from);
        let verdict = timeout_at(
            context.deadline,
            goodbye::close_and_await_verdict(stream, round_trip),
        )
        .await;
        verdict.ok().flatten()
    }

    /// True if the server proved who it is, and refuses only because it was sent no client
    /// certificate, while none is configured.
    fn lacks_only_client_certificate(&self, error: &Error, record: &Handshake) -> bool {
        !self.client.has_identity()
            && record.proven
            && tls_cause::wants_client_certificate(error, record)
    }

    fn tls_fault(&self, error: &Error, record: &Handshake) -> Fault {
        tls_cause::of(error, &self.peer, &self.name.to_str(), record)
    }

    /// The fault for a handshake that failed with `error`.
    fn handshake_fault(&self, error: &io::Error) -> Fault {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        match inner {
            Some(Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            )) if self.starttls.is_none() => Fault::new(
                CauseCode::Tls,
                format!("{} does not speak TLS: does it want `starttls`?", self.peer),
            ),
            Some(tls) => self.tls_fault(tls, &handshake::peek()),
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
                let record = handshake::peek();
                let hint = match (self.starttls, &record.certificate) {
                    // PostgreSQL, for example, closes a connection that does not begin with its own
                    // protocol.
                    (None, None) => ": does it want `starttls`?",
                    _ => tls_cause::after_client_certificate(&record),
                };
                Fault::new(CauseCode::Tls, text + hint)
            }
            None => fault::from_io(error, &self.peer),
        }
    }

    fn timeout_fault(&self, progress: &TlsProgress, context: &CheckContext) -> Fault {
        let within = phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
        let (code, step) = match self.starttls {
            _ if progress.resolved.is_none() => (
                CauseCode::Dns,
                format!("{} was still being looked up", self.host),
            ),
            _ if progress.connected.is_none() => (
                CauseCode::Timeout,
                format!("{} did not accept the connection", self.peer),
            ),
            Some(protocol) if progress.starttls_done.is_none() => (
                CauseCode::Timeout,
                format!("connected, but {protocol} did not switch to TLS"),
            ),
            _ => (
                CauseCode::Timeout,
                "connected, but the TLS handshake did not end".to_owned(),
            ),
        };
        Fault::new(code, format!("no answer within {within}: {step}"))
    }
}

impl TlsProgress {
    /// Notes the names and issuers of the certificates that the server sent, its own first.
    fn shown(&mut self, chain: &[CertificateDer<'_>]) {
        const MOST: usize = 8;
        let shown = chain.iter().take(MOST);
        let facts: Vec<_> = shown.map(|der| Certificate::read(der)).collect();
        if let Some(Some(own)) = facts.first() {
            self.detail.put("certificate_names", texts(&own.names));
        }
        let issuers: Vec<_> = facts.into_iter().flatten().map(|one| one.issuer).collect();
        self.detail.put("certificate_chain", texts(&issuers));
    }

    fn detail(self, began: Instant, record: &Handshake, now: i64) -> Detail {
        let mut detail = self.detail;
        if let Some(facts) = &record.certificate {
            // A failed handshake yields no chain, only the server's own certificate.
            if detail.get("certificate_names").is_none() {
                detail.put("certificate_names", texts(&facts.names));
            }
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
            ("starttls", self.starttls_done),
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

fn texts(all: &[String]) -> Value {
    Value::List(all.iter().map(|text| text.as_str().into()).collect())
}
