//! The keys of `type = "http"`, and the checks that TOML types cannot express.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::ops::RangeInclusive;

use http::Method;
use rustls::pki_types::ServerName;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::connect::HostPort;
use super::exchange::MAX_BODY;
use crate::expect::{Conditions, StatusFrom, StatusRange};
use crate::net::names::{self, AddressFamily};
use crate::{ConfigProblem, SecretRef};

/// Asks a URL. Up when the final answer has an expected status and its body arrives whole.
///
/// Each check opens a connection of its own, so that what is told up could be reached just now
/// (`keep_alive` changes that).
/// The system's proxy settings (`http_proxy` and the like) are not used: only `proxy` is.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// What to ask: an `http://` or `https://` URL. A user and password in it are sent as basic
    /// authentication, and never shown.
    pub url: String,
    /// The method; `GET` unless said otherwise.
    pub method: Option<String>,
    /// Headers to send, by name. On a redirect, those that every site may know go along anywhere:
    /// `User-Agent`, `Accept` and its like (`Accept-Language`, …), `Cache-Control`, `Pragma`,
    /// `DNT`, and `Content-Type` with the body, each when its value is written here itself. All
    /// others, values from `env`, `file` or `keyring`, and the user, password and token go only to
    /// the origin (scheme, host and port) of `url`, and from `http` to the same host by `https`:
    /// never to another host, and never from `https` to `http`.
    ///
    /// Cookies that sites set on the way are sent back within one check, as a browser would, beside
    /// those of a `Cookie` given here; the next check begins without them.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretRef>,
    /// The request's body. It goes along on a redirect that keeps the method (307, 308).
    pub body: Option<String>,
    /// The user of basic authentication.
    pub username: Option<SecretRef>,
    /// The password of basic authentication.
    pub password: Option<SecretRef>,
    /// A bearer token.
    pub token: Option<SecretRef>,
    /// Statuses of the final answer that mean up: numbers, or ranges like `"200-299"`, which is
    /// also the default. To expect a redirect itself, set `redirects = 0` beside it.
    pub status: Option<Vec<StatusRange>>,
    /// Conditions on the answer; down where one of them does not hold, with what was found in its
    /// place. A table with the keys `status` (in place of the `status` above), `headers`,
    /// `contains`, `not_contains`, `regex`, `json`, `time` and `certificate_days`, as in
    /// `{ contains = "fine", json = { "/queue" = "< 100" }, time = "2s" }`.
    pub expect: Option<Conditions>,
    /// Conditions with the same keys; half up where one of them does not hold.
    pub warn: Option<Conditions>,
    /// Where in the body a status stands, as in
    /// `{ json = "/status/indicator", map = { none = 1.0, minor = 0.5, major = 0.0 } }`; with `regex`
    /// in place of `json` it is read out of any text, with `percent = true` a number is one of 100.
    /// Unknown where nothing stands there, or something that has no meaning.
    pub status_from: Option<StatusFrom>,
    /// How many redirects to follow, 10 unless said otherwise; with 0 a redirect is the final
    /// answer.
    pub redirects: Option<u8>,
    /// The largest body to read, after decompression: bytes, or a string with a unit; `"16 MiB"`
    /// unless said otherwise. A larger one is down.
    pub max_body: Option<Size>,
    /// Accept any certificate, and any name in it: neither its issuer nor its signatures are
    /// verified, and its version and algorithms may be of any kind.
    #[serde(default)]
    pub insecure: bool,
    /// A PEM file with the certificates to trust in place of the system's: of an authority, or of
    /// the server itself. Relative to up.toml. A server's own certificate named here may be of
    /// X.509 version 1, and one without alternative names is for its common name.
    pub ca: Option<String>,
    /// A PEM file with our own certificate, for a server that asks for one, and the certificates
    /// between it and its authority. Relative to up.toml. It is not shown to another site that a
    /// redirect leads to.
    pub client_certificate: Option<String>,
    /// The private key of `client_certificate`: a PEM file, relative to up.toml, or a secret that
    /// holds the PEM itself. It may stand in the certificate's file as well; then leave this out.
    pub client_key: Option<SecretRef>,
    /// Keep the connection for the next check. Each check opens its own unless this is set, which
    /// also finds out about what only a new connection meets: names, firewalls, certificates.
    #[serde(default)]
    pub keep_alive: bool,
    /// The HTTP version; agreed upon with the server unless said otherwise.
    #[serde(default)]
    pub http: HttpVersion,
    /// Use only this Internet Protocol.
    pub ip: Option<AddressFamily>,
    /// Where to connect to in place of the URL's host and port, as in `"10.0.0.7"` or
    /// `"node-3.example:8443"`: one node behind a load balancer, say. The request, its `Host` and TLS
    /// stay the URL's, and redirects to another site are followed as usual.
    pub connect_to: Option<String>,
    /// The name to ask for in TLS (SNI), which the certificate has to be for: the URL's host unless
    /// said otherwise. It holds of the URL's own site only, not of others that a redirect leads to.
    pub server_name: Option<String>,
    /// A proxy to go through: an `http://`, `https://`, `socks5://` or `socks5h://` URL.
    pub proxy: Option<SecretRef>,
}

up_core::opaque_debug!(HttpConfig);

