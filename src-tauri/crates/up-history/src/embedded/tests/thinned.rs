//! Thinning of a long time: whatever rollups tell, what is left is what thinning all samples leaves.

use super::rollups::{Kept, history, records};
use super::*;
use crate::downsample::{DownsampledPoint, Spans, Thinner};

const DAY: f64 = 86_400.0;

/// By the plain rule, over all samples of a span.
fn expected(kept: &Kept, (from, to): (f64, f64), most: usize) -> Vec<Point> {
    let mut sorted = kept.clone();
    sorted.retain(|(date, ..)| (from..to).contains(date));
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let date = |found: Option<&(f64, _, _)>| found.map_or(0.0, |sample| sample.0);
    let spans = Spans::new(date(sorted.first()), date(sorted.last()), most);
    let mut thinner = Thinner::new(spans, most);
    for (date, status, duration) in sorted {
        thinner.take(DownsampledPoint {
            date,
            status,
            duration,
            cause: (),
        });
    }
    let points = thinner.finish().into_iter();
    let plain = points.map(|point| Point {
        date: point.date,
        status: point.status,
        duration: point.duration,
        cause: None,
    });
    plain.collect()
}

async fn check(store: &Embedded, kept: &Kept, span: (f64, f64), most: usize, why: &str) {
    let found = store.series(query("/a", span.0, span.1, most)).await;
    let found = found.expect("the store answers");
    assert!(found.thinned, "{why}");
    let plain = |point: Point| Point {
        cause: None,
        ..point
    };
    let points: Vec<_> = found.points.into_iter().map(plain).collect();
    assert_eq!(points, expected(kept, span, most), "{why}");
    assert!(points.len() <= most, "{why}");
}

#[tokio::test]
async fn a_long_time_keeps_what_all_samples_would_leave() {
    for seed in [1, 2] {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let kept = history(&mut random, 150, 900.0);
        let (late, on_time): (Kept, Kept) = kept.iter().partition(|_| random.u32(0..200) == 0);
        for part in on_time.chunks(200) {
            store.append(records(part)).await.expect("kept");
        }
        store.append(records(&late)).await.expect("kept");
        let span = |random: &mut fastrand::Rng| {
            let from = NOON - DAY * (105.0 + 40.0 * random.f64());
            ((from * 1e3).round() / 1e3, NOON + DAY * random.f64())
        };
        for most in [3, 40, 230, 600, 4_000] {
            let span = span(&mut random);
            check(&store, &kept, span, most, &format!("{seed}, {most}")).await;
        }
        check(&store, &kept, (0.0, 4e9), 500, "all").await;
        let few = store.series(query("/a", 0.0, 4e9, kept.len())).await;
        let few = few.expect("the store answers");
        assert!(!few.thinned && few.points.len() == kept.len());
    }
}
