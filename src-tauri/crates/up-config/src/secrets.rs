//! Reads the secrets of a configuration from where up.toml says that they are.

use std::cell::RefCell;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use up_core::cause::one_line;
use up_source::secret::{CredentialRef, EnvRef, FileRef, KeyringRef};
use up_source::{Secret, SecretRef, Secrets};

use crate::files::ConfigFiles;
use crate::keyring::Keyring;

/// The warning about a secret that other users can read.
pub(crate) const OPEN_SECRET: &str = "other users of this machine can read this secret: make the \
    file private (chmod 600), or write { env = \"NAME\" }, { file = \"PATH\" } or \
    { keyring = \"NAME\" }";

/// Reads the secrets of one configuration.
pub(crate) struct SecretReader {
    /// The folder of up.toml, to which the paths of secret files are relative.
    folder: PathBuf,
    files: Rc<ConfigFiles>,
    keyring: Keyring,
    seen: RefCell<ReadSecrets>,
    /// The secrets that are not in up.toml itself, so that messages can be kept free of them.
    elsewhere: RefCell<Vec<Secret>>,
}

/// The secrets that were read for one source or sink.
#[derive(Default)]
pub(crate) struct ReadSecrets {
    /// A hash over all secrets, which tells whether one has changed.
    hash: DefaultHasher,
    /// The secrets that are written in up.toml itself.
    pub(crate) plain: Vec<Secret>,
}

/// The largest number of secrets from elsewhere that are kept while a file is read, and the largest
/// length of one in bytes. Messages are shorter than that.
const KEPT: (usize, usize) = (1000, 4096);

impl ReadSecrets {
    pub(crate) fn hash(&self) -> u64 {
        self.hash.finish()
    }
}

impl SecretReader {
    pub(crate) fn new(file: &Path, files: Rc<ConfigFiles>) -> Self {
        Self {
            folder: file.parent().unwrap_or(Path::new("")).to_owned(),
            files,
            keyring: Keyring::default(),
            seen: RefCell::default(),
            elsewhere: RefCell::default(),
        }
    }

    /// The files of the configuration.
    pub(crate) fn files(&self) -> &ConfigFiles {
        &self.files
    }

    /// Returns the secrets that were read since the last call.
    pub(crate) fn take_seen(&self) -> ReadSecrets {
        self.seen.take()
    }

    /// Returns the secrets that were read from elsewhere than up.toml.
    pub(crate) fn elsewhere(&self) -> Vec<Secret> {
        self.elsewhere.take()
    }

    fn find(&self, at: &SecretRef) -> Result<Secret, String> {
        match at {
            SecretRef::Plain(text) => Ok(Secret::new(text)),
            SecretRef::Env(env) => from_environment(&env.env),
            SecretRef::File(file) => self.files.secret(&self.folder.join(&file.file)),
            SecretRef::Keyring(entry) => self.keyring.read(&entry.keyring),
            SecretRef::Credential(entry) => self.credential(&entry.credential),
        }
    }

    fn credential(&self, name: &str) -> Result<Secret, String> {
        let path = credential_path(std::env::var_os(CREDENTIALS), name)?;
        self.files.secret(&path).map_err(|why| {
            let shown = one_line(name, 100);
            format!(
                "the credential {shown} is missing or wrong: {why}. {}",
                loading(name)
            )
        })
    }
}

/// The variable in which systemd names the folder of a service's credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The file of a credential in the folder that systemd names.
fn credential_path(folder: Option<OsString>, name: &str) -> Result<PathBuf, String> {
    let is_name = !name.is_empty() && ![".", ".."].contains(&name) && name.len() <= 255;
    // A colon would end the name in the unit.
    if !is_name || name.contains(|c: char| c == '/' || c == ':' || c.is_control()) {
        let shown = one_line(name, 100);
        return Err(format!("{shown:?} cannot name a credential"));
    }
    match folder.filter(|folder| Path::new(folder).is_absolute()) {
        Some(folder) => Ok(Path::new(&folder).join(name)),
        None => Err(format!(
            "there is no credential {}: systemd started Up without any (${CREDENTIALS} is not \
             set). {}",
            one_line(name, 100),
            loading(name)
        )),
    }
}

/// How a unit gives a credential to Up, as a sentence.
fn loading(name: &str) -> String {
    let shown = one_line(name, 100);
    format!("`LoadCredential={shown}:/etc/up/{shown}` in the unit gives it")
}

impl Secrets for SecretReader {
    fn read(&self, at: &SecretRef) -> Result<Secret, String> {
        let secret = self.find(at)?;
        let mut seen = self.seen.borrow_mut();
        secret.hash(&mut seen.hash);
        if matches!(at, SecretRef::Plain(_)) {
            seen.plain.push(secret.clone());
        } else {
            let mut elsewhere = self.elsewhere.borrow_mut();
            if elsewhere.len() < KEPT.0 && secret.reveal().len() <= KEPT.1 {
                elsewhere.push(secret.clone());
            }
        }
        Ok(secret)
    }
}

