//! Reads secrets, and knows what on a shown line is one.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use up_core::cause::one_line;
use up_source::{Secret, SecretRef, Secrets};

use crate::keyring::Keyring;

/// The largest secret, in bytes. What is read as one may be a bundle of certificates too.
const LARGEST: u64 = 1024 * 1024;

/// Reads the secrets of one configuration.
pub(crate) struct Reader {
    /// Relative secret files are relative to this: the folder of up.toml.
    folder: PathBuf,
    keyring: Keyring,
    seen: RefCell<Seen>,
}

/// What was read since it was last asked.
#[derive(Default)]
pub(crate) struct Seen {
    /// Over all secrets as read, so that a changed secret file makes a source another one.
    hash: DefaultHasher,
    /// Those that stand in up.toml itself.
    pub(crate) plain: Vec<Secret>,
}

impl Seen {
    pub(crate) fn hash(&self) -> u64 {
        self.hash.finish()
    }
}

impl Reader {
    pub(crate) fn new(file: &Path) -> Self {
        Self {
            folder: file.parent().unwrap_or(Path::new("")).to_owned(),
            keyring: Keyring::default(),
            seen: RefCell::default(),
        }
    }

    /// What was read since this was last called.
    pub(crate) fn take_seen(&self) -> Seen {
        self.seen.take()
    }

    fn find(&self, at: &SecretRef) -> Result<Secret, String> {
        match at {
            SecretRef::Plain(text) => Ok(Secret::new(text)),
            SecretRef::Env(env) => from_environment(&env.env),
            SecretRef::File(file) => from_file(&self.folder.join(&file.file)),
            SecretRef::Keyring(entry) => self.keyring.read(&entry.keyring),
        }
    }
}

impl Secrets for Reader {
    fn read(&self, at: &SecretRef) -> Result<Secret, String> {
        let secret = self.find(at)?;
        let mut seen = self.seen.borrow_mut();
        secret.hash(&mut seen.hash);
        if matches!(at, SecretRef::Plain(_)) {
            seen.plain.push(secret.clone());
        }
        Ok(secret)
    }
}

fn from_environment(name: &str) -> Result<Secret, String> {
    let shown = one_line(name, 100);
    // `std::env::var` would panic at neither, but says the same of both.
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

fn from_file(path: &Path) -> Result<Secret, String> {
    let shown = one_line(&path.display().to_string(), 300);
    let unreadable =
        |error: std::io::Error| format!("the secret file {shown} cannot be read: {error}");
    let file = crate::load::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => format!("the secret file {shown} is not UTF-8"),
            _ => unreadable(error),
        })?;
    if text.len() as u64 > LARGEST {
        return Err(format!(
            "the secret file {shown} is larger than {} MiB",
            LARGEST / (1024 * 1024)
        ));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Secret::new(text))
}

/// True of a key (a header's name too) whose value should not be shown.
pub(crate) fn looks_secret(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "pass",
        "secret",
        "token",
        "community",
        "auth",
        "cookie",
        "credential",
        "bearer",
        "basic",
        "key",
    ];
    let key = key.trim().to_ascii_lowercase();
    key != "keyring" && WORDS.iter().any(|word| key.contains(word))
}

/// The parts of a line of up.toml that must not be shown: the values of keys that look secret, and
/// the user's part of a URL. In order, in bytes.
pub(crate) fn hidden_parts(line: &str) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let last_url = line.rfind("://");
    let mut secret = false;
    let mut part = 0;
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let next = at + c.len_utf8();
        match c {
            '"' | '\'' => {
                let (inner, end) = string(line, next, c);
                let is_key = line[end..].trim_start().starts_with(['=', '.']);
                if secret && !is_key {
                    hidden.push(inner);
                } else {
                    hidden.extend(users_part(line, inner));
                }
                at = end;
                continue;
            }
            '#' => break,
            '=' => {
                secret = looks_secret(&line[part..at]);
                let value = next + line[next..].len() - line[next..].trim_start().len();
                part = next;
                let bare = !line[value..].starts_with(['"', '\'', '{', '[']);
                if bare && last_url.is_some_and(|url| url > value) {
                    hidden.extend(users_part(line, value..line.len()));
                    break;
                }
                if secret && bare {
                    let end = line[value..].find([',', '}', ']', '#']);
                    at = end.map_or(line.len(), |end| value + end);
                    let last = value + line[value..at].trim_end().len();
                    hidden.extend((last > value).then_some(value..last));
                    continue;
                }
            }
            ',' | '{' => part = next,
            _ => {}
        }
        at = next;
    }
    hidden
}

