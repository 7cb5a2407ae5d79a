//! Entry points of the fuzz targets into headers, redirects and URLs.

use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use up_core::CheckResult;
use url::Url;

use super::address::{check_proxy, shown, web_url};
use super::exchange::Hop;
use super::{HttpConfig, redirect};
use crate::{PlainSecrets, Shared};

/// The headers of a head, one line each. Lines that are not valid headers are left out.
pub fn headers(head: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else {
            continue;
        };
        let name = HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.trim_ascii())) {
            // The client accepts no more header lines than this either.
            if headers.len() < 16_384 {
                headers.append(name, value);
            }
        }
    }
    headers
}

/// Follows redirects with the headers of `head` until one fails. Returns the result of that
/// failure.
pub fn redirects(head: &[u8]) -> Option<CheckResult> {
    const MOST: u8 = 4;
    let shared = Shared::new(&PlainSecrets);
    let config = HttpConfig::new("https://site.example/a/b?c=d#e");
    let mut hop = Hop::first(&config.question(&shared).expect("a plain question"));
    let headers = headers(head);
    for status in [301, 303, 307, 308, 302] {
        let status = StatusCode::from_u16(status).expect("a status");
        if let Err(fault) = redirect::follow(&mut hop, status, &headers, MOST) {
            return Some(fault.check_result());
        }
        let _ = (hop.peer(), shown(&hop.url));
    }
    None
}

/// Parses `text` as the URLs that a person may write.
pub fn urls(text: &str) {
    if let Ok(url) = web_url("url", text) {
        let shown = Url::parse(&shown(&url)).expect("what is shown of a URL is one");
        assert!(shown.username().is_empty() && shown.password().is_none());
    }
    let _ = check_proxy(text);
}
