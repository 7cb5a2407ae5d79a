//! Controls (snooze, acknowledge, pause, mute): passes them from the panel and the menu to the
//! engine, and shows those in force.
//!
//! This module translates. The core decides what a control means.

use jiff::tz::TimeZone;
use up_core::control::{ControlState, EffectiveControls as Held, words};
use up_core::{Control, NodeId, Timestamp, World};
use up_engine::view::CurrentState;
use up_engine::{Command, clock};
use up_wire::{ControlSpan, EffectiveControls, InForce, Muted};

use crate::action::{BulkAction, OutageAction};
use crate::path::{check_path, no_such};
use crate::state::AppState;

/// The actions on all sources that a menu can offer now, with their labels.
pub(crate) fn choices(known: &CurrentState) -> Vec<(String, BulkAction)> {
    let outline = known.world.outline();
    if outline.is_empty() {
        return Vec::new();
    }
    let (controls, now) = (known.desk.controls(), clock::now());
    let root = &*outline.node(outline.root()).path;
    let mut choices = vec![match controls.pause(root) {
        None => ("Pause all".to_owned(), BulkAction::Pause),
        Some(_) => ("Resume all".to_owned(), BulkAction::Resume),
    }];
    match controls.mute(now) {
        None => choices.extend([
            ("Mute for 15 minutes".to_owned(), BulkAction::Quarter),
            ("Mute for 1 hour".to_owned(), BulkAction::Hour),
            ("Mute until tomorrow 9:00".to_owned(), BulkAction::Tomorrow),
        ]),
        Some(mute) => {
            let zone = TimeZone::system();
            let until = mute.until.map(|until| words::until(until, now, &zone));
            let until = until.map(|until| format!(" until {until}"));
            let text = format!("Unmute (muted{})", until.unwrap_or_default());
            choices.push((text, BulkAction::Unmute));
        }
    }
    choices
}

/// Does an action on all sources, from a menu.
pub(crate) fn bulk(up: &AppState, all: BulkAction) -> Result<(), String> {
    let root = up.view.read(|known| {
        let outline = known.world.outline();
        let root = (!outline.is_empty()).then(|| outline.node(outline.root()));
        root.map(|root| root.path.to_string())
    });
    let path = root.ok_or("There is nothing to watch yet.")?;
    let now = clock::now();
    let mute = |span| {
        Ok::<_, String>(Control::Mute {
            until: Some(end(span, now)?),
        })
    };
    let control = match all {
        BulkAction::Pause => Control::Pause { path },
        BulkAction::Resume => Control::Resume { path },
        BulkAction::Quarter => mute(ControlSpan::Minutes { minutes: 15 })?,
        BulkAction::Hour => mute(ControlSpan::Minutes { minutes: 60 })?,
        BulkAction::Tomorrow => mute(ControlSpan::Tomorrow)?,
        BulkAction::Unmute => Control::Unmute,
    };
    send(up, control, now)
}

/// Does an action on an outage, from the button of its notification, for each of `paths` on its
/// own: a source that has recovered does not keep the action from the others.
pub(crate) fn outage(
    up: &AppState,
    outage: OutageAction,
    paths: Vec<String>,
) -> Result<(), String> {
    let now = clock::now();
    let mut refusals = Vec::new();
    for path in paths {
        let control = match outage {
            OutageAction::Snooze => Control::Snooze {
                path,
                until: end(ControlSpan::Minutes { minutes: 60 }, now)?,
            },
            OutageAction::Acknowledge => Control::Acknowledge {
                path,
                note: None,
                by: None,
            },
        };
        refusals.extend(send(up, control, now).err());
    }
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(refusals.join(" "))
    }
}

/// Does a control that the panel requested.
pub(crate) fn from_panel(up: &AppState, control: up_wire::Control) -> Result<(), String> {
    let now = clock::now();
    send(up, from_wire(control, now)?, now)
}

fn send(up: &AppState, control: Control, now: Timestamp) -> Result<(), String> {
    let refused = up.view.read(|known| {
        if let Some(path) = control.path() {
            check_path(path).err().or_else(|| {
                let is_there = known.world.outline().find(path).is_some();
                (!is_there).then(|| no_such(path))
            })
        } else {
            None
        }
        .or_else(|| known.cannot(&control, now).map(|why| sentence(&why)))
    });
    match refused {
        Some(why) => Err(why),
        None => up.command(Command::Control(control)),
    }
}

/// `text` as a sentence, with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn from_wire(control: up_wire::Control, now: Timestamp) -> Result<Control, String> {
    use up_wire::Control as Requested;
    Ok(match control {
        Requested::Snooze { path, span } => Control::Snooze {
            path,
            until: end(span, now)?,
        },
        Requested::Unsnooze { path } => Control::Unsnooze { path },
        Requested::Acknowledge { path, note } => {
            let note = note.map(|note| note.trim().to_owned());
            let note = note.filter(|note| !note.is_empty());
            let by = None;
            Control::Acknowledge { path, note, by }
        }
        Requested::Unacknowledge { path } => Control::Unacknowledge { path },
        Requested::Pause { path } => Control::Pause { path },
        Requested::Resume { path } => Control::Resume { path },
        Requested::Mute { span } => Control::Mute {
            until: span.map(|span| end(span, now)).transpose()?,
        },
        Requested::Unmute => Control::Unmute,
    })
}

fn end(span: ControlSpan, now: Timestamp) -> Result<Timestamp, String> {
    match span {
        ControlSpan::Minutes { minutes } => Ok(now + f64::from(minutes.max(1)) * 60.0),
        ControlSpan::Tomorrow => words::tomorrow_at_nine(now, &TimeZone::system())
            .ok_or_else(|| "This machine's clock shows no valid time.".into()),
    }
}

