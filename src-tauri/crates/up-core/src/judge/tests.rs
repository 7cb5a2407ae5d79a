//! Tests of the judge, one series of samples each.

use super::*;

/// `samples` has a letter for each sample: u up, h half, d down, ? unknown. `expected` has the
/// verdict after each sample: - for none yet, ~ for flapping.
fn check(rules: Rules, samples: &str, expected: &str) {
    let mut judge = Judge::default();
    let verdicts: String = samples
        .chars()
        .map(|sample| {
            judge.observe(&rules, status(sample), 0.0);
            match judge.verdict() {
                Verdict::Unasked => '-',
                Verdict::Unknown => '?',
                Verdict::Flapping => '~',
                Verdict::At(Level::Up) => 'u',
                Verdict::At(Level::Half) => 'h',
                Verdict::At(_) => 'd',
            }
        })
        .collect();
    assert_eq!(verdicts, expected, "{samples} under {rules:?}");
}

fn status(sample: char) -> Option<Status> {
    let value = match sample {
        'u' => 1.0,
        'h' => 0.5,
        'd' => 0.0,
        _ => return None,
    };
    Status::new(value)
}

fn rules(down_after: u32, up_after: u32) -> Rules {
    Rules {
        down_after,
        up_after,
        ..Rules::default()
    }
}

#[test]
fn one_failure_is_not_believed_and_two_are() {
    check(rules(2, 1), "uuduudd", "uuuuuud");
    check(rules(1, 1), "udu", "udu");
    check(rules(3, 1), "uddudddd", "uuuuuudd");
}

#[test]
fn recovery_is_believed_after_up_after() {
    check(rules(2, 1), "uddu", "uudu");
    check(rules(2, 2), "uddudu", "uudddd");
    check(rules(2, 2), "udduu", "uuddu");
}

#[test]
fn the_first_sample_is_the_baseline_when_it_is_good() {
    check(rules(2, 3), "u", "u");
    check(rules(2, 1), "dd", "-d");
    check(rules(2, 1), "du", "-u");
}

#[test]
fn a_fall_goes_as_far_as_was_confirmed() {
    check(rules(2, 1), "uhhddhu", "uuhhdhu");
    check(rules(2, 1), "uhdd", "uuhd");
    check(rules(2, 1), "udhu", "uuhu");
    check(rules(3, 1), "uhdhdd", "uuuhhh");
    check(rules(2, 2), "uddhuu", "uuddhu");
}

#[test]
fn unknown_is_confirmed_and_left_like_a_fall() {
    check(rules(2, 1), "u?u", "uuu");
    check(rules(2, 1), "u??u", "uu?u");
    check(rules(2, 1), "u??dd", "uu??d");
    check(rules(2, 1), "udd?d", "uuddd");
    check(rules(2, 2), "u??uu", "uu??u");
}

#[test]
fn unknown_neither_confirms_nor_undoes() {
    check(rules(2, 1), "ud?d", "uuud");
    check(rules(2, 1), "ud?u", "uuuu");
    check(rules(2, 1), "udd??u", "uudd?u");
    check(rules(2, 1), "ud??d", "uuu??");
}

#[test]
fn as_many_unknown_as_make_it_unknown_end_every_row() {
    // A single failure between long unknown times confirms nothing hours later.
    check(rules(2, 1), "??d??dd", "-?????d");
    check(rules(2, 1), "??d?d", "-???d");
    check(rules(3, 1), "???dd??d", "--?????d");
    check(rules(3, 1), "???dd???ddd", "--????????d");
    check(rules(3, 2), "???u??u", "--????u");
    check(rules(3, 2), "???u???uu", "--??????u");
    check(rules(1, 2), "?u?uu", "????u");
}

#[test]
fn the_third_fall_of_a_short_time_is_flapping() {
    let steady = "u".repeat(30);
    check(rules(1, 1), "ududud", "ududu~");
    check(rules(2, 1), "uddudduddudduddudd", "uuduuduu~~~~~~~~~~");
    check(
        Rules {
            flapping: None,
            ..rules(1, 1)
        },
        "udududududud",
        "udududududud",
    );
    let samples = format!("ududud{steady}");
    let settled = format!("ududu{}{}", "~".repeat(19), "u".repeat(12));
    check(rules(1, 1), &samples, &settled);
}

