//! A path's samples, asked of the server. Statuses and unknowns lie in two collections and come out
//! as one series, in the order of their dates.

use futures_util::future::try_join;
use mongodb::error::Result;

use super::incidents::{judged_from, lasting};
use super::reading::MongoReading;
use super::rollups::{each_sample, heads};
use super::samples::{SeriesPoint, stored_ends};
use super::spans::summaries;
use crate::answer::{DurationDetail, IncidentJudge, SeriesDigest, millis};
use crate::downsample::Spans;
use crate::sample::{Point, Query};
use crate::store::{PathExtent, Series};

/// The samples of one path, thinned when they are more than `query.most`.
pub(super) async fn series(reading: &MongoReading, query: &Query) -> Result<Series> {
    let begin = judged_from(reading, query);
    let (ends, begin) = try_join(ends(reading, query), begin).await?;
    let (from, to) = ends.unwrap_or((query.to, query.from));
    let mut digest = SeriesDigest::new(query, Spans::new(from, to, query.most));
    let mut judge = IncidentJudge::new(reading.rules_of(&query.path));
    let judged = (begin, millis(query.to));
    let samples = each_sample(reading, &query.path, judged, |sample| {
        judge.take(sample.date, sample.status, &sample.cause);
        digest.take(sample);
        true
    });
    // Where samples were removed, what they came to still counts.
    let span = [(query.from, query.to)];
    let (_, summaries) = try_join(
        samples,
        summaries(reading, &query.path, &span, DurationDetail::Spread),
    )
    .await?;
    let digested = digest.finish();
    let summary = summaries.into_iter().next().unwrap_or_default();
    let incidents = lasting(reading, query, judge).await?;
    let point = |s: SeriesPoint| Point {
        date: s.date,
        status: s.status,
        duration: s.duration,
        cause: s.cause,
    };
    Ok(Series {
        points: digested.points.into_iter().map(point).collect(),
        count: summary.count,
        unknown: summary.unknown,
        uptime: summary.uptime,
        durations: summary.durations,
        incidents,
        thinned: digested.thinned,
        damaged: 0,
    })
}

/// What there is of one path in the query's span.
pub(super) async fn extent_of(reading: &MongoReading, query: &Query) -> Result<Option<PathExtent>> {
    let Some((first, last)) = ends(reading, query).await? else {
        return Ok(None);
    };
    let path = query.path.clone();
    let span = [(query.from, query.to)];
    let found = summaries(reading, &path, &span, DurationDetail::Sums).await?;
    Ok(found.first().map(|found| PathExtent {
        path,
        count: found.count,
        unknown: found.unknown,
        first,
        last,
    }))
}

/// The dates of the first and the last sample of a query's span; `None` when there is none.
async fn ends(reading: &MongoReading, query: &Query) -> Result<Option<(f64, f64)>> {
    let (from, to) = (millis(query.from), millis(query.to));
    let heads = heads(reading, &query.path, (from, to), DurationDetail::Sums).await?;
    // Days with samples, and what lies between days: where an agent wrote nothing, the index would
    // lead through what others wrote.
    let mut pieces = Vec::new();
    let mut at = from;
    for head in &heads {
        let begin = head.begin().max(at);
        pieces.push((at, begin, false));
        if !head.is_empty() {
            pieces.push((begin, head.until.min(to), true));
        }
        at = head.until.max(at);
    }
    pieces.push((at, to, false));
    let mut first = None;
    for piece in &pieces {
        first = piece_ends(reading, &query.path, *piece).await?;
        if first.is_some() {
            break;
        }
    }
    let Some((first, _)) = first else {
        return Ok(None);
    };
    for piece in pieces.iter().rev() {
        if let Some((_, last)) = piece_ends(reading, &query.path, *piece).await? {
            return Ok(Some((first, last)));
        }
    }
    Ok(None)
}

/// The dates of the first and the last sample of a piece, in milliseconds, which is rolled up or not.
async fn piece_ends(
    reading: &MongoReading,
    path: &str,
    (from, to, is_rolled): (i64, i64, bool),
) -> Result<Option<(f64, f64)>> {
    if from >= to {
        return Ok(None);
    }
    if !is_rolled {
        return stored_ends(reading, path, (from, to)).await;
    }
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    each_sample(reading, path, (from, to), |sample| {
        first = first.min(sample.date);
        last = last.max(sample.date);
        true
    })
    .await?;
    Ok((first <= last).then_some((first, last)))
}
