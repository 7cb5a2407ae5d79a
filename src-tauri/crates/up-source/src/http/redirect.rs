//! Where a redirect leads, and what may be sent there (RFC 9110, section 15.4).
//!
//! Secrets are sent to the origin of the configured URL, and from `http` to the same host by
//! `https`. They are never sent to another host, and never from `https` to `http`.

use http::header::{HeaderMap, LOCATION};
use http::{Method, StatusCode};
use percent_encoding::{CONTROLS, percent_encode};
use up_core::CauseCode;
use url::Url;

use super::address::{is_requestable, shown};
use super::exchange::Hop;
use crate::net::fault::Fault;

/// A request of the exchange, to detect loops.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Visited {
    /// Its URL.
    pub url: Url,
    method: Method,
    /// The hash of the cookies that were sent.
    cookies: u64,
}

/// True when `status` is a redirect.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Moves `hop` to where a redirect with this status and these headers leads. Fails after `max`
/// redirects, and for a loop.
pub(super) fn follow(
    hop: &mut Hop,
    status: StatusCode,
    headers: &HeaderMap,
    max: u8,
) -> Result<(), Fault> {
    let fault = |text: String| Err(Fault::new(CauseCode::Redirect, text));
    let Some(location) = headers.get(LOCATION) else {
        return fault(format!("HTTP {status} without a Location header"));
    };
    // A `Location` that is not UTF-8 is percent-encoded byte by byte, as browsers do.
    let location = match std::str::from_utf8(location.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => percent_encode(location.as_bytes(), CONTROLS).to_string(),
    };
    let Ok(mut next) = hop.url.join(&location) else {
        return fault(format!("HTTP {status} with a Location that is not a URL"));
    };
    if !is_requestable(&next) {
        let scheme = next.scheme();
        return fault(format!(
            "HTTP {status} to a {scheme}: URL, which is not followed"
        ));
    }
    // Credentials that the server put in the URL are not sent. Removing them fails only without a
    // host.
    let _ = next.set_username("");
    let _ = next.set_password(None);
    if next.fragment().is_none() {
        next.set_fragment(hop.url.fragment());
    }

    let here = Visited {
        cookies: hop.jar.fingerprint(&hop.url),
        url: hop.url.clone(),
        method: hop.method.clone(),
    };
    hop.jar.store(headers, &hop.url);
    let there = Visited {
        cookies: hop.jar.fingerprint(&next),
        url: next,
        method: method_after(status, &hop.method),
    };
    // The same request would get the same response again, unless its cookies differ.
    if there == here || hop.visited.contains(&there) {
        let next = there.url;
        return fault(format!(
            "redirect loop: {} leads back to itself",
            shown(&next)
        ));
    }
    if hop.visited.len() >= usize::from(max) {
        return fault(format!(
            "more than {max} redirects; the last to {}",
            shown(&there.url)
        ));
    }
    hop.visited.push(here);
    let configured = hop.visited.first().map_or(&hop.url, |first| &first.url);
    hop.with_secrets = may_receive_secrets(configured, &there.url);
    hop.with_body &= there.method == hop.method;
    hop.url = there.url;
    hop.method = there.method;
    hop.status = None;
    hop.version = None;
    hop.remote = None;
    Ok(())
}

/// The method after a redirect. 303 always means GET (or HEAD). 301 and 302 change POST to GET, as
/// browsers do (RFC 9110, sections 15.4.2 to 15.4.4).
fn method_after(status: StatusCode, method: &Method) -> Method {
    match status.as_u16() {
        303 if *method != Method::HEAD => Method::GET,
        301 | 302 if *method == Method::POST => Method::GET,
        _ => method.clone(),
    }
}

/// True when the secrets of the configured URL may be sent to `other`.
fn may_receive_secrets(configured: &Url, other: &Url) -> bool {
    let upgraded = configured.scheme() == "http" && other.scheme() == "https";
    configured.origin() == other.origin() || (upgraded && configured.host() == other.host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_to_the_origin_and_from_http_to_https_of_the_same_host() {
        let check = |configured: &str, other: &str, expected: bool| {
            let url = |text| Url::parse(text).expect("the test's own URL");
            let found = may_receive_secrets(&url(configured), &url(other));
            assert_eq!(found, expected, "{configured} to {other}");
        };
        check("https://a.example/x", "https://a.example/y?z", true);
        check("https://a.example/", "https://a.example:443/", true);
        check("http://a.example/", "http://A.example/b", true);
        check("http://a.example/", "https://a.example/", true);
        check("http://a.example:8080/", "https://a.example:8443/", true);
        check("https://a.example/", "http://a.example/", false);
        check("https://a.example/", "http://a.example:443/", false);
        check("https://a.example/", "https://a.example:8443/", false);
        check("http://a.example/", "http://a.example:8080/", false);
        check("http://a.example/", "https://b.example/", false);
        check(
            "https://a.example/",
            "https://a.example.evil.example/",
            false,
        );
        check("https://a.example/", "https://www.a.example/", false);
        check("http://127.0.0.1/", "https://127.0.0.2/", false);
        check("http://[::1]:1/", "https://[::1]:2/", true);
    }
}
