//! Reads a whole file within bounds on its size and on the time. A pipe without a writer, a mount
//! that does not answer and an endless device block nobody.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::identity::FileIdentity;
use crate::refused::Refused;

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub struct ReadRequest {
    /// The size of the largest accepted file, in bytes.
    pub largest: u64,
    /// The time limit.
    pub patience: Duration,
    /// True to refuse a file that anybody but the user and root could have put there, or could
    /// change. Outside Unix, owners are not checked.
    pub trusted: bool,
}

/// A file that was read.
#[derive(Debug)]
pub struct Content {
    /// All of its bytes.
    pub bytes: Vec<u8>,
    /// The metadata of the file when it was opened.
    pub metadata: Metadata,
}

impl Content {
    /// Which file it was, and in which state.
    pub fn identity(&self) -> FileIdentity {
        FileIdentity::from(&self.metadata)
    }
}

/// Why a file could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The system reported an error.
    Io(io::Error),
    /// The file has more than this many bytes.
    Large(u64),
    /// The file was not read within this time.
    Late(Duration),
    /// An earlier read of the file has not ended yet.
    Stuck,
    /// Somebody else could change the file.
    Refused(Refused),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Large(most) if most % (1 << 20) == 0 => {
                write!(f, "it is larger than {} MiB", most >> 20)
            }
            Self::Large(most) => write!(f, "it is larger than {most} bytes"),
            Self::Late(patience) => write!(
                f,
                "it did not come within {}s: a pipe without a writer, or a mount that does not answer?",
                patience.as_secs_f64()
            ),
            Self::Stuck => f.write_str(
                "it did not come when it was read before, and is still waited for: does its mount \
                 answer?",
            ),
            Self::Refused(refused) => refused.fmt(f),
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads files. Clones share the list of files whose reading has not ended, so that each such file
/// blocks at most one thread.
#[derive(Clone, Debug, Default)]
pub struct FileReader {
    /// The files whose reading has not ended in time. A thread still waits for each.
    stuck: Arc<Mutex<HashSet<PathBuf>>>,
}

impl FileReader {
    /// Reads the file at `path`. Blocks for as long as `request` allows, and a little longer.
    pub fn read(&self, path: &Path, request: ReadRequest) -> Result<Content, ReadError> {
        let own = path.to_owned();
        self.wait(path, request.patience, move |deadline| {
            read_now(&own, request, deadline)
        })
    }

    /// Runs `work` on a thread of its own. A thread that is late is left behind, because a blocked
    /// system call cannot be ended.
    fn wait<T: Send + 'static>(
        &self,
        path: &Path,
        patience: Duration,
        work: impl FnOnce(Instant) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        if self.stuck().contains(path) {
            return Err(ReadError::Stuck);
        }
        let deadline = Instant::now() + patience;
        let (sender, answer) = sync_channel(1);
        let (own, waited) = (self.clone(), path.to_owned());
        let thread = std::thread::Builder::new().name("file".into());
        thread.spawn(move || {
            let done = work(deadline);
            let mut stuck = own.stuck();
            // This fails only when the caller has stopped waiting: the channel has room for one
            // result.
            let _ = sender.send(done);
            stuck.remove(&waited);
        })?;
        // `await_bytes` reports a late pipe itself, with a better error, so this waits a little
        // longer.
        match answer.recv_timeout(patience + Duration::from_millis(200)) {
            Ok(done) => done,
            Err(RecvTimeoutError::Disconnected) => {
                Err(io::Error::other("reading it was broken off").into())
            }
            Err(RecvTimeoutError::Timeout) => {
                let mut stuck = self.stuck();
                // The result may have arrived after the timeout and before the lock.
                answer.try_recv().unwrap_or_else(|_| {
                    stuck.insert(path.to_owned());
                    Err(ReadError::Late(patience))
                })
            }
        }
    }

    fn stuck(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_now(path: &Path, request: ReadRequest, deadline: Instant) -> Result<Content, ReadError> {
    let mut file = open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::other("it is a folder").into());
    }
    #[cfg(unix)]
    if request.trusted {
        crate::trust::distrust(path, &metadata).map_err(ReadError::Refused)?;
    }
    let ReadRequest { largest, .. } = request;
    let large = || Err(ReadError::Large(largest));
    let mut bytes = Vec::new();
    if metadata.is_file() {
        if metadata.len() > largest {
            return large();
        }
        file.take(largest + 1).read_to_end(&mut bytes)?;
    } else {
        let mut block = vec![0; 64 * 1024];
        while bytes.len() as u64 <= largest {
            await_bytes(&file, deadline, request.patience)?;
            match file.read(&mut block) {
                Ok(0) => break,
                Ok(count) => bytes.extend_from_slice(&block[..count]),
                Err(error) if is_early(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    if bytes.len() as u64 > largest {
        return large();
    }
    Ok(Content { bytes, metadata })
}

fn is_early(error: &io::Error) -> bool {
    [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted].contains(&error.kind())
}

/// Opens a file without blocking: a pipe is opened at once, whether or not it has a writer.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let mut options = File::options();
    options.read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Waits until a pipe or a device has bytes to read, or has ended.
#[cfg(unix)]
fn await_bytes(file: &File, deadline: Instant, patience: Duration) -> Result<(), ReadError> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ReadError::Late(patience));
        }
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&left)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
}

#[cfg(not(unix))]
fn await_bytes(_: &File, deadline: Instant, patience: Duration) -> Result<(), ReadError> {
    if Instant::now() < deadline {
        Ok(())
    } else {
        Err(ReadError::Late(patience))
    }
}

#[cfg(all(test, unix))]
#[path = "read/tests.rs"]
mod tests;
