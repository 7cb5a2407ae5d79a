//! Reads secrets from the keyring of the system: the Secret Service on Linux, Keychain on macOS,
//! Credential Manager on Windows. Reading has a time limit, because a locked keyring may wait for a
//! person to enter its password.

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

/// The service name of the entries of Up. The name of a secret is the user name of its entry.
const SERVICE: &str = "up";

/// The time limit for all secrets of one configuration. It leaves a person some time to unlock the
/// keyring.
const PATIENCE: Duration = Duration::from_secs(10);

/// The keyring while one configuration is read. Each entry is read once.
#[derive(Default)]
pub(crate) struct Keyring {
    known: RefCell<HashMap<String, Result<Secret, String>>>,
    /// The end of the time limit, which begins with the first read.
    deadline: Cell<Option<Instant>>,
}

impl Keyring {
    /// The secret with this name, or one line that says why it cannot be read.
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
        // The call has its own thread, which is abandoned after the time limit: a call to a keyring
        // cannot be cancelled, and must not block a thread of a runtime.
        let asking = std::thread::Builder::new().name("keyring".into());
        let started = asking.spawn(move || {
            // Sending fails only after the deadline, when nobody waits for the result.
            let _ = sender.send(find(&entry));
        });
        if let Err(error) = started {
            return Err(format!("the keyring cannot be asked: {error}"));
        }
        match answer.recv_timeout(deadline.saturating_duration_since(now)) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => late(),
            Err(RecvTimeoutError::Disconnected) => Err("the keyring failed".into()),
        }
    }
}

fn find(name: &str) -> Result<Secret, String> {
    let store: Arc<Store> = Store::new().map_err(|error| {
        format!(
            "there is no keyring ({}): it runs in a desktop session. Without one, write \
             {{ env = \"NAME\" }} or {{ file = \"PATH\" }}",
            words(&error)
        )
    })?;
    let entry = store.build(SERVICE, name, None);
    match entry.and_then(|entry| entry.get_password()) {
        // An entry that was piped into the keyring may end with a line break, as a file may.
        Ok(text) => Ok(Secret::new(text.strip_suffix('\n').unwrap_or(&text))),
        Err(error) => Err(explain(name, &error)),
    }
}

fn explain(name: &str, error: &Error) -> String {
    let shown = one_line(name, 100);
    match error {
        Error::NoEntry => format!(
            "the keyring has no entry {shown:?} of the service `up`: store one with `{}`",
            storing(&shown)
        ),
        Error::NoStorageAccess(_) => format!(
            "the keyring is locked, so that {shown:?} cannot be read: unlock it and try again"
        ),
        Error::BadEncoding(_) => format!("the entry {shown:?} of the keyring is not UTF-8"),
        Error::Ambiguous(_) => {
            format!(
                "the keyring has several entries {shown:?} of the service `up`: remove all but one"
            )
        }
        other => format!(
            "the entry {shown:?} of the keyring cannot be read: {}",
            words(other)
        ),
    }
}

/// The message of a keyring error, without any text that was read from the keyring.
fn words(error: &Error) -> String {
    match error {
        Error::PlatformFailure(inner) | Error::NoStorageAccess(inner) => {
            one_line(inner.to_string().trim_start_matches("zbus error: "), 200)
        }
        Error::BadDataFormat(..) => "its data is malformed".into(),
        other => one_line(&other.to_string(), 200),
    }
}

/// The command that stores an entry with this name.
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
