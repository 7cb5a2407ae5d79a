//! Reads the samples of days that are rolled up.

use bson::{RawDocumentBuf, doc};
use mongodb::Cursor;
use mongodb::error::Result;

use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint};
use super::RUNS;
use super::day::{DayHead, DayOwner, whole};
use super::heads::documents_of;

/// So many days of samples are held at once.
const RUNS_AT_ONCE: u32 = 100;

/// The samples of some days of a path, in their order.
pub(super) struct DayRuns {
    whole: RunCursor,
    /// Those of one of several agents sort apart.
    parts: RunCursor,
}

impl DayRuns {
    pub(super) async fn find(
        reading: &MongoReading,
        path: &str,
        heads: &[&DayHead],
    ) -> Result<Self> {
        let of = |is_whole: bool| {
            let heads = heads.iter().copied();
            let heads = heads.filter(move |head| (head.owner == DayOwner::Everyone) == is_whole);
            heads.filter(|head| head.owner != DayOwner::Nobody)
        };
        Ok(Self {
            whole: RunCursor::find(reading, path, &of(true).collect::<Vec<_>>()).await?,
            parts: RunCursor::find(reading, path, &of(false).collect::<Vec<_>>()).await?,
        })
    }

    /// The samples of a day that is later than those before; `None` if they are not there.
    pub(super) async fn of(&mut self, head: &DayHead) -> Result<Option<Vec<SeriesPoint>>> {
        match &head.owner {
            DayOwner::Everyone => self.whole.of(head).await,
            DayOwner::Agent(_) => self.parts.of(head).await,
            DayOwner::Nobody => Ok(Some(Vec::new())),
        }
    }
}

/// The runs of days whose ids sort as the days do.
struct RunCursor {
    cursor: Option<Cursor<RawDocumentBuf>>,
    /// The document that the cursor is at has been passed.
    is_passed: bool,
}

impl RunCursor {
    async fn find(reading: &MongoReading, path: &str, heads: &[&DayHead]) -> Result<Self> {
        let cursor = if let Some(wanted) = documents_of(path, heads) {
            let found = reading
                .collection(RUNS)
                .find(wanted)
                .sort(doc! { "_id": 1 })
                .batch_size(RUNS_AT_ONCE)
                .max_time(PATIENCE)
                .await?;
            Some(found)
        } else {
            None
        };
        Ok(Self {
            cursor,
            is_passed: true,
        })
    }

    async fn of(&mut self, head: &DayHead) -> Result<Option<Vec<SeriesPoint>>> {
        let Some(runs) = &mut self.cursor else {
            return Ok(None);
        };
        loop {
            if self.is_passed && !runs.advance().await? {
                self.cursor = None;
                return Ok(None);
            }
            let run = runs.current();
            let id = run.get_document("_id").ok();
            let day = id.and_then(|id| whole(id, "day"));
            self.is_passed = day.is_none_or(|day| day <= head.day);
            if day.is_some_and(|day| day >= head.day) {
                return Ok(self.is_passed.then(|| head.samples(run)).flatten());
            }
        }
    }
}