/// Which HTTP to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// HTTP/2 where the TLS handshake agrees on it, else HTTP/1.1.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// HTTP/1.1 only.
    #[serde(rename = "1.1")]
    One,
    /// HTTP/2 only; without TLS, with prior knowledge.
    #[serde(rename = "2")]
    Two,
}

impl HttpVersion {
    /// The ALPN protocols that the TLS handshake offers, the preferred one first.
    pub(super) fn alpn(self) -> &'static [&'static str] {
        match self {
            Self::Auto => &["h2", "http/1.1"],
            Self::One => &["http/1.1"],
            Self::Two => &["h2"],
        }
    }
}

/// A number of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number of bytes, or a string like \"16 MiB\"")]
pub enum Size {
    /// `65536`
    Bytes(u64),
    /// `"16 MiB"`; units B, kB, MB, GB, KiB, MiB, GiB.
    Text(String),
}

impl Size {
    /// The number of bytes; `None` when the text is not a size.
    fn bytes(&self) -> Option<u64> {
        let text = match self {
            Self::Bytes(bytes) => return Some(*bytes),
            Self::Text(text) => text.trim(),
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit: u64 = match unit.trim_start() {
            "" | "B" => 1,
            "kB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(unit)
    }
}

impl HttpConfig {
    /// A configuration that requests `url`, with every other key left out.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: None,
            headers: BTreeMap::new(),
            body: None,
            username: None,
            password: None,
            token: None,
            status: None,
            expect: None,
            warn: None,
            status_from: None,
            redirects: None,
            max_body: None,
            insecure: false,
            ca: None,
            client_certificate: None,
            client_key: None,
            keep_alive: false,
            http: HttpVersion::Auto,
            ip: None,
            connect_to: None,
            server_name: None,
            proxy: None,
        }
    }

    /// Parses the key `method`; GET by default.
    pub(super) fn method(&self) -> Result<Method, ConfigProblem> {
        let Some(method) = &self.method else {
            return Ok(Method::GET);
        };
        let problem = || {
            ConfigProblem::new(
                "method",
                format!("{method:?} is not a method that a check can use"),
            )
            .help("write one like \"GET\", \"HEAD\" or \"POST\"")
        };
        let upper = method.to_ascii_uppercase();
        match Method::from_bytes(upper.as_bytes()) {
            // CONNECT opens a tunnel and has no response to check.
            Ok(method) if method != Method::CONNECT => Ok(method),
            _ => Err(problem()),
        }
    }

    /// Parses the key `status`; 200 to 299 by default.
    pub(super) fn statuses(&self) -> Result<Box<[RangeInclusive<u16>]>, ConfigProblem> {
        match &self.status {
            None => Ok(Box::new([200..=299])),
            Some(ranges) if ranges.is_empty() => Err(ConfigProblem::new(
                "status",
                "the list is empty, so no response could ever be up",
            )),
            Some(ranges) => ranges.iter().map(StatusRange::read).collect(),
        }
    }

    /// Parses the key `connect_to`.
    pub(super) fn parse_connect_to(&self) -> Result<Option<HostPort>, ConfigProblem> {
        let Some(text) = &self.connect_to else {
            return Ok(None);
        };
        let problem = || {
            ConfigProblem::new(
                "connect_to",
                format!("{text:?} is no host, or host and port"),
            )
            .help("write one like \"10.0.0.7\", \"node-3.example:8443\" or \"[2001:db8::7]:8443\"")
        };
        if self.proxy.is_some() {
            return Err(ConfigProblem::new(
                "connect_to",
                "`proxy` is set as well, and the proxy opens the connection",
            )
            .help("keep one of the two"));
        }
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address without brackets is followed by no port.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                let port: NonZeroU16 = port.parse().map_err(|_| problem())?;
                (host, Some(port.get()))
            }
            _ => (text.as_str(), None),
        };
        let host = names::host(host.trim_matches(['[', ']'])).ok_or_else(problem)?;
        if host.to_string().is_empty() {
            return Err(problem());
        }
        Ok(Some(HostPort { host, port }))
    }

    /// Parses the key `server_name` for TLS to `url`.
    pub(super) fn parse_server_name(&self, url: &Url) -> Result<Option<String>, ConfigProblem> {
        let Some(name) = &self.server_name else {
            return Ok(None);
        };
        if url.scheme() != "https" {
            return Err(ConfigProblem::new(
                "server_name",
                "an http: URL is requested without TLS, so no server name is sent",
            )
            .help("leave `server_name` out, or write an https: URL"));
        }
        let bare = name.trim_matches(['[', ']']);
        let bare = bare.strip_suffix('.').unwrap_or(bare);
        if ServerName::try_from(bare).is_err() {
            let message = format!("{name:?} is not a valid TLS server name");
            return Err(ConfigProblem::new("server_name", message));
        }
        Ok(Some(bare.to_owned()))
    }

    /// Parses the key `max_body`: the largest body, in bytes.
    pub(super) fn max_body(&self) -> Result<u64, ConfigProblem> {
        let Some(size) = &self.max_body else {
            return Ok(MAX_BODY);
        };
        size.bytes().ok_or_else(|| {
            ConfigProblem::new("max_body", "this is no size")
                .help("write bytes as a number, or a string like \"64 KiB\" or \"16 MiB\"")
        })
    }
}
