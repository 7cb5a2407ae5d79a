//! `components = true`: a status page as a tree, in a single check and in a watch.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value as Json, json};
use up_core::{Component, Status};
use up_tests::check_source::check_source;
use up_tests::hostile::{Hostile, scripts};
use up_tests::up::{RunningUp, Up, eventually};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The JSON of that provider in that state.
fn payload(provider: &str, state: &str) -> Json {
    let path = format!("{}/pages/{provider}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let all: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    all[state].clone()
}

/// A page whose answer can be changed.
struct ChangeablePage {
    server: Hostile,
    said: Arc<Mutex<(&'static str, String)>>,
}

impl ChangeablePage {
    async fn saying(body: &Json) -> Self {
        let said = Arc::new(Mutex::new(("200 OK", body.to_string())));
        let says = Arc::clone(&said);
        let server = Hostile::route(move |_| {
            let (status, body) = &*says.lock().expect("nobody panics with it");
            scripts::answer(status, "content-type: application/json\r\n", body)
        })
        .await;
        Self { server, said }
    }

    fn say(&self, status: &'static str, body: &Json) {
        *self.said.lock().expect("nobody panics with it") = (status, body.to_string());
    }

    fn url(&self) -> String {
        self.server.url("/summary.json")
    }
}

/// The components in one line: `Europe{API 1, Mail held}`. Those that are hidden while they are up
/// are in brackets.
fn line(components: &[Component]) -> String {
    let mut all = String::new();
    for component in components {
        let name = &component.name;
        let status = component.status.map(Status::value);
        let comma = if all.is_empty() { "" } else { ", " };
        let told = match (component.is_group(), component.hold, status) {
            (true, ..) => format!("{name}{{{}}}", line(&component.members)),
            (_, Some(_), _) => format!("{name} held"),
            (_, _, Some(status)) => format!("{name} {status}"),
            (_, _, None) => format!("{name} unknown"),
        };
        let (open, close) = if component.quiet {
            ("[", "]")
        } else {
            ("", "")
        };
        all.extend([comma, open, &told, close]);
    }
    all
}

#[tokio::test]
async fn each_providers_components_are_a_tree() {
    let check = async |provider: &str, state: &str, status: Option<f64>, expected: &str| {
        let page = ChangeablePage::saying(&payload(provider, state)).await;
        let url = page.url();
        let keys = format!("url = {url:?}\nprovider = {provider:?}\ncomponents = true");
        let answer = check_source("statuspage", &keys, TIMEOUT).await;
        let what = format!("{provider} {state}: {answer:?}");
        assert_eq!(answer.status.map(Status::value), status, "{what}");
        let reported = answer.components.as_ref();
        match expected {
            "nothing" => assert_eq!(reported, None, "{what}"),
            _ => assert_eq!(line(reported.expect(&what).list()), expected, "{what}"),
        }
    };
    let up = Some(1.0);
    let normal = "Europe{API 1, Webhooks 1}, [Mail queue 1], Website 1";
    check("atlassian", "normal", up, normal).await;
    let degraded = "Europe{API 0.75, Webhooks 0.5}, Mail queue held, Website 0";
    check("atlassian", "degraded", Some(0.5), degraded).await;
    check("atlassian", "maintenance", None, "API held").await;
    check("atlassian", "word", None, "API unknown").await;
    check("incident_io", "normal", up, "").await;
    let degraded = "Europe{API 0.75, Webhooks 0.5}";
    check("incident_io", "degraded", Some(0.5), degraded).await;
    check("incident_io", "maintenance", None, "API held").await;
    check("instatus", "normal", up, "").await;
    let parts = "Europe{API 0.75, Webhooks 0.5, Mail held}, Website 1";
    check("instatus", "components", Some(0.75), parts).await;
    check("better_stack", "normal", up, "Europe{API 1, Webhooks 1}").await;
    // A component that the page does not monitor is left out.
    let degraded = "Europe{API 0.75, Webhooks 0}";
    check("better_stack", "degraded", Some(0.5), degraded).await;
    check("better_stack", "maintenance", None, "").await;
    check("status_io", "normal", up, "API{Frankfurt 1}").await;
    let degraded = "API{Frankfurt 0.75}, Webhooks 0";
    check("status_io", "degraded", Some(0.5), degraded).await;
    check("slack", "normal", up, "").await;
    let degraded = "Messaging 0.5, Search 0.5";
    check("slack", "degraded", Some(0.5), degraded).await;
    check("slack", "down", Some(0.0), "Login∕SSO 0").await;
    check("slack", "maintenance", None, "Files held").await;
    check("github_old", "degraded", Some(0.5), "").await;
    for provider in [
        "atlassian",
        "incident_io",
        "instatus",
        "better_stack",
        "status_io",
        "slack",
    ] {
        check(provider, "nonsense", None, "nothing").await;
    }
}

#[tokio::test]
async fn a_part_tells_of_the_incident_that_touches_it() {
    let check = async |provider: &str, name: &str, cause: &str, link: Option<&str>| {
        let page = ChangeablePage::saying(&payload(provider, "degraded")).await;
        let keys = format!("url = {:?}\ncomponents = true", page.url());
        let answer = check_source("statuspage", &keys, TIMEOUT).await;
        let reported = answer.components.expect("a tree");
        let list = reported.list().iter();
        let mut all =
            list.flat_map(|component| std::iter::once(component).chain(&component.members));
        let component = all.find(|component| *component.name == *name).expect(name);
        let text = component.cause.as_ref().map(|cause| &*cause.text);
        assert_eq!(text, Some(cause), "{provider}");
        let told = component.detail.get("link");
        assert_eq!(told, link.map(Into::into).as_ref(), "{provider}");
    };
    let slack = Some("https://slack-status.example/7");
    check("slack", "Search", "incident; Slow answers", slack).await;
    let link = Some("https://status.example.com/incidents/i1");
    let cause = "degraded performance; Slow answers";
    check("incident_io", "API", cause, link).await;
    check("atlassian", "Website", "major outage", None).await;
}

fn component(name: &str, status: &str) -> Json {
    json!({"id": name, "name": name, "status": status, "group_id": null})
}

/// A page in that state with these components.
fn summary(indicator: &str, components: &[Json]) -> Json {
    json!({"status": {"indicator": indicator, "description": "As it is"}, "components": components})
}

/// An up.toml with the page, and after it another source on this machine.
fn site(page: &ChangeablePage, note: usize) -> String {
    format!(
        "# {note}\nname = \"Site\"\ninterval = \"1s\"\n[alert]\nretry = \"200ms\"\n\
         [[source]]\ntype = \"statuspage\"\nname = \"Page\"\nurl = {:?}\ncomponents = true\n\
         [[source]]\ntype = \"command\"\nname = \"here\"\ncommand = [\"true\"]\n",
        page.url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn up_prints_the_components_in_their_places() {
    let page = ChangeablePage::saying(&payload("atlassian", "degraded")).await;
    let sinks = "[[sink]]\ntype = \"history\"\n[[sink]]\ntype = \"stdout\"\n";
    let up = Up::with(site(&page, 0) + sinks);
    let outcome = up.run(["-vvv"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let lines: Vec<&str> = outcome.out.lines().collect();
    let check = |at: usize, start: &str, end: &str| {
        let fits = lines[at].starts_with(start) && lines[at].ends_with(end);
        assert!(fits, "{at}: {start}…{end} in {lines:#?}");
    };
    check(1, "    Page: HALF UP (50%)", "Slow answers in Europe");
    check(2, "        Europe: HALF UP (62.5%)", "");
    check(
        3,
        "            API: MOSTLY UP (75%)",
        " — degraded performance",
    );
    check(5, "        Mail queue: MAINTENANCE", " — under maintenance");
    check(6, "        Website: DOWN", " — major outage");
    check(7, "    here: UP", "");
    assert_eq!(lines.len(), 8, "{lines:#?}");

    let document: Json = serde_json::from_str(&up.run(["--json"]).out).expect("JSON");
    let told = &document["root"]["children"][0];
    assert_eq!(told["kind"], "statuspage");
    let held = &told["children"][1];
    assert_eq!(
        (&held["path"], &held["hold"]),
        (&json!("/Site/Page/Mail queue"), &json!("maintenance"))
    );
    let api = &told["children"][0]["children"][0];
    assert_eq!(
        (&api["path"], &api["kind"]),
        (&json!("/Site/Page/Europe/API"), &json!("part"))
    );
    assert_eq!(
        (&api["status"], &api["cause"]["code"]),
        (&json!(0.75), &json!("reported"))
    );
    let here = &document["root"]["children"][1];
    assert_eq!(
        (&here["path"], &here["status"]),
        (&json!("/Site/here"), &json!(1.0))
    );

    page.say("200 OK", &payload("atlassian", "normal"));
    let out = up.run(["-vvv"]).out;
    assert!(out.contains("Webhooks: UP"), "{out}");
    assert!(!out.contains("Mail queue"), "hidden while it is up: {out}");
    let samples = samples(&up, "/Site/Page/Europe/API");
    let statuses: Vec<_> = samples.iter().map(|s| s["status"].as_f64()).collect();
    assert_eq!(
        statuses,
        [0.75, 0.75, 1.0].map(Some),
        "it has a history of its own"
    );
}

fn samples(up: &Up, path: &str) -> Vec<Json> {
    let text = up.run(["history", path, "--json"]).out;
    let document: Json = serde_json::from_str(&text).unwrap_or_default();
    document["samples"].as_array().cloned().unwrap_or_default()
}

/// A watch of a page that is requested whenever up.toml is written.
struct Watched {
    up: Up,
    page: ChangeablePage,
    watch: RunningUp,
    asked: usize,
}

impl Watched {
    fn of(page: ChangeablePage) -> Self {
        let up = Up::with(site(&page, 0));
        let watch = up.start(["watch", "-vv"]);
        watch.out_until("here: UP");
        Self {
            up,
            page,
            watch,
            asked: 1,
        }
    }

    /// Changes the answer of the page, and has it requested.
    fn say(&mut self, status: &'static str, body: &Json) {
        self.page.say(status, body);
        self.ask();
    }

    /// Has the page requested. One that answered is not requested again within a minute, but a new
    /// source requests it at once.
    fn ask(&mut self) {
        let before = self.page.server.connections();
        self.up.write("up.toml", site(&self.page, self.asked));
        self.asked += 1;
        let server = &self.page.server;
        eventually("the page is asked again", || server.connections() > before);
    }

    /// Waits until that component was notified that often.
    fn until(&self, path: &str, count: usize) {
        eventually("its samples are kept", || {
            samples(&self.up, path).len() >= count
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_watching_parts_come_and_go_without_an_alert() {
    let (api, web) = (
        component("API", "operational"),
        component("Web", "operational"),
    );
    let new = component("New", "operational");
    let page = ChangeablePage::saying(&summary("none", &[api.clone(), web.clone()])).await;
    let mut watched = Watched::of(page);
    watched.until("/Site/Page/API", 1);

    // A component is added in front, so that all others move.
    watched.say(
        "200 OK",
        &summary("none", &[new.clone(), api.clone(), web.clone()]),
    );
    watched.until("/Site/Page/New", 1);

    // A component disappears, and one that stays falls.
    let down = component("API", "major_outage");
    watched.say("200 OK", &summary("none", std::slice::from_ref(&down)));
    watched.ask();
    let line = watched.watch.out_until("/Site/");
    assert!(
        line.ends_with(" /Site/Page/API: DOWN — major outage"),
        "{line}"
    );
    let kept = samples(&watched.up, "/Site/Page/New").len();

    // The component that fell disappears, which is no recovery. It comes back, which is no new
    // fall.
    watched.say("200 OK", &summary("none", std::slice::from_ref(&web)));
    watched.until("/Site/Page/Web", 3);
    watched.say("200 OK", &summary("none", &[api, web]));
    watched.until("/Site/Page/API", 5);
    let here = samples(&watched.up, "/Site/here").len();
    watched.until("/Site/here", here + 2);
    assert_eq!(samples(&watched.up, "/Site/Page/New").len(), kept);
    assert_eq!(watched.watch.end(Signal::TERM), Some(0));
    assert_eq!(watched.watch.out_now(), [""; 0], "nothing else was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_page_that_cannot_be_read_are_unknown() {
    let up = summary("none", &[component("API", "operational")]);
    let page = ChangeablePage::saying(&up).await;
    let mut watched = Watched::of(page);
    watched.until("/Site/Page/API", 1);
    watched.say("503 Service Unavailable", &json!({}));
    watched.ask();
    // The order of the two does not matter.
    let mut lines = [
        watched.watch.out_until("/Site/"),
        watched.watch.out_until("/Site/"),
    ];
    lines.sort_by_key(String::len);
    let told = lines.join("\n");
    assert!(lines[0].contains(" /Site/Page: DOWN — "), "{told}");
    assert!(
        lines[1].contains(" /Site/Page/API: UNKNOWN — nothing is heard of it: "),
        "{told}"
    );
    watched.say("200 OK", &up);
    let line = watched.watch.out_until("/Site/Page:");
    assert!(line.contains(": UP again after "), "{line}");
    watched.watch.end(Signal::TERM);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_once_is_not_believed_because_it_is_given_again() {
    let page = ChangeablePage::saying(&json!({})).await;
    page.say("503 Service Unavailable", &json!({}));
    let mut watched = Watched::of(page);
    // The page is due every second and in doubt, while the other source is checked four times.
    watched.until("/Site/here", 4);
    assert_eq!(
        watched.page.server.connections(),
        1,
        "left alone for a minute"
    );
    assert_eq!(
        samples(&watched.up, "/Site/Page").len(),
        1,
        "one observation"
    );
    assert_eq!(
        watched.watch.out_now(),
        [""; 0],
        "and nothing to believe yet"
    );
    watched.ask();
    let line = watched.watch.out_until("/Site/Page");
    assert!(
        line.contains(" /Site/Page: DOWN — "),
        "the second one: {line}"
    );
    watched.watch.end(Signal::TERM);
}
