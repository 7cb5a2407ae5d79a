//! The registry of sink types. A new one is a module, and one line in `sinks!`.

use schemars::{JsonSchema as _, Schema, SchemaGenerator};
use serde::de::{Deserialize as _, Deserializer};
use up_source::{ConfigProblem, Secret};

use crate::configure::{BuildContext, BuiltSink, ConfigureSink as _};

macro_rules! sinks {
    ($($kind:literal => $variant:ident($config:path),)*) => {
        /// The `type`s of a `[[sink]]`.
        pub const KINDS: &[&str] = &[$($kind,)*];

        /// The keys of one `[[sink]]`.
        #[derive(Clone, PartialEq)]
        pub enum SinkConfig {
            $(#[doc = concat!("`type = \"", $kind, "\"`")] $variant(Box<$config>),)*
        }

        impl SinkConfig {
            /// Reads the keys of a sink of type `kind`, without `type`; `None` for a type that is
            /// not in [`KINDS`].
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

            /// Builds the sink, and checks what the types of the keys could not.
            pub fn build(&self, context: &BuildContext<'_>) -> Result<BuiltSink, ConfigProblem> {
                match self {
                    $(Self::$variant(config) => {
                        let role = config.build($kind, context)?;
                        Ok(BuiltSink { kind: $kind, role })
                    })*
                }
            }

            /// True if the text of a key that may be a secret is one.
            pub fn is_secret(&self, text: &Secret) -> bool {
                match self { $(Self::$variant(config) => config.is_secret(text),)* }
            }

            /// The schema of each sink type's keys.
            pub fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
                vec![$(($kind, <$config>::json_schema(generator)),)*]
            }
        }
    };
}

sinks! {
    "stdout" => Stdout(crate::stdout::StdoutConfig),
    "history" => History(crate::history::HistoryConfig),
    "mongo" => Mongo(crate::mongo::MongoConfig),
    "webhook" => Webhook(crate::webhook::WebhookConfig),
    "command" => Command(crate::command::CommandSinkConfig),
}
