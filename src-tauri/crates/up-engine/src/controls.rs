//! The file of people's controls, `controls.json`. Every Up over the same data folder follows it.
//! It is changed under a lock, and always replaced whole.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use up_core::line::one_line;
use up_core::{Controls, Timestamp};
use up_files::{FileReader, ReadError, ReadRequest, private};

/// The size of the largest file that is read, in bytes. A file that Up writes is far smaller.
const LARGEST: u64 = 64 * 1024 * 1024;
/// How long to wait for the lock while another Up changes the file. A change takes milliseconds.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How often the lock is tried in that time.
const LOCK_POLL: Duration = Duration::from_millis(10);
/// The longest error text about a foreign or damaged file, in bytes.
const LONGEST_REASON: usize = 300;
/// The version of the file format that is written, and the newest that is read.
const VERSION: u32 = 1;

/// Why people's controls could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The system reported an error.
    #[error("{file}: {error}")]
    Io {
        /// The path of the file.
        file: String,
        /// The error of the system.
        error: io::Error,
    },
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Read {
        /// The path of the file.
        file: String,
        /// Why it cannot be read.
        error: ReadError,
    },
    /// Another Up holds the lock for too long.
    #[error(
        "{file}: another Up has been changing what is snoozed and paused for 3 s: is it stopped?"
    )]
    Busy {
        /// The path of the file.
        file: String,
    },
    /// The file is not what Up wrote.
    #[error("{file}: {why}; take it away to begin anew")]
    Damaged {
        /// The path of the file.
        file: String,
        /// What is wrong with its content.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct ControlsDocument {
    schema: u32,
    #[serde(flatten)]
    controls: Controls,
}

/// The file of people's controls.
#[derive(Clone, Debug)]
pub struct ControlsFile {
    folder: PathBuf,
}

impl ControlsFile {
    /// The controls file of a data folder, which need not exist.
    pub fn of(data: &Path) -> Self {
        let folder = data.to_owned();
        Self { folder }
    }

    /// The path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.join("controls.json")
    }

    /// Reads the controls. Without a file there are none.
    pub fn read(&self) -> Result<Controls, KeepError> {
        let path = self.path();
        let request = ReadRequest {
            largest: LARGEST,
            patience: TIMEOUT,
            trusted: false,
        };
        let text = match FileReader::default().read(&path, request) {
            Ok(content) => content.bytes,
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Controls::default());
            }
            Err(error) => {
                let file = path.display().to_string();
                return Err(KeepError::Read { file, error });
            }
        };
        let damaged = |why: String| KeepError::Damaged {
            file: path.display().to_string(),
            // The parser's error may quote the file, so it is shortened to one line.
            why: one_line(&why, LONGEST_REASON),
        };
        let ControlsDocument {
            schema,
            mut controls,
        } = serde_json::from_slice(&text).map_err(|error| {
            let why = format!("this is not what Up wrote ({error})");
            damaged(why)
        })?;
        if schema > VERSION {
            return Err(damaged("a newer Up wrote it".into()));
        }
        controls.tame();
        Ok(controls)
    }

    /// Reads the controls on another thread, because the disk may be slow.
    pub(crate) async fn read_aside(&self) -> Result<Controls, KeepError> {
        let own = self.clone();
        let read = tokio::task::spawn_blocking(move || own.read()).await;
        read.unwrap_or_else(|error| Err(refused(&self.path(), io::Error::other(error))))
    }

    /// Changes the controls under the lock, and returns the new controls. Nothing is written when
    /// `change` returns false.
    pub async fn change(
        &self,
        now: Timestamp,
        change: impl FnOnce(&mut Controls) -> bool + Send + 'static,
    ) -> Result<Controls, KeepError> {
        let lock = self.lock().await?;
        let own = self.clone();
        let work = move || {
            let mut controls = own.read()?;
            controls.tidy(now);
            if change(&mut controls) {
                own.write(&controls)
                    .map_err(|error| refused(&own.path(), error))?;
            }
            drop(lock);
            Ok(controls)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(refused(&self.path(), io::Error::other(error))))
    }

    /// Takes the lock. The lock is a file of its own, because the controls file is replaced. It is
    /// released when the returned file is closed.
    async fn lock(&self) -> Result<File, KeepError> {
        let path = self.folder.join("controls.lock");
        let opened = private::data_folder(&self.folder).and_then(|()| private::file(&path));
        let lock = opened.map_err(|error| refused(&path, error))?;
        let late = Instant::now() + TIMEOUT;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::Error(error)) => return Err(refused(&path, error)),
                Err(TryLockError::WouldBlock) if Instant::now() > late => {
                    let file = path.display().to_string();
                    return Err(KeepError::Busy { file });
                }
                Err(TryLockError::WouldBlock) => sleep(LOCK_POLL).await,
            }
        }
    }

    fn write(&self, controls: &Controls) -> io::Result<()> {
        let document = ControlsDocument {
            schema: VERSION,
            controls: controls.clone(),
        };
        let fresh = self.folder.join("controls.json.new");
        private::replace(&self.path(), &fresh, &serde_json::to_vec_pretty(&document)?)
    }
}

