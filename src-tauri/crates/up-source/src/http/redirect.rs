//! Where a redirect leads, and what may go along (RFC 9110, section 15.4).
//!
//! Secrets go to the origin of the URL that is configured, and from `http` to the same host by
//! `https`: to no other host, and never from `https` to `http`.

use http::header::{HeaderMap, LOCATION};
use http::{Method, StatusCode};
use percent_encoding::{CONTROLS, percent_encode};
use up_core::CauseCode;
use url::Url;

use super::address::{is_askable, shown};
use super::exchange::Hop;
use crate::net::fault::Fault;

/// A request that was made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Visited {
    /// Where it went.
    pub url: Url,
    method: Method,
    /// The mark of the cookies that went along.
    cookies: u64,
}

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
    // A place in another charset than UTF-8 is asked for by its very bytes, as browsers do.
    let location = match std::str::from_utf8(location.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => percent_encode(location.as_bytes(), CONTROLS).to_string(),
    };
    let Ok(mut next) = hop.url.join(&location) else {
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

    let here = Visited {
        cookies: hop.jar.mark(&hop.url),
        url: hop.url.clone(),
        method: hop.method.clone(),
    };
    hop.jar.keep(headers, &hop.url);
    let there = Visited {
        cookies: hop.jar.mark(&next),
        url: next,
        method: method_after(status, &hop.method),
    };
    // The same request again would be answered the same; one with other cookies would not.
    if there == here || hop.before.contains(&there) {
        let next = there.url;
        return fault(format!(
            "redirect loop: {} leads back to itself",
            shown(&next)
        ));
    }
    if hop.before.len() >= usize::from(max) {
        return fault(format!(
            "more than {max} redirects; the last to {}",
            shown(&there.url)
        ));
    }
    hop.before.push(here);
    let home = hop.before.first().map_or(&hop.url, |first| &first.url);
    hop.with_secrets = may_know_secrets(home, &there.url);
    hop.with_body &= there.method == hop.method;
    hop.url = there.url;
    hop.method = there.method;
    hop.status = None;
    hop.version = None;
    hop.remote = None;
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

/// True when what is secret to the configured URL may be told to the other.
fn may_know_secrets(home: &Url, other: &Url) -> bool {
    let upgraded = home.scheme() == "http" && other.scheme() == "https";
    home.origin() == other.origin() || (upgraded && home.host() == other.host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_home_and_from_http_to_https_of_the_same_host() {
        let check = |home: &str, other: &str, expected: bool| {
            let url = |text| Url::parse(text).expect("the test's own URL");
            let found = may_know_secrets(&url(home), &url(other));
            assert_eq!(found, expected, "{home} to {other}");
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
