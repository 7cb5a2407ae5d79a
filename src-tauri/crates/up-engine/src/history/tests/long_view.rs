//! The long view of a path, and the windows of its history: the figures, and the store they come from.

use jiff::civil::date;
use jiff::tz::TimeZone;

use up_history::{HistorySummary, Percentiles};

use super::*;

const DAY: f64 = 86_400.0;

/// A store with a sample every five minutes from `from` up to `to`, which is down in the first hour of
/// each day of UTC.
async fn store(dir: &Path, from: f64, to: f64) -> Arc<dyn Store> {
    let store = Embedded::open(dir).expect("a store");
    let count = ((to - from) / 300.0) as u32;
    let records = (0..count).map(|number| {
        let date = from + f64::from(number) * 300.0;
        let is_down = date.rem_euclid(DAY) < 3_600.0;
        record(date, if is_down { 0.0 } else { 1.0 })
    });
    store.append(records.collect()).await.expect("kept");
    Arc::new(store)
}

fn midnight(year: i16, month: i8, day: i8) -> f64 {
    let midnight = date(year, month, day).to_zoned(TimeZone::UTC);
    midnight.expect("a day").timestamp().as_second() as f64
}

async fn view(stores: &[Arc<dyn Store>], to: f64, zone: &TimeZone) -> HistoryLongView {
    let windows = WINDOWS.map(|(_, seconds)| seconds);
    let view = ask_long_view(stores, "/a".into(), to, &windows, zone);
    view.await.expect("an answer")
}

fn is_close(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-9)
}

#[tokio::test]
async fn a_long_view_has_its_windows_days_and_hours() {
    let dir = tempfile::tempdir().expect("a folder");
    // Ten days, in the middle of which the clocks of Berlin are put forward.
    let (from, to) = (midnight(2026, 3, 24), midnight(2026, 4, 3));
    let stores = [store(dir.path(), from, to).await];
    let found = view(&stores, to, &TimeZone::UTC).await;
    let counts: Vec<u64> = found.windows.iter().map(|window| window.count).collect();
    assert_eq!(counts, [2_880, 2_880, 2_880, 2_016, 288]);
    for window in &found.windows {
        assert!(is_close(window.uptime, 23.0 / 24.0), "{window:?}");
        assert!(is_close(window.mean_duration, 0.1), "{window:?}");
    }
    let days: Vec<f64> = found.days.iter().map(|day| day.from).collect();
    let expected: Vec<f64> = (0..10).map(|day| from + f64::from(day) * DAY).collect();
    assert_eq!(days, expected);
    // 24 March 2026 is a Tuesday; every hour of the week is there, midnight is down.
    let numbers: Vec<i64> = found.hours.iter().map(|hour| hour.number).collect();
    assert_eq!(numbers, (0..168).collect::<Vec<_>>());
    for hour in &found.hours {
        let uptime = if hour.number % 24 == 0 { 0.0 } else { 1.0 };
        assert!(is_close(hour.summary.uptime, uptime), "{}", hour.number);
    }

    let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
    let found = view(&stores, to, &berlin).await;
    let down = found
        .hours
        .iter()
        .filter(|hour| hour.summary.uptime < Some(1.0));
    let down: Vec<(i64, Option<f64>)> = down
        .map(|hour| (hour.number, hour.summary.uptime))
        .collect();
    // At one o'clock up to and with the Sunday of the change, and at two from Monday on. These hours of
    // Tuesday to Friday are there twice, and down once.
    let once = [(2, 0.0), (121, 0.0), (145, 0.0)];
    let twice = [
        (25, 0.5),
        (26, 0.5),
        (49, 0.5),
        (50, 0.5),
        (73, 0.5),
        (74, 0.5),
        (97, 0.5),
    ];
    let mut expected: Vec<_> = once.into_iter().chain(twice).collect();
    expected.sort_by_key(|(number, _)| *number);
    let expected: Vec<_> = (expected.into_iter())
        .map(|(number, uptime)| (number, Some(uptime)))
        .collect();
    assert_eq!(down, expected);
    assert_eq!(found.days.len(), 11, "the first and the last day are parts");
}

#[tokio::test]
async fn all_of_a_long_view_comes_from_the_store_that_has_it() {
    let dirs = [(); 3].map(|()| tempfile::tempdir().expect("a folder"));
    let (from, to) = (midnight(2026, 3, 24), midnight(2026, 4, 3));
    let short = store(dirs[0].path(), to - DAY, to).await;
    let long = store(dirs[1].path(), from, to).await;
    let away = away(dirs[2].path());
    let check = async |stores: &[Arc<dyn Store>], days: usize, fallback: Option<&str>| {
        let found = view(stores, to, &TimeZone::UTC).await;
        assert_eq!(found.days.len(), days);
        assert_eq!(found.windows[0].count, 288 * days as u64);
        let (windows, why) = ask_windows(stores, "/a", to).await.expect("windows");
        // A long view has no percentiles.
        let without = windows.iter().map(|window| HistorySummary {
            durations: Percentiles::default(),
            ..*window
        });
        assert_eq!(without.collect::<Vec<_>>(), found.windows);
        assert_eq!(why, found.fallback);
        match (&found.fallback, fallback) {
            (None, None) => {}
            (Some(found), Some(part)) => assert!(found.contains(part), "{found}"),
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
    };
    let one = |store: &Arc<dyn Store>| Arc::clone(store);
    check(&[one(&short)], 1, None).await;
    check(&[one(&long), one(&short)], 10, None).await;
    let less = Some("has less of this: 288 of 2880 samples");
    check(&[one(&short), one(&long)], 10, less).await;
    check(&[one(&away), one(&short)], 1, Some("closed")).await;
    check(&[one(&short), one(&away)], 1, None).await;
    // Nobody has anything of it, or somebody may have.
    let windows = [DAY];
    let ask = async |stores: &[Arc<dyn Store>], path: &str| {
        let zone = TimeZone::UTC;
        ask_long_view(stores, path.into(), to, &windows, &zone).await
    };
    let empty = ask(&[one(&short), one(&long)], "/b").await;
    assert_eq!(empty.expect("an answer").days, []);
    assert!(ask(&[one(&away), one(&short)], "/b").await.is_err());
    assert!(ask(&[], "/a").await.is_err());
}
