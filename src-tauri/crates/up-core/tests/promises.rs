//! The promises of the watch, checked on random traces: nobody is notified of unconfirmed failures,
//! lasting outages are always notified, each is followed by one recovery, an outage that returns
//! keeps its id, and the rate limit holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use proptest::prelude::*;
use up_core::alert::NotifyPolicy;
use up_core::{
    Detail, Input, Kind, Marks, Moment, Mood, Node, NodeId, Notice, Observation, Outline, Rules,
    Sample, Status, Verdict, Watch, World,
};

/// How long the last answer of each source, which is up, lasts, in seconds. Flapping ends in that
/// time.
const CALM: u32 = 1_800;
/// An outage longer than this, in seconds, must be notified: an interval, the rechecks, the first
/// round of checks, the rate limit's minute and the group wait together.
const BOUND: f64 = 30.0 + 25.0 + 60.0 + 60.0 + 30.0;
/// An outage that returns within this time of its recovery's notice must keep its id.
const SOON: Duration = Duration::from_mins(30);

#[derive(Clone, Debug)]
struct Trace {
    rules: Rules,
    manner: NotifyPolicy,
    mood: Mood,
    /// For each source: its answers, each with its duration in seconds.
    answers: Vec<Vec<(Option<u8>, u32)>>,
}

fn traces() -> impl Strategy<Value = Trace> {
    let answer = prop_oneof![
        4 => Just(Some(4)), 3 => Just(Some(0)), 1 => Just(Some(1)), 1 => Just(Some(2)), 1 => Just(None),
    ];
    let span = prop_oneof![3 => 1_u32..40, 2 => 40_u32..200, 1 => 200_u32..1_500];
    let source = prop::collection::vec((answer, span), 1..14);
    let rules =
        (1_u32..4, 1_u32..3, any::<bool>()).prop_map(|(down_after, up_after, flaps)| Rules {
            down_after,
            up_after,
            flapping: flaps.then(Marks::default),
            ..Rules::default()
        });
    let manner = (0_u64..30, 1_usize..7).prop_map(|(seconds, most)| NotifyPolicy {
        group_within: Duration::from_secs(seconds),
        most,
    });
    let mood = prop::sample::select(Mood::ALL.to_vec());
    let answers = prop::collection::vec(source, 7);
    (rules, manner, mood, answers).prop_map(|(rules, manner, mood, answers)| Trace {
        rules,
        manner,
        mood,
        answers,
    })
}

/// The outline: `/R/a`, `/R/b`, `/R/t/c`, `/R/t/d`, `/R/t/e`, `/R/f`, and `/R/g`, which depends on
/// `/R/f`.
fn outline(rules: Rules) -> Outline {
    let mut outline = Outline::default();
    let mut push = |parent, kind, name| {
        let node = Node::new(kind, name);
        outline.push(parent, Node { rules, ..node })
    };
    let root = push(None, Kind::TREE, "R");
    push(Some(root), Kind("tcp"), "a");
    push(Some(root), Kind("tcp"), "b");
    let tree = push(Some(root), Kind::TREE, "t");
    for name in ["c", "d", "e"] {
        push(Some(tree), Kind("tcp"), name);
    }
    let f = push(Some(root), Kind("tcp"), "f");
    let g = push(Some(root), Kind("tcp"), "g");
    outline.depend(g, vec![f]);
    outline
}

/// The results of a trace.
#[derive(Default)]
struct Course {
    /// Each source's answers that counted, by date.
    samples: BTreeMap<NodeId, Vec<(f64, Option<u8>)>>,
    notices: Vec<(Duration, Notice)>,
    /// For each source: when its falls and its recoveries were notified.
    told: BTreeMap<NodeId, Vec<(f64, f64)>>,
}

fn play(trace: &Trace) -> Course {
    let mut world = World::new(outline(trace.rules));
    let mut watch = Watch::default();
    let leaves = world.outline().iter().filter(|(_, node)| node.is_leaf());
    let leaves: Vec<NodeId> = leaves.map(|(id, _)| id).collect();
    let mut due: BTreeMap<NodeId, Duration> =
        leaves.iter().map(|id| (*id, Duration::ZERO)).collect();
    let ends = trace
        .answers
        .iter()
        .map(|spans| spans.iter().map(|s| s.1).sum::<u32>());
    let end = Duration::from_secs(u64::from(ends.max().unwrap_or(0) + CALM));
    let mut course = Course::default();
    let moment = |now: Duration| Moment {
        wall: now.as_secs_f64(),
        steady: now,
    };
    let ways = (trace.manner, trace.mood);
    watch.take_up(&mut world, moment(Duration::ZERO), ways);
    for step in 0.. {
        assert!(step < 1_000_000, "time goes on");
        let (node, asked) = due.iter().min_by_key(|(_, due)| **due).expect("sources");
        let (node, asked) = (*node, *asked);
        let tick = watch.due().filter(|tick| *tick < asked);
        let now = tick.unwrap_or(asked);
        if now > end {
            break;
        }
        let input = if tick.is_some() {
            Input::Tick
        } else {
            let source = leaves
                .iter()
                .position(|leaf| *leaf == node)
                .expect("a source");
            let level = answer(&trace.answers[source], asked.as_secs() as u32);
            let status = level.and_then(|level| Status::new(f64::from(level) / 4.0));
            if world.state(node).hold.is_none() {
                let date = asked.as_secs_f64();
                course.samples.entry(node).or_default().push((date, level));
            }
            let sample = Sample {
                status,
                date: asked.as_secs_f64(),
                duration: 0.0,
                cause: None,
                detail: Detail::new(),
            };
            Input::Observed(Observation::ended_at(node, sample, None, now))
        };
        let is_tick = input == Input::Tick;
        let output = watch.handle(&mut world, moment(now), input);
        if !is_tick {
            let doubts = world.state(node).judge.doubts();
            let pause = if doubts {
                trace.rules.retry
            } else {
                trace.rules.interval
            };
            due.insert(node, now + pause);
        }
        for (node, soon) in output.recheck {
            let asked = due.get_mut(&node).expect("a source");
            *asked = (*asked).min(now + soon);
        }
        course
            .notices
            .extend(output.notices.into_iter().map(|notice| (now, notice)));
    }
    course
}

