//! What is sent with a question: the configured headers, and the authorization.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::config::HttpConfig;
use crate::{Problem, SecretRef, Secrets};

impl HttpConfig {
    /// The headers to send to the site of `url`, its userinfo as one of them.
    pub(super) fn headers(&self, url: &Url, secrets: &dyn Secrets) -> Result<HeaderMap, Problem> {
        let mut headers = HeaderMap::new();
        for (name, at) in &self.headers {
            headers.insert(
                header_name(name)?,
                header_value("headers", name, at, secrets)?,
            );
        }
        if let Some(value) = self.authorization(url, secrets)?
            && headers.insert(AUTHORIZATION, value).is_some()
        {
            return Err(Problem::new("headers", "authorization is given twice")
                .help("keep the header, or username and password, or token"));
        }
        Ok(headers)
    }

    fn authorization(
        &self,
        url: &Url,
        secrets: &dyn Secrets,
    ) -> Result<Option<HeaderValue>, Problem> {
        let read = |key, at: &SecretRef| secrets.read(at).map_err(|e| Problem::new(key, e));
        if let Some(at) = &self.token {
            if self.username.is_some() || self.password.is_some() {
                return Err(
                    Problem::new("token", "there is a username or password as well")
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
        // RFC 7617, section 2.
        let pair = [user.as_slice(), b":", password.as_slice()].concat();
        secret_value("username", &format!("Basic {}", STANDARD.encode(&pair))).map(Some)
    }
}

fn header_name(name: &str) -> Result<HeaderName, Problem> {
    let framing = [
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "upgrade",
    ];
    match HeaderName::from_bytes(name.as_bytes()) {
        Ok(header) if framing.contains(&header.as_str()) => Err(Problem::new(
            "headers",
            format!("{name} is set by the connection itself"),
        )),
        Ok(header) => Ok(header),
        Err(_) => Err(Problem::new(
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
) -> Result<HeaderValue, Problem> {
    let secret = secrets
        .read(at)
        .map_err(|e| Problem::new(key, format!("{name}: {e}")))?;
    secret_value(key, secret.reveal()).map_err(|p| Problem {
        message: format!("{name}: {}", p.message),
        ..p
    })
}

fn secret_value(key: &'static str, text: &str) -> Result<HeaderValue, Problem> {
    let mut value = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| Problem::new(key, "it holds a line break or control character"))?;
    value.set_sensitive(true);
    Ok(value)
}
