//! What was told, held against what was true.

use std::collections::{BTreeMap, BTreeSet};

use super::BOUND;
use super::truth::{Cause, DAY, DAYS, Span, Truth};
use crate::table::median;

/// Something that a person was told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub at: f64,
    /// Bubbles of one id are one bubble that changes.
    pub bubble: u64,
    /// Who is said to be down that was not said to be before.
    pub down: Vec<usize>,
}

/// How well it was told.
#[derive(Debug)]
pub(crate) struct Score {
    /// Sources said to be down that were not.
    pub wrong: usize,
    /// Causes that could be seen for longer than the bound, and were not told while they lasted.
    pub missed: usize,
    /// The most bubbles that one cause made.
    pub most: usize,
    /// The median time from the beginning of a cause until it was told, in seconds.
    pub delay: f64,
    pub bubbles: usize,
}

/// True when each notice and each fault is to be printed: with `UP_BENCH_TELL` in the environment.
pub(crate) fn is_explained() -> bool {
    std::env::var_os("UP_BENCH_TELL").is_some()
}

/// A source may be said to be down so long after it was: it was asked, and others were waited for.
const BEHIND: f64 = 60.0;
/// So long after the network is back, or the machine awake, a cause can be seen.
const SETTLED: f64 = 45.0;

impl Score {
    pub(crate) fn of(truth: &Truth, told: &[Told]) -> Self {
        let mut wrong = 0;
        for told in told {
            for source in &told.down {
                let within = Span {
                    from: told.at - BEHIND,
                    to: told.at,
                };
                if !truth.is_down(*source, within) {
                    wrong += 1;
                    if is_explained() {
                        let weather = truth.weather_at(told.at);
                        println!("wrong: {source} at {:.1}, {weather:?}", told.at);
                    }
                }
            }
        }
        let mut by_source: BTreeMap<usize, Vec<(f64, u64)>> = BTreeMap::new();
        for told in told {
            for source in &told.down {
                by_source
                    .entry(*source)
                    .or_default()
                    .push((told.at, told.bubble));
            }
        }
        let (mut missed, mut most, mut delays) = (0, 0, Vec::new());
        for cause in &truth.causes {
            let of_it = |(at, _): &&(f64, u64)| {
                let wide = Span {
                    from: cause.span.from,
                    to: cause.span.to + BEHIND,
                };
                wide.has(*at)
            };
            let sources = cause.sources.clone();
            let told: Vec<(f64, u64)> = sources
                .flat_map(|source| by_source.get(&source).into_iter().flatten())
                .filter(of_it)
                .copied()
                .collect();
            let bubbles: BTreeSet<u64> = told.iter().map(|(_, bubble)| *bubble).collect();
            most = most.max(bubbles.len());
            if bubbles.len() > 1 && is_explained() {
                println!(
                    "{} bubbles: {cause:?} {:?}",
                    bubbles.len(),
                    &told[..told.len().min(6)]
                );
            }
            let first = told.iter().map(|(at, _)| *at).min_by(f64::total_cmp);
            let seen = visible(truth, cause);
            if first.is_none() && seen.iter().any(|span| span.to - span.from >= BOUND) {
                missed += 1;
                if is_explained() {
                    println!("missed: {cause:?}, seen {seen:?}");
                }
            }
            let at_once = seen
                .first()
                .is_some_and(|span| span.from <= cause.span.from);
            if let (Some(first), true) = (first, at_once) {
                delays.push(first - cause.span.from);
            }
        }
        let bubbles: BTreeSet<u64> = told.iter().map(|told| told.bubble).collect();
        Self {
            wrong,
            missed,
            most,
            delay: median(delays),
            bubbles: bubbles.len(),
        }
    }
}

/// When a cause can be seen: we are awake, and our own network is there.
fn visible(truth: &Truth, cause: &Cause) -> Vec<Span> {
    // While it flaps it may be up whenever it is asked.
    let mut spans = match cause.flaps {
        Some(_) => Vec::new(),
        None => vec![cause.span],
    };
    let nights = (1..DAYS)
        .map(|day| day as f64 * DAY)
        .map(|at| Span { from: at, to: at });
    let hidden = truth.weather.iter().map(|(span, _)| *span).chain(nights);
    for gap in hidden {
        let to = gap.to + SETTLED;
        spans = spans
            .into_iter()
            .flat_map(|span| {
                let before = Span {
                    from: span.from,
                    to: span.to.min(gap.from),
                };
                let after = Span {
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
