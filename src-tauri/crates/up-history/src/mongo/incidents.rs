//! The incidents of a path, judged over the samples of a span and as many around it as decide on them.

use bson::doc;
use mongodb::error::Result;

use super::STATUSES;
use super::document::number;
use super::reading::MongoReading;
use super::rollups::{DayHead, each_doubtful_sample, each_sample, heads};
use super::samples::{PATIENCE, SeriesPoint};
use crate::answer::{
    DurationDetail, IncidentJudge, JudgedIncident, KeptIncident, LOOK_BACK, millis,
};
use crate::sample::{KeptCause, Query};

pub(super) type SampleJudge = IncidentJudge<Option<KeptCause>>;

/// The incidents of one path that last at some time of the query's span.
pub(super) async fn incidents(reading: &MongoReading, query: &Query) -> Result<Vec<KeptIncident>> {
    let rules = reading.rules_of(&query.path);
    let mut judge = IncidentJudge::new(rules);
    let span = (judged_from(reading, query).await?, millis(query.to));
    let take = |sample: SeriesPoint| {
        judge.take(sample.date, sample.status, &sample.cause);
        true
    };
    if rules.up_after > 1 {
        each_sample(reading, &query.path, span, take).await?;
    } else {
        each_doubtful_sample(reading, &query.path, span, take).await?;
    }
    lasting(reading, query, judge).await
}

/// Those that last at some time of the query's span, of which the samples have been judged. What is not
/// decided at its end is followed until it is.
pub(super) async fn lasting(
    reading: &MongoReading,
    query: &Query,
    mut judge: SampleJudge,
) -> Result<Vec<KeptIncident>> {
    if !judge.is_settled() {
        let after = (millis(query.to), i64::MAX);
        each_sample(reading, &query.path, after, |sample| {
            judge.take(sample.date, sample.status, &sample.cause);
            !judge.is_settled()
        })
        .await?;
    }
    let lasts = |incident: &KeptIncident| {
        incident.from < query.to && incident.until.is_none_or(|until| until > query.from)
    };
    let all = judge.finish().into_iter().map(JudgedIncident::kept);
    Ok(all.filter(lasts).collect())
}

/// How far back samples that were up are looked for one by one, in seconds. Beyond it, only whole days are.
const FURTHER: f64 = 30.0 * 86_400.0;

/// From when on samples have to be judged, in milliseconds: from a time before the span at which up was
/// certainly believed.
pub(super) async fn judged_from(reading: &MongoReading, query: &Query) -> Result<i64> {
    let from = millis(query.from - LOOK_BACK);
    let further = millis(query.from - FURTHER);
    let is_one_enough = reading.rules_of(&query.path).up_after <= 1;
    // No index has agents: it would lead through what all others wrote.
    let near = if is_one_enough && reading.agent.is_none() {
        last_up(reading, &query.path, (query.from - FURTHER, query.from)).await?
    } else {
        let days = days(reading, &query.path, (further, millis(query.from))).await?;
        last_calm(reading, &query.path, &days)
    };
    if let Some(near) = near {
        return Ok(near.min(from));
    }
    let days = days(reading, &query.path, (0, further)).await?;
    let calm = last_calm(reading, &query.path, &days);
    let first = days.first().map(DayHead::begin);
    Ok(calm.or(first).unwrap_or(further).min(further))
}

/// The date of the last sample of a span that was wholly up.
async fn last_up(
    reading: &MongoReading,
    path: &str,
    (from, to): (f64, f64),
) -> Result<Option<i64>> {
    let up = doc! { "path": path, "date": { "$gte": from, "$lt": to }, "up": 1 };
    let found = reading
        .collection(STATUSES)
        .find_one(reading.filter(up))
        .projection(doc! { "_id": 0, "date": 1 })
        .sort(doc! { "date": -1 })
        .max_time(PATIENCE)
        .await?;
    Ok(found.and_then(|found| number(&found, "date")).map(millis))
}

async fn days(reading: &MongoReading, path: &str, span: (i64, i64)) -> Result<Vec<DayHead>> {
    heads(reading, path, span, DurationDetail::Sums).await
}

/// When the last of these days begins that is up for so many samples that up is believed.
fn last_calm(reading: &MongoReading, path: &str, days: &[DayHead]) -> Option<i64> {
    let enough = u64::from(reading.rules_of(path).up_after);
    let is_calm = |day: &&DayHead| day.whole.is_up() && day.whole.samples() >= enough;
    days.iter().rfind(is_calm).map(DayHead::begin)
}
