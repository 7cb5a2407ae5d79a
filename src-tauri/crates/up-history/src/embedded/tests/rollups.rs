//! Rollups: whatever is asked, they come to what the samples come to.

use rusqlite::Connection;

use super::*;
use crate::answer::{DurationDetail, HistorySummary, Rollup, micros, millis};

pub(super) const DAY: f64 = 86_400.0;

/// Midnight before [`NOON`].
pub(super) const MIDNIGHT: f64 = NOON - DAY / 2.0;

pub(super) type Kept = Vec<(f64, Option<f64>, f64)>;

/// Days of samples of one path, mostly so many seconds apart: steady and not, with gaps, unknown ones and outages.
pub(super) fn history(random: &mut fastrand::Rng, days: u32, step: f64) -> Kept {
    let mut at = MIDNIGHT - DAY * f64::from(days);
    let mut kept = Kept::new();
    while at < NOON {
        at += match random.u32(0..1_000) {
            0 => random.f64() * 9_000.0,
            1..40 => 5.0,
            _ => step + random.f64(),
        };
        let date = (at * 1e3).round() / 1e3;
        let status = match random.u32(0..60) {
            0 => None,
            1..4 => Some(0.0),
            4 => Some(0.5),
            _ => Some(1.0),
        };
        kept.push((date, status, f64::from(random.u32(50..999)) / 1e3));
    }
    kept
}

pub(super) fn records(kept: &[(f64, Option<f64>, f64)]) -> Vec<Arc<Record>> {
    let one = |(date, status, duration): &(f64, _, f64)| record("/a", *date, *status, *duration);
    kept.iter().map(one).collect()
}

/// By the plain rule, over all samples.
fn expected(kept: &Kept, from: f64, to: f64) -> HistorySummary {
    let mut rollup = Rollup::default();
    let mut sorted = kept.clone();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Whatever lies further before the span does not matter to it.
    sorted.retain(|(date, ..)| (from - 400.0..to).contains(date));
    let within = sorted.partition_point(|(date, ..)| *date < from);
    for (date, status, _) in &sorted[..within] {
        rollup.take_before(millis(*date), *status);
    }
    rollup.begin(millis(from));
    for (date, status, duration) in &sorted[within..] {
        rollup.take(millis(*date), *status, micros(*duration));
    }
    rollup.summary(millis(to))
}

pub(super) async fn check(store: &Embedded, kept: &Kept, spans: &[(f64, f64)], why: &str) {
    check_figures(store, kept, spans, true, why).await;
}

/// Percentiles are only those of all samples if the spans consist of whole days, or of samples.
pub(super) async fn check_figures(
    store: &Embedded,
    kept: &Kept,
    spans: &[(f64, f64)],
    with_percentiles: bool,
    why: &str,
) {
    let ask = async |detail| {
        let found = store.summaries("/a".into(), spans.to_vec(), detail).await;
        found.expect("summaries")
    };
    let found = ask(DurationDetail::Spread).await;
    let without_spread = found.iter().map(|found| HistorySummary {
        durations: Percentiles::default(),
        ..*found
    });
    let without_spread: Vec<_> = without_spread.collect();
    assert_eq!(ask(DurationDetail::Sums).await, without_spread, "{why}");
    for (span, found) in spans.iter().zip(found) {
        let expected = expected(kept, span.0, span.1);
        let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-7,
            (a, b) => a == b,
        };
        assert!(
            close(found.uptime, expected.uptime)
                && close(found.mean, expected.mean)
                && close(found.deviation, expected.deviation),
            "{why}, {span:?}: {found:?} is not {expected:?}"
        );
        if with_percentiles {
            assert_eq!(found.durations, expected.durations, "{why}, {span:?}");
        }
        let exact = |summary: &HistorySummary| HistorySummary {
            uptime: None,
            mean: None,
            deviation: None,
            durations: Percentiles::default(),
            ..*summary
        };
        assert_eq!(exact(&found), exact(&expected), "{why}, {span:?}");
    }
}

fn random_spans(random: &mut fastrand::Rng, days: u32) -> Vec<(f64, f64)> {
    let mut spans = vec![(0.0, 4e9), (NOON - DAY, NOON), (NOON, NOON)];
    for _ in 0..25 {
        let mut time = || {
            let time = MIDNIGHT - random.f64() * DAY * f64::from(days + 1) + DAY;
            match random.u32(0..4) {
                0 => (time / DAY).round() * DAY,
                1 => (time / 3_600.0).round() * 3_600.0,
                2 => (time / 300.0).round() * 300.0,
                _ => (time * 1e3).round() / 1e3,
            }
        };
        let (a, b) = (time(), time());
        spans.push((a.min(b), a.max(b)));
    }
    spans
}

