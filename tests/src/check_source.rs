//! Builds one source from its keys in up.toml and checks it, without an engine.

use std::path::PathBuf;
use std::time::Duration;

use up_core::{CheckResult, Status};
use up_source::secret::PlainSecrets;
use up_source::{
    Built, CheckContext, ConfigProblem, Secret, SecretRef, Secrets, Shared, SourceConfig,
};

/// Builds a source of the type `kind` from its own keys, written as TOML.
pub fn build(kind: &str, keys: &str) -> Result<Built, ConfigProblem> {
    build_with(&PlainSecrets, kind, keys)
}

/// Builds a source like [`build`], with secrets and files that `secrets` reads.
pub fn build_with(secrets: &dyn Secrets, kind: &str, keys: &str) -> Result<Built, ConfigProblem> {
    let table = toml::de::Deserializer::parse(keys).expect("the test's own TOML");
    let config = SourceConfig::read(kind, table)
        .expect("a known source type")
        .unwrap_or_else(|e| panic!("these are no keys of {kind}: {e}\n{keys}"));
    config.build(&Shared::new(secrets))
}

/// Builds a source and checks it once, with this timeout.
pub async fn check_source(kind: &str, keys: &str, timeout: Duration) -> CheckResult {
    let built = build(kind, keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
    built
        .source
        .check(&CheckContext::starting_now(timeout))
        .await
}

/// Reads plain secrets, and files from this folder.
#[derive(Debug)]
pub struct FolderFiles(pub PathBuf);

impl Secrets for FolderFiles {
    fn read(&self, at: &SecretRef) -> Result<Secret, String> {
        match at {
            SecretRef::Plain(text) => Ok(Secret::new(text)),
            SecretRef::File(at) => match std::fs::read_to_string(self.0.join(&at.file)) {
                Ok(text) => Ok(Secret::new(text)),
                Err(error) => Err(format!("{} cannot be read: {error}", at.file)),
            },
            _ => Err("only files can be read here".into()),
        }
    }
}

/// Reads every secret and every file as this text, so that a key such as `ca` needs no file on disk.
pub struct PemText<'a>(pub &'a str);

impl Secrets for PemText<'_> {
    fn read(&self, _: &SecretRef) -> Result<Secret, String> {
        Ok(Secret::new(self.0))
    }
}

/// A check's result in short: `up`, `down CODE`, `unknown CODE`, or the number in between with its
/// code.
pub fn verdict(result: &CheckResult) -> String {
    let code = result.cause.as_ref().map_or("", |cause| cause.code.code());
    let word = match result.status.map(Status::value) {
        None => "unknown".to_owned(),
        Some(1.0) => "up".to_owned(),
        Some(0.0) => "down".to_owned(),
        Some(value) => value.to_string(),
    };
    format!("{word} {code}").trim_end().to_owned()
}
