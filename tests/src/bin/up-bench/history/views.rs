//! The views of one path's history, as the panel and the command line query them, and the process that
//! queries one of them once: cold, with what the system still has of the store's files in its memory.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use up_core::Timestamp;
use up_engine::{HistoryRoutes, WantedPage, ask_incidents};
use up_history::mongo::MongoStore;
use up_history::{Embedded, Query, SpanCut, Store, StoreError};

use super::samples::DAY;
use crate::measure::own_program;

/// The spans that every view is queried over, with their lengths in seconds.
pub(crate) const RANGES: &[(&str, f64)] = &[
    ("1 h", DAY / 24.0),
    ("24 h", DAY),
    ("7 d", 7.0 * DAY),
    ("30 d", 30.0 * DAY),
    ("90 d", 90.0 * DAY),
    ("1 y", 365.0 * DAY),
];

/// What a view is queried for.
struct ViewQuery {
    stores: Vec<Arc<dyn Store>>,
    path: String,
    from: Timestamp,
    to: Timestamp,
}

impl ViewQuery {
    async fn samples(self, most: usize) -> Result<usize, StoreError> {
        let query = self.query(most);
        let found = up_engine::ask_history(&self.stores, &query).await?;
        Ok(found.series.points.len())
    }

    async fn parts(self, cut: SpanCut) -> Result<usize, StoreError> {
        let found = up_engine::ask_parts(&self.stores, &self.query(0), cut).await?;
        Ok(found.parts.len())
    }

    fn query(&self, most: usize) -> Query {
        Query {
            path: self.path.clone(),
            from: self.from,
            to: self.to,
            most,
        }
    }
}

type AskView = fn(ViewQuery) -> BoxFuture<'static, Result<usize, StoreError>>;

/// The views of one path, by name. Each returns how many rows it found.
const VIEWS: &[(&str, AskView)] = &[
    ("samples and incidents", |q| Box::pin(q.samples(6_000))),
    ("series in 300 points", |q| {
        Box::pin(q.parts(SpanCut::AtMost(300)))
    }),
    ("percentiles and histograms", |q| {
        Box::pin(q.parts(SpanCut::Whole))
    }),
    ("windows, days and hours of the week", |q| {
        Box::pin(async move {
            let longest = q.to - q.from;
            let windows: Vec<f64> = (RANGES.iter().rev())
                .map(|(_, length)| *length)
                .filter(|length| *length <= longest)
                .collect();
            let zone = berlin();
            let ask = up_engine::ask_long_view(&q.stores, q.path, q.to, &windows, &zone);
            ask.await.map(|found| found.days.len())
        })
    }),
    ("hours of the day", |q| {
        Box::pin(q.parts(SpanCut::HoursOfDay(berlin())))
    }),
    ("months", |q| Box::pin(q.parts(SpanCut::Months(berlin())))),
    ("incidents", |q| {
        Box::pin(async move {
            let wanted = WantedPage {
                span: (q.from, q.to),
                before: None,
                limit: 100,
                search: None,
            };
            let routes = HistoryRoutes::new(q.stores, None);
            let found = ask_incidents(&routes, &[q.path], &wanted, &|| false).await?;
            // There may be none.
            Ok(found.newest.len() + 1)
        })
    }),
];

/// The name of the overview of all paths.
pub(crate) const OVERVIEW: &str = "overview of all paths";

/// The names of the views of one path.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    VIEWS.iter().map(|(name, _)| *name)
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC)
}

/// Queries a view once, in a process of its own. `store` is the folder of an embedded history, or the
/// URI of a `MongoDB`. Returns the milliseconds from opening the store to the answer.
pub(crate) fn ask_cold(store: &str, view: &str, path: &str, (from, to): (f64, f64)) -> f64 {
    let output = std::process::Command::new(own_program())
        .args(["view", store, view, path])
        .args([from.to_string(), to.to_string()])
        .output()
        .expect("the benchmark can start itself");
    let text = String::from_utf8_lossy(&output.stdout);
    let took = text
        .trim()
        .strip_prefix("took ")
        .and_then(|took| took.parse().ok());
    took.unwrap_or_else(|| {
        let troubles = String::from_utf8_lossy(&output.stderr);
        panic!("{view} of {path} has no answer:\n{text}{troubles}")
    })
}

/// Runs as that process.
pub(crate) fn child(args: &[String]) -> ExitCode {
    let [store, view, path, from, to] = args else {
        eprintln!("view STORE VIEW PATH FROM TO");
        return ExitCode::from(2);
    };
    let number = |text: &str| text.parse().expect("a number of seconds");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let start = Instant::now();
    let found = runtime.block_on(async {
        let store: Arc<dyn Store> = if store.starts_with("mongodb://") {
            Arc::new(MongoStore::open(store, "up").expect("a URI"))
        } else {
            Arc::new(Embedded::open(Path::new(store)).expect("a history"))
        };
        let query = ViewQuery {
            stores: vec![store],
            path: path.clone(),
            from: number(from),
            to: number(to),
        };
        let found = if let Some((_, ask)) = VIEWS.iter().find(|(name, _)| name == view) {
            ask(query).await
        } else {
            let routes = HistoryRoutes::new(query.stores, None);
            let ask = up_engine::ask_overview(&routes, query.from, query.to);
            ask.await.map(|found| found.paths.len())
        };
        found.expect("an answer")
    });
    let took = start.elapsed().as_secs_f64() * 1e3;
    assert!(found > 0, "{view} of {path} has nothing");
    println!("took {took}");
    ExitCode::SUCCESS
}
