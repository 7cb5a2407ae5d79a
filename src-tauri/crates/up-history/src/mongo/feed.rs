//! The feed: keeps a `MongoDB` up to date with what waits for it in the embedded store. Down, slow or
//! frozen, it holds up nobody: what is due to it waits on disk.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use up_core::Timestamp;

use super::agents::Agent;
use super::pump::{Pump, now};
use super::target::MongoTarget;
use crate::embedded::Embedded;
use crate::store::{StoreError, StoreErrorCode};

/// After a failure: how long until the next attempt, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// News is let gather this long, so that a busy second is a few batches and not hundreds.
const GATHER: Duration = Duration::from_millis(250);

/// Another process may have put something there without telling us.
const LOOK: Duration = Duration::from_secs(5);

/// The pause between two pages of the backfill.
const PACE: Duration = Duration::from_millis(750);

/// At the end a target that answers gets this long to take what has just come.
const FLUSH: Duration = Duration::from_secs(2);

/// How a feed is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// It has not been answered yet.
    Connecting,
    /// It is answered; so many rows wait.
    Ok {
        /// Samples and notes that are not acknowledged yet.
        lag: u64,
        /// The note that could not be removed there for lack of a right, one line for a person.
        unremoved: Option<String>,
    },
    /// Something goes wrong, until the target answers again.
    Trouble {
        /// What kind of trouble. The text may differ each time, by a session's id for one.
        code: StoreErrorCode,
        /// What, one line for a person.
        text: String,
        /// When the target does not answer at all, why: then it need not be asked anything.
        away: Option<String>,
    },
}

/// What [`Feed::drain`] left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Samples and notes that still wait; they go with the next feed.
    pub left: u64,
    /// What went wrong, one line for a person.
    pub trouble: Option<String>,
}

/// One `MongoDB` that is fed. From when it is made until it is stopped or dropped, whatever this
/// process puts into the embedded store is put before that `MongoDB` too; what was there before is
/// not. What waits outlives the process.
pub struct Feed {
    work: FeedWork,
    state: watch::Receiver<FeedState>,
}

enum FeedWork {
    /// Named only.
    Ready(Box<Pump>),
    /// A task has it, until it is told, or nobody is left who could tell it.
    Running(oneshot::Sender<()>, JoinHandle<Pump>),
}

impl Feed {
    /// Names a target without speaking to it yet: for [`Feed::drain`]. Fails only on a URI or a
    /// database's name that cannot be one.
    pub fn prepare(
        embedded: &Embedded,
        uri: &str,
        database: &str,
        agent: impl Into<Agent>,
    ) -> Result<Self, StoreError> {
        let pump = Pump::new(
            embedded.clone(),
            MongoTarget::new(uri, database)?,
            agent.into(),
        );
        Ok(Self {
            work: FeedWork::Ready(Box::new(pump)),
            state: watch::channel(FeedState::Connecting).1,
        })
    }

    /// Names a target and feeds it from a task of its own, on the current tokio runtime. Fails
    /// only on a URI or a database's name that cannot be one.
    pub fn spawn(
        embedded: Embedded,
        uri: &str,
        database: &str,
        agent: impl Into<Agent>,
    ) -> Result<Self, StoreError> {
        let (told, state) = watch::channel(FeedState::Connecting);
        let pump = Pump::new(embedded, MongoTarget::new(uri, database)?, agent.into());
        let (stop, stopped) = oneshot::channel();
        Ok(Self {
            work: FeedWork::Running(stop, tokio::spawn(run(pump, told, stopped))),
            state,
        })
    }

    /// How it is doing. A trouble and its end are told once each.
    pub fn state(&self) -> watch::Receiver<FeedState> {
        self.state.clone()
    }

