//! Tests of what is written of a running watch and how a start restores it: names and components
//! that sources report, and configuration files that have changed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use up_config::Plan;
use up_core::state::SavedNotice;
use up_core::world::TreeTiming;
use up_core::{
    Component, Control, Detail, Input, Level, Moment, NodeId, Notice, NoticeKind, Observation,
    ReportedComponents, Sample, Status, Verdict, Watch, World,
};

use super::{BEFORE, Saved, Tracker, restore};

const START: f64 = 1_000_000.0;

/// A running watch, and the rows that it has written to the disk.
struct RunningWatch {
    plan: Plan,
    world: World,
    watch: Watch,
    tracker: Tracker,
    disk: BTreeMap<(String, String), String>,
    now: f64,
    told: Vec<Notice>,
}

fn plan(sources: &str) -> Plan {
    let text = format!("name = \"R\"\n{sources}");
    up_config::load_text(&text, Path::new("up.toml")).expect("a configuration")
}

impl RunningWatch {
    fn start(sources: &str) -> Self {
        let plan = plan(sources);
        let mut running = Self {
            world: World::new(plan.outline.clone()),
            plan,
            watch: Watch::default(),
            tracker: Tracker::default(),
            disk: BTreeMap::new(),
            now: 0.0,
            told: Vec::new(),
        };
        running.take_up();
        running
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: START + self.now,
            steady: BEFORE + Duration::from_secs_f64(self.now),
        }
    }

    fn take_up(&mut self) {
        let (now, policy) = (self.moment(), (self.plan.manner, self.plan.mood));
        self.watch.take_up(&mut self.world, now, policy);
    }

    fn take(&mut self, input: Input) {
        let now = self.moment();
        let output = self.watch.handle(&mut self.world, now, input);
        self.told.extend(output.notices);
    }

    fn node(&self, path: &str) -> NodeId {
        let found = self.world.outline().find(path);
        found.unwrap_or_else(|| panic!("no {path} in {:?}", self.paths()))
    }

    fn paths(&self) -> Vec<String> {
        let nodes = self.world.outline().iter();
        nodes.map(|(_, node)| node.path.to_string()).collect()
    }

    /// Lets each source give this status, one second later.
    fn answer(&mut self, answers: &[(&str, f64)]) {
        self.now += 1.0;
        for (path, status) in answers {
            let node = self.node(path);
            let sample = Sample {
                status: Status::new(*status),
                date: self.moment().wall,
                duration: 0.0,
                cause: None,
                detail: Detail::new(),
            };
            let steady = self.moment().steady;
            let observed = Observation::ended_at(node, sample, None, steady);
            self.take(Input::Observed(observed));
        }
    }

    /// Lets time pass.
    fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.now += 1.0;
            self.take(Input::Tick);
        }
    }

    /// Lets a source report these components.
    fn parts(&mut self, source: &str, components: Vec<Component>) {
        let (node, now) = (self.node(source), self.moment());
        let reconciled =
            self.world
                .reconcile(node, ReportedComponents::new(components, true), now.wall);
        assert!(reconciled.changed, "they are new");
        self.watch.outline_changed(&mut self.world, now);
    }

    fn write(&mut self) {
        let known = (&self.world, &self.plan);
        let now = self.moment();
        let batch = self.tracker.changes(&mut self.watch, known, now);
        if batch.whole {
            self.disk.clear();
        }
        for (kind, key) in batch.gone {
            self.disk.remove(&(kind.into(), key));
        }
        for row in batch.set {
            self.disk.insert((row.kind.into(), row.key), row.value);
        }
    }

    /// Ends the watch and starts it again a minute later, with a new configuration.
    fn restart(mut self, sources: &str) -> Self {
        self.write();
        let stopped = self.moment().wall;
        let rows = self.disk.iter();
        let rows: Vec<_> = rows
            .map(|((kind, key), value)| (kind.clone(), key.clone(), value.clone()))
            .collect();
        let saved = Saved::read(&rows, stopped).expect("what was written can be read");
        let plan = plan(sources);
        let mut new = Self {
            world: World::new(plan.outline.clone()),
            plan,
            watch: Watch::default(),
            tracker: Tracker::default(),
            disk: self.disk,
            now: self.now + 60.0,
            told: Vec::new(),
        };
        new.tracker.forget();
        // The file of the controls is often read before the configuration is.
        let controls = self.watch.controls().controls().clone();
        new.take(Input::Controls(controls.clone()));
        let now = new.moment();
        let known = (&mut new.world, &mut new.watch);
        restore((&saved, controls), &new.plan, known, now);
        new.take_up();
        new
    }

    fn kinds(&self) -> Vec<(NoticeKind, u64)> {
        self.told.iter().map(|told| (told.kind, told.id)).collect()
    }
}

