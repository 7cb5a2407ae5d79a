//! Pages of the incidents of many paths: together they are all incidents that are wanted, each once.

use std::collections::BTreeSet;

use up_core::{Cause, CauseCode, Level};
use up_history::KeptAcknowledgement;

use super::*;

const DAY: f64 = 86_400.0;

/// Outages of a path over a year, of minutes to weeks, with causes. Some last.
fn outages(path: &str, random: &mut fastrand::Rng) -> Vec<Arc<Record>> {
    let mut at = NOON - 365.0 * DAY;
    let mut records = Vec::new();
    loop {
        at += random.f64() * 20.0 * DAY;
        let lasts = 300.0 + random.f64().powi(6) * 30.0 * DAY;
        let status = [0.0, 0.25, 0.5, 0.9][random.usize(0..4)];
        let cause = ["Refused by A", "no answer", "half of it"][random.usize(0..3)];
        for (date, status) in [(at, status), (at + 60.0, status), (at + lasts, 1.0)] {
            if date >= NOON {
                return records;
            }
            let mut record = Record::clone(&record_of(path, date.round(), status));
            if status < 1.0 {
                record.sample.cause = Some(Cause::new(CauseCode::Timeout, cause));
            }
            records.push(Arc::new(record));
        }
        at += lasts;
    }
}

fn search(random: &mut fastrand::Rng) -> IncidentSearch {
    let mut some = || random.u8(0..3) == 0;
    let (has_word, has_tag, has_levels, is_long) = (some(), some(), some(), some());
    let mut search = IncidentSearch {
        tags_of: [("/R/a".to_owned(), vec!["Shop".to_owned(), "db".to_owned()])].into(),
        ..IncidentSearch::default()
    };
    if has_word {
        let words = ["refused", "/r/b", "vendor", "time", "sho", "nothing", "a"];
        search
            .words
            .push(words[random.usize(0..words.len())].into());
    }
    if has_tag {
        search.tags.push("shop".into());
    }
    if has_levels {
        search.levels = vec![Level::Down, Level::MostlyDown];
    }
    if is_long {
        search.shortest = random.f64() * DAY;
        search.longest = search.shortest + random.f64() * 9.0 * DAY;
    }
    search
}

/// What the search says, in other words.
fn is_wanted(search: &IncidentSearch, one: &PathIncident, given: &[KeptAcknowledgement]) -> bool {
    let PathIncident { path, incident } = one;
    let tags = search.tags_of.get(path).cloned().unwrap_or_default();
    let last = given.iter().rfind(|given| {
        given.date >= incident.from
            && incident.until.is_none_or(|until| given.date <= until)
            && (given.path == *path || path.starts_with(&format!("{}/", given.path)))
    });
    let note = last.and_then(|last| last.note.clone()).unwrap_or_default();
    let text = format!("{path} {tags:?} {:?} {note}", incident.cause).to_lowercase();
    let tags: BTreeSet<String> = tags.iter().map(|tag| tag.to_lowercase()).collect();
    let length = incident.until.unwrap_or(NOON) - incident.from;
    search.words.iter().all(|word| text.contains(word))
        && search.tags.iter().all(|tag| tags.contains(tag))
        && (search.levels.is_empty() || search.levels.contains(&incident.level))
        && search.shortest <= length
        && length <= search.longest
}

/// All pages, one after the other, each of which has at most so many parts of the past.
async fn all_pages(
    routes: &HistoryRoutes,
    paths: &[String],
    mut wanted: WantedPage,
    is_spent: bool,
) -> Vec<PathIncident> {
    let mut all = Vec::new();
    loop {
        let page = ask_incidents(routes, paths, &wanted, &|| is_spent).await;
        let page = page.expect("a page");
        if let Some(searched) = page.searched {
            assert!(page.next >= Some(searched), "nothing is left out: {page:?}");
        }
        all.extend(page.newest);
        match page.next {
            None => return all,
            next => {
                assert!(next < wanted.before.or(Some(NOON)), "it goes on");
                wanted.before = next;
            }
        }
    }
}