    /// Brings over what waits, until nothing does, an attempt fails, or the time is up.
    pub async fn drain(self, limit: Duration) -> Drained {
        let end = Instant::now() + limit;
        let Some(mut pump) = self.halt().await else {
            return Drained {
                left: 0,
                trouble: Some("feeding it was broken off".into()),
            };
        };
        let rest = end.saturating_duration_since(Instant::now());
        let trouble = match timeout(rest, pump.empty()).await {
            Ok(Ok(())) => pump.unremoved(),
            Ok(Err(error)) => Some(pump.trouble(&error)),
            Err(_) => Some(pump.too_slow(limit)),
        };
        let left = pump.left().await;
        Drained { left, trouble }
    }

    /// Brings over a page of what was stored before the target was one, as of `now`. A running feed
    /// does so by itself. False when nothing is left, or nothing may go yet.
    pub async fn backfill(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        match &mut self.work {
            FeedWork::Ready(pump) => pump.backfill(now).await,
            FeedWork::Running(..) => Ok(false),
        }
    }

    /// Makes rollups of what is there, for a while, as if the server's clock were ahead by so much. A
    /// running feed does so by itself. False when there is nothing to do now.
    pub async fn roll_up(&mut self, ahead: Duration) -> Result<bool, StoreError> {
        match &mut self.work {
            FeedWork::Ready(pump) => pump.roll_up_ahead(ahead).await,
            FeedWork::Running(..) => Ok(false),
        }
    }

    /// Ends it. A target that answers is first given what has just come, for two seconds at the
    /// most; whatever is left waits for the next feed.
    pub async fn stop(self) {
        if let Some(mut pump) = self.halt().await
            && pump.answered()
        {
            // What does not go now goes with the next feed.
            let _ = timeout(FLUSH, pump.empty()).await;
        }
    }

    /// Ends the task, if there is one. `None` when it has been broken off with its runtime.
    async fn halt(self) -> Option<Box<Pump>> {
        match self.work {
            FeedWork::Ready(pump) => Some(pump),
            FeedWork::Running(stop, task) => {
                // It has ended by itself when the store has been closed.
                let _ = stop.send(());
                task.await.ok().map(Box::new)
            }
        }
    }
}

/// Pumps until told to stop, or until the store is closed.
async fn run(
    mut pump: Pump,
    told: watch::Sender<FeedState>,
    mut stopped: oneshot::Receiver<()>,
) -> Pump {
    let embedded = pump.embedded().clone();
    let mut pause = FIRST_PAUSE;
    loop {
        // Listening begins before looking, so that nothing falls between the two.
        let mut news = std::pin::pin!(embedded.news().notified());
        news.as_mut().enable();
        let turn = async {
            let step = pump.step().await;
            publish_state(&told, &pump, &step).await;
            match &step {
                Ok(true) => {}
                Ok(false) => {
                    // A failure is that of the next step too.
                    let more = matches!(pump.backfill(now()).await, Ok(true));
                    let more = matches!(pump.roll_up().await, Ok(true)) || more;
                    let pause = if more { PACE } else { LOOK };
                    // News or not, it is time to look again.
                    let _ = timeout(pause, news).await;
                    sleep(GATHER).await;
                }
                Err(_) => sleep(pause).await,
            }
            step
        };
        let step = tokio::select! {
            biased;
            _ = &mut stopped => return pump,
            step = turn => step,
        };
        match step {
            Ok(_) => pause = FIRST_PAUSE,
            Err(error) if error.code == StoreErrorCode::Closed => return pump,
            Err(_) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

/// Tells the state, if it is news.
async fn publish_state(
    told: &watch::Sender<FeedState>,
    pump: &Pump,
    step: &Result<bool, StoreError>,
) {
    let state = match step {
        Ok(_) => FeedState::Ok {
            lag: pump.left().await,
            unremoved: pump.unremoved(),
        },
        Err(error) => FeedState::Trouble {
            code: error.code,
            text: pump.trouble(error),
            away: pump.away(error).map(str::to_owned),
        },
    };
    told.send_if_modified(|told| {
        let news = *told != state;
        *told = state;
        news
    });
}
