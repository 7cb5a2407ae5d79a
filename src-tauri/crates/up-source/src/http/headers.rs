//! The headers of a request: the configured ones, the authorization and cookies. And which of them
//! are sent on after a redirect.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL,
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, DNT, HeaderMap,
    HeaderName, HeaderValue, PRAGMA, UPGRADE_INSECURE_REQUESTS, USER_AGENT,
};
use percent_encoding::percent_decode_str;
use url::Url;

use super::config::HttpConfig;
use super::exchange::Hop;
use crate::{ConfigProblem, SecretRef, Secrets};

/// Headers that every site may see: they name the client and what it accepts.
const PUBLIC_HEADERS: [HeaderName; 9] = [
    ACCEPT,
    ACCEPT_CHARSET,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CACHE_CONTROL,
    DNT,
    PRAGMA,
    UPGRADE_INSECURE_REQUESTS,
    USER_AGENT,
];

/// Headers that describe the request's body, and are sent with it.
const BODY_HEADERS: [HeaderName; 4] = [
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    CONTENT_TYPE,
];

/// The headers of `all` that are sent at `hop`, and the cookies for its URL.
pub(super) fn for_hop(all: &HeaderMap, hop: &Hop) -> HeaderMap {
    let mut headers = all.clone();
    if !hop.with_secrets {
        headers = all
            .iter()
            .filter(|(_, value)| !value.is_sensitive())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
    if !hop.with_body {
        for name in BODY_HEADERS {
            headers.remove(name);
        }
    }
    let configured = headers.remove(COOKIE);
    if let Some(cookies) = hop.jar.header(&hop.url, configured.as_ref()) {
        headers.insert(COOKIE, cookies);
    }
    headers
}

impl HttpConfig {
    /// The headers to send to the site of `url`. The userinfo of `url` becomes one of them.
    pub(super) fn headers(
        &self,
        url: &Url,
        secrets: &dyn Secrets,
    ) -> Result<HeaderMap, ConfigProblem> {
        let mut headers = HeaderMap::new();
        for (name, at) in &self.headers {
            let header = header_name(name)?;
            let mut value = header_value("headers", name, at, secrets)?;
            let is_public = PUBLIC_HEADERS.contains(&header) || BODY_HEADERS.contains(&header);
            if is_public && matches!(at, SecretRef::Plain(_)) {
                value.set_sensitive(false);
            }
            headers.insert(header, value);
        }
        if let Some(value) = self.authorization(url, secrets)?
            && headers.insert(AUTHORIZATION, value).is_some()
        {
            return Err(
                ConfigProblem::new("headers", "the authorization is given twice")
                    .help("keep the header, or username and password, or token"),
            );
        }
        Ok(headers)
    }

    fn authorization(
        &self,
        url: &Url,
        secrets: &dyn Secrets,
    ) -> Result<Option<HeaderValue>, ConfigProblem> {
        let read = |key, at: &SecretRef| secrets.read(at).map_err(|e| ConfigProblem::new(key, e));
        if let Some(at) = &self.token {
            if self.username.is_some() || self.password.is_some() {
                return Err(
                    ConfigProblem::new("token", "there is a username or password as well")
                        .help("keep one of the two"),
                );
            }
            let token = read("token", at)?;
            return secret_value("token", &format!("Bearer {}", token.reveal())).map(Some);
        }
        let user = self.username.as_ref().map(|at| read("username", at));
        let password = self.password.as_ref().map(|at| read("password", at));
        let (user, password) = match (user.transpose()?, password.transpose()?) {
            (None, None) if url.username().is_empty() && url.password().is_none() => {
                return Ok(None);
            }
            (None, None) => (
                percent_decode_str(url.username()).collect(),
                percent_decode_str(url.password().unwrap_or_default()).collect(),
            ),
            (user, password) => (
                user.map(|s| s.reveal().as_bytes().to_vec())
                    .unwrap_or_default(),
                password
                    .map(|s| s.reveal().as_bytes().to_vec())
                    .unwrap_or_default(),
            ),
        };
        // The user and the password are joined by a colon (RFC 7617, section 2).
        let pair = [user.as_slice(), b":", password.as_slice()].concat();
        secret_value("username", &format!("Basic {}", STANDARD.encode(&pair))).map(Some)
    }
}

fn header_name(name: &str) -> Result<HeaderName, ConfigProblem> {
    let framing = [
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "upgrade",
    ];
    match HeaderName::from_bytes(name.as_bytes()) {
        Ok(header) if framing.contains(&header.as_str()) => Err(ConfigProblem::new(
            "headers",
            format!("{name} is set by the HTTP client itself"),
        )),
        Ok(header) => Ok(header),
        Err(_) => Err(ConfigProblem::new(
            "headers",
            format!("{name:?} is no header name"),
        )),
    }
}

fn header_value(
    key: &'static str,
    name: &str,
    at: &SecretRef,
    secrets: &dyn Secrets,
) -> Result<HeaderValue, ConfigProblem> {
    let secret = secrets
        .read(at)
        .map_err(|e| ConfigProblem::new(key, format!("{name}: {e}")))?;
    secret_value(key, secret.reveal()).map_err(|p| ConfigProblem {
        message: format!("{name}: {}", p.message),
        ..p
    })
}

fn secret_value(key: &'static str, text: &str) -> Result<HeaderValue, ConfigProblem> {
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        ConfigProblem::new(
            key,
            "the value has a line break or another control character",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
