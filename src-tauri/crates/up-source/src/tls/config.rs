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

/// Shakes hands over TLS. Up when the server's certificate is trusted, is for that name, and is
/// valid for some time yet.
///
/// Each check is one whole handshake, closed again in good order. The detail has the certificate's
/// issuer, names, chain and expiry, and what TLS was agreed upon. A server that wants a client
/// certificate is judged by its own certificate all the same when `client_certificate` names none;
/// the detail `client_certificate` then is `"wanted"`, or `"required"` where the server refused to
/// go on without one.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The host: a name or an address.
    pub host: String,
    /// The port: 443 unless said otherwise. With `starttls`, that protocol's own: 25, 143, 110, 389
    /// or 5432.
    pub port: Option<NonZeroU16>,
    /// The name to ask for (SNI), which the certificate has to be for: the host's unless said
    /// otherwise.
    pub server_name: Option<String>,
    /// Begin in this protocol, and ask it for TLS.
    pub starttls: Option<StartTls>,
    /// With fewer days left of the certificate, the status is 0.5: 14 unless said otherwise, 0 for
    /// never. Once it has expired, it is down.
    pub days_left: Option<u32>,
    /// Accept any certificate, and any name: neither its issuer nor its signatures are verified, and
    /// its version and algorithms may be of any kind. Dates count all the same.
    #[serde(default)]
    pub insecure: bool,
    /// A PEM file with the certificates to trust in place of the system's: of an authority, or of
    /// the server itself. Relative to up.toml. A server's own certificate named here may be of
    /// X.509 version 1, and one without alternative names is for its common name.
    pub ca: Option<String>,
    /// A PEM file with our own certificate, for a server that asks for one, and the certificates
    /// between it and its authority. Relative to up.toml. Down where the server refuses it.
    pub client_certificate: Option<String>,
    /// The private key of `client_certificate`: a PEM file, relative to up.toml, or a secret that
    /// holds the PEM itself. It may stand in the certificate's file as well; then leave this out.
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
