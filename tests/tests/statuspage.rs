//! Status pages: the result for each provider's JSON, where it is found, and how often it is
//! requested.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value as Json;
use up_core::{CheckResult, Hold, Value};
use up_source::CheckContext;
use up_tests::check_source::{build, check_source, verdict};
use up_tests::hostile::scripts;
use up_tests::hostile::{Hostile, ServerScript};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The JSON of that provider in that state.
fn payload(provider: &str, state: &str) -> String {
    let path = format!("{}/pages/{provider}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let all: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    let found = all.get(state);
    found
        .unwrap_or_else(|| panic!("{path} has no {state}"))
        .to_string()
}

fn json(body: &str) -> ServerScript {
    scripts::answer("200 OK", "content-type: application/json\r\n", body)
}

fn absent() -> ServerScript {
    scripts::answer("404 Not Found", "", "<html>nothing here</html>")
}

fn path(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

/// A page that has `body` at `place` and nothing anywhere else.
async fn page(place: &'static str, body: String) -> Hostile {
    Hostile::route(move |request| {
        if path(request) == place {
            json(&body)
        } else {
            absent()
        }
    })
    .await
}

fn text(answer: &CheckResult) -> &str {
    answer.cause.as_ref().map_or("", |cause| &cause.text)
}

fn told<'a>(answer: &'a CheckResult, name: &str) -> Option<&'a str> {
    match answer.detail.get(name)? {
        Value::Text(text) => Some(text),
        other => panic!("{name} is {other:?}"),
    }
}

/// Each provider, and the path of its JSON.
const PLACES: [(&str, &str); 7] = [
    ("atlassian", "/api/v2/summary.json"),
    ("incident_io", "/api/v1/summary"),
    ("instatus", "/summary.json"),
    ("better_stack", "/index.json"),
    ("status_io", "/1.0/status/kq0zfx1r"),
    ("slack", "/api/v2.0.0/current"),
    ("github_old", "/api/status.json"),
];

/// Checks the page in that state: detected and with its provider named, by its base URL and by that
/// of its JSON.
async fn check(provider: &str, state: &str, expected: &str, words: &str) -> CheckResult {
    let places = PLACES.iter().find(|(name, _)| *name == provider);
    let (_, place) = places.expect("a known provider");
    let server = page(place, payload(provider, state)).await;
    let there = format!("url = {:?}", server.url(place));
    let mut ways = vec![there.clone(), format!("{there}\nprovider = {provider:?}")];
    if provider != "status_io" {
        let base = format!("url = {:?}", server.url("/"));
        ways.push(format!("{base}\nprovider = {provider:?}"));
        ways.push(base);
    }
    let mut last = CheckResult::default();
    for keys in ways {
        last = check_source("statuspage", &keys, TIMEOUT).await;
        assert_eq!(verdict(&last), expected, "{state}: {keys}: {last:?}");
        assert!(
            text(&last).contains(words),
            "{state}: {keys}: {:?} says {words:?}",
            text(&last)
        );
        let hold = (state == "maintenance").then_some(Hold::Maintenance);
        assert_eq!(last.hold, hold, "{state}: {keys}");
        if state != "nonsense" {
            assert_eq!(told(&last, "provider"), Some(provider), "{keys}");
        }
    }
    last
}

#[tokio::test]
async fn a_page_in_order_is_up() {
    for (provider, _) in PLACES {
        let answer = check(provider, "normal", "up", "").await;
        assert_eq!(told(&answer, "incident"), None, "{provider}");
    }
}

#[tokio::test]
async fn trouble_is_told_with_its_title_and_link() {
    let check = async |provider, words: &str, title: Option<&str>, link: Option<&str>| {
        let answer = check(provider, "degraded", "0.5 reported", words).await;
        assert_eq!(told(&answer, "incident"), title, "{provider}");
        assert_eq!(told(&answer, "link"), link, "{provider}");
    };
    check(
        "atlassian",
        "minor: Partially Degraded Service; Slow answers in Europe",
        Some("Slow answers in Europe"),
        Some("https://stspg.example/i1"),
    )
    .await;
    let slow = Some("Slow answers");
    let link = Some("https://status.example.com/incidents/i1");
    check("incident_io", "partial outage; Slow answers", slow, link).await;
    let link = Some("https://example.instatus.test/i1");
    check("instatus", "has issues; Slow answers", slow, link).await;
    check("better_stack", "degraded; Slow answers", slow, None).await;
    let words = "Partial Service Disruption; Slow answers";
    check("status_io", words, slow, None).await;
    let link = Some("https://slack-status.example/7");
    check("slack", "incident; Slow answers", slow, link).await;
    check("github_old", "minor: Slow answers", None, None).await;
}

