//! The answers of `up why` during a scenario, and at its end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use up_core::Timestamp;
use up_core::decisions::{CODES, SummaryCode};
use up_sink::kept::complete;
use up_source::WrittenDuration;

use crate::listed::kept;
use crate::stage::{START, ScenarioStage};

/// The short answers, whenever they changed.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    last: BTreeMap<String, SummaryCode>,
    text: String,
}

impl Reasons {
    /// Reads the answer for every source, and keeps those that changed.
    pub(crate) fn look(&mut self, stage: &ScenarioStage<'_>) {
        let may_differ = |node| stage.alone.is_none_or(|alone| alone == node);
        for (node, path) in stage.leaves().filter(|(node, _)| may_differ(*node)) {
            let summary = stage.why(node).summary;
            let before = self.last.insert(path.to_owned(), summary.code);
            let is_start = before.is_none_or(|before| before == SummaryCode::Unasked);
            let is_quiet = |code| matches!(code, SummaryCode::Unasked | SummaryCode::Nothing);
            if before != Some(summary.code) && !(is_start && is_quiet(summary.code)) {
                let at = WrittenDuration(stage.now);
                let _ = writeln!(self.text, "{at} {path}: {}", summary.text);
            }
        }
    }

    /// All short answers, and the full answers at the end.
    pub(crate) fn end(mut self, stage: &ScenarioStage<'_>) -> String {
        let time = |date: Timestamp| {
            let since = Duration::try_from_secs_f64(date - START).unwrap_or_default();
            WrittenDuration(since).to_string()
        };
        let alerts = kept(&stage.log.notices);
        let why = |node| {
            let mut why = stage.why(node);
            complete(&mut why, &alerts, stage.plan.mood);
            why
        };
        let root = why(stage.world.outline().root());
        let _ = write!(self.text, "\nAt the end:\n\n{}", root.lines(time));
        for (node, _) in stage.leaves() {
            let why = why(node);
            let mut lines = why.sources.iter().flat_map(|source| &source.decisions);
            let is_told = lines.any(|line| line.notice.is_some());
            if why.summary.code == SummaryCode::Nothing && !is_told {
                continue;
            }
            for line in why.sources.iter().flat_map(|source| &source.decisions) {
                assert!(CODES.contains(&&*line.code), "{line:?} is in the list");
            }
            // With a single source that matters, the answer for the root is the same.
            if root.sources.len() != 1 {
                let _ = write!(self.text, "\n{}", why.lines(time));
            }
        }
        self.text
    }
}
