//! What a day's document said before it was made anew.

use bson::raw::RawDocument;
use bson::{DateTime, Document, doc};
use mongodb::error::Result;

use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint, limit};
use super::RUNS;
use super::day::{DayHead, id, whole};
use super::day_agents::{DayAgents, agent_id};
use super::day_build::DayBuild;
use crate::answer::DurationDetail;

/// What a day's document said before it was made anew.
#[derive(Default)]
pub(super) struct KnownDay {
    pub(super) late: Option<DateTime>,
    made: Option<i64>,
    pub(super) until: i64,
    pub(super) samples: i64,
    pub(super) agents: DayAgents,
    /// It was asked to be made anew.
    is_wanted_again: bool,
    head: Option<DayHead>,
}

impl KnownDay {
    pub(super) fn read(document: &RawDocument) -> Self {
        Self {
            late: document.get_datetime("late").ok(),
            made: whole(document, "made"),
            until: whole(document, "until").unwrap_or_default(),
            samples: whole(document, "samples").unwrap_or_default(),
            agents: DayAgents::read(document),
            is_wanted_again: document.get_bool("again").is_ok_and(|again| again),
            head: DayHead::read(document, DurationDetail::Sums),
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.late.is_none() && self.made.is_none()
    }

    /// True if it has to be made from the samples as they are stored.
    pub(super) fn is_stale(&self) -> bool {
        self.late.is_some() || self.is_wanted_again
    }

    /// Takes the samples that are rolled up, with their agents. False if they cannot be read.
    pub(super) async fn take_runs(
        &self,
        reading: &MongoReading,
        path: &str,
        build: &mut DayBuild,
    ) -> Result<bool> {
        let (Some(head), DayAgents::Listed(names)) = (&self.head, &self.agents) else {
            return Ok(false);
        };
        let id = |name: &Option<String>| match (name, names.len()) {
            (_, 1) => Some(id(path, head.day)),
            (Some(name), _) => Some(agent_id(name, path, head.day)),
            (None, _) => None,
        };
        let mut samples: Vec<(SeriesPoint, Option<&str>)> = Vec::new();
        for name in names {
            // What is nobody's has no run of its own.
            let Some(id) = id(name) else {
                return Ok(false);
            };
            let found = reading
                .collection(RUNS)
                .find_one(doc! { "_id": id })
                .max_time(PATIENCE)
                .await?;
            let Some(run) = found.as_deref().and_then(|run| head.samples(run)) else {
                return Ok(false);
            };
            samples.extend(run.into_iter().map(|sample| (sample, name.as_deref())));
        }
        samples.sort_by(|(one, _), (other, _)| one.date.total_cmp(&other.date));
        let is_whole = limit(samples.len()) == self.samples;
        for (sample, agent) in &samples {
            build.take(sample, *agent);
        }
        Ok(is_whole)
    }

    /// The document, as long as it says the same.
    pub(super) fn filter(&self, path: &str, day: i64) -> Document {
        let absent = || doc! { "$exists": false };
        let mut filter = doc! { "_id": id(path, day) };
        match self.late {
            Some(late) => filter.insert("late", late),
            None => filter.insert("late", absent()),
        };
        match self.made {
            Some(made) => filter.insert("made", made),
            None => filter.insert("made", absent()),
        };
        filter
    }
}
