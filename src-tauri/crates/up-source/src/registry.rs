//! The registry of all source types. A new source type is a module of its own and one line in
//! `sources!`.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use up_core::Kind;

use crate::http::Clients;
use crate::mongo::MongoStores;
use crate::net::names::NameResolver;
use crate::net::tls::TlsClients;
use crate::secret::{Secret, Secrets};
use crate::{Built, ConfigProblem};

/// The configuration of a source type: its own keys in up.toml, without those that every source
/// has.
pub trait Configure: DeserializeOwned + JsonSchema + Clone + PartialEq + Send + Sync {
    /// Builds the source, and checks what the types of the keys do not rule out.
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem>;

    /// True if the given text of a key that may hold a secret really is one. Up then warns about a
    /// configuration file that other users may read.
    fn is_secret(&self, _text: &Secret) -> bool {
        true
    }
}

/// What all sources of one plan are built with. They share clients and their sessions through it.
pub struct Shared<'a> {
    /// Reads secrets, and the files that keys such as `ca` name.
    pub secrets: &'a dyn Secrets,
    /// Resolves host names.
    pub(crate) names: Arc<NameResolver>,
    /// The TLS clients, one for each set of TLS options.
    pub(crate) tls: Arc<TlsClients>,
    /// The HTTP clients, one for each set of HTTP options.
    pub(crate) http: Clients,
    /// The `MongoDB`s.
    pub(crate) mongo: MongoStores,
}

impl<'a> Shared<'a> {
    /// New clients for the sources of one plan. `secrets` reads the secrets and files that their
    /// keys name.
    pub fn new(secrets: &'a dyn Secrets) -> Self {
        let names = Arc::<NameResolver>::default();
        let tls = Arc::<TlsClients>::default();
        Self {
            secrets,
            http: Clients::new(names.clone(), tls.clone()),
            names,
            tls,
            mongo: MongoStores::default(),
        }
    }
}

macro_rules! sources {
    ($($kind:literal => $variant:ident($config:path),)*) => {
        /// All values of `type` in up.toml, except `tree`.
        pub const KINDS: &[&str] = &[$($kind,)*];

        /// The configuration of one source, of any type.
        #[derive(Clone, Debug, PartialEq)]
        pub enum SourceConfig {
            $(#[doc = concat!("`type = \"", $kind, "\"`")] $variant(Box<$config>),)*
        }

        impl SourceConfig {
            /// Reads the keys of a source of type `kind`. `None` if `kind` is not one of [`KINDS`].
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

            /// The `type` of this source.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind($kind),)* }
            }

            /// Builds the source.
            pub fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
                match self { $(Self::$variant(config) => config.build(shared),)* }
            }

            /// True if the given text of a key that may hold a secret really is one.
            pub fn is_secret(&self, text: &Secret) -> bool {
                match self { $(Self::$variant(config) => config.is_secret(text),)* }
            }

            /// Every source type with the JSON schema of its own keys.
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
    "mongo" => Mongo(crate::mongo::FleetConfig),
}
