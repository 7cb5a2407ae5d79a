//! Events of the watching machine: it sleeps, its clock is set, its configuration is reloaded.

use super::kinds::WorldKind;
use super::truth::{DAY, Deed, NIGHT, Truth};

/// The events of the machine: sleep each night, and those of the world's kinds. Half of them come
/// just after something else began, so that they meet a check, a group wait or packet loss.
pub(super) fn deeds(truth: &Truth, seed: u64) -> Vec<(f64, Deed)> {
    let shape = &truth.shape;
    let mut deeds: Vec<(f64, Deed)> = (1..shape.days)
        .map(|day| (day as f64 * DAY, Deed::Sleep(NIGHT)))
        .collect();
    let begins: Vec<f64> = (truth.causes.iter().map(|cause| cause.span.from))
        .chain(truth.weather.iter().map(|(span, _)| span.from))
        .chain(truth.partial.iter().map(|(span, _)| span.from))
        .collect();
    for kind in [WorldKind::Sleep, WorldKind::Clock, WorldKind::Reload] {
        if !shape.has(kind) {
            continue;
        }
        let mut rng = shape.rng(seed, kind);
        for _ in 0..shape.days * 4 {
            let at = if rng.bool() {
                begins[rng.usize(0..begins.len())] + 60.0 * rng.f64()
            } else {
                600.0 + rng.f64() * (shape.end() - 600.0)
            };
            match kind {
                WorldKind::Sleep => {
                    deeds.push((at, Deed::Sleep(60.0 * 200.0_f64.powf(rng.f64()))));
                    if rng.bool() {
                        // Wake-ups of ten seconds each, as laptops make them to look for mail.
                        let wakes = (1..rng.usize(2..6)).map(|wake| at + 10.0 * wake as f64);
                        deeds.extend(wakes.map(|at| (at, Deed::Sleep(900.0))));
                    }
                }
                WorldKind::Clock => {
                    let by = 5.0 * 1_440.0_f64.powf(rng.f64());
                    deeds.push((at, Deed::Clock(if rng.bool() { by } else { -by })));
                }
                _ => deeds.push((at, Deed::Reload)),
            }
        }
    }
    deeds.retain(|(at, _)| *at < shape.end());
    deeds.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    deeds
}
