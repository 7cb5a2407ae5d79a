//! Samples as the original wrote them, and every kind of answer that may come from rollups.

use std::time::{SystemTime, UNIX_EPOCH};

use bson::{Document, doc};
use up_history::mongo::MongoStore;
use up_history::{HistoryPart, PathExtent, PathOverview, Query, Series, SpanCut, Store};

use crate::site::collection;

pub(crate) const DAY: f64 = 86_400.0;

/// The last midnight but two, of UTC.
pub(crate) fn midnight() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = now.expect("after 1970").as_secs() / 86_400 - 2;
    days as f64 * DAY
}

/// Samples of some days as the original writes them: no `_id` of ours, whole numbers where they are whole.
pub(crate) fn originals(path: &str, begin: f64, days: u32) -> Vec<Document> {
    let one = |i: u32| {
        let date = begin + f64::from(i) * 60.0 + 0.25;
        let up = i32::from(i % 100 >= 3);
        let millis = f64::from(100 + i % 50);
        doc! { "path": path, "up": up, "date": date, "duration": millis / 1e3 }
    };
    (0..days * 1_440).map(one).collect()
}

pub(crate) async fn insert(uri: &str, documents: Vec<Document>) {
    let statuses = collection(uri, "statuses").await;
    statuses.insert_many(documents).await.expect("written");
}

/// Every kind of answer that may come from rollups.
#[derive(Debug, PartialEq)]
pub(crate) struct RolledAnswers {
    pub(crate) parts: Vec<Vec<HistoryPart>>,
    pub(crate) series: Vec<Series>,
    pub(crate) overviews: Vec<Vec<PathOverview>>,
    pub(crate) extents: Vec<PathExtent>,
}

pub(crate) async fn answers(uri: &str, (from, to): (f64, f64)) -> RolledAnswers {
    let store = MongoStore::open(uri, "up").expect("a target");
    let path = || "/R/a".to_owned();
    let mut all = RolledAnswers {
        parts: Vec::new(),
        series: Vec::new(),
        overviews: Vec::new(),
        extents: store.extents().await.expect("extents"),
    };
    // Sums of fractions depend on their order, in the last digits.
    let rounded = |value: Option<f64>| value.map(|value| (value * 1e9).round() / 1e9);
    for span in [
        (from, to),
        (from + 4.1 * DAY, to - 2.2 * DAY),
        (from, from + 3.5 * DAY),
    ] {
        for cut in [SpanCut::Whole, SpanCut::AtMost(300), SpanCut::AtMost(3)] {
            let mut parts = store.parts(path(), span, cut).await.expect("parts");
            for HistoryPart { summary, .. } in &mut parts {
                summary.uptime = rounded(summary.uptime);
                summary.mean = rounded(summary.mean);
                summary.deviation = rounded(summary.deviation);
            }
            all.parts.push(parts);
        }
        for most in [40, 1_000_000] {
            let (from, to) = span;
            let query = Query {
                path: path(),
                from,
                to,
                most,
            };
            let mut series = store.series(query).await.expect("a series");
            series.uptime = rounded(series.uptime);
            all.series.push(series);
        }
        let mut overview = store.overview(span.0, span.1).await.expect("an overview");
        for path in &mut overview {
            path.uptime = rounded(path.uptime);
            path.deviation = rounded(path.deviation);
        }
        all.overviews.push(overview);
    }
    all
}
