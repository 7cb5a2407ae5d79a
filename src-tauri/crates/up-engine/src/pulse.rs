//! The sign of life of the engine's loop, for a supervisor such as systemd: the loop itself answers,
//! so that a stuck loop gives none.

use tokio::sync::{mpsc, oneshot, watch};

/// Asks the engine's loop for signs of life, and waits for reloads to end.
#[derive(Clone, Debug)]
pub struct Pulse {
    beats: mpsc::Sender<oneshot::Sender<()>>,
    reloads: watch::Receiver<u64>,
}

/// The loop's end of a [`Pulse`].
pub(crate) struct PulseSource {
    /// Whoever asks for a sign of life.
    pub(crate) beats: mpsc::Receiver<oneshot::Sender<()>>,
    /// How many reloads that were commanded have ended.
    pub(crate) reloads: watch::Sender<u64>,
}

impl Pulse {
    pub(crate) fn new() -> (Self, PulseSource) {
        // One question is enough: whoever asks waits for the answer.
        let (asker, beats) = mpsc::channel(1);
        let (reloads, ended) = watch::channel(0);
        let pulse = Self {
            beats: asker,
            reloads: ended,
        };
        (pulse, PulseSource { beats, reloads })
    }

    /// Waits until the engine's loop answers, for ever if it is stuck. Returns false once the loop
    /// has ended.
    pub async fn beat(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.beats.send(answer).await.is_ok() && answered.await.is_ok()
    }

    /// The number of commanded reloads that have ended, well or not.
    pub fn reloads(&self) -> u64 {
        *self.reloads.borrow()
    }

    /// Waits until more than `seen` reloads have ended. Returns false if the engine ends before.
    pub async fn reloaded_since(&mut self, seen: u64) -> bool {
        self.reloads.wait_for(|ended| *ended > seen).await.is_ok()
    }
}