const PAGE: &str = "[[source]]\ntype = \"statuspage\"\nname = \"page\"\n\
                    url = \"https://status.example.com/\"\ncomponents = true\n";
const WEB: &str = "[[source]]\ntype = \"tcp\"\nname = \"web\"\naddress = \"web.test:1\"\n";
const ROUTER: &str = "[[source]]\ntype = \"snmp\"\nhost = \"192.0.2.1\"\n";

#[test]
fn parts_of_a_source_go_on_where_they_were() {
    let sources = format!("{PAGE}{WEB}");
    let mut running = RunningWatch::start(&sources);
    let group = Component {
        members: vec![Component::up("api"), Component::up("mail")],
        ..Component::up("EU")
    };
    running.parts("/R/page", vec![group, Component::up("cdn")]);
    let up = [
        "/R/page",
        "/R/page/EU/api",
        "/R/page/EU/mail",
        "/R/page/cdn",
        "/R/web",
    ];
    let up = up.map(|path| (path, 1.0));
    running.answer(&up);
    running.answer(&[("/R/page/EU/api", 0.0)]);
    running.answer(&[("/R/page/EU/api", 0.0)]);
    running.pass(20);
    let [(NoticeKind::Down, id)] = running.kinds()[..] else {
        panic!("one fall: {:?}", running.told);
    };
    let (paths, node) = (running.paths(), running.node("/R/page/EU/api"));
    let since = running.world.state(node).since().date;

    let mut running = running.restart(&sources);
    assert_eq!(
        running.paths(),
        paths,
        "they are there before the page was asked"
    );
    let api = running.node("/R/page/EU/api");
    assert_eq!(running.world.verdict(api), Verdict::At(Level::Down));
    assert!((running.world.state(api).since().date - since).abs() < 1e-6);
    assert!(running.watch.is_told(api));
    running.answer(&up[..1]);
    running.answer(&[("/R/page/EU/api", 0.0), ("/R/page/EU/mail", 1.0)]);
    running.pass(60);
    assert_eq!(running.kinds(), [], "nothing is news");

    let mut running = running.restart(&sources);
    running.answer(&up);
    running.pass(20);
    assert_eq!(running.kinds(), [(NoticeKind::Recovered, id)]);
    let member = &running.told[0].members[0];
    let off = member.off.expect("it was while Up was off");
    assert_eq!(off.was, Verdict::At(Level::Down));

    // The configuration lacks the page, and then has another one.
    running.answer(&[("/R/page/cdn", 0.0)]);
    running.answer(&[("/R/page/cdn", 0.0)]);
    running.pass(20);
    assert_eq!(running.kinds().len(), 2, "{:?}", running.told);
    let other = PAGE.replace("status.", "stat.");
    let mut running = running.restart(&format!("{other}{WEB}"));
    assert_eq!(running.paths(), ["/R", "/R/page", "/R/web"]);
    running.pass(1);
    let kinds: Vec<NoticeKind> = running.told.iter().map(|told| told.kind).collect();
    assert_eq!(kinds, [NoticeKind::Withdrawn]);
}

#[test]
fn a_name_that_a_source_said_is_kept() {
    let mut running = RunningWatch::start(&format!("{ROUTER}{WEB}"));
    let router = running.plan.probes[0].node;
    let stand_in = running.world.outline().node(router).path.to_string();
    running.answer(&[(&stand_in, 1.0), ("/R/web", 1.0)]);
    running.write();
    running.world.rename(router, "core-1");
    running.answer(&[("/R/core-1", 0.0)]);
    running.answer(&[("/R/core-1", 0.0)]);
    running.pass(20);
    let mut running = running.restart(&format!("{ROUTER}{WEB}"));
    let router = running.node("/R/core-1");
    assert_eq!(running.world.verdict(router), Verdict::At(Level::Down));
    running.answer(&[("/R/core-1", 0.0), ("/R/web", 1.0)]);
    running.pass(60);
    assert_eq!(running.kinds(), [], "nothing is news");
    running.write();
    let leaves = running.disk.keys().filter(|(kind, _)| kind == "leaf");
    assert_eq!(
        leaves.count(),
        2,
        "the stand-in's row is gone: {:?}",
        running.disk
    );
}

