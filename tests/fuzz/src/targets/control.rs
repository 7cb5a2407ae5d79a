//! Requests of other processes to a running Up, and the stored controls.

use jiff::tz::TimeZone;
use up_core::control::words::sentence;
use up_core::decisions::Explanation;
use up_core::{Control, Controls};
use up_engine::socket::{Ask, ControlReply};

use super::texts;
use crate::grown::grown;
use crate::{FuzzTarget, Grown};

/// A time in 2023, in Unix time.
const NOW: f64 = 1.7e9;

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        words: WORDS,
        grown: LONG,
        largest: 256 << 10,
        ..FuzzTarget::new("socket", socket, || texts(ASKED))
    },
    FuzzTarget {
        words: WORDS,
        grown: &[
            grown(
                "{\"snoozed\":{",
                "\"/r/#\":{\"since\":1,\"until\":1.8e9},",
                "}}",
            ),
            grown("{\"paused\":{", "\"/r/#\":{\"since\":1},", "}}"),
            grown("", "{\"x\":", ""),
        ],
        largest: 1 << 20,
        ..FuzzTarget::new("controls_file", kept, || vec![controls()])
    },
];

const WORDS: &[&str] = &[
    "\"ask\":",
    "\"control\":",
    "\"do\":",
    "\"path\":",
    "\"until\":",
    "\"note\":",
    "null",
    "1e999",
    "-1",
    "1e18",
    "\"/\"",
    "snooze",
    "mute",
];

const ASKED: &[&str] = &[
    r#"{"ask":"control","control":{"do":"snooze","path":"/Root/a","until":1700003600.5}}"#,
    r#"{"ask":"control","control":{"do":"acknowledge","path":"/Root","note":"known"}}"#,
    r#"{"ask":"control","control":{"do":"mute","until":null}}"#,
    r#"{"ask":"control","control":{"do":"pause","path":"/Root/a"}}"#,
    r#"{"ask":"check_now","path":"/Root"}"#,
    r#"{"answer":"refused","why":"no such path"}"#,
    r#"{"answer":"done"}"#,
    r#"{"ask":"why","path":"/Root/a","zone":"Europe/Berlin"}"#,
    r#"{"answer":"why","why":{"schema":1,"path":"/Root/a","summary":{"code":"told","text":"DOWN"},"troubles":["none"],"sources":[{"path":"/Root/a","word":"DOWN","hold":null,"summary":{"code":"told","text":"DOWN"},"decisions":[{"date":1.7e9,"code":"doubt","text":"1 failed check","count":1,"of":2}]}],"left_out":0}}"#,
    r#"{"answer":"why","kept":{"program":"watch","config":"/up.toml","mood":"realist"},"why":{"schema":1,"path":"/Root/a","summary":{"code":"told","text":"DOWN"},"troubles":[],"sources":[{"path":"/Root/a","word":"DOWN","hold":null,"summary":{"code":"told","text":"DOWN"},"decisions":[{"date":1.7e9,"code":"told","text":"Told","notice":{"id":1,"kind":"down","path":"/Root/a","sources":["/Root/a"],"count":1,"sinks":["hook"],"deliveries":[{"sink":"hook","state":"refused","date":1.7e9,"why":"404"}]}}]}],"left_out":0}}"#,
];

const LONG: &[Grown] = &[
    grown("{\"ask\":\"check_now\",\"path\":\"", "/a", "\"}"),
    grown("{\"ask\":", "[", ""),
];

fn socket(line: &[u8]) {
    if let Ok(ControlReply::Refused { why }) = serde_json::from_slice(line) {
        assert!(why.len() <= line.len());
    }
    if let Ok(ControlReply::Why { why, .. }) = serde_json::from_slice(line)
        && let Ok(why) = serde_json::from_value::<Explanation>(why)
    {
        let printed = why.lines(|date| format!("{date:.0}"));
        let is_plain = |c: char| c == '\n' || !c.is_control();
        assert!(printed.chars().all(is_plain), "{printed:?}");
    }
    if let Ok(Ask::Control { control }) = serde_json::from_slice(line) {
        let mut controls = Controls::default();
        if control.problem(NOW).is_none() {
            controls.apply(&control, NOW);
        }
        let _ = sentence(&control, NOW, &TimeZone::UTC);
        look(controls, &control);
    }
}

fn kept(text: &[u8]) {
    if let Ok(mut controls) = serde_json::from_slice::<Controls>(text) {
        controls.tame();
        look(controls, &Control::Unmute);
    }
}

/// Reads everything that follows from the controls in force.
fn look(mut controls: Controls, control: &Control) {
    let path = control.path().unwrap_or("/Root/a");
    let _ = (controls.mute(NOW), controls.snooze(path, NOW));
    let _ = (controls.acknowledgement(path), controls.pause(path));
    let _ = (controls.idle(control, NOW), controls.next_end(NOW));
    controls.tidy(NOW);
    let _ = controls.is_empty(NOW);
}

/// A control of each kind, as Up writes them.
fn controls() -> Vec<u8> {
    let mut controls = Controls::default();
    for line in ASKED {
        if let Ok(Ask::Control { control }) = serde_json::from_str(line) {
            controls.apply(&control, NOW);
        }
    }
    serde_json::to_vec(&controls).expect("what is in force can be written")
}
