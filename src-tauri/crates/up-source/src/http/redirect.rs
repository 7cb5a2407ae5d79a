//! Where a redirect leads, and what may go along (RFC 9110, section 15.4).

use http::header::{HeaderMap, LOCATION};
use http::{Method, StatusCode};
use up_core::CauseCode;
use url::Url;

use super::address::{is_askable, shown};
use super::exchange::Hop;
use crate::net::fault::Fault;

/// True of the statuses that name another place to ask.
pub(super) fn is_one(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Moves `hop` to where a redirect of that status and with those headers leads; at most `max` times.
pub(super) fn follow(
    hop: &mut Hop,
    status: StatusCode,
    headers: &HeaderMap,
    max: u8,
) -> Result<(), Fault> {
    let fault = |text: String| Err(Fault::new(CauseCode::Redirect, text));
    let Some(location) = headers.get(LOCATION) else {
        return fault(format!("HTTP {status}, but without the place to go on to"));
    };
    let next = std::str::from_utf8(location.as_bytes())
        .ok()
        .and_then(|location| hop.url.join(location).ok());
    let Some(mut next) = next else {
        return fault(format!("HTTP {status} to a place that is no URL"));
    };
    if !is_askable(&next) {
        let scheme = next.scheme();
        return fault(format!(
            "HTTP {status} to a {scheme}: URL, which is not asked"
        ));
    }
    // A server's idea of credentials is not sent anywhere. This only fails where there is no host.
    let _ = next.set_username("");
    let _ = next.set_password(None);
    if next.fragment().is_none() {
        next.set_fragment(hop.url.fragment());
    }

    let method = method_after(status, &hop.method);
    if method == hop.method && (next == hop.url || hop.before.contains(&next)) {
        return fault(format!(
            "redirect loop: {} leads back to itself",
            shown(&next)
        ));
    }
    if hop.before.len() >= usize::from(max) {
        return fault(format!(
            "more than {max} redirects; the last to {}",
            shown(&next)
        ));
    }
    hop.with_headers &= same_site(&hop.url, &next);
    hop.with_body &= method == hop.method;
    hop.method = method;
    hop.status = None;
    hop.version = None;
    hop.remote = None;
    hop.before.push(std::mem::replace(&mut hop.url, next));
    Ok(())
}

/// 303 asks for the result, and browsers made 301 and 302 mean the same for POST.
fn method_after(status: StatusCode, method: &Method) -> Method {
    match status.as_u16() {
        303 if *method != Method::HEAD => Method::GET,
        301 | 302 if *method == Method::POST => Method::GET,
        _ => method.clone(),
    }
}

/// True when both have one origin, so that what is secret to one may be told to the other.
fn same_site(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}
