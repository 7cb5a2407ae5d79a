//! The answers of references and of the resolver in the simulated world, and what the answer of a
//! source means to the watch.

use up_core::connectivity::{ConnectivityEvent, ReferenceAnswer, ReferenceRequest};
use up_core::{Cause, CauseCode, Detail, Sample, Status};

use super::truth::{SimulatedAnswer, TruthPeriod, trip_of};
use super::watching::SimulationRun;
use super::weather::{Partial, Weather};

/// How long answers of references and of the resolver are awaited, in seconds.
const PATIENCE: f64 = 3.0;

impl SimulationRun<'_> {
    /// What a status page that gave that answer reports of a component. As in the engine, nothing
    /// is known of the components while their page fails.
    pub(super) fn reported(&self, part: usize, answer: SimulatedAnswer, began: f64) -> Sample {
        let (date, took) = (self.wall() - (self.now - began), self.now - began);
        let mut reported = sample(answer, date, took);
        let span = TruthPeriod {
            from: began,
            to: began + 0.001,
        };
        if answer != SimulatedAnswer::Up {
            reported.status = None;
        } else if self.truth.is_down(part, span) {
            reported = sample(SimulatedAnswer::Refused, date, took);
            reported.cause = Some(Cause::new(CauseCode::Reported, "major outage"));
        }
        reported
    }

    /// The outcome of a request that is sent now, and after how many seconds it comes.
    pub(super) fn reply(&mut self, question: ReferenceRequest) -> (ConnectivityEvent, f64) {
        let weather = self.truth.weather_at(self.now);
        let partial: Vec<Partial> = self.truth.partial_at(self.now).collect();
        let has = |what: Partial| partial.contains(&what);
        let (group, mut replies) = match question {
            ReferenceRequest::Group(group) => (Some(group), replies(weather)),
            ReferenceRequest::Resolver => (None, Vec::new()),
        };
        let mut resolver = matches!(weather, None | Some(Weather::Portal));
        let mut took = match weather {
            None | Some(Weather::Portal) => 0.1,
            Some(Weather::NoLink) => 0.01,
            Some(_) => PATIENCE,
        };
        if let Some(Weather::Loss(share)) = weather {
            let mut answers = |trips: usize| {
                let takes: f64 = (0..trips)
                    .map(|trip| trip_of(&mut self.rng, share, trip == 0))
                    .sum();
                takes < PATIENCE
            };
            resolver = answers(1);
            for (reply, trips) in replies.iter_mut().zip([3, 1]) {
                *reply = if answers(trips) {
                    ReferenceAnswer::Answered
                } else {
                    ReferenceAnswer::Silent
                };
            }
        }
        if weather == Some(Weather::Slow) {
            let mut answers = || self.rng.f64() * 1.1 < 1.0;
            resolver = answers();
            for reply in &mut replies {
                *reply = if answers() {
                    ReferenceAnswer::Answered
                } else {
                    ReferenceAnswer::Silent
                };
            }
        }
        // A portal answers in place of references that are down.
        if group == Some(0) && weather != Some(Weather::Portal) {
            for reply in &mut replies {
                if has(Partial::Silent) || (has(Partial::Late) && self.rng.bool()) {
                    (*reply, took) = (ReferenceAnswer::Silent, PATIENCE);
                } else if has(Partial::Wrong) && *reply == ReferenceAnswer::Answered {
                    *reply = ReferenceAnswer::Wrong;
                }
            }
        }
        if group == Some(1) {
            replies.truncate(1);
            if partial
                .iter()
                .any(|partial| matches!(partial, Partial::Vpn { .. }))
            {
                (replies[0], took) = (ReferenceAnswer::Silent, PATIENCE);
            }
        }
        let news = ConnectivityEvent::Answers {
            group,
            replies,
            resolver: Some(resolver),
        };
        (news, took)
    }
}

/// The answers of a reference by name and of one by address.
fn replies(weather: Option<Weather>) -> Vec<ReferenceAnswer> {
    match weather {
        None => vec![ReferenceAnswer::Answered; 2],
        Some(Weather::Portal) => vec![ReferenceAnswer::Wrong; 2],
        Some(Weather::SlowDns) => vec![ReferenceAnswer::Silent, ReferenceAnswer::Answered],
        Some(Weather::NoLink | Weather::NoInternet | Weather::Loss(_) | Weather::Slow) => {
            vec![ReferenceAnswer::Silent; 2]
        }
    }
}

pub(super) fn sample(answer: SimulatedAnswer, date: f64, duration: f64) -> Sample {
    let cause = match answer {
        SimulatedAnswer::Up => None,
        SimulatedAnswer::Refused => Some(CauseCode::Refused),
        SimulatedAnswer::Silent => Some(CauseCode::Timeout),
        SimulatedAnswer::NoRoute => Some(CauseCode::Unreachable),
        SimulatedAnswer::NoName => Some(CauseCode::Dns),
        SimulatedAnswer::Stranger | SimulatedAnswer::Expired => Some(CauseCode::Tls),
    };
    Sample {
        status: Status::new(if cause.is_none() { 1.0 } else { 0.0 }),
        date,
        duration,
        cause: cause.map(|code| Cause::new(code, "made up")),
        detail: Detail::new(),
    }
}
