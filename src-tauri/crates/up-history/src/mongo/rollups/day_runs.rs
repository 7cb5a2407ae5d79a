//! Reads the samples of days that are rolled up.

use std::ops::Range;
use std::sync::Arc;

use bson::{RawDocumentBuf, doc};
use mongodb::Cursor;
use mongodb::error::Result;
use tokio::task::JoinHandle;

use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint};
use super::RUNS;
use super::day::{DayHead, DayOwner, whole};
use super::heads::documents_of;

/// So many days of samples are held at once, as they are packed.
const RUNS_AT_ONCE: u32 = 100;

/// About so many samples are unpacked at once.
const SAMPLES_AT_ONCE: u64 = 50_000;

/// The samples of some days of a path, in their order.
pub(super) struct DayRuns {
    whole: RunCursor,
    /// Those of one of several agents sort apart.
    parts: RunCursor,
    /// For each day, whether its samples are wanted, or only the first one of a day that was up.
    wanted: Vec<bool>,
}

impl DayRuns {
    pub(super) async fn find(
        reading: &MongoReading,
        path: &str,
        heads: &[DayHead],
        is_wanted: impl Fn(&DayHead) -> bool,
    ) -> Result<Self> {
        let wanted: Vec<_> = heads.iter().map(is_wanted).collect();
        let of = |is_whole: bool| -> Vec<&DayHead> {
            let days = heads.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
            let heads = days.map(|(head, _)| head);
            let heads = heads.filter(|head| (head.owner == DayOwner::Everyone) == is_whole);
            heads
                .filter(|head| head.owner != DayOwner::Nobody)
                .collect()
        };
        Ok(Self {
            whole: RunCursor::find(reading, path, &of(true)).await?,
            parts: RunCursor::find(reading, path, &of(false)).await?,
            wanted,
        })
    }

    /// Begins to unpack the next days from this one on, where it holds nobody up: it is most of the work
    /// of an answer about a year. `None` after the last day.
    pub(super) async fn unpack_from(
        &mut self,
        heads: &Arc<[DayHead]>,
        first: usize,
    ) -> Result<Option<DaysUnpacking>> {
        let (mut days, mut samples) = (Vec::new(), 0_u64);
        while let Some(head) = heads.get(first + days.len())
            && samples < SAMPLES_AT_ONCE
        {
            let is_wanted = self.wanted.get(first + days.len());
            days.push(match &head.owner {
                _ if is_wanted != Some(&true) => DaySource::FirstUp,
                DayOwner::Nobody => DaySource::Nothing,
                DayOwner::Everyone => DaySource::Runs(self.whole.of(head).await?),
                DayOwner::Agent(_) => DaySource::Runs(self.parts.of(head).await?),
            });
            samples = samples.saturating_add(head.whole.samples());
        }
        if days.is_empty() {
            return Ok(None);
        }
        let all = Arc::clone(heads);
        let range = first..first + days.len();
        let these = range.clone();
        let unpack = move || {
            let days = all[these].iter().zip(days);
            days.map(|(head, day)| day.samples(head)).collect()
        };
        Ok(Some(DaysUnpacking {
            range,
            unpacking: tokio::task::spawn_blocking(unpack),
        }))
    }
}

/// Where the samples of a day come from.
enum DaySource {
    Nothing,
    /// Only the first one, of a day that was wholly up.
    FirstUp,
    /// A document that has all of them, if it is there.
    Runs(Option<RawDocumentBuf>),
}

impl DaySource {
    /// The samples; `None` if they are not there.
    fn samples(self, head: &DayHead) -> Option<Vec<SeriesPoint>> {
        match self {
            Self::Nothing => Some(Vec::new()),
            Self::FirstUp => head.first_up().map(|first| vec![first]),
            Self::Runs(runs) => head.samples(&runs?),
        }
    }
}

/// The samples of each day; `None` if they are not there.
pub(super) type DaySamples = Vec<Option<Vec<SeriesPoint>>>;

/// Neighbouring days whose samples are being unpacked.
pub(super) struct DaysUnpacking {
    range: Range<usize>,
    unpacking: JoinHandle<DaySamples>,
}

impl DaysUnpacking {
    /// The day after the last one.
    pub(super) fn end(&self) -> usize {
        self.range.end
    }

    /// Which days these are, and the samples of each.
    pub(super) async fn finish(self) -> (Range<usize>, DaySamples) {
        (self.range, self.unpacking.await.unwrap_or_default())
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

    /// The document of a day that is later than those before; `None` if it is not there.
    async fn of(&mut self, head: &DayHead) -> Result<Option<RawDocumentBuf>> {
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
                return Ok(self.is_passed.then(|| run.to_owned()));
            }
        }
    }
}
