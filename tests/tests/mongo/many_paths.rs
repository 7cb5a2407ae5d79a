//! The overview of many paths: it is what the history of each path comes to, wherever its samples lie,
//! and what a count of all samples comes to.

use bson::{Document, doc};
use jiff::civil::date;
use up_history::mongo::{Feed, MongoStore};
use up_history::{DurationDetail, PathOverview, Store};
use up_tests::mongod::Mongod;

use crate::alike::ahead;
use crate::site::{NOON, PATIENCE, append, collection, count, open, record, roll_up};

const DAY: f64 = 86_400.0;
const DAYS: f64 = 40.0;
const PATHS: [&str; 5] = ["/R/a", "/R/b", "/R/c", "/R/d", "/R/e"];

/// So many paths have the rollups of each of these. The days of all of them are more than are read at once.
const COPIES: i32 = 60;

/// How long a sample stands, in seconds.
const STANDS: f64 = 300.0;

struct StoredSample {
    path: &'static str,
    agent: &'static str,
    date: f64,
    status: Option<f64>,
}

impl StoredSample {
    fn document(&self) -> Document {
        let mut document =
            doc! { "path": self.path, "up": self.status, "date": self.date, "duration": 0.1 };
        if !self.agent.is_empty() {
            document.insert("agent", self.agent);
        }
        document
    }
}

/// Samples of all paths in the order of their dates, with gaps of minutes and of days. One path begins
/// late, one ends early, and one has two agents.
fn history(random: &mut fastrand::Rng) -> Vec<StoredSample> {
    let mut samples = Vec::new();
    for path in PATHS {
        let (mut at, mut end) = (NOON - DAYS * DAY, NOON);
        match path {
            "/R/b" => at += 17.3 * DAY,
            "/R/c" => end -= 9.6 * DAY,
            _ => {}
        }
        let mut status = Some(1.0);
        while at < end {
            at += match random.u32(0..300) {
                0 => random.f64() * 3.0 * DAY,
                1..100 => 60.0,
                _ => 300.0 + random.f64() * 1_500.0,
            };
            if random.u32(0..10) == 0 {
                // Sums of quarters are exact in any order.
                status = [None, Some(0.0), Some(0.25), Some(1.0)][random.usize(0..4)];
            }
            let agent = if path == "/R/d" {
                ["a", "b"][random.usize(0..2)]
            } else {
                ""
            };
            samples.push(StoredSample {
                path,
                agent,
                date: (at * 1e3).round() / 1e3,
                status,
            });
        }
    }
    samples.sort_by(|one, other| one.date.total_cmp(&other.date));
    samples
}

async fn insert(uri: &str, samples: &[StoredSample]) {
    for (name, is_known) in [("statuses", true), ("unknowns", false)] {
        let of = samples
            .iter()
            .filter(|one| one.status.is_some() == is_known);
        let documents: Vec<_> = of.map(StoredSample::document).collect();
        let collection = collection(uri, name).await;
        for some in documents.chunks(10_000) {
            collection.insert_many(some).await.expect("written");
        }
    }
}

/// Spans that begin and end within hours, at midnights here and elsewhere, when the clocks are put back,
/// just after a midnight, and before and after everything.
fn spans(random: &mut fastrand::Rng) -> Vec<(f64, f64)> {
    let berlin = jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let midnight = |day: i8| {
        let day = date(2026, 10, day)
            .to_zoned(berlin.clone())
            .expect("a midnight");
        day.timestamp().as_second() as f64
    };
    let begin = ((NOON - DAYS * DAY) / DAY).floor() * DAY;
    let mut spans = vec![
        (begin - 60.0 * DAY, NOON + 10.0 * DAY),
        (begin + 3.0 * DAY, begin + 21.0 * DAY),
        (midnight(24), midnight(25)),
        (midnight(25), midnight(26)),
        (midnight(25), NOON + 5.0 * DAY),
        (begin + 9.0 * DAY + 100.0, begin + 9.5 * DAY),
        (begin + 7.0 * DAY + 4_000.0, begin + 7.0 * DAY + 7_100.0),
        (NOON, NOON),
    ];
    for _ in 0..4 {
        let time =
            |random: &mut fastrand::Rng| begin + f64::from(random.u32(0..42 * 86_400_000)) / 1e3;
        let (one, other) = (time(random), time(random));
        spans.push((one.min(other), one.max(other)));
    }
    spans
}

/// What a count of all samples, in the order of their dates, comes to.
fn counted(samples: &[&StoredSample], (from, to): (f64, f64)) -> Option<PathOverview> {
    let (mut known, mut up) = (0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let next = samples
            .get(place + 1)
            .map_or(f64::INFINITY, |next| next.date);
        let until = next.min(sample.date + STANDS).min(to);
        let stood = (until - sample.date.max(from)).max(0.0);
        if let Some(status) = sample.status {
            (known, up) = (known + stood, up + status * stood);
        }
    }
    let within = samples.iter().filter(|one| (from..to).contains(&one.date));
    let within: Vec<_> = within.collect();
    let statuses: Vec<f64> = within.iter().filter_map(|one| one.status).collect();
    let number = statuses.len() as f64;
    let mean = statuses.iter().sum::<f64>() / number;
    let squares = statuses.iter().map(|status| (status - mean).powi(2));
    let last = within.last()?;
    Some(PathOverview {
        path: last.path.into(),
        count: statuses.len() as u64,
        unknown: (within.len() - statuses.len()) as u64,
        uptime: (known > 0.0).then(|| up / known),
        known,
        deviation: (!statuses.is_empty()).then(|| (squares.sum::<f64>() / number).sqrt()),
        last: last.date,
        status: last.status,
    })
}

