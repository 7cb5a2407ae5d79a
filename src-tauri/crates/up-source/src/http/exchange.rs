//! One whole question and answer: every hop to the final head, then the body to its end.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Method, StatusCode, Version};
use tokio::time::timeout_at;
use up_core::Detail;
use up_core::connectivity::{Proof, Reach};
use url::Url;

use super::body::Body;
use super::client::Client;
use super::connect::{AnyError, Destination, HostPort};
use super::connection::Connection;
use super::cookies::Jar;
use super::timing;
use super::{cause, redirect};
use crate::CheckContext;
use crate::net::fault::Fault;
use crate::net::tls::handshake;

/// What to ask, and which answers to read.
pub(crate) struct ExchangeRequest {
    /// Through which client.
    pub client: Arc<Client>,
    /// Through which one another site is asked, where that is not the same: ours is told to no
    /// other.
    pub elsewhere: Option<Arc<Client>>,
    /// The method.
    pub method: Method,
    /// The URL, without userinfo.
    pub url: Url,
    /// Where to connect to in place of its host and port.
    pub connect_to: Option<HostPort>,
    /// The name to ask for in TLS, and to verify, in place of its host.
    pub server_name: Option<String>,
    /// Headers beside those of every request. Those that are marked as sensitive go where secrets
    /// may go, the others everywhere.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// The final statuses that are expected; the body of another is not read.
    pub statuses: Box<[RangeInclusive<u16>]>,
    /// How many redirects to follow; with 0 a redirect is the final answer.
    pub redirects: u8,
    /// The most bytes of body to read, after decompression.
    pub max_body: u64,
}

up_core::opaque_debug!(ExchangeRequest);

/// Where an exchange stands.
#[expect(clippy::struct_excessive_bools, reason = "none excludes another")]
pub(super) struct Hop {
    /// Where it is.
    pub url: Url,
    /// Whether a proxy stands between.
    pub proxied: bool,
    /// With which method.
    pub method: Method,
    /// Whether the question's body goes along.
    pub with_body: bool,
    /// Whether the question's secrets go along.
    pub with_secrets: bool,
    /// The requests before this one.
    pub before: Vec<redirect::Visited>,
    /// The cookies that were set on the way.
    pub jar: Jar,
    /// The status of its answer.
    pub status: Option<StatusCode>,
    /// The HTTP version of its answer.
    pub version: Option<Version>,
    /// The address that was connected to (the proxy's, where there is one).
    pub remote: Option<SocketAddr>,
    /// The headers of the final answer.
    pub headers: HeaderMap,
    /// The bytes of body so far, after decompression.
    pub bytes: u64,
    /// How many its head promises, where they are not compressed.
    pub promised: Option<u64>,
    /// Whether the server ended TLS without its closing alert.
    pub unclosed: bool,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct ExchangeOutcome {
    /// The body, which is empty unless it was to be kept; or why there is none.
    pub result: Result<Vec<u8>, Fault>,
    /// What was learnt on the way.
    pub detail: Detail,
    /// The headers of the final answer; none where its status is not an expected one.
    pub headers: HeaderMap,
    /// The last second in which the server's certificate is valid, Unix time.
    pub expires: Option<i64>,
    /// The status of the last answer, if there was one.
    pub status: Option<StatusCode>,
}

/// Whether the body is wanted, or only that it arrives whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyUse {
    /// Count it and let it go.
    Nothing,
    /// Keep it.
    Body,
}

/// How many redirects are followed, unless said otherwise.
pub(super) const REDIRECTS: u8 = 10;

/// The most bytes of body that are read, unless said otherwise.
pub(super) const MAX_BODY: u64 = 16 << 20;

impl ExchangeRequest {
    /// The same question of another URL.
    pub(crate) fn at(&self, url: Url) -> Self {
        Self {
            client: Arc::clone(&self.client),
            elsewhere: self.elsewhere.clone(),
            method: self.method.clone(),
            url,
            connect_to: self.connect_to.clone(),
            server_name: self.server_name.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            statuses: self.statuses.clone(),
            redirects: self.redirects,
            max_body: self.max_body,
        }
    }

    /// Where its traffic goes. By a proxy it is the proxy's network that matters, which nobody here
    /// can tell beyond.
    pub(crate) fn reach(&self) -> Reach {
        let verified = self.url.scheme() == "https" && !self.client.tls().is_trusting();
        let proof = if verified {
            Proof::Verified
        } else {
            Proof::Answer
        };
        let place = self.connect_to.as_ref();
        match (self.client.proxy(), place, self.url.host_str()) {
            (Some(proxy), ..) => Reach::to(&proxy.host().to_string(), proof),
            (None, Some(place), _) => Reach::to(&place.host.to_string(), proof),
            (None, None, Some(host)) => Reach::to(host, proof),
            (None, None, None) => Reach::Unknown,
        }
    }

    /// Asks, and is done by the deadline whatever the far side does.
    pub(crate) async fn send(&self, probe: &CheckContext, keep: BodyUse) -> ExchangeOutcome {
        timing::recorded(async {
            let mut hop = Hop::first(self);
            let asked = timeout_at(probe.deadline, self.follow(&mut hop, keep)).await;
            let mut record = timing::take();
            let result = asked.unwrap_or_else(|_| Err(cause::late(&hop, &record, probe.timeout)));
            if record.answered.is_some() {
                record.ended = Some(Instant::now());
            }
            ExchangeOutcome {
                result,
                detail: super::detail::of(&hop, &record),
                headers: hop.headers,
                expires: record
                    .tls
                    .certificate
                    .map(|certificate| certificate.expires),
                status: hop.status,
            }
        })
        .await
    }

