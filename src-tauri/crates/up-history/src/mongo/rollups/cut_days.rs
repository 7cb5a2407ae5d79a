//! Reads the samples of days of many paths, of which an answer needs a piece.

use std::collections::BTreeMap;

use bson::doc;
use mongodb::error::Result;

use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint};
use super::RUNS;
use super::day::{DayHead, whole};

/// Samples of so many days are asked for at once.
const RUNS_AT_ONCE: usize = 200;

/// Hands out the samples of each of these days of paths. Those that are not there any more are left out.
pub(in super::super) async fn each_run(
    reading: &MongoReading,
    days: Vec<(String, DayHead)>,
    mut take: impl FnMut(&str, &DayHead, Vec<SeriesPoint>),
) -> Result<()> {
    let (empty, days): (Vec<_>, Vec<_>) = days.into_iter().partition(|(_, head)| head.is_empty());
    for (path, head) in &empty {
        take(path, head, Vec::new());
    }
    let mut days = days.into_iter().peekable();
    while days.peek().is_some() {
        let of = |(path, head): (String, DayHead)| ((path, head.day), head);
        let mut left: BTreeMap<_, _> = days.by_ref().take(RUNS_AT_ONCE).map(of).collect();
        let ids = left.iter().filter_map(|((path, _), head)| head.id(path));
        let ids: Vec<_> = ids.collect();
        let mut runs = reading
            .collection(RUNS)
            .find(doc! { "_id": { "$in": ids } })
            .max_time(PATIENCE)
            .await?;
        while !left.is_empty() && runs.advance().await? {
            let run = runs.current();
            let id = run.get_document("_id").ok();
            let day =
                id.and_then(|id| Some((id.get_str("path").ok()?.to_owned(), whole(id, "day")?)));
            if let Some(((path, _), head)) = day.and_then(|day| left.remove_entry(&day))
                && let Some(samples) = head.samples(run)
            {
                take(&path, &head, samples);
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}
