//! A long time of which all hours are wanted is read in two halves at once: unpacking hours is most of the
//! work, and a year of them takes one core twice as long as an answer may take.

use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};

use super::buckets::DAY;
use super::read::{self, Readers};
use crate::answer::CutSpan;
use crate::sample::Query;
use crate::store::{Series, StoreError};

/// From so many days on spans are cut in halves.
const LONG: i64 = 60;

/// Shorter series, in seconds, are never thinned by days.
const LONG_SERIES: f64 = 99.0 * 86_400.0;

/// The samples of one path.
pub(super) async fn series(readers: &Arc<Readers>, query: Query) -> Result<Series, StoreError> {
    let mut thinned = Vec::new();
    if query.to - query.from >= LONG_SERIES {
        let asked = query.clone();
        let long = readers.query(move |c| read::long_time(c, &asked)).await?;
        if let Some(long) = long {
            let half = |half| readers.query(move |c| read::thinned_half(c, long, half));
            thinned = try_join_all(long.halves.map(half)).await?;
        }
    }
    readers
        .query(move |c| read::series(c, &query, thinned))
        .await
}

/// Fills spans with what a path's history comes to.
pub(super) async fn fill(
    readers: &Arc<Readers>,
    path: String,
    spans: Vec<CutSpan>,
) -> Result<Vec<CutSpan>, StoreError> {
    let Some(middle) = middle(&spans) else {
        return readers.query(move |c| read::fill(c, &path, spans)).await;
    };
    let (former, later): (Vec<_>, Vec<_>) =
        (spans.into_iter()).map(|span| span.split(middle)).unzip();
    let of = path.clone();
    let (mut former, later) = try_join(
        readers.query(move |c| read::fill(c, &of, former)),
        readers.query(move |c| read::fill(c, &path, later)),
    )
    .await?;
    for (former, later) in former.iter_mut().zip(later) {
        former.join(later);
    }
    Ok(former)
}

/// The day in the middle of spans, in milliseconds, if they are long and their hours are wanted.
fn middle(spans: &[CutSpan]) -> Option<i64> {
    let (from, to) = CutSpan::hull(spans)?;
    let is_long = to.saturating_sub(from) >= LONG * DAY;
    let middle = i64::midpoint(from, to);
    let middle = middle - middle.rem_euclid(DAY);
    (is_long && spans.iter().any(CutSpan::needs_hours)).then_some(middle)
}
