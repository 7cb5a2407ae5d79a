//! Reports of inotify(7) that a name on the path of a watched file was created, replaced, renamed,
//! removed or written to.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;

use futures_util::{FutureExt, StreamExt};
use inotify::{Event, EventMask, EventStream, Inotify, WatchDescriptor, WatchMask};
use up_files::{SeenFile, links};

/// The largest number of folders to watch. The kernel limits the watches of all programs of a user
/// together.
const MOST_FOLDERS: usize = 512;

/// Reports when something happened on the path of a watched file. Reports nothing where the kernel
/// refuses.
#[derive(Default)]
pub(super) struct FileEvents {
    events: Option<EventStream<Vec<u8>>>,
    /// The watched folders, by the descriptors that inotify gave them.
    folders: HashMap<WatchDescriptor, PathBuf>,
    /// The names on the paths of the watched files.
    entries: HashSet<PathBuf>,
}

impl FileEvents {
    /// Watches the paths of these files as they are now.
    pub(super) fn follow(&mut self, files: &[SeenFile]) {
        let mut folders = HashSet::new();
        let mut entries = HashSet::new();
        for file in files {
            if folders.len() >= MOST_FOLDERS {
                break;
            }
            // A path that cannot be followed causes no events. The scans see its changes.
            for step in links::follow(&file.path).unwrap_or_default() {
                folders.insert(step.folder);
                entries.insert(step.entry);
            }
        }
        *self = Self::listen(folders, entries).unwrap_or_default();
    }

    fn listen(folders: HashSet<PathBuf>, entries: HashSet<PathBuf>) -> std::io::Result<Self> {
        let inotify = Inotify::init()?;
        let mut watches = inotify.watches();
        // The mask leaves reading out: it would wake the process all the time.
        let mask = WatchMask::CREATE
            | WatchMask::CLOSE_WRITE
            | WatchMask::DELETE
            | WatchMask::DELETE_SELF
            | WatchMask::MOVE
            | WatchMask::MOVE_SELF
            | WatchMask::ONLYDIR;
        let listen_to = |folder: PathBuf| Some((watches.add(&folder, mask).ok()?, folder));
        Ok(Self {
            folders: folders.into_iter().filter_map(listen_to).collect(),
            events: Some(inotify.into_event_stream(vec![0; 4_096])?),
            entries,
        })
    }

    /// Waits until something has happened.
    pub(super) async fn changed(&mut self) {
        while let Some(events) = &mut self.events {
            match events.next().await {
                Some(Ok(event)) if self.matters(&event) => return,
                Some(Ok(_)) => {}
                _ => self.events = None,
            }
        }
        std::future::pending::<()>().await;
    }

    /// Forgets all events up to now. Call it before a scan, so that no later change is missed.
    pub(super) fn clear(&mut self) {
        while let Some(events) = &mut self.events {
            match events.next().now_or_never() {
                None => return,
                Some(Some(Ok(_))) => {}
                Some(_) => self.events = None,
            }
        }
    }

    /// True if the event concerns a name on a watched path or a watched folder itself, or says that
    /// events were lost.
    fn matters(&self, event: &Event<OsString>) -> bool {
        match (self.folders.get(&event.wd), &event.name) {
            (Some(folder), Some(name)) => self.entries.contains(&folder.join(name)),
            _ => !event.mask.contains(EventMask::IGNORED),
        }
    }
}
