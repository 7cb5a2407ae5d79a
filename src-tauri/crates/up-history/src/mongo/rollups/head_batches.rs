//! Reads what is known of the days of all paths, in the order of the days, some thousands at a time.

use bson::raw::RawDocument;
use bson::{RawDocumentBuf, doc};
use mongodb::Cursor;
use mongodb::error::Result;

use super::super::explain::is_refused;
use super::super::reading::MongoReading;
use super::super::samples::PATIENCE;
use super::ROLLUPS;
use super::day::{DayHead, day_begin, day_of, whole};
use super::day_agents::DayAgents;
use super::heads::{PathDay, narrow};
use crate::answer::DurationDetail;

/// So many days of paths make a batch, and what else there is of its last day.
const BATCH: usize = 10_000;

/// No batch has more of them. What it lacks is read from samples.
const MOST: usize = 100_000;

/// After so many documents whoever else waits for this thread gets a turn.
const TURN: usize = 1_000;

/// The days of all paths that have a part in a span, as they come from the server.
pub(in super::super) struct HeadBatches<'r> {
    reading: &'r MongoReading,
    cursor: Option<Cursor<RawDocumentBuf>>,
    /// The document that the cursor is at has been taken.
    is_taken: bool,
}

/// What is known of some neighbouring days.
pub(in super::super) struct HeadBatch {
    /// Each with its path, and a path's in their order.
    pub(in super::super) heads: Vec<(String, DayHead)>,
    /// All days that begin before this time, in milliseconds, have been read; `None` after the last ones.
    pub(in super::super) until: Option<i64>,
}

impl<'r> HeadBatches<'r> {
    /// Of a span in milliseconds.
    pub(in super::super) async fn find(
        reading: &'r MongoReading,
        (from, to): (i64, i64),
    ) -> Result<Self> {
        let days = doc! { "$gte": day_of(from).max(0), "$lte": day_of(to.saturating_sub(1)) };
        let mut fields = doc! { "day": 1, "until": 1, "made": 1, "late": 1, "whole": 1 };
        if reading.agent.is_some() {
            fields.insert("agents", 1);
        }
        let found = reading
            .collection(ROLLUPS)
            .aggregate(vec![
                doc! { "$match": { "day": days } },
                doc! { "$sort": { "day": 1 } },
                doc! { "$project": fields },
            ])
            .with_type::<RawDocumentBuf>()
            .allow_disk_use(true)
            .max_time(PATIENCE)
            .await;
        let cursor = match found {
            // Who may read samples only.
            Err(error) if is_refused(&error) => None,
            found => Some(found?),
        };
        Ok(Self {
            reading,
            cursor,
            is_taken: true,
        })
    }

    /// The next days.
    pub(in super::super) async fn next(&mut self) -> Result<HeadBatch> {
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let (mut days, mut until) = (Vec::new(), None);
        let mut taken = 0_usize;
        while let Some(cursor) = &mut self.cursor {
            if self.is_taken && !cursor.advance().await? {
                self.cursor = None;
                break;
            }
            let found = cursor.current();
            let day = whole(found, "day").unwrap_or_default();
            if taken >= BATCH && day > last {
                self.is_taken = false;
                until = Some(day_begin(last.saturating_add(1)));
                break;
            }
            self.is_taken = true;
            (first, last) = (first.min(day), last.max(day));
            if days.len() < MOST {
                days.extend(path_day(found));
            }
            taken = taken.wrapping_add(1);
            if taken.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
        }
        let mut heads = match &self.reading.agent {
            None => days.into_iter().map(|day| (day.path, day.head)).collect(),
            Some(agent) => {
                let parts =
                    doc! { "agent_day": { "$gte": first, "$lte": last }, "agent": &**agent };
                narrow(self.reading, agent, days, parts).await?
            }
        };
        heads.sort_by(|(a, head_a), (b, head_b)| (a, head_a.day).cmp(&(b, head_b.day)));
        heads.dedup_by(|(a, head_a), (b, head_b)| (a, head_a.day) == (b, head_b.day));
        Ok(HeadBatch { heads, until })
    }
}

/// `None` if the day may not be read.
fn path_day(found: &RawDocument) -> Option<PathDay> {
    let id = found.get_document("_id").ok()?;
    Some(PathDay {
        path: id.get_str("path").ok()?.to_owned(),
        head: DayHead::read(found, DurationDetail::Sums)?,
        agents: DayAgents::read(found),
    })
}
