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

/// Asks a resolver for a name. Up when there is an answer, and it is the expected one.
///
/// Nothing is kept between checks. An answer that does not fit into UDP is asked for again over TCP,
/// and a resolver that does not understand EDNS is asked again without it. Where there are several
/// resolvers (the system's, or the addresses of a name), the next is asked when one fails or keeps
/// silent, and all that failed are named when none answers.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsConfig {
    /// The name to ask for. (`name` is what the source is called here.)
    pub host: String,
    /// The type of record: `"A"` unless said otherwise.
    #[serde(default)]
    pub record: DnsRecord,
    /// Whom to ask: an address or name, with a port where it is not the usual one (53, or 853 for
    /// TLS): `"192.0.2.53"`, `"[2001:db8::53]:5353"`. With transport `"https"`, its URL:
    /// `"https://dns.example/dns-query"`. The system's resolvers unless said otherwise.
    pub resolver: Option<String>,
    /// How to ask: `"udp"` unless said otherwise.
    #[serde(default)]
    pub transport: DnsTransport,
    /// All answers there must be, in any order, as zone files put them: `["192.0.2.1"]`,
    /// `["10 mail.example.com"]`. A text may stand as it is, or as its quoted parts:
    /// `['"v=spf1 " "-all"']`. Any answer will do unless said otherwise.
    pub expect: Option<Vec<String>>,
    /// The resolver must say that it has verified the answer's signatures (the AD flag).
    #[serde(default)]
    pub dnssec: bool,
    /// With transport `"tls"` or `"https"`: a PEM file with the certificates to trust in place of the system's.
    /// Relative to up.toml.
    pub ca: Option<String>,
    /// With transport `"tls"` or `"https"`: accept any certificate.
    #[serde(default)]
    pub insecure: bool,
    /// With transport `"tls"` or `"https"`: a PEM file with our own certificate, for a resolver that
    /// asks for one, and the certificates between it and its authority. Relative to up.toml.
    pub client_certificate: Option<String>,
    /// The private key of `client_certificate`: a PEM file, relative to up.toml, or a secret that
    /// holds the PEM itself. It may stand in the certificate's file as well; then leave this out.
    pub client_key: Option<SecretRef>,
}

up_core::opaque_debug!(DnsConfig);

/// A type of record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DnsRecord {
    /// IPv4 addresses.
    #[default]
    A,
    /// IPv6 addresses.
    Aaaa,
    /// The name that this one stands for.
    Cname,
    /// Mail servers: `"10 mail.example.com"`.
    Mx,
    /// Name servers.
    Ns,
    /// Texts, the parts of each put together.
    Txt,
    /// The start of authority: `"ns.example.com admin.example.com 1 7200 3600 1209600 3600"`.
    Soa,
    /// Services: `"priority weight port target"`.
    Srv,
    /// Which authorities may issue certificates: `"0 issue \"ca.example\""`.
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

/// How to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DnsTransport {
    /// Datagrams, and TCP for what does not fit.
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
