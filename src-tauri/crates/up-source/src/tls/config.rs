//! The keys of `type = "tls"`.

use std::num::NonZeroU16;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{StartTls, TlsSource};
use crate::net::names::host;
use crate::net::tls::TlsKeys;
use crate::{Built, ConfigProblem, Configure, SecretRef, Shared};

/// Opens a TLS connection and checks the certificate of the server. The source is up if the
/// certificate is trusted, is valid for the name, and does not expire soon; it is half up (0.5) if
/// it expires within `days_left`, else down.
///
/// ```toml
/// [[source]]
/// type = "tls"
/// name = "mail"
/// host = "mail.example.com"
/// starttls = "smtp"
/// days_left = 30
/// ```
///
/// Each check makes one complete handshake and closes the connection. The details of a sample have
/// the issuer, the names, the chain and the expiry of the certificate, and the version of TLS. If
/// the server asks for a client certificate and `client_certificate` names none, the source is
/// still judged by the certificate of the server; the detail `client_certificate` is then
/// `"wanted"`, or `"required"` if the server ended the handshake.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The host to connect to: a name or an address: `"shop.example.com"`.
    pub host: String,
    /// The port to connect to, 1 to 65535. Default: 443; with `starttls` that of the protocol
    /// (`"smtp"` 25, `"imap"` 143, `"pop3"` 110, `"ldap"` 389, `"postgres"` 5432).
    pub port: Option<NonZeroU16>,
    /// The name that TLS requests (SNI) and that the certificate must be valid for:
    /// `"www.example.com"`. Default: `host`.
    pub server_name: Option<String>,
    /// The protocol in which the connection begins without TLS, and in which Up asks for TLS.
    /// Default: the connection begins with TLS.
    pub starttls: Option<StartTls>,
    /// The source is half up (0.5) if the certificate expires in fewer than this number of days. 0
    /// turns the warning off. After the certificate has expired, the source is down. Default: 14.
    pub days_left: Option<u32>,
    /// Whether to accept any certificate, whoever issued it, for whatever name, with whatever
    /// version and algorithms. It must still be within its dates.
    #[serde(default)]
    pub insecure: bool,
    /// A PEM file with the certificates to trust in place of those of the system: that of an
    /// authority, or that of the server itself: `"own-ca.pem"`. The path is relative to up.toml. A
    /// server certificate in this file may also be of X.509 version 1, and if it has no alternative
    /// names, its common name counts. Default: the certificates that the system trusts.
    pub ca: Option<String>,
    /// A PEM file with the certificate that Up shows to a server that asks for one, followed by
    /// those between it and its authority: `"client.pem"`. The path is relative to up.toml. The
    /// source is down if the server refuses the certificate. Default: none.
    pub client_certificate: Option<String>,
    /// The private key of `client_certificate`: the path of a PEM file, relative to up.toml, or a
    /// [secret](#secrets) that contains the PEM text: `"client.key"`. Leave it out if the key is in
    /// the file of `client_certificate`.
    pub client_key: Option<SecretRef>,
}

up_core::opaque_debug!(TlsConfig);

/// The default of `days_left`.
const DEFAULT_DAYS_LEFT: u32 = 14;

impl Configure for TlsConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let host = host(&self.host)
            .ok_or_else(|| {
                let message = format!("{:?} is neither a host's name nor an address", self.host);
                ConfigProblem::new("host", message)
                    .help("write one like \"example.com\", and the port in the key `port`")
            })?
            .to_string();
        let port = match (self.port, self.starttls) {
            (Some(port), _) => port.get(),
            (None, Some(protocol)) => protocol.port(),
            (None, None) => 443,
        };
        let (key, name) = match &self.server_name {
            Some(name) => ("server_name", name.as_str()),
            None => ("host", host.as_str()),
        };
        let name = name.trim_matches(['[', ']']);
        let name = name.strip_suffix('.').unwrap_or(name);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| {
            ConfigProblem::new(key, format!("{name:?} is not a valid TLS server name"))
        })?;
        let keys = TlsKeys {
            insecure: self.insecure,
            ca: self.ca.as_deref(),
            client_certificate: self.client_certificate.as_deref(),
            client_key: self.client_key.as_ref(),
        };
        let target = format!("{host}:{port}");
        let source = TlsSource {
            names: shared.names.clone(),
            client: shared.tls.client(keys.read(shared.secrets)?)?,
            host: host.into(),
            port,
            peer: target.as_str().into(),
            name,
            starttls: self.starttls,
            days_left: self.days_left.unwrap_or(DEFAULT_DAYS_LEFT),
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: target.clone(),
            target,
            names_itself: false,
        })
    }
}
