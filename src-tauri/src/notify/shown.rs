//! Records which bubbles are on the screen and of which outage each is, so that a later notice of
//! the outage can replace its bubble.
//!
//! This module is pure.

use std::collections::VecDeque;

use up_core::Notice;
use up_wire::IncidentPlace;

use super::words::{self, DealtWith};

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
    /// What the bubble tells.
    notice: Notice,
    /// The members that it says were dealt with.
    dealt_with: Vec<DealtWith>,
    /// The incident that a click shows.
    place: IncidentPlace,
    /// The paths of the sources that its buttons act on.
    subjects: Vec<String>,
    /// True when a member of the outage is still down.
    is_open: bool,
    /// True of a bubble of an earlier run, of which nobody knows whether it is still on the screen.
    is_recalled: bool,
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
            there.find(|shown| shown.notice.id == *outage)
        };
        let outages = [notice.id];
        let outages = outages.iter().chain(&notice.replaces);
        outages.filter_map(of).map(|shown| shown.bubble).collect()
    }

    /// Records that `notice` was shown as the bubble `bubble`, which says that these members were
    /// dealt with.
    pub(crate) fn record(&mut self, notice: &Notice, dealt_with: Vec<DealtWith>, bubble: u32) {
        let is_gone = |shown: &ShownBubble| {
            let outage = shown.notice.id;
            shown.bubble == bubble || outage == notice.id || notice.replaces.contains(&outage)
        };
        self.shown.retain(|shown| !is_gone(shown));
        self.shown.push_back(ShownBubble {
            bubble,
            place: place_of(notice),
            subjects: words::subjects(notice, &dealt_with),
            is_open: notice.open().next().is_some(),
            is_recalled: false,
            is_gone: false,
            notice: notice.clone(),
            dealt_with,
        });
        if self.shown.len() > MAX_BUBBLES {
            self.shown.pop_front();
        }
    }

    /// Records that an earlier run showed `notice` as the bubble `bubble`. It can be replaced and
    /// closed if it is still there, and is never shown again by itself.
    pub(crate) fn recall(&mut self, notice: &Notice, bubble: u32) {
        self.record(notice, Vec::new(), bubble);
        if let Some(shown) = self.shown.back_mut() {
            shown.is_recalled = true;
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

    /// The bubbles on the screen that say that something is down, all of which is settled: the tree
    /// that the bubble is about, or each member that is down.
    pub(crate) fn settled(&self, is_settled: impl Fn(&str) -> bool) -> Vec<u32> {
        let settled = self.open().filter(|it| {
            let notice = &it.notice;
            (notice.among.is_some() && is_settled(&notice.path))
                || notice.open().all(|member| is_settled(&member.path))
        });
        settled.map(|it| it.bubble).collect()
    }

    /// The bubbles of this run that say of members how they were dealt with, or do not, and that this
    /// is not so any more: their notices, and what is so.
    pub(crate) fn outdated(
        &self,
        dealt_with: impl Fn(&Notice) -> Vec<DealtWith>,
    ) -> Vec<(Notice, Vec<DealtWith>)> {
        let own = self.open().filter(|it| !it.is_recalled);
        let now = own.map(|it| (it, dealt_with(&it.notice)));
        now.filter(|(it, now)| it.dealt_with != *now)
            .map(|(it, now)| (it.notice.clone(), now))
            .collect()
    }

    /// The bubbles on the screen that say that something is down.
    fn open(&self) -> impl Iterator<Item = &ShownBubble> {
        self.shown.iter().filter(|it| it.is_open && !it.is_gone)
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
    let fallen = notice.members.iter().map(|member| member.since.date);
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
        several.members[1].since.date = several.since + 7.0;
        // A reminder is made long after the incident began.
        several.date = several.since + 86_400.0;
        let mut bubbles = ShownBubbles::default();
        bubbles.record(&several, Vec::new(), 7);
        let place = bubbles.place_of(7).expect("it is recorded");
        assert_eq!((place.from, place.to), (1_000.0, 1_007.0));
        assert_eq!(place.path, "/R");
    }

    #[test]
    fn a_notice_takes_the_place_of_its_outage() {
        let mut bubbles = ShownBubbles::default();
        let mut show = |notice: &Notice, bubble| {
            let replaced = bubbles.replaced_by(notice);
            bubbles.record(notice, Vec::new(), bubble);
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
    fn a_bubble_that_calls_down_what_was_dealt_with_is_outdated() {
        let acknowledged = |path: &str| DealtWith {
            path: path.into(),
            how: "acknowledged",
        };
        let mut both = notice(1, "/R", 0.0);
        both.members = ["/R/a", "/R/b"]
            .map(|path| notice(0, path, 0.0).members.remove(0))
            .into();
        let mut bubbles = ShownBubbles::default();
        bubbles.record(&both, Vec::new(), 7);
        let outdated = |bubbles: &ShownBubbles, now: &[DealtWith]| {
            let found = bubbles.outdated(|_| now.to_vec());
            let found = found
                .into_iter()
                .map(|(notice, now)| (notice.id, now.len()));
            found.collect::<Vec<_>>()
        };
        let a = [acknowledged("/R/a")];
        assert_eq!(outdated(&bubbles, &[]), []);
        assert_eq!(outdated(&bubbles, &a), [(1, 1)]);
        bubbles.record(&both, a.to_vec(), 7);
        assert_eq!(bubbles.subjects_of(7), ["/R/b"]);
        assert_eq!(outdated(&bubbles, &a), []);
        assert_eq!(outdated(&bubbles, &[]), [(1, 0)], "it was taken back");
        let settled = |is_settled: fn(&str) -> bool| bubbles.settled(is_settled);
        assert_eq!(settled(|path| path == "/R/b"), [0; 0]);
        assert_eq!(settled(|path| path.starts_with("/R/")), [7]);
        bubbles.mark_closed(7);
        assert_eq!(outdated(&bubbles, &[]), [], "nobody sees it");
        bubbles.recall(&both, 9);
        assert_eq!(outdated(&bubbles, &a), [], "it may be gone since");
        assert_eq!(bubbles.replaced_by(&notice(1, "/R", 1.0)), [9]);
    }

    #[test]
    fn what_a_person_closed_is_replaced_no_more() {
        let mut bubbles = ShownBubbles::default();
        bubbles.record(&notice(1, "/R/a", 0.0), Vec::new(), 7);
        bubbles.mark_closed(7);
        let over = notice(1, "/R/a", 1.0);
        assert_eq!(bubbles.replaced_by(&over), [0; 0]);
        assert_eq!(bubbles.still_down(), [0; 0]);
        assert_eq!(path_of(&bubbles, 7), Some("/R/a"), "it may be in a list");
        bubbles.record(&over, Vec::new(), 8);
        assert_eq!(path_of(&bubbles, 7), None, "it tells what is true no more");
    }

    #[test]
    fn memory_is_bounded() {
        let mut bubbles = ShownBubbles::default();
        for id in 1..=MAX_BUBBLES as u32 + 1 {
            bubbles.record(&notice(id.into(), "/R/a", 0.0), Vec::new(), id);
        }
        assert_eq!(path_of(&bubbles, 1), None);
        assert!(path_of(&bubbles, 2).is_some());
    }
}
