//! Incidents: whatever span is asked for, they are those that the judge finds in all samples, in whatever
//! order these came, and whether they are still there.

use super::rollups::{Kept, records};
use super::*;
use crate::answer::{IncidentJudge, IncidentRules, KeptIncident, RulesOfPaths};
use crate::incident_filter::IncidentFilter;
use crate::store::IncidentQuery;

const DAY: f64 = 86_400.0;

/// Midnight before [`NOON`].
const MIDNIGHT: f64 = NOON - DAY / 2.0;

/// Outages of seconds to days, degraded times, unknown ones and gaps.
fn history(random: &mut fastrand::Rng, days: u32, step: f64) -> Kept {
    let mut at = MIDNIGHT - DAY * f64::from(days);
    let mut kept = Kept::new();
    let (mut status, mut left) = (Some(1.0), 0);
    while at < NOON {
        at += match random.u32(0..2_000) {
            0 => random.f64() * 5.0 * DAY,
            1..100 => 5.0,
            _ => step + random.f64(),
        };
        if left == 0 {
            status = match random.u32(0..8) {
                0 => None,
                1..3 => Some(0.0),
                3 => Some(0.5),
                4 => Some(0.9),
                _ => Some(1.0),
            };
            let most = if random.u32(0..12) == 0 { 400 } else { 12 };
            left = random.u32(1..if status == Some(1.0) { 150 } else { most });
        }
        left -= 1;
        kept.push(((at * 1e3).round() / 1e3, status, 0.1));
    }
    kept
}

/// By the judge, over all samples.
fn expected(kept: &Kept, rules: IncidentRules) -> Vec<(f64, Option<f64>, u8)> {
    let mut sorted = kept.clone();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut judge = IncidentJudge::new(rules);
    for (date, status, _) in sorted {
        judge.take(date, status, &());
    }
    let incidents = judge.finish().into_iter();
    incidents
        .map(|incident| (incident.from, incident.until, incident.level.number()))
        .collect()
}

/// A history and how its only path is judged.
struct JudgedHistory {
    store: Embedded,
    rules: IncidentRules,
}

async fn check(judged: &JudgedHistory, kept: &Kept, random: &mut fastrand::Rng, why: &str) {
    let JudgedHistory { store, rules } = judged;
    let all = expected(kept, *rules);
    let mut spans = vec![(0.0, 4e9), (NOON - DAY, NOON)];
    for _ in 0..8 {
        let mut time = || (NOON - random.f64() * DAY * 45.0).round();
        let (one, other) = (time(), time());
        spans.push((one.min(other), one.max(other)));
    }
    for (from, to) in spans {
        let query = Query {
            path: "/a".into(),
            from,
            to,
            most: 4,
        };
        let found = store.series(query).await.expect("a series").incidents;
        let of = |one: &KeptIncident| (one.from, one.until, one.level.number());
        let found: Vec<_> = found.iter().map(of).collect();
        let lasts =
            |one: &&(f64, Option<f64>, u8)| one.0 < to && one.1.is_none_or(|until| until > from);
        let expected: Vec<_> = all.iter().filter(lasts).copied().collect();
        assert_eq!(found, expected, "{why}, {from} to {to}, {rules:?}");
        let limit = random.usize(1..=expected.len().max(1) + 1);
        let whole = pages(store, (from, to), limit, None).await;
        let paged: Vec<_> = whole.iter().rev().map(of).collect();
        assert_eq!(paged, expected, "{why}, {from} to {to}, {limit} a page");
        let filter = Arc::new(random_filter(random));
        let wanted = pages(store, (from, to), limit, Some(&filter)).await;
        let whole = whole.into_iter();
        let expected: Vec<_> = whole.filter(|one| is_wanted(&filter, one)).collect();
        assert_eq!(wanted, expected, "{filter:?}");
    }
}

