//! One whole HTTP exchange: every hop of its redirects to the final head, then the body to its end.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Method, StatusCode, Version};
use tokio::time::{timeout, timeout_at};
use up_core::Detail;
use up_core::connectivity::{Proof, Reach};
use url::Url;

use super::body::Body;
use super::client::Client;
use super::connect::{AnyError, Destination, HostPort};
use super::connection::Connection;
use super::cookies::CookieJar;
use super::timing;
use super::{cause, redirect};
use crate::CheckContext;
use crate::net::fault::Fault;
use crate::net::tls::handshake;

/// The request to send, and the bounds of the response.
pub(crate) struct ExchangeRequest {
    /// The client that sends it.
    pub client: Arc<Client>,
    /// The client for requests to other sites, where it differs: our own certificate is not shown
    /// to them.
    pub other_sites: Option<Arc<Client>>,
    /// The HTTP method.
    pub method: Method,
    /// The URL without userinfo.
    pub url: Url,
    /// The host and port to connect to in place of the URL's.
    pub connect_to: Option<HostPort>,
    /// The name to send in TLS (SNI) and to verify, in place of the URL's host.
    pub server_name: Option<String>,
    /// Headers beside those that every request has. Headers marked as sensitive are sent only where
    /// secrets may go, the others to every site.
    pub headers: HeaderMap,
    /// The body of the request.
    pub body: Option<Bytes>,
    /// The expected final statuses. The body of a response with another status is only counted.
    pub statuses: Box<[RangeInclusive<u16>]>,
    /// How many redirects to follow. With 0, a redirect is the final response.
    pub redirects: u8,
    /// The largest body to read, in bytes after decompression.
    pub max_body: u64,
}

up_core::opaque_debug!(ExchangeRequest);

/// The current hop of an exchange, and how far it came.
#[expect(clippy::struct_excessive_bools, reason = "none excludes another")]
pub(super) struct Hop {
    /// The URL of this hop.
    pub url: Url,
    /// True when the request goes through a proxy.
    pub proxied: bool,
    /// The method of this hop, which a redirect may change.
    pub method: Method,
    /// True when the request's body is sent.
    pub with_body: bool,
    /// True when headers marked as sensitive are sent.
    pub with_secrets: bool,
    /// The requests before this one, in order.
    pub visited: Vec<redirect::Visited>,
    /// The cookies that were set on the way.
    pub jar: CookieJar,
    /// The status of its response.
    pub status: Option<StatusCode>,
    /// The HTTP version of its response.
    pub version: Option<Version>,
    /// The address that was connected to (the proxy's, where there is one).
    pub remote: Option<SocketAddr>,
    /// The headers of the final response.
    pub headers: HeaderMap,
    /// Why the status of the final response fails the check, whatever becomes of its body.
    pub refused: Option<Fault>,
    /// The bytes of body received so far, after decompression.
    pub bytes: u64,
    /// True when the body was not read, because its stated length exceeds the bound.
    pub unread: bool,
    /// The length of the body that the head states; `None` for a compressed body.
    pub stated_length: Option<u64>,
    /// True when the server ended TLS without a `close_notify` alert.
    pub unclosed: bool,
}

/// The outcome of an exchange.
#[derive(Debug)]
pub(crate) struct ExchangeOutcome {
    /// The body, empty unless it was to be kept, or why there is none.
    pub result: Result<Vec<u8>, Fault>,
    /// The detail of the sample.
    pub detail: Detail,
    /// The headers of the final response. Empty when its status is not an expected one.
    pub headers: HeaderMap,
    /// When the server's certificate expires: its last valid second, Unix time. `None` without TLS.
    pub expires: Option<i64>,
    /// The status of the last response, if there was one.
    pub status: Option<StatusCode>,
}

/// Whether the body is kept, or only read to see that it arrives whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyUse {
    /// The body is counted and discarded.
    Nothing,
    /// The body is kept.
    Body,
}

/// How long the body of a response with an unexpected status is read.
const REFUSED_BODY: Duration = Duration::from_millis(500);

/// How many redirects are followed by default.
pub(super) const REDIRECTS: u8 = 10;

/// The largest body in bytes that is read by default.
pub(super) const MAX_BODY: u64 = 16 << 20;

