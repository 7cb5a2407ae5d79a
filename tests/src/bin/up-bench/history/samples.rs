//! The samples of a history of many paths, generated from a seed: dates some milliseconds off, durations
//! as those of a network are spread, a slow one now and then, and an outage of some minutes every day or
//! two.

use std::sync::Arc;

use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};

/// A check a minute.
pub(crate) const INTERVAL: f64 = 60.0;
pub(crate) const DAY: f64 = 86_400.0;
/// All generated histories end at this time: 1 November 2026, midnight in UTC.
pub(crate) const END: f64 = 1_793_491_200.0;
/// The days of the path that has a year.
pub(crate) const YEAR: u32 = 365;
/// The paths beside it.
pub(crate) const PATHS: usize = 100;

/// The path that has a year.
pub(crate) const LONG_PATH: &str = "/Root/Office/long";

/// A path: how long its checks take, how much that varies, and how often it falls.
struct GeneratedPath {
    path: Arc<str>,
    typical: f64,
    variation: f64,
    outages: u32,
    /// How many more checks the present outage lasts.
    left: u32,
    cause: Cause,
}

impl GeneratedPath {
    fn new(random: &mut fastrand::Rng, path: String) -> Self {
        let cause = match random.u32(0..3) {
            0 => Cause::new(CauseCode::Timeout, "no answer within 10 s"),
            1 => Cause::new(CauseCode::Refused, "connection refused"),
            _ => Cause::new(CauseCode::HttpStatus, "503 Service Unavailable"),
        };
        Self {
            path: path.into(),
            typical: 10_f64.powf(random.f64() * 2.0 - 2.0),
            variation: 0.1 + random.f64() * 0.3,
            outages: random.u32(500..3_000),
            left: 0,
            cause,
        }
    }

    fn record(&mut self, random: &mut fastrand::Rng, minute: f64) -> Arc<Record> {
        let normal: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        let slow = if random.u32(0..500) == 0 { 10.0 } else { 1.0 };
        if random.u32(0..self.outages) == 0 {
            self.left = random.u32(2..30);
        }
        let is_down = self.left > 0;
        self.left = self.left.saturating_sub(1);
        let is_unknown = random.u32(0..5_000) == 0;
        let status = if is_down { Status::DOWN } else { Status::UP };
        Arc::new(Record {
            path: Arc::clone(&self.path),
            kind: Kind("http"),
            sample: Sample {
                status: (!is_unknown).then_some(status),
                date: minute + f64::from(random.u32(0..20)) / 1e3,
                duration: self.typical * (normal * self.variation).exp() * slow,
                cause: (is_down && !is_unknown).then(|| self.cause.clone()),
                detail: Detail::default(),
            },
        })
    }
}

/// A history of [`PATHS`] paths over some days, and of one path over a year.
pub(crate) struct GeneratedHistory {
    random: fastrand::Rng,
    long: GeneratedPath,
    others: Vec<GeneratedPath>,
    days: u32,
    minute: u32,
}

impl GeneratedHistory {
    pub(crate) fn new(seed: u64, days: u32) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let long = GeneratedPath::new(&mut random, LONG_PATH.into());
        let others = (0..PATHS)
            .map(|number| {
                let path = format!("/Root/Room {}/source {number:02}", number % 10);
                GeneratedPath::new(&mut random, path)
            })
            .collect();
        Self {
            random,
            long,
            others,
            days: days.min(YEAR),
            minute: 0,
        }
    }

    /// A history of the path with a year alone.
    pub(crate) fn of_long_path(seed: u64) -> Self {
        Self::new(seed, 0)
    }

    /// How many samples it has.
    pub(crate) fn samples(&self) -> u64 {
        let minutes = u64::from(YEAR) * MINUTES;
        minutes + u64::from(self.days) * MINUTES * PATHS as u64
    }
}

/// Of a day.
const MINUTES: u64 = 24 * 60;

impl Iterator for GeneratedHistory {
    /// The samples of a minute, or of as many minutes as make a hundred samples.
    type Item = Vec<Arc<Record>>;

    fn next(&mut self) -> Option<Self::Item> {
        let minutes = YEAR * MINUTES as u32;
        let mut records = Vec::new();
        while self.minute < minutes && records.len() < PATHS {
            let at = END - f64::from(minutes - self.minute) * INTERVAL;
            records.push(self.long.record(&mut self.random, at));
            if self.minute >= (YEAR - self.days) * MINUTES as u32 {
                for (number, path) in self.others.iter_mut().enumerate() {
                    // Spread over the minute, as the scheduler spreads them.
                    let begin = at + number as f64 * INTERVAL / PATHS as f64;
                    records.push(path.record(&mut self.random, begin));
                }
            }
            self.minute += 1;
        }
        (!records.is_empty()).then_some(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_that_of_its_seed() {
        let all = |seed| -> Vec<_> { GeneratedHistory::new(seed, 1).flatten().collect() };
        let (one, again, other) = (all(1), all(1), all(2));
        assert_eq!(one.len(), (365 + PATHS) * 1_440);
        assert!(one.is_sorted_by(|a, b| a.sample.date < b.sample.date + 1.0));
        let same = |a: &[Arc<Record>], b: &[Arc<Record>]| {
            a.iter().zip(b).all(|(a, b)| {
                a.path == b.path && a.sample.duration.to_bits() == b.sample.duration.to_bits()
            })
        };
        assert!(same(&one, &again) && !same(&one, &other));
        assert_eq!(GeneratedHistory::new(1, 70).samples(), 10_605_600);
    }
}
