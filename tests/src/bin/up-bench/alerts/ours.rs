//! The same world, watched by the core's watch with a schedule like the engine's around it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use up_config::Plan;
use up_core::guard::{News, Question, Reply, Way};
use up_core::{
    Cause, CauseCode, Detail, Input, Moment, NodeId, Notice, Output, Sample, Status, Watch, World,
};

use super::score::{Told, is_explained};
use super::truth::{Answer, DAY, DAYS, END, NIGHT, RACK, SOURCES, Truth, Weather};
use super::{INTERVAL, SEED};

/// How long references and the resolver are waited for.
const PATIENCE: f64 = 3.0;
/// How soon the system says that a link went or came.
const SOON: f64 = 0.2;

/// What a person is told of the world by Up.
pub(crate) fn told(truth: &Truth) -> Vec<Told> {
    let mut run = Run::new(truth);
    run.start();
    while let Some(next) = run.queue.pop() {
        if next.at >= END {
            break;
        }
        run.tick_until(next.at);
        run.now = run.now.max(next.at);
        run.happen(next.event);
    }
    run.told
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The machine sleeps, and wakes.
    Night,
    /// The link came, or went.
    Link,
    /// A source's turn, unless it was moved since.
    Turn(usize, u64),
    /// A source answers what it was asked then.
    Answer(usize, Answer, f64),
    /// A question of the guard's is answered, as things stood when it was asked.
    Reply(Question, Option<Weather>),
}

struct Next {
    at: f64,
    /// In which order it was put in.
    count: u64,
    event: Event,
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        let earlier = other.at.total_cmp(&self.at);
        earlier.then(other.count.cmp(&self.count))
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Next {}

/// A source's place in the schedule.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    due: f64,
    /// Which of its turns counts.
    turn: u64,
    is_asked: bool,
    /// It is to be asked again as soon as it has answered.
    again: Option<f64>,
}

struct Run<'t> {
    truth: &'t Truth,
    plan: Plan,
    world: World,
    watch: Watch,
    rng: Rng,
    now: f64,
    nights: u32,
    queue: BinaryHeap<Next>,
    count: u64,
    places: Vec<Place>,
    source_of: BTreeMap<NodeId, usize>,
    /// Who is said to be down.
    open: BTreeSet<usize>,
    told: Vec<Told>,
}

/// The sources of the world: a host with 40, and eight trees of 20.
fn configuration() -> String {
    let mut text = format!(
        "name = \"R\"\ninterval = \"{INTERVAL}s\"\ntimeout = \"10s\"\n[network]\n\
         reference = [\"https://reference.test/\", \"tcp://192.0.2.1:443\"]\n"
    );
    for source in 0..SOURCES {
        if source.is_multiple_of(if source < RACK { RACK } else { 20 }) {
            // Writing to a string cannot fail.
            let _ = write!(text, "[[source]]\ntype = \"tree\"\nname = \"t{source}\"\n");
        }
        let _ = write!(text, "[[source.source]]\nname = \"s{source}\"\n");
        let _ = match source {
            0..RACK => write!(
                text,
                "type = \"tcp\"\naddress = \"rack.test:{}\"\n",
                source + 1
            ),
            _ if source.is_multiple_of(2) => {
                write!(text, "type = \"http\"\nurl = \"https://s{source}.test/\"\n")
            }
            _ => write!(
                text,
                "type = \"tcp\"\naddress = \"198.51.100.{source}:1\"\n"
            ),
        };
    }
    text
}

impl<'t> Run<'t> {
    fn new(truth: &'t Truth) -> Self {
        let plan = up_config::load_text(&configuration(), Path::new("bench.toml"))
            .unwrap_or_else(|error| panic!("the benchmark's own configuration: {error}"));
        let probes = plan.probes.iter().enumerate();
        Self {
            truth,
            world: World::new(plan.outline.clone()),
            watch: Watch::default(),
            rng: Rng::with_seed(SEED),
            now: 0.0,
            nights: 0,
            queue: BinaryHeap::new(),
            count: 0,
            places: vec![Place::default(); SOURCES],
            source_of: probes.map(|(source, probe)| (probe.node, source)).collect(),
            open: BTreeSet::new(),
            told: Vec::new(),
            plan,
        }
    }

