//! The pump: takes one batch after the other out of the embedded store to a `MongoDB`, and lets each
//! go only when that has acknowledged it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bson::doc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use up_core::Timestamp;
use up_core::line::one_line;

use super::agents::{Agent, Heartbeat};
use super::backfill::Backfill;
use super::batch::{NoteRemovals, write_batch};
use super::indexes::{self, MongoRetention};
use super::reading::{MongoReading, SharedRules};
use super::rollups::RollupBuilder;
use super::target::MongoTarget;
use crate::embedded::{Embedded, TargetLease};
use crate::store::{StoreError, StoreErrorCode};

/// Documents a batch. It is halved for a server that does not manage that in time.
const BATCH: usize = 1_000;
const SMALLEST: usize = 10;

/// How long one attempt may take in all.
const ATTEMPT: Duration = Duration::from_secs(10);

/// How long a step of the rollups may take.
const STEP: Duration = Duration::from_mins(1);

/// How long rollups are left alone once there is nothing to do.
const REST: Duration = Duration::from_secs(30);

/// The longest part of a note, in bytes, that a trouble quotes.
const QUOTED: usize = 100;

/// What waits for one target, and the way there.
pub(super) struct Pump {
    embedded: Embedded,
    target: MongoTarget,
    size: usize,
    /// False until the target answered, and again after each failure.
    answered: bool,
    /// Making indexes; ended with the pump.
    indexes: Option<JoinSet<()>>,
    heartbeat: Heartbeat,
    /// The note that is still there although it was to be removed, one line for a person.
    unremoved: Option<String>,
    keep: MongoRetention,
    backfill: Backfill,
    rollups: RollupBuilder,
    /// The rollups are not looked at before.
    rest: Option<Instant>,
    _fed: TargetLease,
}

impl Pump {
    /// From now on whatever this process writes waits for this target too.
    pub(super) fn new(embedded: Embedded, target: MongoTarget, agent: Agent) -> Self {
        let backfill = Backfill::new(&target, &agent.name);
        let rollups = RollupBuilder::new(&agent.name, agent.keep.ours);
        let fed = embedded.feed(&target.key, &agent.name);
        Self {
            embedded,
            target,
            size: BATCH,
            answered: false,
            indexes: None,
            unremoved: None,
            keep: agent.keep,
            heartbeat: Heartbeat::new(agent),
            backfill,
            rollups,
            rest: None,
            _fed: fed,
        }
    }

    pub(super) fn embedded(&self) -> &Embedded {
        &self.embedded
    }

    /// True when the last attempt went well.
    pub(super) fn answered(&self) -> bool {
        self.answered
    }

    /// Steps until nothing waits.
    pub(super) async fn empty(&mut self) -> Result<(), StoreError> {
        while self.step().await? {}
        Ok(())
    }

    /// Brings over one batch; false when nothing waits. Dropped at any point it loses nothing: at
    /// worst the same documents are written again, which changes nothing.
    pub(super) async fn step(&mut self) -> Result<bool, StoreError> {
        let done = self.bring().await;
        if done.is_err() {
            self.answered = false;
            self.heartbeat.hasten();
            // Whatever became of them; asking again for what is there costs nothing.
            self.indexes = None;
        }
        done
    }