#[tokio::test]
async fn an_outage_is_down_maintenance_is_a_hold_and_nonsense_is_unknown() {
    for (provider, _) in PLACES {
        check(provider, "down", "down reported", "All is lost").await;
        if provider != "github_old" {
            let words = "under maintenance";
            let answer = check(provider, "maintenance", "unknown reported", words).await;
            assert!(text(&answer).contains("Moving house"), "{answer:?}");
        }
        let known = match provider {
            "status_io" => "250 purple",
            "instatus" => "PURPLE",
            _ => "purple",
        };
        check(provider, "word", "unknown word", known).await;
        check(provider, "nonsense", "unknown body", "not a status page's").await;
    }
    let answer = check("atlassian", "down", "down reported", "critical").await;
    assert_eq!(
        told(&answer, "link"),
        None,
        "only https links are passed on"
    );
}

/// Checks only these components of the degraded page.
async fn check_components(provider: &str, names: &str, expected: &str, words: &str) -> CheckResult {
    let (state, place) = if provider == "instatus" {
        ("components", "/v3/components.json")
    } else {
        let places = PLACES.iter().find(|(name, _)| *name == provider);
        ("degraded", places.expect("a known provider").1)
    };
    let server = page(place, payload(provider, state)).await;
    let url = match provider {
        "status_io" => server.url(place),
        _ => server.url("/"),
    };
    let keys = format!("url = {url:?}\ncomponents = {names}");
    let answer = check_source("statuspage", &keys, TIMEOUT).await;
    assert_eq!(verdict(&answer), expected, "{keys}: {answer:?}");
    assert_eq!(text(&answer), words, "{keys}");
    answer
}

