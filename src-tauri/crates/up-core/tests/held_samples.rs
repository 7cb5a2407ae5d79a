//! What the history receives of a source that is held, and of the tree around it: no sample that
//! counts as up or down, whatever the reason for the hold is.

use std::time::Duration;

use up_core::alert::NotifyPolicy;
use up_core::control::{Control, When, Window};
use up_core::world::TreeTiming;
use up_core::{
    Detail, Hold, Input, Kind, Moment, Mood, Node, NodeId, Observation, Outline, Sample, Status,
    Watch, World,
};

/// When the hold begins and ends, in seconds. The source is checked every ten.
const HELD: std::ops::Range<u32> = 100..200;
const END: u32 = 300;

/// Checks a source that is always up, and returns when the history received a status of it, and
/// when one of the tree around it. `prepare` is called at the beginning, `steer` before each check.
fn recorded(
    reported: Option<Hold>,
    prepare: impl Fn(&mut Watch),
    steer: impl Fn(u32) -> Option<Control>,
) -> [Vec<u32>; 2] {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "R"));
    let source = outline.push(Some(root), Node::new(Kind("http"), "a"));
    let mut world = World::new(outline);
    let mut watch = Watch::default();
    let moment = |at: u32| Moment {
        wall: f64::from(at),
        steady: Duration::from_secs(at.into()),
    };
    let ways = (NotifyPolicy::default(), Mood::default());
    watch.take_up(&mut world, moment(0), ways);
    prepare(&mut watch);
    let mut dates = [Vec::new(), Vec::new()];
    for at in (0..END).step_by(10) {
        if let Some(control) = steer(at) {
            watch.handle(&mut world, moment(at), Input::Control(control));
        }
        watch.handle(&mut world, moment(at), Input::Tick);
        let hold = reported.filter(|_| HELD.contains(&at));
        let observation = Observation::ended_at(source, up_at(at), hold, moment(at).steady);
        let output = watch.handle(&mut world, moment(at), Input::Observed(observation));
        let scored = output.kept.iter().filter(|row| row.sample.status.is_some());
        dates[0].extend(scored.map(|_| at));
        world.settle(TreeTiming::Latest, f64::from(at));
        let tree = world.recorded(root).and_then(|sample| sample.status);
        dates[1].extend(tree.map(|_| at));
        assert_eq!(
            is_scored(&world, source),
            world.state(source).hold.is_none()
        );
    }
    dates
}

/// True if the history of a one-shot check would have a status of the node.
fn is_scored(world: &World, node: NodeId) -> bool {
    world
        .recorded(node)
        .is_some_and(|sample| sample.status.is_some())
}

fn up_at(at: u32) -> Sample {
    Sample {
        status: Some(Status::UP),
        date: f64::from(at),
        duration: 0.0,
        cause: None,
        detail: Detail::new(),
    }
}

/// The history has a status at every check outside the hold, and none within it.
fn check(what: &str, [source, tree]: [Vec<u32>; 2]) {
    let expected: Vec<u32> = (0..END)
        .step_by(10)
        .filter(|at| !HELD.contains(at))
        .collect();
    assert_eq!(source, expected, "{what}: the source");
    assert_eq!(tree, expected, "{what}: the tree");
}

#[test]
fn a_held_source_is_neither_up_nor_down_in_the_history() {
    let path = || "/R/a".to_owned();
    let pause = recorded(
        None,
        |_| {},
        |at| match at {
            _ if at == HELD.start => Some(Control::Pause { path: path() }),
            _ if at == HELD.end => Some(Control::Resume { path: path() }),
            _ => None,
        },
    );
    check("paused", pause);
    let window = |paths: Vec<String>| Window {
        paths,
        when: When::Once {
            from: f64::from(HELD.start),
            until: f64::from(HELD.end),
        },
    };
    for paths in [vec![path()], vec!["/R".to_owned()], vec![]] {
        let what = format!("maintenance of {paths:?}");
        let maintain = |watch: &mut Watch| watch.maintain(vec![window(paths.clone())]);
        check(&what, recorded(None, maintain, |_| None));
    }
    let reported = recorded(Some(Hold::Maintenance), |_| {}, |_| None);
    check("reported by the source", reported);
}

#[test]
fn a_source_that_reports_a_hold_is_recorded_as_unknown() {
    let mut outline = Outline::default();
    let page = outline.push(None, Node::new(Kind("statuspage"), "Page"));
    let mut world = World::new(outline);
    world.apply(page, up_at(0));
    world.report(page, Some(Hold::Maintenance));
    let kept = world.recorded(page).expect("the cause is kept");
    assert_eq!((kept.status, kept.date), (None, 0.0));
    world.hold(page, Hold::Paused, true);
    world.report(page, None);
    assert_eq!(world.recorded(page), None, "a hold of ours leaves a gap");
}
