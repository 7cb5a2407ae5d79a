//! Says when a file holds something else than it did: when it is written, replaced, taken away or
//! put there, or when any link on the way to it is turned.
//!
//! - `look`: compares files with what they were, on a thread of its own
//! - `bell`: the kernel's word that something happened on the way to one, which makes it quick
//!
//! The looks alone decide, at each beat. They cost a system call a file and second, and see what no bell tells of:
//! a file that another machine wrote on a shared disk, a folder high above that was renamed.

#[cfg_attr(not(target_os = "linux"), path = "file_watch/events_other.rs")]
mod events;
mod scan;

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use up_files::SeenFile;

use crate::beat;
use events::FileEvents;
use scan::{Looks, differ};

/// A ring is followed by others: a look waits for so long.
const RINGING: Duration = Duration::from_millis(50);
/// Editors write in several strokes: a file that stays the same for this long is written.
const QUIET: Duration = Duration::from_millis(150);
/// Somebody who writes without a pause is still heard after this long.
const LONGEST: Duration = Duration::from_secs(1);

/// A watch on some files.
pub(crate) struct FileWatch {
    looks: Looks,
    events: FileEvents,
    next: Instant,
    /// While files change: since when, and what they were at the last look.
    changing: Option<(Instant, Vec<SeenFile>)>,
}

impl FileWatch {
    /// Watches one file of which nothing is known: the first look is a change, if there is one.
    pub(crate) fn of(file: &Path) -> Self {
        Self::new(vec![SeenFile::never(file)])
    }

    /// Watches files that were seen so.
    pub(crate) fn new(files: Vec<SeenFile>) -> Self {
        let mut events = FileEvents::default();
        events.follow(&files);
        Self {
            looks: Looks::new(files),
            events,
            // What changed between then and now has rung no bell.
            next: Instant::now(),
            changing: None,
        }
    }

    /// Watches these files from now on, which were seen so.
    pub(crate) fn follow(&mut self, files: Vec<SeenFile>) {
        self.events.follow(&files);
        self.looks.follow(files);
        self.changing = None;
        self.next = Instant::now();
    }

    /// Waits until a file holds something else than it did, and whoever writes it has paused.
    /// Nothing is lost when the wait is given up and begun again.
    pub(crate) async fn changed(&mut self) {
        loop {
            self.wait().await;
            let found = self.looks.look().await;
            let now = Instant::now();
            self.next = beat::next(now);
            if !differ(self.looks.known(), &found) {
                // Touched, perhaps: the same bytes in another file. Links may lead elsewhere.
                if self.looks.adopt(found) {
                    self.events.follow(self.looks.known());
                }
                self.changing = None;
                continue;
            }
            let (since, is_quiet) = match self.changing.take() {
                None => (now, false),
                Some((since, before)) => (since, before == found),
            };
            if is_quiet || now >= since + LONGEST {
                self.looks.adopt(found);
                self.events.follow(self.looks.known());
                return;
            }
            self.changing = Some((since, found));
            self.next = now + QUIET;
        }
    }

    /// Waits until it is time to look.
    async fn wait(&mut self) {
        if self.looks.is_looking() {
            return;
        }
        if self.changing.is_none() {
            tokio::select! {
                () = sleep_until(self.next) => {}
                () = self.events.rung() => {
                    self.next = self.next.min(Instant::now() + RINGING);
                }
            }
        }
        sleep_until(self.next).await;
        self.events.hush();
    }
}

#[cfg(all(test, unix))]
mod tests;