#[tokio::test]
async fn named_components_make_the_status() {
    let all =
        async |names, expected, words| check_components("atlassian", names, expected, words).await;
    let slow = "Slow answers in Europe";
    let api = format!("API: degraded performance; {slow}");
    all(r#"["API"]"#, "0.75 reported", api.as_str()).await;
    let both = format!("API: degraded performance, Webhooks: partial outage; {slow}");
    all(r#"["API", "Webhooks"]"#, "0.625 reported", both.as_str()).await;
    let held = format!("Webhooks: partial outage, Mail queue: under maintenance; {slow}");
    all(
        r#"["Webhooks", "Mail queue"]"#,
        "0.5 reported",
        held.as_str(),
    )
    .await;
    let europe = format!("Europe: partial outage; {slow}");
    all(r#"["Europe"]"#, "0.5 reported", europe.as_str()).await;
    let down = format!("Website: major outage; {slow}");
    all(r#"["Website"]"#, "down reported", down.as_str()).await;
    let held = format!("Mail queue: under maintenance; {slow}");
    let answer = all(r#"["Mail queue"]"#, "unknown reported", held.as_str()).await;
    assert_eq!(answer.hold, Some(Hold::Maintenance));
    let missing =
        "the page has no component \"Pony\", but these: Europe, API, Webhooks, Mail queue, Website";
    all(r#"["API", "Pony"]"#, "unknown missing", missing).await;

    check_components(
        "instatus",
        r#"["API", "Website"]"#,
        "0.875 reported",
        "API: degraded performance",
    )
    .await;
    let words = "API: degraded, Webhooks: downtime; Slow answers";
    check_components(
        "better_stack",
        r#"["API", "Webhooks"]"#,
        "0.375 reported",
        words,
    )
    .await;
    let words = "the page reports the unknown word \"not_monitored\" of \"Lab\"";
    check_components("better_stack", r#"["Lab"]"#, "unknown word", words).await;
    let words = "Frankfurt: Degraded Performance; Slow answers";
    check_components("status_io", r#"["Frankfurt"]"#, "0.75 reported", words).await;
    let words = "Webhooks: partial outage; Slow answers";
    check_components("incident_io", r#"["Webhooks"]"#, "0.5 reported", words).await;
    let words = "the page lists only components with trouble, and \"Files\" is not among them";
    check_components("slack", r#"["Files"]"#, "unknown missing", words).await;
}

#[tokio::test]
async fn components_are_told_in_their_groups() {
    let check = async |state: &str, expected: &str| {
        let server = page("/api/v2/summary.json", payload("atlassian", state)).await;
        let keys = format!("url = {:?}", server.url("/"));
        let answer = check_source("github", &keys, TIMEOUT).await;
        let told = serde_json::to_string(&answer.detail.get("components")).unwrap();
        assert_eq!(told, expected, "{state}");
    };
    let normal = r#"[{"name":"Europe","status":"operational","components":[{"name":"API","status":"operational"},{"name":"Webhooks","status":"operational"}]},{"name":"Website","status":"operational"}]"#;
    check("normal", normal).await;
    let maintenance = r#"[{"name":"API","status":"under maintenance"}]"#;
    check("maintenance", maintenance).await;
}

#[test]
fn components_are_named_one_by_one() {
    let check = |components: &str, words: &str| {
        let keys = format!("url = \"https://s.example/\"\ncomponents = {components}");
        let problem = build("statuspage", &keys).expect_err(components);
        assert_eq!(problem.key, "components");
        assert!(problem.message.contains(words), "{problem}");
    };
    check("[]", "the list has no component");
    check("[\"API\", \" \"]", "or an empty name");
    for (components, is_right) in [
        ("false", true),
        ("true", true),
        ("true\npolicy = \"worst\"", true),
        ("true\npolicy = { at_least = 2 }", true),
        ("false\npolicy = \"worst\"", false),
        ("[\"API\"]\npolicy = \"worst\"", false),
    ] {
        for (kind, url) in [
            ("statuspage", "url = \"https://s.example/\""),
            ("github", ""),
        ] {
            let built = build(kind, &format!("{url}\ncomponents = {components}"));
            let key = built.as_ref().err().map(|problem| problem.key);
            assert_eq!(key, (!is_right).then_some("policy"), "{components}");
        }
    }
}

/// Checks that the result is the last one again, says that the page was not requested, and when it
/// will be.
fn is_echo(echo: &CheckResult, answer: &CheckResult) {
    assert!(echo.echo, "asked too soon: {echo:?}");
    assert!(echo.rest > Some(Duration::ZERO) && echo.rest <= answer.rest);
    let (echo, answer) = (echo.clone(), answer.clone());
    let said = |answer: CheckResult| (answer.status, answer.cause, answer.hold, answer.detail);
    assert_eq!(said(echo), said(answer));
}

#[tokio::test]
async fn where_nothing_fits_the_search_ends() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let server = Hostile::route(move |request| {
        seen.lock().unwrap().push(path(request).to_owned());
        absent()
    })
    .await;
    let keys = format!("url = {:?}", server.url("/"));
    let built = build("statuspage", &keys).unwrap();
    let probe = || CheckContext::starting_now(TIMEOUT);
    let answer = built.source.check(&probe()).await;
    assert_eq!(verdict(&answer), "down http_status", "{answer:?}");
    let places = asked.lock().unwrap().clone();
    assert_eq!(
        places.first().map(String::as_str),
        Some("/api/v2/summary.json")
    );
    assert_eq!(places.last().map(String::as_str), Some("/"));
    assert_eq!(places.len(), 9, "each place once: {places:?}");
    is_echo(&built.source.check(&probe()).await, &answer);
    assert_eq!(asked.lock().unwrap().len(), 9, "not asked again");

    // A busy page is no reason to look elsewhere, and neither is one that cannot be reached.
    let busy = Hostile::play(scripts::answer("429 Too Many Requests", "", "")).await;
    let keys = format!("url = {:?}", busy.url("/"));
    let answer = check_source("statuspage", &keys, TIMEOUT).await;
    assert_eq!(verdict(&answer), "down http_status", "{answer:?}");
    assert_eq!(busy.connections(), 1);
}

#[tokio::test]
async fn a_page_that_answered_is_left_alone_for_a_minute() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let server = Hostile::route(move |_| {
        let nth = seen.fetch_add(1, Ordering::SeqCst);
        let state = if nth == 0 { "degraded" } else { "normal" };
        json(&payload("atlassian", state))
    })
    .await;
    let built = build("statuspage", &format!("url = {:?}", server.url("/"))).unwrap();
    let probe = || CheckContext::starting_now(TIMEOUT);
    let first = built.source.check(&probe()).await;
    assert_eq!(verdict(&first), "0.5 reported");
    assert!(!first.echo, "it was asked");
    is_echo(&built.source.check(&probe()).await, &first);
    assert_eq!(count.load(Ordering::SeqCst), 1, "asked once");
    let other = build("statuspage", &format!("url = {:?}", server.url("/"))).unwrap();
    let fresh = other.source.check(&probe()).await;
    assert_eq!(verdict(&fresh), "up", "a source made anew asks");
}

#[tokio::test]
async fn what_did_not_answer_is_asked_again_at_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let server = Hostile::route(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => Vec::new(),
        _ => json(&payload("atlassian", "normal")),
    })
    .await;
    let built = build("statuspage", &format!("url = {:?}", server.url("/"))).unwrap();
    let probe = || CheckContext::starting_now(TIMEOUT);
    let answer = built.source.check(&probe()).await;
    assert_eq!(verdict(&answer), "down reset", "{answer:?}");
    let answer = built.source.check(&probe()).await;
    assert_eq!(verdict(&answer), "up", "{answer:?}");
}

#[tokio::test]
async fn a_byte_order_mark_before_the_json_is_passed_over() {
    for (provider, place) in PLACES {
        let body = format!("\u{feff}{}", payload(provider, "normal"));
        let server = page(place, body).await;
        for named in ["", &format!("provider = {provider:?}")] {
            let keys = format!("url = {:?}\n{named}", server.url(place));
            let answer = check_source("statuspage", &keys, TIMEOUT).await;
            assert_eq!(verdict(&answer), "up", "{provider}: {answer:?}");
        }
    }
}