/// What a source answers `at` seconds after the start. It is up when its trace is over.
fn answer(spans: &[(Option<u8>, u32)], mut at: u32) -> Option<u8> {
    for (answer, seconds) in spans {
        if at < *seconds {
            return *answer;
        }
        at -= seconds;
    }
    Some(4)
}

/// Checks that each notified fall is followed by one recovery.
fn recoveries(course: &mut Course) -> Result<(), TestCaseError> {
    let mut open: BTreeMap<NodeId, f64> = BTreeMap::new();
    for (now, notice) in &course.notices {
        prop_assert!(!notice.members.is_empty(), "a notice tells of something");
        for member in &notice.members {
            let now = now.as_secs_f64();
            if member.until.is_none() {
                open.entry(member.node).or_insert(now);
                continue;
            }
            let since = open.remove(&member.node);
            prop_assert!(since.is_some(), "{} was not told to be down", member.path);
            let told = course.told.entry(member.node).or_default();
            told.push((since.unwrap_or_default(), now));
        }
    }
    prop_assert!(open.is_empty(), "a recovery is owed: {open:?}");
    Ok(())
}

/// Checks that nobody is notified of a fall that was not repeated.
fn confirmations(trace: &Trace, course: &Course) -> Result<(), TestCaseError> {
    let mut known: BTreeSet<NodeId> = BTreeSet::new();
    for (now, notice) in &course.notices {
        for member in &notice.members {
            if member.until.is_some() {
                known.remove(&member.node);
                continue;
            }
            if !known.insert(member.node) || member.verdict == Verdict::Flapping {
                continue;
            }
            let heard = course
                .samples
                .get(&member.node)
                .map_or(&[][..], Vec::as_slice);
            let heard = heard.iter().filter(|(date, _)| *date <= now.as_secs_f64());
            let bad = |level: Option<u8>| match member.verdict {
                Verdict::At(worst) => level.map(|level| level <= worst.number()),
                _ => Some(level.is_none()),
            };
            let row = heard.filter_map(|(_, level)| bad(*level));
            let longest = row
                .fold((0, 0), |(longest, row): (u32, u32), bad| {
                    let row = if bad { row + 1 } else { 0 };
                    (longest.max(row), row)
                })
                .0;
            prop_assert!(
                longest >= trace.rules.down_after,
                "{} was told after {longest} in a row",
                member.path
            );
        }
    }
    Ok(())
}

/// Checks that a source that falls again soon continues its incident's id or replaces it, unless
/// other members still have it.
fn returns(course: &Course) -> Result<(), TestCaseError> {
    let mut open: BTreeMap<NodeId, u64> = BTreeMap::new();
    let mut back: BTreeMap<NodeId, (Duration, u64)> = BTreeMap::new();
    for (now, notice) in &course.notices {
        for member in &notice.members {
            if member.until.is_some() {
                open.remove(&member.node);
                back.insert(member.node, (*now, notice.id));
                continue;
            }
            let is_new = open.insert(member.node, notice.id).is_none();
            let former = back.get(&member.node).filter(|_| is_new);
            let Some((_, id)) = former.filter(|(told, _)| *now <= *told + SOON) else {
                continue;
            };
            prop_assert!(
                *id == notice.id
                    || notice.replaces.contains(id)
                    || open.values().any(|open| open == id),
                "{} returned, to another id",
                member.path
            );
        }
    }
    Ok(())
}

/// Checks that every long outage is notified.
fn completeness(trace: &Trace, course: &Course) -> Result<(), TestCaseError> {
    for (node, samples) in &course.samples {
        let mut since: Option<f64> = None;
        let mut last: f64 = 0.0;
        for (date, level) in samples {
            let is_bad = level.is_some_and(|level| level <= trace.mood.alerts_up_to().number());
            // A source that was held for a time was notified through what it depends on.
            let gap = date - last > 31.0;
            since = since.filter(|_| is_bad && !gap).or(is_bad.then_some(*date));
            last = *date;
            let Some(since) = since.filter(|since| date - since > BOUND) else {
                continue;
            };
            let told = course.told.get(node).map_or(&[][..], Vec::as_slice);
            prop_assert!(
                told.iter()
                    .any(|(down, back)| *down <= *date && date <= back),
                "{node:?} is down since {since}, and at {date} nobody knows"
            );
        }
    }
    Ok(())
}

/// Checks that no minute has more notices than the rate limit allows.
fn bounds(trace: &Trace, course: &Course) -> Result<(), TestCaseError> {
    let mut minute: VecDeque<Duration> = VecDeque::new();
    for (now, _) in &course.notices {
        while minute
            .front()
            .is_some_and(|told| *told + Duration::from_mins(1) <= *now)
        {
            minute.pop_front();
        }
        minute.push_back(*now);
        prop_assert!(
            minute.len() <= trace.manner.most,
            "at most so many a minute"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn promises_hold(trace in traces()) {
        let mut course = play(&trace);
        recoveries(&mut course)?;
        confirmations(&trace, &course)?;
        completeness(&trace, &course)?;
        returns(&course)?;
        bounds(&trace, &course)?;
    }
}
