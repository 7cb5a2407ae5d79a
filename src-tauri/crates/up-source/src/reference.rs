//! References: the targets in `[network]` that always answer while our own network works. They are
//! probed for that only, and [`up_core::connectivity`] judges their replies.

use std::sync::Arc;
use std::time::Duration;

use http::header::LOCATION;
use tokio::time::timeout_at;
use up_core::CauseCode;
use up_core::connectivity::{Reach, ReferenceAnswer, are_related};
use url::Url;

use crate::expect::StatusRange;
use crate::http::{BodyUse, ExchangeRequest, HttpConfig};
use crate::net::dial;
use crate::net::fault::{self, Fault};
use crate::net::names::{self, NameResolver};
use crate::{CheckContext, ConfigProblem, Proof, Shared};

/// The largest number of bytes that are read of a reference's body.
const MAX_BODY: u64 = 64 << 10;

/// A reference that is ready to be probed.
#[derive(Debug)]
pub struct Reference {
    protocol: ReferenceProtocol,
    /// True if probing it needs the resolver.
    needs_resolver: bool,
}

#[derive(Debug)]
enum ReferenceProtocol {
    Http(Box<ExchangeRequest>),
    Tcp {
        names: Arc<NameResolver>,
        host: Box<str>,
        port: u16,
    },
}

/// The outcome of one probe of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceReply {
    /// Whether the reference answered, and as expected.
    pub reply: ReferenceAnswer,
    /// True if this probe proves that the resolver works: the reference has a name, and something
    /// replied.
    pub resolved: bool,
}

impl Reference {
    /// Builds a reference from an `http`, `https` or `tcp` URL. A user and a password in the URL
    /// are not used.
    pub fn new(url: &str, shared: &Shared<'_>) -> Result<Self, ConfigProblem> {
        let unusable = || ConfigProblem::new("reference", "this is no URL that can be probed");
        let mut url = Url::parse(url).map_err(|_| unusable())?;
        // Both calls fail only for a URL without a host, which the next line refuses.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let host = url.host_str().ok_or_else(unusable)?;
        let host = names::host(host.trim_matches(['[', ']'])).ok_or_else(unusable)?;
        let needs_resolver = matches!(host, url::Host::Domain(_))
            && Reach::to(&host.to_string(), Proof::Answer) != Reach::Here;
        let protocol = if url.scheme() == "tcp" {
            ReferenceProtocol::Tcp {
                names: shared.names.clone(),
                host: host.to_string().into(),
                port: url.port().ok_or_else(unusable)?,
            }
        } else {
            let mut config = HttpConfig::new(url.as_str());
            config.redirects = Some(0);
            config.status = Some(vec![StatusRange::Range("100-599".into())]);
            let mut question = config.question(shared)?;
            question.max_body = MAX_BODY;
            ReferenceProtocol::Http(Box::new(question))
        };
        Ok(Self {
            protocol,
            needs_resolver,
        })
    }

    /// Probes the reference for at most `timeout`.
    pub async fn probe(&self, timeout: Duration) -> ReferenceReply {
        let probe = CheckContext::starting_now(timeout);
        let reply = match &self.protocol {
            ReferenceProtocol::Http(question) => probe_http(question, &probe).await,
            ReferenceProtocol::Tcp { names, host, port } => {
                let dialled = timeout_at(probe.deadline, connect(names, host, *port)).await;
                match dialled {
                    Ok(Ok(())) => ReferenceAnswer::Answered,
                    Ok(Err(fault)) => answer_for_fault(&fault),
                    Err(_) => ReferenceAnswer::Silent,
                }
            }
        };
        ReferenceReply {
            reply,
            resolved: self.needs_resolver
                && matches!(reply, ReferenceAnswer::Answered | ReferenceAnswer::Wrong),
        }
    }
}

async fn connect(names: &NameResolver, host: &str, port: u16) -> Result<(), Fault> {
    let found = names.addresses(host, port, None).await?;
    let dialled = dial::dial(&found).await;
    dialled
        .map(drop)
        .map_err(|error| fault::from_io(&error, host))
}

async fn probe_http(question: &ExchangeRequest, probe: &CheckContext) -> ReferenceAnswer {
    let outcome = question.send(probe, BodyUse::Nothing).await;
    let Some(status) = outcome.status else {
        return match &outcome.result {
            Err(fault) if fault.code == CauseCode::Tls => ReferenceAnswer::Wrong,
            Err(fault) => answer_for_fault(fault),
            Ok(_) => ReferenceAnswer::Silent,
        };
    };
    let location = outcome.headers.get(LOCATION);
    let location = location.and_then(|location| std::str::from_utf8(location.as_bytes()).ok());
    if is_expected(&question.url, status.as_u16(), location) {
        ReferenceAnswer::Answered
    } else {
        ReferenceAnswer::Wrong
    }
}

/// True if the answer can be the reference's own and not a captive portal's. Over HTTPS the
/// certificate proves this, unless the answer redirects to an unrelated host. Without TLS a captive
/// portal can redirect, or answer with a page of its own.
fn is_expected(url: &Url, status: u16, location: Option<&str>) -> bool {
    if (300..400).contains(&status)
        && let Some(location) = location
    {
        let next = url.join(location).ok();
        let next = next.as_ref().and_then(Url::host_str);
        return match (url.host_str(), next) {
            (Some(here), Some(there)) => here == there || are_related(here, there),
            _ => false,
        };
    }
    if url.scheme() == "https" {
        return true;
    }
    if url.path().ends_with("generate_204") {
        return status == 204;
    }
    (200..300).contains(&status)
}

fn answer_for_fault(fault: &Fault) -> ReferenceAnswer {
    match fault.code {
        CauseCode::Resource | CauseCode::Internal => ReferenceAnswer::Unasked,
        _ => ReferenceAnswer::Silent,
    }
}

/// True if this machine's resolver answers a query for the root's name servers, which every working
/// resolver can answer. `None` if the system names no resolver.
pub async fn resolver_answers(timeout: Duration) -> Option<bool> {
    crate::dns::resolver_answers(timeout).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_told_from_the_reference() {
        let check = |url: &str, status, location: Option<&str>, expected| {
            let parsed = Url::parse(url).expect("a URL");
            let found = is_expected(&parsed, status, location);
            assert_eq!(found, expected, "{url} {status} {location:?}");
        };
        check("https://example.org/", 200, None, true);
        check("https://example.org/", 404, None, true);
        check("https://example.org/", 503, None, true);
        check("https://example.org/", 301, Some("/en"), true);
        check(
            "https://example.org/",
            301,
            Some("https://www.example.org/"),
            true,
        );
        check(
            "https://example.org/",
            302,
            Some("https://login.example.net/"),
            false,
        );
        check("http://example.org/", 200, None, true);
        check(
            "http://example.org/",
            301,
            Some("https://example.org/"),
            true,
        );
        check(
            "http://example.org/",
            302,
            Some("http://10.0.0.1/login"),
            false,
        );
        check("http://example.org/", 302, Some("not:a/host"), false);
        check("http://example.org/", 511, None, false);
        check("http://example.org/", 403, None, false);
        check("http://example.org/generate_204", 204, None, true);
        check("http://example.org/generate_204", 200, None, false);
        check(
            "http://192.0.2.1/",
            302,
            Some("http://198.51.100.7/"),
            false,
        );
    }
}
