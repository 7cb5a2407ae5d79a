//! The keys of nodes: a node keeps its key while other nodes are added and removed, nothing that is
//! stored for a node reaches another one, and a node that comes back has another key.

use std::time::Duration;

use jiff::tz::TimeZone;
use up_core::{
    Detail, Input, Kind, Moment, Node, NodeId, Notice, NoticeKind, Observation, Outline, Sample,
    Status, Watch, World,
};

/// An outline of these sources.
fn outline(names: &str) -> Outline {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "R"));
    for name in names.split(' ') {
        outline.push(Some(root), Node::new(Kind("tcp"), name));
    }
    outline
}

/// A watch over sources, and the notices that it sent.
struct WatchedTree {
    world: World,
    watch: Watch,
    now: f64,
    notices: Vec<Notice>,
}

impl WatchedTree {
    fn new(names: &str) -> Self {
        let mut watched = Self {
            world: World::new(outline(names)),
            watch: Watch::default(),
            now: 1_000.0,
            notices: Vec::new(),
        };
        let now = watched.moment();
        (watched.watch).take_up(&mut watched.world, now, Default::default());
        watched
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.now,
            steady: Duration::from_secs_f64(self.now),
        }
    }

    fn find(&self, name: &str) -> NodeId {
        let found = self.world.outline().find(&format!("/R/{name}"));
        found.unwrap_or_else(|| panic!("{name} is there"))
    }

    fn take(&mut self, input: Input) {
        let now = self.moment();
        let output = self.watch.handle(&mut self.world, now, input);
        self.notices.extend(output.notices);
    }

    /// Gives each of these sources three samples with that status, and lets pending notices be sent.
    fn sample(&mut self, names: &str, status: Status) {
        for _ in 0..3 {
            self.now += 10.0;
            for name in names.split(' ') {
                let node = self.find(name);
                let sample = Sample {
                    status: Some(status),
                    date: self.now,
                    duration: 0.0,
                    cause: None,
                    detail: Detail::new(),
                };
                let ended = self.moment().steady;
                let observed = Observation::ended_at(node, sample, None, ended);
                self.take(Input::Observed(observed));
            }
        }
        self.now += 60.0;
        self.take(Input::Tick);
    }

    /// Reloads another configuration, in which the sources `same` are unchanged.
    fn reload(&mut self, names: &str, same: &str) {
        let mut outline = outline(names);
        let key = |name: &str| {
            let new = outline.find(&format!("/R/{name}")).expect("it is there");
            (new, self.find(name))
        };
        let same = same.split_terminator(' ').map(key);
        let same: Vec<_> = same.collect();
        outline.succeed(self.world.outline(), same);
        let mut world = World::new(outline);
        world.take_over(&self.world);
        self.world = world;
        let now = self.moment();
        self.watch.take_up(&mut self.world, now, Default::default());
    }

    /// The kinds and the sources of the notices that were sent since the last call.
    fn notices(&mut self) -> String {
        let notices = std::mem::take(&mut self.notices);
        let described = notices.iter().map(|notice| {
            let names = notice
                .members
                .iter()
                .map(|member| &member.path["/R/".len()..]);
            let names: Vec<&str> = names.collect();
            format!("{:?} {}", notice.kind, names.join(" "))
        });
        described.collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn notices_name_sources_in_the_order_of_the_tree() {
    let check = |names: &str, same: &str, then: &str| {
        let mut watched = WatchedTree::new(names);
        watched.sample(names, Status::UP);
        watched.reload(then, same);
        watched.sample(then, Status::UP);
        watched.sample(then, Status::DOWN);
        assert_eq!(watched.notices(), format!("Down {then}"), "{names}");
    };
    check("a b c", "a b c", "a b c");
    check("a b c", "a b c", "c b a");
    check("a b c", "c a", "c new a");
    check("a", "a", "x y z a");
}

#[test]
fn an_unchanged_source_keeps_its_incident_and_one_that_comes_back_has_none() {
    let check = |then: &str, same: &str, at_once: &str, later: &str| {
        let mut watched = WatchedTree::new("a b c");
        watched.sample("a b c", Status::UP);
        watched.sample("b", Status::DOWN);
        assert_eq!(watched.notices(), "Down b");
        watched.reload(then, same);
        watched.take(Input::Tick);
        assert_eq!(watched.notices(), at_once, "{then}: at once");
        watched.sample(then, Status::UP);
        assert_eq!(watched.notices(), later, "{then}: later");
    };
    check("a b c", "a b c", "", "Recovered b");
    check("x b", "b", "", "Recovered b");
    check("c b a", "a b c", "", "Recovered b");
    // A source that is gone, or is another one at the same path, leaves nothing to the new one.
    check("a c", "a c", "Withdrawn b", "");
    check("a b c", "a c", "Withdrawn b", "");
    check("x y z", "", "Withdrawn b", "");
}

#[test]
fn a_node_that_takes_the_slot_of_another_has_none_of_its_decisions() {
    let mut watched = WatchedTree::new("a b c");
    watched.sample("a b c", Status::UP);
    watched.sample("b", Status::DOWN);
    let before = watched.find("b");
    watched.reload("a c new", "a c");
    let new = watched.find("new");
    assert_ne!(new, before);
    watched.sample("a c new", Status::UP);
    let mut notices = watched.notices.iter();
    assert!(notices.any(|notice| notice.kind == NoticeKind::Withdrawn));
    for name in ["a", "c", "new"] {
        let (node, zone) = (watched.find(name), TimeZone::UTC);
        let why = watched.watch.why(&watched.world, node, watched.now, &zone);
        let decisions = why.sources.iter().flat_map(|source| &source.decisions);
        let notices = decisions.filter(|line| line.notice.is_some()).count();
        assert_eq!(notices, 0, "{name}: {why:?}");
    }
}
