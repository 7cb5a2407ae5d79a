//! What spans come to for every path, in plain numbers: the server adds up the documents of whole days,
//! and the samples of what is not rolled up.

use std::collections::{BTreeMap, BTreeSet};

use bson::{Bson, Document, doc};
use mongodb::Cursor;
use mongodb::error::Result;

use super::document;
use super::path_sums::PathSums;
use super::paths::{PATHS, paths};
use super::reading::MongoReading;
use super::rollups::{DAY, DayHead, RolledPaths, day_begin, day_of, each_run, rolled_paths};
use super::samples::{PATIENCE, SeriesPoint, dates, limit};
use super::{STATUSES, UNKNOWNS};

/// So many spans are asked of the server at once.
const SPANS: usize = 100;

/// The sums of every path that has samples in a span, in milliseconds.
pub(super) async fn sums(
    reading: &MongoReading,
    (from, to): (i64, i64),
) -> Result<BTreeMap<String, PathSums>> {
    let mut summing = Summing {
        reading,
        sums: BTreeMap::new(),
        stored: BTreeMap::new(),
    };
    let rolled = rolled_paths(reading, (from, to)).await?;
    if rolled.names.is_empty() && to.saturating_sub(from) > LONG {
        summing
            .add_stored(doc! { "date": dates((from, to)) })
            .await?;
        return Ok(summing.sums);
    }
    // The paths of all agents: the index has no agents.
    let mut all: BTreeSet<String> = paths(reading, doc! {}).await?.into_iter().collect();
    all.extend(rolled.names.iter().cloned());
    summing.part(&all, &rolled, (from, to)).await?;
    let stored = std::mem::take(&mut summing.stored);
    let stored: Vec<_> = stored.into_iter().collect();
    for spans in stored.chunks(SPANS) {
        let span = |(span, paths): &((i64, i64), Vec<String>)| {
            doc! { "path": { "$in": paths }, "date": dates(*span) }
        };
        let spans: Vec<Document> = spans.iter().map(span).collect();
        summing.add_stored(doc! { "$or": spans }).await?;
    }
    Ok(summing.sums)
}

/// When nothing of so long a span is rolled up, in milliseconds, all samples are read at once.
const LONG: i64 = 2 * DAY;

struct Summing<'d> {
    reading: &'d MongoReading,
    sums: BTreeMap<String, PathSums>,
    /// What is to be read from samples: which paths, by their span.
    stored: BTreeMap<(i64, i64), Vec<String>>,
}

impl Summing<'_> {
    /// Takes what is rolled up, and notes what is not.
    async fn part(
        &mut self,
        paths: &BTreeSet<String>,
        rolled: &RolledPaths,
        (from, to): (i64, i64),
    ) -> Result<()> {
        // Before `since`, rollups are missing.
        let begin = day_begin(day_of(from.max(rolled.since).saturating_sub(1)) + 1);
        let begin = begin.min(to);
        if from < begin {
            self.edge(paths, (from.max(rolled.since).min(begin), begin))
                .await?;
        }
        let end = day_begin(day_of(to)).max(begin);
        let mut last = Vec::new();
        for path in paths {
            if from < rolled.since.min(begin) {
                self.store(path, (from, rolled.since.min(begin)));
            }
            let found = rolled.paths.get(path);
            if let Some(found) = found {
                self.sums.entry(path.clone()).or_default().add(&found.sums);
            }
            let until = found.map_or(begin, |found| found.until.max(begin));
            if until > end {
                self.store(path, (until, to));
            } else {
                self.store(path, (until, end));
                last.push(path.clone());
            }
        }
        // A part of the last day, which may be over.
        self.edge(&last.into_iter().collect(), (end, to)).await?;
        for (path, day) in &rolled.late {
            let until = rolled.paths.get(path).map_or(begin, |path| path.until);
            let span = (day_begin(*day).max(begin), day_begin(day + 1).min(until));
            self.store(path, span);
        }
        Ok(())
    }

    fn store(&mut self, path: &str, span: (i64, i64)) {
        if span.0 < span.1 {
            self.stored.entry(span).or_default().push(path.to_owned());
        }
    }

    /// Takes the part of a day from its runs.
    async fn edge(&mut self, paths: &BTreeSet<String>, (from, to): (i64, i64)) -> Result<()> {
        if from >= to || paths.is_empty() {
            return Ok(());
        }
        let mut until: BTreeMap<String, i64> = BTreeMap::new();
        let sums = &mut self.sums;
        let take = |path: &str, head: &DayHead, samples: Vec<SeriesPoint>| {
            until.insert(path.to_owned(), head.until);
            let (from, to) = (from as f64 / 1e3, to as f64 / 1e3);
            for sample in samples {
                if sample.date >= from && sample.date < to {
                    sums.entry(path.to_owned()).or_default().take(&sample);
                }
            }
        };
        each_run(self.reading, paths, day_of(from), take).await?;
        for path in paths {
            let until = until.get(path).copied().unwrap_or(from);
            self.store(path, (until.max(from), to));
        }
        Ok(())
    }

    /// Takes samples as they are stored.
    async fn add_stored(&mut self, wanted: Document) -> Result<()> {
        for collection in [STATUSES, UNKNOWNS] {
            let is_known = collection == STATUSES;
            let mut cursor = grouped(self.reading, collection, wanted.clone()).await?;
            let mut left = PATHS;
            while left > 0 && cursor.advance().await? {
                left -= 1;
                let group = cursor.current();
                let path = group.get_str("_id").ok();
                let path = path.and_then(|path| document::path(Bson::String(path.into())));
                let (Some(path), Some(mut sums)) = (path, PathSums::read(group)) else {
                    continue;
                };
                if !is_known {
                    (sums.unknown, sums.count) = (sums.count, 0);
                    (sums.sum, sums.squares, sums.status) = (0.0, 0.0, None);
                }
                self.sums.entry(path).or_default().add(&sums);
            }
        }
        Ok(())
    }
}

/// The sums of a collection's samples, a document for each path.
async fn grouped(
    reading: &MongoReading,
    collection: &str,
    mut wanted: Document,
) -> Result<Cursor<Document>> {
    let mut up = Bson::Double(0.0);
    if collection == STATUSES {
        wanted.insert("up", doc! { "$gte": 0, "$lte": 1 });
        up = "$up".into();
    }
    let pipeline = vec![
        doc! { "$match": reading.filter(wanted) },
        doc! { "$group": {
            "_id": "$path",
            "count": { "$sum": 1 },
            "unknown": { "$sum": 0 },
            "sum": { "$sum": up.clone() },
            "squares": { "$sum": { "$multiply": [up.clone(), up] } },
            "first": { "$min": "$date" },
            // Documents are compared field by field.
            "last": { "$max": { "date": "$date", "up": "$up" } },
        } },
        doc! { "$limit": limit(PATHS) },
    ];
    reading
        .collection(collection)
        .aggregate(pipeline)
        .allow_disk_use(true)
        .max_time(PATIENCE)
        .await
}
