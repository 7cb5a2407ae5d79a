//! Tests of how the text of a notice names its members.

use super::*;
use crate::cause::CauseCode;

fn member(path: &str) -> Member {
    Member {
        node: NodeId::GONE,
        path: path.into(),
        verdict: Verdict::At(Level::Down),
        status: Some(Status::DOWN),
        cause: Some(Cause::new(CauseCode::Refused, "refused")),
        since: Beginning::observed(1_000.0),
        until: None,
        off: None,
    }
}

/// A notice about the common cause `path` with these members.
fn notice(path: &str, members: &[&str]) -> Notice {
    Notice {
        id: 1,
        kind: NoticeKind::Down,
        path: path.into(),
        members: members.iter().map(|path| member(path)).collect(),
        among: None,
        behind: 0,
        urgency: Urgency::Critical,
        since: 1_000.0,
        date: 1_060.0,
        replaces: Vec::new(),
    }
}

#[test]
fn sources_of_one_name_are_distinguished_by_their_trees() {
    let check = |among, path: &str, expected: &str| {
        let mut notice = notice("/R/site", &[path, "/R/other"]);
        notice.among = among;
        let lines = notice.lines(Mood::Realist, &TimeZone::UTC);
        assert_eq!(lines[0], format!("{expected}: DOWN — refused"), "{path}");
    };
    check(None, "/R", "R");
    check(None, "/R/a", "a");
    check(None, "/R/site/node-1", "site › node-1");
    check(None, "/R/site/ap-1/node-1", "site › ap-1 › node-1");
    // The title names the tree: "site: all 3 DOWN".
    check(Some(3), "/R/site/ap-1/node-1", "ap-1 › node-1");
    check(Some(3), "/R/site/a", "a");
    let deep = "/R/The whole of the continent/Frankfurt am Main/Rack 17/node-1";
    check(None, deep, "… › Frankfurt am Main › Rack 17 › node-1");
    let long = format!("/R/a/{}/node-1", "t".repeat(50));
    check(None, &long, &format!("… › {} › node-1", "t".repeat(50)));
}

#[test]
fn what_cannot_be_reached_is_said_to_be_behind_the_first() {
    let check = |members: &[&str], is_back: bool, expected: &str| {
        let mut notice = notice("/R", members);
        notice.behind = 3;
        notice.members[0].until = is_back.then_some(1_050.0);
        let lines = notice.lines(Mood::Realist, &TimeZone::UTC);
        assert_eq!(lines.last().map(String::as_str), Some(expected));
    };
    let two = ["/R/t/gateway", "/R/checkout"];
    let all = "3 sources behind t › gateway cannot be reached";
    check(&two, false, all);
    check(&two, true, "3 sources cannot be reached");
    check(&two[..1], false, "3 sources behind it cannot be reached");
}

#[test]
fn what_changed_stands_first_however_many_are_down() {
    let check = |kind, change: fn(&mut Member), title: &str, first: &str| {
        let mut notice = notice(
            "/R",
            &["/R/a", "/R/b", "/R/c", "/R/d", "/R/e", "/R/f", "/R/g"],
        );
        notice.kind = kind;
        change(&mut notice.members[5]);
        assert_eq!(notice.title(Mood::Realist), title);
        assert_eq!(notice.lines(Mood::Realist, &TimeZone::UTC)[0], first);
    };
    let back = |member: &mut Member| {
        member.verdict = Verdict::At(Level::Up);
        member.status = Some(Status::UP);
        member.until = Some(1_050.0);
    };
    let title = "f: UP again, 6 still not";
    check(NoticeKind::Recovered, back, title, "f: UP again after 50 s");
    let flaps = |member: &mut Member| member.verdict = Verdict::Flapping;
    let title = "f: FLAPPING, 6 more in trouble";
    check(NoticeKind::Flapping, flaps, title, "f: FLAPPING — refused");
    let later = |member: &mut Member| member.since = Beginning::observed(1_020.0);
    let title = "7 sources DOWN";
    check(NoticeKind::Down, later, title, "f: DOWN — refused");
    let at_once = |member: &mut Member| member.since = Beginning::observed(1_005.0);
    check(NoticeKind::Down, at_once, title, "a: DOWN — refused");
}

#[test]
fn a_title_of_several_counts_each_once() {
    let mut notice = notice("/R", &["/R/a", "/R/b"]);
    let mut check = |kind, is_back: bool, expected: &str| {
        notice.kind = kind;
        notice.members[0].verdict = Verdict::Flapping;
        notice.members[1].verdict = Verdict::At(if is_back { Level::Up } else { Level::Down });
        notice.members[1].until = is_back.then_some(1_050.0);
        assert_eq!(notice.title(Mood::Realist), expected);
    };
    check(
        NoticeKind::Flapping,
        false,
        "a: FLAPPING, 1 more in trouble",
    );
    check(NoticeKind::Flapping, true, "1 source FLAPPING, 1 recovered");
    check(NoticeKind::Recovered, true, "b: UP again, 1 still not");
    check(NoticeKind::Down, false, "2 sources in trouble");
}
