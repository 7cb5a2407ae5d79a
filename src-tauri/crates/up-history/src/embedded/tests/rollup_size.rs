//! What the rollups take on the disk, and how those of a file of version 4 are made smaller.

use rusqlite::{Connection, params};

use super::rollups::{Kept, check_figures, history, records};
use super::*;
use crate::answer::{DurationDetail, Rollup, pack_version_1, unpack};

const DAY: f64 = 86_400.0;

/// Midnight before [`NOON`].
const MIDNIGHT: f64 = NOON - DAY / 2.0;

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// A random path: how long its checks take, how much that varies, and how often it falls.
struct Site {
    interval: f64,
    typical: f64,
    variation: f64,
    outages: u32,
    left: u32,
}

impl Site {
    fn new(random: &mut fastrand::Rng, interval: f64) -> Self {
        Self {
            interval,
            typical: 10_f64.powf(random.f64() * 2.0 - 2.0),
            variation: 0.1 + random.f64() * 0.3,
            outages: random.u32(500..3_000),
            left: 0,
        }
    }

    /// A day of samples: dates some milliseconds off, durations as those of a network are spread, a
    /// slow one now and then, and an outage of some minutes every day or two.
    fn day(&mut self, random: &mut fastrand::Rng, begin: f64) -> Kept {
        let checks = (DAY / self.interval) as u32;
        let one = |number: u32| {
            let date =
                begin + f64::from(number) * self.interval + f64::from(random.u32(0..20)) / 1e3;
            let normal: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
            let slow = if random.u32(0..500) == 0 { 10.0 } else { 1.0 };
            let duration = self.typical * (normal * self.variation).exp() * slow;
            if random.u32(0..self.outages) == 0 {
                self.left = random.u32(2..30);
            }
            let is_down = self.left > 0;
            self.left = self.left.saturating_sub(1);
            (date, Some(if is_down { 0.0 } else { 1.0 }), duration)
        };
        (0..checks).map(one).collect()
    }
}

/// What the file's rollups take, in bytes of whole pages.
fn bytes_of_rollups(dir: &Path) -> Vec<(String, i64)> {
    let connection = Connection::open(dir.join(FILE)).expect("the file");
    let mut select = connection
        .prepare("SELECT name, sum(pgsize) FROM dbstat WHERE name LIKE 'rollups%' GROUP BY name")
        .expect("the pages of each table");
    let sizes = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let sizes = sizes.expect("rows").map(|size| size.expect("a size"));
    sizes.collect()
}

async fn check_year(seed: u64, interval: f64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut site = Site::new(&mut random, interval);
    for day in 0..=365 {
        let begin = MIDNIGHT + f64::from(day) * DAY;
        let kept = site.day(&mut random, begin);
        store.append(records(&kept)).await.expect("kept");
        if day % 5 == 0 {
            let now = begin + DAY;
            store.prune(now, days(30), days(400)).await.expect("pruned");
        }
    }
    let end = MIDNIGHT + 366.0 * DAY;
    store.prune(end, days(30), days(400)).await.expect("pruned");
    let year = (MIDNIGHT, MIDNIGHT + 365.0 * DAY);
    let summary = store
        .summaries("/a".into(), vec![year], DurationDetail::Spread)
        .await;
    let checks = 365 * (DAY / interval) as u64;
    assert_eq!(summary.expect("an answer")[0].count, checks);
    let sizes = bytes_of_rollups(dir.path());
    let bytes: i64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    assert!(bytes < 200_000, "seed {seed}: {bytes} bytes, {sizes:?}");
}

#[tokio::test]
async fn rollups_of_a_path_and_year_of_minutes_take_less_than_200_kb() {
    for seed in [12, 13] {
        check_year(seed, 60.0).await;
    }
}

#[tokio::test]
async fn rollups_of_a_path_and_year_of_half_minutes_take_less_than_200_kb() {
    check_year(14, 30.0).await;
}

