//! The outcome of a scenario in the format of its file, and its differences from what is expected.

use std::time::Duration;

use up_core::alert::Member;
use up_core::{Change, Level, Notice, Verdict};
use up_source::WrittenDuration;

/// The outcome of a scenario.
#[derive(Debug, Default)]
pub(crate) struct ScenarioLog {
    /// One line for each change of a verdict.
    pub(crate) changes: Vec<String>,
    /// One line for each notice.
    pub(crate) told: Vec<String>,
    /// The notices themselves.
    pub(crate) notices: Vec<Notice>,
    /// The ids of the notices in the order of their first appearance: `#1` is the first.
    ids: Vec<u64>,
}

impl ScenarioLog {
    /// Adds a line such as `1m5s web u>d`.
    pub(crate) fn changed(&mut self, at: Duration, change: &Change) {
        let (from, to) = (letter(change.from), letter(change.to));
        self.changes.push(format!(
            "{} {} {from}>{to}",
            WrittenDuration(at),
            short(&change.path)
        ));
    }

    /// Adds a line such as `1m6s down #1 a b +c +d! @t 3/4 over #2 behind 5`: the sources that are
    /// down and that are back (`!` if that happened while Up was off), the common cause if it is
    /// another node, how many of how many are down, the incident that it takes over, and how many
    /// sources depend on it.
    pub(crate) fn told(&mut self, at: Duration, notice: &Notice) {
        let mut line = format!(
            "{} {} {}",
            WrittenDuration(at),
            notice.kind.name(),
            self.id(notice.id)
        );
        let member = |member: &Member| match member.until {
            None => format!(" {}", short(&member.path)),
            Some(_) if member.off.is_some() => format!(" +{}!", short(&member.path)),
            Some(_) => format!(" +{}", short(&member.path)),
        };
        line.extend(notice.members.iter().map(member));
        if notice.members.iter().all(|m| m.path != notice.path) {
            line.extend([format!(" @{}", short(&notice.path))]);
        }
        if let Some(all) = notice.among {
            line.extend([format!(" {}/{all}", notice.open().count())]);
        }
        for id in &notice.replaces {
            line.extend([format!(" over {}", self.id(*id))]);
        }
        if notice.behind > 0 {
            line.extend([format!(" behind {}", notice.behind)]);
        }
        self.told.push(line);
        self.notices.push(notice.clone());
    }

    fn id(&mut self, id: u64) -> String {
        let known = self.ids.iter().position(|known| *known == id);
        let at = known.unwrap_or_else(|| {
            self.ids.push(id);
            self.ids.len() - 1
        });
        format!("#{}", at + 1)
    }
}

/// The path without its root. `/` for the root itself.
fn short(path: &str) -> &str {
    path.get(1..)
        .and_then(|path| path.split_once('/'))
        .map_or("/", |(_, rest)| rest)
}

fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Unasked => '-',
        Verdict::Unknown => '?',
        Verdict::Flapping => '~',
        Verdict::At(Level::Up) => 'u',
        Verdict::At(Level::MostlyUp) => 'm',
        Verdict::At(Level::Half) => 'h',
        Verdict::At(Level::MostlyDown) => 'l',
        Verdict::At(Level::Down) => 'd',
    }
}

/// The expected lines that are missing and the lines that were not expected, in order.
pub(crate) fn difference(what: &str, expected: &[String], came: &[String]) -> Vec<String> {
    if expected == came {
        return Vec::new();
    }
    let mut lines = vec![format!("  {what} (- expected, + came):")];
    let mut rest = came.iter().peekable();
    for wanted in expected {
        if rest.clone().any(|line| line == wanted) {
            while let Some(line) = rest.next_if(|line| *line != wanted) {
                lines.push(format!("  + {line}"));
            }
            lines.extend(rest.next().map(|line| format!("    {line}")));
        } else {
            lines.push(format!("  - {wanted}"));
        }
    }
    lines.extend(rest.map(|line| format!("  + {line}")));
    lines
}
