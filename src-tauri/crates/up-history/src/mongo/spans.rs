//! What spans of a path's history come to: from the rollups of days and hours that lie wholly within a
//! part, and from samples for the rest.

use std::collections::BTreeMap;

use mongodb::error::Result;
use up_core::Timestamp;

use super::reading::MongoReading;
use super::rollups::{DayHead, HOUR, each_sample, heads, hours};
use super::samples::{SeriesPoint, each_stored};
use crate::answer::{
    CutSpan, DurationDetail, HistoryPart, HistorySummary, LOOK_BACK, PartsDigest, Rollup, SpanCut,
    SpanToCut, micros, millis,
};

/// How long before a span a sample may lie that stands into it, in milliseconds.
pub(super) const BEFORE: i64 = (LOOK_BACK * 1e3) as i64;

/// How many paths are read at once for their uptimes.
pub(super) const UPTIMES_AT_ONCE: usize = 8;

/// The uptime of a path over a span, and for how many seconds its status is known.
pub(super) async fn uptime(
    reading: &MongoReading,
    path: &str,
    span: (Timestamp, Timestamp),
) -> Result<(Option<f64>, f64)> {
    let found = summaries(reading, path, &[span], DurationDetail::Sums).await?;
    let whole = found.first().copied().unwrap_or_default();
    Ok((whole.uptime, whole.known))
}

/// What spans of a path's history come to.
pub(super) async fn summaries(
    reading: &MongoReading,
    path: &str,
    spans: &[(Timestamp, Timestamp)],
    detail: DurationDetail,
) -> Result<Vec<HistorySummary>> {
    let whole = |(from, to): &(Timestamp, Timestamp)| SpanToCut {
        from: *from,
        to: *to,
        cut: SpanCut::Whole,
        detail,
    };
    let parts = cut(reading, path, spans.iter().map(whole).collect()).await?;
    Ok(parts
        .into_iter()
        .map(HistoryPart::summary_of_whole)
        .collect())
}

/// What the parts of spans of a path's history come to, in one pass over all of them.
pub(super) async fn cut(
    reading: &MongoReading,
    path: &str,
    spans: Vec<SpanToCut>,
) -> Result<Vec<Vec<HistoryPart>>> {
    let cuts = spans.into_iter().map(CutSpan::new).collect();
    let cuts = fill(reading, path, cuts).await?;
    Ok(cuts.into_iter().map(CutSpan::finish).collect())
}

/// Fills the parts of spans.
async fn fill(reading: &MongoReading, path: &str, cuts: Vec<CutSpan>) -> Result<Vec<CutSpan>> {
    let Some((from, to)) = CutSpan::hull(&cuts) else {
        return Ok(cuts);
    };
    let detail = DurationDetail::of_all(cuts.iter().map(CutSpan::detail));
    let is_fine = cuts.iter().any(|cut| cut.finest() < HOUR);
    let mut digests: Vec<_> = cuts.into_iter().map(PartsDigest::new).collect();
    if is_fine {
        let span = (from.saturating_sub(BEFORE), to);
        each_sample(reading, path, span, |sample| {
            for digest in &mut digests {
                take(digest, &sample);
            }
            true
        })
        .await?;
    } else {
        SpanReader::new(reading, path, &digests, (from, to), detail)
            .await?
            .read(&mut digests, (from, to))
            .await?;
    }
    Ok(digests.into_iter().map(PartsDigest::finish).collect())
}

fn take(digest: &mut PartsDigest, sample: &SeriesPoint) {
    digest.take(millis(sample.date), sample.status, micros(sample.duration));
}

/// What of a path is read before its spans are filled.
struct SpanReader<'d> {
    reading: &'d MongoReading,
    path: &'d str,
    heads: Vec<DayHead>,
    /// Of the days in which a part begins or ends.
    hours: BTreeMap<i64, Vec<Rollup>>,
    /// The samples around the ends of spans, which lie within hours. By date.
    edges: Vec<SeriesPoint>,
}