fn incidents_of(
    (from, to): (f64, f64),
    limit: usize,
    filter: Option<&Arc<IncidentFilter>>,
) -> IncidentQuery {
    IncidentQuery {
        path: "/a".into(),
        from,
        to,
        limit,
        filter: filter.cloned(),
    }
}

/// A random filter: of length, of levels, of words of the cause, or of nothing.
fn random_filter(random: &mut fastrand::Rng) -> IncidentFilter {
    let some = |random: &mut fastrand::Rng| random.u8(0..3) == 0;
    let word = |random: &mut fastrand::Rng| {
        [&["time", "refused", "1", "nothing"][random.usize(0..4)]].map(|word| (*word).to_owned())
    };
    IncidentFilter {
        path: "/a".into(),
        words: if some(random) {
            word(random).into()
        } else {
            Vec::new()
        },
        levels: if some(random) {
            vec![Level::Down, Level::MostlyUp]
        } else {
            Vec::new()
        },
        shortest: if some(random) {
            random.f64() * 7_200.0
        } else {
            0.0
        },
        longest: if some(random) {
            random.f64() * 86_400.0
        } else {
            f64::INFINITY
        },
        now: NOON,
        acknowledgements: Vec::new(),
    }
}

/// What the filter says, in other words.
fn is_wanted(filter: &IncidentFilter, incident: &KeptIncident) -> bool {
    // One that is still to come, by a clock that was ahead, has no length yet.
    let length = (incident.until.unwrap_or(NOON) - incident.from).max(0.0);
    let text = format!("{:?}", incident.cause).to_lowercase();
    (filter.shortest..=filter.longest).contains(&length)
        && (filter.levels.is_empty() || filter.levels.contains(&incident.level))
        && filter.words.iter().all(|word| text.contains(word))
}

/// All incidents of a span, newest first, read page by page.
async fn pages(
    store: &Embedded,
    (from, mut to): (f64, f64),
    limit: usize,
    filter: Option<&Arc<IncidentFilter>>,
) -> Vec<KeptIncident> {
    let mut all = Vec::new();
    loop {
        let page = store
            .incidents(incidents_of((from, to), limit, filter))
            .await;
        let IncidentPage { newest, more } = page.expect("a page");
        assert!(newest.len() <= limit);
        let last = newest.last().map(|last| last.from);
        all.extend(newest);
        match last {
            Some(last) if more > 0 => to = last,
            _ => {
                assert_eq!(more, 0, "the last page");
                return all;
            }
        }
    }
}

#[tokio::test]
async fn incidents_are_those_of_all_samples() {
    let rules = [(2, 1), (1, 1), (2, 1), (3, 2), (1, 3)];
    for (seed, (down_after, up_after)) in (0..).zip(rules) {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let rules = IncidentRules {
            down_after,
            up_after,
        };
        let mut of_paths = RulesOfPaths::default();
        of_paths.put("/a", rules);
        store.judge_by("/a", of_paths).await.expect("kept");
        let judged = JudgedHistory { store, rules };
        let store = &judged.store;
        let kept = history(&mut random, 40, if seed == 2 { 300.0 } else { 900.0 });
        let (late, on_time): (Kept, Kept) = kept.iter().partition(|_| random.u32(0..40) == 0);
        let mut there = Kept::new();
        for part in on_time.chunks(700) {
            store.append(records(part)).await.expect("kept");
            there.extend(part);
            if random.u32(0..6) == 0 {
                check(&judged, &there, &mut random, "on time").await;
            }
        }
        for part in late.chunks(random.usize(1..100)) {
            store.append(records(part)).await.expect("kept");
            there.extend(part);
            // Whether they are folded or not.
            if random.u32(0..3) == 0 {
                check(&judged, &there, &mut random, "late").await;
            }
        }
        for hour in 1..4 {
            let next = (NOON + 4_000.0 * f64::from(hour), Some(1.0), 0.1);
            store.append(records(&[next])).await.expect("kept");
            there.push(next);
            check(&judged, &there, &mut random, "folded").await;
        }
        store.rebuild(|_| {}).await.expect("rebuilt");
        check(&judged, &there, &mut random, "rebuilt").await;
        let days = |days: u64| Duration::from_secs(days * 86_400);
        let now = NOON + 12_000.0;
        store.prune(now, days(4), days(99)).await.expect("pruned");
        check(&judged, &there, &mut random, "their samples are gone").await;
        let later = (NOON + 3.0 * DAY, Some(0.0), 0.1);
        let later = [later, (later.0 + 5.0, Some(0.0), 0.1)];
        store.append(records(&later)).await.expect("kept");
        there.extend(later);
        check(&judged, &there, &mut random, "after a gap").await;
    }
}

