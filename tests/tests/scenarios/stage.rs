//! Plays a scenario: runs the watch with a schedule like that of the engine, without waiting.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use up_config::Plan;
use up_core::decisions::Explanation;
use up_core::{
    Cause, CauseCode, Controls, Detail, Hold, Input, Moment, NodeId, Observation, Sample, Status,
    Watch, WatchOutput, World,
};

use crate::control;
use crate::kill::Cut;
use crate::log::ScenarioLog;
use crate::network::Air;
use crate::reasons::Reasons;
use crate::restart::Disk;
use crate::script::{Scenario, ScenarioEvent};

/// The wall clock at the start: 1 January 2026, 12:00 UTC.
pub(crate) const START: f64 = 1_767_268_800.0;

/// Plays a scenario, and returns its outcome.
pub(crate) fn play(script: &Scenario) -> ScenarioLog {
    let mut stage = ScenarioStage::new(script);
    stage.run(|_| {});
    stage.log
}

/// Plays a scenario, and returns the answers of `up why`: the short ones whenever they change, and
/// the full ones at the end.
pub(crate) fn explain(script: &Scenario) -> String {
    let mut stage = ScenarioStage::new(script);
    let mut reasons = Reasons::default();
    stage.run(|stage| reasons.look(stage));
    reasons.end(&stage)
}

pub(crate) struct ScenarioStage<'s> {
    pub(crate) script: &'s Scenario,
    /// The text of up.toml.
    pub(crate) text: String,
    /// What the engine keeps over a restart.
    pub(crate) disk: Disk,
    pub(crate) plan: Plan,
    pub(crate) world: World,
    pub(crate) watch: Watch,
    pub(crate) now: Duration,
    /// For each source, in the order of the plan, when it is checked next.
    due: Vec<Duration>,
    /// The remaining results of each path, in order. The last one is repeated.
    answers: BTreeMap<String, Vec<char>>,
    /// The events to come. The next one is the last.
    pub(crate) events: Vec<&'s ScenarioEvent>,
    /// The controls, as the engine keeps them.
    pub(crate) kept: Controls,
    pub(crate) air: Air,
    /// When Up is killed: at which of its inputs, counted from the last one, and where in its
    /// processing.
    pub(crate) cuts: Vec<(usize, Cut)>,
    /// How many inputs were processed.
    pub(crate) taken: usize,
    /// The inputs that led to a notice.
    pub(crate) telling: Vec<usize>,
    pub(crate) log: ScenarioLog,
    /// The only source that can have changed in this step, if there is just one.
    pub(crate) alone: Option<NodeId>,
}

/// What happens next.
enum NextEvent {
    Event,
    Answer,
    Write,
    Tick,
    Ask(usize),
}

impl<'s> ScenarioStage<'s> {
    pub(crate) fn new(script: &'s Scenario) -> Self {
        let text = script.configuration();
        let plan = load(&text);
        let mut events: Vec<&ScenarioEvent> = script.event.iter().collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        let mut answers = BTreeMap::new();
        for (path, samples) in &script.samples {
            let samples = samples.chars().filter(|c| !c.is_whitespace()).collect();
            answers.insert(format!("/R/{path}"), samples);
        }
        let mut stage = Self {
            script,
            text,
            disk: Disk::default(),
            world: World::new(plan.outline.clone()),
            watch: Watch::default(),
            now: Duration::ZERO,
            due: Vec::new(),
            answers,
            events,
            kept: Controls::default(),
            air: Air::default(),
            cuts: Vec::new(),
            taken: 0,
            telling: Vec::new(),
            log: ScenarioLog::default(),
            alone: None,
            plan,
        };
        stage.take_up();
        stage
    }

    pub(crate) fn take_up(&mut self) {
        self.due = vec![self.now; self.plan.probes.len()];
        self.watch.maintain(self.plan.maintenance.clone());
        let sinks = Arc::new(["webhook https://hooks.test".into()]);
        self.watch.sinks(sinks);
        let (policy, moment) = ((self.plan.manner, self.plan.mood), self.moment());
        let output = self.watch.take_up(&mut self.world, moment, policy);
        self.carry_out(output);
        let sources = self.plan.guarded_sources();
        let output = self.watch.guard_sources(&mut self.world, moment, sources);
        self.carry_out(output);
    }