impl ExchangeRequest {
    /// The same request to another URL.
    pub(crate) fn at(&self, url: Url) -> Self {
        Self {
            client: Arc::clone(&self.client),
            other_sites: self.other_sites.clone(),
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

    /// Where the request's traffic goes. Through a proxy it is the proxy itself: nothing is known
    /// about the network beyond it.
    pub(crate) fn reach(&self) -> Reach {
        let verified = self.url.scheme() == "https" && !self.client.tls().is_trusting();
        let proof = if verified {
            Proof::Verified
        } else {
            Proof::Answer
        };
        let connect_to = self.connect_to.as_ref();
        match (self.client.proxy(), connect_to, self.url.host_str()) {
            (Some(proxy), ..) => Reach::to(&proxy.host().to_string(), proof),
            (None, Some(connect_to), _) => Reach::to(&connect_to.host.to_string(), proof),
            (None, None, Some(host)) => Reach::to(host, proof),
            (None, None, None) => Reach::Unknown,
        }
    }

    /// Sends the request, and ends by the deadline whatever the peer does.
    pub(crate) async fn send(&self, context: &CheckContext, body_use: BodyUse) -> ExchangeOutcome {
        timing::recorded(async {
            let mut hop = Hop::first(self);
            let followed = timeout_at(context.deadline, self.follow(&mut hop, body_use)).await;
            let mut record = timing::take();
            let result = match hop.refused.take() {
                Some(fault) => Err(fault),
                None => followed
                    .unwrap_or_else(|_| Err(cause::timed_out(&hop, &record, context.timeout))),
            };
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

    /// Follows redirects to the final response, and reads its body.
    async fn follow(&self, hop: &mut Hop, body_use: BodyUse) -> Result<Vec<u8>, Fault> {
        loop {
            let head = self.execute(hop).await?;
            timing::note(|record| record.answered = Some(Instant::now()));
            let status = head.status;
            hop.status = Some(status);
            hop.version = Some(head.version);
            hop.remote = head.connection.remote;
            if self.redirects > 0 && redirect::is_redirect(status) {
                redirect::follow(hop, status, &head.headers, self.redirects)?;
                timing::take();
                continue;
            }
            let is_expected = |range: &RangeInclusive<u16>| range.contains(&status.as_u16());
            if !self.statuses.iter().any(is_expected) {
                // The body is read for its size only: no error in it matters more than the status, and
                // none may delay it. `send` returns the refusal, whatever is returned here.
                hop.refused = Some(cause::unexpected(status, hop));
                let read = self.read(head, hop, BodyUse::Nothing);
                return timeout(REFUSED_BODY, read).await.unwrap_or(Ok(Vec::new()));
            }
            return self.read(head, hop, body_use).await;
        }
    }

    /// Sends the request of one hop, and waits for the head of its response. A kept connection that
    /// turns out to be closed says nothing about the server. The request is then repeated over a
    /// new one, if its method is idempotent (RFC 9110, section 9.2.2).
    async fn execute(&self, hop: &Hop) -> Result<ResponseHead, Fault> {
        let client = self.client_of(hop);
        let keeps_alive = client.keeps_alive();
        let mut may_retry = keeps_alive && hop.method.is_idempotent();
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
            if !may_retry || !was_kept {
                return Err(cause::of(&error, hop));
            }
            may_retry = false;
            timing::take();
        }
    }

    /// The client that sends the request of `hop`.
    fn client_of(&self, hop: &Hop) -> &Client {
        match &self.other_sites {
            Some(other_sites) if !hop.with_secrets => other_sites,
            _ => &self.client,
        }
    }

    async fn connect(&self, client: &Client, hop: &Hop) -> Result<Connection, AnyError> {
        // `connect_to` and `server_name` concern the configured site, and no other that a redirect
        // leads to.
        let is_own = hop.url.origin() == self.url.origin();
        let destination = Destination {
            url: &hop.url,
            connect_to: self.connect_to.as_ref().filter(|_| is_own),
            server_name: self.server_name.as_deref().filter(|_| is_own),
        };
        client.connect(&destination).await
    }

    /// Reads the body to its end, or fails when it exceeds `max_body`.
    async fn read(
        &self,
        head: ResponseHead,
        hop: &mut Hop,
        body_use: BodyUse,
    ) -> Result<Vec<u8>, Fault> {
        let ResponseHead {
            mut body,
            connection,
            headers,
            status,
            ..
        } = head;
        let mut kept = Vec::new();
        if hop.refused.is_none() {
            hop.headers = headers;
        }
        // A response without a body may still name the coding that its body would have.
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        if hop.method != Method::HEAD && !bodiless.contains(&status) {
            hop.stated_length = body.stated_length();
            if hop
                .stated_length
                .is_some_and(|stated_length| stated_length > self.max_body)
            {
                hop.unread = true;
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
                        if body_use == BodyUse::Body {
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
            client.keep_connection(origin(&hop.url), connection);
        }
        Ok(kept)
    }
}

/// The head of a response, with the body that is still to be read.
struct ResponseHead {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    body: Body,
    /// Dropping it ends the body.
    connection: Connection,
}

/// The key of kept connections that may be used for `url`.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl Hop {
    /// The first hop, to the URL of `request`.
    pub(super) fn first(request: &ExchangeRequest) -> Self {
        Self {
            url: request.url.clone(),
            proxied: request.client.proxy().is_some(),
            method: request.method.clone(),
            with_body: true,
            with_secrets: true,
            visited: Vec::new(),
            jar: CookieJar::default(),
            status: None,
            version: None,
            remote: None,
            headers: HeaderMap::new(),
            refused: None,
            bytes: 0,
            unread: false,
            stated_length: None,
            unclosed: false,
        }
    }

    /// The host that is connected to, as messages name it: the proxy or the peer.
    pub(super) fn next_host(&self) -> String {
        if self.proxied {
            "the proxy".to_owned()
        } else {
            self.peer()
        }
    }

    /// `host:port` of the URL, as messages name the peer.
    pub(super) fn peer(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}
