//! Adds the samples of other files to the embedded history, beside whoever else writes to it.

use std::path::Path;

use up_config::Plan;
use up_core::{Note, Timestamp};
use up_history::embedded::ImportStep;
use up_history::import::ImportedSample;
use up_history::mongo::{Feed, MongoStore};
use up_history::{Embedded, StoreError};

use super::{REPLICATION_TIMEOUT, judge_by, replicas};
use crate::storage::open;

/// True if this Up writes its history to that `MongoDB`, so that what is imported from there would be
/// written there again.
pub fn writes_to(plan: Option<&Plan>, store: &MongoStore) -> bool {
    replicas(plan).any(|replica| {
        let other = MongoStore::open(replica.uri.reveal(), &replica.database);
        other.is_ok_and(|other| other.key() == store.key())
    })
}

/// An import that is under way. It may be broken off after any step: what was added stays, and is
/// left out when the file is imported again.
pub struct Importer {
    embedded: Embedded,
    feeds: Vec<Feed>,
    troubles: Vec<String>,
    outcome: ImportStep,
}

impl Importer {
    /// Opens the embedded history. What is added goes to the `MongoDB`s of the plan, too.
    pub async fn open(plan: Option<&Plan>, data: &Path) -> Result<Self, StoreError> {
        let embedded = open(data).await?;
        if let Some(plan) = plan {
            judge_by(&embedded, &plan.outline).await?;
        }
        let mut troubles = Vec::new();
        let mut feeds = Vec::new();
        let agent = plan.map_or("", |plan| &plan.agent);
        for replica in replicas(plan) {
            match Feed::prepare(&embedded, replica.uri.reveal(), &replica.database, agent) {
                Ok(feed) => feeds.push(feed),
                Err(error) => troubles.push(error.to_string()),
            }
        }
        Ok(Self {
            embedded,
            feeds,
            troubles,
            outcome: ImportStep::default(),
        })
    }

    /// Of days before this time, the history may have rollups only.
    pub async fn pruned_before(&self) -> Result<Timestamp, StoreError> {
        self.embedded.pruned_before().await
    }

    /// Adds some samples.
    pub async fn add(&mut self, samples: Vec<ImportedSample>) -> Result<(), StoreError> {
        self.outcome += self.embedded.import(samples).await?;
        Ok(())
    }

    /// Adds a note. One that is there already, or that a person removed, is left out.
    pub async fn note(&self, note: Note) -> Result<(), StoreError> {
        self.embedded.import_note(note).await
    }

    /// What came of the samples so far.
    pub fn outcome(&self) -> ImportStep {
        self.outcome
    }

    /// Makes the rollups of the next days; false when none lack.
    pub async fn roll_up_step(&self) -> Result<bool, StoreError> {
        self.embedded.roll_up_step().await
    }

    /// Replicates for a few seconds, and closes the history. Returns one line for each thing that a
    /// person should know.
    pub async fn finish(self) -> Vec<String> {
        let mut troubles = self.troubles;
        let drained = self
            .feeds
            .into_iter()
            .map(|feed| feed.drain(REPLICATION_TIMEOUT));
        for drained in futures_util::future::join_all(drained).await {
            match drained.trouble {
                Some(trouble) => troubles.push(trouble),
                None if drained.left > 0 => troubles.push(format!(
                    "{} samples and notes wait for a MongoDB; the next run of Up replicates them",
                    drained.left
                )),
                None => {}
            }
        }
        self.embedded.close().await;
        troubles
    }
}