/// The inside of the string that begins at `start` (after its quotes), and where it is over.
fn string(line: &str, start: usize, quote: char) -> (Range<usize>, usize) {
    let triple = [quote; 2].iter().collect::<String>();
    if line[start..].starts_with(&triple) {
        let inner = start + 2;
        let end = line[inner..].find(&format!("{quote}{triple}"));
        return end.map_or((inner..line.len(), line.len()), |end| {
            (inner..inner + end, inner + end + 3)
        });
    }
    let mut escaped = false;
    for (i, c) in line[start..].char_indices() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return (start..start + i, start + i + 1),
            _ => {}
        }
    }
    (start..line.len(), line.len())
}

/// `user:password` in a URL, well-formed or not, within those bytes of the line. A password may
/// have anything in it that a URL should not, an `@` too.
fn users_part(line: &str, inner: Range<usize>) -> Option<Range<usize>> {
    let text = &line[inner.clone()];
    let end = text.rfind('@')?;
    let start = match text[..end].find("://") {
        Some(scheme) => scheme + 3,
        None => text[..end].find(':').map(|_| 0)?,
    };
    Some(inner.start + start..inner.start + end)
}

/// A URL without its user's part, for a message.
pub(crate) fn without_user(url: &str) -> String {
    match users_part(url, 0..url.len()) {
        Some(part) => format!("{}•••{}", &url[..part.start], &url[part.end..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use up_source::secret::{EnvRef, FileRef, KeyringRef};

    use super::*;

    #[test]
    fn what_is_hidden_on_a_line() {
        let check = |line: &str, expected: &str| {
            let mut shown = line.to_owned();
            for part in hidden_parts(line).into_iter().rev() {
                shown.replace_range(part, "•••");
            }
            assert_eq!(shown, expected, "{line}");
        };
        check("name = \"PROD\"", "name = \"PROD\"");
        check("password = \"a\\\"b\" # c", "password = \"•••\" # c");
        check("password = 'a' ", "password = '•••' ");
        check("pasword = \"unfinished", "pasword = \"unfinished");
        check("api_token = \"unfinished", "api_token = \"•••");
        check("password = hunter2 # why", "password = ••• # why");
        check("password = \"\"\"a\"b\"\"\"", "password = \"\"\"•••\"\"\"");
        check(
            "headers = { Accept = \"x\", \"X-Api-Key\" = \"y\", b = 1 }",
            "headers = { Accept = \"x\", \"X-Api-Key\" = \"•••\", b = 1 }",
        );
        check(
            "password = { env = \"NAME\" }",
            "password = { env = \"NAME\" }",
        );
        check(
            "token = { keyring = \"NAME\" }",
            "token = { keyring = \"NAME\" }",
        );
        check("auth = [\"u\", \"p\"]", "auth = [\"•••\", \"•••\"]");
        check(
            "uri = \"mongodb://u:p@s/s?@h:1/x\"",
            "uri = \"mongodb://•••@h:1/x\"",
        );
        check("uri = \"mongodb:/u:p@h\"", "uri = \"•••@h\"");
        check("uri = mongodb://u:p#@h", "uri = mongodb://•••@h");
        check("mail = \"me@h\"", "mail = \"me@h\"");
        check("uri = \"mongodb://h/\"", "uri = \"mongodb://h/\"");
        check("= = = \"", "= = = \"");
    }

    fn env(name: &str) -> SecretRef {
        SecretRef::Env(EnvRef { env: name.into() })
    }

    fn file(name: &str) -> SecretRef {
        SecretRef::File(FileRef { file: name.into() })
    }

    #[test]
    fn secrets_are_read_from_where_they_stand() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(folder.path().join("pw"), "hunter2\r\n").expect("a file");
        let large = "x".repeat(LARGEST as usize + 1);
        std::fs::write(folder.path().join("large"), large).expect("a file");
        std::fs::write(folder.path().join("bytes"), [0xff]).expect("a file");
        let reader = Reader::new(&folder.path().join("up.toml"));
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
        assert_ne!(seen.hash(), Seen::default().hash(), "what was read counts");
    }
}
