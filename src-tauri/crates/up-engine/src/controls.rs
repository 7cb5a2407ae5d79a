//! The file that people's controls are kept in: the truth that every Up over this data folder
//! shares. It is changed under a lock, and replaced whole.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use up_core::line::one_line;
use up_core::{Controls, Timestamp};
use up_files::{FileReader, ReadError, ReadRequest, private};

/// The largest file that is read, in bytes; one of ours is far smaller.
const LARGEST: u64 = 64 * 1024 * 1024;
/// How long to wait for another Up that changes the file. It takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often to try meanwhile.
const PAUSE: Duration = Duration::from_millis(10);
/// The longest that is said of a file that is something else, in bytes.
const LONGEST_REASON: usize = 300;
/// The form of the file that is written, and the newest that is read.
const FORM: u32 = 1;

/// Why people's controls could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The system refused something.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What the system said.
        error: io::Error,
    },
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Read {
        /// The file.
        file: String,
        /// Why not.
        error: ReadError,
    },
    /// Another Up does not let go of it.
    #[error(
        "{file}: another Up has been changing what is snoozed and paused for 3 s: is it stopped?"
    )]
    Busy {
        /// The file.
        file: String,
    },
    /// It holds something else.
    #[error("{file}: {why}; take it away to begin anew")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct ControlsDocument {
    schema: u32,
    #[serde(flatten)]
    controls: Controls,
}

/// Where people's controls are kept.
#[derive(Clone, Debug)]
pub struct ControlsFile {
    folder: PathBuf,
}

impl ControlsFile {
    /// In that data folder, which need not exist.
    pub fn of(data: &Path) -> Self {
        let folder = data.to_owned();
        Self { folder }
    }

    /// Its path.
    pub fn path(&self) -> PathBuf {
        self.folder.join("controls.json")
    }

    /// What is kept; nothing when there is no file.
    pub fn read(&self) -> Result<Controls, KeepError> {
        let path = self.path();
        let request = ReadRequest {
            largest: LARGEST,
            patience: PATIENCE,
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
            // It may quote what is in the file.
            why: one_line(&why, LONGEST_REASON),
        };
        let ControlsDocument {
            schema,
            mut controls,
        } = serde_json::from_slice(&text).map_err(|error| {
            let why = format!("this is not what Up wrote ({error})");
            damaged(why)
        })?;
        if schema > FORM {
            return Err(damaged("a newer Up wrote it".into()));
        }
        controls.tame();
        Ok(controls)
    }

    /// The same, without holding up the runtime: the disk may be slow.
    pub(crate) async fn read_aside(&self) -> Result<Controls, KeepError> {
        let own = self.clone();
        let read = tokio::task::spawn_blocking(move || own.read()).await;
        read.unwrap_or_else(|error| Err(refused(&self.path(), io::Error::other(error))))
    }

    /// Changes what is kept, and says what is kept then. Nothing is written when `change` says
    /// that it changed nothing.
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

    /// The lock is a file of its own, since the other one is replaced. It ends with its holder.
    async fn lock(&self) -> Result<File, KeepError> {
        let path = self.folder.join("controls.lock");
        let opened = private::data_folder(&self.folder).and_then(|()| private::file(&path));
        let lock = opened.map_err(|error| refused(&path, error))?;
        let late = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::Error(error)) => return Err(refused(&path, error)),
                Err(TryLockError::WouldBlock) if Instant::now() > late => {
                    let file = path.display().to_string();
                    return Err(KeepError::Busy { file });
                }
                Err(TryLockError::WouldBlock) => sleep(PAUSE).await,
            }
        }
    }

    fn write(&self, controls: &Controls) -> io::Result<()> {
        let document = ControlsDocument {
            schema: FORM,
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
    async fn it_is_its_owners_alone() {
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
    async fn a_file_of_something_else_is_told_and_left() {
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