#[tokio::test]
async fn a_search_finds_what_is_wanted_and_each_once() {
    for seed in 0..3 {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a store");
        let paths = ["/R/a", "/R/b", "/R/c"].map(str::to_owned);
        for path in &paths {
            store
                .append(outages(path, &mut random))
                .await
                .expect("kept");
        }
        let given = (0..40).map(|_| KeptAcknowledgement {
            path: ["/R", "/R/a"][random.usize(0..2)].into(),
            date: (NOON - random.f64() * 365.0 * DAY).round(),
            note: Some(["The vendor knows", "mine"][random.usize(0..2)].into()),
            by: None,
        });
        let mut given: Vec<_> = given.collect();
        given.sort_by(|a, b| a.date.total_cmp(&b.date));
        store.acknowledged(given.clone()).await.expect("kept");
        let routes = HistoryRoutes::new(vec![Arc::new(store)], None);
        let page = |span, limit, search| WantedPage {
            span,
            before: None,
            limit,
            search,
        };
        for _ in 0..8 {
            let from = (NOON - random.f64() * 365.0 * DAY).round();
            let all = all_pages(&routes, &paths, page((from, NOON), 10_000, None), false).await;
            let search = search(&mut random);
            let mut expected: Vec<_> = all
                .into_iter()
                .filter(|one| is_wanted(&search, one, &given))
                .collect();
            let limit = random.usize(1..12);
            let wanted = page((from, NOON), limit, Some(search.clone()));
            let mut found = all_pages(&routes, &paths, wanted, random.bool()).await;
            let key = |one: &PathIncident| (one.incident.from as i64, one.path.clone());
            expected.sort_by_key(key);
            found.sort_by_key(key);
            assert_eq!(
                found, expected,
                "{search:?} from {from}, {limit} a page, {seed}"
            );
        }
    }
}

#[tokio::test]
async fn what_lasts_is_on_the_first_page_however_many_began_since() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a store");
    // /long fell first and lasts; /new fell last and lasts; /a fell nine times and rose each time.
    let at = |minute: u32| NOON + f64::from(minute) * 60.0;
    let mut samples = vec![("/long", 1, 0.0), ("/new", 100, 0.0)];
    for fall in 1..10 {
        samples.extend([("/a", fall * 10, 0.0), ("/a", fall * 10 + 5, 1.0)]);
    }
    // Two failures in a row begin an incident.
    let records = samples.into_iter().flat_map(|(path, minute, status)| {
        [minute, minute + 1].map(|minute| record_of(path, at(minute), status))
    });
    let records = records.collect();
    store.append(records).await.expect("kept");
    let routes = HistoryRoutes::new(vec![Arc::new(store)], None);
    let paths = ["/a", "/long", "/new"].map(str::to_owned);
    let check_from = async |from, before, limit, expected: &[(&str, u32)], more, next| {
        let wanted = WantedPage {
            span: (at(from), at(200)),
            before,
            limit,
            search: None,
        };
        let found = ask_incidents(&routes, &paths, &wanted, &|| false).await;
        let found = found.expect("answered");
        let one = |one: &PathIncident| (one.path.clone(), one.incident.from);
        let newest: Vec<_> = found.newest.iter().map(one).collect();
        let expected = expected.iter();
        let expected: Vec<_> = expected
            .map(|(path, minute)| ((*path).to_owned(), at(*minute)))
            .collect();
        assert_eq!(newest, expected);
        assert_eq!((found.more, found.next), (more, Option::map(next, at)));
    };
    let check = async |before, limit, expected, more, next| {
        check_from(0, before, limit, expected, more, next).await;
    };
    let first = [("/new", 100), ("/a", 90), ("/a", 80), ("/long", 1)];
    check(None, 3, &first, 7, Some(80)).await;
    let second = [("/a", 70), ("/a", 60), ("/a", 50)];
    check(Some(at(80)), 3, &second, 4, Some(50)).await;
    let last = [("/a", 20), ("/a", 10)];
    check(Some(at(30)), 3, &last, 0, None).await;
    let both = [("/new", 100), ("/long", 1)];
    check(None, 1, &both, 9, Some(100)).await;
    // What lasts when the span begins is on a page, too.
    let last = [("/a", 90)];
    check_from(93, None, 1, &both, 1, Some(100)).await;
    check_from(93, Some(at(100)), 1, &last, 0, None).await;
}
