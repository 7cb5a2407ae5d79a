//! Tests of sleeping and waking: row 18.

use super::*;

fn two() -> Trial {
    let mut trial = Trial::new(&[("a", to("a.example.org")), ("here", Reach::Here)], 1);
    trial.ok(&["a", "here"]).judged("a+ here+");
    trial
}

#[test]
fn row_18_after_waking_nothing_is_judged_until_the_quiet_is_over() {
    let mut trial = two();
    trial.guard.asleep(trial.now);
    trial.fail(&["a", "here"]).judged("");
    trial.pass(1.0);
    let now = trial.now;
    trial.guard.awake(now, Some(Duration::from_hours(8)));
    trial
        .says("s")
        .pass(29.0)
        .fail(&["a", "here"])
        .ok(&["a"])
        .judged("");
    assert!(trial.questions.is_empty(), "nobody is asked in the quiet");
    trial.says("a").pass(1.5).rechecked("a here", 10.0);
    trial.took("here", Some(Status::DOWN), Some(CauseCode::Timeout), 5.0);
    trial.judged("").rechecked("here", 10.0);
    trial.ok(&["a", "here"]).judged("a+ here+").held("");
    trial.pass(1.0).fail(&["here"]).judged("here-");
}

#[test]
fn waking_without_a_network_is_being_offline() {
    let mut trial = two();
    trial.guard.asleep(trial.now);
    let now = trial.now;
    trial.guard.awake(now, None);
    trial.routes(false).held("a");
    trial.pass(31.0).held("a").rechecked("here", 10.0);
    trial.fail(&["a", "here"]).ok(&["here"]);
    trial.judged("here- here+").held("a");
    trial.pass(60.0).routes(true).pass(0.2).held("");
    trial.rechecked("a", 10.0);
}

#[test]
fn a_nap_changes_nothing() {
    let mut trial = two();
    let now = trial.now;
    trial.guard.awake(now, Some(Duration::from_millis(800)));
    trial.fail(&["here"]).judged("here-");
}

#[test]
fn what_waited_when_we_slept_is_not_judged_later() {
    let mut trial = two();
    trial.fail(&["a"]);
    trial.guard.asleep(trial.now);
    let now = trial.now;
    trial.guard.awake(now, None);
    trial.pass(60.0).judged("");
}
