//! Up is killed at any moment of a run and restarted from what is on the disk then. People get the
//! same notices as in a run that was never stopped, each once. [`promised`] says exactly what is
//! guaranteed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use up_core::{Notice, NoticeKind, Verdict};
use up_source::WrittenDuration;

use crate::script::{Restart, Scenario, ScenarioEvent};
use crate::stage::ScenarioStage;

/// Where in the processing of an input Up is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The watch has processed the input, and nothing is on the disk.
    BeforeWriting,
    /// The notices are on the disk, and the sink has not got them.
    BeforeTelling,
    /// The sink has got the notices, and the receipt is not on the disk.
    BeforeReceipt,
    /// Everything is done.
    Between,
}

const CUTS: [Cut; 4] = [
    Cut::BeforeWriting,
    Cut::BeforeTelling,
    Cut::BeforeReceipt,
    Cut::Between,
];

/// The source that flaps.
const FLAPS: &str = "p";
/// The length of a run in seconds.
const LONG: u64 = 3_600;

impl ScenarioStage<'_> {
    /// Kills Up and restarts it, if `here` is the planned place.
    pub(crate) fn is_cut(&mut self, here: Cut) -> bool {
        let next = self.cuts.last();
        if next.is_none_or(|(taken, cut)| *taken != self.taken || *cut != here) {
            return false;
        }
        self.cuts.pop();
        self.taken += 1;
        let killed = Restart {
            killed: true,
            ..Restart::default()
        };
        self.restart(&killed, None);
        true
    }
}

/// Sources that fall and come back, alone or together, with enough time in between for every fall
/// to be notified before the next change.
fn script(random: &mut fastrand::Rng) -> Scenario {
    let groups: [&[&str]; 6] = [
        &["a"],
        &["b"],
        &["t/c", "t/d", "t/e"],
        &["t/d"],
        &["f", "g"],
        &["f"],
    ];
    let mut letters: BTreeMap<&str, char> = BTreeMap::new();
    let mut events = flaps(random);
    let mut at = random.u64(60..120);
    while at < LONG - 300 {
        let group = groups[random.usize(..groups.len())];
        let is_up = letters.get(group[0]).is_none_or(|letter| *letter == 'u');
        let letter = if is_up {
            random.choice(['d', 'd', 'l']).unwrap_or('d')
        } else {
            'u'
        };
        letters.extend(group.iter().map(|path| (*path, letter)));
        let set = group.iter().map(|path| ((*path).to_owned(), letter));
        events.push(ScenarioEvent {
            at: WrittenDuration(Duration::from_secs(at)),
            set: set.collect(),
            ..ScenarioEvent::default()
        });
        at += random.u64(150..300);
    }
    Scenario {
        about: String::new(),
        config: "[alert]\nflapping = false\nremind = \"20m\"".into(),
        sources: "a b t/c t/d t/e f g p".into(),
        source: [
            ("g", "depends_on = [\"f\"]"),
            (FLAPS, "alert = { flapping = true }"),
        ]
        .map(|(path, keys)| (path.to_owned(), keys.parse().expect("a table")))
        .into(),
        samples: BTreeMap::new(),
        event: events,
        until: WrittenDuration(Duration::from_secs(LONG)),
        changes: None,
        told: Vec::new(),
    }
}

/// [`FLAPS`] falls and comes back repeatedly for some time, twice.
fn flaps(random: &mut fastrand::Rng) -> Vec<ScenarioEvent> {
    let mut events = Vec::new();
    for begin in [200, 1_900] {
        let mut at = begin + random.u64(..200);
        for turn in 0..12 {
            let letter = if turn % 2 == 0 { 'd' } else { 'u' };
            events.push(ScenarioEvent {
                at: WrittenDuration(Duration::from_secs(at)),
                set: [(FLAPS.to_owned(), letter)].into(),
                ..ScenarioEvent::default()
            });
            at += random.u64(35..50);
        }
    }
    events
}

