//! Secrets: as up.toml refers to them, and as sources hold them. Neither form can be printed.

use schemars::JsonSchema;
use serde::Deserialize;

/// A secret: its text, or the place that Up reads it from when it reads up.toml. Up never prints,
/// logs or stores a secret; it shows `•••` in its place. If other users can read up.toml, do not
/// write a secret into it: Up then warns about it.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a string, or one of { env = \"NAME\" }, { file = \"PATH\" }, { keyring = \"NAME\" }, \
                 { credential = \"NAME\" }"
)]
pub enum SecretRef {
    /// The secret itself: `"s3cret"`.
    Plain(String),
    /// The value of this environment variable of Up: `{ env = "SHOP_PASSWORD" }`.
    Env(EnvRef),
    /// The content of this file, without a final line break: `{ file = "shop.token" }`. A relative
    /// path is relative to up.toml. At most 1 MiB.
    File(FileRef),
    /// An entry of the keyring of the system (Secret Service, Keychain, Credential Manager): the
    /// password of the user with this name at the service `up`: `{ keyring = "shop" }`. On Linux,
    /// `secret-tool store --label=Up service up username shop` asks for the password and stores it.
    Keyring(KeyringRef),
    /// A credential that systemd gives to the service, the file of this name in
    /// `$CREDENTIALS_DIRECTORY`, without a final line break: `{ credential = "shop" }`. The unit gives
    /// it by `LoadCredential=shop:/etc/up/shop`, or encrypted by `LoadCredentialEncrypted=`.
    Credential(CredentialRef),
}

/// `{ env = "NAME" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvRef {
    /// The name of the variable.
    pub env: String,
}

/// `{ file = "PATH" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// The path of the file. A relative path is relative to up.toml.
    pub file: String,
}

/// `{ keyring = "NAME" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyringRef {
    /// The user name of the entry at the service `up`.
    pub keyring: String,
}

/// `{ credential = "NAME" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialRef {
    /// The name of the credential in the unit.
    pub credential: String,
}

impl SecretRef {
    /// The keys that say where a secret is. Their values are names, and no secrets.
    pub const POINTERS: [&str; 4] = ["env", "file", "keyring", "credential"];
}

impl std::fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

/// The text of a secret. Only [`Secret::reveal`] gives it out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text` as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. It may be sent to the peer that it is meant for, and must never enter a
    /// message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

/// A reader of secrets and of the files that keys name. `up-config` implements it.
pub trait Secrets {
    /// Reads the secret. The error is one line that says why it cannot be read, without the secret.
    fn read(&self, at: &SecretRef) -> Result<Secret, String>;
}

/// Reads plain secrets only: for tests, and for configurations without other kinds.
#[derive(Debug)]
pub struct PlainSecrets;

impl Secrets for PlainSecrets {
    fn read(&self, at: &SecretRef) -> Result<Secret, String> {
        match at {
            SecretRef::Plain(text) => Ok(Secret::new(text)),
            _ => Err("only plain secrets can be read here".into()),
        }
    }
}
