//! Reports of a fleet, and the components that they become.

use up_core::fold::Policy;
use up_core::{Component, Hold, Status};
use up_history::Point;
use up_history::mongo::{AgentContact, FleetReport, FleetScope, LatestSample};

use super::seen::Seen;
use super::tree::result;

const NOW: f64 = 1_800_000_000.0;

fn contact(name: &str, ago: f64) -> AgentContact {
    AgentContact {
        name: name.into(),
        at: NOW - ago,
        clock: Some(NOW - ago),
        version: "1.0.0".into(),
        sources: Some(2),
        interval: Some(30.0),
    }
}

fn sample(agent: &str, path: &str, ago: f64, status: Option<f64>) -> LatestSample {
    LatestSample {
        agent: agent.into(),
        path: path.into(),
        point: Point {
            date: NOW - ago,
            status,
            duration: 0.25,
            cause: None,
        },
        count: 2,
        first: NOW - ago - 30.0,
    }
}

fn report(agents: Vec<AgentContact>, latest: Vec<LatestSample>) -> FleetReport {
    FleetReport {
        now: NOW,
        agents,
        latest,
        ..FleetReport::default()
    }
}

fn taken(report: FleetReport) -> Seen {
    let mut seen = Seen::default();
    seen.take(report, &FleetScope::default());
    seen
}

/// What is known once this path of this agent was up.
pub(super) fn seen_up(agent: &str, path: &str) -> Seen {
    taken(report(
        vec![contact(agent, 1.0)],
        vec![sample(agent, path, 1.0, Some(1.0))],
    ))
}

/// The components in one line; an echo has a `=`, what is hidden stands in brackets.
fn line(components: &[Component]) -> String {
    let all = components.iter().map(|component| {
        let name = &component.name;
        let echo = if component.echo { "=" } else { "" };
        match (component.is_group(), component.hold, component.status) {
            (true, ..) => format!("{name}{{{}}}", line(&component.members)),
            (_, Some(Hold::Unreachable), None) => format!("{name} held{echo}"),
            (_, Some(_), _) => format!("{name} held for another reason"),
            (.., None) => format!("{name} ?{echo}"),
            (.., Some(status)) if component.quiet => format!("[{name} {}]", status.value()),
            (.., Some(status)) => format!("{name} {}{echo}", status.value()),
        }
    });
    all.collect::<Vec<_>>().join(", ")
}

fn check(seen: &mut Seen, status: Option<f64>, expected: &str) {
    let result = result(seen, Policy::Mean);
    let found = result.components.expect("components");
    assert_eq!(line(found.list()), expected);
    assert_eq!(result.status.map(Status::value), status, "{expected}");
}

#[test]
fn each_agent_is_a_tree_of_its_paths() {
    let mut seen = taken(report(
        vec![contact("a", 3.0)],
        vec![
            sample("a", "/R", 3.0, Some(0.5)),
            sample("a", "/R/x", 3.0, Some(1.0)),
            sample("a", "/R/y", 3.0, Some(0.0)),
            sample("b", "/R/x", 3.0, Some(1.0)),
            sample("", "/Old", 3.0, Some(1.0)),
        ],
    ));
    let expected = "no agent{[agent 1], Old 1}, a{[agent 1], R{x 1, y 0}}, b{[agent 1], R{x 1}}";
    check(&mut seen, Some(2.5 / 3.0), expected);
    let again = expected.replace("Old 1", "Old 1=").replace("x 1", "x 1=");
    let again = again.replace("y 0", "y 0=");
    check(&mut seen, Some(2.5 / 3.0), &again);
    assert!(result(&mut seen, Policy::Mean).echo, "nothing is new");
    seen.lose();
    assert!(
        !result(&mut seen, Policy::Mean).echo,
        "all is to be told again"
    );
}

#[test]
fn a_silent_agent_is_one_outage() {
    let samples = |ago| {
        let of = |path| sample("a", path, ago, Some(1.0));
        vec![of("/R/x"), of("/R/y"), sample("b", "/R/x", 3.0, Some(1.0))]
    };
    let mut seen = taken(report(vec![contact("a", 80.0)], samples(80.0)));
    check(
        &mut seen,
        Some(1.0),
        "a{[agent 1], R{x 1, y 1}}, b{[agent 1], R{x 1}}",
    );
    seen.take(
        report(vec![contact("a", 91.0)], samples(80.0)),
        &FleetScope::default(),
    );
    // The contact of a later report counts, and the sample is younger than it: 80 s.
    check(
        &mut seen,
        Some(1.0),
        "a{[agent 1], R{x 1=, y 1=}}, b{[agent 1], R{x 1=}}",
    );
    let mut seen = taken(report(vec![contact("a", 91.0)], samples(91.0)));
    check(
        &mut seen,
        Some(0.5),
        "a{agent 0, R{x held, y held}}, b{[agent 1], R{x 1}}",
    );
    // The agent is checked again and again, or nobody would be notified.
    check(
        &mut seen,
        Some(0.5),
        "a{agent 0, R{x held=, y held=}}, b{[agent 1], R{x 1=}}",
    );
    let text = result(&mut seen, Policy::Mean).cause.expect("a cause").text;
    assert_eq!(&*text, "agent a is silent");
}

