//! Which bubbles are on the screen and which outage each tells of, so that a later notice of it
//! takes the place of the bubble.
//!
//! Room: pure.

use std::collections::VecDeque;

use up_core::Notice;

use super::words;

/// So many bubbles are remembered; older ones lose their click.
const REMEMBERED: usize = 200;

/// What is on the screen.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Oldest first.
    shown: VecDeque<ShownBubble>,
}

#[derive(Debug)]
struct ShownBubble {
    /// The desk's number of the bubble.
    bubble: u32,
    /// The outage that it tells of.
    outage: u64,
    /// What a click on it shows.
    path: String,
    /// What its buttons are about.
    subjects: Vec<String>,
    /// It tells of something that is still down.
    is_open: bool,
    /// It has left the screen. Some services keep such a one in a list, where it can be answered.
    is_gone: bool,
}

impl Ledger {
    /// The bubbles that this notice takes the place of: the one to replace, then those to take
    /// back.
    pub(crate) fn replaced_by(&self, notice: &Notice) -> Vec<u32> {
        let of = |outage: &u64| {
            let mut there = self.shown.iter().filter(|shown| !shown.is_gone);
            there.find(|shown| shown.outage == *outage)
        };
        let outages = [notice.id];
        let outages = outages.iter().chain(&notice.replaces);
        outages.filter_map(of).map(|shown| shown.bubble).collect()
    }

    /// It was shown, under this number.
    pub(crate) fn shown(&mut self, notice: &Notice, bubble: u32) {
        let is_gone = |shown: &ShownBubble| {
            let outage = shown.outage;
            shown.bubble == bubble || outage == notice.id || notice.replaces.contains(&outage)
        };
        self.shown.retain(|shown| !is_gone(shown));
        self.shown.push_back(ShownBubble {
            bubble,
            outage: notice.id,
            path: notice.path.to_string(),
            subjects: words::subjects(notice),
            is_open: notice.open().next().is_some(),
            is_gone: false,
        });
        if self.shown.len() > REMEMBERED {
            self.shown.pop_front();
        }
    }

    /// What a click on that bubble shows; `None` when it is not ours.
    pub(crate) fn path_of(&self, bubble: u32) -> Option<&str> {
        let shown = self.shown.iter().find(|shown| shown.bubble == bubble);
        shown.map(|shown| shown.path.as_str())
    }

    /// What the buttons of that bubble are about; nothing when it is not ours.
    pub(crate) fn subjects_of(&self, bubble: u32) -> &[String] {
        let shown = self.shown.iter().find(|shown| shown.bubble == bubble);
        shown.map_or(&[], |shown| &shown.subjects)
    }

    /// The bubbles that tell of something that is still down.
    pub(crate) fn still_down(&self) -> Vec<u32> {
        let there = self.shown.iter().filter(|shown| !shown.is_gone);
        let down = there.filter(|shown| shown.is_open);
        down.map(|shown| shown.bubble).collect()
    }

    /// That bubble is gone from the screen.
    pub(crate) fn closed(&mut self, bubble: u32) {
        for shown in &mut self.shown {
            shown.is_gone |= shown.bubble == bubble;
        }
    }

    /// The service went away and all bubbles with it; a new one counts from the start again.
    pub(crate) fn all_closed(&mut self) {
        self.shown.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::notice;

    #[test]
    fn a_notice_takes_the_place_of_its_outage() {
        let mut ledger = Ledger::default();
        let mut show = |notice: &Notice, bubble| {
            let replaced = ledger.replaced_by(notice);
            ledger.shown(notice, bubble);
            (replaced, ledger.still_down())
        };
        assert_eq!(show(&notice(1, "/R/a", 0.0), 7), (vec![], vec![7]));
        assert_eq!(show(&notice(2, "/R/b", 0.0), 8), (vec![], vec![7, 8]));
        assert_eq!(show(&notice(1, "/R/a", 1.0), 7), (vec![7], vec![8]));
        let both = Notice {
            replaces: vec![2, 1],
            ..notice(3, "/R/c", 0.0)
        };
        assert_eq!(show(&both, 8), (vec![8, 7], vec![8]));
        assert_eq!(ledger.path_of(8), Some("/R/c"));
        assert_eq!(ledger.path_of(7), None, "it was taken back");
    }

    #[test]
    fn what_a_person_closed_is_replaced_no_more() {
        let mut ledger = Ledger::default();
        ledger.shown(&notice(1, "/R/a", 0.0), 7);
        ledger.closed(7);
        let over = notice(1, "/R/a", 1.0);
        assert_eq!(ledger.replaced_by(&over), [0; 0]);
        assert_eq!(ledger.still_down(), [0; 0]);
        assert_eq!(ledger.path_of(7), Some("/R/a"), "it may be in a list");
        ledger.shown(&over, 8);
        assert_eq!(ledger.path_of(7), None, "it tells what is true no more");
    }

    #[test]
    fn memory_is_bounded() {
        let mut ledger = Ledger::default();
        for id in 1..=REMEMBERED as u32 + 1 {
            ledger.shown(&notice(id.into(), "/R/a", 0.0), id);
        }
        assert_eq!(ledger.path_of(1), None);
        assert!(ledger.path_of(2).is_some());
    }
}