/// Reads a secret that a command line names: `env=NAME`, `file=PATH`, `keyring=NAME` or
/// `credential=NAME`. A relative path is relative to the current folder. The error names no secret.
pub fn read_secret(at: &str) -> Result<Secret, String> {
    let wrong = || {
        // It may be the secret itself.
        let kinds = SecretRef::POINTERS.map(|kind| format!("{kind}=NAME"));
        format!("is not one of {}", kinds.join(", "))
    };
    let (kind, name) = at.split_once('=').ok_or_else(wrong)?;
    let name = name.to_owned();
    let at = match kind {
        "env" => SecretRef::Env(EnvRef { env: name }),
        "file" => SecretRef::File(FileRef { file: name }),
        "keyring" => SecretRef::Keyring(KeyringRef { keyring: name }),
        "credential" => SecretRef::Credential(CredentialRef { credential: name }),
        _ => return Err(wrong()),
    };
    let files = Rc::new(ConfigFiles::new(up_files::FileReader::default()));
    SecretReader::new(Path::new(""), files).find(&at)
}

fn from_environment(name: &str) -> Result<Secret, String> {
    let shown = one_line(name, 100);
    // `std::env::var` reports such a name as an unset variable.
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!("{shown:?} cannot name an environment variable"));
    }
    match std::env::var(name) {
        Ok(text) => Ok(Secret::new(text)),
        Err(std::env::VarError::NotPresent) => {
            Err(format!("the environment variable {shown} is not set"))
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(format!("the environment variable {shown} is not UTF-8"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> SecretRef {
        SecretRef::Env(EnvRef { env: name.into() })
    }

    fn file(name: &str) -> SecretRef {
        SecretRef::File(FileRef { file: name.into() })
    }

    #[test]
    fn a_command_line_says_where_a_secret_is() {
        let check = |at: &str, expected: &str| {
            let message = read_secret(at).err().unwrap_or_default();
            assert!(message.contains(expected), "{message} says {expected}");
        };
        check("env=UP_NO_SUCH_VARIABLE", "UP_NO_SUCH_VARIABLE is not set");
        check("file=/no/such/file", "/no/such/file cannot be read");
        check("credential=a/b", "cannot name a credential");
        check("env", "is not one of env=NAME, file=NAME, keyring=NAME");
        // What was meant as the secret itself is not repeated.
        let wrong = read_secret("mongodb://me:hunter2@h/?w=1").err();
        assert!(wrong.is_some_and(|wrong| !wrong.contains("hunter2")));
    }

    #[test]
    fn a_credential_is_a_file_in_the_folder_of_systemd() {
        let check = |folder: Option<&str>, name: &str, expected: Result<&str, &str>| {
            let path = credential_path(folder.map(Into::into), name);
            match (&path, expected) {
                (Ok(path), Ok(expected)) => assert_eq!(path, Path::new(expected)),
                (Err(message), Err(expected)) => {
                    assert!(message.contains(expected), "{message} says {expected}");
                }
                _ => panic!("{path:?}, expected {expected:?}"),
            }
        };
        let folder = Some("/run/credentials/up.service");
        check(folder, "shop", Ok("/run/credentials/up.service/shop"));
        check(
            folder,
            "shop.token",
            Ok("/run/credentials/up.service/shop.token"),
        );
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "../../etc/shadow",
            "a:b",
            "a\nb",
            "a\0b",
        ] {
            check(folder, name, Err("cannot name a credential"));
        }
        for none in [None, Some(""), Some("relative")] {
            check(
                none,
                "shop",
                Err("`LoadCredential=shop:/etc/up/shop` in the unit"),
            );
        }
    }

    #[test]
    fn secrets_are_read_from_where_they_stand() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(folder.path().join("pw"), "hunter2\r\n").expect("a file");
        let large = "x".repeat(crate::files::LARGEST as usize + 1);
        std::fs::write(folder.path().join("large"), large).expect("a file");
        std::fs::write(folder.path().join("bytes"), [0xff]).expect("a file");
        std::fs::write(folder.path().join("empty"), "\n").expect("a file");
        let files = Rc::new(ConfigFiles::new(up_files::FileReader::default()));
        let reader = SecretReader::new(&folder.path().join("up.toml"), files);
        let check = |at: SecretRef, expected: Result<&str, &str>| {
            let read = reader.read(&at);
            match (&read, expected) {
                (Ok(secret), Ok(expected)) => assert_eq!(secret.reveal(), expected),
                (Err(message), Err(expected)) => {
                    assert!(message.contains(expected), "{message} says {expected}");
                }
                _ => panic!("{read:?}, expected {expected:?}"),
            }
        };
        check(SecretRef::Plain("a".into()), Ok("a"));
        check(file("pw"), Ok("hunter2"));
        check(file("none"), Err("none cannot be read: "));
        check(file("."), Err("cannot be read: "));
        check(file("large"), Err("large is larger than 1 MiB"));
        check(file("bytes"), Err("bytes is not UTF-8"));
        check(file("empty"), Err("empty is empty"));
        check(
            env("UP_NO_SUCH_VARIABLE"),
            Err("the environment variable UP_NO_SUCH_VARIABLE is not set"),
        );
        check(env(""), Err("cannot name an environment variable"));
        check(env("A=B"), Err("cannot name an environment variable"));
        check(
            SecretRef::Keyring(KeyringRef {
                keyring: String::new(),
            }),
            Err("cannot name an entry of the keyring"),
        );
        let seen = reader.take_seen();
        assert_eq!(seen.plain, [Secret::new("a")], "only plain ones are noted");
        assert_ne!(
            seen.hash(),
            ReadSecrets::default().hash(),
            "what was read counts"
        );
    }
}