#[test]
fn an_outage_stays_acknowledged() {
    let mut running = RunningWatch::start(WEB);
    running.answer(&[("/R/web", 1.0)]);
    running.answer(&[("/R/web", 0.0)]);
    running.answer(&[("/R/web", 0.0)]);
    running.take(Input::Control(Control::Acknowledge {
        path: "/R/web".into(),
        note: None,
        by: None,
    }));
    let running = running.restart(WEB);
    let controls = running.watch.controls();
    assert!(controls.is_acknowledged("/R/web"), "{controls:?}");
    let given = controls.controls().acknowledgement("/R/web");
    assert!(given.is_some(), "it is not over: {controls:?}");
}

#[test]
fn a_tree_is_as_long_as_it_was_where_it_was() {
    let mut running = RunningWatch::start(&format!("{ROUTER}{WEB}"));
    let router = running.plan.probes[0].node;
    let router = running.world.outline().node(router).path.to_string();
    let settle = |running: &mut RunningWatch| {
        let now = running.moment().wall;
        running.world.settle(TreeTiming::Latest, now);
        running
            .world
            .state(running.world.outline().root())
            .since()
            .date
    };
    running.answer(&[(&router, 1.0), ("/R/web", 0.0)]);
    running.answer(&[("/R/web", 0.0)]);
    let since = settle(&mut running);
    running.pass(100);
    let check = |running: RunningWatch, web: f64, expected: Option<f64>| {
        let mut running = running.restart(&format!("{ROUTER}{WEB}"));
        running.answer(&[(&router, 1.0)]);
        let first = settle(&mut running);
        running.answer(&[("/R/web", web)]);
        let then = settle(&mut running);
        assert!(first > since, "it was not so: all is up as far as is known");
        let expected = expected.unwrap_or(first);
        assert!(
            (then - expected).abs() < 1e-6,
            "{then}, expected {expected}"
        );
        running.world.forget_before();
        running
    };
    let running = check(running, 0.0, Some(since));
    check(running, 1.0, None);
}

#[test]
fn only_what_changed_is_written() {
    let mut running = RunningWatch::start(&format!("{ROUTER}{WEB}"));
    let web = [("/R/web", 1.0)];
    running.answer(&web);
    running.write();
    let rows = |running: &mut RunningWatch| {
        let known = (&running.world, &running.plan);
        let now = Moment {
            wall: START + running.now,
            steady: BEFORE + Duration::from_secs_f64(running.now),
        };
        let batch = running.tracker.changes(&mut running.watch, known, now);
        batch.set.len() + batch.gone.len()
    };
    for _ in 0..30 {
        running.answer(&web);
        assert!(!running.watch.unsaved().is_any(), "it is as it was");
        assert_eq!(rows(&mut running), 0);
    }
    running.answer(&[("/R/web", 0.0)]);
    assert!(!running.watch.unsaved().is_any(), "a doubt is not kept");
    running.answer(&[("/R/web", 0.0)]);
    assert!(running.watch.unsaved().is_any());
    let changed = rows(&mut running);
    assert!((1..=4).contains(&changed), "{changed} rows");
}

#[test]
fn a_notice_comes_back_to_the_last_bit() {
    let mut running = RunningWatch::start(WEB);
    for number in 0..200 {
        running.now = f64::from(number) * 100.123_456_789;
        let web = running.node("/R/web");
        let path = std::sync::Arc::clone(&running.world.outline().node(web).path);
        let time = START + running.now;
        let notice = Notice {
            id: 1,
            kind: NoticeKind::Down,
            path,
            members: Vec::new(),
            among: None,
            behind: 0,
            urgency: up_core::alert::Urgency::Low,
            since: time * 0.9,
            date: time * 1_795.729_720_375,
            replaces: vec![],
        };
        let text = serde_json::to_string(&SavedNotice::from(&notice)).expect("JSON");
        let saved: SavedNotice = serde_json::from_str(&text).expect("it can be read");
        assert_eq!(saved.notice(), notice, "{text}");
    }
}

#[test]
fn rows_of_nobody_are_said() {
    let check = |kind: &str, key: &str, value: &str, expected: &str| {
        let rows = [(kind.to_owned(), key.to_owned(), value.to_owned())];
        let why = Saved::read(&rows, 0.0).expect_err("it is no row of ours");
        assert!(why.contains(expected), "{why}");
    };
    check("leaf", "/R/a", "{", "EOF");
    check("leaf", "/R/a", "{}", "missing field");
    check("incident", "x", "{}", "is no id");
    check("member", "/R/a", r#"{"verdict":"sideways"}"#, "sideways");
    check("else", "", "", "nothing that this Up knows");
}
