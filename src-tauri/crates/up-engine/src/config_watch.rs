//! Says when the configuration file may have changed: also when an editor replaces it, when it is
//! a link, and when it or its folder does not exist yet.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// Editors write in several strokes: quiet for this long means that they are done.
const QUIET: Duration = Duration::from_millis(150);
/// Somebody who writes without a pause is still heard after this long.
const LONGEST: Duration = Duration::from_secs(1);
/// How often to look when the system cannot tell of changes.
const POLL: Duration = Duration::from_secs(2);

/// A watch on one file.
pub(crate) struct ConfigWatch {
    file: PathBuf,
    strokes: mpsc::UnboundedReceiver<()>,
    sender: mpsc::UnboundedSender<()>,
    /// Kept alive: dropping it ends the watch. `None` when the system offers none.
    watcher: Option<RecommendedWatcher>,
    /// While someone writes: when it will have been quiet long enough, and how long to wait at most.
    writing: Option<(Instant, Instant)>,
    /// Without a watcher: when to look again.
    look_again: Instant,
}

impl ConfigWatch {
    /// Starts watching.
    pub(crate) fn new(file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let (sender, strokes) = mpsc::unbounded_channel();
        let look_again = Instant::now() + POLL;
        let mut watch = Self {
            file,
            strokes,
            sender,
            watcher: None,
            writing: None,
            look_again,
        };
        watch.arm();
        watch
    }

    /// Waits until the file may have changed, and whoever writes it has paused. Nothing is lost
    /// when the wait is given up and begun again.
    pub(crate) async fn changed(&mut self) {
        if self.watcher.is_none() {
            tokio::time::sleep_until(self.look_again).await;
        } else {
            while !self.paused().await {}
        }
        // The folder, or what a link leads to, may be another one now.
        self.arm();
    }

    /// Waits for the next stroke, or for the pause after the last one: true then.
    async fn paused(&mut self) -> bool {
        let Some((quiet, latest)) = self.writing else {
            if self.strokes.recv().await.is_some() {
                let now = Instant::now();
                self.writing = Some((now + QUIET, now + LONGEST));
            }
            return false;
        };
        match timeout_at(quiet.min(latest), self.strokes.recv()).await {
            Ok(_) => {
                self.writing = Some((Instant::now() + QUIET, latest));
                Instant::now() >= latest && self.writing.take().is_some()
            }
            Err(_) => self.writing.take().is_some(),
        }
    }

    fn arm(&mut self) {
        self.look_again = Instant::now() + POLL;
        let targets: Vec<PathBuf> = [
            Some(self.file.clone()),
            std::fs::canonicalize(&self.file).ok(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let folders: Vec<PathBuf> = targets
            .iter()
            .filter_map(|target| nearest_folder(target))
            .collect();
        let sender = self.sender.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let matters = event.is_ok_and(|event| {
                !matches!(event.kind, EventKind::Access(_))
                    && event.paths.iter().any(|path| {
                        targets
                            .iter()
                            .any(|target| target == path || target.starts_with(path))
                    })
            });
            if matters {
                // Nobody listens any more only when the engine has ended.
                let _ = sender.send(());
            }
        });
        self.watcher = watcher.ok().and_then(|mut watcher| {
            let armed = folders
                .iter()
                .all(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).is_ok());
            armed.then_some(watcher)
        });
    }
}

/// The folder of a file, or the nearest one above it that exists.
fn nearest_folder(file: &Path) -> Option<PathBuf> {
    file.ancestors()
        .skip(1)
        .find(|folder| folder.is_dir())
        .map(Path::to_owned)
}
