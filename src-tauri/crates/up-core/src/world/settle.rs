//! Folds the trees of the world: their status, the dates of their samples, and when their levels began.

use super::World;
use crate::detail::Detail;
use crate::fold::FoldedChild;
use crate::judge::Beginning;
use crate::outline::NodeId;
use crate::sample::{Sample, Timestamp};
use crate::status::Status;

/// How the date and duration of a tree are computed from its children's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeTiming {
    /// All children were checked in one round: from the first start to the last end.
    Round,
    /// Each child has its own schedule: the longest duration (parallel), or the sum of all.
    Latest,
}

impl World {
    /// Folds every tree with changes below it, the deepest first. Returns the trees whose status
    /// changed. `now` is the date of a tree without children.
    pub fn settle(&mut self, span: TreeTiming, now: Timestamp) -> Vec<NodeId> {
        let mut changed = Vec::new();
        if !std::mem::take(&mut self.any_dirty) {
            return changed;
        }
        for id in self.outline.ids().rev() {
            if !std::mem::take(&mut self.dirty[id.index()]) || !self.outline.node(id).is_tree() {
                continue;
            }
            let folded = self.fold(id, span, now);
            let children = self.outline.node(id).children.iter();
            let scored = children.filter(|child| self.state(**child).status().is_some());
            let scored = scored.count();
            let state = &mut self.states[id.index()];
            let (old, new) = (state.status(), folded.as_ref().and_then(|s| s.status));
            if old.map(Status::level) != new.map(Status::level) {
                let level = new.map(Status::level);
                let before = state.before.filter(|before| Some(before.0) == level);
                let began = Beginning {
                    date: folded.as_ref().map_or(0.0, |sample| sample.date),
                    // A child that is scored anew may have been as it is before.
                    is_observed: old.is_some() && (new.is_none() || scored == state.scored),
                };
                state.level_since = Some(before.map_or(began, |before| before.1));
            }
            state.scored = scored;
            state.sample = folded;
            self.stamp(id);
            if old != new {
                changed.push(id);
            }
        }
        changed
    }

    fn fold(&self, id: NodeId, span: TreeTiming, now: Timestamp) -> Option<Sample> {
        let node = self.outline.node(id);
        let children = || {
            node.children
                .iter()
                .map(|child| (child, self.state(*child)))
        };
        let status = node
            .policy
            .fold(children().map(|(child, state)| FoldedChild {
                status: state.status(),
                weight: self.outline.node(*child).weight,
            }));
        let samples = || children().filter_map(|(_, state)| state.sample.as_ref());
        if samples().next().is_none() && !node.children.is_empty() {
            return None;
        }
        let (mut first, mut last, mut end) = (f64::INFINITY, 0.0_f64, 0.0_f64);
        let (mut longest, mut sum) = (0.0_f64, 0.0_f64);
        for sample in samples() {
            first = first.min(sample.date);
            last = last.max(sample.date);
            end = end.max(sample.date + sample.duration);
            longest = longest.max(sample.duration);
            sum += sample.duration;
        }
        let (date, duration) = match span {
            TreeTiming::Round => (first, end - first),
            TreeTiming::Latest if node.parallel => (last, longest),
            TreeTiming::Latest => (last, sum),
        };
        let (date, duration) = if first.is_finite() {
            (date, duration.max(0.0))
        } else {
            (now, 0.0)
        };
        Some(Sample {
            status,
            date,
            duration,
            cause: None,
            detail: Detail::new(),
        })
    }
}
