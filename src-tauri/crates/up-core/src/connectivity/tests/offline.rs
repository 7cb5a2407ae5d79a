//! Tests of being offline and coming back: rows 16 and 17, and a source's own references.

use super::*;

fn three() -> Trial {
    let mut trial = Trial::new(
        &[
            ("a", to("a.example.org")),
            ("b", to("192.0.2.9")),
            ("here", Reach::Here),
        ],
        1,
    );
    trial.ok(&["a", "b", "here"]).judged("a+ b+ here+");
    trial
}

#[test]
fn a_lost_route_is_back_when_a_reference_answers() {
    let mut trial = three();
    trial.routes(false).held("a b");
    trial.fail(&["a", "b", "here"]).judged("here-");
    trial.pass(3_600.0);
    assert!(
        trial.questions.is_empty(),
        "the system tells: nobody is asked meanwhile"
    );
    trial.says("s").routes(true).pass(4.0).held("a b");
    trial.says("a").pass(4.0).held("").rechecked("a b", 10.0);
    trial.fail(&["b"]).pass(4.0).judged("b-");
}

#[test]
fn references_that_were_refuted_hide_no_outage() {
    let sources = ["a", "b", "c"];
    let hosts = ["a.example.org", "b.example.net", "c.example.com"];
    let reaches = hosts.map(|host| Reach::to(host, Proof::Verified));
    let sources: Vec<_> = sources.into_iter().zip(reaches).collect();
    let mut trial = Trial::new(&sources, 1);
    trial.ok(&["a", "b", "c"]).judged("a+ b+ c+").pass(60.0);
    trial
        .says("w")
        .fail(&["a", "b"])
        .pass(1.0)
        .held("Root a b c");
    trial.pass(1.0).ok(&["c"]).held("").judged("c+").pass(4.0);
    trial.fail(&["a", "b"]).pass(4.0).held("");
    trial.ok(&["c"]).judged("a- b- c+").held("").pass(60.0);
    // They are believed again once one has answered.
    trial.says("a").fail(&["a"]).pass(4.0).judged("a-");
    trial.ok(&["a", "b"]).judged("a+ b+").pass(60.0);
    trial
        .says("w")
        .fail(&["a", "b"])
        .pass(4.0)
        .held("Root a b c");
}

#[test]
fn a_network_that_is_lost_after_its_references_were_refuted_is_held() {
    let mut trial = three();
    trial.pass(60.0).says("s").fail(&["a", "b"]).pass(1.0);
    trial.held("a b").ok(&["b"]).held("a b").pass(4.0);
    trial.held("").ok(&["b"]).judged("b+").pass(4.0);
    trial.fail(&["a"]).pass(20.0).held("a b").judged("");
}

#[test]
fn an_answer_from_before_the_loss_does_not_show_another_way() {
    let mut trial = three();
    trial.pass(60.0).routes(false).held("a b");
    trial.took("a", Some(Status::UP), None, 5.0).held("a b");
    trial.pass(60.0).routes(true).pass(4.0).held("");
    trial.pass(60.0).says("s").fail(&["a", "b"]).pass(0.2);
    trial.held("a b");
    trial.says("a").pass(60.0).held("");
    trial.routes(false).held("a b").pass(1.0);
    trial.ok(&["a"]).held("b");
}

#[test]
fn an_answer_that_is_quicker_than_the_systems_word_shows_no_other_way() {
    let mut trial = three();
    trial.pass(60.0).routes(false).held("a b").pass(60.0);
    trial.ok(&["a"]).held("b");
    trial.routes(true).pass(4.0).held("");
    trial.pass(60.0).says("s").fail(&["a", "b"]).pass(0.2);
    trial.held("a b");
}

#[test]
fn without_references_a_route_that_is_back_settles_first() {
    let mut trial = Trial::new(&[("a", to("a.example.org"))], 0);
    trial.ok(&["a"]).judged("a+").routes(false).held("Root a");
    trial.pass(60.0).routes(true).pass(2.0).held("Root a");
    trial.pass(1.5).held("").rechecked("a", 10.0);
    trial.fail(&["a"]).judged("a-");
}

#[test]
fn without_references_an_answer_says_that_it_is_back() {
    let mut trial = Trial::new(&[("a", to("a.example.org"))], 0);
    trial.routes(false).pass(60.0).routes(true).pass(1.0);
    trial.ok(&["a"]).judged("a+").held("");
}

#[test]
fn row_16_and_17_answers_bring_the_circle_back() {
    let mut trial = three();
    trial.says("s").fail(&["a", "b"]).pass(0.2).held("a b");
    trial.pass(5.0).fail(&["a"]).judged("");
    // A portal may have answered, so that the references are checked before.
    trial.pass(1.0).ok(&["b"]).judged("").held("a b");
    trial.pass(4.0).held("").judged("");
    trial.fail(&["a"]).judged("").pass(0.2).judged("").held("");
    trial.rechecked("a b b", 10.0);
}

#[test]
fn row_17_what_is_remembered_brings_nothing_back() {
    let page = Reach::to("status.example.com", Proof::Nothing);
    let mut trial = Trial::new(&[("a", to("a.example.org")), ("page", page)], 1);
    trial.ok(&["a", "page"]).judged("a+ page+");
    trial.says("s").fail(&["a"]).pass(0.2).held("Root a page");
    trial.pass(1.0).ok(&["page"]).judged("").held("Root a page");
}

