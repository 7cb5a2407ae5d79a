//! Compares the notices in a simulated world with the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::truth::{Deed, SimulatedAnswer, TrueCause, Truth, TruthPeriod};
use super::weather::{Partial, Weather};

/// A notice that a person got.
#[derive(Clone, Debug)]
pub struct ScoredNotice {
    /// The time of the notice.
    pub at: f64,
    /// The id of the bubble. Notices with one id are one bubble that changes.
    pub bubble: u64,
    /// The sources that it newly reports as down.
    pub down: Vec<usize>,
    /// The sources that it newly reports as up again.
    pub up: Vec<usize>,
    /// The bubbles that it replaces.
    pub replaces: Vec<u64>,
}

/// How well the notices describe the truth.
#[derive(Debug)]
pub struct Score {
    /// The number of sources that were reported as down and were not.
    pub wrong: usize,
    /// The number of causes that were visible for longer than the bound and were not notified while
    /// they lasted.
    pub missed: usize,
    /// The largest number of bubbles for one cause.
    pub most: usize,
    /// The number of causes with more than one bubble.
    pub many: usize,
    /// The number of causes.
    pub causes: usize,
    /// The median time from the start of a cause until its notice, in seconds.
    pub delay: f64,
    /// The number of bubbles.
    pub bubbles: usize,
}

/// True if each notice and each fault is to be printed: with `UP_BENCH_TELL` in the environment.
pub fn is_explained() -> bool {
    std::env::var_os("UP_BENCH_TELL").is_some()
}

/// How many seconds after its end an outage may still be reported, because checks and the group
/// wait take time.
const BEHIND: f64 = 60.0;
/// How many seconds after the network is back, or the machine is awake, a cause is visible.
const SETTLED: f64 = 45.0;

impl Score {
    /// The score of those notices in a world.
    pub fn of(truth: &Truth, told: &[ScoredNotice]) -> Self {
        let mut wrong = 0;
        for told in told {
            for source in &told.down {
                // An outage that ended before the machine slept is no reason for a notice after it.
                let slept = truth.slept_before(told.at).unwrap_or(0.0);
                let within = TruthPeriod {
                    from: slept.max(told.at - BEHIND),
                    to: told.at,
                };
                if !truth.is_down(*source, within) {
                    wrong += 1;
                    if is_explained() {
                        let weather = truth.weather_at(told.at);
                        let partial: Vec<_> = truth.partial_at(told.at).collect();
                        println!("wrong: {source} at {:.1}, {weather:?} {partial:?}", told.at);
                    }
                }
            }
        }
        let mut now_in: BTreeMap<u64, u64> = BTreeMap::new();
        for told in told {
            now_in.extend(told.replaces.iter().map(|id| (*id, told.bubble)));
        }
        let bubble_of = |mut id: u64| {
            for _ in 0..now_in.len() {
                id = match now_in.get(&id) {
                    Some(into) if *into != id => *into,
                    _ => break,
                };
            }
            id
        };
        let mut by_source: BTreeMap<usize, Vec<(f64, u64)>> = BTreeMap::new();
        for told in told {
            for source in &told.down {
                by_source
                    .entry(*source)
                    .or_default()
                    .push((told.at, bubble_of(told.bubble)));
            }
        }
        let notices = told;
        let (mut missed, mut most, mut many, mut delays) = (0, 0, 0, Vec::new());
        for cause in &truth.causes {
            let of_it = |(at, _): &&(f64, u64)| {
                let wide = TruthPeriod {
                    from: cause.span.from,
                    to: cause.span.to + BEHIND,
                };
                wide.has(*at)
            };
            let sources = cause.sources.iter();
            let told: Vec<(f64, u64)> = sources
                .flat_map(|source| by_source.get(source).into_iter().flatten())
                .filter(of_it)
                .copied()
                .collect();
            let bubbles: BTreeSet<u64> = told.iter().map(|(_, bubble)| *bubble).collect();
            most = most.max(bubbles.len());
            many += usize::from(bubbles.len() > 1);
            if bubbles.len() > 1 && is_explained() {
                explain(cause, &bubbles, &told);
            }
            let first = told.iter().map(|(at, _)| *at).min_by(f64::total_cmp);
            let seen = visible(truth, cause);
            let at_once = seen
                .first()
                .is_some_and(|span| span.from <= cause.span.from);
            // Where nobody could see that it was up before, a person knows it to be down still.
            let is_known = !at_once
                && cause
                    .sources
                    .iter()
                    .any(|source| stands(notices, *source, cause.span.from));
            if first.is_none()
                && !is_known
                && seen
                    .iter()
                    .any(|span| span.to - span.from >= bound(truth, cause, *span))
            {
                missed += 1;
                if is_explained() {
                    println!("missed: {cause:?}, seen {seen:?}");
                }
            }
            if let (Some(first), true) = (first, at_once) {
                delays.push(first - cause.span.from);
            }
        }
        let bubbles = told.iter().filter(|told| !told.down.is_empty());
        let bubbles: BTreeSet<u64> = bubbles.map(|told| told.bubble).collect();
        Self {
            wrong,
            missed,
            most,
            many,
            causes: truth.causes.len(),
            delay: median(delays),
            bubbles: bubbles.len(),
        }
    }
}

