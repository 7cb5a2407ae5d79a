//! Reading metrics: from five-minute spans where the answer is that fine and they are kept, else from
//! hours, together with what has not been folded.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;
use up_core::metric::MAX_METRICS;

use super::names::{self, NamedMetric};
use super::span::MetricSpan;
use super::{FINE, FIVE_MINUTES, HOUR, HOURS, HOURS_OF_DAY, SOUND, values};
use crate::embedded::read::number;
use crate::embedded::rollups::{RollupMarks, day_begin};
use crate::embedded::time::{hour, micros, seconds};
use crate::metric::{MetricPoint, MetricSeries};
use crate::sample::Query;

/// The parts of a span by when each begins, in microseconds, for each metric by its number.
struct MetricParts {
    /// The length of a part.
    width: i64,
    /// What is known is added up by spans of this length: five minutes or an hour.
    grain: i64,
    /// The first and, without it, the last time of spans that count by when they begin.
    span: (i64, i64),
    found: HashMap<i64, BTreeMap<i64, MetricPart>>,
    /// When the newest span or value of each metric is, and its mean.
    newest: HashMap<i64, (i64, f64)>,
}

/// One part.
#[derive(Default)]
struct MetricPart {
    span: MetricSpan,
    /// The latest end of the spans in it, in microseconds: an hour may be longer than the part.
    end: i64,
}

impl MetricParts {
    /// At most `most` parts, each of whole five minutes, or of whole hours if it is that long or if
    /// nothing finer is kept: before the time `pruned`.
    fn new(from: i64, to: i64, most: usize, pruned: i64) -> Self {
        let most = i64::try_from(most).unwrap_or(i64::MAX).max(2) - 1;
        let length = to.saturating_sub(from).max(1);
        // One part more than there are lengths in a span may lie in it.
        let wide = length / most + i64::from(length % most > 0);
        let is_fine = wide <= HOUR - FIVE_MINUTES && to > pruned;
        let grain = if is_fine { FIVE_MINUTES } else { HOUR };
        let width = (wide / grain + i64::from(wide % grain > 0)) * grain;
        Self {
            width,
            grain,
            span: (from - from % grain, to),
            found: HashMap::new(),
            newest: HashMap::new(),
        }
    }

    /// Adds a span from one time to another, whose newest value is of a third.
    fn add(&mut self, id: i64, (begin, end): (i64, i64), at: i64, span: &MetricSpan) {
        let parts = self.found.entry(id).or_default();
        let part = parts.entry(begin - begin % self.width).or_default();
        part.span.add(span);
        part.end = part.end.max(end);
        let newest = self.newest.entry(id).or_insert((at, span.mean));
        if newest.0 <= at {
            *newest = (at, span.mean);
        }
    }

    /// True if a span of this length that begins at a time counts.
    fn has(&self, begin: i64, length: i64) -> bool {
        let (from, to) = self.span;
        begin < to && begin >= from - from % length
    }

    fn series(&mut self, metric: NamedMetric) -> Option<MetricSeries> {
        let parts = self.found.remove(&metric.id)?;
        let (_, last) = self.newest.remove(&metric.id)?;
        let point = |(begin, MetricPart { span, end }): (i64, MetricPart)| MetricPoint {
            from: seconds(begin),
            to: seconds(begin.saturating_add(self.width).max(end)),
            count: span.count,
            min: span.min,
            mean: span.mean,
            max: span.max,
        };
        Some(MetricSeries {
            name: metric.name,
            unit: metric.unit,
            limits: metric.limits,
            last,
            points: parts.into_iter().map(point).collect(),
        })
    }
}

/// The metrics of a path that have values in a span, in the order in which they were first measured. Of
/// many that came and went, those that were measured last.
pub(in super::super) fn series(
    connection: &Connection,
    query: &Query,
) -> rusqlite::Result<Vec<MetricSeries>> {
    let Some(path) = number(connection, &query.path)? else {
        return Ok(Vec::new());
    };
    let (from, to) = (micros(query.from), micros(query.to));
    let pruned = RollupMarks::read(connection)?.pruned;
    let mut parts = MetricParts::new(from, to, query.most, day_begin(pruned));
    read_kept(connection, path, &mut parts, pruned)?;
    read_recent(connection, path, &mut parts, day_begin(pruned))?;
    let named = names::of_path(connection, path, hour(from) / HOURS_OF_DAY)?;
    let mut found: Vec<_> = named
        .into_iter()
        .filter_map(|metric| Some((metric.id, parts.series(metric)?)))
        .take(MAX_METRICS)
        .collect();
    found.sort_by_key(|(id, _)| *id);
    Ok(found.into_iter().map(|(_, series)| series).collect())
}

/// Adds what was folded, in hours alone of days before `pruned`. A pack that is damaged is left out.
fn read_kept(
    connection: &Connection,
    path: i64,
    parts: &mut MetricParts,
    pruned: i64,
) -> rusqlite::Result<()> {
    let Some((first, last)) = HOURS.extent(connection)? else {
        return Ok(());
    };
    let fine = match parts.grain {
        FIVE_MINUTES => FINE.extent(connection)?,
        _ => None,
    };
    let (from, to) = parts.span;
    let day = |at: i64| hour(at) / HOURS_OF_DAY;
    for day in day(from).max(first)..=day(to).min(last) {
        let hours = HOURS.get(connection, day, path)?.unwrap_or_default();
        let begin = day * HOURS_OF_DAY;
        let mut finer = [false; HOURS_OF_DAY as usize];
        if let Some((first, last)) = fine.filter(|_| day >= pruned) {
            let wanted = hour(from).max(begin).max(first);
            for hour in wanted..=hour(to).min(begin + HOURS_OF_DAY - 1).min(last) {
                let Some(pack) = FINE.get(connection, hour, path)? else {
                    continue;
                };
                finer[(hour - begin) as usize] = true;
                for ((id, slot), span) in &pack {
                    let at = hour * HOUR + i64::from(*slot) * FIVE_MINUTES;
                    if parts.has(at, FIVE_MINUTES) {
                        parts.add(*id, (at, at + FIVE_MINUTES), at, span);
                    }
                }
            }
        }
        for ((id, slot), span) in &hours {
            let at = (begin + i64::from(*slot)) * HOUR;
            if !finer[*slot as usize] && parts.has(at, HOUR) {
                parts.add(*id, (at, at + HOUR), at, span);
            }
        }
    }
    Ok(())
}

/// Adds what was not folded as it will be: by the hour before the time `pruned`.
fn read_recent(
    connection: &Connection,
    path: i64,
    parts: &mut MetricParts,
    pruned: i64,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT at, pack FROM metrics_recent WHERE path = ?1 AND {SOUND} ORDER BY id"
    ))?;
    let mut rows = select.query([path])?;
    while let Some(row) = rows.next()? {
        let at: i64 = row.get(0)?;
        let grain = if at < pruned { HOUR } else { parts.grain };
        let begin = at - at % grain;
        if !parts.has(begin, grain) {
            continue;
        }
        values(row.get_ref(1)?.as_blob()?, |id, value| {
            let mut span = MetricSpan::default();
            span.take(value);
            parts.add(id, (begin, begin + grain), at, &span);
        });
    }
    Ok(())
}
