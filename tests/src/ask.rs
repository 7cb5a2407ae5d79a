//! Asks one source as up.toml describes it, without an engine.

use std::path::PathBuf;
use std::time::Duration;

use up_core::{CheckResult, Status};
use up_source::secret::PlainSecrets;
use up_source::{
    Built, CheckContext, ConfigProblem, Secret, SecretRef, Secrets, Shared, SourceConfig,
};

/// Makes a source of a type's own keys, written as TOML.
pub fn build(kind: &str, keys: &str) -> Result<Built, ConfigProblem> {
    build_with(&PlainSecrets, kind, keys)
}

/// The same, with its secrets and files read by those.
pub fn build_with(secrets: &dyn Secrets, kind: &str, keys: &str) -> Result<Built, ConfigProblem> {
    let table = toml::de::Deserializer::parse(keys).expect("the test's own TOML");
    let config = SourceConfig::read(kind, table)
        .expect("a known source type")
        .unwrap_or_else(|e| panic!("these are no keys of {kind}: {e}\n{keys}"));
    config.build(&Shared::new(secrets))
}

/// Makes a source, and asks it with that timeout.
pub async fn check_source(kind: &str, keys: &str, timeout: Duration) -> CheckResult {
    let built = build(kind, keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
    built
        .source
        .check(&CheckContext::starting_now(timeout))
        .await
}

/// Reads plain secrets, and the files of this folder.
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

/// An answer in one word: `up`, `down CODE`, `unknown CODE`, or the number between with its code.
pub fn verdict(answer: &CheckResult) -> String {
    let code = answer.cause.as_ref().map_or("", |cause| cause.code.code());
    let word = match answer.status.map(Status::value) {
        None => "unknown".to_owned(),
        Some(1.0) => "up".to_owned(),
        Some(0.0) => "down".to_owned(),
        Some(value) => value.to_string(),
    };
    format!("{word} {code}").trim_end().to_owned()
}
