//! Reports of the system that it goes to sleep or woke up: login1's signal `PrepareForSleep` on the
//! system bus. Without login1, only the clocks show that the machine slept.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

/// The first pause before the bus is tried again after a failure. Each further pause is longer.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LAST: Duration = Duration::from_mins(15);

/// What login1 reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogindSignal {
    Asleep,
    Awake,
}

/// Listens to login1, and tries again while there is none.
pub(super) struct Logind {
    words: mpsc::UnboundedReceiver<LogindSignal>,
    task: JoinHandle<()>,
}

impl Logind {
    pub(super) fn open() -> Self {
        let (signals, words) = mpsc::unbounded_channel();
        Self {
            words,
            task: tokio::spawn(listen(signals)),
        }
    }

    pub(super) async fn said(&mut self) -> LogindSignal {
        match self.words.recv().await {
            Some(word) => word,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Logind {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(signals: mpsc::UnboundedSender<LogindSignal>) {
    let mut pause = FIRST_PAUSE;
    loop {
        // The connection ends when the bus goes away, or cannot be made at all.
        if follow(&signals).await.is_ok() {
            pause = FIRST_PAUSE;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST);
    }
}

async fn follow(sender: &mpsc::UnboundedSender<LogindSignal>) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.login1")?
        .interface("org.freedesktop.login1.Manager")?
        .member("PrepareForSleep")?
        .path("/org/freedesktop/login1")?
        .build();
    let mut signals = MessageStream::for_match_rule(rule, &bus, Some(8)).await?;
    while let Some(signal) = signals.next().await {
        let Ok(going) = signal?.body().deserialize::<bool>() else {
            continue;
        };
        let word = if going {
            LogindSignal::Asleep
        } else {
            LogindSignal::Awake
        };
        if sender.send(word).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
