//! Every kind of sink that up.toml may name, once. A new one is a module, and one line in
//! `sinks!`.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer};

macro_rules! sinks {
    ($($kind:literal => $variant:ident $(($config:path))?, $doc:literal;)*) => {
        /// The `type`s of a `[[sink]]`.
        pub const KINDS: &[&str] = &[$($kind,)*];

        /// One `[[sink]]`.
        #[derive(Clone, Debug, PartialEq)]
        pub enum SinkConfig {
            $(#[doc = $doc] $variant $(($config))?,)*
        }

        impl SinkConfig {
            /// Reads the keys of a `kind`, one of [`KINDS`], its `type` taken out; `None` for
            /// another.
            pub fn read<'de, D: Deserializer<'de>>(
                kind: &str,
                deserializer: D,
            ) -> Option<Result<Self, D::Error>> {
                Some(match kind {
                    $($kind => sinks!(@read $variant $(($config))?, deserializer),)*
                    _ => return None,
                })
            }

            /// Each kind with what it does and the schema of its own keys.
            pub fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
                vec![$(($kind, sinks!(@schema $doc, $(($config))?, generator)),)*]
            }
        }
    };
    (@read $variant:ident, $deserializer:ident) => {
        NoKeys::deserialize($deserializer).map(|_| Self::$variant)
    };
    (@read $variant:ident ($config:path), $deserializer:ident) => {
        <$config>::deserialize($deserializer).map(Self::$variant)
    };
    (@schema $doc:literal, , $generator:ident) => { described::<NoKeys>($doc, $generator) };
    (@schema $doc:literal, ($config:path), $generator:ident) => {
        described::<$config>($doc, $generator)
    };
}

sinks! {
    "stdout" => Stdout, "Prints the tree of a one-shot check, or the changes of a watch.";
    "history" => History, "Keeps samples in the embedded store also for a one-shot check; \
        `up watch` and `up-tray` always do.";
    "mongo" => Mongo(crate::mongo::MongoConfig), "Writes to a MongoDB, by way of the embedded store.";
    "webhook" => Webhook(crate::webhook::WebhookConfig), "Posts what people are told to a URL; \
        of `up watch` and `up-tray`, not of a one-shot check.";
    "command" => Command(crate::command::CommandSinkConfig), "Runs a program for what people are \
        told; of `up watch` and `up-tray`, not of a one-shot check.";
}

/// The keys of a sink that has none.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoKeys {}

fn described<T: JsonSchema>(doc: &str, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = T::json_schema(generator);
    schema.insert("description".into(), doc.into());
    schema
}
