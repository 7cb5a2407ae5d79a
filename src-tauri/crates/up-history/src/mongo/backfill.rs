//! The backfill: samples and notes from before a `MongoDB` was a target are brought over a page at a
//! time, while nothing newer waits. Where it is, is kept in the embedded store, so that it goes on after
//! a restart.

use std::collections::HashSet;

use bson::{Document, RawDocumentBuf, doc};
use mongodb::Database;
use up_core::Timestamp;

use super::cursor::gather;
use super::document::{number, written};
use super::explain::was_there;
use super::note_states::without_removed;
use super::rollups::{LateDays, note_late};
use super::samples::{PATIENCE, limit};
use super::target::MongoTarget;
use super::{STATUSES, UNKNOWNS, notes};
use crate::embedded::{Embedded, PendingSample};
use crate::sample::{Point, Query};
use crate::store::{Store as _, StoreError};

/// The most samples of a page.
const PAGE: usize = 1_000;

/// Checks that were under way at the start have ended so many seconds later, and their samples are in
/// the `MongoDB`.
const UNDER_WAY: f64 = 120.0;

/// The first and the longest span that a page covers, in seconds.
const FIRST_SPAN: f64 = 3_600.0;
const LONGEST_SPAN: f64 = 400.0 * 86_400.0;

/// How far the samples and notes from before a `MongoDB` was a target have been brought over, in paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackfillProgress {
    /// Those that are done.
    pub done: u64,
    /// All of them.
    pub all: u64,
}

impl BackfillProgress {
    /// Reads it for a target, by its key; `None` if none has begun.
    pub async fn read(embedded: &Embedded, key: &str) -> Result<Option<Self>, StoreError> {
        let Some(state) = embedded.state_get(&state_key(key)).await? else {
            return Ok(None);
        };
        let (begun, path) = state.split_once(' ').unzip();
        let (all, until) = embedded.own_paths_until(path.unwrap_or_default()).await?;
        let begun: Option<Timestamp> = begun.and_then(|begun| begun.parse().ok());
        // A history that began with the target has nothing from before it.
        let first = embedded.status().await?.first;
        let is_older = |begun| first.is_some_and(|first| first < begun - UNDER_WAY);
        Ok(Some(Self {
            done: if begun.is_some_and(is_older) {
                until
            } else {
                all
            },
            all,
        }))
    }
}

/// The key of a target's state in the embedded store.
fn state_key(target: &str) -> String {
    format!("backfill {target}")
}

/// Where the backfill is.
pub(super) struct Backfill {
    /// The key of its state in the embedded store.
    key: String,
    agent: String,
    /// What was written before this is brought over; `None` until that is known.
    until: Option<Timestamp>,
    is_done: bool,
    /// The last path that is done.
    done: String,
    /// The path under way, and up to what date it is done.
    at: Option<(String, Timestamp)>,
    span: f64,
}

impl Backfill {
    pub(super) fn new(target: &MongoTarget, agent: &str) -> Self {
        Self {
            key: state_key(&target.key),
            agent: agent.to_owned(),
            until: None,
            is_done: false,
            done: String::new(),
            at: None,
            span: FIRST_SPAN,
        }
    }

    /// Brings over one page. False when nothing is left, or nothing may go yet.
    pub(super) async fn step(
        &mut self,
        embedded: &Embedded,
        target: &MongoTarget,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if self.is_done {
            return Ok(false);
        }
        let until = match self.until {
            Some(until) => until,
            None => self.begin(embedded, now).await?,
        };
        if self.is_done || now < until + UNDER_WAY {
            return Ok(false);
        }
        let database = target.database().await?;
        let (path, from) = if let Some(at) = self.at.take() {
            at
        } else if let Some(path) = embedded.own_path_after(&self.done).await? {
            let from = first(embedded, &path, until).await?;
            (path, from)
        } else {
            bring_notes(embedded, &database, target, &self.agent, until).await?;
            self.is_done = true;
            embedded.state_set(&self.key, "done").await?;
            return Ok(false);
        };
        let to = until.min(from + self.span);
        // Put back first: a page that fails is tried again.
        self.at = Some((path.clone(), from));
        let query = Query {
            path: path.clone(),
            from,
            to,
            most: PAGE,
        };
        let series = embedded.series(query).await?;
        if series.thinned && self.span > 1e-3 {
            self.span /= 2.0;
            return Ok(true);
        }
        bring(&database, &path, (from, to), &self.agent, &series.points)
            .await
            .map_err(|error| target.error(&error))?;
        if series.points.len() < PAGE / 4 {
            self.span = (self.span * 2.0).min(LONGEST_SPAN);
        }
        if to < until {
            self.at = Some((path, to));
            return Ok(true);
        }
        self.at = None;
        self.done = path;
        let state = format!("{until} {}", self.done);
        embedded.state_set(&self.key, &state).await?;
        Ok(true)
    }

