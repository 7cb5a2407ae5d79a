//! What people are told in thirty days: a made-up world with true outages and with all that looks
//! like one, watched by the very watch that the engine drives, and by the plain rules of others.
//! Nothing waits and nothing is asked; the seed is always the same.

mod ours;
mod plain;
mod score;
mod truth;

use crate::table::Table;
use plain::Rule;
use score::Score;
use truth::Truth;

const SEED: u64 = 20_260;
/// What every source is asked within, in seconds.
const INTERVAL: f64 = 30.0;
/// An outage that can be seen for so long without a break must be told: an interval, two tries that
/// time out after 10 s each, the pause between them, and 10 s to gather what falls with it; and half
/// as much again.
const BOUND: f64 = 100.0;

pub(crate) fn run(table: &mut Table) {
    let truth = Truth::new(SEED);
    let true_outages = truth.causes.len() as f64;
    table.note("alerts: causes in 30 days, 200 sources", true_outages, "");
    let ours = Score::of(&truth, &ours::told(&truth));
    table.must("alerts: false alarms", ours.wrong as f64, "", 0.0);
    table.must(
        "alerts: outages over the bound not told",
        ours.missed as f64,
        "",
        0.0,
    );
    table.must(
        "alerts: most bubbles of one cause",
        ours.most as f64,
        "",
        1.0,
    );
    table.must("alerts: median delay", ours.delay, "s", INTERVAL + 15.0);
    table.note("alerts: bubbles", ours.bubbles as f64, "");
    let rules = [
        ("every failure", Rule { down: 1, up: 1 }),
        ("3 failures, 2 successes", Rule { down: 3, up: 2 }),
    ];
    for (name, rule) in rules {
        let plain = Score::of(&truth, &plain::told(&truth, rule));
        let what = |of: &str| format!("alerts by {name:?}: {of}");
        table.note(what("false alarms"), plain.wrong as f64, "");
        table.note(what("not told"), plain.missed as f64, "");
        table.note(what("most bubbles of one cause"), plain.most as f64, "");
        table.note(what("median delay"), plain.delay, "s");
        table.note(what("bubbles"), plain.bubbles as f64, "");
    }
}
