//! Which days are rolled up, and when.

use super::rollups::{DAY, Kept, MIDNIGHT, check, history, records};
use super::*;

/// One append, of many days, and none after it.
#[tokio::test]
async fn days_are_rolled_up_while_nothing_is_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let kept = history(&mut fastrand::Rng::with_seed(5), 30, 600.0);
    store.append(records(&kept)).await.expect("kept");
    for _ in 0..1_000 {
        if store.status().await.expect("a status").rolled_up.is_done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", store.status().await);
}

/// A day is over when a later one has samples, whichever of them came last.
#[tokio::test]
async fn days_are_rolled_up_when_the_last_sample_was_late() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let today = (NOON, Some(1.0), 0.1);
    store.append(records(&[today])).await.expect("kept");
    for age in 1..=3 {
        let late = (NOON - f64::from(age) * DAY, Some(1.0), 0.1);
        store.append(records(&[late])).await.expect("kept");
    }
    store.rebuild(|_| {}).await.expect("rebuilt");
    let status = store.status().await.expect("a status");
    assert_eq!((status.rolled_up.done, status.rolled_up.all), (3, 3));
    let kept: Kept = (0..=3)
        .rev()
        .map(|age| (NOON - f64::from(age) * DAY, Some(1.0), 0.1))
        .collect();
    check(&store, &kept, &[(0.0, 4e9), (MIDNIGHT, NOON)], "late").await;
}
