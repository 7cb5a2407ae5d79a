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

/// Requests a URL. The source is up if the final response has an expected status and its body
/// arrives completely, and down if not.
///
/// ```toml
/// [[source]]
/// type = "http"
/// name = "shop"
/// url = "https://shop.example.com/health"
/// expect = { contains = "fine" }                       # else down
/// warn = { time = "500ms", certificate_days = 14 }     # else half up
/// ```
///
/// Each check opens a new connection, so that an outage of the name service, the firewall or the
/// certificate is found at once; `keep_alive` changes that. Up uses the proxy in `proxy` only, not
/// the proxy settings of the system (`http_proxy`).
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// The URL to request: `"https://example.com/"`. It begins with `http://` or `https://`. A user
    /// and password in it are sent as basic authentication, and never shown.
    pub url: String,
    /// The method of the request: `"HEAD"`. Any method except `CONNECT`. Default: `"GET"`.
    pub method: Option<String>,
    /// Headers of the request, by name: `{ Accept = "application/json" }`. On a redirect to another
    /// site, Up sends only `User-Agent`, `Accept` and the like (`Accept-Language`, …),
    /// `Cache-Control`, `Pragma`, `DNT`, and with the body `Content-Type`, and only if the value is
    /// written in up.toml itself. All other headers, every value from `env`, `file` or `keyring`,
    /// and the user, password and token are sent only to the origin (scheme, host and port) of
    /// `url`, and to the same host when `http` is redirected to `https`.
    ///
    /// Cookies that sites set are sent back within the same check, as a browser does, in addition
    /// to a `Cookie` given here. The next check begins without them.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretRef>,
    /// The body of the request: `'{"test": true}'`. On a redirect it is sent again only if the
    /// redirect keeps the method (307, 308). Default: no body.
    pub body: Option<String>,
    /// The user of basic authentication: `"monitor"`.
    pub username: Option<SecretRef>,
    /// The password of basic authentication: `{ env = "SHOP_PASSWORD" }`.
    pub password: Option<SecretRef>,
    /// The token of bearer authentication: `{ file = "shop.token" }`. It excludes `username` and
    /// `password`.
    pub token: Option<SecretRef>,
    /// The expected statuses of the final response: numbers from 100 to 599, or ranges that include
    /// both ends: `[200, "300-399"]`. Default: `["200-299"]`. To expect a redirect, set
    /// `redirects = 0` too.
    pub status: Option<Vec<StatusRange>>,
    /// Conditions on the response. The source is down if one of them does not hold, and the cause
    /// says what was found instead:
    /// `{ contains = "fine", json = { "/queue" = "< 100" }, time = "2s" }`. A `status` in this
    /// table takes the place of the `status` above.
    pub expect: Option<Conditions>,
    /// Conditions of the same kind. If all of `expect` hold, but one of these does not, the source
    /// is half up (0.5): `{ time = "500ms" }`.
    pub warn: Option<Conditions>,
    /// Reads the status of the source from the body, once the `expect` hold: `{ json =
    /// "/status/indicator", map = { none = 1.0, minor = 0.5, major = 0.0 } }`. The source is
    /// unknown if the value is missing or has no meaning.
    pub status_from: Option<StatusFrom>,
    /// The largest number of redirects to follow, 0 to 255. With 0, a redirect is the final
    /// response. With more redirects than this, the source is down. Default: 10.
    pub redirects: Option<u8>,
    /// The largest body to read, after decompression: a number of bytes, or a string with one of
    /// the units `B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`: `"64 KiB"`. With a larger body, the
    /// source is down. Default: `"16 MiB"`.
    pub max_body: Option<Size>,
    /// Whether to accept any certificate, whoever issued it, for whatever name, with whatever
    /// version and algorithms. Use `ca` instead where you can.
    #[serde(default)]
    pub insecure: bool,
    /// A PEM file with the certificates to trust in place of those of the system: that of an
    /// authority, or that of the server itself: `"own-ca.pem"`. The path is relative to up.toml. A
    /// server certificate in this file may also be of X.509 version 1, and if it has no alternative
    /// names, its common name counts. Default: the certificates that the system trusts.
    pub ca: Option<String>,
    /// A PEM file with the certificate that Up shows to a server that asks for one, followed by
    /// those between it and its authority: `"client.pem"`. The path is relative to up.toml. The
    /// certificate is not shown to another site after a redirect. Default: none.
    pub client_certificate: Option<String>,
    /// The private key of `client_certificate`: the path of a PEM file, relative to up.toml, or a
    /// [secret](#secrets) that contains the PEM text: `"client.key"`. Leave it out if the key is in
    /// the file of `client_certificate`.
    pub client_key: Option<SecretRef>,
    /// Whether to keep the connection open for the next check. That saves work if `interval` is
    /// short, but what only a new connection finds (a wrong name, a closed firewall, an expired
    /// certificate) is not seen while the connection lasts.
    #[serde(default)]
    pub keep_alive: bool,
    /// The version of HTTP. Default: `"auto"`.
    #[serde(default)]
    pub http: HttpVersion,
    /// The only version of the Internet Protocol to use. Default: both.
    pub ip: Option<AddressFamily>,
    /// The host, or host and port, to connect to in place of those of the URL: `"10.0.0.7"`,
    /// `"node-3.example:8443"`, `"[2001:db8::7]:8443"`. Use it to check one node behind a load
    /// balancer. The request, its `Host` header and TLS still use the URL, and redirects to another
    /// site are followed as usual. It excludes `proxy`. Default: those of the URL.
    pub connect_to: Option<String>,
    /// The name that TLS requests (SNI) and that the certificate must be valid for:
    /// `"shop.example"`. It applies to the site of the URL, not to other sites after a redirect.
    /// Only for an `https://` URL. Default: the host of the URL.
    pub server_name: Option<String>,
    /// The proxy to use: an `http://`, `https://`, `socks5://` or `socks5h://` URL:
    /// `"http://proxy.example.com:3128"`. Default: none.
    pub proxy: Option<SecretRef>,
}

up_core::opaque_debug!(HttpConfig);

/// The version of HTTP to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// HTTP/2 if the TLS handshake agrees on it, else HTTP/1.1.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// HTTP/1.1 only.
    #[serde(rename = "1.1")]
    One,
    /// HTTP/2 only; over `http://` with prior knowledge.
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