fn rounded(mut overview: PathOverview) -> PathOverview {
    let round = |value: f64| (value * 1e7).round() / 1e7;
    overview.uptime = overview.uptime.map(round);
    overview.deviation = overview.deviation.map(round);
    overview.known = (overview.known * 1e3).round() / 1e3;
    overview
}

/// Compares overviews with what each of these paths comes to by itself, and with a count of `samples`.
async fn check(
    store: &dyn Store,
    paths: &[String],
    spans: &[(f64, f64)],
    samples: &[&StoredSample],
    what: &str,
) {
    let mut overviews = Vec::new();
    for span in spans {
        let found = store.overview(span.0, span.1).await.expect("an overview");
        assert!(
            found.is_sorted_by(|one, other| one.path < other.path),
            "{what}, {span:?}"
        );
        overviews.push(found);
    }
    for path in paths {
        let summaries = store.summaries(path.clone(), spans.to_vec(), DurationDetail::Sums);
        let summaries = summaries.await.expect("summaries");
        let samples: Vec<_> = samples
            .iter()
            .copied()
            .filter(|one| one.path == path)
            .collect();
        for ((span, summary), overview) in spans.iter().zip(&summaries).zip(&overviews) {
            let found = overview.iter().find(|found| found.path == *path);
            let sums =
                found.map(|one| (one.count, one.unknown, one.uptime, one.known, one.deviation));
            let expected = (
                summary.count,
                summary.unknown,
                summary.uptime,
                summary.known,
                summary.deviation,
            );
            let expected = (summary.count + summary.unknown > 0).then_some(expected);
            assert_eq!(sums, expected, "{what}, {path}, {span:?}");
            if !samples.is_empty() {
                let counted = counted(&samples, *span).map(rounded);
                assert_eq!(
                    found.cloned().map(rounded),
                    counted,
                    "{what}, {path}, {span:?}"
                );
            }
        }
    }
}

/// Copies the rollups of all paths to others.
async fn copy(uri: &str) {
    for name in ["rollups", "runs"] {
        let pipeline = vec![
            doc! { "$match": { "_id.day": { "$exists": true } } },
            doc! { "$set": { "n": { "$range": [0, COPIES] } } },
            doc! { "$unwind": "$n" },
            doc! { "$set": { "_id.path": { "$concat": ["$_id.path", "-", { "$toString": "$n" }] } } },
            doc! { "$unset": "n" },
            doc! { "$merge": { "into": name } },
        ];
        let collection = collection(uri, name).await;
        collection.aggregate(pipeline).await.expect("copied");
    }
}

#[tokio::test]
async fn an_overview_is_what_each_path_comes_to() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let mut random = fastrand::Rng::with_seed(21);
    let spans = spans(&mut random);
    let mut samples = history(&mut random);
    insert(&uri, &samples).await;
    let store = MongoStore::open(&uri, "up").expect("a target");
    let paths = PATHS.map(str::to_owned);
    let all: Vec<&StoredSample> = samples.iter().collect();
    check(&store, &paths, &spans, &all, "not rolled up").await;

    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    let mut feed = prepare();
    roll_up(&mut feed, ahead()).await;
    roll_up(&mut feed, ahead() + 120).await;
    check(&store, &paths, &spans, &all, "rolled up").await;
    for agent in ["a", "b", ""] {
        let store = store.of_agent(agent).expect("a store");
        let of_it: Vec<_> = all
            .iter()
            .copied()
            .filter(|one| one.agent == agent)
            .collect();
        check(&*store, &paths, &spans, &of_it, agent).await;
    }

    // Days that are not rolled up: of others, before and after all that are, and late ones of ours.
    let others = [-50.2, -50.19, 1.3, 1.304, 2.1].map(|days| StoredSample {
        path: PATHS[random.usize(0..PATHS.len())],
        agent: "",
        date: NOON + days * DAY,
        status: [None, Some(0.0)][random.usize(0..2)],
    });
    insert(&uri, &others).await;
    samples.extend(others);
    let late = [-30.0, -8.4, -8.39, -0.2].map(|days| (NOON + days * DAY, Some(0.25)));
    let records = late.map(|(date, status)| record("/R/a", date, status));
    append(&embedded, records.into()).await;
    assert_eq!(prepare().drain(PATIENCE).await.left, 0);
    samples.extend(late.map(|(date, status)| StoredSample {
        path: "/R/a",
        agent: "agent",
        date,
        status,
    }));
    samples.sort_by(|one, other| one.date.total_cmp(&other.date));
    let all: Vec<&StoredSample> = samples.iter().collect();
    check(&store, &paths, &spans, &all, "late samples").await;

    // More days than are read at once, some of which have to be made anew.
    copy(&uri).await;
    let rollups = collection(&uri, "rollups").await;
    let some = doc! { "_id.path": { "$regex": "-[0-9]$" }, "day": { "$mod": [7, 3] } };
    let noted = rollups.update_many(some, doc! { "$currentDate": { "late": true } });
    assert!(noted.await.expect("noted").modified_count > 100);
    assert!(count(&uri, "rollups", doc! {}).await > 10_000);
    let mut paths: Vec<String> = paths.into();
    for path in PATHS {
        paths.extend([3, 9, 40].map(|number| format!("{path}-{number}")));
    }
    check(&store, &paths, &spans, &all, "many").await;
    roll_up(&mut feed, ahead() + 300).await;
    check(&store, &paths[..PATHS.len()], &spans, &all, "made anew").await;
}
