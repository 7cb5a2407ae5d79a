//! The local socket of a running Up: how `up snooze` and its like reach it at once. Peers are
//! bounded in size, time and number, and a wrong one harms nothing.
//!
//! One line of JSON is asked and one is answered. Whoever holds `control.sock.lock` listens; who came
//! later looks now and then whether the place has become free, and follows the file meanwhile.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use up_core::{Control, Mood};

/// The longest line, in bytes: more than any path and note.
#[cfg(unix)]
const LONGEST: u64 = 256 * 1024;
/// The longest answer, in bytes: more than the decisions about ten sources, each with the longest
/// texts there are.
pub(crate) const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;
/// How long an exchange may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many are served at once.
#[cfg(unix)]
const AT_ONCE: usize = 16;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Do this.
    Control {
        /// What.
        control: Control,
    },
    /// Ask the sources at and below this path now.
    CheckNow {
        /// Its path.
        path: String,
    },
    /// Say why people were told of this path, or were not.
    Why {
        /// Its path.
        path: String,
        /// The IANA name of the time zone in which times are to be said; this Up's own without one.
        zone: Option<String>,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ControlReply {
    /// It is done, and kept.
    Done,
    /// It cannot be done: why, for a person.
    Refused {
        /// Why.
        why: String,
    },
    /// This Up does not watch such a path.
    Unknown,
    /// The same, and which path may be meant.
    Meant {
        /// The path.
        path: String,
    },
    /// Why people were told, or were not.
    Why {
        /// As [`up_core::decisions::Explanation`] is written.
        why: serde_json::Value,
        /// Where notices are kept; nothing where they are not.
        #[serde(default)]
        kept: Option<KeptState>,
    },
}

/// The state in which notices are kept, and the mood of the Up that keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptState {
    /// Of which program.
    pub program: String,
    /// Of which configuration file.
    pub config: String,
    /// The mood of now.
    pub mood: Mood,
}

/// What was asked, and where the answer goes.
#[derive(Debug)]
pub(crate) struct ControlRequest {
    /// What.
    pub(crate) ask: Ask,
    /// Dropped, the peer is told that it cannot be done.
    pub(crate) answer: oneshot::Sender<ControlReply>,
}

/// Where the socket of that data folder is.
pub fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Asks the Up that runs over that data folder; `None` when none does, or it does not answer.
pub async fn ask_running(data: &Path, ask: &Ask) -> Option<ControlReply> {
    let asked = tokio::time::timeout(PATIENCE, exchange(&socket(data), ask)).await;
    asked.ok()?.ok()
}

#[cfg(unix)]
async fn exchange(socket: &Path, ask: &Ask) -> io::Result<ControlReply> {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::UnixStream::connect(socket).await?;
    let mut line = serde_json::to_vec(ask)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    Ok(serde_json::from_slice(
        &read_line(stream, LONGEST_ANSWER).await?,
    )?)
}

#[cfg(not(unix))]
async fn exchange(_: &Path, _: &Ask) -> io::Result<ControlReply> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
async fn read_line(stream: impl tokio::io::AsyncRead + Unpin, longest: u64) -> io::Result<Vec<u8>> {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
    let mut line = Vec::new();
    BufReader::new(stream.take(longest))
        .read_until(b'\n', &mut line)
        .await?;
    if line.ends_with(b"\n") {
        Ok(line)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(unix)]
pub(crate) use listening::serve;

#[cfg(unix)]
mod listening {
    use std::fs::File;
    use std::sync::Arc;

    use tokio::io::AsyncWriteExt;
    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::{Semaphore, mpsc};
    use tokio::time::{sleep, timeout};
    use up_files::private;

    use super::{
        AT_ONCE, Ask, ControlReply, ControlRequest, Duration, LONGEST, PATIENCE, Path, PathBuf, io,
        oneshot,
    };
    use super::{read_line, socket};

    /// How often one that came later looks whether it may listen.
    const AGAIN: Duration = Duration::from_secs(2);

    /// Listens for as long as somebody takes what is asked.
    pub(crate) async fn serve(data: PathBuf, asked: mpsc::Sender<ControlRequest>) {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        while !asked.is_closed() {
            let Ok((_place, listener)) = listen(&data) else {
                sleep(AGAIN).await;
                continue;
            };
            loop {
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                    return;
                };
                let stream = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = asked.closed() => return,
                };
                let Ok((stream, _)) = stream else {
                    // No descriptor is left, say: others may be closed soon.
                    sleep(AGAIN).await;
                    continue;
                };
                let asked = asked.clone();
                tokio::spawn(async move {
                    // A peer that is slow, mad or gone is let go: it gets no answer.
                    let _ = timeout(PATIENCE, attend(stream, asked)).await;
                    drop(slot);
                });
            }
        }
    }

    /// The place of the one who listens, held for as long as the file is open, and the listener.
    fn listen(data: &Path) -> io::Result<(File, UnixListener)> {
        private::data_folder(data)?;
        let place = private::file(&data.join("control.sock.lock"))?;
        place.try_lock()?;
        // Nobody else has the place, so whatever socket is there is a dead one's.
        let listener = private::listener(&socket(data), &data.join("control.new"))?;
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        Ok((place, listener))
    }

    async fn attend(mut stream: UnixStream, asked: mpsc::Sender<ControlRequest>) -> io::Result<()> {
        let own = rustix::process::geteuid().as_raw();
        if ![own, 0].contains(&stream.peer_cred()?.uid()) {
            return Ok(());
        }
        let answer = match serde_json::from_slice::<Ask>(&read_line(&mut stream, LONGEST).await?) {
            Ok(ask) => {
                let (answer, answered) = oneshot::channel();
                let taken = asked.send(ControlRequest { ask, answer }).await;
                let ending = || ControlReply::Refused {
                    why: "Up is ending".into(),
                };
                match taken {
                    Ok(()) => answered.await.unwrap_or_else(|_| ending()),
                    Err(_) => ending(),
                }
            }
            Err(error) => ControlReply::Refused {
                why: format!("that is nothing that Up can be asked: {error}"),
            },
        };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        stream.write_all(&line).await?;
        stream.shutdown().await
    }
}
