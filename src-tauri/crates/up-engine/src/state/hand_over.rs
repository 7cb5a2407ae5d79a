//! Decides which notices that sinks lacked when Up stopped are delivered at the start.

use std::collections::BTreeSet;

use up_core::Timestamp;
use up_history::state::{DeliveryState, PendingNotice, Receipt};

/// The age in seconds beyond which a notice is not delivered any more. A webhook that does not
/// answer gives up after the same time.
const STALE: f64 = 86_400.0;

/// Splits the waiting notices into those to deliver, oldest first, and receipts for the rest. Each
/// sink receives only the last notice of each incident. `sinks` are the names of the sinks that
/// exist now.
pub fn sorted_out(
    waiting: Vec<PendingNotice>,
    sinks: &BTreeSet<String>,
    now: Timestamp,
) -> (Vec<PendingNotice>, Vec<Receipt>) {
    let mut later: BTreeSet<(String, u64)> = BTreeSet::new();
    let (mut wanted, mut rest) = (Vec::new(), Vec::new());
    for waits in waiting.into_iter().rev() {
        let (id, date) = (waits.notice.id(), waits.notice.date());
        let is_last = later.insert((waits.sink.clone(), id));
        let taken_in = waits.notice.replaces().iter();
        later.extend(taken_in.map(|taken| (waits.sink.clone(), *taken)));
        let fate = if !sinks.contains(&waits.sink) {
            DeliveryState::Refused("it is not in the configuration any more".into())
        } else if !is_last {
            DeliveryState::Superseded
        } else if now - date > STALE {
            DeliveryState::Refused("it could not be delivered for a day".into())
        } else {
            wanted.push(waits);
            continue;
        };
        let sink = waits.sink;
        rest.push(Receipt {
            sink,
            id,
            date,
            fate,
            place: None,
        });
    }
    wanted.reverse();
    (wanted, rest)
}

#[cfg(test)]
mod tests {
    use up_core::state::SavedNotice;

    use super::*;

    const NOW: Timestamp = 1_000_000.0;

    fn waits(sink: &str, id: u64, ago: f64) -> PendingNotice {
        let date = NOW - ago;
        let text = format!(
            r#"{{"id":{id},"kind":"down","path":"/R/a","members":[],"urgency":2,"since":{date},
                "date":{date},"replaces":[{}]}}"#,
            if id == 9 { "1" } else { "" }
        );
        let notice: SavedNotice = serde_json::from_str(&text).expect("a notice");
        let sink = sink.to_owned();
        PendingNotice { sink, notice }
    }

    #[test]
    fn a_sink_is_handed_the_last_word_of_each_outage() {
        let check = |waiting: &[(&str, u64, f64)], handed: &[(&str, u64)], fates: &[&str]| {
            let waiting = waiting.iter().map(|(sink, id, ago)| waits(sink, *id, *ago));
            let sinks = ["hook".to_owned(), "bubbles".to_owned()].into();
            let (wanted, rest) = sorted_out(waiting.collect(), &sinks, NOW);
            let wanted: Vec<(&str, u64)> = (wanted.iter())
                .map(|waits| (&*waits.sink, waits.notice.id()))
                .collect();
            assert_eq!(wanted, handed);
            let rest: Vec<&str> = (rest.iter())
                .map(|receipt| match &receipt.fate {
                    DeliveryState::Superseded => "superseded",
                    DeliveryState::Refused(why) if why.contains("a day") => "old",
                    DeliveryState::Refused(_) => "gone",
                    _ => "?",
                })
                .collect();
            assert_eq!(rest, fates);
        };
        check(&[("hook", 1, 60.0)], &[("hook", 1)], &[]);
        check(
            &[
                ("hook", 1, 60.0),
                ("bubbles", 1, 60.0),
                ("hook", 2, 50.0),
                ("hook", 1, 40.0),
            ],
            &[("bubbles", 1), ("hook", 2), ("hook", 1)],
            &["superseded"],
        );
        check(
            &[("hook", 1, 60.0), ("hook", 9, 40.0)],
            &[("hook", 9)],
            &["superseded"],
        );
        check(&[("hook", 1, 86_401.0)], &[], &["old"]);
        check(&[("other", 1, 60.0)], &[], &["gone"]);
    }
}