/// Prints the bubbles of one cause; `told`: when, and in which bubble, each source was told.
fn explain(cause: &TrueCause, bubbles: &BTreeSet<u64>, told: &[(f64, u64)]) {
    let TrueCause { span, answer, .. } = cause;
    println!("{} bubbles: {span:?} {answer:?}", bubbles.len());
    for bubble in bubbles {
        let of_it = told.iter().filter(|(_, of)| of == bubble);
        let at: Vec<f64> = of_it.map(|(at, _)| *at).collect();
        println!("  #{bubble}: {} from {:.1}", at.len(), at[0]);
    }
}

/// True when a person was told before then that the source is down, and not that it is up again.
fn stands(told: &[ScoredNotice], source: usize, then: f64) -> bool {
    let before = told.iter().take_while(|told| told.at < then);
    before.fold(false, |down, told| {
        (down || told.down.contains(&source)) && !told.up.contains(&source)
    })
}

/// The seconds added to the bound while our own link loses packets or is slow, or the references are
/// at fault: an outage can still be told from these, but later.
const NOISE: f64 = 200.0;

fn is_noise(weather: Weather) -> bool {
    matches!(weather, Weather::Loss(_) | Weather::Slow)
}

/// How many seconds a cause must be visible to be notified for certain.
fn bound(truth: &Truth, cause: &TrueCause, seen: TruthPeriod) -> f64 {
    let bounds = cause
        .sources
        .iter()
        .map(|source| truth.sources[*source].bound());
    let mut noise = truth
        .weather
        .iter()
        .filter(|(_, weather)| is_noise(*weather));
    let mut references = truth
        .partial
        .iter()
        .filter(|(_, partial)| partial.is_of_references());
    let is_hard = noise.any(|(span, _)| span.overlaps(&seen))
        || references.any(|(span, _)| span.overlaps(&seen));
    bounds.fold(f64::MAX, f64::min) + if is_hard { NOISE } else { 0.0 }
}

/// The periods in which a cause is visible: the machine is awake and our own network works.
fn visible(truth: &Truth, cause: &TrueCause) -> Vec<TruthPeriod> {
    // While a source flaps it may be up whenever it is checked.
    let mut spans = match cause.flaps {
        Some(_) => Vec::new(),
        None => vec![cause.span],
    };
    let sleeps = truth.deeds.iter();
    let sleeps = sleeps.filter(|(_, deed)| matches!(deed, Deed::Sleep(_)));
    let sleeps = sleeps.map(|(at, _)| TruthPeriod { from: *at, to: *at });
    let weather = truth
        .weather
        .iter()
        .filter(|(_, weather)| !is_noise(*weather));
    let partial = truth.partial.iter().filter(|(_, partial)| {
        let mut sources = cause.sources.iter();
        // While some names are not resolved, a name that is gone looks like one of them.
        matches!(partial, Partial::Names { .. }) && cause.answer == Some(SimulatedAnswer::NoName)
            || sources.any(|source| partial.hits(*source, &truth.sources[*source]))
    });
    let hidden = weather.map(|(span, _)| *span).chain(sleeps);
    let hidden = hidden.chain(partial.map(|(span, _)| *span));
    for gap in hidden {
        let to = gap.to + SETTLED;
        spans = spans
            .into_iter()
            .flat_map(|span| {
                let before = TruthPeriod {
                    from: span.from,
                    to: span.to.min(gap.from),
                };
                let after = TruthPeriod {
                    from: span.from.max(to),
                    to: span.to,
                };
                if gap.from >= span.to || to <= span.from {
                    vec![span]
                } else {
                    vec![before, after]
                }
            })
            .filter(|span| span.to > span.from)
            .collect();
    }
    spans
}

/// The median. NaN for an empty list.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
