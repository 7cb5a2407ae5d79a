//! What metrics take on the disk.

use rusqlite::Connection;

use super::metrics::measured;
use super::*;

const DAY: f64 = 86_400.0;
const INTERVAL: f64 = 30.0;

/// The parts of an HTTP exchange: seconds, and how much they vary.
const PARTS: [(&str, f64, f64); 5] = [
    ("resolve", 0.002, 0.3),
    ("connect", 0.015, 0.1),
    ("tls", 0.031, 0.1),
    ("first_byte", 0.084, 0.25),
    ("body", 0.001, 0.3),
];

/// Bytes of whole pages that tables take.
fn bytes(dir: &Path, like: &str) -> f64 {
    let connection = Connection::open(dir.join(FILE)).expect("the file");
    let query = "SELECT ifnull(sum(pgsize), 0) FROM dbstat WHERE name LIKE ?1";
    let bytes: i64 = (connection.query_row(query, [like], |row| row.get(0))).expect("a size");
    bytes as f64
}

/// Checks of some days, the parts spread as those of a network are, one in 500 ten times as slow.
async fn check_for(store: &Embedded, random: &mut fastrand::Rng, days: std::ops::Range<u32>) {
    for day in days {
        let records = (0..(DAY / INTERVAL) as u32).map(|number| {
            let date = NOON + f64::from(day) * DAY + f64::from(number) * INTERVAL;
            let slow = if random.u32(0..500) == 0 { 10.0 } else { 1.0 };
            let values = PARTS.map(|(name, typical, variation)| {
                let normal: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
                (name, typical * (normal * variation).exp() * slow)
            });
            measured("/a", date, &values)
        });
        store.append(records.collect()).await.expect("kept");
    }
}

#[tokio::test]
async fn the_parts_of_a_check_take_less_than_8_kb_a_day_and_600_kb_a_year() {
    let mut random = fastrand::Rng::with_seed(21);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let days = 40;
    check_for(&store, &mut random, 0..days).await;
    let (now, keep) = (NOON + f64::from(days) * DAY, Duration::from_hours(24 * 400));
    store.prune(now, keep, keep).await.expect("folded");
    let raw = bytes(dir.path(), "metrics%") / f64::from(days);
    store
        .prune(now, Duration::from_hours(24), keep)
        .await
        .expect("pruned");
    let year = bytes(dir.path(), "metrics_hour%") / f64::from(days) * 365.0;
    println!("{raw:.0} bytes a day with samples, {year:.0} bytes a year afterwards");
    assert!(raw < 8_192.0, "{raw} bytes a day");
    assert!(year < 600_000.0, "{year} bytes a year");
}
