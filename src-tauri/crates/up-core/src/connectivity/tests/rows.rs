//! Tests of whose fault a failure is: rows 1 to 15.

use super::*;

fn two() -> Trial {
    Trial::new(&[("a", to("a.example.org")), ("b", to("192.0.2.9"))], 1)
}

#[test]
fn row_1_what_is_answered_is_judged_at_once() {
    two().ok(&["a", "b"]).judged("a+ b+").held("");
    let verified = Reach::to("a.example.org", Proof::Verified);
    let mut trial = Trial::new(&[("a", verified)], 1);
    trial
        .sample("a", Some(Status::DOWN), Some(CauseCode::HttpStatus))
        .judged("a-");
    assert!(trial.questions.is_empty(), "nobody had to be asked");
}

#[test]
fn row_2_what_could_not_be_asked_is_judged_as_ever() {
    two()
        .sample("a", None, Some(CauseCode::Resource))
        .judged("a-")
        .held("");
}

#[test]
fn row_3_this_machine_and_local_networks_ask_nobody() {
    let mut trial = Trial::new(&[("here", Reach::Here), ("near", to("192.168.1.2"))], 1);
    trial.scope("near", RouteScope::Local);
    trial
        .says("s")
        .fail(&["here", "near"])
        .judged("here- near-");
    trial.routes(false).held("");
    trial.fail(&["here", "near"]).judged("here- near-");
    assert!(trial.questions.is_empty(), "nobody had to be asked");
}

#[test]
fn row_4_what_has_no_route_is_held_and_nobody_is_asked() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.routes(false).held("Root a b");
    trial.fail(&["a", "b"]).judged("");
    assert!(trial.questions.is_empty(), "nobody had to be asked");
}

#[test]
fn row_4_a_route_of_its_own_that_is_lost_holds_it_alone() {
    let mut trial = two();
    trial
        .scope("b", RouteScope::Local)
        .ok(&["a", "b"])
        .judged("a+ b+");
    trial
        .scope("b", RouteScope::Gone)
        .held("b")
        .fail(&["b"])
        .judged("");
    trial
        .scope("b", RouteScope::Local)
        .held("")
        .rechecked("b", 10.0);
    trial.pass(1.0).fail(&["b"]).judged("b-");
}

#[test]
fn row_4a_what_never_had_a_route_is_down_where_others_have_one() {
    let mut trial = two();
    trial.scope("b", RouteScope::Gone).held("").pass(1.0);
    trial.fail(&["b"]).pass(1.0).judged("b-");
    trial.routes(false).held("Root a b");
}

#[test]
fn row_5_a_true_outage_of_all_is_told_while_a_reference_answers() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("sa").fail(&["a", "b"]).judged("");
    trial.pass(0.2).judged("a- b-").held("");
}

#[test]
fn row_6_several_unrelated_failures_and_silent_references_are_ours() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("s").fail(&["a", "b"]).judged("");
    trial.pass(0.2).judged("").held("Root a b");
    trial.fail(&["a", "b"]).judged("");
}

#[test]
fn row_6_related_hosts_count_once() {
    let reach = [
        ("a", to("a.example.org")),
        ("b", to("b.example.org")),
        ("c", to("example.net")),
    ];
    let mut trial = Trial::new(&reach, 1);
    trial.ok(&["a", "b", "c"]).judged("a+ b+ c+");
    trial
        .says("s")
        .fail(&["a", "b"])
        .pass(0.2)
        .judged("")
        .held("");
    trial.rechecked("c", 0.0);
}

#[test]
fn row_7_with_nobody_else_to_ask_silence_is_enough() {
    let mut trial = Trial::new(&[("a", to("a.example.org"))], 2);
    trial.ok(&["a"]).judged("a+");
    trial
        .says("ss")
        .fail(&["a"])
        .pass(0.2)
        .judged("")
        .held("Root a");
}

#[test]
fn row_8_another_source_that_answers_says_that_the_references_are_at_fault() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("s").fail(&["a"]).pass(0.2).judged("").held("");
    trial.rechecked("b", 0.0);
    trial.pass(0.5).ok(&["b"]).judged("a- b+").held("");
}

#[test]
fn row_8_what_was_asked_before_bears_no_witness() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("s").fail(&["a"]).pass(0.2);
    let up = Some(Status::UP);
    trial.took("b", up, None, 5.0).judged("b+").held("");
    trial.pass(0.5).fail(&["b"]).judged("").held("Root a b");
}

#[test]
fn row_9_others_that_fail_or_keep_silent_confirm_it() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("s").fail(&["a"]).pass(0.5).fail(&["b"]);
    trial.judged("").held("Root a b");
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("s").fail(&["a"]).pass(14.0).held("");
    trial.pass(2.0).judged("").held("Root a b");
}

#[test]
fn row_9_what_is_down_anyway_is_no_proof() {
    let mut trial = Trial::new(
        &[
            ("a", to("a.example.org")),
            ("b", to("192.0.2.9")),
            ("c", to("example.net")),
        ],
        1,
    );
    trial.ok(&["a", "c"]).fail(&["b"]).pass(4.0).fail(&["b"]);
    trial.pass(4.0).judged("a+ c+ b- b-");
    trial.pass(40.0).says("s").fail(&["b"]).pass(0.2).held("");
    trial.fail(&["a"]).held("").rechecked("a c", 0.0);
    trial.pass(0.5).ok(&["c"]).judged("b- a- c+");
}

