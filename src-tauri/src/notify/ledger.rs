//! Which bubbles are on the screen and what they tell of, so that a recovery can take the place
//! of the bubble that announced the fall.
//!
//! Room: pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use up_core::{Change, ChangeKind, Mood};

use super::words::{self, Bubble};

/// So many bubbles are remembered; older ones lose their click.
const REMEMBERED: usize = 200;

/// What is on the screen.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Oldest first.
    shown: VecDeque<Shown>,
    /// Paths that a person was told are down, whatever became of the bubble.
    told: BTreeSet<Arc<str>>,
}

#[derive(Debug)]
struct Shown {
    id: u32,
    /// What a click on it shows.
    path: String,
    /// Those of its paths that are still down; empty for a recovery.
    down: BTreeSet<Arc<str>>,
}

/// A bubble to show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Showing {
    /// What it says.
    pub bubble: Bubble,
    /// The bubble that it takes the place of.
    pub replaces: Option<u32>,
    /// What it tells of, to be tried again when nobody could be told.
    pub changes: Vec<Change>,
    kind: ChangeKind,
}

impl Ledger {
    /// What to show for changes that came together, oldest first.
    pub(crate) fn showings(&self, changes: &[Change], mood: Mood) -> Vec<Showing> {
        let mut latest: BTreeMap<&Arc<str>, (usize, Change)> = BTreeMap::new();
        for (order, change) in changes.iter().enumerate() {
            latest
                .entry(&change.path)
                .and_modify(|(_, before)| *before = words::merged(before, change))
                .or_insert_with(|| (order, change.clone()));
        }
        let mut latest: Vec<(usize, Change)> = latest.into_values().collect();
        latest.sort_by_key(|(order, _)| *order);
        let of_kind = |wanted: ChangeKind| {
            let kind =
                |change: &Change| words::kind(change, mood, self.told.contains(&change.path));
            let changes = latest.iter().map(|(_, change)| change);
            changes
                .filter(|change| kind(change) == Some(wanted))
                .cloned()
                .collect::<Vec<_>>()
        };
        let mut groups = vec![(None, ChangeKind::Down, of_kind(ChangeKind::Down))];
        let mut back = of_kind(ChangeKind::Recovered);
        for shown in self.shown.iter().filter(|shown| !shown.down.is_empty()) {
            let is_back = |path: &Arc<str>| back.iter().any(|change| change.path == *path);
            if shown.down.iter().all(is_back) {
                let (of_this, rest) = back
                    .into_iter()
                    .partition(|change| shown.down.contains(&change.path));
                groups.push((Some(shown.id), ChangeKind::Recovered, of_this));
                back = rest;
            }
        }
        groups.push((None, ChangeKind::Recovered, back));
        groups
            .into_iter()
            .filter_map(|(replaces, kind, changes)| {
                let bubble = words::bubble(kind, &changes, mood)?;
                Some(Showing {
                    bubble,
                    replaces,
                    changes,
                    kind,
                })
            })
            .collect()
    }

    /// It was shown, under this id.
    pub(crate) fn shown(&mut self, showing: &Showing, id: u32) {
        let paths = || {
            showing
                .changes
                .iter()
                .map(|change| Arc::clone(&change.path))
        };
        for path in paths() {
            for shown in &mut self.shown {
                shown.down.remove(&path);
            }
            if showing.kind == ChangeKind::Down {
                self.told.insert(path);
            } else {
                self.told.remove(&path);
            }
        }
        self.shown
            .retain(|shown| Some(shown.id) != showing.replaces && shown.id != id);
        let down = if showing.kind == ChangeKind::Down {
            paths().collect()
        } else {
            BTreeSet::new()
        };
        self.shown.push_back(Shown {
            id,
            path: showing.bubble.path.clone(),
            down,
        });
        if self.shown.len() > REMEMBERED {
            self.shown.pop_front();
        }
    }

    /// What a click on that bubble shows; `None` when it is not ours.
    pub(crate) fn path_of(&self, id: u32) -> Option<&str> {
        self.shown
            .iter()
            .find(|shown| shown.id == id)
            .map(|shown| shown.path.as_str())
    }

    /// The bubbles that tell of something that is still down.
    pub(crate) fn still_down(&self) -> Vec<u32> {
        let down = self.shown.iter().filter(|shown| !shown.down.is_empty());
        down.map(|shown| shown.id).collect()
    }