    fn start(&mut self) {
        let now = self.moment();
        let manner = (self.plan.manner, self.plan.mood);
        let output = self.watch.take_up(&mut self.world, now, manner, |_| None);
        self.carry_out(output);
        let seats = self.plan.seats();
        let output = self.watch.seat(&mut self.world, now, seats, |_| None);
        self.carry_out(output);
        let ways = self
            .plan
            .probes
            .iter()
            .map(|probe| (probe.node, Way::Beyond));
        let news = News::Routes {
            default: true,
            ways: ways.collect(),
        };
        self.take(Input::Network(news));
        for source in 0..SOURCES {
            let first = self.rng.f64() * INTERVAL;
            self.move_turn(source, first);
        }
        for day in 1..DAYS {
            self.put(day as f64 * DAY, Event::Night);
        }
        for (span, weather) in &self.truth.weather {
            if *weather == Weather::NoLink {
                self.put(span.from + SOON, Event::Link);
                self.put(span.to + SOON, Event::Link);
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Night => {
                self.take(Input::Asleep);
                self.nights += 1;
                self.take(Input::Awake(Some(Duration::from_secs_f64(NIGHT))));
                self.look();
            }
            Event::Link => self.look(),
            Event::Turn(source, turn) => self.turn(source, turn),
            Event::Answer(source, answer, began) => self.answered(source, answer, began),
            Event::Reply(question, weather) => {
                let (circle, replies) = match question {
                    Question::Circle(circle) => (Some(circle), replies(weather)),
                    Question::Resolver => (None, Vec::new()),
                };
                let resolver = Some(matches!(weather, None | Some(Weather::Portal)));
                self.take(Input::Network(News::Answers {
                    circle,
                    replies,
                    resolver,
                }));
            }
        }
    }

    /// What the system says of our routes.
    fn look(&mut self) {
        let default = self.truth.weather_at(self.now) != Some(Weather::NoLink);
        let ways = Vec::new();
        self.take(Input::Network(News::Routes { default, ways }));
    }

    fn turn(&mut self, source: usize, turn: u64) {
        let place = &mut self.places[source];
        if place.is_asked || place.turn != turn {
            return;
        }
        place.is_asked = true;
        let (answer, took) = self.truth.ask(source, self.now, self.rng.f64());
        self.put(self.now + took, Event::Answer(source, answer, self.now));
    }

    fn answered(&mut self, source: usize, answer: Answer, began: f64) {
        if answer != Answer::Up {
            // As the engine does: a failure may be the first sign of a lost route.
            self.look();
        }
        let node = self.plan.probes[source].node;
        let sample = sample(answer, self.wall() - (self.now - began), self.now - began);
        self.places[source].is_asked = false;
        let hold = None;
        self.take(Input::Sampled { node, sample, hold });
        let place = &mut self.places[source];
        let mut due = (place.due + INTERVAL).max(self.now + 0.1);
        if self.world.state(node).judge.doubts() {
            let retry = self.world.outline().node(node).rules.retry;
            due = due.min(self.now + retry.as_secs_f64());
        }
        if let Some(again) = place.again.take() {
            due = due.min(again.max(self.now + 0.1));
        }
        self.move_turn(source, due);
    }

    fn take(&mut self, input: Input) {
        let now = self.moment();
        let output = self.watch.take(&mut self.world, now, input);
        self.carry_out(output);
    }

    fn carry_out(&mut self, output: Output) {
        for notice in &output.notices {
            self.tell(notice);
        }
        for question in output.ask {
            let weather = self.truth.weather_at(self.now);
            let took = match weather {
                None | Some(Weather::Portal) => 0.1,
                Some(Weather::NoLink) => 0.01,
                Some(Weather::NoInternet | Weather::SlowDns) => PATIENCE,
            };
            self.put(self.now + took, Event::Reply(question, weather));
        }
        for (node, soon) in output.recheck {
            let Some(source) = self.source_of.get(&node).copied() else {
                continue;
            };
            let then = self.now + soon.as_secs_f64();
            let place = &mut self.places[source];
            if place.is_asked {
                place.again = Some(place.again.map_or(then, |again| again.min(then)));
            } else if then < place.due {
                self.move_turn(source, then);
            }
        }
    }

    fn tell(&mut self, notice: &Notice) {
        let mut down = Vec::new();
        for member in &notice.members {
            let Some(source) = self.source_of.get(&member.node).copied() else {
                continue;
            };
            if member.until.is_some() {
                self.open.remove(&source);
            } else if self.open.insert(source) {
                down.push(source);
            }
        }
        if is_explained() {
            let weather = self.truth.weather_at(self.now);
            let (kind, title) = (notice.kind.name(), notice.title(self.plan.mood));
            println!("{:.1} #{} {kind}: {title} {weather:?}", self.now, notice.id);
            println!(
                "    {}",
                notice
                    .lines(self.plan.mood, &jiff::tz::TimeZone::UTC)
                    .join("\n    ")
            );
        }
        self.told.push(Told {
            at: self.now,
            bubble: notice.id,
            down,
        });
    }

    /// Lets the watch know of every time that it wants to know of.
    fn tick_until(&mut self, at: f64) {
        while let Some(due) = self.watch.due().map(|due| due.as_secs_f64()) {
            if due > at {
                break;
            }
            self.now = self.now.max(due);
            self.take(Input::Tick);
        }
    }

    fn move_turn(&mut self, source: usize, due: f64) {
        self.places[source].turn += 1;
        self.places[source].due = due;
        self.put(due, Event::Turn(source, self.places[source].turn));
    }

    fn put(&mut self, at: f64, event: Event) {
        self.count += 1;
        let count = self.count;
        self.queue.push(Next { at, count, event });
    }

    fn wall(&self) -> f64 {
        // 1 January 2026, 7:00 UTC.
        1_767_250_800.0 + self.now + f64::from(self.nights) * NIGHT
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.wall(),
            steady: Duration::from_secs_f64(self.now),
        }
    }
}

/// What a reference by name and one by address say.
fn replies(weather: Option<Weather>) -> Vec<Reply> {
    match weather {
        None => vec![Reply::Answered; 2],
        Some(Weather::NoLink | Weather::NoInternet) => vec![Reply::Silent; 2],
        Some(Weather::Portal) => vec![Reply::Wrong; 2],
        Some(Weather::SlowDns) => vec![Reply::Silent, Reply::Answered],
    }
}

fn sample(answer: Answer, date: f64, duration: f64) -> Sample {
    let cause = match answer {
        Answer::Up => None,
        Answer::Refused => Some(CauseCode::Refused),
        Answer::Silent => Some(CauseCode::Timeout),
        Answer::NoRoute => Some(CauseCode::Unreachable),
        Answer::NoName => Some(CauseCode::Dns),
        Answer::Stranger => Some(CauseCode::Tls),
    };
    Sample {
        status: Status::new(if cause.is_none() { 1.0 } else { 0.0 }),
        date,
        duration,
        cause: cause.map(|code| Cause::new(code, "made up")),
        detail: Detail::new(),
    }
}
