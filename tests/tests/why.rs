//! `up why`, asked of a running `up watch` that tells a webhook: why people were told, and why not.

use std::net::TcpListener;

use rustix::process::Signal;
use serde_json::{Value, json};
use up_core::decisions::{CODES, Why};
use up_tests::hook::Hook;
use up_tests::port::Port;
use up_tests::up::{Running, Up, eventually};

/// Every second a check. A source is a command that is down while there is a file of its name.
const HEAD: &str = "name = \"Site\"\ninterval = \"1s\"\ntimeout = \"2s\"\n\
                    [alert]\nretry = \"100ms\"\ngroup_within = \"1s\"\n";

fn source(name: &str, keys: &str) -> String {
    let program = format!("test ! -e {name} || {{ cat {name}; exit 2; }}");
    format!(
        "[[source]]\ntype = \"command\"\nname = {name:?}\ncommand = [\"/bin/sh\", \"-c\", {program:?}]\n\
         {keys}\n"
    )
}

/// A running `up watch` with these sources and a webhook.
struct Site {
    up: Up,
    watch: Running,
    hook: Hook,
}

impl Site {
    fn start(top: &str, sources: &[String]) -> Self {
        let hook = Hook::start(&[]);
        let sink = format!("[[sink]]\ntype = \"webhook\"\nurl = {:?}\n", hook.url());
        let up = Up::with(format!(
            "{top}{HEAD}{}{sink}[[sink]]\ntype = \"stdout\"\n",
            sources.concat()
        ));
        let watch = up.start(["watch"]);
        watch.out_until("Site: UP");
        Self { up, watch, hook }
    }

    fn breaks(&self, name: &str) {
        self.up.write(name, "broken: out of paper\n");
    }

    fn mends(&self, name: &str) {
        std::fs::remove_file(self.up.dir().join(name)).expect("it was broken");
    }

    fn do_it(&self, args: &[&str]) {
        let done = self.up.run(args);
        assert_eq!(done.code, Some(0), "{done:?}");
    }

    /// The answer, as JSON: every code of it is in its closed list.
    fn why(&self, path: &str) -> Why {
        let asked = self.up.run(["why", path, "--json"]);
        assert_eq!((asked.code, &*asked.err), (Some(0), ""), "{asked:?}");
        let why: Why = serde_json::from_str(&asked.out).expect("JSON of that shape");
        assert_eq!((why.schema, &*why.path), (1, path));
        for line in why.sources.iter().flat_map(|source| &source.decisions) {
            assert!(CODES.contains(&&*line.code), "{line:?}");
        }
        why
    }

    /// Waits until the answer in short has that code; says it.
    fn why_until(&self, path: &str, code: &str) -> Why {
        let mut why = None;
        eventually(code, || {
            let now = self.why(path);
            let is = json!(now.summary.code) == code;
            why = Some(now);
            is
        });
        why.expect("it was asked")
    }

    /// What is printed.
    fn said(&self, path: &str) -> String {
        let asked = self.up.run(["why", path]);
        assert_eq!((asked.code, &*asked.err), (Some(0), ""), "{asked:?}");
        asked.out
    }

    fn end(mut self) {
        assert_eq!(self.watch.end(Signal::TERM), Some(0));
    }
}

/// The codes of the decisions about the one source.
fn codes(why: &Why) -> Vec<&str> {
    let [source] = &*why.sources else {
        panic!("one source: {why:?}")
    };
    source.decisions.iter().map(|line| &*line.code).collect()
}

#[test]
fn what_is_told_is_told_with_its_checks_its_notice_and_its_sinks() {
    let site = Site::start("", &[source("a", ""), source("b", "")]);
    let why = site.why("/Site/a");
    assert_eq!(codes(&why), ["baseline"]);
    site.breaks("a");
    let notice: Value = serde_json::from_str(&site.hook.next().body).expect("JSON");
    let why = site.why_until("/Site/a", "told");
    assert_eq!(
        codes(&why),
        ["baseline", "doubt", "believed", "gathered", "told"]
    );
    let lines = &why.sources[0].decisions;
    assert_eq!((lines[1].count, lines[1].of), (Some(1), Some(2)));
    let cause = lines[1].cause.as_ref().expect("why it is down");
    assert_eq!(
        (&*cause.code, &*cause.text),
        ("exit", "broken: out of paper")
    );
    let told = lines[4].notice.as_ref().expect("the notice");
    assert_eq!(json!(told.id), notice["id"], "what the webhook was told");
    let host = site.hook.url();
    let host = host.split("/hook").next().expect("a host");
    assert_eq!(
        told.sinks,
        [format!("webhook {host}")],
        "and no secret of it"
    );
    let said = site.said("/Site/a");
    let first = said.lines().next().expect("a line");
    assert!(first.starts_with("/Site/a: DOWN since "), "{said}");
    assert!(first.contains(", told at "), "{said}");
    assert!(
        first.ends_with(&format!(" (down), to webhook {host}.")),
        "{said}"
    );
    assert!(
        said.contains(" 1 failed check (broken: out of paper): it takes 2 in a row"),
        "{said}"
    );
    site.mends("a");
    let why = site.why_until("/Site/a", "recovered");
    assert_eq!(codes(&why)[4..], ["told", "believed", "told"]);
    let tree = site.said("/Site");
    assert!(
        tree.starts_with("/Site: Of the 2 sources of Site: 1 recovered, which was told; 1 has nothing to tell.\n/Site/a: UP since "),
        "{tree}"
    );
    site.end();
}

