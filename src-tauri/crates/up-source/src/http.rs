//! `type = "http"`: requests a URL.
//!
//! - `config`: the keys of up.toml; `headers` and `address`: how headers and URLs are read from
//!   them
//! - `client`: one HTTP client for each set of options, shared by sources
//! - `connect`: from a URL to an open connection; `proxy`: through a proxy; `connection`: HTTP over
//!   it; `lenient`: response heads that break HTTP's grammar
//! - `exchange`: a request with its redirects and the final response; `request`: what is sent;
//!   `redirect`: from hop to hop; `cookies`: those set on the way; `body`: decoding of the body
//! - `judge`: `expect`, `warn` and `status_from` applied to the response
//! - `timing`: when each part of the exchange took place; `detail`: the detail of a sample;
//!   `cause`: errors as text for a person

mod address;
mod body;
mod cause;
mod client;
mod config;
mod connect;
mod connection;
mod cookies;
mod detail;
mod exchange;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod headers;
mod judge;
mod lenient;
mod proxy;
mod redirect;
mod request;
mod timing;

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use up_core::CheckResult;
use up_core::connectivity::Reach;
use url::{Host, Url};

pub use crate::net::names::AddressFamily;
pub use config::{HttpConfig, HttpVersion, Size};

pub(crate) use address::{shown, web_url};
pub(crate) use client::{Client, ClientOptions, Clients};
pub(crate) use exchange::{BodyUse, ExchangeRequest};

use judge::{ReceivedResponse, ResponseJudge};

use crate::net::tls::{TlsKeys, TlsOptions};
use crate::{Built, CheckContext, ConfigProblem, Configure, Shared, Source};

/// The client for the configured site, and the one for other sites where that differs.
type ClientPair = (Arc<Client>, Option<Arc<Client>>);

/// A source that requests one URL.
#[derive(Debug)]
struct HttpSource {
    request: ExchangeRequest,
    judge: Option<Arc<ResponseJudge>>,
}

impl Source for HttpSource {
    fn reach(&self) -> Reach {
        self.request.reach()
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            let judge = self.judge.as_ref();
            let body_use = judge.map_or(BodyUse::Nothing, |judge| judge.body_use());
            let began = Instant::now();
            let outcome = self.request.send(context, body_use).await;
            let answer = match (outcome.result, judge) {
                (Ok(body), Some(judge)) => {
                    let response = ReceivedResponse {
                        status: outcome.status.map_or(0, |status| status.as_u16()),
                        headers: outcome.headers,
                        expires: outcome.expires,
                        body,
                        took: began.elapsed(),
                    };
                    judge.judge(response, context).await
                }
                (Ok(_), None) => CheckResult::up(),
                (Err(fault), _) => fault.check_result(),
            };
            answer.with_detail(outcome.detail)
        })
    }
}

impl Configure for HttpConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let mut request = self.question(shared)?;
        let judge = ResponseJudge::read(self, &request.method)?;
        if self.status.is_none() && judge.as_ref().is_some_and(ResponseJudge::expects_status) {
            // `expect` checks the status, and names it together with the other conditions that
            // fail.
            request.statuses = Box::new([100..=599]);
        }
        Ok(Built {
            default_name: request.url.host_str().unwrap_or_default().to_owned(),
            target: shown(&request.url),
            source: Arc::new(HttpSource {
                request,
                judge: judge.map(Arc::new),
            }),
            names_itself: false,
        })
    }
}

impl HttpConfig {
    /// The request of this configuration, also for other source types that use HTTP.
    pub(crate) fn question(&self, shared: &Shared<'_>) -> Result<ExchangeRequest, ConfigProblem> {
        let mut url = web_url("url", &self.url)?;
        let headers = self.headers(&url, shared.secrets)?;
        // The userinfo was copied to a header. Removing it fails only for a URL without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let (client, other_sites) = self.clients(&url, shared)?;
        Ok(ExchangeRequest {
            client,
            other_sites,
            method: self.method()?,
            connect_to: self.parse_connect_to()?,
            server_name: self.parse_server_name(&url)?,
            url,
            headers,
            body: self.body.clone().map(Into::into),
            statuses: self.statuses()?,
            redirects: self.redirects.unwrap_or(exchange::REDIRECTS),
            max_body: self.max_body()?,
        })
    }

    /// The client for the site of `url`, and another for sites that redirects may lead to. There is
    /// no other when both would be the same: it is the same client without our certificate.
    fn clients(&self, url: &Url, shared: &Shared<'_>) -> Result<ClientPair, ConfigProblem> {
        if let (Some(family), Some(host), None) = (self.ip, url.host(), &self.connect_to)
            && matches!(
                (family, host),
                (AddressFamily::V4, Host::Ipv6(_)) | (AddressFamily::V6, Host::Ipv4(_))
            )
        {
            return Err(
                ConfigProblem::new("ip", "the URL's address is of the other IP version")
                    .help("leave `ip` out, or write an address that fits"),
            );
        }
        let keys = TlsKeys {
            insecure: self.insecure,
            ca: self.ca.as_deref(),
            client_certificate: self.client_certificate.as_deref(),
            client_key: self.client_key.as_ref(),
        };
        let tls = keys.read(shared.secrets)?;
        let proxy = match &self.proxy {
            Some(at) => {
                let proxy = shared
                    .secrets
                    .read(at)
                    .map_err(|e| ConfigProblem::new("proxy", e))?;
                address::check_proxy(proxy.reveal())?;
                Some(proxy)
            }
            None => None,
        };
        let options = ClientOptions {
            tls,
            keep_alive: self.keep_alive,
            http: self.http,
            family: self.ip,
            proxy,
        };
        let anonymous = options.tls.identity.is_some().then(|| ClientOptions {
            tls: TlsOptions {
                identity: None,
                ..options.tls.clone()
            },
            ..options.clone()
        });
        let make = |options| shared.http.client(options);
        Ok((make(options)?, anonymous.map(make).transpose()?))
    }
}
