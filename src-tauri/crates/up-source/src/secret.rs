//! Secrets: as up.toml refers to them, and as sources hold them. Neither form can be printed.

use schemars::JsonSchema;
use serde::Deserialize;

/// A secret: a plain string, or where to find it.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a string, or one of { env = \"NAME\" }, { file = \"PATH\" }, { keyring = \"NAME\" }"
)]
pub enum SecretRef {
    /// The secret itself.
    Plain(String),
    /// It stands in an environment variable.
    Env(EnvRef),
    /// It stands in a file; a final line break is not part of it.
    File(FileRef),
    /// It stands in the system's keyring (Secret Service, Keychain, Credential Manager), as the
    /// password of the user NAME at the service `up`. On Linux
    /// `secret-tool store --label=Up service up username NAME` asks for it and puts it there.
    Keyring(KeyringRef),
}

/// `{ env = "NAME" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvRef {
    /// The variable's name.
    pub env: String,
}

/// `{ file = "PATH" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// The file's path; relative ones are relative to up.toml.
    pub file: String,
}

/// `{ keyring = "NAME" }`
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyringRef {
    /// The entry's name: its user name, of the service `up`.
    pub keyring: String,
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