#[test]
fn what_a_dependency_holds_names_it() {
    let site = Site::start(
        "",
        &[
            source("router", ""),
            source("a", "depends_on = [\"/Site/router\"]"),
        ],
    );
    site.breaks("router");
    let why = site.why_until("/Site/a", "unreachable");
    let lines = &why.sources[0].decisions;
    let held = lines.last().expect("a decision");
    assert_eq!(
        (&*held.code, held.by.as_deref()),
        ("unreachable", Some("/Site/router"))
    );
    assert_eq!(why.sources[0].hold.as_deref(), Some("unreachable"));
    site.why_until("/Site/router", "told");
    let said = site.said("/Site/a");
    assert!(
        said.starts_with("/Site/a: Not told: it depends on /Site/router, which is down since "),
        "{said}"
    );
    site.mends("router");
    site.why_until("/Site/a", "was_unreachable");
    site.end();
}

#[test]
fn what_our_own_network_holds_names_each_references_answer() {
    let (one, two, own) = (Port::claim(), Port::claim(), Port::claim());
    let listen = |port: &Port| TcpListener::bind(port.address()).expect("a claimed port is free");
    let (references, service) = ([listen(&one), listen(&two)], listen(&own));
    let source = format!(
        "[[source]]\ntype = \"tcp\"\nname = \"web\"\naddress = \"{}\"\n\
         reference = [\"tcp://{}\", \"tcp://{}\"]\n",
        own.address(),
        one.address(),
        two.address()
    );
    let site = Site::start("", &[source]);
    drop((references, service));
    let why = site.why_until("/Site/web", "offline");
    let lines = &why.sources[0].decisions;
    let held = lines
        .iter()
        .rfind(|line| line.code == "offline")
        .expect("held");
    let answers: Vec<(&str, &str)> = (held.references.iter())
        .map(|one| (&*one.reference, &*one.answer))
        .collect();
    let (one_is, two_is) = (
        format!("tcp://{}", one.address()),
        format!("tcp://{}", two.address()),
    );
    assert_eq!(answers, [(&*one_is, "silent"), (&*two_is, "silent")]);
    let said = site.said("/Site/web");
    assert!(
        said.starts_with(
            "/Site/web: Not told: our own network is gone, so it is not judged: both references \
             were silent.\n"
        ),
        "{said}"
    );
    // One of them is back, and it is the service's own fault.
    let back = listen(&two);
    let why = site.why_until("/Site/web", "told");
    let well = why.sources[0].decisions.iter();
    let mut well = well.filter(|line| line.code == "network_well");
    let well = well.next().expect("a reference answered");
    assert_eq!(well.references[1].answer, "answered", "{well:?}");
    assert_eq!(well.references[1].reference, two_is);
    drop(back);
    site.end();
}

#[test]
fn what_is_snoozed_or_acknowledged_or_muted_says_so() {
    let site = Site::start("", &[source("a", ""), source("b", "")]);
    site.do_it(&["snooze", "/Site/a", "1h"]);
    site.breaks("a");
    let why = site.why_until("/Site/a", "silenced");
    assert!(
        why.summary
            .text
            .contains(", not told: it is snoozed until "),
        "{why:?}"
    );
    assert!(codes(&why).contains(&"snoozed"), "{why:?}");
    site.do_it(&["ack", "/Site/a"]);
    site.do_it(&["snooze", "/Site/a", "--off"]);
    let why = site.why_until("/Site/a", "told");
    assert!(why.summary.text.contains(" It is acknowledged"), "{why:?}");
    site.do_it(&["mute", "1h"]);
    site.breaks("b");
    let why = site.why_until("/Site/b", "silenced");
    assert!(
        why.summary
            .text
            .contains(", not told: everything is muted until "),
        "{why:?}"
    );
    site.do_it(&["pause", "/Site/b"]);
    let why = site.why_until("/Site/b", "paused");
    assert!(
        why.summary
            .text
            .starts_with("Not told: it is paused since "),
        "{why:?}"
    );
    site.end();
}

#[test]
fn what_is_under_maintenance_says_until_when() {
    let window = "[[maintenance]]\npaths = [\"/Site/a\"]\nfrom = \"2020-01-01 00:00\"\n\
                  until = \"2999-01-01 00:00\"\n";
    let site = Site::start("", &[source("a", ""), source("b", ""), window.to_owned()]);
    site.breaks("a");
    let why = site.why_until("/Site/a", "maintenance");
    assert_eq!(
        why.summary.text,
        "Not told: a maintenance window is open until 2999-01-01 00:00, so it is not judged."
    );
    let line = &why.sources[0].decisions[0];
    assert_eq!(
        (&*line.code, line.until),
        ("maintenance", Some(32_472_144_000.0))
    );
    site.end();
}

