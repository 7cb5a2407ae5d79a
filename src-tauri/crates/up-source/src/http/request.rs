//! Builds the request of one hop for the connection's HTTP version.

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, HeaderMap, HeaderValue, PROXY_AUTHORIZATION,
    USER_AGENT,
};
use http::{Request, Uri};
use http_body_util::Full;
use up_core::CauseCode;
use url::{Position, Url};

use super::client::Client;
use super::connection::Protocol;
use super::exchange::{ExchangeRequest, Hop};
use super::proxy::Proxy;
use super::{body, headers};
use crate::net::fault::Fault;

/// The value of `User-Agent`.
const CLIENT_NAME: &str = concat!("up/", env!("CARGO_PKG_VERSION"));

/// The URL's host, with its port unless that is the scheme's default.
fn authority(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

impl ExchangeRequest {
    /// The request of `hop` for the HTTP version `protocol`.
    pub(super) fn request(
        &self,
        client: &Client,
        hop: &Hop,
        protocol: Protocol,
    ) -> Result<Request<Full<Bytes>>, Fault> {
        let mut headers = HeaderMap::new();
        let unusable = || Fault::new(CauseCode::Internal, "the URL's host cannot be sent");
        let host = HeaderValue::try_from(authority(&hop.url)).map_err(|_| unusable())?;
        headers.insert(HOST, host);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPTED));
        headers.insert(USER_AGENT, HeaderValue::from_static(CLIENT_NAME));
        headers.extend(headers::for_hop(&self.headers, hop));
        let forwarding = client.proxy().filter(|proxy| proxy.forwards(&hop.url));
        if let Some(authorization) = forwarding.and_then(Proxy::authorization) {
            headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        if !client.keeps_alive() && protocol == Protocol::One {
            // No connection outlives its check, which the server is told (RFC 9112, section 9.6).
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let uri = match protocol {
            Protocol::One if forwarding.is_none() => {
                hop.url[Position::BeforePath..Position::AfterQuery].to_owned()
            }
            Protocol::One => hop.url[..Position::AfterQuery].to_owned(),
            Protocol::Two => {
                let host = headers.get(HOST).and_then(|host| host.to_str().ok());
                let host = host.map_or_else(|| authority(&hop.url), str::to_owned);
                let rest = &hop.url[Position::BeforePath..Position::AfterQuery];
                format!("{}://{host}{rest}", hop.url.scheme())
            }
        };
        let uri = Uri::try_from(uri)
            .map_err(|_| Fault::new(CauseCode::Internal, "the URL cannot be sent"))?;
        let body = self.body.as_ref().filter(|_| hop.with_body);
        let mut request = Request::new(Full::new(body.cloned().unwrap_or_default()));
        *request.method_mut() = hop.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}