    /// Reads where it was, or begins it.
    async fn begin(
        &mut self,
        embedded: &Embedded,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let state = embedded.state_get(&self.key).await?;
        let until = match state.as_deref() {
            Some("done") => {
                self.is_done = true;
                now
            }
            Some(state) => {
                let (until, done) = state.split_once(' ').unwrap_or((state, ""));
                done.clone_into(&mut self.done);
                until.parse().unwrap_or(now)
            }
            None => {
                embedded.state_set(&self.key, &format!("{now} ")).await?;
                now
            }
        };
        self.until = Some(until);
        Ok(until)
    }
}

/// The date of a path's first sample. A path's pages begin there.
async fn first(embedded: &Embedded, path: &str, until: Timestamp) -> Result<Timestamp, StoreError> {
    let ends = Query {
        path: path.to_owned(),
        from: 0.0,
        to: until,
        most: 4,
    };
    let series = embedded.series(ends).await?;
    Ok(series.points.first().map_or(until, |point| point.date))
}

fn millis(date: Timestamp) -> i64 {
    // `as` saturates.
    (date * 1e3).round() as i64
}

/// Writes those of a path's samples that are not there. Dates are compared to the millisecond, because
/// a packed sample has no finer one than that.
async fn bring(
    database: &Database,
    path: &str,
    (from, to): (Timestamp, Timestamp),
    agent: &str,
    points: &[Point],
) -> mongodb::error::Result<()> {
    for collection in [STATUSES, UNKNOWNS] {
        let of = |point: &&Point| point.status.is_some() == (collection == STATUSES);
        let points: Vec<&Point> = points.iter().filter(of).collect();
        if points.is_empty() {
            continue;
        }
        let within = doc! { "$gte": from - 1e-3, "$lt": to + 1e-3 };
        let there = database
            .collection::<RawDocumentBuf>(collection)
            .find(doc! { "path": path, "date": within })
            .projection(doc! { "_id": 0, "date": 1 })
            .limit(limit(10 * PAGE))
            .max_time(PATIENCE)
            .await?;
        let there = gather(there, 10 * PAGE, |found| number(found, "date").map(millis)).await?;
        let there: HashSet<i64> = there.into_iter().collect();
        let lacking: Vec<_> = points
            .into_iter()
            .filter(|point| !there.contains(&millis(point.date)))
            .collect();
        let mut late = LateDays::default();
        for point in &lacking {
            late.add(path, point.date);
        }
        note_late(database, late).await?;
        let documents = lacking.into_iter().map(|point| {
            let sample = PendingSample {
                path: path.to_owned(),
                status: point.status,
                duration: point.duration,
                cause: point.cause.clone(),
            };
            written(agent, point.date, sample).1
        });
        let documents: Vec<Document> = documents.collect();
        insert(database, collection, documents).await?;
    }
    Ok(())
}

/// Writes the notes that are not there, and that nobody removed there.
async fn bring_notes(
    embedded: &Embedded,
    database: &Database,
    target: &MongoTarget,
    agent: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    let notes = embedded.notes(None, (0.0, until)).await?.into_iter();
    let notes = notes.map(|note| (agent.to_owned(), note)).collect();
    let bring = async {
        for (agent, note) in without_removed(database, notes).await? {
            notes::add(database, &agent, &note).await?;
        }
        Ok(())
    };
    bring.await.map_err(|error| target.error(&error))
}

async fn insert(
    database: &Database,
    collection: &str,
    documents: Vec<Document>,
) -> mongodb::error::Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    let done = database
        .collection::<Document>(collection)
        .insert_many(documents)
        .ordered(false)
        .await;
    match done {
        Err(error) if !was_there(&error) => Err(error),
        _ => Ok(()),
    }
}