#[test]
fn row_10_behind_a_portal_only_verified_answers_count() {
    let reach = [
        ("a", to("a.example.org")),
        ("b", to("192.0.2.9")),
        ("v", Reach::to("v.example.net", Proof::Verified)),
    ];
    let mut trial = Trial::new(&reach, 1);
    trial.ok(&["a", "b", "v"]).judged("a+ b+ v+");
    trial.says("w").fail(&["a"]).pass(0.2).rechecked("v", 0.0);
    trial.pass(0.1).ok(&["b"]).judged("b+").held("");
    trial
        .sample("v", Some(Status::DOWN), Some(CauseCode::Tls))
        .held("Root a b v");
    trial.pass(0.5).ok(&["a"]).judged("").held("Root a b v");
    trial.pass(1.0).ok(&["v"]).judged("v+").held("");
}

#[test]
fn row_10_a_portal_with_nothing_verified_to_ask_is_a_portal() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.says("w").fail(&["a"]).pass(0.2).held("Root a b");
    assert!(
        trial.guard.troubles()[0].contains("login"),
        "{:?}",
        trial.guard.troubles()
    );
}

#[test]
fn row_11_without_references_a_true_outage_of_all_is_told() {
    let mut trial = Trial::new(&[("a", to("a.example.org")), ("b", to("192.0.2.9"))], 0);
    trial.ok(&["a", "b"]).fail(&["a", "b"]);
    trial.judged("a+ b+ a- b-").held("");
}

#[test]
fn row_12_a_name_that_is_gone_is_theirs_while_the_resolver_answers() {
    for references in [0, 1] {
        for resolver in [Some(true), None] {
            let mut trial = Trial::new(&[("a", to("a.example.org"))], references);
            trial.resolver = resolver;
            trial.ok(&["a"]).unresolved("a").judged("a+");
            trial.pass(0.2).judged("a-").held("");
        }
    }
}

#[test]
fn row_13_without_a_resolver_what_is_not_resolved_is_held_and_the_rest_goes_on() {
    for references in [0, 1] {
        let mut trial = Trial::new(
            &[
                ("a", to("a.example.org")),
                ("b", to("192.0.2.9")),
                ("c", to("example.net")),
            ],
            references,
        );
        trial.ok(&["a", "b", "c"]).judged("a+ b+ c+");
        trial.resolver = Some(false);
        trial.unresolved("a").pass(0.2).judged("").held("a");
        trial.ok(&["b", "c"]).judged("b+ c+");
        trial.unresolved("c").judged("").held("a c");
        trial.pass(20.0).held("a c");
        trial.resolver = Some(true);
        trial
            .rechecked("", 0.0)
            .pass(6.0)
            .held("")
            .rechecked("a c", 10.0);
        trial.ok(&["a"]).judged("a+");
        assert!(trial.guard.troubles().is_empty());
    }
}

#[test]
fn row_14_a_command_is_held_with_its_circle_until_it_succeeds() {
    let mut trial = Trial::new(&[("a", to("a.example.org")), ("run", Reach::Unknown)], 1);
    trial.ok(&["a", "run"]).judged("a+ run+");
    trial.says("s").fail(&["a"]).pass(0.2).held("a");
    trial.ok(&["run"]).judged("run+").held("a");
    trial.fail(&["run"]).judged("").held("Root a run");
    trial.ok(&["run"]).judged("run+").held("a");
    let mut trial = Trial::new(&[("run", Reach::Unknown)], 1);
    trial
        .fail(&["run"])
        .judged("")
        .pass(0.2)
        .judged("run-")
        .held("");
    trial.pass(9.0).says("s").fail(&["run"]).pass(0.2);
    trial.judged("").held("Root run");
}

#[test]
fn row_15_what_began_before_the_network_was_well_is_asked_again() {
    let mut trial = two();
    trial.ok(&["a", "b"]).judged("a+ b+");
    trial.routes(false).pass(2.0).routes(true).pass(0.2);
    trial.held("").rechecked("a b", 10.0);
    trial.took("a", Some(Status::DOWN), Some(CauseCode::Timeout), 9.0);
    trial.pass(1.0).judged("").rechecked("a", 10.0);
    trial.tell(ConnectivityEvent::Rerouted);
    trial.took("b", Some(Status::DOWN), Some(CauseCode::Reset), 3.0);
    trial.pass(1.0).judged("").rechecked("b", 10.0);
    trial.fail(&["a"]).pass(4.0).judged("a-");
}

#[test]
fn a_source_that_wants_no_reference_is_scored_whatever_happens() {
    let mut trial = two();
    let mut sources = GuardedSources {
        sources: Vec::new(),
        groups: vec![vec!["tcp://192.0.2.1:1".to_owned()].into()],
    };
    for (name, group) in [("a", None), ("b", Some(0))] {
        let node = trial.node(name);
        let reach = to(if name == "a" {
            "a.example.org"
        } else {
            "192.0.2.9"
        });
        let own = false;
        sources.sources.push(GuardedSource {
            node,
            reach,
            group,
            own,
        });
    }
    trial.guard = ConnectivityGuard::new(sources);
    trial.routes(false).held("b").fail(&["a", "b"]).judged("a-");
}
