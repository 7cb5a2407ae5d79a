//! Commands of people in a scenario, in the syntax of the command line.

use up_core::{Control, Timestamp};
use up_source::WrittenDuration;

/// Parses a command such as `snooze t/x 5m`.
pub(crate) fn read(words: &str, now: Timestamp) -> Control {
    let mut rest = words.split_whitespace();
    let what = rest.next().unwrap_or_default();
    let until = |text: &str| {
        let WrittenDuration(duration) = text.parse().expect("a duration");
        now + duration.as_secs_f64()
    };
    if what == "mute" {
        let until = rest.next().map(until);
        return Control::Mute { until };
    }
    let path = match rest.next() {
        Some("/") => "/R".to_owned(),
        path => format!("/R/{}", path.unwrap_or_default()),
    };
    match what {
        "snooze" => Control::Snooze {
            path,
            until: until(rest.next().unwrap_or_default()),
        },
        "unsnooze" => Control::Unsnooze { path },
        "ack" => Control::Acknowledge {
            path,
            note: None,
            by: None,
        },
        "unack" => Control::Unacknowledge { path },
        "pause" => Control::Pause { path },
        "resume" => Control::Resume { path },
        "unmute" => Control::Unmute,
        _ => panic!("{words:?} is nothing that a person can ask"),
    }
}