/// All packs of the file, by table and id.
fn packs(dir: &Path) -> Vec<(String, i64, Vec<u8>)> {
    let connection = Connection::open(dir.join(FILE)).expect("the file");
    let mut all = Vec::new();
    for table in [
        "rollups_5min",
        "rollups_hour",
        "rollups_hour_coarse",
        "rollups_day",
    ] {
        let mut select = connection
            .prepare(&format!("SELECT id, pack FROM {table} ORDER BY id"))
            .expect("a table");
        let rows = select.query_map([], |row| Ok((table.into(), row.get(0)?, row.get(1)?)));
        all.extend(rows.expect("rows").map(|row| row.expect("a row")));
    }
    all
}

#[tokio::test]
async fn rollups_come_to_what_the_samples_come_to() {
    for seed in 0..3 {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let (days, step) = if seed == 0 { (3, 3.0) } else { (6, 120.0) };
        let kept = history(&mut random, days, step);
        // As they come, except for some that come at the end, and one other path.
        let (late, on_time): (Kept, Kept) = kept.iter().partition(|_| random.u32(0..50) == 0);
        for part in on_time.chunks(400) {
            store.append(records(part)).await.expect("kept");
            let other = record("/b", part[0].0, Some(1.0), 0.1);
            store.append(vec![other]).await.expect("kept");
        }
        let spans = random_spans(&mut random, days);
        check(&store, &on_time, &spans, "on time").await;
        store.append(records(&late)).await.expect("kept");
        check(&store, &kept, &spans, "late ones are recent").await;
        // The next hour folds them.
        let next = [
            (NOON + 4_000.0, Some(1.0), 0.1),
            (NOON + 8_000.0, Some(1.0), 0.1),
        ];
        for one in next {
            store.append(records(&[one])).await.expect("kept");
        }
        let all: Kept = kept.iter().copied().chain(next).collect();
        check(&store, &all, &spans, "late ones are folded").await;

        let before = packs(dir.path());
        assert!(before.len() > 2 * 2 * 2, "{} packs", before.len());
        let fine = before.iter().any(|(table, ..)| table == "rollups_5min");
        assert_eq!(
            fine,
            seed == 0,
            "five minutes pay for what is checked often"
        );
        let (report, reported) = mpsc::channel();
        let send = move |progress| report.send(progress).expect("it is heard");
        store.rebuild(send).await.expect("rebuilt");
        let reported: Vec<RollupProgress> = reported.iter().collect();
        assert!(
            reported.is_sorted_by_key(|progress| progress.done) && reported.len() > days as usize,
            "{reported:?}"
        );
        assert!(
            reported.last().is_some_and(|last| last.is_done()),
            "{reported:?}"
        );
        assert!(packs(dir.path()) == before, "rebuilding makes the same");
        check(&store, &all, &spans, "rebuilt").await;
    }
}

#[tokio::test]
async fn rollups_outlive_the_samples_until_keep() {
    let mut random = fastrand::Rng::with_seed(9);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let kept = history(&mut random, 55, 120.0);
    for part in kept.chunks(1_000) {
        store.append(records(part)).await.expect("kept");
    }
    let days = |days: u64| Duration::from_secs(days * 86_400);
    store.prune(NOON, days(30), days(50)).await.expect("pruned");
    let gone = MIDNIGHT - 30.0 * DAY;
    let series = everything(&store, "/a").await;
    assert!(series.points.iter().all(|point| point.date >= gone));
    let from = MIDNIGHT - 50.0 * DAY;
    let spans = [
        (from, NOON),
        (from, gone),
        (MIDNIGHT - 40.0 * DAY, NOON - 3.5 * DAY),
        (MIDNIGHT - 35.0 * DAY + 7_200.0, gone),
        (gone, NOON),
    ];
    // What stood into a span from before it is gone with the samples.
    let after = |from: f64| -> Kept {
        kept.iter()
            .copied()
            .filter(|(date, ..)| *date >= from)
            .collect()
    };
    for span in spans {
        let of_whole_days = (span.0 / DAY).fract() == 0.0 && (span.1 >= gone);
        let kept = after(span.0.min(gone));
        check_figures(&store, &kept, &[span], of_whole_days, "pruned").await;
    }
    assert_eq!(series.count, expected(&after(from), from, 4e9).count);
    // A sample that is as late as that is added to the rollups.
    let late = (from + 0.5, Some(1.0), 0.25);
    for one in [
        late,
        (NOON + 4_000.0, Some(1.0), 0.1),
        (NOON + 8_000.0, Some(1.0), 0.1),
    ] {
        store.append(records(&[one])).await.expect("kept");
    }
    assert_eq!(everything(&store, "/a").await.count, series.count + 3);
}

