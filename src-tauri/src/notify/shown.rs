//! Records which bubbles are on the screen and of which outage each is, so that a later notice of
//! the outage can replace its bubble.
//!
//! This module is pure.

use std::collections::VecDeque;

use up_core::Notice;
use up_wire::IncidentPlace;

use super::words;

/// The most bubbles that are recorded. Clicks on older ones are ignored.
const MAX_BUBBLES: usize = 200;

/// The bubbles that were shown.
#[derive(Debug, Default)]
pub(crate) struct ShownBubbles {
    /// The bubbles, oldest first.
    shown: VecDeque<ShownBubble>,
}

#[derive(Debug)]
struct ShownBubble {
    /// The service's id of the bubble.
    bubble: u32,
    /// The id of the outage that the bubble is about.
    outage: u64,
    /// The incident that a click shows.
    place: IncidentPlace,
    /// The paths of the sources that its buttons act on.
    subjects: Vec<String>,
    /// True when a member of the outage is still down.
    is_open: bool,
    /// True when the bubble was closed. Some services keep a closed bubble in a list, where its
    /// buttons still work.
    is_gone: bool,
}

impl ShownBubbles {
    /// The bubbles that `notice` replaces: the first is to be replaced, the others are to be
    /// closed.
    pub(crate) fn replaced_by(&self, notice: &Notice) -> Vec<u32> {
        let of = |outage: &u64| {
            let mut there = self.shown.iter().filter(|shown| !shown.is_gone);
            there.find(|shown| shown.outage == *outage)
        };
        let outages = [notice.id];
        let outages = outages.iter().chain(&notice.replaces);
        outages.filter_map(of).map(|shown| shown.bubble).collect()
    }

    /// Records that `notice` was shown as the bubble `bubble`.
    pub(crate) fn record(&mut self, notice: &Notice, bubble: u32) {
        let is_gone = |shown: &ShownBubble| {
            let outage = shown.outage;
            shown.bubble == bubble || outage == notice.id || notice.replaces.contains(&outage)
        };
        self.shown.retain(|shown| !is_gone(shown));
        self.shown.push_back(ShownBubble {
            bubble,
            outage: notice.id,
            place: place_of(notice),
            subjects: words::subjects(notice),
            is_open: notice.open().next().is_some(),
            is_gone: false,
        });
        if self.shown.len() > MAX_BUBBLES {
            self.shown.pop_front();
        }
    }

    /// The incident that a click on `bubble` shows; `None` when the bubble is not recorded.
    pub(crate) fn place_of(&self, bubble: u32) -> Option<&IncidentPlace> {
        let shown = self.shown.iter().find(|shown| shown.bubble == bubble);
        shown.map(|shown| &shown.place)
    }

    /// The paths that the buttons of `bubble` act on; empty when the bubble is not recorded.
    pub(crate) fn subjects_of(&self, bubble: u32) -> &[String] {
        let shown = self.shown.iter().find(|shown| shown.bubble == bubble);
        shown.map_or(&[], |shown| &shown.subjects)
    }

    /// The bubbles on the screen whose outage is not over.
    pub(crate) fn still_down(&self) -> Vec<u32> {
        let there = self.shown.iter().filter(|shown| !shown.is_gone);
        let down = there.filter(|shown| shown.is_open);
        down.map(|shown| shown.bubble).collect()
    }

    /// The bubbles on the screen that say that something is down, all of whose subjects are settled.
    pub(crate) fn settled(&self, is_settled: impl Fn(&str) -> bool) -> Vec<u32> {
        let open = self.shown.iter().filter(|it| it.is_open && !it.is_gone);
        let settled = open.filter(|it| {
            let mut subjects = it.subjects.iter();
            !it.subjects.is_empty() && subjects.all(|path| is_settled(path))
        });
        settled.map(|it| it.bubble).collect()
    }

    /// Records that `bubble` was closed.
    pub(crate) fn mark_closed(&mut self, bubble: u32) {
        for shown in &mut self.shown {
            shown.is_gone |= shown.bubble == bubble;
        }
    }

    /// Forgets all bubbles: the service has ended, and its successor counts ids from the start.
    pub(crate) fn clear(&mut self) {
        self.shown.clear();
    }
}

/// Where the incident of `notice` is: from its beginning until the last of its members had fallen.
fn place_of(notice: &Notice) -> IncidentPlace {
    let fallen = notice.members.iter().map(|member| member.since);
    IncidentPlace {
        path: notice.path.to_string(),
        from: notice.since,
        to: fallen.fold(notice.since, f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::notice;

    fn path_of(bubbles: &ShownBubbles, bubble: u32) -> Option<&str> {
        bubbles.place_of(bubble).map(|place| place.path.as_str())
    }

    #[test]
    fn a_click_leads_to_when_the_sources_fell() {
        let mut several = notice(1, "/R", 0.0);
        several.members.extend(notice(1, "/R/b", 0.0).members);
        several.members[1].since = several.since + 7.0;
        // A reminder is made long after the incident began.
        several.date = several.since + 86_400.0;
        let mut bubbles = ShownBubbles::default();
        bubbles.record(&several, 7);
        let place = bubbles.place_of(7).expect("it is recorded");
        assert_eq!((place.from, place.to), (1_000.0, 1_007.0));
        assert_eq!(place.path, "/R");
    }

    #[test]
    fn a_notice_takes_the_place_of_its_outage() {
        let mut bubbles = ShownBubbles::default();
        let mut show = |notice: &Notice, bubble| {
            let replaced = bubbles.replaced_by(notice);
            bubbles.record(notice, bubble);
            (replaced, bubbles.still_down())
        };
        assert_eq!(show(&notice(1, "/R/a", 0.0), 7), (vec![], vec![7]));
        assert_eq!(show(&notice(2, "/R/b", 0.0), 8), (vec![], vec![7, 8]));
        assert_eq!(show(&notice(1, "/R/a", 1.0), 7), (vec![7], vec![8]));
        let both = Notice {
            replaces: vec![2, 1],
            ..notice(3, "/R/c", 0.0)
        };
        assert_eq!(show(&both, 8), (vec![8, 7], vec![8]));
        assert_eq!(path_of(&bubbles, 8), Some("/R/c"));
        assert_eq!(path_of(&bubbles, 7), None, "it was taken back");
    }

    #[test]
    fn what_a_person_closed_is_replaced_no_more() {
        let mut bubbles = ShownBubbles::default();
        bubbles.record(&notice(1, "/R/a", 0.0), 7);
        bubbles.mark_closed(7);
        let over = notice(1, "/R/a", 1.0);
        assert_eq!(bubbles.replaced_by(&over), [0; 0]);
        assert_eq!(bubbles.still_down(), [0; 0]);
        assert_eq!(path_of(&bubbles, 7), Some("/R/a"), "it may be in a list");
        bubbles.record(&over, 8);
        assert_eq!(path_of(&bubbles, 7), None, "it tells what is true no more");
    }

    #[test]
    fn memory_is_bounded() {
        let mut bubbles = ShownBubbles::default();
        for id in 1..=MAX_BUBBLES as u32 + 1 {
            bubbles.record(&notice(id.into(), "/R/a", 0.0), id);
        }
        assert_eq!(path_of(&bubbles, 1), None);
        assert!(path_of(&bubbles, 2).is_some());
    }
}
