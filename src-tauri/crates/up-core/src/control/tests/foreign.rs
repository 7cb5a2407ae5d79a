//! Tests of controls that a foreign file or peer may contain and Up would never write.

use super::*;

#[test]
fn what_a_file_could_not_hold_is_taken_out() {
    let mut controls = Controls::default();
    controls
        .paused
        .insert("nowhere".into(), Pause { since: 0.0 });
    let endless = Snooze {
        since: 0.0,
        until: f64::INFINITY,
    };
    controls.snoozed.insert("/Root".into(), endless);
    controls.paused.insert("/Root".into(), Pause { since: 0.0 });
    controls.tame();
    assert_eq!((controls.paused.len(), controls.snoozed.len()), (1, 0));
}

#[test]
fn what_people_wrote_is_made_one_line_wherever_it_enters() {
    let check = |path: &str, note: &str, expected: Option<&str>| {
        let known = Control::Acknowledge {
            path: path.into(),
            note: Some(note.into()),
            by: Some(note.into()),
        };
        assert_eq!(known.problem(1.0).is_none(), expected.is_some(), "{path:?}");
        let mut asked = Controls::default();
        asked.apply(&known, 1.0);
        let mut read = Controls::default();
        let given = Acknowledgement {
            since: 1.0,
            note: Some(note.into()),
            by: Some(note.into()),
        };
        read.acknowledged.insert(path.into(), given);
        read.tame();
        for controls in [asked, read] {
            let given = controls.acknowledged.get(path);
            let kept = given.and_then(|given| given.note.as_deref());
            let by = given.and_then(|given| given.by.as_deref());
            if expected.is_some() {
                assert_eq!((kept, by), (expected, expected), "{note:?}");
            }
        }
    };
    check("/Root", "disk\r\nfull\u{1b}[2J", Some("disk full"));
    check("/Root", "no\u{202e}pu \u{200b}", Some("nopu"));
    check("/Ro\u{1b}[31mot", "note", None);
    check("/Ro\u{9b}31mot", "note", None);
    check("/Ro\not", "note", None);
    check("/Ro\u{202e}ot", "note", None);
    let mut read = Controls::default();
    read.paused
        .insert("/Ro\u{1b}[31mot".into(), Pause { since: 1.0 });
    read.tame();
    assert!(read.paused.is_empty(), "no source has such a path");
}

#[test]
fn the_first_person_who_is_named_gave_the_acknowledgement() {
    let asked = Control::Acknowledge {
        path: "/R".into(),
        note: None,
        by: None,
    };
    let named = asked.given_by("anna@desk").given_by("bob@desk");
    let mut controls = Controls::default();
    controls.apply(&named, 1.0);
    let by = controls.acknowledged["/R"].by.as_deref();
    assert_eq!(by, Some("anna@desk"));
}
