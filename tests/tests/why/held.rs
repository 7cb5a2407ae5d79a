//! Outages without a notice: held, silenced, or not alertable.

use std::net::TcpListener;

use up_tests::port::Port;

use crate::site::{WhySite, codes, source};

#[test]
fn what_a_dependency_holds_names_it() {
    let site = WhySite::start(
        "",
        &[
            source("router", ""),
            source("a", "depends_on = [\"/WhySite/router\"]"),
        ],
    );
    site.breaks("router");
    let why = site.why_until("/WhySite/a", "unreachable");
    let lines = &why.sources[0].decisions;
    let held = lines.last().expect("a decision");
    assert_eq!(
        (&*held.code, held.by.as_deref()),
        ("unreachable", Some("/WhySite/router"))
    );
    assert_eq!(why.sources[0].hold.as_deref(), Some("unreachable"));
    site.why_until("/WhySite/router", "told");
    let said = site.said("/WhySite/a");
    assert!(
        said.starts_with(
            "/WhySite/a: Not told: it depends on /WhySite/router, which is down since "
        ),
        "{said}"
    );
    site.mends("router");
    site.why_until("/WhySite/a", "was_unreachable");
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
    let site = WhySite::start("", &[source]);
    drop((references, service));
    let why = site.why_until("/WhySite/web", "offline");
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
    let said = site.said("/WhySite/web");
    assert!(
        said.starts_with(
            "/WhySite/web: Not told: our own network is gone, so it is not judged: both references \
             were silent.\n"
        ),
        "{said}"
    );
    // One of them is back, so that the other failure is the service's own.
    let back = listen(&two);
    let why = site.why_until("/WhySite/web", "told");
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
    let site = WhySite::start("", &[source("a", ""), source("b", "")]);
    site.do_it(&["snooze", "/WhySite/a", "1h"]);
    site.breaks("a");
    let why = site.why_until("/WhySite/a", "silenced");
    assert!(
        why.summary
            .text
            .contains(", not told: it is snoozed until "),
        "{why:?}"
    );
    assert!(codes(&why).contains(&"snoozed"), "{why:?}");
    site.do_it(&["ack", "/WhySite/a"]);
    site.do_it(&["snooze", "/WhySite/a", "--off"]);
    let why = site.why_until("/WhySite/a", "told");
    assert!(why.summary.text.contains(" It is acknowledged"), "{why:?}");
    site.do_it(&["mute", "1h"]);
    site.breaks("b");
    let why = site.why_until("/WhySite/b", "silenced");
    assert!(
        why.summary
            .text
            .contains(", not told: everything is muted until "),
        "{why:?}"
    );
    site.do_it(&["pause", "/WhySite/b"]);
    let why = site.why_until("/WhySite/b", "paused");
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
    let window = "[[maintenance]]\npaths = [\"/WhySite/a\"]\nfrom = \"2020-01-01 00:00\"\n\
                  until = \"2999-01-01 00:00\"\n";
    let site = WhySite::start("", &[source("a", ""), source("b", ""), window.to_owned()]);
    site.breaks("a");
    let why = site.why_until("/WhySite/a", "maintenance");
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
fn what_a_mood_or_a_rule_does_not_have_told_says_so() {
    let program = "test ! -e a || exit 1";
    let warns = format!(
        "[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = [\"/bin/sh\", \"-c\", {program:?}]\n"
    );
    let site = WhySite::start(
        "mood = \"realist\"\n",
        &[warns, source("b", "alert = { level = 0 }")],
    );
    site.breaks("a");
    let why = site.why_until("/WhySite/a", "not_alertable");
    assert!(
        why.summary
            .text
            .ends_with(", not told: the realist is told only of MOSTLY DOWN and below."),
        "{why:?}"
    );
    site.mends("a");
    site.why_until("/WhySite/a", "was_not_alertable");
    site.end();
}
