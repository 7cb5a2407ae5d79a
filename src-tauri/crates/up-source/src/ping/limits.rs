//! How much loss and how long a round trip are still good.

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::{CauseCode, CheckResult, Status, phrase};

use crate::{ConfigProblem, WrittenDuration};

/// Limits for the loss in percent, 0 to 100. `warn` must not be above `crit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossLimits {
    /// With more loss than this, the source is half up (0.5): `20`. Default: no limit.
    pub warn: Option<f64>,
    /// With more loss than this, the source is down: `60`. Default: no limit.
    pub crit: Option<f64>,
}

/// Limits for the mean round-trip time. `warn` must not be above `crit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeLimits {
    /// With a longer time than this, the source is half up (0.5): `"100ms"`. Default: no limit.
    pub warn: Option<WrittenDuration>,
    /// With a longer time than this, the source is down: `"1s"`. Default: no limit.
    pub crit: Option<WrittenDuration>,
}

/// Both, ready to judge: percent and seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    loss: ThresholdPair,
    time: ThresholdPair,
}

#[derive(Clone, Copy, Debug, Default)]
struct ThresholdPair {
    warn: Option<f64>,
    crit: Option<f64>,
}

impl Limits {
    /// Reads both keys.
    pub(super) fn new(
        loss: Option<&LossLimits>,
        time: Option<&TimeLimits>,
    ) -> Result<Self, ConfigProblem> {
        let loss = loss.copied().unwrap_or_default();
        let percent = |value: &f64| (0.0..=100.0).contains(value);
        if ![loss.warn, loss.crit].iter().flatten().all(percent) {
            let problem = ConfigProblem::new("loss", "this is no percentage");
            return Err(problem.help("write numbers from 0 to 100, like { warn = 20, crit = 60 }"));
        }
        let time = time.copied().unwrap_or_default();
        let seconds = |WrittenDuration(time)| time.as_secs_f64();
        let time = ThresholdPair {
            warn: time.warn.map(seconds),
            crit: time.crit.map(seconds),
        };
        let loss = ThresholdPair {
            warn: loss.warn,
            crit: loss.crit,
        };
        for (key, pair) in [("loss", loss), ("rtt", time)] {
            if let (Some(warn), Some(crit)) = (pair.warn, pair.crit)
                && warn > crit
            {
                let problem =
                    ConfigProblem::new(key, "`warn` is above `crit`, so it could never warn");
                return Err(problem.help("change the two for each other"));
            }
        }
        Ok(Self { loss, time })
    }

    /// Judges so many percent lost, and a mean round trip of so many seconds.
    pub(super) fn judge(&self, lost: f64, mean: f64) -> CheckResult {
        let share = || format!("{lost:.0} % of the requests were lost");
        let time = || {
            let took = phrase::seconds(mean).unwrap_or_else(|| "0s".into());
            format!("a round trip took {took}")
        };
        let words = |lost: bool| if lost { share() } else { time() };
        let tests = [
            (self.loss.crit, lost, "loss.crit"),
            (self.time.crit, mean, "rtt.crit"),
            (self.loss.warn, lost, "loss.warn"),
            (self.time.warn, mean, "rtt.warn"),
        ];
        let exceeded =
            |(limit, value, _): &&(Option<f64>, f64, _)| limit.is_some_and(|limit| *value > limit);
        let Some((_, _, key)) = tests.iter().find(exceeded) else {
            return CheckResult::up();
        };
        let text = format!("{}, more than {key} allows", words(key.starts_with("loss")));
        if key.ends_with("crit") {
            return CheckResult::down(CauseCode::Expect, text);
        }
        let half = Status::HALF;
        CheckResult::degraded(half, CauseCode::Expect, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(loss: [Option<f64>; 2], time: [Option<&str>; 2]) -> Result<Limits, ConfigProblem> {
        let [warn, crit] = loss;
        let [early, late] = time.map(|text| text.map(|text| text.parse().expect("a duration")));
        let time = TimeLimits {
            warn: early,
            crit: late,
        };
        Limits::new(Some(&LossLimits { warn, crit }), Some(&time))
    }

    #[test]
    fn the_worst_that_is_exceeded_is_told() {
        let both = limits([Some(20.0), Some(60.0)], [Some("100ms"), Some("1s")]);
        let both = both.expect("usable limits");
        let check = |lost: f64, mean: f64, expected: f64, words: &str| {
            let answer = both.judge(lost, mean);
            assert_eq!(answer.status, Status::new(expected), "{lost} % in {mean} s");
            let text = answer.cause.map(|cause| cause.text).unwrap_or_default();
            assert!(text.contains(words), "{text:?} says {words:?}");
        };
        check(0.0, 0.01, 1.0, "");
        check(20.0, 0.1, 1.0, "");
        check(
            33.3,
            0.01,
            0.5,
            "33 % of the requests were lost, more than loss.warn",
        );
        check(
            0.0,
            0.15,
            0.5,
            "a round trip took 0.15s, more than rtt.warn",
        );
        check(66.6, 0.15, 0.0, "loss.crit");
        check(33.3, 2.0, 0.0, "rtt.crit");
    }

    #[test]
    fn limits_that_cannot_be_are_refused() {
        let check = |loss, time, expected: Option<&str>| {
            let found = limits(loss, time).err().map(|problem| problem.key);
            assert_eq!(found, expected, "{loss:?} {time:?}");
        };
        check([None, None], [None, None], None);
        check([Some(101.0), None], [None, None], Some("loss"));
        check([Some(60.0), Some(20.0)], [None, None], Some("loss"));
        check([None, None], [Some("1s"), Some("10ms")], Some("rtt"));
        check([None, None], [Some("1m"), Some("59s")], Some("rtt"));
        check([None, None], [Some("59s"), Some("1m")], None);
    }
}
