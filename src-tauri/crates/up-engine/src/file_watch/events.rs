//! inotify(7): rings when a name on the way to a watched file is made, replaced, renamed, removed,
//! or written to.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;

use futures_util::{FutureExt, StreamExt};
use inotify::{Event, EventMask, EventStream, Inotify, WatchDescriptor, WatchMask};
use up_files::{SeenFile, links};

/// Folders beyond these are not listened to: the kernel counts them for all programs of the user.
const MOST_FOLDERS: usize = 512;

/// A bell that rings when something happened on the way to a file. Silent where the kernel refuses
/// to say.
#[derive(Default)]
pub(super) struct FileEvents {
    events: Option<EventStream<Vec<u8>>>,
    /// The folders that are listened to, by what the kernel calls each.
    folders: HashMap<WatchDescriptor, PathBuf>,
    /// The names that matter.
    entries: HashSet<PathBuf>,
}

impl FileEvents {
    /// Listens on the ways to these files, as they are now.
    pub(super) fn follow(&mut self, files: &[SeenFile]) {
        let mut folders = HashSet::new();
        let mut entries = HashSet::new();
        for file in files {
            if folders.len() >= MOST_FOLDERS {
                break;
            }
            // A way that cannot be followed rings nothing; the looks see it.
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
        // Nothing of what is merely read: it would wake us all day long.
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
    pub(super) async fn rung(&mut self) {
        while let Some(events) = &mut self.events {
            match events.next().await {
                Some(Ok(event)) if self.matters(&event) => return,
                Some(Ok(_)) => {}
                _ => self.events = None,
            }
        }
        std::future::pending::<()>().await;
    }

    /// Forgets what rang until now: called before looking, so that nothing is missed.
    pub(super) fn hush(&mut self) {
        while let Some(events) = &mut self.events {
            match events.next().now_or_never() {
                None => return,
                Some(Some(Ok(_))) => {}
                Some(_) => self.events = None,
            }
        }
    }

    /// True of what happened to a name on the way, or to a folder itself; more may have happened
    /// than the kernel keeps.
    fn matters(&self, event: &Event<OsString>) -> bool {
        match (self.folders.get(&event.wd), &event.name) {
            (Some(folder), Some(name)) => self.entries.contains(&folder.join(name)),
            _ => !event.mask.contains(EventMask::IGNORED),
        }
    }
}