/// Packs all runs as version 1 did.
fn as_version_1(connection: &Connection) {
    let mut select = connection
        .prepare("SELECT r.id, r.samples, b.first FROM runs r JOIN blocks b ON b.id = r.id >> 24")
        .expect("a query");
    let runs = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let runs: Vec<(i64, Vec<u8>, i64)> =
        runs.expect("rows").map(|run| run.expect("a run")).collect();
    assert!(runs.len() > 20, "there are some");
    for (id, samples, first) in runs {
        let mut rows = Vec::new();
        codec::unpack(codec::VERSION, &samples, first, 7, |row| rows.push(row)).expect("unpacked");
        let old = codec::pack_version_1(&rows, first);
        let update = "UPDATE runs SET samples = ?1 WHERE id = ?2";
        connection.execute(update, (old, id)).expect("written");
    }
}

/// A file that has samples, packed otherwise, and no rollups yet.
#[tokio::test]
async fn a_file_of_version_1_is_upgraded() {
    let mut random = fastrand::Rng::with_seed(11);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let kept = history(&mut random, 5, 120.0);
    for part in kept.chunks(300) {
        store.append(records(part)).await.expect("kept");
    }
    store.rebuild(|_| {}).await.expect("rebuilt");
    store.close().await;
    let made = packs(dir.path());
    let connection = Connection::open(dir.path().join(FILE)).expect("the file");
    as_version_1(&connection);
    connection
        .execute_batch(&format!(
            "{AS_VERSION_8} DROP INDEX blocks_by_time; ALTER TABLE blocks DROP COLUMN codec; DROP TABLE rollups_5min; DROP TABLE rollups_hour; DROP TABLE rollups_hour_coarse; DROP TABLE rollups_day;
             DROP TABLE incidents; DROP TABLE acknowledgements;
             DROP TABLE metrics; DROP TABLE metrics_recent; DROP TABLE metrics_5min; DROP TABLE metrics_hour;
             DROP TABLE marks; DROP TABLE days; DROP TABLE retention;
             ALTER TABLE outbox DROP COLUMN came; PRAGMA user_version = 1",
        ))
        .expect("as version 1 had it");
    drop(connection);
    let store = Embedded::open(dir.path()).expect("an older file");
    let status = store.status().await.expect("a status");
    assert_eq!((status.paths, status.rolled_up.done), (1, 0), "{status:?}");
    assert!(
        status.rolled_up.all >= 5 && status.first < status.last,
        "{status:?}"
    );
    let spans = random_spans(&mut random, 5);
    check(&store, &kept, &spans, "nothing is rolled up yet").await;
    for second in 0..40 {
        let one = (NOON + 600.0 + f64::from(second), Some(1.0), 0.1);
        store.append(records(&[one])).await.expect("kept");
    }
    assert!(
        packs(dir.path()) == made,
        "the steps have made the same again"
    );
    check(&store, &kept, &[(0.0, NOON)], "all is rolled up").await;
}

/// Bits that rot in a rollup are noticed: its samples are read instead, while they are there.
#[tokio::test]
async fn a_rollup_that_rots_costs_nothing_while_its_samples_are_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let count = async || {
        let summaries = store
            .summaries("/a".into(), vec![(0.0, 4e9)], DurationDetail::Spread)
            .await;
        summaries.expect("an answer")[0].count
    };
    for day in 0..4 {
        let one = (NOON + f64::from(day) * DAY, Some(1.0), 0.1);
        store.append(records(&[one])).await.expect("kept");
    }
    let rot = || {
        let connection = Connection::open(dir.path().join(FILE)).expect("the file");
        let rotten = connection.execute(
            "UPDATE rollups_day SET pack = zeroblob(length(pack))
             WHERE id = (SELECT min(id) FROM rollups_day)",
            [],
        );
        assert_eq!(rotten, Ok(1));
    };
    rot();
    assert_eq!(count().await, 4, "its samples are there");
    store.rebuild(|_| {}).await.expect("rebuilt");
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let now = NOON + 3.5 * DAY;
    store.prune(now, days(2), days(99)).await.expect("pruned");
    assert_eq!(count().await, 4, "its samples are gone");
    rot();
    assert_eq!(count().await, 3, "it costs only itself");
}

/// A path whose samples and rollups are gone is forgotten by the writer too: its number may be
/// another's by now.
#[tokio::test]
async fn numbers_that_were_removed_are_not_used_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let one = |path: &str, date: f64| vec![record(path, date, Some(0.0), 0.1)];
    store.append(one("/a", NOON)).await.expect("kept");
    for day in 1..=70 {
        let date = NOON + f64::from(day) * DAY;
        store.append(one("/b", date)).await.expect("kept");
    }
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let now = NOON + 70.0 * DAY;
    store.prune(now, days(30), days(60)).await.expect("pruned");
    assert_eq!(everything(&store, "/a").await.count, 0, "it is forgotten");
    store.append(one("/a", NOON + 1.0)).await.expect("kept");
    let series = everything(&store, "/a").await;
    assert_eq!(series.points.len(), 1, "{series:?}");
    assert!(series.points[0].cause.is_some(), "{series:?}");
}