/// What a reader of the notices learns about each source: `down`, `flapping` and `up`.
///
/// What is guaranteed, wherever Up was killed:
/// * each fall and each recovery of each source is notified, in the same order as without the kill,
///   and only once;
/// * the same for a source that flaps: flapping is notified after the same fall, then nothing until
///   it settles, and then that it is up. This holds while each fall lasts until it is notified, as
///   it does in a run that is never stopped; of shorter falls, Up sees more or fewer if it checks
///   at other moments, as after a start;
/// * a recovery has the id of its fall, or an id that has taken that one over;
/// * a notice that the sink got without a receipt may be sent again, with the same id and date, by
///   which the receiver recognizes it. No other notice is repeated.
fn promised(notices: &[Notice]) -> Result<BTreeMap<String, Vec<&'static str>>, String> {
    let mut open: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    let mut known: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut seen: BTreeSet<(u64, u64)> = BTreeSet::new();
    for notice in notices {
        if !seen.insert((notice.id, notice.date.to_bits())) {
            continue;
        }
        for (id, _) in open.values_mut() {
            if notice.replaces.contains(id) {
                *id = notice.id;
            }
        }
        let mut is_news = notice.kind == NoticeKind::Reminder;
        for member in &notice.members {
            let happened = known.entry(member.path.to_string()).or_default();
            let before = open.get(&*member.path).copied();
            let word = if member.verdict == Verdict::Flapping {
                "flapping"
            } else {
                "down"
            };
            if before.is_some_and(|(id, _)| id != notice.id) {
                return Err(format!(
                    "{} is told under another id: {notice:?}",
                    member.path
                ));
            }
            match (member.until, before) {
                (None, before) => {
                    if before.is_none_or(|(_, before)| before != word) {
                        happened.push(word);
                        is_news = true;
                    }
                    open.insert(&member.path, (notice.id, word));
                }
                (Some(_), Some(_)) => {
                    open.remove(&*member.path);
                    happened.push("up");
                    is_news = true;
                }
                (Some(_), None) => {
                    return Err(format!(
                        "{} was not told to be down: {notice:?}",
                        member.path
                    ));
                }
            }
        }
        // A source that was better and is wholly down is new information about a known outage.
        if !is_news && notice.kind != NoticeKind::Worse {
            return Err(format!("nothing is new in it: {notice:?}"));
        }
    }
    Ok(known)
}

fn play(script: &Scenario, cuts: &[(usize, Cut)]) -> (Vec<Notice>, usize, Vec<usize>) {
    let mut stage = ScenarioStage::new(script);
    stage.cuts = cuts.iter().rev().copied().collect();
    stage.run(|_| {});
    (stage.log.notices, stage.taken, stage.telling)
}

#[test]
fn killed_at_a_hundred_points_it_tells_the_same_once() {
    for seed in 1..=4 {
        let mut random = fastrand::Rng::with_seed(seed);
        let script = script(&mut random);
        let (notices, taken, telling) = play(&script, &[]);
        let expected = promised(&notices).expect("a run that is never stopped");
        assert!(
            expected.len() >= 4,
            "there is something to tell: {expected:?}"
        );
        let flapped = expected[&format!("/R/{FLAPS}")].iter();
        let flapped = flapped.filter(|word| **word == "flapping").count();
        assert_eq!(flapped, 2, "it flaps twice: {expected:?}");
        let check = |cuts: &[(usize, Cut)]| {
            let (notices, ..) = play(&script, cuts);
            let told =
                promised(&notices).unwrap_or_else(|why| panic!("seed {seed}, {cuts:?}: {why}"));
            assert_eq!(told, expected, "seed {seed}, {cuts:?}");
        };
        for number in 0..100 {
            let cut = CUTS[number % CUTS.len()];
            // Half of the kills are where a notice is sent, or just beside that.
            let at = match number / CUTS.len() % 2 {
                0 => random.usize(..taken),
                _ => telling[random.usize(..telling.len())] + random.usize(..3) - 1,
            };
            check(&[(at, cut)]);
        }
        // Repeatedly.
        for _ in 0..10 {
            let mut at: Vec<usize> = (0..8).map(|_| random.usize(..taken)).collect();
            at.sort_unstable();
            at.dedup();
            let cut = |at| (at, CUTS[random.usize(..CUTS.len())]);
            let cuts: Vec<(usize, Cut)> = at.into_iter().map(cut).collect();
            check(&cuts);
        }
    }
}