    /// That bubble is gone from the screen.
    pub(crate) fn closed(&mut self, id: u32) {
        self.shown.retain(|shown| shown.id != id);
    }

    /// The service went away and all bubbles with it; a new one counts from the start again.
    pub(crate) fn all_closed(&mut self) {
        self.shown.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::change;

    fn down(path: &str) -> Change {
        change(path, 1.0, 0.0, 60.0)
    }

    fn up(path: &str) -> Change {
        change(path, 0.0, 1.0, 60.0)
    }

    /// Tells the changes; returns `(summary, replaced id)` of what is shown, with ids from `id` up.
    fn tell(ledger: &mut Ledger, changes: &[Change], id: u32) -> Vec<(String, Option<u32>)> {
        let showings = ledger.showings(changes, Mood::Realist);
        for (showing, id) in showings.iter().zip(id..) {
            ledger.shown(showing, id);
        }
        showings
            .into_iter()
            .map(|showing| (showing.bubble.summary, showing.replaces))
            .collect()
    }

    fn check(ledger: &mut Ledger, changes: &[Change], id: u32, expected: &[(&str, Option<u32>)]) {
        let told = tell(ledger, changes, id);
        let told: Vec<_> = told.iter().map(|(text, id)| (text.as_str(), *id)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_recovery_takes_the_place_of_its_own_bubble() {
        let mut ledger = Ledger::default();
        check(&mut ledger, &[down("/R/a")], 1, &[("a: DOWN", None)]);
        check(&mut ledger, &[down("/R/b")], 2, &[("b: DOWN", None)]);
        check(
            &mut ledger,
            &[up("/R/a")],
            1,
            &[("a: UP again after 1 min", Some(1))],
        );
        assert_eq!(ledger.path_of(1), Some("/R/a"));
        check(
            &mut ledger,
            &[up("/R/b")],
            2,
            &[("b: UP again after 1 min", Some(2))],
        );
    }

    #[test]
    fn a_shared_bubble_is_replaced_when_all_of_it_is_over() {
        let mut ledger = Ledger::default();
        let downs = [down("/R/a"), down("/R/b"), down("/R/c")];
        check(&mut ledger, &downs, 1, &[("3 sources DOWN", None)]);
        check(
            &mut ledger,
            &[up("/R/b")],
            2,
            &[("b: UP again after 1 min", None)],
        );
        assert_eq!(ledger.still_down(), [1]);
        let ups = [up("/R/a"), up("/R/c"), up("/R/x")];
        check(
            &mut ledger,
            &ups,
            3,
            &[
                ("2 sources UP again", Some(1)),
                ("x: UP again after 1 min", None),
            ],
        );
    }

    #[test]
    fn a_closed_bubble_is_not_replaced() {
        let mut ledger = Ledger::default();
        check(&mut ledger, &[down("/R/a")], 7, &[("a: DOWN", None)]);
        ledger.closed(7);
        assert_eq!(ledger.path_of(7), None);
        check(
            &mut ledger,
            &[up("/R/a")],
            8,
            &[("a: UP again after 1 min", None)],
        );
        check(&mut ledger, &[down("/R/a")], 9, &[("a: DOWN", None)]);
        ledger.all_closed();
        check(
            &mut ledger,
            &[up("/R/a")],
            1,
            &[("a: UP again after 1 min", None)],
        );
    }

    #[test]
    fn what_was_over_before_it_could_be_told_is_not_told() {
        let mut ledger = Ledger::default();
        check(&mut ledger, &[down("/R/a"), up("/R/a")], 1, &[]);
        check(
            &mut ledger,
            &[down("/R/a"), up("/R/a"), down("/R/a")],
            1,
            &[("a: DOWN", None)],
        );
    }

    #[test]
    fn falls_and_recoveries_are_told_apart() {
        let mut ledger = Ledger::default();
        check(
            &mut ledger,
            &[up("/R/a"), down("/R/b")],
            1,
            &[("b: DOWN", None), ("a: UP again after 1 min", None)],
        );
    }

    #[test]
    fn old_bubbles_are_forgotten() {
        let mut ledger = Ledger::default();
        for id in 1..=500 {
            tell(&mut ledger, &[down(&format!("/R/{id}"))], id);
        }
        assert_eq!(
            (ledger.path_of(300), ledger.path_of(301)),
            (None, Some("/R/301"))
        );
    }
}