#[test]
fn doubt_lasts_until_it_is_settled() {
    let check = |rules: Rules, samples: &str, expected: &str| {
        let mut judge = Judge::default();
        let doubts: String = samples
            .chars()
            .map(|sample| {
                judge.observe(&rules, status(sample), 0.0);
                if judge.doubts() { 'x' } else { '.' }
            })
            .collect();
        assert_eq!(doubts, expected, "{samples}");
    };
    check(rules(2, 1), "uddu", ".x..");
    check(rules(2, 1), "du", "x.");
    check(rules(2, 1), "u?u??d", ".x.x.x");
    check(rules(2, 3), "udduuu", ".x.xx.");
    check(rules(2, 1), "uhdd", ".xx.");
}

#[test]
fn an_interruption_breaks_rows() {
    let mut judge = Judge::default();
    for sample in ['u', 'd'] {
        judge.observe(&rules(2, 1), status(sample), 0.0);
    }
    judge.interrupt();
    assert!(!judge.doubts());
    judge.observe(&rules(2, 1), status('d'), 0.0);
    assert_eq!(judge.verdict(), Verdict::At(Level::Up));
}

#[test]
fn a_turn_is_dated_by_the_first_sample_that_said_so() {
    let mut judge = Judge::default();
    let mut turn = |sample, date| {
        let turn = judge.observe(&rules(2, 1), status(sample), date)?;
        Some((turn.from, turn.began.date))
    };
    assert_eq!(turn('u', 1.0), Some((Verdict::Unasked, 1.0)));
    assert_eq!(turn('h', 2.0), None);
    assert_eq!(turn('d', 3.0), Some((Verdict::At(Level::Up), 2.0)));
    assert_eq!(turn('d', 4.0), Some((Verdict::At(Level::Half), 3.0)));
    assert_eq!(turn('u', 5.0), Some((Verdict::At(Level::Down), 5.0)));
}

/// Takes one sample a second, and `|` for an interruption, and compares when what is believed began,
/// when what is shown began, and when the source began to flap. `>` stands before a date at which
/// nobody had looked before.
fn check_since(rules: Rules, samples: &str, believed: &str, shown: &str, flapping: &str) {
    let mut judge = Judge::default();
    let mut date = 0.0;
    for sample in samples.chars() {
        if sample == '|' {
            judge.interrupt();
            continue;
        }
        date += 1.0;
        judge.observe(&rules, status(sample), date);
    }
    let text = |since: Beginning| {
        let at_least = if since.is_observed { "" } else { ">" };
        format!("{at_least}{}", since.date)
    };
    let flaps = judge.flapping().map(|(since, _)| since.to_string());
    assert_eq!(
        (
            &*text(judge.since()),
            &*text(judge.shown_since()),
            &*flaps.unwrap_or_default()
        ),
        (believed, shown, flapping),
        "{samples}"
    );
}

#[test]
fn a_beginning_counts_as_observed_only_if_something_else_was_seen_before() {
    check_since(rules(2, 1), "uuu", ">1", ">1", "");
    check_since(rules(2, 1), "dd", ">1", ">1", "");
    check_since(rules(2, 1), "uudd", "3", "3", "");
    check_since(rules(2, 1), "ud?d", "2", "2", "");
    // Nobody looked while the checks were unknown, or between the samples.
    check_since(rules(2, 1), "u?dd", ">3", ">3", "");
    check_since(rules(2, 1), "u??u", ">4", ">4", "");
    check_since(rules(2, 1), "u|dd", ">2", ">2", "");
    check_since(rules(2, 1), "u|uu", ">1", ">1", "");
    check_since(rules(2, 1), "u|udd", "3", "3", "");
    check_since(rules(2, 1), "u??", "2", "2", "");
}

#[test]
fn what_is_shown_began_with_the_first_check_that_showed_it() {
    check_since(rules(2, 1), "d", ">0", ">1", "");
    check_since(rules(2, 1), "uuud", ">1", "4", "");
    check_since(rules(2, 1), "uuudu", ">1", ">1", "");
    check_since(rules(2, 1), "uuud?", ">1", "5", "");
    check_since(rules(2, 3), "uddu", "2", "4", "");
    check_since(rules(2, 1), "u???", "2", "2", "");
    check_since(rules(2, 1), "u??d", "2", ">4", "");
}

#[test]
fn beneath_flapping_the_level_has_a_beginning_of_its_own() {
    check_since(rules(2, 1), "uddudduddudduu", "13", "13", "8");
    check_since(rules(2, 1), "uddudduddudd", "11", "11", "8");
    let settled = format!("uddudduddudd{}", "d".repeat(30));
    check_since(rules(2, 1), &settled, "11", "11", "");
}
