//! What references and the resolver answer in the simulated world, and what a source's answer is to
//! the watch.

use up_core::guard::{News, Question, Reply};
use up_core::{Cause, CauseCode, Detail, Sample, Status};

use super::truth::{Answer, trip_of};
use super::watching::Run;
use super::weather::{Partial, Weather};

/// How long references and the resolver are waited for.
const PATIENCE: f64 = 3.0;

impl Run<'_> {
    /// What comes of a question that is put now, and how soon.
    pub(super) fn reply(&mut self, question: Question) -> (News, f64) {
        let weather = self.truth.weather_at(self.now);
        let partial: Vec<Partial> = self.truth.partial_at(self.now).collect();
        let has = |what: Partial| partial.contains(&what);
        let (circle, mut replies) = match question {
            Question::Circle(circle) => (Some(circle), replies(weather)),
            Question::Resolver => (None, Vec::new()),
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
                    Reply::Answered
                } else {
                    Reply::Silent
                };
            }
        }
        if weather == Some(Weather::Slow) {
            let mut answers = || self.rng.f64() * 1.1 < 1.0;
            resolver = answers();
            for reply in &mut replies {
                *reply = if answers() {
                    Reply::Answered
                } else {
                    Reply::Silent
                };
            }
        }
        // A portal answers in the place of references that are down.
        if circle == Some(0) && weather != Some(Weather::Portal) {
            for reply in &mut replies {
                if has(Partial::Silent) || (has(Partial::Late) && self.rng.bool()) {
                    (*reply, took) = (Reply::Silent, PATIENCE);
                } else if has(Partial::Wrong) && *reply == Reply::Answered {
                    *reply = Reply::Wrong;
                }
            }
        }
        if circle == Some(1) {
            replies.truncate(1);
            if partial
                .iter()
                .any(|partial| matches!(partial, Partial::Vpn { .. }))
            {
                (replies[0], took) = (Reply::Silent, PATIENCE);
            }
        }
        let news = News::Answers {
            circle,
            replies,
            resolver: Some(resolver),
        };
        (news, took)
    }
}

/// What a reference by name and one by address say.
fn replies(weather: Option<Weather>) -> Vec<Reply> {
    match weather {
        None => vec![Reply::Answered; 2],
        Some(Weather::Portal) => vec![Reply::Wrong; 2],
        Some(Weather::SlowDns) => vec![Reply::Silent, Reply::Answered],
        Some(Weather::NoLink | Weather::NoInternet | Weather::Loss(_) | Weather::Slow) => {
            vec![Reply::Silent; 2]
        }
    }
}

pub(super) fn sample(answer: Answer, date: f64, duration: f64) -> Sample {
    let cause = match answer {
        Answer::Up => None,
        Answer::Refused => Some(CauseCode::Refused),
        Answer::Silent => Some(CauseCode::Timeout),
        Answer::NoRoute => Some(CauseCode::Unreachable),
        Answer::NoName => Some(CauseCode::Dns),
        Answer::Stranger | Answer::Expired => Some(CauseCode::Tls),
    };
    Sample {
        status: Status::new(if cause.is_none() { 1.0 } else { 0.0 }),
        date,
        duration,
        cause: cause.map(|code| Cause::new(code, "made up")),
        detail: Detail::new(),
    }
}
