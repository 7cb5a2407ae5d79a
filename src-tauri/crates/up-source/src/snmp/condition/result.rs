//! The results of the conditions on SNMP objects, and the check result that they amount to.

use up_core::{CauseCode, CheckResult, Status};

/// The result of one condition, with the text of its cause.
#[derive(Debug)]
pub(super) enum ConditionResult {
    Fine,
    Unknown(CauseCode, String),
    Warn(String),
    Down(String),
}

/// The result of all conditions: that of the worst. Its cause names every condition that is not
/// met, the worst first.
pub(super) fn worst(mut results: Vec<ConditionResult>) -> CheckResult {
    // The sort is stable, so that equal results stay in the order of up.toml.
    results.sort_by_key(|result| std::cmp::Reverse(result.rank()));
    let texts: Vec<&str> = results.iter().filter_map(ConditionResult::text).collect();
    let text = texts.join("; ");
    match results.first() {
        None | Some(ConditionResult::Fine) => CheckResult::up(),
        Some(ConditionResult::Unknown(code, _)) => CheckResult::unknown(*code, text),
        Some(ConditionResult::Warn(_)) => {
            let half = Status::HALF;
            CheckResult::degraded(half, CauseCode::Expect, text)
        }
        Some(ConditionResult::Down(_)) => CheckResult::down(CauseCode::Expect, text),
    }
}

impl ConditionResult {
    fn rank(&self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Unknown(..) => 1,
            Self::Warn(_) => 2,
            Self::Down(_) => 3,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Fine => None,
            Self::Unknown(_, text) | Self::Warn(text) | Self::Down(text) => Some(text),
        }
    }
}
