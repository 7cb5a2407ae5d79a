//! The cookies of one check. Sites set them on the way from redirect to redirect, and the check
//! ends with them. A cookie may be a secret, so that nothing here prints one.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cookie_store::{Cookie, CookieDomain, CookieStore};
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

/// The most cookies that are kept: as many as a browser must keep for one site (RFC 6265, section
/// 6.1).
const MAX_COOKIES: usize = 50;

/// The longest cookie that is kept, with its attributes, in bytes (RFC 6265, section 6.1).
const MAX_COOKIE: usize = 4096;

/// The cookies that were set so far in one check.
#[derive(Default)]
pub(super) struct CookieJar(CookieStore);

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl CookieJar {
    /// Stores the cookies that a response from `url` sets, as far as `url` may set them and there
    /// is room.
    pub(super) fn store(&mut self, headers: &HeaderMap, url: &Url) {
        for value in headers.get_all(SET_COOKIE) {
            let text = std::str::from_utf8(value.as_bytes()).ok();
            let text = text.filter(|text| text.len() <= MAX_COOKIE);
            let cookie = text.and_then(|text| Cookie::parse(text, url).ok());
            let Some(cookie) = cookie.filter(|cookie| !is_for_top_level_domain(cookie, url)) else {
                continue;
            };
            let is_new = !self.0.contains_any(
                &cookie.domain.as_cow().unwrap_or_default(),
                &cookie.path,
                cookie.name(),
            );
            if is_new && self.0.iter_any().count() >= MAX_COOKIES {
                continue;
            }
            // The store refuses what a browser would refuse, too.
            let _ = self.0.insert(cookie.into_owned(), url);
        }
    }

    /// The header `cookie` of a request to `url`. It has the cookies of `configured`, the header from
    /// the configuration, and those set since. A cookie that was set replaces a configured one of its
    /// name.
    pub(super) fn header(
        &self,
        url: &Url,
        configured: Option<&HeaderValue>,
    ) -> Option<HeaderValue> {
        let mut set = self.0.matches(url);
        // Cookies with longer paths come first (RFC 6265, section 5.4). The rest makes the order
        // stable.
        set.sort_by_cached_key(|cookie| {
            let path = usize::MAX - cookie.path.len();
            (path, cookie.name().to_owned(), cookie.domain.as_cow())
        });
        let configured = configured.map_or(&[][..], HeaderValue::as_bytes);
        let kept = configured.split(|byte| *byte == b';').filter(|pair| {
            let name = pair.split(|byte| *byte == b'=').next();
            let name = name.unwrap_or_default().trim_ascii();
            !pair.trim_ascii().is_empty()
                && !set.iter().any(|cookie| cookie.name().as_bytes() == name)
        });
        let mut pairs: Vec<Vec<u8>> = kept.map(|pair| pair.trim_ascii().to_vec()).collect();
        for cookie in &set {
            let (name, value) = cookie.name_value();
            pairs.push(format!("{name}={value}").into_bytes());
        }
        if pairs.is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A hash of the cookies that would be sent to `url`.
    pub(super) fn fingerprint(&self, url: &Url) -> u64 {
        let mut hasher = DefaultHasher::new();
        let header = self.header(url, None);
        header.as_ref().map(HeaderValue::as_bytes).hash(&mut hasher);
        hasher.finish()
    }
}

/// True when `cookie` was set for a whole top-level domain.
fn is_for_top_level_domain(cookie: &Cookie<'_>, url: &Url) -> bool {
    matches!(&cookie.domain, CookieDomain::Suffix(domain)
        if !domain.contains('.') && url.host_str() != Some(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("the test's own URL")
    }

    fn headers(cookies: &[&str]) -> HeaderMap {
        let pair = |text: &&str| (SET_COOKIE, HeaderValue::from_str(text).expect("a value"));
        let mut headers = HeaderMap::new();
        for (name, value) in cookies.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    fn sent(jar: &CookieJar, at: &str, configured: Option<&str>) -> String {
        let configured =
            configured.map(|configured| HeaderValue::from_str(configured).expect("a value"));
        let header = jar.header(&url(at), configured.as_ref());
        header.map_or(String::new(), |header| {
            assert!(header.is_sensitive());
            header.to_str().expect("ASCII").to_owned()
        })
    }

    #[test]
    fn cookies_go_to_those_that_they_are_for() {
        let check = |from: &str, cookie: &str, to: &str, expected: &str| {
            let mut jar = CookieJar::default();
            jar.store(&headers(&[cookie]), &url(from));
            assert_eq!(sent(&jar, to, None), expected, "{cookie} of {from} to {to}");
            assert_eq!(format!("{jar:?}"), "•••");
        };
        let site = "https://www.site.example/a/b";
        check(site, "s=1", site, "s=1");
        check(site, "s=1", "https://www.site.example/a/c?d", "s=1");
        check(site, "s=1", "https://www.site.example:8443/a/", "s=1");
        check(site, "s=1", "https://www.site.example/b", "");
        check(site, "s=1; path=/", "https://www.site.example/b", "s=1");
        check(site, "s=1; path=/x", "https://www.site.example/xy", "");
        check(site, "s=1; path=/", "https://site.example/", "");
        check(site, "s=1; path=/", "https://evilwww.site.example/", "");
        let wide = "s=1; path=/; domain=site.example";
        check(site, wide, "https://other.site.example/", "s=1");
        check(site, wide, "https://site.example/", "s=1");
        check(site, wide, "https://notsite.example/", "");
        check(site, "s=1; domain=other.example", site, "");
        check(
            site,
            "s=1; domain=example; path=/",
            "https://b.example/",
            "",
        );
        check(site, "s=1; secure", "http://www.site.example/a/", "");
        check(site, "s=1; secure; httponly", site, "s=1");
        check(site, "s=1; max-age=0", site, "");
        check(site, "s=1; expires=Thu, 01 Jan 1970 00:00:00 GMT", site, "");
        check(site, "s=\"a b\"", site, "s=\"a b\"");
        check(site, "no cookie", site, "");
        check("http://127.0.0.1:1/", "s=1", "http://127.0.0.1:2/", "s=1");
        check(
            "http://127.0.0.1/",
            "s=1; domain=0.0.1",
            "http://127.0.0.1/",
            "",
        );
    }

    #[test]
    fn what_is_set_replaces_what_is_configured() {
        let mut jar = CookieJar::default();
        let site = "https://site.example/login/";
        assert_eq!(sent(&jar, site, Some("a=1;b=2")), "a=1; b=2");
        jar.store(&headers(&["b=3; path=/", "c=4", "c=5"]), &url(site));
        assert_eq!(sent(&jar, site, Some("a=1;b=2")), "a=1; c=5; b=3");
        assert_eq!(sent(&jar, "https://other.example/", None), "");
        let before = jar.fingerprint(&url(site));
        jar.store(&headers(&["c=5", "d=; max-age=0"]), &url(site));
        assert_eq!(jar.fingerprint(&url(site)), before, "nothing new");
        jar.store(&headers(&["c=x; max-age=0"]), &url(site));
        assert_eq!(sent(&jar, site, None), "b=3");
        assert_ne!(jar.fingerprint(&url(site)), before);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut jar = CookieJar::default();
        let site = "http://site.example/";
        let many: Vec<String> = (0..10_000).map(|n| format!("n{n}=v")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        jar.store(&headers(&many), &url(site));
        assert_eq!(sent(&jar, site, None).matches('=').count(), MAX_COOKIES);
        jar.store(&headers(&["n0=new", "late=1"]), &url(site));
        let kept = sent(&jar, site, None);
        assert!(kept.contains("n0=new") && !kept.contains("late"), "{kept}");
        let mut jar = CookieJar::default();
        let long = format!("long={}", "x".repeat(MAX_COOKIE));
        jar.store(&headers(&[&long, "s=1"]), &url(site));
        assert_eq!(sent(&jar, site, None), "s=1");
    }
}