/// The rollups have come as far as the outage. Its end lies behind them, and nothing within a day before
/// the span that is asked for.
#[tokio::test]
async fn an_outage_that_was_kept_as_lasting_ends_where_samples_say() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let outage = NOON - 5.0 * DAY;
    let down = (0..5).map(|minute| (outage + 60.0 * f64::from(minute), Some(0.0), 0.1));
    let up = (0..30).map(|hour| {
        (
            outage + 0.6 * DAY + 3_600.0 * f64::from(hour),
            Some(1.0),
            0.1,
        )
    });
    let kept: Kept = down.chain(up).collect();
    store.append(records(&kept)).await.expect("kept");
    store
        .prune(NOON, Duration::MAX, Duration::MAX)
        .await
        .expect("rolled up");
    store.close().await;
    let file = Connection::open(dir.path().join(FILE)).expect("the file");
    let day = (outage / DAY).floor() as i64;
    file.execute_batch(&format!(
        "UPDATE incidents SET until = NULL; UPDATE marks SET day = {}, path = 0;",
        day + 1
    ))
    .expect("a file whose rollups lag");
    drop(file);
    let store = Embedded::open(dir.path()).expect("the same store");
    for (from, expected) in [(NOON - DAY, 0), (outage - DAY, 1)] {
        let page = store.incidents(incidents_of((from, NOON), 9, None)).await;
        let found = page.expect("a page").newest;
        assert_eq!(found.len(), expected, "since {from}: {found:?}");
        assert!(found.iter().all(|incident| incident.until.is_some()));
    }
}

/// The paths have outages of their own, on days that are rolled up and on later ones, and some came late.
#[tokio::test]
async fn many_paths_have_the_incidents_that_each_has_alone() {
    let mut random = fastrand::Rng::with_seed(11);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let paths = ["/a", "/none", "/b", "/c"];
    let mut all = Vec::new();
    for path in ["/a", "/b", "/c"] {
        let kept = history(&mut random, 9, 600.0).into_iter();
        all.extend(kept.map(|(date, status, took)| {
            let arrives = date + if random.u32(0..9) == 0 { DAY } else { 0.0 };
            (arrives, record(path, date, status, took))
        }));
    }
    all.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut found = 0;
    for part in all.chunks(400) {
        let records = part.iter().map(|(_, record)| Arc::clone(record));
        store.append(records.collect()).await.expect("kept");
        if random.bool() {
            let pruned = store.prune(part[0].0, Duration::MAX, Duration::MAX);
            pruned.await.expect("rolled up");
        }
        let from = NOON - random.f64() * 10.0 * DAY;
        let queries = paths.map(|path| IncidentQuery {
            path: path.into(),
            ..incidents_of((from, NOON), random.usize(1..9), None)
        });
        let together = store.incidents_of_many(queries.to_vec()).await;
        let together = together.expect("pages");
        for (query, page) in queries.into_iter().zip(together) {
            found += page.newest.len();
            let path = query.path.clone();
            let alone = store.incidents(query).await.expect("a page");
            assert_eq!(page, alone, "{path} since {from}");
        }
    }
    assert!(found > 0, "there were incidents");
}
