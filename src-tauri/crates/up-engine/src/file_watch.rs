//! Reports when the content of a file changed: when it is written, replaced, removed or created, or
//! when a link on its path is changed.
//!
//! * `scan`: compares files with their last known state, on a thread of its own
//! * `events`: reports of the kernel that something happened on a file's path, which make the watch
//!   quick
//!
//! The scans alone decide, once at each beat. A scan costs one system call a file. It also sees
//! what the kernel does not report: a file that another machine wrote on a shared disk, and a
//! folder high above that was renamed.

#[cfg_attr(not(target_os = "linux"), path = "file_watch/events_other.rs")]
mod events;
mod scan;

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use up_files::SeenFile;

use crate::beat;
use events::FileEvents;
use scan::{Scans, differ};

/// The delay between a kernel event and the scan, because events come in bursts.
const EVENT_DELAY: Duration = Duration::from_millis(50);
/// How long a changed file must stay the same before the change is reported: editors write in
/// several steps.
const QUIET: Duration = Duration::from_millis(150);
/// A file that changes all the time is reported after this long.
const LONGEST: Duration = Duration::from_secs(1);

/// A watch on some files.
pub(crate) struct FileWatch {
    scans: Scans,
    events: FileEvents,
    next: Instant,
    /// Set while files change: since when, and their state at the last scan.
    changing: Option<(Instant, Vec<SeenFile>)>,
}

impl FileWatch {
    /// Watches one file of which nothing is known. If the file exists, the first scan reports it as
    /// changed.
    pub(crate) fn of(file: &Path) -> Self {
        Self::new(vec![SeenFile::never(file)])
    }

    /// Watches files that were last seen in these states.
    pub(crate) fn new(files: Vec<SeenFile>) -> Self {
        let mut events = FileEvents::default();
        events.follow(&files);
        Self {
            scans: Scans::new(files),
            events,
            // Changes since the files were seen caused no event, so the first scan is due at once.
            next: Instant::now(),
            changing: None,
        }
    }

    /// Watches other files from now on, which were last seen in these states.
    pub(crate) fn follow(&mut self, files: Vec<SeenFile>) {
        self.events.follow(&files);
        self.scans.follow(files);
        self.changing = None;
        self.next = Instant::now();
    }

    /// Waits until the content of a file has changed and its writer has paused. The future may be
    /// dropped and the call repeated without losing a change.
    pub(crate) async fn changed(&mut self) {
        loop {
            self.wait().await;
            let found = self.scans.scan().await;
            let now = Instant::now();
            self.next = beat::next(now);
            if !differ(self.scans.known(), &found) {
                // A file may have been touched, or replaced by one with the same bytes. Its links
                // may have changed.
                if self.scans.adopt(found) {
                    self.events.follow(self.scans.known());
                }
                self.changing = None;
                continue;
            }
            let (since, is_quiet) = match self.changing.take() {
                None => (now, false),
                Some((since, before)) => (since, before == found),
            };
            if is_quiet || now >= since + LONGEST {
                self.scans.adopt(found);
                self.events.follow(self.scans.known());
                return;
            }
            self.changing = Some((since, found));
            self.next = now + QUIET;
        }
    }

    /// Waits until the next scan is due.
    async fn wait(&mut self) {
        if self.scans.is_running() {
            return;
        }
        if self.changing.is_none() {
            tokio::select! {
                () = sleep_until(self.next) => {}
                () = self.events.changed() => {
                    self.next = self.next.min(Instant::now() + EVENT_DELAY);
                }
            }
        }
        sleep_until(self.next).await;
        self.events.clear();
    }
}

#[cfg(all(test, unix))]
mod tests;
