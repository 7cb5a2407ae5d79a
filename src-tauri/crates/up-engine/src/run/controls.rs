//! The controls that people use: snooze, acknowledge, pause, mute, check now, and the question why a
//! source was or was not notified of.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::oneshot;
use tokio::time::Instant;
use up_core::control::words;
use up_core::{Control, Hold, Input, Mood, Note, NoteEdit};
use up_sink::Event;

use super::{Loop, log};
use crate::clock;
use crate::control_io::{ControlEvent, ControlsRead};
use crate::person::person;
use crate::socket::{Ask, ControlReply, ControlRequest, KeptState, LONGEST_ANSWER};
use crate::view::{TroubleKind, meant};

impl Loop {
    /// Handles a request of another program, or controls that were read from the file.
    pub(super) async fn control_event(&mut self, event: ControlEvent) {
        match event {
            ControlEvent::Asked(ControlRequest { ask, answer }) => match ask {
                Ask::Control { control } => self.keep_control(control, Some(answer)),
                Ask::CheckNow { path } => {
                    let exists = |path| self.view.read(|k| k.world.outline().find(path).is_some());
                    let reply = if exists(&path) {
                        self.check_now(Some(&path));
                        ControlReply::Done
                    } else {
                        ControlReply::Unknown
                    };
                    // Fails only for a peer that has hung up.
                    let _ = answer.send(reply);
                }
                Ask::Why { path, zone } => drop(answer.send(self.why(&path, zone.as_deref()))),
                Ask::Alive => {
                    let kept = self.kept_state(self.view.read(|known| known.mood));
                    let _ = answer.send(ControlReply::Alive { kept });
                }
            },
            ControlEvent::Kept(read) => self.controls_read(read).await,
        }
    }

    /// Explains why people were notified of that path, or were not.
    fn why(&self, path: &str, zone: Option<&str>) -> ControlReply {
        let zone = zone.and_then(|name| TimeZone::get(name).ok());
        let zone = zone.unwrap_or_else(TimeZone::system);
        self.view.read(|known| {
            let world = &known.world;
            let Some(node) = world.outline().find(path) else {
                return meant(world.outline(), path).map_or(ControlReply::Unknown, |path| {
                    ControlReply::Meant {
                        path: path.to_owned(),
                    }
                });
            };
            let mut why = self.watch.why(world, node, clock::now(), &zone);
            let sinks = known.troubles.iter();
            let sinks = sinks.filter(|trouble| trouble.kind == TroubleKind::Sink);
            why.troubles = sinks.map(|trouble| trouble.text.clone()).collect();
            if serde_json::to_vec(&why).is_ok_and(|json| json.len() as u64 > LONGEST_ANSWER) {
                // Paths of thousands of letters: the summaries alone fit into a reply.
                for source in &mut why.sources {
                    source.decisions.clear();
                }
            }
            match serde_json::to_value(why) {
                Ok(why) => {
                    let kept = self.kept_state(known.mood);
                    ControlReply::Why { why, kept }
                }
                Err(error) => ControlReply::Refused {
                    why: error.to_string(),
                },
            }
        })
    }

    /// The state that this engine owns, with the mood in use.
    fn kept_state(&self, mood: Mood) -> Option<KeptState> {
        let owner = self.state.owner()?;
        Some(KeptState {
            program: owner.program.to_owned(),
            config: owner.config.to_str()?.to_owned(),
            mood,
        })
    }

    /// Has a control written to the file. One that cannot be used now is refused, and `answer`
    /// receives the reason.
    pub(super) fn keep_control(
        &mut self,
        control: Control,
        answer: Option<oneshot::Sender<ControlReply>>,
    ) {
        log::control(&control);
        let agent = self.view.read(|known| {
            let plan = known.plan.as_ref();
            plan.map(|plan| plan.agent.clone()).unwrap_or_default()
        });
        let control = control.given_by(&person(&agent));
        let refused = self.view.read(|known| {
            let path = control.path();
            if path.is_some_and(|path| known.world.outline().find(path).is_none()) {
                return Some(ControlReply::Unknown);
            }
            let why = known.cannot(&control, clock::now())?;
            Some(ControlReply::Refused { why })
        });
        match (refused, answer) {
            (None, answer) => self.control_io.keep(control, answer),
            (Some(refused), Some(answer)) => drop(answer.send(refused)),
            // The shell offers only what can be used: the control was used meanwhile.
            (Some(_), None) => {}
        }
    }

    async fn controls_read(&mut self, ControlsRead { controls, asked }: ControlsRead) {
        let trouble = controls.as_ref().err().map(ToString::to_string);
        let refused = trouble.clone().map(|why| ControlReply::Refused { why });
        self.health.set(TroubleKind::Controls, "", trouble);
        let (control, answer) = asked.unzip();
        match (controls, &control) {
            (Ok(controls), _) => self.watch([Input::Controls(controls)]).await,
            // The file cannot be written, which the trouble says: the control is in force for as
            // long as this Up runs.
            (Err(_), Some(control)) => self.watch([Input::Control(control.clone())]).await,
            (Err(_), None) => {}
        }
        if let Some(answer) = answer.flatten() {
            let _ = answer.send(refused.unwrap_or(ControlReply::Done));
        }
        if let Some(Control::Acknowledge {
            path: of,
            note: Some(text),
            ..
        }) = control
        {
            let now = clock::now();
            let note = Note::new(words::noted(&of, &text), now).about(Some(of));
            let edit = NoteEdit::add(note, now);
            self.publish(Event::Noted(Arc::new(edit))).await;
        }
    }

    /// Shows the effective controls of all nodes, if they changed, and pauses and resumes the checks.
    pub(super) fn show_controls(&mut self) {
        let controls = self.watch.controls();
        let revision = controls.revision();
        if std::mem::replace(&mut self.controls_shown, revision) == revision {
            return;
        }
        self.storage.record_acknowledgements(controls.controls());
        let paused = self.view.write(|known| {
            known.desk = controls.clone();
            known.shape += 1;
            let is_paused = |id| known.world.state(id).hold == Some(Hold::Paused);
            let probes = known.plan.iter().flat_map(|plan| plan.probes.iter());
            let paused = probes
                .enumerate()
                .filter(|(_, probe)| is_paused(probe.node));
            paused.map(|(entry, _)| entry).collect()
        });
        if let Some(scheduler) = &mut self.scheduler {
            scheduler.pause(paused, Instant::now());
            let awaited = scheduler.is_awaited();
            self.view.write(|known| known.checking &= awaited);
        }
        self.settle_soon();
    }
}
