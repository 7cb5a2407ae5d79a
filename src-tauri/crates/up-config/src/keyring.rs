//! Secrets from the system's keyring: the Secret Service on Linux, Keychain on macOS, Credential
//! Manager on Windows. Each is waited for, but only so long: a locked keyring may ask a person for
//! its password, and nobody may be there.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use keyring_core::Error;
use keyring_core::api::CredentialStoreApi;
use up_core::cause::one_line;
use up_source::Secret;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;
#[cfg(all(unix, not(target_os = "macos")))]
use zbus_secret_service_keyring_store::Store;

/// The service that our entries are kept under; a secret's name is the user's name of its entry.
const SERVICE: &str = "up";

/// How long the keyring may take for all secrets of a file: time to answer, and a little for a
/// person to unlock it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The keyring, as one configuration reads it: each entry is asked for once.
#[derive(Default)]
pub(crate) struct Keyring {
    known: RefCell<HashMap<String, Result<Secret, String>>>,
    /// Until when it may take, from the first question on.
    deadline: Cell<Option<Instant>>,
}

impl Keyring {
    /// The secret of that name, or one line that says why there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Secret, String> {
        if name.is_empty() || name.contains('\0') {
            return Err(format!("{name:?} cannot name an entry of the keyring"));
        }
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let read = self.read_entry(name);
        self.known.borrow_mut().insert(name.into(), read.clone());
        read
    }

    fn read_entry(&self, name: &str) -> Result<Secret, String> {
        let now = Instant::now();
        let deadline = self.deadline.get().unwrap_or(now + PATIENCE);
        self.deadline.set(Some(deadline));
        let late = || {
            let patience = PATIENCE.as_secs();
            Err(format!(
                "the keyring did not answer within {patience}s: it may be locked and waiting for \
                 its password. Unlock it and try again"
            ))
        };
        if now >= deadline {
            return late();
        }
        let (sender, answer) = channel();
        let entry = name.to_owned();
        // On a thread of its own, which is left behind when it is late: there is no way to end a
        // call to a keyring, and it must not be one of a runtime's.
        let asking = std::thread::Builder::new().name("keyring".into());
        let started = asking.spawn(move || {
            // Nobody listens any more only after the deadline.
            let _ = sender.send(find(&entry));
        });
        if let Err(error) = started {
            return Err(format!("the keyring cannot be asked: {error}"));
        }
        match answer.recv_timeout(deadline.saturating_duration_since(now)) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => late(),
            Err(RecvTimeoutError::Disconnected) => Err("asking the keyring failed".into()),
        }
    }
}

fn find(name: &str) -> Result<Secret, String> {
    let store: Arc<Store> = Store::new().map_err(|error| {
        format!(
            "there is no keyring to ask ({}): one runs in a desktop session. Without one, write \
             {{ env = \"NAME\" }} or {{ file = \"PATH\" }}",
            words(&error)
        )
    })?;
    let entry = store.build(SERVICE, name, None);
    match entry.and_then(|entry| entry.get_password()) {
        // What was piped into the keyring may end with a line break, as a secret file may.
        Ok(text) => Ok(Secret::new(text.strip_suffix('\n').unwrap_or(&text))),
        Err(error) => Err(explain(name, &error)),
    }
}

fn explain(name: &str, error: &Error) -> String {
    let shown = one_line(name, 100);
    match error {
        Error::NoEntry => format!(
            "the keyring has no entry {shown:?} of Up's: put one in with `{}`",
            storing(&shown)
        ),
        Error::NoStorageAccess(_) => format!(
            "the keyring is locked, so that {shown:?} cannot be read: unlock it and try again"
        ),
        Error::BadEncoding(_) => format!("the keyring's entry {shown:?} is not UTF-8"),
        Error::Ambiguous(_) => {
            format!("the keyring has several entries {shown:?} of Up's: take all but one out")
        }
        other => format!("the keyring's {shown:?} cannot be read: {}", words(other)),
    }
}

/// What a keyring says of its trouble. Errors that carry what was read say nothing of it here.
fn words(error: &Error) -> String {
    match error {
        Error::PlatformFailure(inner) | Error::NoStorageAccess(inner) => {
            one_line(inner.to_string().trim_start_matches("zbus error: "), 200)
        }
        Error::BadDataFormat(..) => "its data is malformed".into(),
        other => one_line(&other.to_string(), 200),
    }
}

/// The command that puts an entry of that name in.
fn storing(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    let name = if name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    };
    if cfg!(target_os = "macos") {
        format!("security add-generic-password -s {SERVICE} -a {name} -w")
    } else if cfg!(windows) {
        format!("cmdkey /generic:{name}.{SERVICE} /user:{name} /pass")
    } else {
        format!("secret-tool store --label=Up service {SERVICE} username {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_keyring_says_is_explained_without_secrets() {
        let check = |error: Error, expected: &str| {
            let told = explain("db's", &error);
            assert!(told.contains(expected), "{told} says {expected}");
            assert!(!told.contains("hunter2"), "{told}");
        };
        let wrong = || Box::new(std::io::Error::other("it broke"));
        check(Error::NoEntry, "the keyring has no entry \"db's\"");
        check(Error::NoStorageAccess(wrong()), "is locked");
        check(Error::BadEncoding(b"hunter2".into()), "is not UTF-8");
        check(Error::PlatformFailure(wrong()), "cannot be read: it broke");
        check(
            Error::BadDataFormat(b"hunter2".into(), wrong()),
            "its data is malformed",
        );
        check(Error::Ambiguous(Vec::new()), "several entries");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_command_that_stores_can_be_copied() {
        let start = "secret-tool store --label=Up service up username ";
        assert_eq!(storing("github.token"), format!("{start}github.token"));
        assert_eq!(storing("db's $x"), format!("{start}'db'\\''s $x'"));
    }

    #[test]
    fn what_cannot_be_a_name_is_not_asked_for() {
        for name in ["", "a\0b"] {
            assert!(Keyring::default().read(name).is_err(), "{name:?}");
        }
    }
}
