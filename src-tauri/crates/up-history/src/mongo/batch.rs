//! One batch of samples and notes, as it is written to a `MongoDB`.

use bson::Document;
use mongodb::Database;
use up_core::{Note, Record, Timestamp};

use super::agents::{AgentDuty, renew};
use super::document::written;
use super::explain::was_there;
use super::indexes::{self, MongoRetention};
use super::note_states::{ArrivingEdit, carry_out};
use super::rollups::{LateDays, note_late};
use super::target::MongoTarget;
use super::{STATUSES, UNKNOWNS};
use crate::embedded::{OutboxContent, Pending, PendingSample};
use crate::sample::KeptCause;
use crate::store::StoreError;

/// What became of the removals of notes in a batch.
#[derive(Debug, Default, PartialEq)]
pub(super) struct NoteRemovals {
    /// True if a note was removed, or was not there.
    pub(super) is_any_done: bool,
    /// The last note that is still there, because the user may not remove documents.
    pub(super) refused: Option<Note>,
}

/// Writes a batch. A repeated write changes nothing: the ids of the documents are derived, and an edit of a
/// note counts once. `outbox`: the id of the outbox where the rows waited.
pub(super) async fn write_batch(
    target: &MongoTarget,
    outbox: &str,
    rows: Vec<Pending>,
) -> Result<NoteRemovals, StoreError> {
    let database = target.database().await?;
    let written = write(&database, outbox, rows).await;
    written.map_err(|error| target.error(&error))
}

async fn write(
    database: &Database,
    outbox: &str,
    rows: Vec<Pending>,
) -> mongodb::error::Result<NoteRemovals> {
    let mut late = LateDays::default();
    for row in &rows {
        if let OutboxContent::Sample(sample) = &row.what {
            late.add(&sample.path, row.date);
        }
    }
    note_late(database, late).await?;
    let mut batches = [STATUSES, UNKNOWNS].map(|name| (name, Vec::new()));
    let mut removals = NoteRemovals::default();
    for row in rows {
        let (note, is_removed) = match row.what {
            OutboxContent::Note(note) => (note, false),
            OutboxContent::RemovedNote(note) => (note, true),
            OutboxContent::Sample(sample) => {
                let (collection, document) = written(&row.agent, row.date, sample);
                let into = batches.iter_mut().find(|(name, _)| *name == collection);
                if let Some((_, documents)) = into {
                    documents.push(document);
                }
                continue;
            }
        };
        // A note may be removed and written again: their order counts, that of samples does not.
        let edit = ArrivingEdit {
            agent: row.agent,
            waited: (outbox.to_owned(), row.seq),
            note,
            is_removed,
        };
        let is_done = carry_out(database, &edit).await?;
        removals.is_any_done |= is_removed && is_done;
        if !is_done {
            removals.refused = Some(edit.note);
        }
    }
    for (name, documents) in batches {
        if documents.is_empty() {
            continue;
        }
        let collection = database.collection::<Document>(name);
        match collection.insert_many(documents).ordered(false).await {
            Err(error) if !was_there(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(removals)
}

/// Writes to a `MongoDB` what any number of agents would write, batch by batch as their feeds do, but
/// without an embedded store for each. The benchmark of a fleet uses it.
pub struct BatchWriter {
    target: MongoTarget,
}

impl BatchWriter {
    /// Names a `MongoDB` without speaking to it yet. Fails only on a URI or a database's name that
    /// cannot be one.
    pub fn new(uri: &str, database: &str) -> Result<Self, StoreError> {
        let target = MongoTarget::new(uri, database)?;
        Ok(Self { target })
    }

    /// Makes the indexes that a feed makes when it first reaches a `MongoDB`.
    pub async fn make_indexes(&self) -> Result<(), StoreError> {
        let database = self.target.database().await?;
        indexes::make(&database, MongoRetention::default()).await;
        Ok(())
    }

    /// Writes one batch of an agent's samples.
    pub async fn write(&self, agent: &str, records: Vec<Record>) -> Result<(), StoreError> {
        let rows = records.into_iter().map(|record| pending(agent, record));
        let rows = rows.collect();
        // They are no notes, and waited nowhere.
        write_batch(&self.target, "", rows).await.map(drop)
    }

    /// Renews the document of an agent. `now` is the agent's own clock.
    pub async fn renew(
        &self,
        agent: &str,
        duty: AgentDuty,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let database = self.target.database().await?;
        let done = renew(&database, agent, duty, now).await;
        done.map_err(|error| self.target.error(&error))
    }
}

fn pending(agent: &str, record: Record) -> Pending {
    let sample = record.sample;
    let cause = sample.cause.as_ref();
    Pending {
        seq: 0,
        agent: agent.to_owned(),
        date: sample.date,
        what: OutboxContent::Sample(PendingSample {
            path: record.path.as_ref().to_owned(),
            status: sample.status.map(up_core::Status::value),
            duration: sample.duration,
            cause: cause.map(|cause| KeptCause::new(Some(cause.code), &cause.text)),
        }),
    }
}
