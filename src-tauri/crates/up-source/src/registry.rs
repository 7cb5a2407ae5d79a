//! Every source type, once. A new one is a module, and one line in `sources!`.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use up_core::Kind;

use crate::http::Clients;
use crate::net::names::NameResolver;
use crate::net::tls::TlsClients;
use crate::secret::Secrets;
use crate::{Built, ConfigProblem};

/// A source type's configuration: its keys in up.toml beside those that every source has.
pub trait Configure: DeserializeOwned + JsonSchema + Clone + PartialEq + Send + Sync {
    /// Makes the source, checking what the types could not.
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem>;
}

/// What sources are built with: made once a plan, so that they can share clients and sessions.
pub struct Shared<'a> {
    /// Reads secrets, and the files that keys name.
    pub secrets: &'a dyn Secrets,
    /// Resolves names.
    pub(crate) names: Arc<NameResolver>,
    /// TLS clients, one for each set of options.
    pub(crate) tls: Arc<TlsClients>,
    /// HTTP clients, one for each set of options.
    pub(crate) http: Clients,
}

impl<'a> Shared<'a> {
    /// What the sources of one plan share, with `secrets` to read what their keys name.
    pub fn new(secrets: &'a dyn Secrets) -> Self {
        let names = Arc::<NameResolver>::default();
        let tls = Arc::<TlsClients>::default();
        Self {
            secrets,
            http: Clients::new(names.clone(), tls.clone()),
            names,
            tls,
        }
    }
}

macro_rules! sources {
    ($($kind:literal => $variant:ident($config:path),)*) => {
        /// The `type`s of up.toml, `tree` aside.
        pub const KINDS: &[&str] = &[$($kind,)*];

        /// One source's own configuration.
        #[derive(Clone, Debug, PartialEq)]
        pub enum SourceConfig {
            $(#[doc = concat!("`type = \"", $kind, "\"`")] $variant(Box<$config>),)*
        }

        impl SourceConfig {
            /// Reads the keys of a `kind`, one of [`KINDS`]; `None` for another.
            pub fn read<'de, D: Deserializer<'de>>(
                kind: &str,
                deserializer: D,
            ) -> Option<Result<Self, D::Error>> {
                Some(match kind {
                    $($kind => <$config>::deserialize(deserializer)
                        .map(|config| Self::$variant(Box::new(config))),)*
                    _ => return None,
                })
            }

            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind($kind),)* }
            }

            /// Makes the source.
            pub fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
                match self { $(Self::$variant(config) => config.build(shared),)* }
            }

            /// Each kind with the schema of its own keys.
            pub fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
                vec![$(($kind, <$config>::json_schema(generator)),)*]
            }
        }
    };
}

sources! {
    "http" => Http(crate::http::HttpConfig),
    "tcp" => Tcp(crate::tcp::TcpConfig),
    "tls" => Tls(crate::tls::TlsConfig),
    "dns" => Dns(crate::dns::DnsConfig),
    "ping" => Ping(crate::ping::PingConfig),
    "command" => Command(crate::command::CommandConfig),
    "snmp" => Snmp(crate::snmp::SnmpConfig),
    "statuspage" => Statuspage(crate::statuspage::StatuspageConfig),
    "github" => Github(crate::statuspage::GithubConfig),
}
