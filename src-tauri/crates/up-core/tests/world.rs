//! Tests of the world: trees are folded from their leaves' samples, and state is carried over a
//! change of the configuration.

use up_core::world::{Naming, OWN_NAMES, TreeTiming};
use up_core::{
    Beginning, Cause, CauseCode, Detail, Hold, Kind, Level, Node, NodeId, Outline, Sample, Status,
    World,
};

const NOW: f64 = 1_000.0;

fn sample(status: Option<f64>, date: f64, duration: f64) -> Sample {
    Sample {
        status: status.map(|status| Status::new(status).expect("a status")),
        date,
        duration,
        cause: status
            .is_none_or(|s| s < 1.0)
            .then(|| Cause::new(CauseCode::Refused, "refused")),
        detail: Detail::new(),
    }
}

/// The outline `/Root/Tree/{a,b}` and `/Root/c`.
fn site() -> (World, [NodeId; 5]) {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "Root"));
    let tree = outline.push(Some(root), Node::new(Kind::TREE, "Tree"));
    let a = outline.push(Some(tree), Node::new(Kind("http"), "a"));
    let mut b = Node::new(Kind("snmp"), "b");
    b.named = false;
    let b = outline.push(Some(tree), b);
    let c = outline.push(Some(root), Node::new(Kind("http"), "c"));
    (World::new(outline), [root, tree, a, b, c])
}

fn status(world: &World, id: NodeId) -> Option<f64> {
    world.state(id).status().map(Status::value)
}

#[test]
fn a_tree_is_unknown_until_something_below_it_has_answered() {
    let (mut world, [root, tree, a, ..]) = site();
    world.settle(TreeTiming::Latest, NOW);
    assert_eq!((status(&world, root), status(&world, tree)), (None, None));
    assert!(world.state(root).sample.is_none(), "nothing was asked yet");
    world.apply(a, sample(Some(1.0), 10.0, 0.1));
    assert_eq!(
        status(&world, root),
        None,
        "trees are folded when asked to settle"
    );
    let changed = world.settle(TreeTiming::Latest, NOW);
    assert_eq!(changed, [tree, root], "deepest first");
    assert_eq!(
        status(&world, root),
        Some(1.0),
        "who has not answered is in no mean"
    );
}

#[test]
fn news_of_one_leaf_folds_only_what_is_above_it() {
    let (mut world, [root, tree, a, b, c]) = site();
    for leaf in [a, b, c] {
        world.apply(leaf, sample(Some(1.0), 10.0, 0.1));
    }
    world.settle(TreeTiming::Latest, NOW);
    let before = world.revision();
    world.apply(c, sample(Some(0.0), 11.0, 0.1));
    assert_eq!(world.settle(TreeTiming::Latest, NOW), [root]);
    assert_eq!(status(&world, root), Some(0.5));
    assert!(
        world.state(tree).revision <= before,
        "the tree beside it is as it was"
    );
    assert!(world.state(root).revision > before);
    assert_eq!(
        world.settle(TreeTiming::Latest, NOW),
        [],
        "there is no more news"
    );
}

#[test]
fn the_held_and_the_unknown_are_in_no_mean() {
    let (mut world, [root, tree, a, b, c]) = site();
    world.apply(a, sample(Some(0.0), 10.0, 0.1));
    world.apply(b, sample(None, 10.0, 0.1));
    world.apply(c, sample(Some(1.0), 10.0, 0.1));
    world.hold(a, Hold::Paused, true);
    world.settle(TreeTiming::Latest, NOW);
    assert_eq!(
        (status(&world, tree), status(&world, root)),
        (None, Some(1.0))
    );
    world.hold(a, Hold::Paused, false);
    world.settle(TreeTiming::Latest, NOW);
    assert_eq!(
        (status(&world, tree), status(&world, root)),
        (Some(0.0), Some(0.5))
    );
}

#[test]
fn a_round_lasts_from_its_first_start_to_its_last_end() {
    let check = |span, date, duration: f64| {
        let (mut world, [_, tree, a, b, _]) = site();
        world.apply(a, sample(Some(1.0), 10.0, 2.0));
        world.apply(b, sample(Some(1.0), 11.0, 3.0));
        world.settle(span, NOW);
        let folded = world.state(tree).sample.as_ref().expect("it has answers");
        assert_eq!((folded.date, folded.duration), (date, duration), "{span:?}");
    };
    check(TreeTiming::Round, 10.0, 4.0);
    check(TreeTiming::Latest, 11.0, 3.0);
}