#[test]
fn what_flaps_says_when_it_began_and_when_it_settled() {
    let keys = "interval = \"1s\"\nalert = { down_after = 1, retry = \"100ms\" }";
    let site = Site::start("", &[source("a", keys)]);
    let mut broken = false;
    eventually("it flaps", || {
        broken = !broken;
        if broken {
            site.breaks("a");
        } else {
            site.mends("a");
        }
        let why = site.why("/Site/a");
        why.sources[0].word == "FLAPPING"
    });
    if broken {
        site.mends("a");
    }
    site.why_until("/Site/a", "recovered");
    let said = site.said("/Site/a");
    let began = said.find(" It changed so often that it is said to be flapping");
    let settled = said.find(" It stopped flapping: it is UP.");
    assert!(began.is_some() && began < settled, "{said}");
    site.end();
}

#[test]
fn what_a_mood_or_a_rule_does_not_have_told_says_so() {
    let program = "test ! -e a || exit 1";
    let warns = format!(
        "[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = [\"/bin/sh\", \"-c\", {program:?}]\n"
    );
    let site = Site::start(
        "mood = \"realist\"\n",
        &[warns, source("b", "alert = { level = 0 }")],
    );
    site.breaks("a");
    let why = site.why_until("/Site/a", "not_alertable");
    assert!(
        why.summary
            .text
            .ends_with(", not told: the realist is told only of MOSTLY DOWN and below."),
        "{why:?}"
    );
    site.mends("a");
    site.why_until("/Site/a", "was_not_alertable");
    site.end();
}

#[test]
fn one_failure_says_that_it_was_not_confirmed() {
    let site = Site::start("", &[source("a", "alert = { down_after = 1000 }")]);
    site.breaks("a");
    site.why_until("/Site/a", "doubt");
    site.mends("a");
    let why = site.why_until("/Site/a", "unconfirmed");
    let line = why.sources[0].decisions.last().expect("a decision");
    assert_eq!((&*line.code, line.of), ("unconfirmed", Some(1000)));
    site.end();
}

#[test]
fn what_is_not_there_or_not_running_is_said_plainly() {
    let site = Site::start("", &[source("a", "")]);
    let refused = site.up.run(["why", "/Site/A"]);
    assert_eq!((refused.code, &*refused.out), (Some(2), ""));
    assert_eq!(
        refused.err,
        "there is no source at /Site/A\nhelp: did you mean /Site/a?\n"
    );
    let refused = site.up.run(["why", "/Elsewhere/in/the/world"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused
            .err
            .starts_with("there is no source at /Elsewhere/in/the/world\nhelp: `up -vvv`"),
        "{refused:?}"
    );
    let long = "/x".repeat(30_000);
    let refused = site.up.run(["why", &long]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.err, "that is no path of a source\n");
    let Site { up, mut watch, .. } = site;
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let refused = up.run(["why", "/Site/a"]);
    assert_eq!((refused.code, &*refused.out), (Some(2), ""));
    assert!(refused.err.starts_with("no Up runs over "), "{refused:?}");
    assert!(
        refused.err.contains("`up alerts` lists what was told"),
        "{refused:?}"
    );
}

#[test]
fn what_a_reload_keeps_is_remembered() {
    let site = Site::start("", &[source("a", "")]);
    site.breaks("a");
    site.why_until("/Site/a", "told");
    let before = site.why("/Site/a");
    let config = std::fs::read_to_string(site.up.dir().join("up.toml")).expect("it is there");
    // Before the other, so that its place in the tree is another.
    let sink = config.find("[[source]]").expect("a source");
    let (head, rest) = config.split_at(sink);
    site.up
        .write("up.toml", format!("{head}{}{rest}", source("z", "")));
    eventually("the new source is there", || {
        site.up.run(["why", "/Site/z", "--json"]).code == Some(0)
    });
    let after = site.why("/Site/a");
    assert_eq!(after.summary, before.summary);
    assert_eq!(after.sources[0].decisions, before.sources[0].decisions);
    site.end();
}

#[test]
fn what_a_webhook_did_not_take_is_said() {
    let closed = Port::claim();
    let sink = format!(
        "[[sink]]\ntype = \"webhook\"\nurl = \"http://{}/hook/s3cr3t\"\n",
        closed.address()
    );
    let site = Site::start("", &[source("a", ""), sink]);
    site.breaks("a");
    site.why_until("/Site/a", "told");
    let trouble = format!("webhook to http://{}: ", closed.address());
    eventually("the webhook's trouble", || {
        let why = site.why("/Site/a");
        why.troubles.iter().any(|text| text.starts_with(&trouble))
    });
    let said = site.said("/Site/a");
    assert!(
        said.contains(&format!("\nNotices are in trouble: {trouble}")),
        "{said}"
    );
    assert!(!said.contains("s3cr3t"), "{said}");
    site.end();
}
