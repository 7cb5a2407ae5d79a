//! Clocks that are wrong remove nothing, and time that passes does.

use super::*;

const DAY: f64 = 86_400.0;

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}

async fn sample(store: &Embedded, date: f64) {
    let one = record("/a", date, Some(1.0), 0.1);
    store.append(vec![one]).await.expect("kept");
}

/// How many samples are there, between two days counted from `NOON`.
async fn count(store: &Embedded, from: f64, to: f64) -> usize {
    let query = query("/a", NOON + from * DAY, NOON + to * DAY, usize::MAX);
    let series = store.series(query).await.expect("a series");
    series.points.len()
}

async fn prune(store: &Embedded, day: f64) {
    let now = NOON + day * DAY;
    store.prune(now, days(30), days(400)).await.expect("pruned");
}

#[tokio::test]
async fn a_clock_that_is_ahead_for_a_moment_removes_two_days_at_most() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for day in 0..=60 {
        sample(&store, NOON + f64::from(day) * DAY).await;
        prune(&store, f64::from(day)).await;
    }
    assert_eq!(count(&store, -1.0, 61.0).await, 31);
    let ahead = 3_650.0;
    sample(&store, NOON + ahead * DAY).await;
    for minutes in 0..5 {
        prune(&store, ahead + f64::from(minutes) / 96.0).await;
    }
    let left = count(&store, -1.0, 61.0).await;
    assert!(left >= 29, "{left} of 31 days are left");
    // The clock is set right, and all goes on as before.
    for day in 61..=70 {
        sample(&store, NOON + f64::from(day) * DAY).await;
        prune(&store, f64::from(day)).await;
    }
    let left = count(&store, -1.0, 71.0).await;
    assert!((29..=32).contains(&left), "{left} days are there");
    assert_eq!(count(&store, 41.0, 71.0).await, 30, "the newest ones are");
}

#[tokio::test]
async fn a_board_that_boots_in_1970_keeps_what_a_target_lacks() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let _fed = store.feed("target", "board");
    for day in 0..60 {
        sample(&store, NOON + f64::from(day) * DAY).await;
    }
    let all = async || store.pending("target", 1_000).await.expect("rows").len();
    sample(&store, 5.0).await;
    prune(&store, -NOON / DAY).await;
    // The network is there, and with it the time.
    for day in 60..70 {
        sample(&store, NOON + f64::from(day) * DAY).await;
        prune(&store, f64::from(day)).await;
    }
    assert_eq!(all().await, 71, "nothing was dropped before `keep`");
}

/// A machine that runs once a week: retention follows its clock, more slowly.
#[tokio::test]
async fn days_without_samples_do_not_keep_the_others_for_ever() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let weeks = 80;
    for week in 0..weeks {
        sample(&store, NOON + f64::from(week * 7) * DAY).await;
        prune(&store, f64::from(week * 7)).await;
    }
    let end = f64::from(weeks * 7);
    let left = count(&store, -1.0, end).await;
    assert!((5..=31).contains(&left), "{left} of {weeks} weeks are left");
}

/// A period that was made shorter in up.toml takes effect at once.
#[tokio::test]
async fn a_shorter_period_is_followed_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for day in 0..=20 {
        sample(&store, NOON + f64::from(day) * DAY).await;
        prune(&store, f64::from(day)).await;
    }
    assert_eq!(count(&store, -1.0, 21.0).await, 21);
    let now = NOON + 20.0 * DAY;
    store.prune(now, days(3), days(400)).await.expect("pruned");
    assert_eq!(count(&store, -1.0, 21.0).await, 4);
}
