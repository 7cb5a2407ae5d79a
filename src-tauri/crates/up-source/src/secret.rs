//! Secrets as configuration writes them, and as sources hold them. Neither ever prints itself.

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

/// A secret, read. It shows itself only to who calls [`Secret::reveal`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for the wire to whom it is meant, never for a message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

/// Who reads secrets. The configuration's room implements it; sources only ask.
pub trait Secrets {
    /// The secret, or one line that says why it cannot be read (never the secret itself).
    fn read(&self, at: &SecretRef) -> Result<Secret, String>;
}

/// Reads plain secrets only: for tests, and for configurations that hold no other.
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
