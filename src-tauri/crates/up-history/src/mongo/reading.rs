//! The database as a question reads it: all of it, or what one agent wrote.

use std::sync::{Arc, PoisonError, RwLock};

use bson::{Document, RawDocumentBuf, doc};
use mongodb::{Collection, Database};

use crate::answer::{IncidentRules, RulesOfPaths};

/// What a question is put to.
pub(super) struct MongoReading {
    pub(super) database: Database,
    /// The agent whose documents alone are read; all agents' if none is named. The empty name is that
    /// of documents that name none, as those of the original.
    pub(super) agent: Option<Arc<str>>,
    pub(super) rules: SharedRules,
}

/// By which rules paths are judged. They change when a configuration does.
pub type SharedRules = Arc<RwLock<RulesOfPaths>>;

impl MongoReading {
    /// The same, of one agent alone.
    pub(super) fn of_agent(&self, agent: &str) -> Self {
        Self {
            database: self.database.clone(),
            agent: Some(agent.into()),
            rules: Arc::clone(&self.rules),
        }
    }

    /// By which rules a path is judged.
    pub(super) fn rules_of(&self, path: &str) -> IncidentRules {
        self.rules
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .of(path)
    }

    pub(super) fn collection(&self, name: &str) -> Collection<RawDocumentBuf> {
        self.database.collection(name)
    }

    /// Of the documents that this finds, those that may be read.
    pub(super) fn filter(&self, mut filter: Document) -> Document {
        match self.agent.as_deref() {
            None => {}
            Some("") => drop(filter.insert("agent", doc! { "$in": [null, ""] })),
            Some(agent) => drop(filter.insert("agent", agent)),
        }
        filter
    }
}