#[test]
fn a_tree_was_seen_changing_only_if_no_child_was_scored_anew() {
    let (mut world, [_, tree, a, b, _]) = site();
    let mut check = |leaf, status, date, expected: (f64, bool)| {
        world.apply(leaf, sample(status, date, 0.1));
        world.settle(TreeTiming::Latest, date);
        let since = world.state(tree).since();
        assert_eq!((since.date, since.is_observed), expected, "at {date}");
    };
    check(a, Some(1.0), 10.0, (10.0, false));
    check(b, Some(0.0), 20.0, (20.0, false));
    check(b, Some(1.0), 30.0, (30.0, true));
    check(b, Some(1.0), 40.0, (30.0, true));
    check(b, None, 50.0, (30.0, true));
    check(b, Some(0.0), 60.0, (60.0, false));
    check(a, None, 70.0, (70.0, false));
    check(b, None, 80.0, (80.0, true));
}

#[test]
fn a_change_is_dated_by_the_first_sample_that_said_so() {
    let (mut world, [_, _, a, ..]) = site();
    world.apply(a, sample(Some(1.0), 10.0, 0.1));
    assert_eq!(
        world.apply(a, sample(Some(0.0), 40.0, 0.1)),
        None,
        "not believed yet"
    );
    let down = world
        .apply(a, sample(Some(0.0), 45.0, 0.1))
        .expect("believed");
    assert_eq!(
        (down.date, down.since, down.to.level()),
        (
            40.0,
            Beginning {
                date: 10.0,
                is_observed: false
            },
            Some(Level::Down)
        )
    );
    let up = world
        .apply(a, sample(Some(1.0), 100.0, 0.1))
        .expect("believed at once");
    assert_eq!(
        (up.date, up.since),
        (100.0, Beginning::observed(40.0)),
        "down from 40 to 100"
    );
}

#[test]
fn an_unnamed_leaf_takes_the_name_it_says_unless_it_is_taken() {
    let (mut world, [.., a, b, _]) = site();
    assert!(!world.rename(a, "other"), "it was given a name");
    assert!(!world.rename(b, "a"), "its sibling's name");
    assert!(world.rename(b, "core/switch\n"));
    assert_eq!(&*world.outline().node(b).path, "/Root/Tree/core∕switch");
    assert!(!world.rename(b, "core/switch"), "nothing new");
}

/// How many paths a leaf that names itself has had after this many answers. `name` makes the name
/// of each answer.
fn names_taken(answers: usize, a_day: f64, name: impl Fn(usize) -> String) -> usize {
    let (mut world, [.., b, _]) = site();
    let mut paths = std::collections::HashSet::new();
    for answer in 0..answers {
        let now = 1e9 + answer as f64 / a_day * 86_400.0;
        let naming = world.name_itself(b, &name(answer), now);
        let path = world.outline().node(b).path.clone();
        let is_new = paths.insert(path);
        assert!(!is_new || naming == Naming::New, "{naming:?}");
    }
    paths.len()
}

#[test]
fn a_leaf_that_names_itself_anew_does_so_seldom() {
    let other_each_time = |answer: usize| format!("router {answer}");
    let often = 2_880.0;
    let days = 4;
    let most = OWN_NAMES.at_once + OWN_NAMES.a_day * days;
    let taken = names_taken(days * often as usize, often, other_each_time);
    assert!((OWN_NAMES.at_once..=most).contains(&taken), "{taken} names");
    // A few new names a day are always accepted.
    assert_eq!(names_taken(1_000, 5.0, other_each_time), 1_000);
    // Two sources that share an address: each has its own name whenever it answers.
    let in_turn = |answer: usize| format!("router {}", answer % 2);
    assert_eq!(names_taken(10_000, often, in_turn), 2);
}

