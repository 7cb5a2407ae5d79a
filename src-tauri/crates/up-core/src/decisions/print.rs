//! The text of `up why`.

use std::fmt::Write as _;

use super::answer::{ExplainedSource, Explanation};
use crate::line::one_line;
use crate::sample::Timestamp;

/// The longest printed sentence, in bytes. The answer comes from another process.
const LONGEST: usize = 4_000;

impl Explanation {
    /// The summary, then the decisions about the one source that matters, or the summaries of
    /// several sources. `time` formats the time of a decision.
    pub fn lines(&self, time: impl Fn(Timestamp) -> String) -> String {
        let clean = |text: &str| one_line(text, LONGEST);
        let said = |path: &str, text: &str| format!("{}: {}", clean(path), clean(text));
        let mut text = said(&self.path, &self.summary.text) + "\n";
        for trouble in &self.troubles {
            let _ = writeln!(text, "Notices are in trouble: {}", clean(trouble));
        }
        if let [source] = &*self.sources {
            if source.path != self.path {
                text.push_str(&(said(&source.path, &source.summary.text) + "\n"));
            }
            for line in &source.decisions {
                let _ = writeln!(text, "    {} {}", time(line.date), clean(&line.text));
                for delivery in line.notice.iter().flat_map(|notice| &notice.deliveries) {
                    let _ = writeln!(text, "        {}", clean(&delivery.line(&time)));
                }
            }
            return text;
        }
        for ExplainedSource { path, summary, .. } in &self.sources {
            let _ = writeln!(text, "    {}", said(path, &summary.text));
        }
        if self.left_out > 0 {
            let _ = writeln!(text, "    … and {} more", self.left_out);
        }
        if !self.sources.is_empty() {
            text.push_str("`up why` of one of these paths tells the decisions about it.\n");
        }
        text
    }
}
