//! Everything that is known of a source when somebody asks why, and who asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::answer::{ExplainedSource, Explanation};
use super::{Summary, SummaryCode};
use crate::control::words as times;
use crate::hold::Hold;
use crate::journal::Decision;
use crate::judge::{Beginning, Rules, Verdict};
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::world::{NodeState, World};

/// The largest number of a tree's sources that an answer contains.
const SHOWN: usize = 10;
/// The largest number of decisions of each source in an answer about several.
const LAST: usize = 10;

/// What is known of a source besides its decisions, at the moment of asking.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, and none excludes another"
)]
pub(crate) struct ExplainedControls {
    /// True when people were notified of the source and not yet of its recovery.
    pub(crate) is_told: bool,
    /// True when the source's fall waits to be notified.
    pub(crate) is_waiting: bool,
    /// Set when no notices are sent about the source: whether everything is muted, and until when.
    pub(crate) silenced: Option<(bool, Option<Timestamp>)>,
    /// True when the source's outage is acknowledged.
    pub(crate) is_known: bool,
    /// When the pause of the source was set.
    pub(crate) paused: Option<Timestamp>,
    /// When the open maintenance window closes.
    pub(crate) maintenance: Option<Timestamp>,
    /// The path of the dependency that holds the source.
    pub(crate) blocker: Option<Arc<str>>,
    /// True when the source's verdict is alertable.
    pub(crate) alertable: bool,
}

/// One source and the person who asks about it.
pub(crate) struct SourceReading<'w> {
    pub(crate) path: &'w str,
    pub(crate) state: &'w NodeState,
    pub(crate) rules: Rules,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) standing: ExplainedControls,
    pub(crate) reader: &'w ReaderContext,
}

/// The mood and time zone of the person who asks, and the time.
pub(crate) struct ReaderContext {
    pub(crate) mood: Mood,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}

impl ReaderContext {
    /// A past time: `14:02`, `yesterday 23:50`.
    pub(super) fn time(&self, time: Timestamp) -> String {
        times::since(time, self.now, &self.zone)
    }

    /// `since 14:02`, or `at least since 14:02`.
    pub(super) fn since(&self, began: Beginning) -> String {
        began.since(&self.time(began.date))
    }

    /// The beginning of something that is over: `from 14:02`, or `from 14:02 or earlier`.
    pub(super) fn from(&self, began: Beginning) -> String {
        let earlier = if began.is_observed { "" } else { " or earlier" };
        format!("from {}{earlier}", self.time(began.date))
    }

    /// A future time: `15:30`, `tomorrow 09:00`.
    pub(super) fn until(&self, time: Timestamp) -> String {
        times::until(time, self.now, &self.zone)
    }

    /// The word for a verdict.
    pub(super) fn word(&self, verdict: Verdict) -> &'static str {
        verdict.word(self.mood)
    }
}

impl SourceReading<'_> {
    /// The answer about the source.
    pub(crate) fn source(&self) -> ExplainedSource {
        ExplainedSource {
            path: self.path.to_owned(),
            word: self.word().to_owned(),
            hold: self.state.hold.map(|hold| hold.name().to_owned()),
            summary: self.summary(),
            decisions: (self.decisions.iter().enumerate())
                .map(|(index, decision)| self.line(index, decision))
                .collect(),
        }
    }

    fn word(&self) -> &'static str {
        match self.state.hold {
            Some(hold) => hold.word(),
            None => self.reader.word(self.state.judge.verdict()),
        }
    }

    /// True of a source that has no sample yet.
    pub(super) fn is_unasked(&self) -> bool {
        self.state.judge.verdict() == Verdict::Unasked && self.state.sample.is_none()
    }

    /// Since when the verdict is believed: `since 14:02`, `at least since 14:02`.
    pub(super) fn since(&self) -> String {
        self.reader.since(self.state.judge.verdict_since())
    }

    /// Why the source is not scored now, if it is held.
    pub(super) fn hold(&self) -> Option<Hold> {
        self.state.hold
    }
}

impl Explanation {
    /// The answer about a leaf.
    pub(crate) fn of_source(source: ExplainedSource) -> Self {
        Self {
            schema: super::answer::SCHEMA,
            path: source.path.clone(),
            summary: source.summary.clone(),
            troubles: Vec::new(),
            sources: vec![source],
            left_out: 0,
        }
    }

    /// The answer about a tree. `all` has the codes of all its sources. `read` makes the answer
    /// about a source that is listed.
    pub(crate) fn of_tree(
        world: &World,
        tree: NodeId,
        mut all: Vec<(SummaryCode, NodeId)>,
        read: impl Fn(NodeId) -> ExplainedSource,
    ) -> Self {
        let mut counts: BTreeMap<SummaryCode, usize> = BTreeMap::new();
        for (code, _) in &all {
            *counts.entry(*code).or_default() += 1;
        }
        let said: Vec<String> = (counts.iter())
            .map(|(code, count)| format!("{count} {}", code.of_several(*count)))
            .collect();
        let (count, name) = (all.len(), &world.outline().node(tree).name);
        let text = match (&*all, &*said) {
            ([], _) => format!("{name} has no sources."),
            ([(_, one)], _) => read(*one).summary.text,
            (_, [one]) => format!("All {one}."),
            (_, several) => {
                format!("Of the {count} sources of {name}: {}.", several.join("; "))
            }
        };
        let code = counts.keys().next().copied();
        all.retain(|(code, _)| code.matters());
        all.sort();
        let shown = all.iter().take(SHOWN);
        let mut sources: Vec<ExplainedSource> = shown.map(|(_, id)| read(*id)).collect();
        if sources.len() > 1 {
            for source in &mut sources {
                let surplus = source.decisions.len().saturating_sub(LAST);
                source.decisions.drain(..surplus);
            }
        }
        Self {
            schema: super::answer::SCHEMA,
            path: world.outline().node(tree).path.to_string(),
            summary: Summary {
                code: code.unwrap_or(SummaryCode::Nothing),
                text,
            },
            troubles: Vec::new(),
            left_out: all.len() - sources.len(),
            sources,
        }
    }
}