impl<'d> SpanReader<'d> {
    async fn new(
        reading: &'d MongoReading,
        path: &'d str,
        digests: &[PartsDigest],
        span: (i64, i64),
        detail: DurationDetail,
    ) -> Result<Self> {
        let heads = heads(reading, path, span, detail).await?;
        let is_cut = |head: &&DayHead| {
            let (begin, until) = (head.begin(), head.until);
            digests.iter().any(|digest| {
                let (from, to) = digest.span();
                let within = from.max(begin) < to.min(until);
                within && (from > begin || digest.next_edge(begin) < until)
            })
        };
        let cut: Vec<_> = heads.iter().filter(is_cut).collect();
        let hours = hours(reading, path, &cut).await?;
        let mut ends: Vec<(i64, i64)> = Vec::new();
        for digest in digests {
            let (from, to) = digest.span();
            ends.push((from.saturating_sub(BEFORE), next_hour(from - 1)));
            // What is not rolled up is read anyway.
            if heads
                .iter()
                .any(|head| (head.begin()..head.until).contains(&(to - 1)))
            {
                ends.push((to - to.rem_euclid(HOUR), to));
            }
        }
        let mut edges = Vec::new();
        for span in joined(ends) {
            each_sample(reading, path, span, |sample| {
                edges.push(sample);
                true
            })
            .await?;
        }
        Ok(Self {
            reading,
            path,
            heads,
            hours,
            edges,
        })
    }

    /// Fills the parts, in the order of time.
    async fn read(&self, digests: &mut [PartsDigest], (from, to): (i64, i64)) -> Result<()> {
        for digest in &mut *digests {
            let (from, _) = digest.span();
            self.take_edges(digest, (from.saturating_sub(BEFORE), from));
        }
        let mut at = from;
        for head in &self.heads {
            if !self.can_read(head, digests) {
                continue;
            }
            self.take_stored(digests, (at, head.begin())).await?;
            for digest in &mut *digests {
                self.take_day(digest, head);
            }
            at = at.max(head.until);
        }
        self.take_stored(digests, (at, to)).await
    }

    /// False for a day whose hours are needed and have been made anew since.
    fn can_read(&self, head: &DayHead, digests: &[PartsDigest]) -> bool {
        let begin = head.begin();
        let is_whole = |digest: &PartsDigest| {
            let (from, to) = digest.span();
            let within = from.max(begin) < to.min(head.until);
            !within || (from <= begin && digest.next_edge(begin) >= head.until)
        };
        self.hours.contains_key(&head.day) || digests.iter().all(is_whole)
    }

    /// Takes the samples of a stretch that is not rolled up.
    async fn take_stored(&self, digests: &mut [PartsDigest], span: (i64, i64)) -> Result<()> {
        each_stored(self.reading, self.path, span, |sample| {
            let date = millis(sample.date);
            for digest in &mut *digests {
                // What lies before a span was taken with its edges.
                if date >= digest.span().0 {
                    take(digest, &sample);
                }
            }
            true
        })
        .await
        .map(drop)
    }

    /// Takes what of a day lies in a span.
    fn take_day(&self, digest: &mut PartsDigest, head: &DayHead) {
        let (begin, (from, to)) = (head.begin(), digest.span());
        let end = to.min(head.until);
        let mut at = from.max(begin);
        if at == begin && at < end && digest.next_edge(at) >= head.until {
            return digest.take_rollup(begin, &head.whole);
        }
        while at < end {
            let next = next_hour(at).min(end);
            if next - at == HOUR {
                let hour = usize::try_from((at - begin) / HOUR).unwrap_or_default();
                let hours = self.hours.get(&head.day);
                if let Some(hour) = hours.and_then(|hours| hours.get(hour)) {
                    digest.take_rollup(at, hour);
                }
            } else {
                self.take_edges(digest, (at, next));
            }
            at = next;
        }
    }

    fn take_edges(&self, digest: &mut PartsDigest, (from, to): (i64, i64)) {
        let before = |date: i64| self.edges.partition_point(|edge| millis(edge.date) < date);
        let (begin, end) = (before(from), before(to));
        for sample in self.edges.get(begin..end).unwrap_or_default() {
            take(digest, sample);
        }
    }
}

/// The hour that begins after this time.
fn next_hour(time: i64) -> i64 {
    (time - time.rem_euclid(HOUR)).saturating_add(HOUR)
}

/// Spans without what they have in common.
fn joined(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_joined() {
        let check = |spans: &[(i64, i64)], expected: &[(i64, i64)]| {
            assert_eq!(joined(spans.to_vec()), expected, "{spans:?}");
        };
        check(&[], &[]);
        check(&[(5, 9), (1, 3)], &[(1, 3), (5, 9)]);
        check(&[(1, 9), (2, 3), (9, 12)], &[(1, 12)]);
    }
}