fn refused(path: &Path, error: io::Error) -> KeepError {
    KeepError::Io {
        file: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use up_core::Control;

    use super::*;

    fn pause(path: &str) -> Control {
        Control::Pause { path: path.into() }
    }

    #[tokio::test]
    async fn what_is_kept_is_read_by_another() {
        let data = tempfile::tempdir().expect("a temporary directory");
        let folder = data.path().join("not/there/yet");
        let (one, other) = (ControlsFile::of(&folder), ControlsFile::of(&folder));
        assert_eq!(other.read().expect("no file is none"), Controls::default());
        let kept = one
            .change(10.0, |controls| controls.apply(&pause("/Root"), 10.0))
            .await
            .expect("it is kept");
        assert!(kept.pause("/Root/a").is_some());
        assert_eq!(other.read().expect("it is read"), kept);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().expect("a temporary directory");
        let file = ControlsFile::of(data.path());
        file.change(10.0, |controls| controls.apply(&pause("/Root"), 10.0))
            .await
            .expect("it is kept");
        for name in ["controls.json", "controls.lock"] {
            let metadata = std::fs::metadata(data.path().join(name)).expect("it is there");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[tokio::test]
    async fn many_at_once_lose_nothing() {
        let data = tempfile::tempdir().expect("a temporary directory");
        let file = ControlsFile::of(data.path());
        let change = |i: usize| {
            let file = file.clone();
            async move {
                let path = format!("/Root/{i}");
                file.change(1.0, move |c| c.apply(&pause(&path), 1.0)).await
            }
        };
        let done = futures_util::future::join_all((0..30).map(change)).await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert_eq!(file.read().expect("it is read").paused.len(), 30);
    }

    #[tokio::test]
    async fn a_foreign_file_is_reported_and_left_as_it_is() {
        let data = tempfile::tempdir().expect("a temporary directory");
        let file = ControlsFile::of(data.path());
        let check = async |text: &str, expected: &str| {
            std::fs::write(file.path(), text).expect("it is written");
            let error = file.read().expect_err("it is no such file").to_string();
            assert!(error.contains(expected), "{error}");
            let changed = file.change(1.0, |c| c.apply(&pause("/Root"), 1.0)).await;
            assert!(changed.is_err(), "{text:?}");
            let left = std::fs::read_to_string(file.path()).expect("it is there");
            assert_eq!(left, text, "what somebody wrote is not thrown away");
        };
        check("", "not what Up wrote").await;
        check("{\"paused\":7}", "not what Up wrote").await;
        check("{\"schema\":2}", "a newer Up wrote it").await;
    }
}