#[test]
fn an_agent_that_never_wrote_is_silent_if_it_is_named() {
    let scope = FleetScope {
        agents: vec!["a".into()],
        path: None,
    };
    let mut seen = Seen::default();
    seen.take(report(vec![], vec![]), &scope);
    check(&mut seen, Some(0.0), "a 0");
    let mut seen = taken(report(vec![contact("a", 8.0 * 86_400.0)], vec![]));
    check(&mut seen, None, "");
}

#[test]
fn after_an_outage_of_the_mongodb_agents_may_come_back() {
    let of = |ago| {
        report(
            vec![contact("a", ago)],
            vec![sample("a", "/R", ago, Some(1.0))],
        )
    };
    let mut seen = taken(of(1.0));
    seen.lose();
    let later = FleetReport {
        now: NOW + 600.0,
        ..of(1.0)
    };
    seen.take(later, &FleetScope::default());
    check(&mut seen, Some(1.0), "a{[agent 1], R 1}");
    let later = FleetReport {
        now: NOW + 660.0,
        ..of(1.0)
    };
    seen.take(later, &FleetScope::default());
    check(&mut seen, Some(0.0), "a{agent 0, R held}");
}

#[test]
fn one_failed_sample_is_not_yet_in_the_status_of_the_whole() {
    let of = |ago, status| report(vec![], vec![sample("a", "/R", ago, Some(status))]);
    let mut seen = taken(of(60.0, 1.0));
    check(&mut seen, Some(1.0), "a{[agent 1], R 1}");
    seen.take(of(30.0, 0.0), &FleetScope::default());
    check(&mut seen, Some(1.0), "a{[agent 1], R 0}");
    seen.take(of(1.0, 0.0), &FleetScope::default());
    check(&mut seen, Some(0.0), "a{[agent 1], R 0}");
}

#[test]
fn what_its_agent_writes_no_more_is_unknown_and_then_gone() {
    let of = |ago| {
        let others = sample("a", "/R/y", 1.0, Some(1.0));
        report(vec![], vec![sample("a", "/R/x", ago, Some(1.0)), others])
    };
    check(
        &mut taken(of(299.0)),
        Some(1.0),
        "a{[agent 1], R{x 1, y 1}}",
    );
    check(
        &mut taken(of(301.0)),
        Some(1.0),
        "a{[agent 1], R{x ?, y 1}}",
    );
    check(&mut taken(of(4_000.0)), Some(1.0), "a{[agent 1], R{y 1}}");
}

#[test]
fn numbers_and_depth_are_bounded() {
    let deep = "/0/1/2/3/4/5/6/7/8/9".repeat(5);
    let mut samples = vec![sample("a", &deep, 1.0, Some(1.0))];
    samples.extend((0..5_000).map(|i| sample("a", &format!("/R/{i}"), 1.0, Some(1.0))));
    samples.extend((0..5_000).map(|i| sample(&format!("b{i}"), "/R", 1.0, Some(1.0))));
    let mut seen = taken(report(vec![], samples));
    let result = result(&mut seen, Policy::Mean);
    let left_out = result.detail.get("components_left_out").cloned();
    let Some(up_core::Value::Number(left_out)) = left_out else {
        panic!("{left_out:?}");
    };
    assert!(left_out >= 8_000.0, "{left_out}");
    let found = result.components.expect("components");
    let line = line(found.list());
    assert!(
        line.starts_with("a{[agent 1], 0{1{2{3{4{5{6∕7∕8"),
        "{}",
        &line[..80]
    );
}

#[test]
fn a_clock_that_is_off_is_named() {
    let behind = AgentContact {
        clock: Some(0.0),
        ..contact("a", 1.0)
    };
    let mut seen = taken(report(vec![behind], vec![]));
    let found = result(&mut seen, Policy::Mean)
        .components
        .expect("components");
    let cause = found.list()[0].cause.clone().expect("a cause");
    assert!(
        cause.text.starts_with("the clock of agent a is off by"),
        "{cause}"
    );
}

#[test]
fn an_agent_that_comes_back_is_shown_for_a_while() {
    let of = |now, ago| FleetReport {
        now,
        ..report(
            vec![contact("a", ago)],
            vec![sample("a", "/R", ago, Some(1.0))],
        )
    };
    let mut seen = taken(of(NOW + 100.0, 0.0));
    check(&mut seen, Some(0.0), "a{agent 0, R held}");
    // The MongoDB is away for a while, and the agent has not written since.
    seen.lose();
    seen.take(of(NOW + 101.0, 0.0), &FleetScope::default());
    check(&mut seen, Some(0.0), "a{agent 0, R held}");
    seen.take(of(NOW + 102.0, -101.0), &FleetScope::default());
    check(&mut seen, Some(1.0), "a{agent 1, R 1}");
    seen.take(of(NOW + 300.0, -299.0), &FleetScope::default());
    check(&mut seen, Some(1.0), "a{[agent 1], R 1}");
}
