//! DNS over HTTPS (RFC 8484): the query is the body of a POST, and the answer is the body of the
//! response.

use std::ops::RangeInclusive;
use std::sync::Arc;

use hickory_proto::op::Message;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use up_core::connectivity::Reach;
use up_core::{CauseCode, Detail};
use url::Url;

use super::exchange::{self, MAX_MESSAGE};
use super::question::DnsQuestion;
use crate::CheckContext;
use crate::http::{BodyUse, Client, ExchangeRequest, shown};
use crate::net::fault::Fault;

/// A resolver that is reached by its URL.
#[derive(Debug)]
pub(super) struct Resolver {
    request: ExchangeRequest,
}

/// The outcome of one query.
pub(super) struct HttpsOutcome {
    pub(super) result: Result<Message, Fault>,
    /// The detail of the HTTP exchange: status, version, address, timing.
    pub(super) detail: Detail,
}

const MEDIA_TYPE: &str = "application/dns-message";
const SUCCESS: RangeInclusive<u16> = 200..=299;

impl Resolver {
    /// The resolver at `url`, queried through `client`.
    pub(super) fn new(client: Arc<Client>, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        for name in [ACCEPT, CONTENT_TYPE] {
            headers.insert(name, HeaderValue::from_static(MEDIA_TYPE));
        }
        let request = ExchangeRequest {
            client,
            other_sites: None,
            method: Method::POST,
            url,
            connect_to: None,
            server_name: None,
            headers,
            body: None,
            statuses: Box::new([SUCCESS]),
            // A redirect would lead to another resolver than the watched one.
            redirects: 0,
            max_body: MAX_MESSAGE as u64,
        };
        Self { request }
    }

    /// Its URL without secrets, for display.
    pub(super) fn shown(&self) -> String {
        shown(&self.request.url)
    }

    /// Where the resolver's traffic goes.
    pub(super) fn reach(&self) -> Reach {
        self.request.reach()
    }

    /// Queries the resolver by the deadline, and again without EDNS if it does not understand that.
    pub(super) async fn query(
        &self,
        question: DnsQuestion,
        context: &CheckContext,
    ) -> HttpsOutcome {
        // HTTP itself matches answers to queries. The id is 0 so that equal queries can be cached
        // (RFC 8484, section 4.1).
        let question = question.with_id(0);
        let first = self.send_once(question.first(), context).await;
        let Some(second) = question.second() else {
            return first;
        };
        match &first.result {
            Ok(answer) if question.may_lack_edns(answer) => {
                let again = self.send_once(second, context).await;
                if again.result.is_ok() { again } else { first }
            }
            _ => first,
        }
    }

    async fn send_once(&self, query: &Message, context: &CheckContext) -> HttpsOutcome {
        let bytes = match query.to_vec() {
            Ok(bytes) => bytes,
            Err(error) => {
                return HttpsOutcome {
                    result: Err(Fault::new(CauseCode::Internal, error.to_string())),
                    detail: Detail::new(),
                };
            }
        };
        let mut request = self.request.at(self.request.url.clone());
        request.body = Some(bytes.into());
        let outcome = request.send(context, BodyUse::Body).await;
        let peer = format!("the resolver {}", self.shown());
        let result = match outcome.result {
            Ok(_) if !is_dns(&outcome.headers) => {
                let text = format!("{peer} answered with something that is not {MEDIA_TYPE}");
                Err(Fault::new(CauseCode::Protocol, text))
            }
            Ok(body) => exchange::parse_answer(&body, query, &peer),
            Err(fault) if fault.code == CauseCode::HttpStatus => {
                let text = format!("{peer} answered with {}", fault.text);
                Err(Fault::new(fault.code, text))
            }
            Err(fault) if fault.code == CauseCode::TooLarge => {
                let text = format!("{peer} answered with more than a DNS message can be");
                Err(Fault::new(fault.code, text))
            }
            Err(fault) => Err(fault),
        };
        HttpsOutcome {
            result,
            detail: outcome.detail,
        }
    }
}

fn is_dns(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = value.and_then(|value| value.split(';').next());
    media.is_some_and(|media| media.trim().eq_ignore_ascii_case(MEDIA_TYPE))
}