#[test]
fn the_references_are_asked_less_and_less_often() {
    let mut trial = three();
    trial.says("s").fail(&["a", "b"]).pass(0.2).held("a b");
    trial.pass(60.0);
    let early = trial.questions.len();
    assert!((10..=20).contains(&early), "{early} in the first minute");
    trial.pass(7_200.0);
    let late = trial.questions.len() - early;
    assert!((200..=280).contains(&late), "{late} in two hours");
}

#[test]
fn failures_ask_at_most_every_three_seconds() {
    let mut trial = three();
    for _ in 0..60 {
        trial.pass(0.5).fail(&["a"]);
    }
    trial.pass(5.0);
    let asked = trial.questions.len();
    assert!(asked <= 11, "{asked} times in 30 s");
    let judged = trial.judged.len();
    assert_eq!(judged, 60, "nothing is forgotten");
}

#[test]
fn what_is_down_anyway_asks_every_half_minute() {
    let mut trial = three();
    for _ in 0..60 {
        trial.fail(&["a"]).pass(5.0);
    }
    let asked = trial.questions.len();
    assert!((8..=14).contains(&asked), "{asked} times in 5 min");
}

#[test]
fn what_comes_after_a_failure_waits_behind_it() {
    let mut trial = three();
    trial.fail(&["a"]).ok(&["a", "b"]).judged("b+");
    trial.pass(0.2).judged("a- a+");
}

#[test]
fn questions_that_nobody_answers_hold_nothing_back_for_ever() {
    let mut trial = three();
    trial.fail(&["a"]);
    trial.asked.clear();
    trial.pass(14.0).judged("");
    trial.pass(2.0).judged("a-").held("");
}

#[test]
fn returning_sources_are_spread_over_ten_seconds_at_most() {
    let names: Vec<&'static str> = (0..500).map(|i| &*format!("s{i}").leak()).collect();
    let all: Vec<_> = names.iter().map(|name| (*name, to("192.0.2.9"))).collect();
    let mut trial = Trial::new(&all, 1);
    trial.routes(false);
    assert_eq!(trial.held.len(), 501);
    trial.routes(true).pass(0.2);
    assert_eq!(trial.held.len(), 0);
    let last = trial.recheck.last().expect("all are asked").1.as_secs_f64();
    assert!((9.0..=10.0).contains(&last), "{last}");
}

/// `vpn` has a reference of its own; `a` and `b` have those of `[network]`.
fn with_vpn() -> Trial {
    let mut trial = Trial::new(
        &[
            ("a", to("a.example.org")),
            ("b", to("192.0.2.9")),
            ("vpn", to("10.1.2.3")),
        ],
        1,
    );
    let guarded = |name: &str, reach, group, own| GuardedSource {
        node: trial.node(name),
        reach,
        group: Some(group),
        own,
    };
    let sources = vec![
        guarded("a", to("a.example.org"), 0, false),
        guarded("b", to("192.0.2.9"), 0, false),
        guarded("vpn", to("10.1.2.3"), 1, true),
    ];
    let groups = vec![
        vec!["https://example.org/".to_owned()].into(),
        vec!["tcp://10.1.2.1:53".to_owned()].into(),
    ];
    trial.guard = ConnectivityGuard::new(GuardedSources { sources, groups });
    trial.references = vec!["a", "a"];
    trial.ok(&["a", "b", "vpn"]).judged("a+ b+ vpn+");
    trial
}

#[test]
fn a_vpn_is_judged_by_its_own_reference() {
    let mut trial = with_vpn();
    trial.references = vec!["a", "s"];
    trial.fail(&["vpn", "a"]).pass(0.2).judged("a-").held("vpn");
    trial.references = vec!["a", "a"];
    trial
        .pass(4.0)
        .held("")
        .fail(&["vpn"])
        .pass(4.0)
        .judged("vpn-");
}

#[test]
fn a_vpn_source_is_not_saved_by_the_references_of_others() {
    let mut trial = with_vpn();
    trial.references = vec!["s", "a"];
    trial.fail(&["vpn"]).pass(0.2).judged("vpn-").held("");
    trial.fail(&["a", "b"]).pass(0.2).judged("").held("a b");
    trial.scope("vpn", RouteScope::Local);
    trial.pass(40.0).fail(&["vpn"]).pass(0.2).judged("vpn-");
}

#[test]
fn a_reload_keeps_what_is_known() {
    let mut trial = three();
    trial.says("s").fail(&["a", "b"]).pass(0.2).held("a b");
    let sources = trial
        .guard
        .sources
        .iter()
        .map(|source| source.guarded.clone());
    let groups = vec![trial.guard.groups[0].references.clone()];
    let mut new = ConnectivityGuard::new(GuardedSources {
        sources: sources.collect(),
        groups,
    });
    new.take_over(&trial.world, trial.now, &trial.guard);
    trial.guard = new;
    trial.asked.clear();
    trial.pass(5.0).fail(&["a"]).judged("").held("a b");
    trial.says("a").pass(10.0).held("");
}
