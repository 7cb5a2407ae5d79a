//! The input and output of controls. Requests of people arrive here by a command, over the socket
//! or in the file. A task of its own writes the controls to the file, one change after the other.

use std::path::PathBuf;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use up_core::{Control, Controls};

use crate::clock;
use crate::controls::{ControlsFile, KeepError};
use crate::file_watch::FileWatch;
use crate::socket::{ControlReply, ControlRequest};

/// An event for the engine.
pub(crate) enum ControlEvent {
    /// Another program sent a request over the socket.
    Asked(ControlRequest),
    /// The controls were written or read.
    Kept(ControlsRead),
}

/// The controls as the file has them now, and the request that caused the reading, if any.
pub(crate) struct ControlsRead {
    /// The controls in force, or why they could not be read or written.
    pub(crate) controls: Result<Controls, KeepError>,
    /// The control that a person asked for, and where its answer goes, if somebody waits for it.
    pub(crate) asked: Option<(Control, Option<oneshot::Sender<ControlReply>>)>,
}

enum ControlWork {
    Control(Control, Option<oneshot::Sender<ControlReply>>),
    /// Removes the acknowledgements with these paths and dates, whose outages are over.
    Over(Vec<(String, f64)>),
}

/// The channels of the control tasks.
pub(crate) struct ControlIo {
    work: UnboundedSender<ControlWork>,
    kept: UnboundedReceiver<ControlsRead>,
    asked: mpsc::Receiver<ControlRequest>,
    tasks: Vec<JoinHandle<()>>,
}

impl ControlIo {
    /// Reads the controls in the data folder, follows their file, and listens on the socket. The
    /// controls are the first event, so that no check of a paused source starts before them.
    pub(crate) async fn start(data: PathBuf) -> Self {
        let file = ControlsFile::of(&data);
        let (work, todo) = mpsc::unbounded_channel();
        let (done, kept) = mpsc::unbounded_channel();
        // This cannot fail: the receiver is at hand.
        let _ = done.send(read(&file).await);
        // One request at a time: the engine answers quickly, or is too busy for any of them.
        let (asks, asked) = mpsc::channel(1);
        let mut tasks = vec![tokio::spawn(keep(file, todo, done))];
        #[cfg(unix)]
        tasks.push(tokio::spawn(crate::socket::serve(data, asks)));
        #[cfg(not(unix))]
        drop((data, asks, &mut tasks));
        Self {
            work,
            kept,
            asked,
            tasks,
        }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> ControlEvent {
        tokio::select! {
            biased;
            Some(kept) = self.kept.recv() => ControlEvent::Kept(kept),
            Some(asked) = self.asked.recv() => ControlEvent::Asked(asked),
            else => std::future::pending().await,
        }
    }

    /// Writes a control to the file. [`ControlEvent::Kept`] reports the result.
    pub(crate) fn keep(&self, control: Control, answer: Option<oneshot::Sender<ControlReply>>) {
        // This cannot fail: the receiving task lives as long as `self`.
        let _ = self.work.send(ControlWork::Control(control, answer));
    }

    /// Removes acknowledgements whose outages are over, unless they were given anew.
    pub(crate) fn forget(&self, over: Vec<(String, f64)>) {
        let _ = self.work.send(ControlWork::Over(over));
    }

    /// Writes the changes that are still queued, and ends the tasks.
    pub(crate) async fn close(self) {
        drop((self.work, self.kept, self.asked));
        for task in self.tasks {
            // Once the listener's task has ended, another Up can take over the socket.
            let _ = task.await;
        }
    }
}

async fn keep(
    file: ControlsFile,
    mut todo: UnboundedReceiver<ControlWork>,
    done: UnboundedSender<ControlsRead>,
) {
    let mut watch = FileWatch::of(&file.path());
    loop {
        let kept = tokio::select! {
            biased;
            work = todo.recv() => match work {
                None => break,
                Some(ControlWork::Control(control, answer)) => {
                    let now = clock::now();
                    let asked = control.clone();
                    let change = move |controls: &mut Controls| controls.apply(&asked, now);
                    ControlsRead {
                        controls: file.change(now, change).await,
                        asked: Some((control, answer)),
                    }
                }
                Some(ControlWork::Over(over)) => {
                    let change = move |controls: &mut Controls| forget(controls, &over);
                    ControlsRead {
                        controls: file.change(clock::now(), change).await,
                        asked: None,
                    }
                }
            },
            () = watch.changed() => read(&file).await,
        };
        // The change is on the disk, even if nobody waits for the report any more.
        let _ = done.send(kept);
    }
}

async fn read(file: &ControlsFile) -> ControlsRead {
    ControlsRead {
        controls: file.read_aside().await,
        asked: None,
    }
}

fn forget(controls: &mut Controls, over: &[(String, f64)]) -> bool {
    let before = controls.acknowledged.len();
    controls.acknowledged.retain(|path, given| {
        let is_over = |(own, since): &(String, f64)| own == path && given.since <= *since;
        !over.iter().any(is_over)
    });
    controls.acknowledged.len() != before
}
