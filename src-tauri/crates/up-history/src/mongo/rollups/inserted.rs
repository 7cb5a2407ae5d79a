//! Finds late samples of writers that do not note them, soon after they were written: drivers make the
//! `_id` of a document out of the time at which it is inserted.

use std::collections::BTreeSet;

use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use mongodb::error::Result;

use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, limit};
use super::super::{STATUSES, UNKNOWNS, document};
use super::day::{day_number, whole};
use super::late::{FoundDay, note_found};
use super::progress::{self, RollupTurn};

/// So many documents of a collection are looked at in a step.
const PAGE: usize = 20_000;

/// How long there is between two looks, in milliseconds.
const EVERY: i64 = 30_000;

/// The clock of a writer may be behind that of the server by so much, and a write may take so long, in
/// milliseconds. What comes later is found by [`super::recheck`].
const MARGIN: i64 = 120_000;

/// A sample is late that was inserted so much after its date, in milliseconds. A day's samples are read
/// later than that after the last one's date.
const LATE: i64 = 150_000;

/// A look at what was inserted since the last one.
#[derive(Debug, Default)]
pub(super) struct InsertedWatch {
    /// When the last look began, by the clock of the server.
    began: Option<i64>,
    /// Where a look that is under way goes on.
    next: Option<ObjectId>,
}

impl InsertedWatch {
    /// Looks at a page of what was inserted, and notes the days of late samples. True if there is more.
    pub(super) async fn step(&mut self, reading: &MongoReading, turn: &RollupTurn) -> Result<bool> {
        let began = match (self.next, self.began) {
            (Some(_), Some(began)) => began,
            (None, Some(began)) if turn.now - began < EVERY => return Ok(false),
            _ => turn.now,
        };
        // By the clock that the writers have, too.
        let clock = began - turn.ahead;
        let from = self
            .next
            .unwrap_or_else(|| id_of(turn.seen.unwrap_or(clock).min(clock) - MARGIN));
        let mut end = None;
        for collection in [STATUSES, UNKNOWNS] {
            let last = end_of_page(reading, collection, from).await?;
            end = [end, last].into_iter().flatten().min();
        }
        let mut late = BTreeSet::new();
        for collection in [STATUSES, UNKNOWNS] {
            find_late(reading, collection, (from, end), turn, &mut late).await?;
        }
        let late: Vec<_> = late.into_iter().collect();
        note_found(&reading.database, &late).await?;
        let seen = end.map_or(clock, |end| end.timestamp().timestamp_millis().min(clock));
        if turn.seen.is_none_or(|known| known < seen) {
            progress::tell(&reading.database, doc! { "seen": seen }).await?;
        }
        self.began = Some(began);
        self.next = end;
        Ok(end.is_some())
    }
}

/// The first `_id` of a time in milliseconds.
fn id_of(time: i64) -> ObjectId {
    let seconds = u32::try_from(time.div_euclid(1_000).max(0)).unwrap_or(u32::MAX);
    let mut id = [0; 12];
    id[..4].copy_from_slice(&seconds.to_be_bytes());
    ObjectId::from_bytes(id)
}

/// The `_id` behind a page of documents; `None` if there are fewer.
async fn end_of_page(
    reading: &MongoReading,
    collection: &str,
    from: ObjectId,
) -> Result<Option<ObjectId>> {
    let found = reading
        .collection(collection)
        .find_one(doc! { "_id": { "$gte": from } })
        .projection(doc! { "_id": 1 })
        .sort(doc! { "_id": 1 })
        .skip(PAGE as u64)
        .max_time(PATIENCE)
        .await?;
    Ok(found.and_then(|found| found.get_object_id("_id").ok()))
}

/// Adds the days of late samples of a page.
async fn find_late(
    reading: &MongoReading,
    collection: &str,
    (from, end): (ObjectId, Option<ObjectId>),
    turn: &RollupTurn,
    late: &mut BTreeSet<FoundDay>,
) -> Result<()> {
    let mut ids = doc! { "$gte": from };
    ids.extend(end.map(|end| ("$lt".to_owned(), Bson::ObjectId(end))));
    let seconds = |millis: i64| millis as f64 / 1e3;
    let inserted = doc! { "$toLong": { "$toDate": "$_id" } };
    // A list of dates, which only another program writes, is no sample's.
    let date = doc! { "$cond": [{ "$isNumber": "$date" }, "$date", f64::MAX] };
    let after = doc! { "$subtract": [inserted, { "$multiply": [date, 1e3] }] };
    let wanted = doc! {
        "_id": ids,
        "date": { "$gte": seconds(turn.since), "$lt": seconds(turn.ready) },
        "path": { "$type": "string" },
        "$expr": { "$gt": [after, LATE] },
    };
    let pipeline: Vec<Document> = vec![
        doc! { "$match": wanted },
        doc! { "$group": { "_id": { "path": "$path", "day": day_number("$date") } } },
        doc! { "$limit": limit(PAGE) },
    ];
    let mut found = reading
        .collection(collection)
        .aggregate(pipeline)
        .max_time(PATIENCE)
        .await?;
    while found.advance().await? {
        let Ok(day) = found.current().get_document("_id") else {
            continue;
        };
        let path = day.get_str("path").ok();
        let path = path.and_then(|path| document::path(path.into()));
        if let (Some(day), Some(path)) = (whole(day, "day"), path) {
            late.insert(FoundDay {
                path,
                day,
                counted: None,
            });
        }
    }
    Ok(())
}
