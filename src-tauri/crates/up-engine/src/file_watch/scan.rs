//! Scans files on a thread of its own. A file that blocks, as on a mount that is gone, delays
//! neither the engine nor the scans of other files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use up_files::{FileIdentity, FileReader, ReadRequest, SeenFile};

/// How long a scan may take before the file that it is reading counts as blocked.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The size of the largest file that is compared by its bytes. A larger file has changed when its
/// identity has.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A scan that was started.
struct FileScan {
    task: JoinHandle<Vec<Option<SeenFile>>>,
    /// The index of the file that the scan is reading.
    at: Arc<AtomicUsize>,
    late: Instant,
}

/// The scans of some files.
pub(super) struct Scans {
    known: Vec<SeenFile>,
    reader: FileReader,
    running: Option<FileScan>,
    /// The files that block, each with the scan that waits for it.
    stuck: HashMap<PathBuf, JoinHandle<Vec<Option<SeenFile>>>>,
    /// Reads the identity of a file. Only a test uses another function.
    identity: fn(&Path) -> Option<FileIdentity>,
}

impl Scans {
    pub(super) fn new(known: Vec<SeenFile>) -> Self {
        Self {
            known,
            reader: FileReader::default(),
            running: None,
            stuck: HashMap::new(),
            identity: FileIdentity::of,
        }
    }

    /// The last known states of the files.
    pub(super) fn known(&self) -> &[SeenFile] {
        &self.known
    }

    /// True while a scan is under way.
    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Scans these files from now on.
    pub(super) fn follow(&mut self, known: Vec<SeenFile>) {
        self.known = known;
        // The results of the scan under way are about other files, or about earlier states.
        self.running = None;
    }

    /// Makes the results of a scan the known states. Returns true when any of them is new.
    pub(super) fn adopt(&mut self, found: Vec<SeenFile>) -> bool {
        let is_new = self.known != found;
        self.known = found;
        is_new
    }

    /// Scans all files. The future may be dropped and the call repeated without losing a result.
    pub(super) async fn scan(&mut self) -> Vec<SeenFile> {
        loop {
            let look = match &mut self.running {
                Some(look) => look,
                none => none.insert(begin(
                    &self.known,
                    &mut self.stuck,
                    self.reader.clone(),
                    self.identity,
                )),
            };
            match timeout_at(look.late, &mut look.task).await {
                Ok(found) => {
                    self.running = None;
                    let found = found.unwrap_or_default().into_iter();
                    // A file that was not scanned keeps its known state.
                    let found = found.chain(std::iter::repeat(None)).zip(&self.known);
                    return found
                        .map(|(found, known)| found.unwrap_or_else(|| known.clone()))
                        .collect();
                }
                Err(_) => {
                    if let Some(look) = self.running.take()
                        && let Some(file) = self.known.get(look.at.load(Ordering::Relaxed))
                    {
                        self.stuck.insert(file.path.clone(), look.task);
                    }
                }
            }
        }
    }
}

/// Starts a scan of all files except those that block earlier scans.
fn begin(
    known: &[SeenFile],
    stuck: &mut HashMap<PathBuf, JoinHandle<Vec<Option<SeenFile>>>>,
    reader: FileReader,
    identity: fn(&Path) -> Option<FileIdentity>,
) -> FileScan {
    stuck.retain(|_, task| !task.is_finished());
    let skip = |file: &SeenFile| stuck.contains_key(&file.path);
    let files: Vec<Option<SeenFile>> = known
        .iter()
        .map(|file| (!skip(file)).then(|| file.clone()))
        .collect();
    let at = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&at);
    let task = tokio::task::spawn_blocking(move || {
        let look = |(number, file): (usize, Option<SeenFile>)| {
            own.store(number, Ordering::Relaxed);
            Some(again(file?, &reader, identity))
        };
        files.into_iter().enumerate().map(look).collect()
    });
    FileScan {
        task,
        at,
        late: Instant::now() + TIMEOUT,
    }
}

/// The current state of a file. Its bytes are read only if its identity has changed.
fn again(
    file: SeenFile,
    reader: &FileReader,
    identity: fn(&Path) -> Option<FileIdentity>,
) -> SeenFile {
    let now = identity(&file.path);
    if now == file.identity {
        return file;
    }
    if now.is_none_or(|now| !now.is_regular()) {
        // A pipe delivers its bytes only once, and they are for whoever loads the configuration.
        return SeenFile {
            identity: now,
            content: None,
            ..file
        };
    }
    let request = ReadRequest {
        largest: LARGEST,
        patience: TIMEOUT / 2,
        trusted: false,
    };
    let read = reader.read(&file.path, request);
    let read = SeenFile::read(&file.path, read.as_ref());
    SeenFile {
        // For a file that cannot be read, its identity is enough.
        identity: read.identity.or(now),
        ..read
    }
}

/// True when the content of a file has changed. A file that is now missing, empty or unreadable
/// does not count as changed.
pub(super) fn differ(known: &[SeenFile], found: &[SeenFile]) -> bool {
    let contents = |files: &[SeenFile]| -> Vec<Option<u64>> {
        files.iter().map(|file| file.content).collect()
    };
    contents(known) != contents(found)
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// A simulated dead mount: what a call to it waits for, and whether one waits.
    static MOUNT: (Mutex<Mount>, Condvar) = (Mutex::new(Mount::Gone), Condvar::new());

    #[derive(PartialEq)]
    enum Mount {
        Gone,
        Asked,
        Back,
    }

    fn slow_on_the_mount(path: &Path) -> Option<FileIdentity> {
        if path.ends_with("gone") {
            let (mount, news) = &MOUNT;
            let mut mount = mount.lock().expect("nobody fails with it");
            if *mount == Mount::Gone {
                *mount = Mount::Asked;
            }
            let back = news.wait_while(mount, |mount| *mount != Mount::Back);
            drop(back.expect("nobody fails with it"));
        }
        FileIdentity::of(path)
    }

    fn mount() -> std::sync::MutexGuard<'static, Mount> {
        MOUNT.0.lock().expect("nobody fails with it")
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_on_a_dead_mount_holds_up_no_look_at_the_others() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| SeenFile::never(&folder.path().join(name));
        let mut scans = Scans::new(vec![at("a"), at("gone"), at("b")]);
        scans.identity = slow_on_the_mount;
        std::fs::write(folder.path().join("b"), "text").expect("a file");
        let time_passes = async {
            while *mount() != Mount::Asked {
                tokio::task::yield_now().await;
            }
            tokio::time::advance(TIMEOUT).await;
        };
        let (found, ()) = tokio::join!(scans.scan(), time_passes);
        assert_eq!(found[1], at("gone"), "it is as it was");
        assert!(found[2].content.is_some(), "the one behind it is seen");
        let again = scans.scan().await;
        assert_eq!(again, found);
        assert_eq!(scans.stuck.len(), 1, "one thread waits for it");
        *mount() = Mount::Back;
        MOUNT.1.notify_all();
        while !scans.stuck.values().all(JoinHandle::is_finished) {
            tokio::task::yield_now().await;
        }
        std::fs::write(folder.path().join("gone"), "text").expect("a file");
        let back = scans.scan().await;
        assert!(back[1].content.is_some(), "it is looked at again");
    }
}
