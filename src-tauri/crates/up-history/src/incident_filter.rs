//! Which incidents of a path are wanted.

use up_core::{Level, Timestamp};

use crate::acknowledgement::KeptAcknowledgement;
use crate::answer::KeptIncident;
use crate::sample::KeptCause;

/// What an incident of one path has to be to be listed.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentFilter {
    /// The path as people know it, which the acknowledgements name.
    pub path: String,
    /// Parts of words in lower case. Each must be in the text of the cause, in its code, or in what the
    /// last acknowledgement says.
    pub words: Vec<String>,
    /// The worst level is one of these; any level if there is none.
    pub levels: Vec<Level>,
    /// The least length in seconds.
    pub shortest: f64,
    /// The greatest length in seconds.
    pub longest: f64,
    /// One that lasts is as long as it has been at this time.
    pub now: Timestamp,
    /// The acknowledgements that may concern the path, oldest first.
    pub acknowledgements: Vec<KeptAcknowledgement>,
}

impl IncidentFilter {
    /// True if the incident is wanted.
    pub fn wants(&self, incident: &KeptIncident) -> bool {
        let length = incident.until.unwrap_or(self.now) - incident.from;
        let length = length.max(0.0);
        self.shortest <= length
            && length <= self.longest
            && (self.levels.is_empty() || self.levels.contains(&incident.level))
            && self.has_words(incident)
    }

    fn has_words(&self, incident: &KeptIncident) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let cause = incident.cause.as_ref();
        let is_of = |given: &&KeptAcknowledgement| given.is_of(&self.path, incident);
        let given = self.acknowledgements.iter().rev().find(is_of);
        let texts = [
            cause.map(KeptCause::text),
            cause.and_then(|cause| Some(cause.code?.code())),
            given.and_then(|given| given.note.as_deref()),
            given.and_then(|given| given.by.as_deref()),
        ];
        let texts: Vec<String> = texts.into_iter().flatten().map(str::to_lowercase).collect();
        let is_there = |word: &String| texts.iter().any(|text| text.contains(word.as_str()));
        self.words.iter().all(is_there)
    }
}
