//! Steering: what people ask of a running Up, by a command, over the socket or in the file, comes
//! in here; what they asked is kept by a task of its own, one after the other.

use std::path::PathBuf;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use up_core::{Control, Controls};

use crate::clock;
use crate::controls::{ControlsFile, KeepError};
use crate::file_watch::FileWatch;
use crate::socket::{ControlReply, ControlRequest};

/// What comes in.
pub(crate) enum ControlEvent {
    /// Another program asks.
    Asked(ControlRequest),
    /// Something was kept, or read.
    Kept(ControlsRead),
}

/// What is kept now, and why that was looked at.
pub(crate) struct ControlsRead {
    /// All that is in force.
    pub(crate) controls: Result<Controls, KeepError>,
    /// What was asked for, and who waits for it to be done.
    pub(crate) asked: Option<(Control, Option<oneshot::Sender<ControlReply>>)>,
}

enum ControlWork {
    Control(Control, Option<oneshot::Sender<ControlReply>>),
    /// These acknowledgements are over: those of that path and time.
    Over(Vec<(String, f64)>),
}

/// The ways in, and the way to the file.
pub(crate) struct ControlIo {
    work: UnboundedSender<ControlWork>,
    kept: UnboundedReceiver<ControlsRead>,
    asked: mpsc::Receiver<ControlRequest>,
    tasks: Vec<JoinHandle<()>>,
}

impl ControlIo {
    /// Reads what is kept in that data folder, follows it, and listens.
    pub(crate) fn start(data: PathBuf) -> Self {
        let file = ControlsFile::of(&data);
        let (work, todo) = mpsc::unbounded_channel();
        let (done, kept) = mpsc::unbounded_channel();
        // One at a time: the engine answers at once, or is busy for all of them.
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

    /// The next thing that comes in.
    pub(crate) async fn next(&mut self) -> ControlEvent {
        tokio::select! {
            biased;
            Some(kept) = self.kept.recv() => ControlEvent::Kept(kept),
            Some(asked) = self.asked.recv() => ControlEvent::Asked(asked),
            else => std::future::pending().await,
        }
    }

    /// Keeps what a person asks; comes back as [`News::Kept`].
    pub(crate) fn keep(&self, control: Control, answer: Option<oneshot::Sender<ControlReply>>) {
        // Its task ends with us.
        let _ = self.work.send(ControlWork::Control(control, answer));
    }

    /// Forgets acknowledgements that are over, unless they were given anew.
    pub(crate) fn forget(&self, over: Vec<(String, f64)>) {
        let _ = self.work.send(ControlWork::Over(over));
    }

    /// Keeps what is still to be kept, and ends.
    pub(crate) async fn close(self) {
        drop((self.work, self.kept, self.asked));
        for task in self.tasks {
            // The place of the listener, and with it the socket, is free for another Up then.
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
    let read = async || ControlsRead {
        controls: file.read_aside().await,
        asked: None,
    };
    let mut kept = read().await;
    loop {
        // What was to be kept is kept, even when nobody listens any more.
        let _ = done.send(kept);
        kept = tokio::select! {
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
            () = watch.changed() => read().await,
        };
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
