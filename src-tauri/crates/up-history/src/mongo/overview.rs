//! What a span comes to for every path of a `MongoDB`, in few questions: from the rollups of whole days,
//! from the runs of days that the span cuts, and from samples for what is not rolled up. Some thousands of
//! days of paths are held at once.

mod pieces;

use std::collections::BTreeMap;

use bson::{Document, doc};
use mongodb::error::Result;
use up_core::Timestamp;

use super::paths::paths;
use super::reading::MongoReading;
use super::rollups::{DayHead, HeadBatches, each_run};
use super::samples::{SeriesPoint, dates, each_of_paths};
use super::spans::BEFORE;
use crate::answer::{PathOverview, millis};
use pieces::PathTotal;

/// So many pieces of histories are asked of the server at once, and those of so many paths.
const SPANS_AT_ONCE: usize = 100;
const PATHS_AT_ONCE: usize = 2_000;

/// Of every path that can be one of Up's and has samples in the span, sorted.
pub(super) async fn overview(
    reading: &MongoReading,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<PathOverview>> {
    let (from, to) = (millis(from), millis(to));
    if from >= to {
        return Ok(Vec::new());
    }
    let known = paths(reading, doc! {}).await?.into_iter();
    let mut totals = PathTotals {
        reading,
        span: (from, to),
        of: known.map(|path| (path, PathTotal::default())).collect(),
    };
    // What stands into the span lies before it.
    let mut at = from.saturating_sub(BEFORE);
    let mut batches = HeadBatches::find(reading, (at, to)).await?;
    loop {
        let batch = batches.next().await?;
        let end = batch.until.unwrap_or(to).clamp(at, to);
        totals.add(batch.heads, (at, end)).await?;
        if batch.until.is_none() {
            break;
        }
        at = end;
    }
    let totals = totals.of.into_iter();
    let told = totals.filter_map(|(path, total)| total.finish(from).overview(path, to));
    Ok(told.collect())
}

/// What the span comes to for each path, as far as it has been read.
struct PathTotals<'r> {
    reading: &'r MongoReading,
    span: (i64, i64),
    of: BTreeMap<String, PathTotal>,
}

impl PathTotals<'_> {
    /// Adds the time that comes after all that was added: these days, and what lies between them.
    async fn add(&mut self, days: Vec<(String, DayHead)>, within: (i64, i64)) -> Result<()> {
        let (from, to) = self.span;
        let piece = |head: &DayHead| (head.begin().max(within.0), head.until.min(within.1));
        let mut cut = Vec::new();
        for (path, head) in days {
            let span = piece(&head);
            if span.0 >= span.1 {
                continue;
            }
            if head.begin() < from || head.until > to {
                cut.push((path, head));
            } else {
                self.of.entry(path).or_default().add(span, head.whole);
            }
        }
        each_run(self.reading, cut, |path, head, samples| {
            let total = self.of.entry(path.to_owned()).or_default();
            // What was rounded up to the end of a day is of that day.
            let date = |sample: &SeriesPoint| millis(sample.date).min(head.until - 1);
            let dated = samples.iter().map(|sample| (date(sample), sample.status));
            total.add_samples(piece(head), from, &dated.collect::<Vec<_>>());
        })
        .await?;
        for wanted in self.missing(within) {
            each_of_paths(self.reading, wanted, |path, sample| {
                if let Some(total) = self.of.get_mut(path) {
                    total.take_stored(millis(sample.date), sample.status);
                }
            })
            .await?;
        }
        for total in self.of.values_mut() {
            total.gather(from);
        }
        Ok(())
    }

    /// Finds the samples of what is not rolled up, a few questions' worth.
    fn missing(&mut self, within: (i64, i64)) -> Vec<Document> {
        let (from, _) = self.span;
        let mut spans: BTreeMap<(i64, i64), Vec<&str>> = BTreeMap::new();
        for (path, total) in &mut self.of {
            for span in total.add_missing(within, from) {
                spans.entry(span).or_default().push(path);
            }
        }
        let mut each = Vec::new();
        for (span, paths) in &spans {
            let of = |paths: &[&str]| doc! { "path": { "$in": paths }, "date": dates(*span) };
            each.extend(paths.chunks(PATHS_AT_ONCE).map(of));
        }
        let several = |spans: &[Document]| match spans {
            [one] => one.clone(),
            several => doc! { "$or": several },
        };
        each.chunks(SPANS_AT_ONCE).map(several).collect()
    }
}