    /// Plays the scenario to its end, and calls `look` after each step.
    pub(crate) fn run(&mut self, mut look: impl FnMut(&Self)) {
        let end = self.script.until.0;
        while let Some((at, next)) = self.next() {
            if at > end {
                break;
            }
            self.now = self.now.max(at);
            self.alone = None;
            match next {
                NextEvent::Event => self.happen(),
                NextEvent::Answer => {
                    let answer = self.air.answer();
                    if let Some(answer) = answer {
                        self.take(answer);
                    }
                }
                NextEvent::Write => self.write(),
                NextEvent::Tick => self.take(Input::Tick),
                NextEvent::Ask(probe) => self.ask(probe),
            }
            look(self);
        }
    }

    /// Why people were notified about that node, or were not.
    pub(crate) fn why(&self, node: NodeId) -> Explanation {
        let now = self.moment().wall;
        self.watch.why(&self.world, node, now, &TimeZone::UTC)
    }

    /// Every source, with its path.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = (NodeId, &str)> {
        let leaves = self
            .world
            .outline()
            .iter()
            .filter(|(_, node)| node.is_leaf());
        leaves.map(|(id, node)| (id, &*node.path))
    }

    fn next(&self) -> Option<(Duration, NextEvent)> {
        let event = self
            .events
            .last()
            .map(|event| (event.at.0, NextEvent::Event));
        let probes = self.due.iter().enumerate();
        let probe = probes.min_by_key(|(probe, due)| (**due, *probe));
        let probe = probe.map(|(probe, due)| (*due, NextEvent::Ask(probe)));
        let tick = self
            .watch
            .due()
            .map(|due| (due.max(self.now), NextEvent::Tick));
        // At the same time, events come first, then checks, then timers.
        let answer = self.air.due().map(|due| (due, NextEvent::Answer));
        let write = self.disk.due.map(|due| (due, NextEvent::Write));
        let all = [event, answer, probe, write, tick].into_iter().flatten();
        all.min_by_key(|(at, _)| *at)
    }

    fn happen(&mut self) {
        let Some(event) = self.events.pop() else {
            return;
        };
        self.set(event);
        if let Some(restart) = &event.restart {
            self.restart(restart, event.reload.as_ref());
        }
        for words in &event.control {
            let now = self.moment().wall;
            let control = control::read(words, now);
            assert_eq!(control.problem(now), None, "{words}");
            assert_eq!(self.kept.idle(&control, now), None, "{words}");
            assert!(self.kept.apply(&control, now), "{words}");
            self.take(Input::Controls(self.kept.clone()));
        }
        self.air.ahead += event.clock;
        if let Some(network) = &event.network {
            let outline = self.world.outline();
            let find = |path: &str| outline.find(&format!("/R/{path}")).expect("a source");
            let news = self.air.change(network, find);
            if let Some(news) = news {
                self.take(news);
            }
        }
        if let Some(sleep) = &event.sleep {
            if sleep.said {
                self.take(Input::Asleep);
            }
            self.air.ahead += sleep.long.0.as_secs_f64();
            self.take(Input::Awake(Some(sleep.long.0)));
        }
        if event.login {
            self.take(Input::LoggedIn);
        }
        if let Some(mood) = event.mood {
            self.take(Input::Mood(mood));
        }
        if let Some(reload) = event.reload.as_ref().filter(|_| event.restart.is_none()) {
            self.text = self.script.written(&reload.config, &reload.sources);
            let mut plan = load(&self.text);
            let known = self.world.outline();
            let paths = plan.outline.iter();
            let paths: HashMap<_, _> = paths
                .map(|(id, node)| (Arc::clone(&node.path), id))
                .collect();
            let place = |node| plan.probes.iter().position(|probe| probe.node == node);
            let old = self.plan.probes.iter().zip(std::mem::take(&mut self.due));
            let same = old.filter_map(|(probe, due)| {
                let new = paths.get(&known.node(probe.node).path)?;
                Some((place(*new)?, probe.node, due))
            });
            let same: Vec<_> = same.collect();
            plan.keep_keys(known, same.iter().map(|(new, node, _)| (*new, *node)));
            self.plan = plan;
            let known = std::mem::replace(&mut self.world, World::new(self.plan.outline.clone()));
            self.world.take_over(&known);
            self.take_up();
            for (new, _, due) in same {
                self.due[new] = due;
            }
        }
    }

    /// Sets the results of sources as this event says.
    pub(crate) fn set(&mut self, event: &ScenarioEvent) {
        for (path, letter) in &event.set {
            let path = format!("/R/{path}");
            let id = self
                .world
                .outline()
                .find(&path)
                .expect("a source of that path");
            for node in self.world.outline().at_and_below(id) {
                let path = self.world.outline().node(node).path.to_string();
                self.answers.insert(path, vec![*letter]);
            }
        }
    }

    fn ask(&mut self, probe: usize) {
        let (node, interval) = (
            self.plan.probes[probe].node,
            self.plan.probes[probe].interval,
        );
        if self.world.state(node).hold == Some(Hold::Paused) {
            self.due[probe] = self.due[probe].max(self.now) + interval;
            return;
        }
        let path = self.world.outline().node(node).path.to_string();
        let answers = self.answers.entry(path).or_insert_with(|| vec!['u']);
        let letter = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0]
        };
        // Counted from the regular turn, as in the engine.
        let regular = self.due[probe].max(self.now) + interval;
        self.due[probe] = regular;
        self.alone = Some(node);
        let moment = self.moment();
        let sample = sample(letter, moment.wall);
        let hold = (letter == 'M').then_some(Hold::Maintenance);
        let observed = Observation::ended_at(node, sample, hold, moment.steady);
        self.take(Input::Observed(observed));
        let retry = self.world.outline().node(node).rules.retry;
        if self.world.state(node).judge.doubts() {
            self.due[probe] = self.due[probe].min(self.now + retry);
        }
    }

    pub(crate) fn take(&mut self, input: Input) {
        let moment = self.moment();
        let output = self.watch.handle(&mut self.world, moment, input);
        if self.is_cut(Cut::BeforeWriting) {
            return;
        }
        if !output.notices.is_empty() {
            self.telling.push(self.taken);
        }
        self.keep(&output);
        if self.is_cut(Cut::BeforeTelling) {
            return;
        }
        self.carry_out(output);
        if !self.is_cut(Cut::BeforeReceipt) {
            self.disk.outbox.clear();
            self.taken += 1;
            self.is_cut(Cut::Between);
        }
    }

    fn carry_out(&mut self, output: WatchOutput) {
        let told = output.changes.len() + output.notices.len() + output.recheck.len();
        if told + output.ask.len() > 0 {
            self.alone = None;
        }
        for change in &output.changes {
            self.log.changed(self.now, change);
        }
        for notice in &output.notices {
            self.log.told(self.now, notice);
        }
        self.air.ask(self.now, output.ask);
        for (node, soon) in output.recheck {
            let probe = self.plan.probes.iter().position(|probe| probe.node == node);
            if let Some(probe) = probe {
                self.due[probe] = self.due[probe].min(self.now + soon);
            }
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment {
            wall: START + self.now.as_secs_f64() + self.air.ahead,
            steady: self.now,
        }
    }
}

pub(crate) fn load(text: &str) -> Plan {
    up_config::load_text(text, Path::new("scenario.toml"))
        .unwrap_or_else(|error| panic!("the scenario's configuration: {error}\n{text}"))
}

fn sample(letter: char, date: f64) -> Sample {
    let status = match letter {
        'u' | 'U' => Some(1.0),
        'm' => Some(0.75),
        'h' => Some(0.5),
        'l' => Some(0.25),
        'd' | 'n' | 't' | 'T' => Some(0.0),
        '?' | 'M' => None,
        other => panic!("{other:?} is no answer: use u, U, m, h, l, d, n, t, T, ? or M"),
    };
    Sample {
        status: status.and_then(Status::new),
        date,
        duration: match letter {
            'T' => 10.0,
            'U' => 3.0,
            _ => 0.0,
        },
        cause: (!matches!(letter, 'u' | 'U')).then(|| match letter {
            'n' => Cause::new(CauseCode::Dns, "no such name"),
            't' | 'T' => Cause::new(CauseCode::Timeout, "no answer"),
            _ => Cause::new(CauseCode::Refused, "refused"),
        }),
        detail: Detail::new(),
    }
}