    async fn bring(&mut self) -> Result<bool, StoreError> {
        if !self.answered {
            self.within(self.greet()).await?;
            self.answered = true;
            self.make_indexes().await?;
        }
        self.beat().await?;
        let rows = self.embedded.pending(&self.target.key, self.size).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            return Ok(false);
        };
        let outbox = self.embedded.outbox_id().await?;
        let written = self.within(write_batch(&self.target, &outbox, rows)).await;
        self.size = match &written {
            Ok(_) => (self.size * 2).min(BATCH),
            Err(_) => (self.size / 2).max(SMALLEST),
        };
        self.follow_removals(written?);
        self.embedded.acknowledge(&self.target.key, last).await?;
        Ok(true)
    }

    /// A note that could not be removed is said until another one could be.
    fn follow_removals(&mut self, removals: NoteRemovals) {
        if let Some(note) = removals.refused {
            let (name, message) = (&self.target.name, one_line(note.message(), QUOTED));
            self.unremoved = Some(format!(
                "{name} still has the note \u{201c}{message}\u{201d}: its user may not remove documents from \
                 annotations. Grant it that right, and remove the note again"
            ));
        } else if removals.is_any_done {
            self.unremoved = None;
        }
    }

    /// The note that is still there because the user may not remove documents, one line for a person.
    pub(super) fn unremoved(&self) -> Option<String> {
        self.unremoved.clone()
    }

    async fn within<T>(
        &self,
        attempt: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let late = |_| self.target.too_slow(ATTEMPT);
        timeout(ATTEMPT, attempt).await.map_err(late)?
    }

    /// Asks whether it is there, and takes us.
    async fn greet(&self) -> Result<(), StoreError> {
        let database = self.target.database().await?;
        let answer = database.run_command(doc! { "ping": 1 }).await;
        answer.map(drop).map_err(|e| self.target.error(&e))
    }

    /// Brings over a page of what was stored before the target was one. False when there is nothing
    /// to do now.
    pub(super) async fn backfill(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let step = self.backfill.step(&self.embedded, &self.target, now);
        let late = |_| self.target.too_slow(ATTEMPT);
        timeout(ATTEMPT, step).await.map_err(late)?
    }

    /// Makes rollups for a while, if it is time to. False when there is nothing to do now.
    pub(super) async fn roll_up(&mut self) -> Result<bool, StoreError> {
        if self.rest.is_some_and(|rest| Instant::now() < rest) {
            return Ok(false);
        }
        let step = self.roll_up_ahead(Duration::ZERO).await;
        // A failure is no trouble of the samples: what is not rolled up is read from them.
        self.rest = (!matches!(step, Ok(true))).then(|| Instant::now() + REST);
        step
    }

    /// Makes rollups for a while, as if the server's clock were ahead by so much.
    pub(super) async fn roll_up_ahead(&mut self, ahead: Duration) -> Result<bool, StoreError> {
        let ahead = i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX);
        let (target, rollups) = (&self.target, &mut self.rollups);
        let step = async {
            let reading = MongoReading {
                database: target.database().await?,
                agent: None,
                rules: SharedRules::default(),
            };
            let step = rollups.step(&reading, ahead).await;
            step.map_err(|e| target.error(&e))
        };
        let late = |_| target.too_slow(STEP);
        timeout(STEP, step).await.map_err(late)?
    }

    /// Renews the agent's document. A user who may not write there loses only that.
    async fn beat(&mut self) -> Result<(), StoreError> {
        let now = now();
        let (target, heartbeat) = (&self.target, &mut self.heartbeat);
        let beat = async {
            let database = target.database().await?;
            let done = heartbeat.beat(&database, now).await;
            done.map_err(|e| target.error(&e))
        };
        match timeout(ATTEMPT, beat).await {
            Ok(Err(error)) if error.code != StoreErrorCode::Refused => Err(error),
            Ok(_) => Ok(()),
            Err(_) => Err(target.too_slow(ATTEMPT)),
        }
    }

    /// Sees to the indexes that history is asked by, aside: a big collection takes its time, and
    /// who may not make them can still write.
    async fn make_indexes(&mut self) -> Result<(), StoreError> {
        let database = self.target.database().await?;
        let keep = self.keep;
        let mut making = JoinSet::new();
        making.spawn(async move { indexes::make(&database, keep).await });
        self.indexes = Some(making);
        Ok(())
    }

    /// How many rows wait.
    pub(super) async fn left(&self) -> u64 {
        // A store that cannot be read says so when it is asked for rows.
        self.embedded
            .left(&self.target.key)
            .await
            .unwrap_or_default()
    }

    /// The trouble with what becomes of the samples, for a person.
    pub(super) fn trouble(&self, error: &StoreError) -> String {
        let name = &self.target.name;
        if error.name == *name {
            format!(
                "{name} is not being written: {}. What is due to it waits in the embedded history",
                error.message
            )
        } else {
            format!("{name} is not being written: {error}")
        }
    }

    /// Why the target does not answer at all, if that is the trouble.
    pub(super) fn away<'e>(&self, error: &'e StoreError) -> Option<&'e str> {
        let of_target = error.name == self.target.name;
        (of_target && error.code == StoreErrorCode::Unavailable).then_some(&error.message)
    }

    /// The same, when it took longer than this.
    pub(super) fn too_slow(&self, limit: Duration) -> String {
        self.trouble(&self.target.too_slow(limit))
    }
}

/// The clock of this machine.
pub(super) fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}
