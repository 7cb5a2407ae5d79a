//! The keys of `type = "dns"`, their checks, and the system's resolvers.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_proto::op::Query;
use hickory_proto::rr::{Name, RecordType};
use rustls::pki_types::ServerName;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::CauseCode;

use super::form::ExpectedAnswer;
use super::{DnsSource, ResolverChoice, exchange, over_https};
use crate::http::{ClientOptions, web_url};
use crate::net::fault::Fault;
use crate::net::names::host;
use crate::net::tls::{TlsKeys, TlsOptions};
use crate::{Built, ConfigProblem, Configure, SecretRef, Shared};

/// Asks a DNS resolver for the records of a name. The source is up if there is an answer and, with
/// `expect`, if it is the expected one.
///
/// ```toml
/// [[source]]
/// type = "dns"
/// name = "mail servers"
/// host = "example.com"
/// record = "MX"
/// resolver = "192.0.2.53"
/// expect = ["10 mail.example.com", "20 backup.example.com"]
/// ```
///
/// Nothing is cached between checks. An answer that does not fit into a UDP datagram is requested
/// again over TCP, and a resolver that does not understand EDNS is asked again without it. If there
/// are several resolvers (those of the system, or several addresses of one name), the next one is
/// asked when one fails or does not answer. If none answers, the cause names all of them.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsConfig {
    /// The name to look up: `"www.example.com"`. (`name` is what the source is called in Up.)
    pub host: String,
    /// The type of the records. Default: `"A"`.
    #[serde(default)]
    pub record: DnsRecord,
    /// The resolver to ask: an address or name, with a port if it is not the usual one (53, or 853
    /// for the transport `"tls"`): `"192.0.2.53"`, `"[2001:db8::53]:5353"`. With the transport
    /// `"https"` it is a URL: `"https://dns.example/dns-query"`. Required for the transports `"tls"`
    /// and `"https"`. Default: the resolvers of the system.
    pub resolver: Option<String>,
    /// How to ask the resolver. Default: `"udp"`.
    #[serde(default)]
    pub transport: DnsTransport,
    /// The complete answer, in any order, each record written as in a zone file: `["192.0.2.1"]`,
    /// `["10 mail.example.com"]`. A `TXT` record may be written as one text, or as its quoted
    /// parts: `['"v=spf1 " "-all"']`. The source is down if a record is missing or one more is
    /// there. Default: any answer is accepted.
    pub expect: Option<Vec<String>>,
    /// Whether the resolver must confirm that it has verified the signatures of the answer (the
    /// flag AD).
    #[serde(default)]
    pub dnssec: bool,
    /// For the transports `"tls"` and `"https"`: a PEM file with the certificates to trust in place
    /// of those of the system: `"own-ca.pem"`. The path is relative to up.toml.
    pub ca: Option<String>,
    /// For the transports `"tls"` and `"https"`: whether to accept any certificate.
    #[serde(default)]
    pub insecure: bool,
    /// For the transports `"tls"` and `"https"`: a PEM file with the certificate that Up shows to a
    /// resolver that asks for one, followed by those between it and its authority: `"client.pem"`.
    /// The path is relative to up.toml.
    pub client_certificate: Option<String>,
    /// The private key of `client_certificate`: the path of a PEM file, relative to up.toml, or a
    /// [secret](#secrets) that contains the PEM text: `"client.key"`. Leave it out if the key is in
    /// the file of `client_certificate`.
    pub client_key: Option<SecretRef>,
}

up_core::opaque_debug!(DnsConfig);

/// A type of record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DnsRecord {
    /// IPv4 addresses: `"192.0.2.1"`.
    #[default]
    A,
    /// IPv6 addresses: `"2001:db8::1"`.
    Aaaa,
    /// the name that this name is an alias of.
    Cname,
    /// mail servers: `"10 mail.example.com"`.
    Mx,
    /// name servers: `"ns1.example.com"`.
    Ns,
    /// texts, the parts of each joined.
    Txt,
    /// the start of authority: `"ns.example.com admin.example.com 1 7200 3600 1209600 3600"`.
    Soa,
    /// services: `"priority weight port target"`.
    Srv,
    /// the authorities that may issue certificates: `"0 issue \"ca.example\""`.
    Caa,
}

impl DnsRecord {
    fn as_type(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Cname => RecordType::CNAME,
            Self::Mx => RecordType::MX,
            Self::Ns => RecordType::NS,
            Self::Txt => RecordType::TXT,
            Self::Soa => RecordType::SOA,
            Self::Srv => RecordType::SRV,
            Self::Caa => RecordType::CAA,
        }
    }
}

/// A resolver's host (an IPv6 address in brackets) and port; `None` when there is none to name.
type ResolverAddress = Option<(Box<str>, u16)>;

/// How to ask a resolver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DnsTransport {
    /// UDP, and TCP for an answer that does not fit.
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// DNS over TLS (RFC 7858).
    Tls,
    /// DNS over HTTPS (RFC 8484), by POST.
    Https,
}

