//! Scores what people are notified of in simulated days of many seeds, with true outages and with
//! everything that looks like one. The worlds are watched by the same `Watch` that the engine
//! drives, and by the plain rules of other monitors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use up_tests::simulation::kinds::WorldKind;
use up_tests::simulation::plain::Rule;
use up_tests::simulation::score::Score;
use up_tests::simulation::{INTERVAL, Shape, score, score_of_rule};

use crate::table::FigureTable;

/// Which worlds are simulated.
#[derive(Clone, Debug)]
pub(crate) struct WorldSelection {
    /// The first seed, and the number of seeds.
    pub(crate) from: u64,
    pub(crate) seeds: u64,
    /// The number of days in each world, if given.
    pub(crate) days: Option<usize>,
    /// The kinds of world, if given.
    pub(crate) kinds: Option<Vec<WorldKind>>,
}

impl Default for WorldSelection {
    fn default() -> Self {
        Self {
            from: 1,
            seeds: 20,
            days: None,
            kinds: None,
        }
    }
}

impl WorldSelection {
    /// Sets the value of an option. `None` if there is no such option, or if the value is wrong.
    pub(crate) fn set(&mut self, option: &str, value: Option<&str>) -> Option<()> {
        let number = || value?.parse().ok();
        match option {
            "--seeds" => self.seeds = number().filter(|seeds| *seeds > 0)?,
            "--from" => self.from = number()?,
            "--days" => {
                let days = usize::try_from(number()?).ok();
                self.days = Some(days.filter(|days| (1..=3_650).contains(days))?);
            }
            "--kinds" => self.kinds = Some(kinds(value?)?),
            _ => return None,
        }
        Some(())
    }

    /// The worlds of each seed, with their names.
    fn worlds(&self) -> Vec<(&'static str, Shape)> {
        let world = |name, days, kinds: &[WorldKind]| {
            let (days, kinds) = (self.days.unwrap_or(days), kinds.to_vec());
            (name, Shape { days, kinds })
        };
        match &self.kinds {
            Some(kinds) => vec![world("world asked for", 10, kinds)],
            None => vec![
                world("plain world", 30, &[]),
                world("wide world", 10, &WorldKind::ALL),
            ],
        }
    }
}

fn kinds(value: &str) -> Option<Vec<WorldKind>> {
    match value {
        "all" => Some(WorldKind::ALL.to_vec()),
        "none" => Some(Vec::new()),
        _ => value.split(',').map(WorldKind::named).collect(),
    }
}

/// Simulates each world of each seed, and adds the scores to `table`.
pub(crate) fn run(table: &mut FigureTable, wanted: &WorldSelection) {
    for (name, shape) in wanted.worlds() {
        run_world(table, wanted, name, &shape);
    }
}

/// The name of a figure, and how it is read from a score.
type Figure = (&'static str, fn(&Score) -> f64);

fn run_world(table: &mut FigureTable, wanted: &WorldSelection, name: &str, shape: &Shape) {
    let scores = of_all(wanted, name, shape);
    let worst = |what: fn(&Score) -> f64| {
        let worst = scores
            .iter()
            .max_by(|(_, a), (_, b)| what(a).total_cmp(&what(b)));
        worst.map_or((0, f64::NAN), |(seed, score)| (*seed, what(score)))
    };
    let sum = |what: fn(&Score) -> f64| scores.iter().map(|(_, score)| what(score)).sum::<f64>();
    let (seeds, days) = (wanted.seeds, shape.days);
    let label = |of: &str| format!("alerts, {name}: {of}");
    let causes = label(&format!("causes in {seeds} times {days} days"));
    table.note(causes, sum(|s| s.causes as f64), "");
    let none: [Figure; 2] = [
        ("false alarms", |s| s.wrong as f64),
        ("outages over the bound not told", |s| s.missed as f64),
    ];
    for (what, of) in none {
        table.must(label(what), sum(of), "", 0.0);
        let (seed, worst) = worst(of);
        table.note(label(&format!("{what}, worst: seed {seed}")), worst, "");
    }
    let (seed, most) = worst(|s| s.most as f64);
    let bubbles = label(&format!("most bubbles of one cause (seed {seed})"));
    table.must(bubbles, most, "", 1.0);
    let many = scores.iter().map(|(_, score)| score.many).sum::<usize>();
    table.note(label("causes with more than one bubble"), many as f64, "");
    let (seed, delay) = worst(|s| s.delay);
    let median = label(&format!("median delay (seed {seed})"));
    table.must(median, delay, "s", INTERVAL + 15.0);
    table.note(label("bubbles"), sum(|s| s.bubbles as f64), "");
    let rules = [
        ("every failure", Rule { down: 1, up: 1 }),
        ("3 failures, 2 successes", Rule { down: 3, up: 2 }),
    ];
    for (rule_name, rule) in rules {
        let plain = score_of_rule(shape, wanted.from, rule);
        let what = |of: &str| label(&format!("by {rule_name:?}, one seed: {of}"));
        table.note(what("false alarms"), plain.wrong as f64, "");
        table.note(what("not told"), plain.missed as f64, "");
        table.note(what("bubbles"), plain.bubbles as f64, "");
    }
}

/// The score of every seed, simulated on two threads.
fn of_all(wanted: &WorldSelection, name: &str, shape: &Shape) -> Vec<(u64, Score)> {
    let (next, scores) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let count = next.fetch_add(1, Ordering::Relaxed);
                    if count >= wanted.seeds {
                        return;
                    }
                    let seed = wanted.from + count;
                    let score = score(shape, seed);
                    let mut scores = scores.lock().expect("no thread panics with it");
                    scores.push((seed, score));
                    eprintln!("alerts, {name}: {} of {} seeds", scores.len(), wanted.seeds);
                }
            });
        }
    });
    let mut scores = scores.into_inner().expect("no thread panics with it");
    scores.sort_by_key(|(seed, _)| *seed);
    scores
}
