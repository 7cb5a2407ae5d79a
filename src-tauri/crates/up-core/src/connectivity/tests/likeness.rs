//! Tests of failures that wait for sources like them while the references fall silent.

use super::*;

/// Two hosts that are reached over IPv6, and two over IPv4.
fn trial() -> Trial {
    let sources = [
        ("s", to("2001:db8:1::1")),
        ("t", to("2001:db8:2::1")),
        ("a", to("198.51.100.1")),
        ("b", to("203.0.113.1")),
    ];
    Trial::new(&sources, 1)
}

#[test]
fn a_failure_that_waits_for_its_like_is_judged_when_another_source_vouches_for_us() {
    let mut trial = trial();
    trial.fail(&["s"]).pass(1.0).judged("");
    // The references fall silent and witnesses are checked just as the poll ends.
    let (node, now) = (trial.node("b"), trial.now + Duration::from_secs(4));
    trial.guard.doubted(&trial.world, node, now);
    trial.says("s").pass(16.0).judged("");
    trial.ok(&["a"]).pass(20.0);
    assert!(
        trial.judged.contains(&"s-".to_owned()),
        "{:?}",
        trial.judged
    );
    trial.judged.clear();
    trial.says("a").ok(&["s"]).judged("s+");
}

#[test]
fn a_failure_that_waits_for_its_like_goes_with_the_network() {
    let mut trial = trial();
    trial.fail(&["s"]).pass(1.0);
    trial.says("s").pass(4.0).fail(&["a"]).pass(4.0);
    trial.held("Root a b s t").judged("");
    let due = trial.guard.due().expect("the references are asked again");
    assert!(due > trial.now, "nothing is due that nobody does");
    trial.says("a").pass(40.0).held("").judged("");
    trial.ok(&["s"]).judged("s+");
}