impl Configure for DnsConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let name = Name::from_str_relaxed(&self.host)
            .ok()
            .filter(|_| !self.host.is_empty());
        let mut name = name.ok_or_else(|| {
            ConfigProblem::new("host", format!("{:?} is not a valid DNS name", self.host))
                .help("write one like \"example.com\"")
        })?;
        // The name is complete: no search domain of the system is appended.
        name.set_fqdn(true);
        let record = self.record.as_type();
        let (transport, resolver) = self.transport(shared)?;
        let expected = match self.expect.as_deref() {
            None => None,
            Some([]) => {
                let message = "the list is empty, so no answer could ever be up";
                return Err(ConfigProblem::new("expect", message).help("leave it out"));
            }
            Some(all) => {
                let read = all.iter().map(|one| ExpectedAnswer::read(one, record));
                let mut all: Vec<_> = read.collect();
                all.sort_unstable();
                all.dedup();
                Some(all)
            }
        };
        let target = match (&transport, &self.resolver) {
            (ResolverChoice::Https(resolver), _) => {
                format!("{} {record} at {}", self.host, resolver.shown())
            }
            (_, Some(resolver)) => format!("{} {record} at {resolver}", self.host),
            (_, None) => format!("{} {record}", self.host),
        };
        let source = DnsSource {
            names: shared.names.clone(),
            query: Query::query(name, record),
            transport,
            resolver,
            expected: expected.map(Into::into),
            dnssec: self.dnssec,
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: self.host.clone(),
            target,
            names_itself: false,
        })
    }
}

impl DnsConfig {
    /// Parses `text` as the resolver's host, with an IPv6 address in brackets, and its port.
    fn resolver_address(&self, text: &str) -> Result<(Box<str>, u16), ConfigProblem> {
        let default_port = if self.transport == DnsTransport::Tls {
            853
        } else {
            53
        };
        let whole = host(text).map(|host| (host, default_port));
        let parts = || {
            let (before, port) = text.rsplit_once(':')?;
            let port = port.parse().ok().filter(|port| *port != 0)?;
            Some((host(before)?, port))
        };
        let (host, port) = whole.or_else(parts).ok_or_else(|| {
            let problem = ConfigProblem::new("resolver", format!("{text:?} is no address or name"));
            problem.help(if text.contains("://") {
                "a URL needs transport = \"https\" beside it"
            } else {
                "write one like \"192.0.2.53\" or \"[2001:db8::53]:5353\""
            })
        })?;
        Ok((host.to_string().into(), port))
    }

    /// How the resolver is reached, and its address. There is no address for the system's resolvers
    /// and for a URL.
    fn transport(
        &self,
        shared: &Shared<'_>,
    ) -> Result<(ResolverChoice, ResolverAddress), ConfigProblem> {
        let secure = matches!(self.transport, DnsTransport::Tls | DnsTransport::Https);
        let tls_keys = [
            ("ca", self.ca.is_some()),
            ("insecure", self.insecure),
            ("client_certificate", self.client_certificate.is_some()),
            ("client_key", self.client_key.is_some()),
        ];
        if let Some((key, _)) = tls_keys.iter().find(|(_, given)| *given && !secure) {
            let message = "this key needs transport \"tls\" or \"https\"";
            return Err(ConfigProblem::new(key, message));
        }
        if let Some(name) = self.transport_without_resolver() {
            let message = format!("transport {name:?} needs a named resolver");
            return Err(ConfigProblem::new("resolver", message));
        }
        if self.transport == DnsTransport::Https {
            let url = web_url("resolver", self.resolver.as_deref().unwrap_or_default())?;
            if url.scheme() != "https" {
                let problem = ConfigProblem::new("resolver", "this is no https:// URL");
                return Err(problem.help("write one like \"https://dns.example/dns-query\""));
            }
            let options = ClientOptions {
                tls: self.tls(shared)?,
                ..ClientOptions::default()
            };
            let resolver = over_https::Resolver::new(shared.http.client(options)?, url);
            return Ok((ResolverChoice::Https(Box::new(resolver)), None));
        }
        let resolver = self
            .resolver
            .as_deref()
            .map(|text| self.resolver_address(text));
        let resolver = resolver.transpose()?;
        let transport = match (self.transport, &resolver) {
            (DnsTransport::Tls, Some((host, _))) => {
                let name = host.trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(name).map_err(|_| {
                    ConfigProblem::new("resolver", "this host is not a valid TLS server name")
                })?;
                exchange::ResolverTransport::Tls(shared.tls.client(self.tls(shared)?)?, name)
            }
            (DnsTransport::Tcp, _) => exchange::ResolverTransport::Tcp,
            _ => exchange::ResolverTransport::Udp,
        };
        Ok((ResolverChoice::Plain(transport), resolver))
    }

    /// The name of the transport when it needs the key `resolver` and that is missing.
    fn transport_without_resolver(&self) -> Option<&'static str> {
        match self.transport {
            _ if self.resolver.is_some() => None,
            DnsTransport::Tls => Some("tls"),
            DnsTransport::Https => Some("https"),
            DnsTransport::Udp | DnsTransport::Tcp => None,
        }
    }

    fn tls(&self, shared: &Shared<'_>) -> Result<TlsOptions, ConfigProblem> {
        let keys = TlsKeys {
            insecure: self.insecure,
            ca: self.ca.as_deref(),
            client_certificate: self.client_certificate.as_deref(),
            client_key: self.client_key.as_ref(),
        };
        keys.read(shared.secrets)
    }
}

/// The resolvers that the system is configured with, in their order, each once.
pub(super) fn system_resolvers() -> Result<Vec<SocketAddr>, Fault> {
    let read = hickory_resolver::system_conf::read_system_conf().map_err(|error| {
        let text = format!("cannot read which resolver this system uses: {error}");
        Fault::new(CauseCode::Resource, text)
    })?;
    let mut all: Vec<SocketAddr> = Vec::new();
    for server in read.0.name_servers() {
        let address = SocketAddr::new(server.ip, 53);
        if !all.contains(&address) {
            all.push(address);
        }
    }
    Ok(all)
}
