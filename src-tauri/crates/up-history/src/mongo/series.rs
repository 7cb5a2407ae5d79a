//! A path's samples, asked of the server. Statuses and unknowns lie in two collections and come out
//! as one series, in the order of their dates.

use bson::doc;
use futures_util::future::try_join;
use mongodb::error::Result;

use super::STATUSES;
use super::document::number;
use super::reading::MongoReading;
use super::rollups::{DayHead, each_doubtful_sample, each_sample, heads};
use super::samples::{PATIENCE, SeriesPoint, stored_ends};
use super::spans::summaries;
use crate::answer::{
    DurationDetail, IncidentJudge, JudgedIncident, KeptIncident, LOOK_BACK, SeriesDigest, millis,
};
use crate::downsample::Spans;
use crate::sample::{KeptCause, Point, Query};
use crate::store::{PathExtent, Series};

/// The samples of one path, thinned when they are more than `query.most`.
pub(super) async fn series(reading: &MongoReading, query: &Query) -> Result<Series> {
    let (ends, around) = try_join(ends(reading, query), around(reading, query)).await?;
    let (from, to) = ends.unwrap_or((query.to, query.from));
    let mut digest = SeriesDigest::new(query, Spans::new(from, to, query.most));
    let mut judge = IncidentJudge::new(reading.rules_of(&query.path));
    let samples = each_sample(reading, &query.path, around, |sample| {
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
    let incidents = lasting(judge, query);
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

/// The incidents of one path that last at some time of the query's span.
pub(super) async fn incidents(reading: &MongoReading, query: &Query) -> Result<Vec<KeptIncident>> {
    let rules = reading.rules_of(&query.path);
    let mut judge = IncidentJudge::new(rules);
    let around = around(reading, query).await?;
    let take = |sample: SeriesPoint| {
        judge.take(sample.date, sample.status, &sample.cause);
        true
    };
    if rules.up_after > 1 {
        each_sample(reading, &query.path, around, take).await?;
    } else {
        each_doubtful_sample(reading, &query.path, around, take).await?;
    }
    Ok(lasting(judge, query))
}

fn lasting(judge: IncidentJudge<Option<KeptCause>>, query: &Query) -> Vec<KeptIncident> {
    let lasts = |incident: &KeptIncident| {
        incident.from < query.to && incident.until.is_none_or(|until| until > query.from)
    };
    let all = judge.finish().into_iter().map(JudgedIncident::kept);
    all.filter(lasts).collect()
}

/// How far incidents are followed out of a span, in seconds.
const FURTHER: f64 = 30.0 * 86_400.0;

/// The span from the last sample that was wholly up before it, which decides what was believed, up to the
/// first one after it, which ends what lasts. Where several in a row are needed, as far as incidents are
/// followed.
async fn around(reading: &MongoReading, query: &Query) -> Result<(i64, i64)> {
    let up = async |from: f64, to: f64, direction: i32| {
        let up = doc! { "path": &query.path, "date": { "$gte": from, "$lt": to }, "up": 1 };
        let found = reading
            .collection(STATUSES)
            .find_one(reading.filter(up))
            .projection(doc! { "_id": 0, "date": 1 })
            .sort(doc! { "date": direction })
            .max_time(PATIENCE)
            .await?;
        Ok::<_, mongodb::error::Error>(found.and_then(|d| number(&d, "date")))
    };
    let (first, last) = (query.from - FURTHER, query.to + FURTHER);
    if reading.rules_of(&query.path).up_after > 1 {
        return Ok((millis(first), millis(last)));
    }
    let (before, after) = if reading.agent.is_some() {
        // No index has agents: it would lead through what all others wrote.
        let before = first_of_up_days(reading, &query.path, (first, query.from));
        let after = first_of_up_days(reading, &query.path, (query.to, last));
        let (before, after) = try_join(before, after).await?;
        (before.last().copied(), after.first().copied())
    } else {
        try_join(up(first, query.from, -1), up(query.to, last, 1)).await?
    };
    let from = before.unwrap_or(first).min(query.from - LOOK_BACK);
    // The sample itself too.
    let to = after.map_or(millis(last), |after| millis(after).saturating_add(1));
    Ok((millis(from), to))
}

/// The date of the first sample of each day that lies in a span and was wholly up.
async fn first_of_up_days(
    reading: &MongoReading,
    path: &str,
    (from, to): (f64, f64),
) -> Result<Vec<f64>> {
    let span = (millis(from), millis(to));
    let heads = heads(reading, path, span, DurationDetail::Sums)
        .await?
        .into_iter();
    let up =
        heads.filter(|head| head.begin() >= span.0 && head.until <= span.1 && head.whole.is_up());
    let first = |head: DayHead| head.whole.extent().map(|(.., (first, _))| seconds(first));
    Ok(up.filter_map(first).collect())
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

fn seconds(millis: i64) -> f64 {
    millis as f64 / 1e3
}
