//! The local socket of a running Up, `control.sock`, by which `up snooze` and similar commands
//! reach it at once. The size, duration and number of connections are bounded, and an invalid
//! request harms nothing.
//!
//! A client sends one line of JSON and receives one line. The Up that holds the lock
//! `control.sock.lock` listens. Any other Up over the same data folder tries to take the lock every
//! 2 s, and follows the file of controls meanwhile.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use up_core::{Control, Mood};

/// The longest request, in bytes: more than any path and note need.
#[cfg(unix)]
const LONGEST_REQUEST: u64 = 256 * 1024;
/// The longest reply, in bytes: enough for the decisions about ten sources with the longest
/// possible texts.
pub(crate) const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;
/// The time limit of one exchange.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections are served at once.
#[cfg(unix)]
const MAX_CONNECTIONS: usize = 16;

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Sets or undoes a control.
    Control {
        /// The control.
        control: Control,
    },
    /// Checks the sources at and below this path now.
    CheckNow {
        /// The path.
        path: String,
    },
    /// Explains why people were notified of this path, or were not.
    Why {
        /// The path.
        path: String,
        /// The IANA name of the time zone for the times in the answer; the zone of the answering Up
        /// when missing.
        zone: Option<String>,
    },
    /// Asks whether the engine's loop turns, and whose it is.
    Alive,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ControlReply {
    /// The request was carried out, and its result is on the disk.
    Done,
    /// The request was refused.
    Refused {
        /// The reason, for a person.
        why: String,
    },
    /// This Up watches no such path.
    Unknown,
    /// This Up watches no such path, but a similar one.
    Meant {
        /// The similar path.
        path: String,
    },
    /// The explanation why people were notified, or were not.
    Why {
        /// An [`up_core::decisions::Explanation`] as JSON.
        why: serde_json::Value,
        /// Where the notices are stored; missing when they are not stored.
        #[serde(default)]
        kept: Option<KeptState>,
    },
    /// The engine's loop turns.
    Alive {
        /// The state that it owns; missing when it keeps none.
        #[serde(default)]
        kept: Option<KeptState>,
    },
}

/// The state in which notices are stored, and the mood of the Up that owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptState {
    /// The name of the program that owns the state.
    pub program: String,
    /// The configuration file of the program that owns the state.
    pub config: String,
    /// The mood in use.
    pub mood: Mood,
}

/// A request, and where its reply goes.
#[derive(Debug)]
pub(crate) struct ControlRequest {
    /// The request.
    pub(crate) ask: Ask,
    /// When it is dropped without a reply, the client is told that Up is ending.
    pub(crate) answer: oneshot::Sender<ControlReply>,
}

/// The path of the socket in a data folder.
pub fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Sends a request to the Up that runs over a data folder. Returns `None` when none runs or it does
/// not reply.
pub async fn ask_running(data: &Path, ask: &Ask) -> Option<ControlReply> {
    ask_or_fail(data, ask).await.ok()
}

/// Like [`ask_running`], with the error of the exchange: [`io::ErrorKind::NotFound`] or
/// [`io::ErrorKind::ConnectionRefused`] when no Up listens, [`io::ErrorKind::TimedOut`] when one
/// does not answer.
pub async fn ask_or_fail(data: &Path, ask: &Ask) -> io::Result<ControlReply> {
    let asked = tokio::time::timeout(TIMEOUT, exchange(&socket(data), ask)).await;
    asked.map_err(|_| io::ErrorKind::TimedOut)?
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
        Ask, ControlReply, ControlRequest, Duration, LONGEST_REQUEST, MAX_CONNECTIONS, Path,
        PathBuf, TIMEOUT, io, oneshot,
    };
    use super::{read_line, socket};

    /// How often an Up that does not hold the lock tries to take it.
    const LOCK_POLL: Duration = Duration::from_secs(2);

    /// Listens for as long as the engine receives requests.
    pub(crate) async fn serve(data: PathBuf, asked: mpsc::Sender<ControlRequest>) {
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        while !asked.is_closed() {
            let Ok((_place, listener)) = listen(&data) else {
                sleep(LOCK_POLL).await;
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
                    // Accepting failed, for example because no file descriptor is left. Others may
                    // be closed soon.
                    sleep(LOCK_POLL).await;
                    continue;
                };
                let asked = asked.clone();
                tokio::spawn(async move {
                    // A client that is slow, broken or gone gets no reply.
                    let _ = timeout(TIMEOUT, attend(stream, asked)).await;
                    drop(slot);
                });
            }
        }
    }

    /// Takes the lock and listens. The lock is held as long as the returned file is open.
    fn listen(data: &Path) -> io::Result<(File, UnixListener)> {
        private::data_folder(data)?;
        let place = private::file(&data.join("control.sock.lock"))?;
        place.try_lock()?;
        // Nobody else holds the lock, so an existing socket was left behind by an ended Up.
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
        let answer =
            match serde_json::from_slice::<Ask>(&read_line(&mut stream, LONGEST_REQUEST).await?) {
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
                    why: format!("Up does not understand this request: {error}"),
                },
            };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        stream.write_all(&line).await?;
        stream.shutdown().await
    }
}