/// The mute in force, which silences all notifications; `None` when there is none.
pub(crate) fn muted(known: &CurrentState) -> Option<Muted> {
    let mute = known.desk.controls().mute(clock::now())?;
    Some(Muted { until: mute.until })
}

/// Why nobody needs to be told of a node that is not up: the strongest control in force for it.
/// `None` if there is none.
pub(crate) fn dealt_with(world: &World, desk: &ControlState, id: NodeId) -> Option<&'static str> {
    let node = world.outline().node(id);
    let standing = desk.standing(id);
    let is_acknowledged = if node.is_tree() {
        desk.controls().acknowledgement(&node.path).is_some()
    } else {
        desk.is_acknowledged(&node.path)
    };
    if standing.paused {
        Some("paused")
    } else if standing.maintenance.is_some() {
        Some("under maintenance")
    } else if is_acknowledged {
        Some("acknowledged")
    } else {
        standing.snoozed.map(|_| "snoozed")
    }
}

/// The controls in force for a node; `None` when there are none.
pub(crate) fn effective_controls(known: &CurrentState, id: NodeId) -> Option<EffectiveControls> {
    let (controls, node) = (known.desk.controls(), known.world.outline().node(id));
    let Held {
        paused,
        maintenance,
        snoozed,
    } = known.desk.standing(id);
    let path = &*node.path;
    let is_known = node.is_tree() || known.desk.is_acknowledged(path);
    let acknowledged = controls.acknowledgement(path).filter(|_| is_known);
    if !paused && maintenance.is_none() && snoozed.is_none() && acknowledged.is_none() {
        return None;
    }
    let snooze = snoozed.and_then(|_| controls.snooze(path, clock::now()));
    Some(EffectiveControls {
        paused: controls
            .pause(path)
            .map(|(path, pause)| in_force(path, pause.since, None)),
        maintenance,
        snoozed: snooze.map(|(path, snooze)| in_force(path, snooze.since, Some(snooze.until))),
        acknowledged: acknowledged.map(|(path, given)| InForce {
            note: given.note.clone(),
            ..in_force(path, given.since, None)
        }),
    })
}

fn in_force(path: &str, since: Timestamp, until: Option<Timestamp>) -> InForce {
    InForce {
        path: path.into(),
        since,
        until,
        note: None,
    }
}

#[cfg(test)]
mod tests {
    use up_core::Moment;
    use up_core::control::ControlState;

    use super::*;
    use crate::test_support::{ScriptedLeaf, known};

    /// The engine's state after these controls.
    fn state_after(controls: &[Control]) -> CurrentState {
        let mut known = known(&[("a", ScriptedLeaf::At(0.0)), ("b", ScriptedLeaf::At(1.0))]);
        let now = Moment {
            wall: clock::now(),
            steady: std::time::Duration::ZERO,
        };
        let mut desk = ControlState::default();
        for control in controls {
            desk.control(&known.world, control, now);
        }
        desk.settle(&known.world, now);
        known.desk = desk;
        known
    }

    fn root() -> String {
        "/Root".into()
    }

    #[test]
    fn the_menu_offers_what_is_not_in_force() {
        let check = |controls: &[Control], expected: &[BulkAction]| {
            let choices = choices(&state_after(controls));
            let offered: Vec<BulkAction> = choices.into_iter().map(|(_, all)| all).collect();
            assert_eq!(offered, expected, "{controls:?}");
        };
        let spans = [BulkAction::Quarter, BulkAction::Hour, BulkAction::Tomorrow];
        check(&[], &[&[BulkAction::Pause][..], &spans].concat());
        let pause = Control::Pause { path: root() };
        check(&[pause], &[&[BulkAction::Resume][..], &spans].concat());
        let mute = Control::Mute { until: None };
        check(&[mute], &[BulkAction::Pause, BulkAction::Unmute]);
    }

    #[test]
    fn a_row_says_whose_control_it_is() {
        let pause = Control::Pause { path: root() };
        let until = clock::now() + 3_600.0;
        let path = "/Root/a".to_owned();
        let known = state_after(&[pause, Control::Snooze { path, until }]);
        let id = known.world.outline().find("/Root/a").expect("it is there");
        let effective = effective_controls(&known, id).expect("something is in force");
        let of = |given: Option<InForce>| given.map(|given| (given.path, given.until));
        assert_eq!(of(effective.paused), Some((root(), None)));
        assert_eq!(of(effective.snoozed), Some(("/Root/a".into(), Some(until))));
        assert_eq!(effective.acknowledged, None);
        let b = known.world.outline().find("/Root/b").expect("it is there");
        assert!(effective_controls(&state_after(&[]), b).is_none());
    }

    #[test]
    fn what_the_panel_asks_is_checked() {
        let now = 1_000.0;
        let span = ControlSpan::Minutes { minutes: 0 };
        let path = root();
        let snooze = from_wire(up_wire::Control::Snooze { path, span }, now);
        let (path, until) = (root(), now + 60.0);
        assert_eq!(snooze, Ok(Control::Snooze { path, until }));
        let (path, note) = (root(), Some("  ".into()));
        let acknowledge = from_wire(up_wire::Control::Acknowledge { path, note }, now);
        let path = root();
        let expected = Control::Acknowledge {
            path,
            note: None,
            by: None,
        };
        assert_eq!(acknowledge, Ok(expected));
        assert_eq!(sentence("nothing is muted"), "Nothing is muted.");
    }
}