/// Makes a file what version 4 left: packs of version 1, whole hours of days whose samples are gone.
fn as_version_4(file: &Path, pruned: i64) {
    let connection = Connection::open(file).expect("the file");
    for (table, width) in [
        ("rollups_5min", 300_000),
        ("rollups_hour", 3_600_000),
        ("rollups_day", 86_400_000),
    ] {
        let mut select = connection
            .prepare(&format!("SELECT id, pack FROM {table}"))
            .expect("a table");
        let packs = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let packs: Vec<(i64, Vec<u8>)> = packs.expect("rows").map(|p| p.expect("a row")).collect();
        for (id, pack) in packs {
            let begin = (id >> 24) * 86_400_000;
            let mut buckets = vec![Rollup::default(); 86_400_000 / width as usize];
            let take = |number, bucket| buckets[number as usize] = bucket;
            let all = DurationDetail::Spread;
            unpack(&pack, (begin, width), all, take).expect("a pack");
            let old = pack_version_1(&buckets, begin, width);
            let update = format!("UPDATE {table} SET pack = ?1 WHERE id = ?2");
            connection
                .execute(&update, params![old, id])
                .expect("written");
        }
    }
    connection
        .execute_batch(&format!(
            "DELETE FROM runs WHERE id >> 24 IN
                 (SELECT id FROM blocks WHERE last < {pruned} * 86400000000);
             DELETE FROM blocks WHERE last < {pruned} * 86400000000;
             UPDATE marks SET pruned = {pruned};
             {AS_VERSION_8}
             DROP INDEX blocks_by_time; DROP TABLE rollups_hour_coarse;
             DROP TABLE incidents;
             DROP TABLE acknowledgements;
             DROP TABLE metrics; DROP TABLE metrics_recent; DROP TABLE metrics_5min; DROP TABLE metrics_hour;
             PRAGMA user_version = 4",
        ))
        .expect("as version 4 had it");
}

/// The hourly rollups of days whose samples are gone lose their histograms in steps; whatever is asked
/// meanwhile and afterwards is answered.
#[tokio::test]
async fn a_file_of_version_4_is_upgraded() {
    let mut random = fastrand::Rng::with_seed(15);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut kept = history(&mut random, 130, 600.0);
    for (_, status, _) in &mut kept {
        // Where fractions lie, a pack of version 1 did not tell.
        *status = status.map(f64::ceil);
    }
    for part in kept.chunks(1_000) {
        store.append(records(part)).await.expect("kept");
    }
    store.rebuild(|_| {}).await.expect("rebuilt");
    store.close().await;
    let gone = MIDNIGHT - 10.0 * DAY;
    as_version_4(&dir.path().join(FILE), (gone / DAY) as i64);

    let store = Embedded::open(dir.path()).expect("an older file");
    let spans = [
        (gone - 50.0 * DAY, gone),
        (gone - 50.0 * DAY, gone - 49.0 * DAY),
        (gone - 7.5 * DAY, gone - 6.25 * DAY),
        (gone - 3.0 * DAY, NOON),
    ];
    let check = async |is_fine: bool, why: &str| {
        for span in spans {
            // What stood into a span from before it is gone with the samples.
            let after = (kept.iter().copied()).filter(|(date, ..)| *date >= span.0);
            let is_whole = (span.0 / DAY).fract() == 0.0 && (span.1 / DAY).fract() == 0.0;
            let exact = is_fine || is_whole;
            check_figures(&store, &after.collect(), &[span], exact, why).await;
        }
    };
    check(true, "nothing is made coarse yet").await;
    let incidents = async || everything(&store, "/a").await.incidents;
    let before = incidents().await;
    assert!(before.len() > 3, "{before:?}");
    let count = |table: &str| -> i64 {
        let connection = Connection::open(dir.path().join(FILE)).expect("the file");
        let count = format!(
            "SELECT count(*) FROM {table} WHERE id >> 24 < {}",
            gone / DAY
        );
        connection
            .query_row(&count, [], |row| row.get(0))
            .expect("a count")
    };
    let days = count("rollups_day");
    assert!(days > 115, "{days}");
    assert_eq!(count("rollups_hour"), days);
    for second in 0..40 {
        let one = (NOON + 600.0 + f64::from(second), Some(1.0), 0.1);
        store.append(records(&[one])).await.expect("kept");
    }
    assert_eq!(
        (count("rollups_hour"), count("rollups_hour_coarse")),
        (0, days)
    );
    check(false, "all are coarse").await;
    assert_eq!(incidents().await, before, "they are kept by now");
    let kept = "SELECT count(*) FROM incidents";
    let connection = Connection::open(dir.path().join(FILE)).expect("the file");
    let kept: i64 = connection
        .query_row(kept, [], |row| row.get(0))
        .expect("a count");
    assert!(kept > 2, "{kept} of {}", before.len());
}