#[test]
fn a_name_that_is_not_taken_up_changes_nothing() {
    let (mut world, [.., a, b, _]) = site();
    for answer in 0..OWN_NAMES.at_once {
        let naming = world.name_itself(b, &format!("name {answer}"), 1e9);
        assert_eq!(naming, Naming::New);
    }
    let (path, shape) = (world.outline().node(b).path.clone(), world.shape());
    assert_eq!(world.name_itself(b, "one more", 1e9), Naming::Refused);
    assert_eq!(world.outline().node(b).path, path);
    assert_eq!(world.shape(), shape);
    assert_eq!(
        world.name_itself(b, "name 3", 1e9),
        Naming::New,
        "a known one"
    );
    assert_eq!(world.name_itself(b, "name 3", 1e9), Naming::Same);
    assert_eq!(
        world.name_itself(a, "one more", 1e9),
        Naming::Same,
        "it was given a name"
    );
    // The remembered names are carried over when the outline is built anew.
    let mut new = World::new(world.outline().clone());
    new.take_over(&world);
    assert_eq!(new.name_itself(b, "one more", 1e9), Naming::Refused);
}

#[test]
fn what_is_unchanged_keeps_what_is_known_of_it() {
    let (mut old, [.., a, b, _]) = site();
    old.apply(a, sample(Some(0.0), 10.0, 0.1));
    old.apply(a, sample(Some(0.0), 15.0, 0.1));
    old.apply(b, sample(Some(1.0), 15.0, 0.1));
    old.rename(b, "switch");
    old.settle(TreeTiming::Latest, 16.0);
    let old_root = old.outline().root();
    old.beat(old_root);
    let (new, [root, .., c]) = site();
    let mut outline = new.outline().clone();
    let keys = outline.succeed(old.outline(), [(a, a), (b, b)]);
    let (root, c) = (keys[&root], keys[&c]);
    assert_eq!((keys[&a], keys[&b]), (a, b));
    assert!(!old.outline().has(c) && !old.outline().has(root));
    let mut new = World::new(outline);
    new.take_over(&old);
    assert_eq!(new.level(a), Some(Level::Down));
    assert_eq!(new.state(a).beats(), old.state(a).beats());
    assert_eq!(
        new.apply(a, sample(Some(0.0), 20.0, 0.1)),
        None,
        "it was told already"
    );
    assert_eq!(&*new.outline().node(b).path, "/Root/Tree/switch");
    assert!(new.state(c).sample.is_none(), "who changed begins anew");
    new.settle(TreeTiming::Latest, 21.0);
    let (tree, before) = (new.state(root), old.state(old_root));
    assert_eq!((tree.beats().len(), tree.beats()), (1, before.beats()));
    assert_eq!(tree.since(), before.since(), "its level is what it was");
}

#[test]
fn beats_are_the_last_thirty() {
    let (mut world, [_, _, a, ..]) = site();
    for i in 0..40 {
        world.apply(a, sample((i != 39).then_some(1.0), f64::from(i), 0.1));
    }
    let beats = world.state(a).beats();
    assert_eq!(beats.len(), up_core::world::BEATS);
    assert_eq!(beats.last(), Some(&None));
    assert_eq!(beats[0], Some(Level::Up));
}

#[test]
fn what_a_source_reports_holds_it_until_it_says_otherwise() {
    let (mut world, [root, _, a, b, _]) = site();
    world.apply(b, sample(Some(1.0), 10.0, 0.1));
    world.apply(a, sample(Some(0.0), 10.0, 0.1));
    world.report(a, Some(Hold::Maintenance));
    let change = world.apply(a, sample(None, 11.0, 0.1));
    assert_eq!(change, None, "a held sample is not judged");
    world.settle(TreeTiming::Latest, NOW);
    assert_eq!(world.state(a).hold, Some(Hold::Maintenance));
    assert_eq!(status(&world, root), Some(1.0), "the held is in no mean");

    world.hold(a, Hold::Paused, true);
    assert_eq!(
        world.state(a).hold,
        Some(Hold::Paused),
        "what was set is shown first"
    );
    world.hold(a, Hold::Paused, false);
    assert_eq!(world.state(a).hold, Some(Hold::Maintenance));
    world.hold(a, Hold::Paused, true);
    world.report(a, None);
    assert_eq!(
        world.state(a).hold,
        Some(Hold::Paused),
        "its source cannot let it go"
    );
    world.hold(a, Hold::Paused, false);

    world.apply(a, sample(Some(0.0), 12.0, 0.1));
    world.settle(TreeTiming::Latest, NOW);
    assert_eq!(world.state(a).hold, None);
    assert_eq!(status(&world, root), Some(0.5), "scored again");
}
