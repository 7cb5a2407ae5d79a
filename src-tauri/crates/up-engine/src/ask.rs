//! One check of one source: its date, its duration, and a deadline that holds even when the source
//! misses its own.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};
use up_core::{CauseCode, CheckResult, Hold, ReportedComponents, Sample};
use up_source::{CheckContext, Source};

use crate::clock;

/// A source ends its check by the deadline itself, with a better cause. The engine stops waiting
/// this much later.
const BACKSTOP: Duration = Duration::from_millis(60);

/// The outcome of one check.
#[derive(Debug)]
pub(crate) struct CheckOutcome {
    /// The number of the source's probe in the plan.
    pub(crate) probe: usize,
    /// How long the check took. The duration of the sample may be another one.
    pub(crate) took: Duration,
    /// The sample to record.
    pub(crate) sample: Sample,
    /// The name that the source reported for itself.
    pub(crate) name: Option<Box<str>>,
    /// Why the source reported that it is not to be scored now.
    pub(crate) hold: Option<Hold>,
    /// The components that the source reported.
    pub(crate) components: Option<ReportedComponents>,
    /// For how long another check would find nothing new.
    pub(crate) rest: Option<Duration>,
    /// True if the source was not contacted and repeats an earlier result.
    pub(crate) echo: bool,
}

/// Checks a source once. `probe` is the number of its probe in the plan.
pub(crate) async fn check(probe: usize, source: &dyn Source, timeout: Duration) -> CheckOutcome {
    let (date, start) = (clock::now(), Instant::now());
    let context = CheckContext {
        deadline: start + timeout,
        timeout,
    };
    let check = AssertUnwindSafe(source.check(&context)).catch_unwind();
    let answer = match timeout_at(context.deadline + BACKSTOP, check).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_panic)) => CheckResult::unknown(
            CauseCode::Internal,
            "the check itself failed: please report this as a defect of Up",
        ),
        Err(_elapsed) => CheckResult::down(
            CauseCode::Timeout,
            format!(
                "no whole answer within {}",
                up_core::phrase::seconds(timeout.as_secs_f64()).unwrap_or_default()
            ),
        ),
    };
    let CheckResult {
        status,
        cause,
        detail,
        name,
        hold,
        components,
        took: recorded,
        rest,
        echo,
    } = answer;
    let took = start.elapsed();
    CheckOutcome {
        probe,
        took,
        sample: Sample {
            status,
            date,
            duration: recorded.unwrap_or(took).as_secs_f64(),
            cause,
            detail,
        },
        name,
        hold,
        components,
        rest,
        echo,
    }
}