    /// Follows redirects to the final answer.
    async fn follow(&self, hop: &mut Hop, keep: BodyUse) -> Result<Vec<u8>, Fault> {
        loop {
            let answer = self.execute(hop).await?;
            timing::note(|record| record.answered = Some(Instant::now()));
            let status = answer.status;
            hop.status = Some(status);
            hop.version = Some(answer.version);
            hop.remote = answer.connection.remote;
            if self.redirects > 0 && redirect::is_one(status) {
                redirect::follow(hop, status, &answer.headers, self.redirects)?;
                timing::take();
                continue;
            }
            let is_expected = |range: &RangeInclusive<u16>| range.contains(&status.as_u16());
            if !self.statuses.iter().any(is_expected) {
                return Err(cause::unexpected(status, hop));
            }
            return self.read(answer, hop, keep).await;
        }
    }

    /// Has one answer's head. A kept connection that turns out to be closed says nothing of the
    /// server, so then a new one is asked, where asking twice does no harm (RFC 9110, 9.2.2).
    async fn execute(&self, hop: &Hop) -> Result<ResponseHead, Fault> {
        let client = self.client_of(hop);
        let keeps_alive = client.keeps_alive();
        let mut may_be_old = keeps_alive && hop.method.is_idempotent();
        loop {
            timing::note(|record| record.reusing = keeps_alive.then(Instant::now));
            let kept = if keeps_alive {
                client.take_kept(&origin(&hop.url))
            } else {
                None
            };
            let was_kept = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self
                    .connect(client, hop)
                    .await
                    .map_err(|error| cause::of(&*error, hop))?,
            };
            let request = self.request(client, hop, connection.protocol())?;
            let error = match connection.send(request).await {
                Ok(response) => {
                    handshake::note(|record| {
                        record.certificate.clone_from(&connection.certificate);
                    });
                    let (head, incoming) = response.into_parts();
                    return Ok(ResponseHead {
                        status: head.status,
                        version: head.version,
                        body: Body::new(incoming, &head.headers),
                        headers: head.headers,
                        connection,
                    });
                }
                Err(error) => error,
            };
            if let Some(fault) = connection.state.fault() {
                return Err(fault);
            }
            if !may_be_old || !was_kept {
                return Err(cause::of(&error, hop));
            }
            may_be_old = false;
            timing::take();
        }
    }

    /// Through which client `hop` is asked.
    fn client_of(&self, hop: &Hop) -> &Client {
        match &self.elsewhere {
            Some(elsewhere) if !hop.with_secrets => elsewhere,
            _ => &self.client,
        }
    }

    async fn connect(&self, client: &Client, hop: &Hop) -> Result<Connection, AnyError> {
        // What the configuration says of its own site holds of no other that a redirect leads to.
        let is_own = hop.url.origin() == self.url.origin();
        let destination = Destination {
            url: &hop.url,
            connect_to: self.connect_to.as_ref().filter(|_| is_own),
            server_name: self.server_name.as_deref().filter(|_| is_own),
        };
        client.connect(&destination).await
    }

    /// Reads the body to its end, and no further than the bound.
    async fn read(
        &self,
        answer: ResponseHead,
        hop: &mut Hop,
        keep: BodyUse,
    ) -> Result<Vec<u8>, Fault> {
        let ResponseHead {
            mut body,
            connection,
            headers,
            status,
            ..
        } = answer;
        let mut kept = Vec::new();
        hop.headers = headers;
        // An answer without a body may still name the encoding that it would have.
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        if hop.method != Method::HEAD && !bodiless.contains(&status) {
            hop.promised = body.promised();
            if hop
                .promised
                .is_some_and(|promised| promised > self.max_body)
            {
                return Err(cause::too_large(self.max_body));
            }
            loop {
                match body.chunk().await {
                    Ok(None) => break,
                    Ok(Some(chunk)) => {
                        hop.bytes += chunk.len() as u64;
                        if hop.bytes > self.max_body {
                            return Err(cause::too_large(self.max_body));
                        }
                        if keep == BodyUse::Body {
                            kept.extend_from_slice(&chunk);
                        }
                    }
                    Err(error) => {
                        let own = connection.state.fault();
                        return Err(own.unwrap_or_else(|| cause::of(&*error, hop)));
                    }
                }
            }
        }
        hop.unclosed = connection.state.is_unclosed();
        let client = self.client_of(hop);
        if client.keeps_alive() {
            client.keep(origin(&hop.url), connection);
        }
        Ok(kept)
    }
}

/// The head of an answer, and how to have the rest.
struct ResponseHead {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    body: Body,
    /// Ends the body when it is dropped.
    connection: Connection,
}

/// Which connections may be used for `url` again.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl Hop {
    pub(super) fn first(question: &ExchangeRequest) -> Self {
        Self {
            url: question.url.clone(),
            proxied: question.client.proxy().is_some(),
            method: question.method.clone(),
            with_body: true,
            with_secrets: true,
            before: Vec::new(),
            jar: Jar::default(),
            status: None,
            version: None,
            remote: None,
            headers: HeaderMap::new(),
            bytes: 0,
            promised: None,
            unclosed: false,
        }
    }

    /// Whom we connect to, as it is called in messages.
    pub(super) fn neighbour(&self) -> String {
        if self.proxied {
            "the proxy".to_owned()
        } else {
            self.peer()
        }
    }

    /// `host:port` of the far side, as it is called in messages.
    pub(super) fn peer(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}
