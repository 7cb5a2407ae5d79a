//! Outages with a notice, those that ended before it, and questions that have no answer.

use rustix::process::Signal;
use serde_json::{Value, json};
use up_tests::port::Port;
use up_tests::up::eventually;

use crate::site::{WhySite, codes, source};

#[test]
fn what_is_told_is_told_with_its_checks_its_notice_and_its_sinks() {
    let site = WhySite::start("", &[source("a", ""), source("b", "")]);
    let why = site.why("/WhySite/a");
    assert_eq!(codes(&why), ["baseline"]);
    site.breaks("a");
    let notice: Value = serde_json::from_str(&site.hook.next().body).expect("JSON");
    let why = site.why_until("/WhySite/a", "told");
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
    let said = site.said("/WhySite/a");
    let first = said.lines().next().expect("a line");
    assert!(first.starts_with("/WhySite/a: DOWN since "), "{said}");
    assert!(first.contains(", told at "), "{said}");
    assert!(
        first.ends_with(&format!(" (down), to webhook {host}.")),
        "{said}"
    );
    assert!(
        said.contains(" 1 failed check (broken: out of paper): it takes 2 in a row"),
        "{said}"
    );
    let why = site.delivered("/WhySite/a");
    let delivered = &why.sources[0].decisions[4].notice;
    let delivered = &delivered.as_ref().expect("the notice").deliveries;
    assert_eq!(delivered[0].sink, format!("webhook {host}"));
    let said = site.said("/WhySite/a");
    let last = said.lines().last().expect("a line");
    let expected = format!("        webhook {host}: delivered ");
    assert!(last.starts_with(&expected), "{said}");
    site.mends("a");
    let why = site.why_until("/WhySite/a", "recovered");
    assert_eq!(codes(&why)[4..], ["told", "believed", "told"]);
    let tree = site.said("/WhySite");
    assert!(
        tree.starts_with("/WhySite: Of the 2 sources of WhySite: 1 recovered, which was told; 1 has nothing to tell.\n/WhySite/a: UP since "),
        "{tree}"
    );
    site.end();
}

#[test]
fn what_flaps_says_when_it_began_and_when_it_settled() {
    let keys = "interval = \"1s\"\nalert = { down_after = 1, retry = \"100ms\" }";
    let site = WhySite::start("", &[source("a", keys)]);
    let mut broken = false;
    eventually("it flaps", || {
        broken = !broken;
        if broken {
            site.breaks("a");
        } else {
            site.mends("a");
        }
        let why = site.why("/WhySite/a");
        why.sources[0].word == "FLAPPING"
    });
    if broken {
        site.mends("a");
    }
    site.why_until("/WhySite/a", "recovered");
    let said = site.said("/WhySite/a");
    let began = said.find(" It changed so often that it counts as flapping");
    let settled = said.find(" It stopped flapping: it is UP.");
    assert!(began.is_some() && began < settled, "{said}");
    site.end();
}

#[test]
fn one_failure_says_that_it_was_not_confirmed() {
    let site = WhySite::start("", &[source("a", "alert = { down_after = 1000 }")]);
    site.breaks("a");
    site.why_until("/WhySite/a", "doubt");
    site.mends("a");
    let why = site.why_until("/WhySite/a", "unconfirmed");
    let line = why.sources[0].decisions.last().expect("a decision");
    assert_eq!((&*line.code, line.of), ("unconfirmed", Some(1000)));
    site.end();
}

#[test]
fn what_is_not_there_or_not_running_is_said_plainly() {
    let site = WhySite::start("", &[source("a", "")]);
    let refused = site.up.run(["why", "/WhySite/A"]);
    assert_eq!((refused.code, &*refused.out), (Some(2), ""));
    assert_eq!(
        refused.err,
        "there is no source at /WhySite/A\nhelp: did you mean /WhySite/a?\n"
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
    assert_eq!(refused.err, "this is not the path of a source\n");
    let WhySite { up, mut watch, .. } = site;
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let refused = up.run(["why", "/WhySite/a"]);
    assert_eq!((refused.code, &*refused.out), (Some(2), ""));
    assert!(
        refused.err.starts_with("no Up is running with "),
        "{refused:?}"
    );
    assert!(
        refused.err.contains("`up alerts` lists the notices"),
        "{refused:?}"
    );
}

#[test]
fn what_a_reload_keeps_is_remembered() {
    let site = WhySite::start("", &[source("a", "")]);
    site.breaks("a");
    site.why_until("/WhySite/a", "told");
    let before = site.delivered("/WhySite/a");
    let config = std::fs::read_to_string(site.up.dir().join("up.toml")).expect("it is there");
    // Inserted before the other source, so that its place in the tree changes.
    let sink = config.find("[[source]]").expect("a source");
    let (head, rest) = config.split_at(sink);
    site.up
        .write("up.toml", format!("{head}{}{rest}", source("z", "")));
    eventually("the new source is there", || {
        site.up.run(["why", "/WhySite/z", "--json"]).code == Some(0)
    });
    let after = site.why("/WhySite/a");
    assert_eq!(after.summary, before.summary);
    assert_eq!(after.sources[0].decisions, before.sources[0].decisions);
    site.end();
}

#[test]
fn what_was_told_before_a_restart_is_remembered() {
    let mut site = WhySite::start("", &[source("a", ""), source("b", "")]);
    site.breaks("a");
    site.why_until("/WhySite/a", "told");
    let before = site.delivered("/WhySite/a");
    site.watch.end(Signal::KILL);
    site.watch = site.up.start(["watch"]);
    site.watch.out_until("WhySite: ");
    let after = site.why("/WhySite/a");
    assert_eq!(codes(&after), ["told"]);
    assert_eq!(
        after.sources[0].decisions.last(),
        before.sources[0].decisions.last(),
        "it says what the Up said that told it"
    );
    assert!(
        !codes(&site.why("/WhySite/b")).contains(&"told"),
        "of a alone"
    );
    site.mends("a");
    let why = site.why_until("/WhySite/a", "recovered");
    assert_eq!(codes(&why), ["told", "believed", "told"]);
    site.end();
}

#[test]
fn what_a_webhook_did_not_take_is_said() {
    let closed = Port::claim();
    let sink = format!(
        "[[sink]]\ntype = \"webhook\"\nurl = \"http://{}/hook/s3cr3t\"\n",
        closed.address()
    );
    let site = WhySite::start("", &[source("a", ""), sink]);
    site.breaks("a");
    site.why_until("/WhySite/a", "told");
    let trouble = format!("webhook to http://{}: ", closed.address());
    eventually("the webhook's trouble", || {
        let why = site.why("/WhySite/a");
        why.troubles.iter().any(|text| text.starts_with(&trouble))
    });
    let said = site.said("/WhySite/a");
    assert!(
        said.contains(&format!("\nNotices are in trouble: {trouble}")),
        "{said}"
    );
    assert!(!said.contains("s3cr3t"), "{said}");
    let waits = format!(
        "\n        webhook http://{}: not delivered yet\n",
        closed.address()
    );
    assert!(said.contains(&waits), "{said}");
    site.end();
}
